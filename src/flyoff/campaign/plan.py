"""How many sorties a requirement needs: fixed, zero-failure and sequential plans side by side."""

import math
from dataclasses import dataclass

from flyoff.campaign.further import verdict_at_any_time
from flyoff.campaign.requirement import Requirement, Verdict
from flyoff.errors import CampaignError
from flyoff.stats.distributions import binomial_cdf
from flyoff.stats.mtbf import length_factor
from flyoff.stats.sequential import Sprt
from flyoff.stats.sizing import DemonstrationPlan, demonstration_plan, two_risk_plan

PRODUCER_RISK = 0.10
#: True shares at which the power is told, between the limit and certainty.
_STEPS = 6
#: A sequential plan ends at the latest after so many times the fixed plan.
_TRUNCATION = 1.5
_ANY_TIME_MOST = 400


@dataclass(frozen=True, slots=True)
class PowerPoint:
    """What a plan does to a product of one true share (or mean time).

    Attributes
    ----------
    truth : float
    met : float
        Chance of being found to meet the requirement.
    expected : float
        Sorties (or hours) that it takes on average.
    """

    truth: float
    met: float
    expected: float


@dataclass(frozen=True, slots=True)
class Plan:
    """One way to fly it.

    Attributes
    ----------
    kind : str
        ``fixed``, ``zero-failure``, ``sequential`` or ``any time``.
    says : str
        The rule, in words.
    most : float
        Sorties (or hours) at most.
    allowed_failures : int or None
    consumer_risk, producer_risk : float
        At the limit, and at the good truth; exact.
    power : tuple of PowerPoint
    """

    kind: str
    says: str
    most: float
    allowed_failures: int | None
    consumer_risk: float
    producer_risk: float
    power: tuple[PowerPoint, ...]


@dataclass(frozen=True, slots=True)
class Planned:
    """All plans for one requirement.

    Attributes
    ----------
    requirement, says : str
    limit, good, confidence : float
    unit : str
        ``sorties`` or ``hours``.
    design_effect : float
        By which sorties are multiplied for the resemblance of sorties of one vehicle.
    plans : tuple of Plan
        In independent sorties.
    note : str
    """

    requirement: str
    says: str
    limit: float
    good: float
    confidence: float
    unit: str
    design_effect: float
    plans: tuple[Plan, ...]
    note: str


def plan_requirement(
    requirement: Requirement,
    *,
    producer: float = PRODUCER_RISK,
    vehicles: int = 1,
    icc: float = 0.0,
) -> Planned:
    """Plan for one requirement.

    Parameters
    ----------
    requirement : Requirement
        Its `good` is the truth at which the producer's risk holds; half-way to certainty without.
    producer : float
        Largest chance that a good product is not found to meet it.
    vehicles : int
        Among which the sorties are spread.
    icc : float
        Correlation expected between sorties of one vehicle.

    Raises
    ------
    CampaignError
        For a share that must not be exceeded, which is planned by its complement.
    """
    if requirement.definition.form in ("hours", "rate"):
        return _hours(requirement, producer)
    limit = requirement.share_within
    if requirement.definition.form == "share" and requirement.direction == "at_most":
        raise CampaignError(
            f"requirement {requirement.id!r}: plan a share that must not be exceeded by its "
            f"complement, at_least {1 - limit:g}"
        )
    is_share = requirement.definition.form == "share"
    good = requirement.good if requirement.good is not None and is_share else (1.0 + limit) / 2.0
    if not limit < good < 1.0:
        raise CampaignError(
            f"requirement {requirement.id!r}: good {good:g} is not between {limit:g} and 1"
        )
    level = requirement.confidence
    fixed = two_risk_plan(limit, good, level=level, producer_risk=producer)
    zero = demonstration_plan(limit, level=level)
    plans = (
        _fixed("zero-failure", zero, limit, good),
        _fixed("fixed", fixed, limit, good),
        _sequential(limit, good, level, producer, fixed),
        _any_time(limit, good, level),
    )
    effect, note = _clustered(fixed.trials, vehicles, icc)
    return Planned(
        requirement.id, requirement.says, limit, good, level, "sorties", effect, plans, note
    )


def _clustered(trials: int, vehicles: int, icc: float) -> tuple[float, str]:
    """Design effect that makes up for itself: more sorties mean more of each vehicle."""
    if not icc:
        return 1.0, "in independent sorties; those of one vehicle resemble each other and need more"
    # n = trials * (1 + (n / vehicles - 1) * icc), solved for n
    share = trials * icc / vehicles
    if share >= 1.0:
        least = math.floor(trials * icc) + 1
        return math.inf, (
            f"no number of sorties is enough with {vehicles} vehicles and a correlation of "
            f"{icc:g}: at least {least} vehicles are needed"
        )
    effect = max(1.0, (1.0 - icc) / (1.0 - share))
    return effect, (
        f"in independent sorties; {vehicles} vehicles with a correlation of {icc:g} need about "
        f"{effect:.2g} times as many ({math.ceil(trials * effect)} for the fixed plan)"
    )


def _truths(limit: float, good: float) -> list[float]:
    step = (1.0 - limit) / _STEPS
    between = [limit + step * i for i in range(_STEPS)]
    return sorted({round(t, 6) for t in [*between, good]})


def _fixed(kind: str, plan: DemonstrationPlan, limit: float, good: float) -> Plan:
    power = tuple(
        PowerPoint(t, plan.pass_probability(t), float(plan.trials)) for t in _truths(limit, good)
    )
    says = f"fly {plan.trials}; met with at most {plan.allowed_failures} failures"
    return Plan(
        kind,
        says,
        plan.trials,
        plan.allowed_failures,
        plan.pass_probability(limit),
        plan.producer_risk(good),
        power,
    )


def _sequential(
    limit: float, good: float, level: float, producer: float, fixed: DemonstrationPlan
) -> Plan:
    """Wald's test, cut off; the number accepted there is the largest that keeps the risk."""
    sprt = Sprt(1.0 - good, 1.0 - limit, producer, 1.0 - level)
    most = round(_TRUNCATION * fixed.trials)
    accept = max(sprt.accept_number(most) or 0, 0)
    while accept > 0 and binomial_cdf(accept, most, 1.0 - limit) > 1.0 - level:
        accept -= 1
    test = sprt.truncated(most, accept)
    power = tuple(
        PowerPoint(t, at.accept_probability, at.expected_trials)
        for t in _truths(limit, good)
        for at in [test.operating_point(1.0 - t)]
    )
    first = next(n for n in range(1, most + 1) if sprt.accept_number(n) is not None)
    says = (
        f"after each sortie: met with at most {sprt.slope:.4f} n - {sprt.accept_offset:.3f} "
        f"failures (first after {first} without any), missed with at least {sprt.slope:.4f} n + "
        f"{sprt.reject_offset:.3f}; after {most} met with at most {accept}"
    )
    return Plan(
        "sequential",
        says,
        most,
        accept,
        test.operating_point(1.0 - limit).accept_probability,
        1.0 - test.operating_point(1.0 - good).accept_probability,
        power,
    )


def _any_time(limit: float, good: float, level: float) -> Plan:
    """Look whenever one likes: the confidence sequence, followed sortie by sortie."""
    boundary = [_least_successes(n, limit, level) for n in range(1, _ANY_TIME_MOST + 1)]
    power = tuple(PowerPoint(t, *_followed(t, boundary)) for t in _truths(limit, good))
    first = next((n for n, x in enumerate(boundary, start=1) if x <= n), _ANY_TIME_MOST)
    return Plan(
        "any time",
        f"look after any sortie; met as soon as the confidence sequence lies above the limit "
        f"(first after {first} without a failure); cut off at {_ANY_TIME_MOST} here",
        _ANY_TIME_MOST,
        None,
        _followed(limit, boundary)[0],
        1.0 - _followed(good, boundary)[0],
        power,
    )


def _least_successes(n: int, limit: float, level: float) -> int:
    """Fewest successes of n that are met; n + 1 if none are."""
    low, high = int(limit * n) - 1, n + 1  # nothing below the limit is ever met
    while high - low > 1:
        middle = (low + high) // 2
        met = verdict_at_any_time(middle, n, limit, "at_least", level) is Verdict.MET
        low, high = (low, middle) if met else (middle, high)
    return high


def _followed(truth: float, boundary: list[int]) -> tuple[float, float]:
    """Chance of ever being met, and the mean number of sorties until then."""
    import numpy as np

    still = np.zeros(len(boundary) + 2)
    still[0] = 1.0
    met = expected = 0.0
    for x in boundary:
        expected += float(still.sum())
        moved = still * (1.0 - truth)
        moved[1:] += still[:-1] * truth
        met += float(moved[x:].sum())
        moved[x:] = 0.0
        still = moved
    return met, expected


def _hours(requirement: Requirement, producer: float) -> Planned:
    """Plans in hours for a mean time between failures, or a rate."""
    is_rate = requirement.definition.form == "rate"
    limit = 1.0 / requirement.limit if is_rate else requirement.limit
    good = requirement.good
    good = 3.0 * limit if good is None else 1.0 / good if is_rate else good
    if good <= limit:
        raise CampaignError(f"requirement {requirement.id!r}: good is no better than the limit")
    level = requirement.confidence
    zero = _hours_plan("zero-failure", limit * length_factor(0, level=level), 0, limit, good)
    allowed = 0
    while True:
        hours = limit * length_factor(allowed, level=level)
        fixed = _hours_plan("fixed", hours, allowed, limit, good)
        if fixed.producer_risk <= producer:
            break
        allowed += 1
    return Planned(
        requirement.id,
        requirement.says,
        limit,
        good,
        level,
        "hours",
        1.0,
        (zero, fixed),
        "hours in the air of all vehicles together, at a constant rate of failures",
    )


def _hours_plan(kind: str, hours: float, allowed: int, limit: float, good: float) -> Plan:
    from flyoff.stats.distributions import poisson_cdf

    truths = sorted({limit * (1 + i / 2) for i in range(_STEPS)} | {good})
    power = tuple(PowerPoint(t, poisson_cdf(allowed, hours / t), hours) for t in truths)
    says = f"fly {hours:.4g} h; met with at most {allowed} failures"
    return Plan(
        kind,
        says,
        hours,
        allowed,
        poisson_cdf(allowed, hours / limit),
        1.0 - poisson_cdf(allowed, hours / good),
        power,
    )
