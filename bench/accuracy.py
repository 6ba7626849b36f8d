"""``python bench/accuracy.py``: how often the judgement is right, on the labelled flights.

Writes ``docs/accuracy.md`` from the code as it is and the shared simulated flights; nothing is
written where they are absent. Every share stands with its two-sided 90 % Wilson interval.
"""

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path[:1] = [str(ROOT), str(ROOT / "src")]  # not this folder: its names hide others'

from bench.cuts import cut_logs
from bench.labelled import FAIR, Said, Truth, judged_all, truths
from bench.margins import FACTORS, Margin, margins
from bench.tables import share, table
from tests.sorties.forms import LESS, SAME

WARNING = ("warning", "critical")
#: What a log may lack, beside the forms that blur it.
MORE = ("no fused velocity", "no attitude demand", "no landed flag")


def headline(said: Sequence[Said]) -> list[tuple[str, str]]:
    sure = [s for s in said if s.truth.is_sure]
    doubtful = [s for s in said if not s.truth.is_sure]
    faulty = [s for s in said if not s.truth.is_normal]
    bad = [s for s in said if s.is_bad_end]
    normal = [s for s in said if s.truth.is_normal]
    return [
        ("outcome right, label sure", _share(sure, "outcome_is_right")),
        ("outcome right, label doubtful", _share(doubtful, "outcome_is_right")),
        ("injected fault found", _share(faulty, "is_found")),
        ("cause of a bad end right", _share(bad, "cause_is_right")),
        ("normal flight, critical finding", share(_worst(normal, ("critical",)), len(normal))),
        ("normal flight, any warning", share(_worst(normal, WARNING), len(normal))),
        ("one log, more than one sortie", share(sum(s.sorties > 1 for s in said), len(said))),
    ]


def by_telemetry(labelled: Sequence[Truth]) -> list[Truth]:
    """The flights that a ground station recorded too, to be judged by its log alone."""
    logs = [(t, t.log.with_suffix(".tlog")) for t in labelled]
    return [replace(t, log=log) for t, log in logs if log.is_file()]


def _share(said: Sequence[Said], claim: str) -> str:
    return share(sum(bool(getattr(s, claim)) for s in said), len(said))


def _worst(said: Sequence[Said], severities: tuple[str, ...]) -> int:
    return sum(s.worst(*severities) for s in said)


def onset(said: Sequence[Said]) -> str:
    errors = sorted(abs(s.onset_error_s) for s in said if s.onset_error_s is not None)
    if not errors:
        return "–"
    late = sum(s.onset_error_s > 0 for s in said if s.onset_error_s is not None)
    p90 = errors[int(0.9 * (len(errors) - 1))]
    return (
        f"median {median(errors):.2f} s, 90 % within {p90:.2f} s, greatest {errors[-1]:.1f} s; "
        f"{late} of {len(errors)} after the injection"
    )


def confusion(said: Sequence[Said]) -> str:
    """Outcome: a row for each label, a column for each word that was said."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for s in said:
        if s.truth.is_sure:
            as_label = s.truth.outcome if s.outcome_is_right else s.outcome
            counts[s.truth.outcome][as_label] += 1
    labels = sorted(counts)
    columns = sorted({w for row in counts.values() for w in row} | set(labels))
    rows = []
    for label in labels:
        row = counts[label]
        cells = [row[c] or "·" for c in columns]
        rows.append((label, *cells, share(row[label], row.total())))
    return table(("label \\ said", *columns, "recall"), rows)


def causes(said: Sequence[Said]) -> str:
    """Causes of the bad ends: what was injected against what was named."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    right: Counter[str] = Counter()
    for s in said:
        if s.is_bad_end:
            counts[s.truth.fault][s.cause or "none"] += 1
            right[s.truth.fault] += s.cause_is_right
    rows = [
        (
            f"`{fault}`",
            ", ".join(f"{kind} {n}" for kind, n in row.most_common()),
            share(right[fault], row.total()),
        )
        for fault, row in sorted(counts.items())
    ]
    return table(("injected", "named as the cause", "right"), rows)


def by_fault(said: Sequence[Said]) -> str:
    groups: dict[str, list[Said]] = defaultdict(list)
    for s in said:
        groups[s.truth.fault].append(s)
    rows = []
    for fault, members in sorted(groups.items()):
        sure = [s for s in members if s.truth.is_sure]
        is_normal = members[0].truth.is_normal
        found = "–" if is_normal else _share(members, "is_found")
        rows.append((f"`{fault}`", len(members), _share(sure, "outcome_is_right"), found))
    return table(("fault", "flights", "outcome right", "fault found"), rows)


def by_family(said: Sequence[Said]) -> str:
    groups: dict[str, list[Said]] = defaultdict(list)
    for s in said:
        groups[s.truth.family].append(s)
    rows = []
    for family, members in sorted(groups.items()):
        sure = [s for s in members if s.truth.is_sure]
        faulty = [s for s in members if not s.truth.is_normal]
        bad = [s for s in members if s.is_bad_end]
        rows.append(
            (
                family,
                _share(sure, "outcome_is_right"),
                _share(faulty, "is_found"),
                _share(bad, "cause_is_right"),
            )
        )
    return table(("vehicles", "outcome right", "fault found", "cause right"), rows)


def extra_kinds(said: Sequence[Said]) -> str:
    """What is found besides what was injected: consequences, and what is simply wrong."""
    counts: Counter[str] = Counter()
    flights: dict[str, set[str]] = defaultdict(set)
    for s in said:
        for kind, severity, _ in s.findings:
            if severity in WARNING and kind not in s.truth.right:
                flights[kind].add(s.truth.name)
    for kind, names in flights.items():
        counts[kind] = len(names)
    rows = [(f"`{kind}`", n) for kind, n in counts.most_common()]
    return table(("warning or worse, not the injected kind", "flights"), rows)


def robustness(forms: dict[str, list[Said]]) -> str:
    rows = []
    plain = {s.truth.name: s for s in forms["as logged"]}
    for form, said in forms.items():
        sure = [s for s in said if s.truth.is_sure]
        faulty = [s for s in said if not s.truth.is_normal]
        bad = [s for s in said if s.is_bad_end]
        normal = [s for s in said if s.truth.is_normal]
        changed = sum(
            (s.outcome, s.cause) != (plain[s.truth.name].outcome, plain[s.truth.name].cause)
            for s in said
        )
        rows.append(
            (
                form,
                _share(sure, "outcome_is_right"),
                _share(faulty, "is_found"),
                _share(bad, "cause_is_right"),
                share(_worst(normal, WARNING), len(normal)),
                changed,
            )
        )
    head = ("form", "outcome right", "fault found", "cause right", "normal, a warning", "changed")
    return table(head, rows)


def changes(forms: dict[str, list[Said]]) -> str:
    plain = {s.truth.name: s for s in forms["as logged"]}
    lines = []
    for form, said in forms.items():
        for s in said:
            was = plain[s.truth.name]
            if (s.outcome, s.cause) != (was.outcome, was.cause):
                before = f"{was.outcome}, {was.cause or 'no cause'}"
                after = f"{s.outcome}, {s.cause or 'no cause'}"
                lines.append((form, f"{s.truth.family} `{s.truth.fault}`", before, after))
    if not lines:
        return "Nothing changes."
    return table(("form", "flight", "as logged", "altered"), lines)


def margin_table(found: Sequence[Margin]) -> str:
    """Of each detector the thresholds that matter within the grid; the tightest first."""
    rows = []
    for m in found:
        low = f"≤ {m.low:g}" if m.low == FACTORS[0] else f"{m.low:g}"
        high = f"≥ {m.high:g}" if m.high == FACTORS[-1] else f"{m.high:g}"
        if m.low == FACTORS[0] and m.high == FACTORS[-1]:
            continue
        rows.append(
            (
                f"`{m.kind}`",
                f"`{m.field}`",
                f"{m.value:.4g}",
                f"{low} … {high}",
                f"{m.found}/{m.faulty}",
                f"{m.held_found}/{m.faulty}",
                f"{m.alarms}/{m.normal}",
                f"{m.held_alarms}/{m.normal}",
            )
        )
    head = (
        "detector",
        "threshold",
        "value",
        "nothing changes between factors",
        "found",
        "found, refitted",
        "alarms",
        "alarms, refitted",
    )
    return table(head, rows)


def margin_summary(found: Sequence[Margin]) -> str:
    """Counts over all thresholds, and the refit of each detector's tightest one."""
    tight = [m for m in found if m.low > 0.8 or m.high < 1.25]
    flat = sum(m.low == FACTORS[0] and m.high == FACTORS[-1] for m in found)
    worst: dict[str, Margin] = {}
    for m in found:
        lost = (m.found - m.held_found) + (m.held_alarms - m.alarms)
        held = worst.get(m.kind)
        if held is None or lost > (held.found - held.held_found) + (held.held_alarms - held.alarms):
            worst[m.kind] = m
    refit_found = sum(m.held_found for m in worst.values())
    plain_found = sum(m.found for m in worst.values())
    faulty = sum(m.faulty for m in worst.values())
    refit_alarms = sum(m.held_alarms for m in worst.values())
    normal = sum(m.normal for m in worst.values())
    return (
        f"{len(found)} thresholds of {len(worst)} detectors. {flat} of them can be scaled from "
        f"{FACTORS[0]:g} to {FACTORS[-1]:g} without any change on these flights; {len(tight)} "
        "have a margin below a quarter on one side at least. Taking of every detector the "
        f"threshold whose refit does worst: found {plain_found}/{faulty} as they are and "
        f"{refit_found}/{faulty} refitted, alarms {refit_alarms}/{normal} refitted."
    )


PAGE = """# How often the judgement is right

Written by `bench/accuracy.py` from {n} labelled simulated flights ({normal} of them normal, {sites}
sites, {families} families of vehicle) and the rules as they are. Intervals are Wilson's, two-sided,
90 %.

**These figures are optimistic.** The rules were developed while looking at these flights. No split
of them is untouched, so none is claimed to be. What can be had without fresh flights is below:
[altered forms](#altered-forms) of the flights, and
[thresholds refitted](#thresholds) on flights of other faults and sites. Fresh flights decide.

{headline}

Onset of the fault, found against injected: {onset}.

An outcome is right only if it is the same word. The exception: {fair}. A fault is found if a
finding has a kind that the injection may rightly be called (`bench/labelled.py`, `RIGHT`), of
whatever severity. A bad end is `failed_launch`, `crashed`, `forced_landing`, `returned`,
`wrong_destination` or `flew_away`.

## Outcomes

Flights whose label is sure; rows are labels, columns what was said.

{confusion}

## Causes of bad ends

{causes}

## By fault

{by_fault}

## By family of vehicle

{by_family}

## Findings beside the injected fault

Most are its consequences (an impact after a motor failure), which the causal chain orders. A flight
counts once a kind.

{extra}

## Altered forms

Every flight judged again after a change that leaves its story as it was (`tests/sorties/forms.py`).
Another place, clock, heading, side or height must change nothing. Slower logging, a wandering
receiver (1.5 m over half a minute, 0.15 m/s in its speed), noise on every sensor, a single inertial
sensor, a logger that writes only while armed and channels that are not logged take evidence away,
as does the ground station's log alone, where there is one; what then becomes *undetermined*, or
loses its cause, is honest; what becomes another outcome is not. These forms are no fresh flights
either: where one of them showed a weakness, the rule was mended.

{robustness}

{changes}

## Cut logs

Every log cut at a random byte while the vehicle is in the air and before its fault, mostly in the
middle of a record, three times; those aloft for less than four seconds by then are left out.

{cuts}

## Thresholds

Each threshold alone is scaled by factors from {low:g} to {high:g}, and its detector asked again:
about the flights with a fault that it may be the name of, and about all normal ones (an alarm is a
warning or worse). The range in which neither count changes is its margin. *Refitted*: the middle of
the best factors, chosen on all flights but those of one family, fault and site, and scored on
those; every group is left out once. A fault that may go by several names is found if any detector
finds it, so one detector's count alone may be low.

{margin_summary}

Thresholds that matter within the grid:

{margins}

A detector that the table does not name has no threshold whose scaling changes anything here: it
rests on states that the autopilot reports, or its margins are wider than the grid.

## Known blind spots

- **A barometer glitch on PX4** leaves no step in the logged pressure; it is missed.
- **Erratic reception is called jamming.** Antenna, mounting or a bad place look the same in the
  receiver's own figures; the finding says what it saw, not who did it.
- **Spoofing that keeps position and velocity consistent** from the start, and slow enough for the
  estimator to follow, leaves nothing to compare against without a second source.
- **Coaxial and tied motors** share their load: a lost one shows less asymmetry than the limit for
  single motors. A motor that lacks less than a quarter of its thrust among eight is missed.
- **Strong wind** is told from lean and ground speed; its limit lies close to an ordinary breezy day
  for light vehicles.
- **Attacks that only texts report** (a command link taken over, parameters changed, a lie put in
  behind the receiver or the gyroscope) are told, not detected, unless what they do to the flight
  contradicts another sensor: a controller that believes to climb while the air pressure rises.
- **Low log rates** blur what happens within a second: the last moments before the ground, and the
  order of a lost attitude and a lost motor.
- **A log that ends in the air** without anything irreversible before is `undetermined`, even if
  people on the field saw the crash: add a review or a card.
- **Simulated flights** level the vehicle on contact, and their planes, boats and rovers do not
  vibrate: attitude at rest and vibration of those kinds are untested here.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=ROOT / "docs", help="where the page goes")
    chosen = parser.parse_args()
    labelled = truths()
    if not labelled:
        sys.exit("no shared flight data: set FLYOFF_SHARED, or put it at ../shared")
    forms = {form: judged_all(labelled, form, chosen.jobs) for form in (*SAME, *LESS, *MORE)}
    forms["ground station's log alone"] = judged_all(by_telemetry(labelled), jobs=chosen.jobs)
    said = forms["as logged"]
    thresholds = margins(labelled, chosen.jobs)
    (fault, label), accepted = next(iter(FAIR.items()))
    page = PAGE.format(
        n=len(said),
        normal=sum(s.truth.is_normal for s in said),
        sites=len({s.truth.site for s in said}),
        families=len({s.truth.family for s in said}),
        headline=table(("", "90 % interval"), headline(said)),
        onset=onset(said),
        fair=f"`{fault}` labelled `{label}` may be called "
        + " or ".join(f"`{w}`" for w in sorted(accepted)),
        confusion=confusion(said),
        causes=causes(said),
        by_fault=by_fault(said),
        by_family=by_family(said),
        extra=extra_kinds(said),
        robustness=robustness(forms),
        changes=changes(forms),
        cuts=cut_logs(chosen.jobs),
        low=FACTORS[0],
        high=FACTORS[-1],
        margin_summary=margin_summary(thresholds),
        margins=margin_table(thresholds),
    )
    (chosen.folder / "accuracy.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
