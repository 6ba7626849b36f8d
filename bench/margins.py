"""How far each threshold lies from the flights on both sides of it, and what a refit would give.

One threshold at a time is scaled by a factor, and its detector asked about every labelled flight
again. The factors between which nothing changes are the threshold's margins: towards the faulty
flights (a fault would be lost) and towards the normal ones (a warning would appear). A refit that
may not see a group of flights takes the middle of what the others leave open, and is scored on the
group that it did not see.
"""

import dataclasses
import math
import sys
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [p for p in (str(ROOT), str(ROOT / "src")) if p not in sys.path]

from bench.labelled import Truth
from flyoff.detectors import builtin
from flyoff.detectors.base import Detector
from flyoff.model.finding import Severity
from flyoff.model.flight import Flight
from flyoff.pipeline.steps import planned_beside, read
from flyoff.sorties.segment import segment

FACTORS = (0.4, 0.5, 0.63, 0.8, 0.9, 1.0, 1.11, 1.25, 1.6, 2.0, 2.5)
AS_IT_IS = FACTORS.index(1.0)
Key = tuple[str, str]  # detector's kind, field


@dataclass(frozen=True)
class Answers:
    """One flight's answers: for each threshold, whether the kind is found, factor by factor."""

    truth: Truth
    found: dict[Key, tuple[bool, ...]]


@dataclass(frozen=True)
class Margin:
    """One threshold's row.

    Attributes
    ----------
    value : float
        In the field's own unit.
    faulty, normal : int
        Flights on either side.
    found, alarms : int
        Of them, with the threshold as it is.
    low, high : float
        Factors between which neither number changes; the ends of the grid where none does.
    held_found, held_alarms : int
        By the refit, on groups that it did not see.
    """

    kind: str
    field: str
    value: float
    faulty: int
    normal: int
    found: int
    alarms: int
    low: float
    high: float
    held_found: int
    held_alarms: int


def numeric_fields(detector: Detector) -> list[str]:
    """Thresholds that can be scaled: numbers above zero; counts, shares of one and flags too."""
    return [
        f.name
        for f in dataclasses.fields(detector)
        if type(getattr(detector, f.name)) is float and 0.0 < getattr(detector, f.name) < math.inf
    ]


def answers(truth: Truth) -> Answers | None:
    """Ask each detector whose fault the flight has, or all if it has none, at every factor."""
    wanted = [d for d in builtin() if truth.is_normal or str(d.kind) in truth.right]
    if not wanted:
        return None
    plan = planned_beside(truth.log).mission
    sorties = [f for r in read(truth.log) for f in segment(r, plan)]
    if not sorties:
        return None
    flight = max(sorties, key=lambda f: (f.under_way_s, f.end_us - f.start_us))
    found = {}
    for detector in wanted:
        as_it_is = _finds(detector, flight, truth)
        for field in numeric_fields(detector):
            found[str(detector.kind), field] = tuple(
                as_it_is
                if factor == 1.0
                else _finds(_scaled(detector, field, factor), flight, truth)
                for factor in FACTORS
            )
    return Answers(truth, found)


def _scaled(detector: Detector, field: str, factor: float) -> Detector:
    return dataclasses.replace(detector, **{field: getattr(detector, field) * factor})


def _finds(detector: Detector, flight: Flight, truth: Truth) -> bool:
    """A fault is found by any finding; a normal flight is alarmed by a warning or worse."""
    found = detector.assess(flight).findings
    if truth.is_normal:
        return any(f.severity is not Severity.INFO for f in found)
    return bool(found)


def margins(labelled: list[Truth], jobs: int = 2) -> list[Margin]:
    """Every threshold's margins, by kind and field."""
    wanted = [t for t in labelled if t.is_sure]
    with ProcessPoolExecutor(jobs) as pool:
        asked = [a for a in pool.map(answers, wanted, chunksize=4) if a is not None]
    rows = []
    for detector in builtin():
        for field in numeric_fields(detector):
            key = (str(detector.kind), field)
            mine = [a for a in asked if key in a.found]
            if any(not a.truth.is_normal for a in mine):
                rows.append(_margin(detector, field, mine))
    return rows


def _margin(detector: Detector, field: str, asked: list[Answers]) -> Margin:
    key = (str(detector.kind), field)
    faulty = [a for a in asked if not a.truth.is_normal]
    normal = [a for a in asked if a.truth.is_normal]
    found = [sum(a.found[key][k] for a in faulty) for k in range(len(FACTORS))]
    alarms = [sum(a.found[key][k] for a in normal) for k in range(len(FACTORS))]
    same = [
        (f, a) == (found[AS_IT_IS], alarms[AS_IT_IS]) for f, a in zip(found, alarms, strict=True)
    ]
    low = high = AS_IT_IS
    while low > 0 and same[low - 1]:
        low -= 1
    while high < len(FACTORS) - 1 and same[high + 1]:
        high += 1
    held_found, held_alarms = _held_out(key, asked)
    return Margin(
        key[0],
        field,
        getattr(detector, field),
        len(faulty),
        len(normal),
        found[AS_IT_IS],
        alarms[AS_IT_IS],
        FACTORS[low],
        FACTORS[high],
        held_found,
        held_alarms,
    )


def _held_out(key: Key, asked: list[Answers]) -> tuple[int, int]:
    """Found and alarmed on groups left out, by the factor that the other groups ask for."""
    groups: dict[tuple[object, ...], list[Answers]] = defaultdict(list)
    for a in asked:
        groups[a.truth.group].append(a)
    total = [0] * len(FACTORS)
    for a in asked:
        for k, is_found in enumerate(a.found[key]):
            total[k] += is_found * (-1 if a.truth.is_normal else 1)
    held_found = held_alarms = 0
    for members in groups.values():
        rest = list(total)
        for a in members:
            for k, is_found in enumerate(a.found[key]):
                rest[k] -= is_found * (-1 if a.truth.is_normal else 1)
        k = _middle(rest)
        held_found += sum(a.found[key][k] for a in members if not a.truth.is_normal)
        held_alarms += sum(a.found[key][k] for a in members if a.truth.is_normal)
    return held_found, held_alarms


def _middle(score: list[int]) -> int:
    """The middle of the longest stretch of best factors: a threshold belongs into the gap."""
    best = max(score)
    runs: list[list[int]] = []
    for k, s in enumerate(score):
        if s == best:
            if runs and runs[-1][-1] == k - 1:
                runs[-1].append(k)
            else:
                runs.append([k])
    longest = max(runs, key=len)
    return longest[len(longest) // 2]
