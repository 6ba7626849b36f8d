"""Which report is of which target: scan by scan, and never before a track is declared.

In each scan every truth has at most one track and every track at most one truth; the pairs that
save most against leaving all alone are made, and a pair of the scan before is kept unless another
is clearly nearer (hysteresis). What is left over is told apart: a second track on a target, other
traffic, what the rules do not score, and what is false.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np

from flyoff.trials.nearness import Nearness, nearness
from flyoff.trials.rules import Declaration, Period, Rules
from flyoff.trials.scans import Scans
from flyoff.trials.site import Placed
from flyoff.trials.truth import TruthTrack
from flyoff.units import BoolArray, FloatArray, IntArray, Seconds

#: How many scans back a pair still counts as the one before.
_MEMORY: Final = 5
#: A track that was silent for so many update intervals has to be declared again.
_SILENCE: Final = 10.0


class Verdict(IntEnum):
    """What a report turned out to be."""

    FALSE = 0
    TARGET = 1
    REDUNDANT = 2
    TRAFFIC = 3
    UNSCORED = 4
    UNDECLARED = 5


@dataclass(frozen=True, slots=True, eq=False)
class Following:
    """Reports of one sensor, matched with the truths.

    Attributes
    ----------
    scans : Scans
    report : int64, shape (truths, scans)
        The report that follows a truth in a scan; -1 where none does.
    opportunity : bool, shape (truths, scans)
        The truth is known, in the protected volume, and the scan belongs to one of its runs.
    ambiguous : bool, shape (truths, scans)
        Another truth is nearer than the gate: which one was followed cannot be told.
    place, velocity : float64, shape (truths, scans, 3)
        The truths at the middle of each scan.
    verdict : int64, shape (reports,)
        Values of `Verdict`.
    truth : int64, shape (reports,)
        Of reports of a target; -1 for others.
    near : Nearness
    credit_s : float64, shape (reports,) [s, UNIX UTC]
        When a report was at the operator's.
    scan : int64, shape (reports,)
    life : int64, shape (reports,)
        Which life of its track a report belongs to, numbered through; -1 without a track.
    """

    scans: Scans
    report: IntArray
    opportunity: BoolArray
    ambiguous: BoolArray
    place: FloatArray
    velocity: FloatArray
    verdict: IntArray
    truth: IntArray
    near: Nearness
    credit_s: FloatArray
    scan: IntArray
    life: IntArray


def follow(
    reports: Placed,
    truths: Sequence[TruthTrack],
    traffic: Sequence[TruthTrack],
    runs: Sequence[Period],
    cut: Scans,
    rules: Rules,
    sensor: FloatArray,
    *,
    delay_s: Seconds = 0.0,
    near: Nearness | None = None,
) -> Following:
    """Match the reports of one sensor with the truths.

    Parameters
    ----------
    reports : Placed
        Times already on the truths' clock.
    truths, traffic : sequence of TruthTrack
        Targets, and other aircraft that the sensor may report.
    runs : sequence of Period
        The periods of the scans.
    cut : Scans
    rules : Rules
    sensor : float64, shape (3,) [m]
    delay_s : float [s]
        From measuring to the operator, for reports that do not say when they arrived.
    near : Nearness, optional
        If it was computed before.
    """
    near = near or nearness(reports, truths, sensor)
    credit = np.where(np.isfinite(reports.declared_s), reports.declared_s, reports.time_s + delay_s)
    life, declared = lives(reports, rules.declaration, cut.length_s)
    place, velocity, known = _truths_at(truths, cut)
    opportunity = known & _targeted(truths, runs, cut)
    for j in range(len(truths)):
        opportunity[j] &= rules.volume.holds(place[j])
    inside = near.within(rules.gate) & declared[:, None]
    scan = cut.of(reports.time_s)
    # reports without a track are each their own
    owner = np.where(reports.track >= 0, reports.track, -2 - np.arange(len(reports)))
    chosen = _assigned(near, inside, scan, owner, len(cut.start_s), rules)
    verdict, truth = _verdicts(reports, truths, traffic, near, inside, chosen, declared, rules)
    verdict = _same_track(verdict, truth, scan, owner, chosen)
    verdict[(scan < 0) & (truth >= 0)] = int(Verdict.UNSCORED)
    return Following(
        cut,
        chosen,
        opportunity,
        _ambiguous(place, rules),
        place,
        velocity,
        verdict,
        truth,
        near,
        credit,
        scan,
        life,
    )


def lives(reports: Placed, rule: Declaration, interval_s: Seconds) -> tuple[IntArray, BoolArray]:
    """The life of its track that each report belongs to, and whether that is declared by then.

    A track number that comes back after a long silence is another life: numbers are used again.
    """
    n = len(reports)
    life, declared = np.full(n, -1, dtype=np.int64), np.ones(n, dtype=np.bool_)
    order = np.lexsort((reports.time_s, reports.track))
    order = order[reports.track[order] >= 0]
    if order.size:
        time, track = reports.time_s[order], reports.track[order]
        begins = np.ones(order.size, dtype=np.bool_)
        ended = reports.ends[order][:-1]
        apart = np.diff(time) > _SILENCE * interval_s
        begins[1:] = (np.diff(track) != 0) | apart | ended
        life[order] = np.cumsum(begins) - 1
        declared[order] = _declared(time, life[order], rule)
    if rule.reports > 1:
        declared &= life >= 0
    return life, declared


def _declared(time_s: FloatArray, life: IntArray, rule: Declaration) -> BoolArray:
    """Whether a life has had the reports asked for, ordered by life and time."""
    back = rule.reports - 1
    enough = np.zeros(time_s.size, dtype=np.bool_)
    same = life[back:] == life[: life.size - back]
    quick = time_s[back:] - time_s[: time_s.size - back] <= rule.within_s
    enough[back:] = same & quick
    # once declared, a life stays so
    first = np.ones(life.size, dtype=np.bool_)
    first[1:] = life[1:] != life[:-1]
    total = np.cumsum(enough)
    before = np.where(first, total - enough, 0)
    return np.asarray(total > np.maximum.accumulate(before))


def _truths_at(
    truths: Sequence[TruthTrack], cut: Scans
) -> tuple[FloatArray, FloatArray, BoolArray]:
    shape = len(truths), cut.middle_s.size, 3
    place, velocity = np.full(shape, np.nan), np.full(shape, np.nan)
    for j, truth in enumerate(truths):
        at = truth.at(cut.middle_s)
        place[j], velocity[j] = at.position, at.velocity
    return place, velocity, np.isfinite(place[:, :, 0])


def _targeted(truths: Sequence[TruthTrack], runs: Sequence[Period], cut: Scans) -> BoolArray:
    wanted = np.array(
        [[not run.targets or truth.name in run.targets for run in runs] for truth in truths],
        dtype=np.bool_,
    ).reshape(len(truths), len(runs))
    return np.asarray(wanted[:, cut.period])


def _assigned(
    near: Nearness,
    inside: BoolArray,
    scan: IntArray,
    owner: IntArray,
    scans: int,
    rules: Rules,
) -> IntArray:
    """The report of each truth in each scan, shape (truths, scans)."""
    chosen = np.full((inside.shape[1], scans), -1, dtype=np.int64)
    rows, columns = np.nonzero(inside & (scan >= 0)[:, None])
    if not rows.size:
        return chosen
    # of one track in one scan, the last report counts: later ones overwrite
    order = np.lexsort((rows, columns, owner[rows], scan[rows]))
    rows, columns = rows[order], columns[order]
    key = np.column_stack([scan[rows], owner[rows], columns])
    last = np.ones(rows.size, dtype=np.bool_)
    last[:-1] = (key[1:] != key[:-1]).any(axis=1)
    rows, columns = rows[last], columns[last]
    at = scan[rows]
    contested = np.unique(np.concatenate([_twice(at, columns), _twice(at, owner[rows])]))
    free = ~np.isin(at, contested)
    chosen[columns[free], at[free]] = rows[free]
    starts = np.searchsorted(at, contested, side="left")
    stops = np.searchsorted(at, contested, side="right")
    for step, start, stop in zip(contested, starts, stops, strict=True):
        _settle(chosen, int(step), rows[start:stop], columns[start:stop], owner, near, rules)
    return chosen


def _twice(at: IntArray, what: IntArray) -> IntArray:
    """Scans in which something occurs twice."""
    order = np.lexsort((what, at))
    a, b = at[order], what[order]
    return np.asarray(a[1:][(a[1:] == a[:-1]) & (b[1:] == b[:-1])])


def _settle(
    chosen: IntArray,
    step: int,
    rows: IntArray,
    columns: IntArray,
    owner: IntArray,
    near: Nearness,
    rules: Rules,
) -> None:
    """Assign within one scan in which somebody has a choice."""
    from scipy.optimize import linear_sum_assignment

    truths, column = np.unique(columns, return_inverse=True)
    owners, row = np.unique(owner[rows], return_inverse=True)
    held = _held(chosen, truths, step, owner)
    reach = rules.gate.metres * rules.gate.scale
    cost = np.ones((owners.size, truths.size))
    report = np.full(cost.shape, -1, dtype=np.int64)
    share = np.minimum(near.distance[rows, columns] / max(reach, 1e-9), 0.999)
    share = np.where(held[column] == owner[rows], share * (1.0 - rules.hysteresis), share)
    cost[row, column] = share**2
    report[row, column] = rows
    for i, j in zip(*linear_sum_assignment(cost), strict=True):
        if report[i, j] >= 0:
            chosen[truths[j], step] = report[i, j]


def _held(chosen: IntArray, truths: IntArray, step: int, owner: IntArray) -> IntArray:
    """The track that each truth had last, within the memory; a number nobody has without one."""
    nobody = np.iinfo(np.int64).min
    held = np.full(truths.size, nobody, dtype=np.int64)
    for k, j in enumerate(truths):
        recent = chosen[j, max(0, step - _MEMORY) : step]
        there = np.flatnonzero(recent >= 0)
        if there.size:
            held[k] = owner[recent[there[-1]]]
    return held


def _verdicts(
    reports: Placed,
    truths: Sequence[TruthTrack],
    traffic: Sequence[TruthTrack],
    near: Nearness,
    inside: BoolArray,
    chosen: IntArray,
    declared: BoolArray,
    rules: Rules,
) -> tuple[IntArray, IntArray]:
    """What each report is, and of which truth."""
    n = len(reports)
    verdict = np.full(n, int(Verdict.FALSE), dtype=np.int64)
    truth = np.full(n, -1, dtype=np.int64)
    if truths:
        nearest = np.where(inside, near.distance, np.inf).argmin(axis=1)
        any_inside = inside.any(axis=1)
        verdict[any_inside], truth[any_inside] = int(Verdict.REDUNDANT), nearest[any_inside]
    of_truth, of_scan = np.nonzero(chosen >= 0)
    taken = chosen[of_truth, of_scan]
    verdict[taken], truth[taken] = int(Verdict.TARGET), of_truth
    is_false = verdict == Verdict.FALSE
    for other in traffic:
        at = other.at(reports.time_s).position
        reach = np.hypot(reports.position[:, 0] - at[:, 0], reports.position[:, 1] - at[:, 1])
        is_of = is_false & (reach <= rules.traffic_gate_m)
        verdict[is_of] = int(Verdict.TRAFFIC)
    is_false = verdict == Verdict.FALSE
    is_nowhere = ~np.isfinite(reports.position[:, 0]) & ~np.isfinite(reports.bearing[:, 0])
    far = np.isfinite(reports.position[:, 0]) & ~rules.volume.holds(reports.position)
    hidden = np.zeros(n)
    for one in truths:
        hidden = np.maximum(hidden, one.is_in_gap(reports.time_s))
    verdict[is_false & (is_nowhere | far | (hidden > 0))] = int(Verdict.UNSCORED)
    verdict[~declared] = int(Verdict.UNDECLARED)
    truth[~declared] = -1
    return verdict, truth


def _same_track(
    verdict: IntArray, truth: IntArray, scan: IntArray, owner: IntArray, chosen: IntArray
) -> IntArray:
    """Earlier reports that a target's own track made in the same scan are of the target too."""
    at = np.flatnonzero((verdict == Verdict.REDUNDANT) & (scan >= 0))
    holder = chosen[truth[at], scan[at]]
    own = at[(holder >= 0) & (owner[holder] == owner[at])]
    verdict[own] = int(Verdict.TARGET)
    return verdict


def _ambiguous(place: FloatArray, rules: Rules) -> BoolArray:
    """Truths that another one is nearer to than the gate, shape (truths, scans)."""
    reach = rules.gate.metres * rules.gate.scale
    out = np.zeros(place.shape[:2], dtype=np.bool_)
    for i in range(place.shape[0]):
        for j in range(i):
            apart = np.hypot(*(place[i, :, :2] - place[j, :, :2]).T)
            close = apart < reach
            out[i] |= close
            out[j] |= close
    return out
