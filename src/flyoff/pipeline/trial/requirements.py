"""What can be required of a sensor, and the verdict: from the same intervals that are printed."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from flyoff.campaign.requirement import Verdict
from flyoff.errors import StatsError
from flyoff.pipeline.trial import counts
from flyoff.stats.estimate import Estimate

if TYPE_CHECKING:
    from flyoff.pipeline.trial.evidence import Evidence
    from flyoff.pipeline.trial.setup import TrialRequirement

Count = Callable[["Evidence", float, float], Estimate]


@dataclass(frozen=True, slots=True)
class Measure:
    """A score that can be required: its unit, how it is counted, and the function."""

    unit: str
    about: str
    count: Count


MEASURES: Final[dict[str, Measure]] = {
    "detection_probability": Measure(
        "", "passes with at least one declaration", lambda e, level, _: counts.passes(e, level)
    ),
    "detection_probability_at": Measure(
        "", "chance to be seen in one scan at range_m", counts.detection_at
    ),
    "r50_m": Measure("m", "range of half the chance", lambda e, v, _: counts.range_of(e, 0.5, v)),
    "r90_m": Measure("m", "range of 90 % chance", lambda e, v, _: counts.range_of(e, 0.9, v)),
    "time_to_detect_s": Measure(
        "s",
        "median from entering the volume to the first declaration",
        lambda e, v, _: counts.time_to_detect(e, v),
    ),
    "false_tracks_per_hour": Measure(
        "1/h", "in target-free time", lambda e, v, _: counts.false_tracks(e, v)
    ),
    "id_swaps_per_hour": Measure("1/h", "of tracked time", lambda e, v, _: counts.swaps(e, v)),
    "breaks_per_hour": Measure("1/h", "of tracked time", lambda e, v, _: counts.breaks(e, v)),
    "position_error_r95_m": Measure(
        "m", "95 % of all errors in the plane", lambda e, v, _: counts.error_radius(e, 0.95, v)
    ),
    "latency_p95_s": Measure(
        "s", "from measuring to the operator", lambda e, v, _: counts.latency(e, 0.95, v)
    ),
    "alert_before_line": Measure(
        "", "passes across the line with an alert before", lambda e, v, _: counts.alerts(e, v)
    ),
    "classification_recall": Measure(
        "", "passes named rightly, of those declared", lambda e, v, _: counts.recall(e, v)
    ),
}


@dataclass(frozen=True, slots=True)
class Judged:
    """One requirement of one sensor.

    Attributes
    ----------
    estimate : Estimate or None
        Two-sided, of a level whose ends are one-sided bounds at the requirement's confidence.
    """

    requirement: "TrialRequirement"
    sensor: str
    verdict: Verdict
    because: str
    estimate: Estimate | None


def judge(one: "TrialRequirement", evidence: "Evidence") -> Judged:
    """Decide only where the whole interval lies on one side of the limit."""
    name = evidence.data.setup.name
    try:
        level = round(2.0 * one.confidence - 1.0, 12)
        estimate = MEASURES[one.measure].count(evidence, level, one.range_m)
    except StatsError as problem:
        return Judged(one, name, Verdict.UNDECIDED, f"not known: {problem}", None)
    if math.isnan(estimate.low) or math.isnan(estimate.high):
        return Judged(one, name, Verdict.UNDECIDED, "the interval has no end", estimate)
    wants_much = one.direction == "at_least"
    safe, hopeless = (
        (estimate.low >= one.limit, estimate.high < one.limit)
        if wants_much
        else (estimate.high <= one.limit, estimate.low > one.limit)
    )
    verdict = Verdict.MET if safe else Verdict.MISSED if hopeless else Verdict.UNDECIDED
    side = "on the right side of" if safe else "beyond" if hopeless else "across"
    return Judged(one, name, verdict, f"the interval lies {side} the limit", estimate)


def judge_all(
    requirements: Sequence["TrialRequirement"], evidences: Sequence["Evidence"]
) -> list[Judged]:
    """Every requirement of every sensor that it concerns."""
    return [
        judge(one, evidence)
        for one in requirements
        for evidence in evidences
        if not one.sensors or evidence.data.setup.name in one.sensors
    ]
