"""The scores of one sensor, each with its interval; definitions in docs/reference/trial-scores.md.

A score without anything to count raises `StatsError`, with the reason; it never becomes 0 or 1.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from flyoff.errors import StatsError
from flyoff.stats.classification import Confusion, confusion
from flyoff.stats.cluster_bootstrap import cluster_bootstrap
from flyoff.stats.clustered_regression import (
    ClusteredFit,
    clustered_line,
    clustered_logistic,
)
from flyoff.stats.estimate import Estimate
from flyoff.stats.order_statistics import quantile_interval
from flyoff.stats.proportions import clopper_pearson
from flyoff.stats.rates import garwood
from flyoff.stats.survival import SurvivalCurve, kaplan_meier
from flyoff.trials.following import Verdict
from flyoff.units import FloatArray, IntArray

if TYPE_CHECKING:
    from flyoff.pipeline.trial.evidence import Evidence, Pass
    from flyoff.trials.rules import Period

#: Fewest passes for which errors by cluster mean anything.
FEWEST_PASSES = 3
_HOUR = 3600.0


def passes(evidence: "Evidence", level: float) -> Estimate:
    """Share of passes with at least one declaration."""
    found = evidence.passes
    if not found:
        raise StatsError("no target was in the protected volume during a run")
    return clopper_pearson(sum(p.is_detected for p in found), len(found), level=level)


def detection_fit(evidence: "Evidence") -> ClusteredFit:
    """Log-odds of being seen in a scan, on a line over range; errors by pass."""
    o = evidence.opportunities
    if o.range_m.size == 0:
        raise StatsError("no target was in the protected volume during a run")
    return clustered_logistic(
        np.column_stack([np.ones(o.range_m.size), o.range_m]),
        o.detected.astype(np.float64),
        o.group,
    )


def detection_at(evidence: "Evidence", level: float, range_m: float) -> Estimate:
    """Chance to be seen in one scan at a range."""
    ranges = evidence.opportunities.range_m
    if ranges.size and not ranges.min() <= range_m <= ranges.max():
        raise StatsError(
            f"no target was at {range_m:g} m; they were at {ranges.min():.0f} to "
            f"{ranges.max():.0f} m"
        )
    return detection_fit(evidence).probability([1.0, range_m], level=level)


def range_of(evidence: "Evidence", p: float, level: float) -> Estimate:
    """Range at which the chance is `p`."""
    fit = detection_fit(evidence)
    if fit.coefficients[1] >= 0.0:
        raise StatsError("the chance does not fall with range")
    return fit.inverse(p, level=level)


def first_detection(evidence: "Evidence", level: float) -> SurvivalCurve:
    """Share of passes not yet declared, over the time in the volume; misses are censored."""
    if not evidence.passes:
        raise StatsError("no target was in the protected volume during a run")
    times = [p.first_s if p.is_detected else p.end_s - p.start_s for p in evidence.passes]
    return kaplan_meier(
        [max(t, 1e-3) for t in times], [p.is_detected for p in evidence.passes], level=level
    )


def time_to_detect(evidence: "Evidence", level: float, share: float = 0.5) -> Estimate:
    """Time by which a share of passes is declared."""
    return first_detection(evidence, level).quantile(share)


def range_at_first(evidence: "Evidence", level: float) -> Estimate:
    """Median range at the first declaration, coming nearer; misses are censored at the nearest."""
    found = evidence.passes
    if not found:
        raise StatsError("no target was in the protected volume during a run")
    ranges = [p.first_range_m if p.is_detected else p.closest_m for p in found]
    far = max(ranges) + 1.0
    curve = kaplan_meier([far - r for r in ranges], [p.is_detected for p in found], level=level)
    told = curve.quantile(0.5)
    value, low, high = far - told.value, max(far - told.high, 0.0), far - told.low
    return Estimate(value, min(low, value), high, level, "two-sided", told.method, told.n)


def false_tracks(
    evidence: "Evidence", level: float, within: "Sequence[Period] | None" = None
) -> Estimate:
    """False tracks per target-free hour; for sensors without track ids, false reports."""
    periods = evidence.free if within is None else within
    return rate_of(int(false_starts(evidence, periods).size), periods, level)


def rate_of(count: int, periods: "Sequence[Period]", level: float) -> Estimate:
    """A count over target-free hours."""
    hours = sum(p.hours for p in periods)
    if hours <= 0.0:
        raise StatsError("the trial has no target-free period")
    return garwood(count, hours, level=level)


def false_reports(evidence: "Evidence", level: float) -> Estimate:
    """False reports per target-free hour, however many tracks they make."""
    free = np.zeros(len(evidence.reports), dtype=np.bool_)
    for period in evidence.free:
        free |= period.holds(evidence.reports.time_s)
    wrong = free & (evidence.following.verdict == Verdict.FALSE)
    return rate_of(int(wrong.sum()), evidence.free, level)


def false_starts(evidence: "Evidence", periods: "Sequence[Period]") -> IntArray:
    """First false report in target-free time of each track that is mostly false there."""
    f, time_s = evidence.following, evidence.reports.time_s
    free = np.zeros(time_s.size, dtype=np.bool_)
    for period in periods:
        free |= period.holds(time_s)
    scored = free & (f.verdict != Verdict.UNDECLARED) & (f.verdict != Verdict.UNSCORED)
    rows = np.flatnonzero(scored)
    if not rows.size:
        return rows
    # reports without a track are each their own
    life = np.where(f.life[rows] >= 0, f.life[rows], -2 - rows)
    _, first, owner = np.unique(life, return_index=True, return_inverse=True)
    wrong = np.bincount(owner, weights=f.verdict[rows] == Verdict.FALSE)
    return np.asarray(rows[first[wrong > 0.5 * np.bincount(owner)]])


def swaps(evidence: "Evidence", level: float) -> Estimate:
    """Changes of a target's track, per hour tracked."""
    return _per_tracked_hour(evidence, sum(p.swaps for p in evidence.passes), level)


def breaks(evidence: "Evidence", level: float) -> Estimate:
    """Times that custody was lost and regained, per hour tracked."""
    return _per_tracked_hour(evidence, sum(p.breaks for p in evidence.passes), level)


def _per_tracked_hour(evidence: "Evidence", count: int, level: float) -> Estimate:
    if not evidence.has_tracks:
        raise StatsError("reports carry no track id")
    hours = sum(p.tracked_s for p in evidence.passes) / _HOUR
    if hours <= 0.0:
        raise StatsError("nothing was tracked")
    return garwood(count, hours, level=level)


def longest_share(evidence: "Evidence", level: float) -> Estimate:
    """Time with the longest unbroken track, of the time in the volume; bootstrap over passes."""
    found = evidence.passes
    if len(found) < FEWEST_PASSES:
        raise StatsError(f"{len(found)} passes, expected at least {FEWEST_PASSES}")
    part = np.array([p.longest_s for p in found])
    whole = np.array([p.end_s - p.start_s for p in found])
    return cluster_bootstrap(
        lambda rows: float(part[rows].sum() / whole[rows].sum()), len(found), level=level
    )


def bias(evidence: "Evidence", axis: str, level: float) -> Estimate:
    """Mean error along east, north or up, errors by pass."""
    e = evidence.errors
    values = {"east": e.east_m, "north": e.north_m, "up": e.up_m}[axis]
    if axis != "up" and len(evidence.clock.bias) == 2:
        # fitted together with the clock: one would else be taken for the other
        return _at_level(evidence.clock.bias[axis == "north"], level)
    return mean_by_pass(values, e.group, level)


def mean_by_pass(values: FloatArray, group: IntArray, level: float) -> Estimate:
    """Mean of what is known, errors by cluster."""
    known = np.isfinite(values)
    if not known.any():
        raise StatsError("no report of a target tells it")
    ones = np.ones((int(known.sum()), 1))
    return clustered_line(ones, values[known], group[known]).combination([1.0], level=level)


def _at_level(estimate: Estimate, level: float) -> Estimate:
    """The same estimate for another level, by Student's t of its clusters."""
    from flyoff.stats.distributions import student_quantile

    dof = max(estimate.n - 1.0, 1.0)
    told, wanted = (student_quantile((1.0 + v) / 2.0, dof) for v in (estimate.level, level))
    half = (estimate.high - estimate.low) / 2.0 * wanted / told
    value = estimate.value
    return Estimate(
        value, value - half, value + half, level, "two-sided", estimate.method, estimate.n
    )


def error_radius(evidence: "Evidence", p: float, level: float) -> Estimate:
    """Radius that holds a share of all errors in the plane; bootstrap over passes."""
    e = evidence.errors
    if e.distance_m.size == 0:
        raise StatsError("no report of a target")
    groups, owner = np.unique(e.group, return_inverse=True)
    if groups.size < FEWEST_PASSES:
        return quantile_interval(e.distance_m.tolist(), p, level=level)
    order = np.argsort(e.distance_m, kind="stable")
    errors, owner = e.distance_m[order], owner[order]

    def radius(rows: IntArray) -> float:
        """Smallest error that is not below a share of all, each as often as its pass is drawn."""
        times = np.cumsum(np.bincount(rows, minlength=groups.size)[owner])
        return float(errors[np.searchsorted(times, p * times[-1])])

    return cluster_bootstrap(radius, int(groups.size), level=level)


def latencies(evidence: "Evidence") -> FloatArray:
    """From measuring to the operator, of all reports of targets that say both [s]."""
    rows = np.flatnonzero(evidence.following.verdict == Verdict.TARGET)
    late = evidence.reports.declared_s[rows] - evidence.reports.time_s[rows]
    return np.asarray(late[np.isfinite(late)])


def latency(evidence: "Evidence", p: float, level: float) -> Estimate:
    """Quantile of the latency."""
    if evidence.clock.status == "refused":
        raise StatsError("the sensor's clock is not known")
    late = latencies(evidence)
    if not late.size:
        raise StatsError("the sensor does not say when its reports arrived")
    return quantile_interval(late.tolist(), p, level=level)


def alerts(evidence: "Evidence", level: float) -> Estimate:
    """Passes across the line with an alert before it."""
    crossed = [p for p in evidence.passes if p.line_s == p.line_s]
    if not crossed:
        raise StatsError("no line is given, or no target came across it")
    early = sum(p.alert_s <= p.line_s for p in crossed)
    return clopper_pearson(early, len(crossed), level=level)


def recall(evidence: "Evidence", level: float) -> Estimate:
    """Passes that were named rightly, of those declared."""
    declared = [p for p in evidence.passes if p.is_detected]
    if not declared:
        raise StatsError("nothing was declared")
    if all(word == "none" for word in evidence.classes):
        raise StatsError("the sensor names no class")
    right = sum(p.label == p.truth_label for p in declared)
    return clopper_pearson(right, len(declared), level=level)


def confusion_of(found: "Sequence[Pass]") -> tuple[list[str], list[list[int]], Confusion]:
    """Classes, passes by true and declared class, and the agreement."""
    if not found:
        raise StatsError("no target was in the protected volume during a run")
    names = sorted({p.truth_label for p in found} | {p.label for p in found})
    names = [n for n in names if n not in ("unknown", "none")] + ["unknown", "none"]
    table = [[0] * len(names) for _ in names]
    for one in found:
        table[names.index(one.truth_label)][names.index(one.label)] += 1
    return names, table, confusion(table)
