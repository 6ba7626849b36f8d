"""Annexes of what was flown: configuration, conditions, exclusions, comparison, receipts."""

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence

import flyoff
from flyoff.pipeline.log_facts import LogFacts
from flyoff.reports.paper.blocks import Block, Bullets, Cell, Facts, Heading, Paragraph, Table, Text
from flyoff.reports.paper.lines import disposition, short
from flyoff.reports.verdict_words import measure_words
from flyoff.reports.words import Words, marked
from flyoff.views.paper import Line, Paper

#: So many differing parameters of a vehicle are named; of more, the number is told.
_MOST_PARAMS = 10
_WIND_EDGES_MS = (0.0, 4.0, 8.0, 12.0)


def configuration(paper: Paper, facts: Mapping[str, LogFacts], w: Words) -> Iterator[Block]:
    """Firmware, parameters' hash, and what differs between vehicles of one candidate."""
    yield Heading(1, w.t("Annex B: configuration"), "annex-b", fresh=False)
    yield Paragraph(
        w.t(
            "As the logs themselves say. Parameters: SHA-256 over all of them, sorted, without "
            "those that the autopilot sets by itself at each start; vehicles with the same hash "
            "flew with the same settings."
        ),
        "note",
    )
    rows: list[list[Text]] = []
    for (candidate, vehicle), lines in _by_vehicle(paper).items():
        for config in _configurations(lines, facts):
            rows.append(
                [
                    short(candidate, 24) or w.t("nobody's"),
                    short(vehicle, 24),
                    config[0] or "–",
                    config[1] or "–",
                    short(config[2], 24) or "–",
                    Cell(config[3][:12] or "–", look="mono"),
                    w.whole(config[4]),
                ]
            )
    head = [w.t(t) for t in ("Candidate", "Vehicle", "Firmware", "Board and frame",
                             "Configuration", "Parameters", "Sorties")]  # fmt: skip
    widths = (0.13, 0.12, 0.24, 0.13, 0.14, 0.14, 0.1)
    if rows:
        yield Table(head, rows, widths, frozenset({6}), head[4])
    yield from _differences(paper, facts, w)


def _by_vehicle(paper: Paper) -> dict[tuple[str, str], list[Line]]:
    found: dict[tuple[str, str], list[Line]] = {}
    order = [c.name for c in paper.campaign.candidates]
    place = {name: i for i, name in enumerate(order)}
    for line in sorted(paper.lines, key=lambda x: (place.get(x.candidate, 99), x.vehicle)):
        found.setdefault((line.candidate, line.vehicle), []).append(line)
    return found


def _configurations(
    lines: Sequence[Line], facts: Mapping[str, LogFacts]
) -> list[tuple[str, str, str, str, int]]:
    """Each configuration of a vehicle, in the order flown, with its number of sorties."""
    found: dict[tuple[str, str, str, str], int] = {}
    for line in lines:
        fact = facts.get(line.row.get("log_sha256", ""))
        key = (
            str(line.row.get("firmware") or line.row.get("autopilot") or ""),
            " ".join(str(line.row.get(k) or "") for k in ("board", "frame")).strip(),
            line.card.configuration if line.card else "",
            fact.params_sha256 if fact else "",
        )
        found[key] = found.get(key, 0) + 1
    return [(*key, count) for key, count in found.items()]


def _differences(paper: Paper, facts: Mapping[str, LogFacts], w: Words) -> Iterator[Block]:
    items = []
    for name in [c.name for c in paper.campaign.candidates]:
        last: dict[str, LogFacts] = {}
        for line in paper.of(name):
            fact = facts.get(line.row.get("log_sha256", ""))
            if fact is not None and fact.params:
                last[line.vehicle] = fact
        if len(last) < 2:
            continue
        first, *others = sorted(last)
        for other in others:
            items.append(_differs(first, other, last, w))
    if items:
        yield Heading(2, w.t("Differences between vehicles of one candidate"))
        yield Bullets(items)


def _differs(first: str, other: str, last: Mapping[str, LogFacts], w: Words) -> list[Text]:
    """What two vehicles' parameters differ in, at their last sortie."""
    a, b = last[first].params, last[other].params
    names = [n for n in sorted(a.keys() | b.keys()) if a.get(n) != b.get(n)]
    pair: Text = Cell(f"{short(first, 24)} / {short(other, 24)}: ", look="strong")
    if not names:
        return [pair, w.t("the same parameters")]
    shown = ", ".join(f"{n} {a.get(n, '–')} / {b.get(n, '–')}" for n in names[:_MOST_PARAMS])
    count = w.n("{count} parameter", "{count} parameters", len(names))
    more = len(names) - _MOST_PARAMS
    rest = " " + w.t("and {n} more", n=w.whole(more)) if more > 0 else ""
    return [pair, f"{count}: {shown}{rest}"]


def conditions(paper: Paper, w: Words) -> Iterator[Block]:
    """Which conditions were flown, and which were not."""
    yield Heading(1, w.t("Annex C: conditions and gaps"), "annex-c", fresh=False)
    names = [c.name for c in paper.campaign.candidates if paper.of(c.name)]
    rows: list[list[Text]] = []
    gaps = []
    for title, key, is_factor in _CONDITIONS:
        groups: dict[str, dict[str, int]] = {}
        for line in paper.lines:
            if line.candidate:
                group = groups.setdefault(key(line, w), {})
                group[line.candidate] = group.get(line.candidate, 0) + 1
        if set(groups) <= {""}:
            gaps.append(w.t("{condition}: not written down for any sortie", condition=w.t(title)))
            continue
        for value in sorted(groups):
            counts = [groups[value].get(n, 0) for n in names]
            rows.append([w.t(title), short(value, 60) or w.t("not written down"),
                         *(w.whole(c) if c else "–" for c in counts)])  # fmt: skip
            empty = [short(n, 24) for n, c in zip(names, counts, strict=True) if not c]
            if value and empty and len(names) > 1 and is_factor:
                gaps.append(w.t("{condition} {value}: never flown by {names}",
                                condition=w.t(title), value=short(value),
                                names=", ".join(empty)))  # fmt: skip
    head = [w.t("Condition"), w.t("Value"), *(short(n, 16) for n in names)]
    widths = (0.2, 0.4, *(0.4 / max(len(names), 1) for _ in names))
    numeric = frozenset(range(2, 2 + len(names)))
    if rows:
        yield Table(head, rows, widths, numeric, w.t("Sorties by condition and candidate"))
    yield Heading(2, w.t("Gaps"))
    yield Bullets(gaps) if gaps else Paragraph(w.t("Every condition was flown by everybody."))


def _wind(line: Line, w: Words) -> str:
    speed = line.measures.get("wind_mean_ms")
    if speed is None:
        return ""
    low = max(edge for edge in _WIND_EDGES_MS if edge <= speed)
    above = [edge for edge in _WIND_EDGES_MS if edge > speed]
    return w.local(f"{low:g}–{above[0]:g} m/s" if above else f"≥ {low:g} m/s")


def _kind(line: Line, w: Words) -> str:
    return w.word(line.row.get("vehicle_kind")) if line.row else ""


#: Name, value of a sortie, and whether it could have been chosen: only then it leaves a gap.
_CONDITIONS: tuple[tuple[str, Callable[[Line, Words], str], bool], ...] = (
    (marked("Vehicle kind"), _kind, False),
    (marked("Wind, as estimated"), _wind, True),
    (marked("Site"), lambda x, w: x.card.site if x.card else "", True),
    (marked("Operator"), lambda x, w: x.card.operator if x.card else "", True),
    (marked("Conditions on the card"), lambda x, w: x.card.conditions if x.card else "", True),
    (marked("Year"), lambda x, w: x.day[:4], False),
)


def exclusions(paper: Paper, w: Words) -> Iterator[Block]:
    """Sorties that do not count with the reason and the name, and other deviations."""
    yield Heading(1, w.t("Annex D: excluded sorties and deviations"), "annex-d", fresh=False)
    aside = [line for line in paper.lines if not line.is_attempt]
    if aside:
        rows: list[list[Text]] = [
            [w.date(x.day[:10]), short(x.card.card if x.card else x.log_name, 30),
             short(x.candidate, 24) or w.t("nobody's"),
             Cell(w.word(x.outcome), sign=x.outcome or "undetermined"), disposition(x, w)]
            for x in aside
        ]  # fmt: skip
        head = [w.t(t) for t in ("Start", "Sortie", "Candidate", "Outcome", "Reason and name")]
        yield Table(head, rows, (0.12, 0.2, 0.15, 0.18, 0.35), name=w.t("Excluded sorties"))
    else:
        yield Paragraph(w.t("Every sortie counts."))
    yield Heading(2, w.t("Reviews"))
    if paper.reviews:
        rows = [
            [short(str(r["sortie_id"]), 30), w.word(r["outcome"]) if r["outcome"] else "–",
             w.word(r["cause"]) if r["cause"] else "–", short(r["by"]), short(r["because"], 300)]
            for r in paper.reviews
        ]  # fmt: skip
        head = [w.t(t) for t in ("Sortie", "Outcome", "Cause", "By", "Because")]
        yield Table(head, rows, (0.2, 0.15, 0.15, 0.15, 0.35), name=w.t("Reviews"))
    else:
        yield Paragraph(w.t("Nobody has reviewed a sortie."))
    yield Heading(2, w.t("Deviations from the plan of the test"))
    items = list(_deviations(paper, w))
    yield Bullets(items) if items else Paragraph(w.t("None is known."))


def _deviations(paper: Paper, w: Words) -> Iterator[str]:
    settings, counted = paper.evaluation["settings"], paper.evaluation["sorties"]
    planned = settings["planned_sorties"]
    for name, c in counted["candidates"].items():
        if planned and c["attempts"] != planned and paper.of(name):
            yield w.t("{name}: {flown} of {planned} planned sorties flown", name=short(name),
                      flown=w.whole(c["attempts"]), planned=w.whole(planned))  # fmt: skip
    for key, one, many in _STRAY:
        if count := counted[key]["count"]:
            yield w.n(one, many, count)
    for note in paper.evaluation["notes"]:
        yield w.says(note)
    for line in paper.lines:
        if line.told and line.judged and line.told != line.judged:
            card = line.card.card if line.card else ""
            yield w.t("card {card} says {told}, the program judged {judged}", card=short(card),
                      told=w.word(line.told), judged=w.word(line.judged))  # fmt: skip


_STRAY = (
    ("of_no_candidate", marked("{count} sortie belongs to no candidate"),
     "{count} sorties belong to no candidate"),
    ("without_card", marked("{count} sortie has no card"), "{count} sorties have no card"),
    ("without_log", marked("{count} sortie has no log"), "{count} sorties have no log"),
)  # fmt: skip


def comparison(paper: Paper, w: Words) -> Iterator[Block]:
    """Candidate against candidate."""
    compared = paper.evaluation["comparisons"]
    if not compared:
        return
    yield Heading(1, w.t("Candidate against candidate"), "comparison", fresh=False)
    rows: list[list[Text]] = []
    for c in compared:
        for d in c["differences"]:
            e = d["difference"]
            apart = e["low"] > 0 or e["high"] < 0
            better, worse = (d["first"], d["second"]) if e["value"] > 0 else (
                d["second"], d["first"])  # fmt: skip
            said = (
                w.t("{better} is ahead of {worse}", better=short(better), worse=short(worse))
                if apart
                else w.t("cannot be told apart")
            )
            rows.append(
                [measure_words(c["measure"], w), f"{short(d['first'])} – {short(d['second'])}",
                 w.percent(e["value"]), f"{w.percent(e['low'])} … {w.percent(e['high'])}",
                 w.number(d["p_value"]), said]
            )  # fmt: skip
    head = [w.t(t) for t in ("Measure", "Pair", "Difference", "Simultaneous interval", "p",
                             "In words")]  # fmt: skip
    yield Table(head, rows, (0.22, 0.2, 0.11, 0.19, 0.08, 0.2), frozenset({2, 3, 4}), head[0])
    best = [
        [measure_words(c["measure"], w),
         ", ".join(f"{short(n)} {w.percent(p)}" for n, p in sorted(c["probability_best"].items()))]
        for c in compared
    ]  # fmt: skip
    yield Paragraph(w.t("Probability of being best, by these sorties alone:"))
    yield Bullets([f"{name}: {shown}" for name, shown in best])


def receipts(paper: Paper, w: Words) -> Iterator[Block]:
    """Every log with its SHA-256 and the account of its bytes."""
    yield Heading(1, w.t("Annex F: receipts of all logs"), "annex-f", fresh=False)
    yield Paragraph(
        w.t(
            "Every byte of a log is decoded or accounted for as skipped. The store keeps each log "
            "as received, named by its SHA-256."
        ),
        "note",
    )
    rows: list[list[Text]] = [
        [Cell(short(log["log_name"], 60), below=""), Cell(log["log_sha256"], look="mono"),
         w.whole(log["bytes"]), w.whole(log["skipped_bytes"]), w.t(log["status"])]
        for log in paper.logs
    ]  # fmt: skip
    head = [w.t(t) for t in ("Log", "SHA-256", "Bytes", "Skipped", "Status")]
    if rows:
        yield Table(head, rows, (0.2, 0.55, 0.1, 0.07, 0.08), frozenset({2, 3}), head[0])
    else:
        yield Paragraph(w.t("The store holds no log of this campaign."))


def reproduction(paper: Paper, options: Sequence[str], w: Words) -> Iterator[Block]:
    """Software, digests and the exact commands."""
    yield Heading(1, w.t("Annex G: software and how to reproduce this"), "annex-g", fresh=False)
    rules = sorted({str(log["rules_version"]) for log in paper.logs})
    yield Facts(
        (
            (w.t("Flyoff"), flyoff.__version__),
            (w.t("rules"), ", ".join(rules) or "–"),
            (w.t("evidence up to"), w.instant(paper.last_day) if paper.last_day else "–"),
        )
    )
    rows: list[list[Text]] = [
        [name, Cell(digest, look="mono")] for name, digest in sorted(paper.sha256.items())
    ]
    yield Table([w.t("What"), "SHA-256"], rows, (0.3, 0.7), name=w.t("Digests"))
    commands = [
        ["flyoff", "ingest", "LOGS", "--store", "STORE"],
        ["flyoff", "campaign", "evaluate", "CAMPAIGN", "--store", "STORE", "--json"],
        ["flyoff", "report", "CAMPAIGN", "--store", "STORE", *options],
    ]
    yield Paragraph(
        w.t(
            "LOGS: the files of annex F. CAMPAIGN: the folder with the files above. The second "
            "command prints the document that every figure here is taken from; its SHA-256 stands "
            "above as “evaluation”."
        )
    )
    yield Bullets([Cell(shlex.join(c), look="mono") for c in commands], numbered=True)
    yield Heading(2, w.t("Where this report says what"))
    yield Table([w.t("A defensible report says"), w.t("Here")],
                [[w.t(a), w.t(b)] for a, b in CHECKLIST], (0.55, 0.45),
                name=w.t("Where this report says what"))  # fmt: skip


#: What a defensible report contains (METHODS, section 5), and the part that says it.
CHECKLIST = (
    (marked("requirement with threshold and objective"), marked("page 1, candidates")),
    (marked("failure definition and scoring criteria"), marked("annex A")),
    (marked("configuration: hardware, firmware, hash of parameters"), marked("annex B")),
    (marked("every sortie with disposition and reason, by whom"),
     marked("every sortie, annex D")),
    (marked("conditions matrix and coverage gaps"), marked("annex C")),
    (marked("exposure"), marked("candidates, first line")),
    (marked("point, interval and method"), marked("candidates, annex E")),
    (marked("power of the test"), marked("candidates, below the requirements")),
    (marked("deviations"), marked("annex D")),
    (marked("anomalies with links to their logs"), marked("incident sheets, annex F")),
    (marked("limitations"), marked("annex E")),
    (marked("verdict rule"), marked("annex A")),
    (marked("data custody"), marked("annexes F and G")),
)  # fmt: skip
