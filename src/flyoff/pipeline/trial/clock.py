"""What a sensor's clock is ahead of the truths', from the data, with its uncertainty or a refusal.

A report that is stamped late lies where the target no longer is: along its way, by its speed. An
offset of place lies the same way always. Both are fitted at once, so that neither is taken for the
other; a target that always flew the same way tells nothing of either, and is refused. What is found
is all that moves reports along the way: the clock, and the lag of the sensor's filter.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from flyoff.errors import StatsError
from flyoff.pipeline.trial.setup import ClockRule
from flyoff.stats.clustered_regression import ClusteredFit, clustered_line
from flyoff.stats.estimate import Estimate
from flyoff.trials.nearness import Nearness, nearness
from flyoff.trials.rules import Gate, Period
from flyoff.trials.site import Placed
from flyoff.trials.truth import TruthTrack
from flyoff.units import BoolArray, FloatArray, IntArray, Seconds

_SAMPLE: Final = 1500
_FEWEST: Final = 20
_ROUNDS: Final = 6
#: Without so many passes, passes are cut into pieces that stand for clusters [s].
_FEW_PASSES, _PIECE_S = 6, 30.0
#: A drift is believed beyond this many standard errors.
_DRIFT_T: Final = 4.0
#: Another offset that fits nearly as well: by less than this share of the gain.
_RIVAL: Final = 0.15


@dataclass(frozen=True, slots=True, eq=False)
class Clock:
    """What was found of a sensor's clock.

    Attributes
    ----------
    status : str
        ``estimated``, ``trusted`` or ``refused``.
    offset : Estimate or None
        What the sensor's clock is ahead [s], at `at_s`.
    drift : Estimate or None
        Change of the offset [s/h]; None where none is believed.
    bias : tuple of Estimate
        Offset of place that was fitted beside: east, north [m].
    at_s : float [s, UNIX UTC]
    matched : int
        Reports that the fit rests on.
    because : str
        Why it was refused, or what to know.
    hints : tuple of str
        What is suspected.
    """

    status: str
    offset: Estimate | None = None
    drift: Estimate | None = None
    bias: tuple[Estimate, ...] = ()
    at_s: Seconds = 0.0
    matched: int = 0
    because: str = ""
    hints: tuple[str, ...] = field(default=())

    def corrected(self, time_s: FloatArray) -> FloatArray:
        """Times on the truths' clock."""
        if self.offset is None:
            return time_s
        drift = self.drift.value / 3600.0 if self.drift else 0.0
        return time_s - self.offset.value - drift * (time_s - self.at_s)


def align(
    reports: Placed,
    truths: Sequence[TruthTrack],
    runs: Sequence[Period],
    sensor: FloatArray,
    gate: Gate,
    rule: ClockRule,
    *,
    level: float,
) -> Clock:
    """Find a sensor's clock.

    Parameters
    ----------
    reports : Placed
    truths : sequence of TruthTrack
    runs : sequence of Period
        Passes are clusters: reports of one are not independent.
    sensor : float64, shape (3,) [m]
    gate : Gate
    rule : ClockRule
    level : float
    """
    if rule.mode == "trusted":
        half = 1.645 * rule.uncertainty_s
        told = (rule.offset_s, rule.offset_s - half, rule.offset_s + half)
        offset = Estimate(*told, 0.90, "two-sided", "as told", 0)
        return Clock("trusted", offset, because="the trial says so")
    inside = _in_runs(reports, runs, rule)
    if inside.sum() < _FEWEST:
        return Clock(
            "refused", because=f"{int(inside.sum())} reports in the runs, expected {_FEWEST}"
        )
    start, rival = _coarse(taken(reports, inside), truths, sensor, gate, rule)
    if rival is not None:
        text = f"offsets of {start:+.2f} s and {rival:+.2f} s fit about equally well"
        return Clock("refused", because=text)
    return _refined(taken(reports, inside), truths, runs, sensor, gate, rule, start, level)


def _in_runs(reports: Placed, runs: Sequence[Period], rule: ClockRule) -> BoolArray:
    inside = np.zeros(len(reports), dtype=np.bool_)
    for run in runs:
        slack = rule.search_s + abs(rule.offset_s)
        inside |= (reports.time_s > run.start_s - slack) & (reports.time_s < run.end_s + slack)
    return inside


def taken(reports: Placed, which: BoolArray | IntArray) -> Placed:
    """Some of the reports; labels are left behind."""
    columns = ("time_s", "declared_s", "position", "velocity", "covariance", "bearing", "spread")
    some = {name: getattr(reports, name)[which] for name in (*columns, "track", "ends")}
    return replace(reports, labels=(), **some)


def _coarse(
    reports: Placed,
    truths: Sequence[TruthTrack],
    sensor: FloatArray,
    gate: Gate,
    rule: ClockRule,
) -> tuple[float, float | None]:
    """The offset that brings reports nearest, and another that does nearly as well."""
    step = max(1, len(reports) // _SAMPLE)
    some = taken(reports, np.arange(0, len(reports), step))
    speeds = np.concatenate(
        [np.hypot(*np.gradient(t.position[:, :2], t.time_s, axis=0).T) for t in truths]
    )
    fast = float(np.nanpercentile(speeds, 90)) if speeds.size else 0.0
    apart = min(max(0.7 * gate.metres / max(fast, 1.0), 0.1), 5.0)
    count = min(math.ceil(rule.search_s / apart), 600)
    offsets = rule.offset_s + np.arange(-count, count + 1) * apart
    cost = np.array([misfit(some, truths, sensor, gate, o) for o in offsets])
    best = int(cost.argmin())
    gain = float(np.median(cost) - cost[best])
    far = np.abs(np.arange(cost.size) - best) > 4
    lows = np.flatnonzero(far & (cost <= cost[best] + _RIVAL * gain))
    is_flat = gain < 0.02 or not lows.size
    return float(offsets[best]), None if is_flat else float(offsets[lows[cost[lows].argmin()]])


def misfit(
    reports: Placed, truths: Sequence[TruthTrack], sensor: FloatArray, gate: Gate, offset_s: float
) -> float:
    """Mean cost of reports at an offset: 0 on a truth, 1 beyond twice the gate of all."""
    near = nearness(replace(reports, time_s=reports.time_s - offset_s), truths, sensor)
    nearest = near.distance.min(axis=1, initial=np.inf)
    return float(np.square(np.minimum(nearest / (2.0 * gate.metres), 1.0)).mean())


def _refined(
    reports: Placed,
    truths: Sequence[TruthTrack],
    runs: Sequence[Period],
    sensor: FloatArray,
    gate: Gate,
    rule: ClockRule,
    start: float,
    level: float,
) -> Clock:
    offset, slope, at_s = start, 0.0, float(np.median(reports.time_s))
    with_drift = rule.drift == "linear"
    fit, matched = None, 0
    for _ in range(_ROUNDS):
        since = reports.time_s - at_s
        moved = replace(reports, time_s=reports.time_s - offset - slope * since)
        near = nearness(moved, truths, sensor)
        try:
            fit, matched = _fitted(near, moved, since, truths, runs, gate, with_drift)
        except StatsError as problem:
            return Clock("refused", at_s=at_s, because=f"{problem}")
        change = float(fit.coefficients[2])
        offset += change
        if with_drift:
            slope += float(fit.coefficients[3])
        elif rule.drift == "auto" and abs(change) < 1e-3:
            trial, _ = _attempt(near, moved, since, truths, runs, gate)
            if trial is None or not _is_drifting(trial):
                break
            with_drift = True
            continue
        if abs(change) < 1e-4:
            break
    assert fit is not None
    return _told(fit, offset, slope if with_drift else None, at_s, matched, rule, level)


def _attempt(
    near: Nearness,
    moved: Placed,
    since: FloatArray,
    truths: Sequence[TruthTrack],
    runs: Sequence[Period],
    gate: Gate,
) -> tuple[ClusteredFit | None, int]:
    try:
        return _fitted(near, moved, since, truths, runs, gate, True)
    except StatsError:
        return None, 0


def _is_drifting(fit: ClusteredFit) -> bool:
    se = math.sqrt(float(fit.covariance[3, 3]))
    return fit.clusters >= _FEW_PASSES and abs(float(fit.coefficients[3])) > _DRIFT_T * se


def _told(
    fit: ClusteredFit,
    offset: float,
    slope: float | None,
    at_s: float,
    matched: int,
    rule: ClockRule,
    level: float,
) -> Clock:
    shift = fit.combination(_unit(fit, 2), level=level)
    half = (shift.high - shift.low) / 2.0
    if half > rule.most_uncertainty_s:
        text = (
            f"the offset is known to ± {half:.2g} s only (limit {rule.most_uncertainty_s:g} s): "
            "the target hardly changed its direction or speed"
        )
        return Clock("refused", at_s=at_s, matched=matched, because=text)
    told = Estimate(offset, offset - half, offset + half, level, "two-sided", shift.method, shift.n)
    drift = None
    if slope is not None:
        d = fit.combination(_unit(fit, 3), level=level)
        spread = (d.high - d.low) / 2.0
        hourly = [3600.0 * v for v in (slope, slope - spread, slope + spread)]
        drift = Estimate(hourly[0], hourly[1], hourly[2], level, "two-sided", d.method, d.n)
    bias = tuple(fit.combination(_unit(fit, k), level=level) for k in (0, 1))
    return Clock("estimated", told, drift, bias, at_s, matched)


def _unit(fit: ClusteredFit, which: int) -> list[float]:
    return [float(k == which) for k in range(fit.coefficients.size)]


def _fitted(
    near: Nearness,
    moved: Placed,
    since: FloatArray,
    truths: Sequence[TruthTrack],
    runs: Sequence[Period],
    gate: Gate,
    with_drift: bool,
) -> tuple[ClusteredFit, int]:
    """Offsets of place and time together, from reports in the gate of exactly one truth."""
    inside = near.within(gate) & np.isfinite(moved.position[:, :1])
    rows = np.flatnonzero(inside.sum(axis=1) == 1)
    if rows.size < _FEWEST:
        raise StatsError(
            f"{rows.size} reports lie in the gate of a truth, expected at least {_FEWEST}"
        )
    truth = inside[rows].argmax(axis=1)
    residual = near.residual[rows, truth, :2]
    velocity = np.empty((rows.size, 2))
    for j in np.unique(truth):
        own = truth == j
        velocity[own] = truths[j].at(moved.time_s[rows[own]]).velocity[:, :2]
    ones, none = np.ones(rows.size), np.zeros(rows.size)
    columns = [
        np.concatenate([ones, none]),
        np.concatenate([none, ones]),
        -np.concatenate([velocity[:, 0], velocity[:, 1]]),
    ]
    if with_drift:
        columns.append(columns[2] * np.tile(since[rows], 2))
    groups = passes(moved.time_s[rows], truth, runs)
    values = np.concatenate([residual[:, 0], residual[:, 1]])
    design = np.column_stack(columns)
    scale = np.maximum(np.abs(design).max(axis=0), 1e-9)
    if np.linalg.cond(design / scale) > 1e6:
        raise StatsError("the target flew one way at one speed: an offset of time looks like place")
    return clustered_line(design, values, np.tile(groups, 2)), int(rows.size)


def passes(time_s: FloatArray, truth: IntArray, runs: Sequence[Period]) -> IntArray:
    """Cluster of each report: its run and target; pieces of them where there are few."""
    run = np.full(time_s.size, -1, dtype=np.int64)
    for index, period in enumerate(runs):
        run[period.holds(time_s)] = index
    groups = run * 1000 + truth
    if np.unique(groups).size >= _FEW_PASSES:
        return groups
    return groups * 1_000_000 + (time_s // _PIECE_S).astype(np.int64) % 1_000_000
