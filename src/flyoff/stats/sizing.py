"""How many trials demonstrate a reliability, and what the plan risks for both sides.

A plan "n trials, at most k failures" demonstrates reliability R at confidence C if an item of
reliability R would pass it with probability of at most 1 - C. That protects the consumer only, so
every plan here also tells how often a *good* product fails it.

Two success-run formulas are in use; they differ by one trial. `success_run_lower` names which:
"classical" inverts the binomial, "uniform prior" starts from a Beta(1, 1) belief.

References
----------
MIL-HDBK-781A 5.9; Meeker & Escobar (1998), Statistical Methods for Reliability Data, ch. 10.
"""

import math
from dataclasses import dataclass
from typing import Literal

from flyoff.errors import StatsError
from flyoff.stats.distributions import binomial_cdf
from flyoff.stats.estimate import (
    Estimate,
    require_count,
    require_level,
    require_open_probability,
    require_probability,
)

MOST_TRIALS = 100_000_000


@dataclass(frozen=True, slots=True)
class DemonstrationPlan:
    """Fly `trials`; the requirement is met if at most `allowed_failures` fail.

    Attributes
    ----------
    trials, allowed_failures : int
    reliability, level : float
        What a pass demonstrates, and at which one-sided confidence.
    """

    trials: int
    allowed_failures: int
    reliability: float
    level: float

    def pass_probability(self, reliability: float) -> float:
        """Chance that a product of the given true reliability passes.

        Examples
        --------
        >>> round(demonstration_plan(0.90, level=0.90).pass_probability(0.95), 2)
        0.32
        """
        require_probability("reliability", reliability)
        return binomial_cdf(self.allowed_failures, self.trials, 1.0 - reliability)

    def producer_risk(self, reliability: float) -> float:
        """Chance that a product of the given true reliability fails the plan."""
        return 1.0 - self.pass_probability(reliability)


def demonstration_trials(
    reliability: float, *, level: float = 0.90, allowed_failures: int = 0
) -> int:
    """Count the trials that demonstrate `reliability` if at most `allowed_failures` fail.

    Examples
    --------
    >>> [demonstration_trials(0.90, level=0.90, allowed_failures=k) for k in range(5)]
    [22, 38, 52, 65, 78]
    """
    require_open_probability("reliability", reliability)
    require_level(level)
    require_count("allowed failures", allowed_failures)
    miss, risk = 1.0 - reliability, 1.0 - level
    low, high = allowed_failures, allowed_failures + 1
    while binomial_cdf(allowed_failures, high, miss) > risk:
        low, high = high, 2 * high
        if high > MOST_TRIALS:
            raise StatsError(f"reliability {reliability} needs more than {MOST_TRIALS} trials")
    while high - low > 1:  # the pass probability falls with every trial
        middle = (low + high) // 2
        if binomial_cdf(allowed_failures, middle, miss) > risk:
            low = middle
        else:
            high = middle
    return high


def success_run_trials(reliability: float, *, level: float = 0.90) -> int:
    """Count the trials without failure that demonstrate `reliability`, ln(1 - C) over ln R.

    Examples
    --------
    >>> success_run_trials(0.999, level=0.95)
    2995
    """
    return demonstration_trials(reliability, level=level, allowed_failures=0)


def demonstration_plan(
    reliability: float, *, level: float = 0.90, allowed_failures: int = 0
) -> DemonstrationPlan:
    """Make the smallest plan that demonstrates `reliability` with so many failures allowed.

    Examples
    --------
    >>> demonstration_plan(0.95, level=0.90, allowed_failures=1).trials
    77
    """
    trials = demonstration_trials(reliability, level=level, allowed_failures=allowed_failures)
    return DemonstrationPlan(trials, allowed_failures, reliability, level)


def two_risk_plan(
    reliability: float, good: float, *, level: float = 0.90, producer_risk: float = 0.10
) -> DemonstrationPlan:
    """Make the smallest plan that demonstrates `reliability` and seldom fails a `good` product.

    Parameters
    ----------
    reliability : float
        To be demonstrated.
    good : float
        True reliability of a product that should pass; above `reliability`.
    level : float
        One-sided confidence of the demonstration; the consumer's risk is 1 - level.
    producer_risk : float
        Largest accepted chance that the good product fails.

    Examples
    --------
    >>> plan = two_risk_plan(0.80, 0.95)
    >>> plan.trials, plan.allowed_failures
    (32, 3)
    """
    require_open_probability("good reliability", good)
    require_open_probability("producer's risk", producer_risk)
    if good <= reliability:
        raise StatsError(f"good reliability {good} is not above the required {reliability}")
    allowed = 0
    while True:
        plan = demonstration_plan(reliability, level=level, allowed_failures=allowed)
        if plan.producer_risk(good) <= producer_risk:
            return plan
        allowed += 1


def success_run_lower(
    successes: int,
    *,
    level: float = 0.90,
    formula: Literal["classical", "uniform prior"] = "classical",
) -> Estimate:
    """Lower bound on a success probability after a run of successes without a failure.

    Examples
    --------
    >>> round(success_run_lower(10, level=0.90).low, 4)
    0.7943
    >>> round(success_run_lower(10, level=0.90, formula="uniform prior").low, 4)
    0.8111
    """
    require_count("successes", successes, least=1)
    require_level(level)
    if formula not in ("classical", "uniform prior"):
        raise StatsError(f"formula {formula!r} is neither 'classical' nor 'uniform prior'")
    power = successes if formula == "classical" else successes + 1
    low = math.exp(math.log1p(-level) / power)
    return Estimate(1.0, low, 1.0, level, "lower", f"success run, {formula}", successes)
