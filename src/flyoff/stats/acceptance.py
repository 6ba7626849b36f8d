"""What a sampling plan does: operating characteristic, protection, and plans for given risks.

Binomial where a process is judged (or the lot is large), hypergeometric for one isolated lot - the
right one for a small purchase -, Poisson for defects per item or as an approximation.

References
----------
Schilling & Neubauer (2017), Acceptance Sampling in Quality Control. 7 CFR 42.140.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from flyoff.errors import StatsError
from flyoff.stats.distributions import (
    beta_quantile,
    binomial_cdf,
    binomial_pmf,
    hypergeometric_pmf,
    poisson_cdf,
)
from flyoff.stats.estimate import (
    require_count,
    require_open_probability,
    require_probability,
)
from flyoff.stats.sizing import demonstration_trials


def binomial(n: int, accept: int, defective: float) -> float:
    """Chance that a plan accepts product of a given share of defectives.

    Examples
    --------
    >>> round(binomial(200, 5, 0.03), 4)
    0.4432
    """
    _require_plan(n, accept)
    require_probability("share of defectives", defective)
    return binomial_cdf(accept, n, defective)


def poisson(n: int, accept: int, defects: float) -> float:
    """Chance that a plan accepts product of so many defects per item."""
    _require_plan(n, accept)
    if not defects >= 0.0:
        raise StatsError(f"defects per item {defects:g} is below 0")
    return poisson_cdf(accept, n * defects)


def hypergeometric(lot_size: int, n: int, accept: int, defectives: int) -> float:
    """Chance that a plan accepts one lot with so many defective items; exact.

    Examples
    --------
    >>> round(hypergeometric(50, 13, 0, 5), 4)
    0.2057
    """
    _require_plan(n, accept)
    require_count("lot size", lot_size, least=1)
    require_count("defectives", defectives)
    if defectives > lot_size or n > lot_size:
        raise StatsError(
            f"{defectives} defectives or a sample of {n} exceed the lot of {lot_size} items"
        )
    pmf = hypergeometric_pmf(lot_size, defectives, n)
    return min(1.0, float(pmf[: accept + 1].sum()))


def limiting_quality(n: int, accept: int, *, risk: float = 0.10) -> float:
    """Share of defectives that a plan accepts with the given small chance only (LTPD).

    Examples
    --------
    >>> round(limiting_quality(200, 5), 4)
    0.0459
    """
    _require_plan(n, accept)
    require_open_probability("consumer's risk", risk)
    return beta_quantile(1.0 - risk, accept + 1, n - accept) if accept < n else 1.0


def limiting_defectives(lot_size: int, n: int, accept: int, *, risk: float = 0.10) -> int:
    """Fewest defectives in one lot that the plan accepts with at most the given chance.

    One more than the lot holds if even a wholly defective lot is accepted more often.

    Examples
    --------
    >>> limiting_defectives(50, 13, 0)
    8
    """
    require_open_probability("consumer's risk", risk)
    low, high = 0, lot_size + 1
    while high - low > 1:
        middle = (low + high) // 2
        if hypergeometric(lot_size, n, accept, middle) <= risk:
            high = middle
        else:
            low = middle
    return high


def zero_acceptance_sample(lot_size: int, defectives: int, *, risk: float = 0.10) -> int:
    """Smallest sample without a defective that passes a lot of so many with at most `risk`.

    Examples
    --------
    >>> zero_acceptance_sample(50, 5, risk=0.10)
    18
    """
    require_count("defectives", defectives, least=1)
    require_open_probability("consumer's risk", risk)
    if defectives > lot_size:
        raise StatsError(f"{defectives} defectives exceed the lot of {lot_size} items")
    low, high = 0, lot_size - defectives + 1  # the largest sample must hit a defective
    while high - low > 1:
        middle = (low + high) // 2
        if hypergeometric(lot_size, middle, 0, defectives) <= risk:
            high = middle
        else:
            low = middle
    return high


@dataclass(frozen=True, slots=True)
class SamplingPlan:
    """A single plan, with what it does at the two points that define its risks.

    Attributes
    ----------
    n, accept : int
    accepts_good, accepts_bad : float
        Chance of acceptance at the producer's and at the consumer's point.
    meets : bool
        Whether both risks are kept.
    """

    n: int
    accept: int
    accepts_good: float
    accepts_bad: float
    meets: bool


@dataclass(frozen=True, slots=True)
class RiskPoint:
    """A share of defectives and the chance of acceptance wanted there."""

    defective: float
    accept_probability: float

    def __post_init__(self) -> None:
        require_open_probability("share of defectives", self.defective)
        require_open_probability("chance of acceptance", self.accept_probability)


def assess(n: int, accept: int, producer: RiskPoint, consumer: RiskPoint) -> SamplingPlan:
    """Tell whether a plan keeps both risks: at least the one chance, at most the other.

    Examples
    --------
    >>> assess(80, 7, RiskPoint(0.05, 0.95), RiskPoint(0.15, 0.075)).meets
    True
    """
    good = binomial(n, accept, producer.defective)
    bad = binomial(n, accept, consumer.defective)
    meets = good >= producer.accept_probability and bad <= consumer.accept_probability
    return SamplingPlan(n, accept, good, bad, meets)


def find_plan(producer: RiskPoint, consumer: RiskPoint) -> SamplingPlan:
    """Find the smallest single plan that keeps both risks (binomial).

    Examples
    --------
    >>> plan = find_plan(RiskPoint(0.05, 0.95), RiskPoint(0.15, 0.075))
    >>> plan.n, plan.accept
    (80, 7)
    """
    if producer.defective >= consumer.defective:
        raise StatsError(
            f"good quality {producer.defective:g} is not below the bad {consumer.defective:g}"
        )
    if producer.accept_probability <= consumer.accept_probability:
        raise StatsError("the producer's chance of acceptance is not above the consumer's")
    accept = 0
    while True:
        n = demonstration_trials(
            1.0 - consumer.defective,
            level=1.0 - consumer.accept_probability,
            allowed_failures=accept,
        )
        plan = assess(n, accept, producer, consumer)
        if plan.meets:
            return plan
        accept += 1


@dataclass(frozen=True, slots=True)
class Stage:
    """One sample of a multiple plan; numbers refer to all samples so far together."""

    n: int
    accept: int
    reject: int


def multiple_sampling(stages: Sequence[Stage], defective: float) -> float:
    """Chance that a double or multiple plan accepts (binomial).

    The last stage must decide: its rejection number is one above its acceptance number.

    Examples
    --------
    >>> round(multiple_sampling([Stage(8, 0, 2), Stage(8, 1, 2)], 0.05), 4)
    0.8487
    """
    require_probability("share of defectives", defective)
    if not stages or stages[-1].reject != stages[-1].accept + 1:
        raise StatsError("the last sample of a multiple plan must accept or reject")
    open_chance = np.array([1.0])  # by defectives so far
    accepted = 0.0
    for stage in stages:
        require_count("sample size", stage.n, least=1)
        if not stage.accept < stage.reject:
            raise StatsError(f"acceptance number {stage.accept} is not below {stage.reject}")
        total = np.convolve(open_chance, binomial_pmf(stage.n, defective))
        accepted += float(total[: max(stage.accept + 1, 0)].sum())
        total[: max(stage.accept + 1, 0)] = 0.0
        open_chance = total[: stage.reject]
    return min(1.0, accepted)


def _require_plan(n: int, accept: int) -> None:
    require_count("sample size", n, least=1)
    require_count("acceptance number", accept)
