"""Intervals that decide: by vehicle, under looking, and with what nobody knows either way.

Each end is a one-sided bound at the requirement's confidence: the lower one with everything unknown
counted as failed, the upper one with everything unknown counted as succeeded. A requirement is met
or missed only if the whole of that interval lies on one side of the limit.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from flyoff.campaign.configuration import Settings
from flyoff.campaign.flown import FAILURE, SUCCESS, UNKNOWN, Codes
from flyoff.campaign.requirement import Direction, Verdict
from flyoff.stats.clustered_bounds import clustered_bounds
from flyoff.stats.clustered_sequence import clustered_sequence
from flyoff.stats.clustering import anova_icc, clustered_proportion
from flyoff.stats.confidence_sequence import confidence_sequence
from flyoff.stats.estimate import Estimate, Sides
from flyoff.stats.proportions import clopper_pearson, jeffreys, wilson
from flyoff.units import BoolArray

#: Above this the exact sums take too long; correlation is then well measured.
LARGE = 4_000


@dataclass(frozen=True, slots=True)
class Bound:
    """Both ends of an interval, each a one-sided bound.

    Attributes
    ----------
    low, high : float
    level : float
        One-sided, of each end.
    method : str
    """

    low: float
    high: float
    level: float
    method: str

    def verdict(self, limit: float, direction: Direction) -> Verdict:
        """Decide only when the whole interval lies on one side of the limit.

        Examples
        --------
        >>> Bound(0.91, 0.99, 0.9, "…").verdict(0.90, "at_least").value
        'met'
        >>> Bound(0.85, 0.99, 0.9, "…").verdict(0.90, "at_least").value
        'undecided'
        """
        if direction == "at_least":
            if self.low >= limit:
                return Verdict.MET
            return Verdict.MISSED if self.high < limit else Verdict.UNDECIDED
        if self.high <= limit:
            return Verdict.MET
        return Verdict.MISSED if self.low > limit else Verdict.UNDECIDED


@dataclass(frozen=True, slots=True, eq=False)
class ByVehicle:
    """Successes, failures and unknowns of every vehicle.

    Attributes
    ----------
    successes, failures, unknown : int64, shape (vehicles,)
    """

    successes: Codes
    failures: Codes
    unknown: Codes

    @classmethod
    def of(cls, vehicle: Codes, result: Codes) -> "ByVehicle":
        """Count the results of sorties by vehicle; vehicles without any are left out."""
        if vehicle.size == 0:
            empty = np.zeros(0, dtype=np.int64)
            return cls(empty, empty, empty)
        size = int(vehicle.max()) + 1
        # by vehicle and result at once; the results are -1, 0 and 1
        both = np.bincount(vehicle * np.int32(3) + (result + np.int8(1)), minlength=3 * size)
        table = both.reshape(size, 3).astype(np.int64)
        counts = [table[:, what + 1] for what in (SUCCESS, FAILURE, UNKNOWN)]
        flown: BoolArray = table.sum(axis=1) > 0
        return cls(*(c[flown] for c in counts))

    @property
    def trials(self) -> Codes:
        """Of each vehicle, known or not."""
        return np.asarray(self.successes + self.failures + self.unknown)

    @property
    def totals(self) -> tuple[int, int, int]:
        """Successes, failures and unknowns of all vehicles."""
        return int(self.successes.sum()), int(self.failures.sum()), int(self.unknown.sum())


OneSided = Callable[[list[int], list[int], float, Sides], Estimate]


def bound(counts: ByVehicle, level: float, method: OneSided) -> Bound:
    """Both one-sided bounds, the unknown counted against each."""
    trials = counts.trials.tolist()
    worst = method(counts.successes.tolist(), trials, level, "lower")
    best = method((counts.successes + counts.unknown).tolist(), trials, level, "upper")
    return Bound(worst.low, best.high, level, worst.method)


def deciding(settings: Settings) -> OneSided:
    """The method that decides: valid for clusters, and for looking unless there is one look."""
    most = settings.vehicle_correlation_at_most
    return once(most) if settings.looks == "once" else any_time(most)


def once(most_icc: float) -> OneSided:
    """Bounds for one look, by vehicle."""

    def made(successes: list[int], trials: list[int], level: float, sides: Sides) -> Estimate:
        if sum(trials) > LARGE:
            return clustered_proportion(successes, trials, level=level, sides=sides).estimate
        return clustered_bounds(
            successes, trials, level=level, sides=sides, most_icc=most_icc
        ).estimate

    return made


def any_time(most_icc: float) -> OneSided:
    """Bounds that hold at every look, by vehicle."""

    def made(successes: list[int], trials: list[int], level: float, sides: Sides) -> Estimate:
        if sum(trials) > LARGE:
            x, n = effective(successes, trials, most_icc, sides)
            return confidence_sequence(x, n, level=level, sides=sides)
        return clustered_sequence(successes, trials, level=level, sides=sides, most_icc=most_icc)

    return made


def independent(successes: list[int], trials: list[int], level: float, sides: Sides) -> Estimate:
    """Clopper-Pearson, as if every sortie stood alone and nobody had looked before."""
    return clopper_pearson(sum(successes), sum(trials), level=level, sides=sides)


def by_wilson(successes: list[int], trials: list[int], level: float, sides: Sides) -> Estimate:
    """Wilson, as above."""
    return wilson(sum(successes), sum(trials), level=level, sides=sides)


def by_jeffreys(successes: list[int], trials: list[int], level: float, sides: Sides) -> Estimate:
    """Jeffreys, as above."""
    return jeffreys(sum(successes), sum(trials), level=level, sides=sides)


def independent_any_time(
    successes: list[int], trials: list[int], level: float, sides: Sides
) -> Estimate:
    """Valid at every look, but as if every sortie stood alone."""
    return confidence_sequence(sum(successes), sum(trials), level=level, sides=sides)


def design_effect(successes: list[int], trials: list[int], most_icc: float) -> tuple[float, float]:
    """Correlation within vehicles, and the factor by which it shrinks the sample.

    The correlation is NaN where the sample does not show it; the largest thought possible is then
    taken if there are fewer than two vehicles.
    """
    total = sum(trials)
    if not total:
        return math.nan, 1.0
    icc = anova_icc(successes, trials)
    size = sum(n * n for n in trials) / total
    used = most_icc if len(trials) < 2 else 0.0 if math.isnan(icc) else icc
    return icc, 1.0 + (size - 1.0) * min(max(used, 0.0), 1.0)


def effective(
    successes: list[int], trials: list[int], most_icc: float, sides: Sides = "two-sided"
) -> tuple[int, int]:
    """Successes and trials that independent trials would need to say as much.

    Rounded against whom the bound favours: down for a lower bound, up for an upper one.
    """
    _, factor = design_effect(successes, trials, most_icc)
    n = max(1, int(sum(trials) / factor))
    exact = sum(successes) / sum(trials) * n
    rounded = {"lower": math.floor, "upper": math.ceil}.get(sides, round)
    return min(n, int(rounded(exact))), n
