"""``python bench/calibrate.py``: how sure a statement may be, from the labelled flights.

Writes ``src/flyoff/sorties/calibration_table.py``, ``docs/calibration.md`` and its figure. Reads
the shared simulated flights; nothing is written where they are absent. Run it again whenever a
rule changes; the tests hold the table to the rules' names, not to their figures.
"""

import argparse
import math
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:1] = [str(ROOT), str(ROOT / "src")]  # not this folder: its names hide others'

from bench.labelled import Said, judged_all, truths
from bench.tables import share, table
from flyoff.model.sortie import Outcome
from flyoff.sorties.calibration import Seen, held_against
from flyoff.stats.proportions import wilson

#: Forms in which each flight is judged. The two exact invariances would add nothing but weight.
FORMS = ("as logged", "half the log rates", "receiver noise added", "one inertial sensor only")
#: What the argument of a rule is worth [flights]. Fixed, not fitted: on flights that the rules were
#: written with, a fit can only ask for more trust in them.
WEIGHT = 4.0
WEIGHTS = (1.0, 2.0, 4.0, 8.0, 16.0)
#: Edges of the bins of the reliability curve.
EDGES = (0.0, 0.8, 0.88, 0.92, 0.96, 1.0)


Key = tuple[str | float, ...]


@dataclass(frozen=True)
class Case:
    """One statement: on what grounds, what they argue for, and whether it was right."""

    key: Key
    argued: float
    is_right: bool
    flight: str
    group: tuple[object, ...]


def outcome_cases(said: Iterable[Said]) -> list[Case]:
    """Stated outcomes; a doubtful label can prove nobody wrong, and *undetermined* states none."""
    return [
        Case(
            (s.rule, s.outcome, s.argued), s.argued, s.outcome_is_right, s.truth.name, s.truth.group
        )
        for s in said
        if s.truth.is_sure and s.outcome not in (Outcome.UNDETERMINED, "none")
    ]


def cause_cases(said: Iterable[Said]) -> list[Case]:
    return [
        Case((s.cause_grounds,), s.cause_argued, s.cause_is_right, s.truth.name, s.truth.group)
        for s in said
        if s.truth.is_sure and s.cause is not None and s.cause_grounds
    ]


def seen(cases: Iterable[Case]) -> dict[Key, Seen]:
    """Each flight counts as one, however many forms of it were judged."""
    right: dict[Key, float] = defaultdict(float)
    total: dict[Key, float] = defaultdict(float)
    for case in cases:
        right[case.key] += case.is_right / len(FORMS)
        total[case.key] += 1.0 / len(FORMS)
    return {key: Seen(right[key], total[key]) for key in sorted(total)}


def crossed(cases: Sequence[Case], weight: float) -> list[float]:
    """Confidence of each statement from the flights of other groups only."""
    whole = seen(cases)
    own: dict[tuple[object, ...], dict[Key, Seen]] = {}
    for group in {c.group for c in cases}:
        own[group] = seen(c for c in cases if c.group == group)
    out = []
    for case in cases:
        mine = own[case.group].get(case.key, Seen(0.0, 0.0))
        rest = Seen(whole[case.key].right - mine.right, whole[case.key].flights - mine.flights)
        out.append(held_against(rest, case.argued, weight=weight))
    return out


def log_loss(cases: Sequence[Case], sure: Sequence[float]) -> float:
    """Mean surprise; a confident mistake costs most."""
    costs = [-math.log(p if c.is_right else 1.0 - p) for c, p in zip(cases, sure, strict=True)]
    return sum(costs) / len(costs)


def brier(cases: Sequence[Case], sure: Sequence[float]) -> float:
    return sum((p - c.is_right) ** 2 for c, p in zip(cases, sure, strict=True)) / len(cases)


@dataclass(frozen=True)
class Bin:
    mean: float
    right: int
    n: int


def bins(cases: Sequence[Case], sure: Sequence[float]) -> list[Bin]:
    out = []
    for low, high in pairwise(EDGES):
        inside = [(c, p) for c, p in zip(cases, sure, strict=True) if low <= p < high]
        if inside:
            mean = sum(p for _, p in inside) / len(inside)
            out.append(Bin(mean, sum(c.is_right for c, _ in inside), len(inside)))
    return out


def curve(series: dict[str, list[Bin]]) -> str:
    """Reliability as an SVG: said against seen, with 90 % intervals."""
    size, left, top, foot = 320, 60, 30, 50
    colours = ("#1565c0", "#e65100")

    def x(p: float) -> float:
        return left + (p - 0.5) / 0.5 * size

    def y(p: float) -> float:
        return top + (1.0 - p) / 0.5 * size

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + size + 150} '
        f'{top + size + foot}" role="img" font-family="sans-serif" font-size="12">',
        "<title>Reliability of the stated confidence</title>",
        f'<rect width="{left + size + 150}" height="{top + size + foot}" fill="white"/>',
    ]
    for k in range(6):
        p = 0.5 + 0.1 * k
        out.append(
            f'<path d="M{x(0.5):.1f} {y(p):.1f}H{x(1):.1f}M{x(p):.1f} {y(0.5):.1f}V{y(1):.1f}"'
            ' stroke="#ddd"/>'
            f'<text x="{left - 8}" y="{y(p) + 4:.1f}" text-anchor="end">{p:.1f}</text>'
            f'<text x="{x(p):.1f}" y="{y(0.5) + 18:.1f}" text-anchor="middle">{p:.1f}</text>'
        )
    out.append(
        f'<path d="M{x(0.5):.1f} {y(0.5):.1f}L{x(1):.1f} {y(1):.1f}" stroke="black"'
        ' stroke-dasharray="5 4"/>'
        f'<text x="{x(0.75):.1f}" y="{y(0.5) + 40:.1f}" text-anchor="middle">'
        "confidence, from other flights</text>"
        f'<text transform="translate(16 {y(0.75):.1f}) rotate(-90)" text-anchor="middle">'
        "share that was right</text>"
    )
    for k, (name, found) in enumerate(series.items()):
        colour, shift = colours[k], 4 * k - 2
        for b in found:
            e = wilson(b.right, b.n, level=0.90)
            at = x(b.mean) + shift
            out.append(
                f'<path d="M{at:.1f} {y(max(e.low, 0.5)):.1f}V{y(e.high):.1f}" stroke="{colour}"'
                f' stroke-width="1.5"/><circle cx="{at:.1f}" cy="{y(b.right / b.n):.1f}"'
                f' r="{3 + 0.25 * math.sqrt(b.n):.1f}" fill="{colour}"/>'
            )
        out.append(
            f'<text x="{x(1) + 16:.1f}" y="{top + 18 * k + 12}" fill="{colour}">{name}</text>'
        )
    return "\n".join([*out, "</svg>", ""])


def write_table(
    path: Path,
    weight: float,
    flights: int,
    outcomes: dict[Key, Seen],
    causes: dict[Key, Seen],
) -> None:
    lines = [
        '"""Written by ``bench/calibrate.py``; do not edit."""',
        "",
        "from typing import Final",
        "",
        "#: The argument of a rule counts as much as this many flights.",
        f"WEIGHT: Final = {weight}",
        "#: Labelled flights that the tables rest on.",
        f"FLIGHTS: Final = {flights}",
        "#: (rule, outcome, what the rule argues for) to (right, flights).",
        "OUTCOMES: Final[dict[tuple[str, str, float], tuple[float, float]]] = {",
        *(
            f"    ({str(rule)!r}, {str(outcome)!r}, {argued}): ({s.right:g}, {s.flights:g}),"
            for (rule, outcome, argued), s in outcomes.items()
        ),
        "}",
        "#: Grounds of a cause to (right, flights).",
        "CAUSES: Final[dict[str, tuple[float, float]]] = {",
        *(f"    {key[0]!r}: ({s.right:g}, {s.flights:g})," for key, s in causes.items()),
        "}",
        "",
    ]
    path.write_text("\n".join(lines).replace("'", '"'), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "ruff", "format", "-q", str(path)], check=False)


PAGE = """# How sure a statement may be

Written by `bench/calibrate.py` from {flights} labelled simulated flights, each judged in
{forms} forms: {names}.

A rule that states an outcome carries a confidence which its author argued from physics: a stop
that thrust cannot make argues more than a landing without a plan. What is printed is that
argument held against experience:

    confidence = (right + w · argued) / n,   at most (n + 1) / (n + 2),   n = flights + w

*flights* counts the labelled flights on which this rule stated this outcome by this argument (the
same rule argues less where there is no plan, say), *right* those on which it was right. A flight
counts once: each of its forms is a fraction. The argument is worth **w = {weight:g}** flights. The
cap is the rule of succession: n trials without a mistake support no more, so a rule that fired on
two flights is never very sure, and nothing is ever printed as 1.00.
Below {stated:g} the outcome is `undetermined`.

Confidence in a cause is made alike; its grounds are whether a failsafe named it or the precedence
chose it, and whether other grave findings began before it.

## Held out

Each statement's confidence is computed from flights of *other* groups only; a group is all
flights of one vehicle family with one fault at one site, so no flight, and no sister of it,
calibrates itself. {groups} groups. The forms of one flight resemble each other: the intervals,
which take them as independent, are too narrow.

![Confidence against the share that was right](calibration.svg)

{curve}

| | log loss, as argued | log loss, calibrated | Brier, as argued | Brier, calibrated |
|---|---|---|---|---|
{losses}

The stated confidence lies below the share that was right, and is meant to. The rules were written
with these flights in sight, so the counts flatter them; w is therefore fixed and not fitted, since
a fit on these flights only asks for more trust. Log loss for other choices, outcome and cause:

{choices}

## What each rule rests on

{rules}

{causes}

## What this does not tell

The altered forms, on which no rule was tuned, make up for a part of the optimism, not for all.
All flights are simulated: a confidence says how often the same rule was right *there*. Real
sensors fail in ways that no simulator has; on real logs take it as an upper limit.
{unstated}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=ROOT / "docs", help="where the page goes")
    chosen = parser.parse_args()
    labelled = truths()
    if not labelled:
        sys.exit("no shared flight data: set FLYOFF_SHARED, or put it at ../shared")
    said = [s for form in FORMS for s in judged_all(labelled, form, chosen.jobs)]
    kinds = {"outcome": outcome_cases(said), "cause": cause_cases(said)}
    flights = len({c.flight for c in kinds["outcome"]})
    outcomes, causes = seen(kinds["outcome"]), seen(kinds["cause"])
    table_path = ROOT / "src" / "flyoff" / "sorties" / "calibration_table.py"
    write_table(table_path, WEIGHT, flights, outcomes, causes)
    held = {name: crossed(cases, WEIGHT) for name, cases in kinds.items()}
    reliability = {name: bins(kinds[name], held[name]) for name in kinds}
    (chosen.folder / "calibration.svg").write_text(curve(reliability), encoding="utf-8")
    page = page_of(said, kinds, held, reliability, WEIGHT, flights, outcomes, causes)
    (chosen.folder / "calibration.md").write_text(page, encoding="utf-8")


def page_of(
    said: Sequence[Said],
    kinds: dict[str, list[Case]],
    held: dict[str, list[float]],
    reliability: dict[str, list[Bin]],
    weight: float,
    flights: int,
    outcomes: dict[Key, Seen],
    causes: dict[Key, Seen],
) -> str:
    from flyoff.sorties.outcome import STATED

    losses = [
        (
            name,
            *(log_loss(cases, p) for p in (_argued(cases), held[name])),
            *(brier(cases, p) for p in (_argued(cases), held[name])),
        )
        for name, cases in kinds.items()
    ]
    silent = [s for s in said if s.truth.is_sure and s.outcome == Outcome.UNDETERMINED]
    return PAGE.format(
        flights=flights,
        forms=len(FORMS),
        names=", ".join(FORMS),
        weights=", ".join(f"{w:g}" for w in WEIGHTS),
        weight=weight,
        cap=(flights + 1) / (flights + 2),
        stated=STATED,
        groups=len({c.group for c in kinds["outcome"]}),
        curve=table(
            ("statement", "confidence, mean", "right, of all forms", "n"),
            [
                (name, b.mean, share(b.right, b.n), b.n)
                for name, found in reliability.items()
                for b in found
            ],
        ),
        losses="\n".join("| " + " | ".join(_cell(c) for c in row) + " |" for row in losses),
        choices=table(
            ("w", *kinds),
            [
                (f"{w:g}", *(log_loss(cases, crossed(cases, w)) for cases in kinds.values()))
                for w in WEIGHTS
            ],
        ),
        rules=table(
            ("rule", "outcome", "argued", "right", "flights", "confidence"),
            [
                (
                    f"`{k[0]}`",
                    f"`{k[1]}`",
                    f"{float(k[2]):.2f}",
                    f"{s.right:g}",
                    f"{s.flights:g}",
                    held_against(s, float(k[2]), weight=weight),
                )
                for k, s in outcomes.items()
            ],
        ),
        causes=table(
            ("grounds of a cause", "right", "flights", "confidence of an argued 0.90"),
            [(k[0], f"{s.right:g}", f"{s.flights:g}", _at(s, weight)) for k, s in causes.items()],
        ),
        unstated=f"{len(silent)} of {sum(s.truth.is_sure for s in said)} judgements stated no "
        "outcome (`undetermined`); they count neither for nor against.",
    )


def _argued(cases: Sequence[Case]) -> list[float]:
    return [min(c.argued, 0.999) for c in cases]


def _at(s: Seen, weight: float) -> float:
    return held_against(s, 0.9, weight=weight)


def _cell(value: object) -> str:
    return f"{value:.4f}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    main()
