"""Test plans for a mean time between failures: fixed duration, and sequential truncation.

theta1 is the mean time to be rejected, theta0 the one to be accepted, d = theta0 / theta1 the
discrimination ratio.

The sequential lines are those of the probability ratio
(theta0/theta1)^r exp(-(1/theta1 - 1/theta0) T): accept when r <= a + b T, reject when r >= c + b T.
MIL-HDBK-781A misprints the ratio upside down, and credits the truncation to Epstein and Sobel; it
is Epstein (1954).

References
----------
MIL-HDBK-781A 5.9. Epstein (1954), Ann. Math. Statist. 25:555.
"""

import math
from dataclasses import dataclass

from flyoff.errors import StatsError
from flyoff.stats.distributions import chi2_quantile, poisson_cdf
from flyoff.stats.estimate import require_count, require_open_probability, require_positive

MOST_FAILURES = 100_000


@dataclass(frozen=True, slots=True)
class FixedDurationPlan:
    """Test for a fixed time; accept if at most so many failures occur.

    Attributes
    ----------
    duration : float [theta1]
        Total test time in units of the mean time to be rejected.
    accept_at_most : int
    ratio : float
        Discrimination ratio theta0 / theta1.
    """

    duration: float
    accept_at_most: int
    ratio: float

    def __post_init__(self) -> None:
        require_positive("duration", self.duration)
        require_count("failures accepted", self.accept_at_most)
        _require_ratio(self.ratio)

    @property
    def consumer_risk(self) -> float:
        """Chance that a product of mean time theta1 is accepted.

        Examples
        --------
        >>> round(FixedDurationPlan(21.5, 17, 1.5).consumer_risk, 3)
        0.196
        """
        return self.accept_probability(1.0)

    @property
    def producer_risk(self) -> float:
        """Chance that a product of mean time theta0 is rejected."""
        return 1.0 - self.accept_probability(self.ratio)

    def accept_probability(self, mean_time: float) -> float:
        """Chance of acceptance at a true mean time, in units of theta1."""
        require_positive("mean time", mean_time)
        return poisson_cdf(self.accept_at_most, self.duration / mean_time)


@dataclass(frozen=True, slots=True)
class TruncatedExponentialPlan:
    """Lines and truncation of a sequential test of a mean time between failures.

    Attributes
    ----------
    truncation_failures : int
        Reject at the latest with this failure: r0.
    truncation_time : float [unit of theta]
        Accept at the latest after this total time: T0.
    accept_intercept, slope, reject_intercept : float
        a, b and c of the lines r = a + b T and r = c + b T.
    """

    truncation_failures: int
    truncation_time: float
    accept_intercept: float
    slope: float
    reject_intercept: float


def truncation_failures(
    theta0: float, theta1: float, *, producer_risk: float, consumer_risk: float
) -> int:
    """Find the fewest failures at which a plan of fixed failures meets both risks (r0).

    Examples
    --------
    >>> truncation_failures(10_000, 2_000, producer_risk=0.05, consumer_risk=0.05)
    5
    """
    _require_thetas(theta0, theta1)
    require_open_probability("producer's risk", producer_risk)
    require_open_probability("consumer's risk", consumer_risk)
    for r in range(1, MOST_FAILURES):
        low = chi2_quantile(producer_risk, 2 * r)
        high = chi2_quantile(1.0 - consumer_risk, 2 * r)
        if low / high >= theta1 / theta0:
            return r
    raise StatsError(f"ratio {theta0 / theta1:g} needs more than {MOST_FAILURES} failures")


def truncated_exponential_plan(
    theta0: float, theta1: float, *, producer_risk: float, consumer_risk: float
) -> TruncatedExponentialPlan:
    """Make the sequential plan of MIL-HDBK-781A 5.9.5, truncated after Epstein.

    Examples
    --------
    >>> plan = truncated_exponential_plan(200, 100, producer_risk=0.1, consumer_risk=0.1)
    >>> plan.truncation_failures, round(plan.truncation_time, 1)
    (15, 2059.9)
    """
    r0 = truncation_failures(
        theta0, theta1, producer_risk=producer_risk, consumer_risk=consumer_risk
    )
    ratio = theta0 / theta1
    upper = (1.0 - consumer_risk) * (ratio + 1.0) / (2.0 * producer_risk * ratio)
    lower = consumer_risk / (1.0 - producer_risk)
    return TruncatedExponentialPlan(
        truncation_failures=r0,
        truncation_time=theta0 * chi2_quantile(producer_risk, 2 * r0) / 2.0,
        accept_intercept=math.log(lower) / math.log(ratio),
        slope=(1.0 / theta1 - 1.0 / theta0) / math.log(ratio),
        reject_intercept=math.log(upper) / math.log(ratio),
    )


@dataclass(frozen=True, slots=True)
class DurationPlan:
    """Test for `duration`; accept if at most `accept_at_most` failures occur.

    Attributes
    ----------
    duration : float [unit of the mean times]
        Total over all vehicles.
    accept_at_most : int
    consumer_risk, producer_risk : float
        Exact risks of this plan at the required and at the designed mean time.
    """

    duration: float
    accept_at_most: int
    consumer_risk: float
    producer_risk: float


def duration_plan(
    required: float,
    designed: float,
    *,
    consumer_risk: float,
    producer_risk: float,
    step_back: bool = False,
) -> DurationPlan:
    """Find the shortest test that demonstrates a mean time and seldom fails a better product.

    Parameters
    ----------
    required : float
        Mean time between failures that a pass demonstrates.
    designed : float
        Mean time of a product that should pass.
    consumer_risk, producer_risk : float
        Largest chance that a product of `required` passes, that one of `designed` fails.
    step_back : bool
        Allow one failure fewer than both risks need, as the `reliability` package does: shorter,
        and its producer's risk is then slightly above the one asked for.

    Examples
    --------
    >>> plan = duration_plan(2500, 3000, consumer_risk=0.2, producer_risk=0.2, step_back=True)
    >>> round(plan.duration), round(plan.producer_risk, 4)
    (231616, 0.2015)
    """
    _require_thetas(designed, required)
    require_open_probability("consumer's risk", consumer_risk)
    require_open_probability("producer's risk", producer_risk)
    for allowed in range(MOST_FAILURES):
        plan = _duration_plan(required, designed, consumer_risk, allowed)
        if plan.producer_risk < producer_risk:
            if step_back and allowed:
                return _duration_plan(required, designed, consumer_risk, allowed - 1)
            return plan
    raise StatsError(f"ratio {designed / required:g} needs more than {MOST_FAILURES} failures")


def _duration_plan(
    required: float, designed: float, consumer_risk: float, allowed: int
) -> DurationPlan:
    duration = required * chi2_quantile(1.0 - consumer_risk, 2 * allowed + 2) / 2.0
    fails = 1.0 - poisson_cdf(allowed, duration / designed)
    return DurationPlan(duration, allowed, consumer_risk, fails)


def _require_thetas(theta0: float, theta1: float) -> None:
    require_positive("theta0", theta0)
    require_positive("theta1", theta1)
    _require_ratio(theta0 / theta1)


def _require_ratio(ratio: float) -> None:
    if not (math.isfinite(ratio) and ratio > 1.0):
        raise StatsError(f"discrimination ratio {ratio:g} is not above 1")
