"""Plan and decide the acceptance of a lot, with both risks in words."""

from dataclasses import dataclass

from flyoff.errors import CampaignError
from flyoff.stats.acceptance import (
    RiskPoint,
    find_plan,
    hypergeometric,
    limiting_defectives,
    zero_acceptance_sample,
)
from flyoff.stats.lots import Inspection, lot_plan

CONSUMER_RISK, PRODUCER_RISK = 0.10, 0.05
#: Shares of defectives at which the operating characteristic is told.
_SHARES = (0.001, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.10, 0.15, 0.20, 0.30)


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """How often lots of one quality are accepted."""

    defective: float
    accepted: float


@dataclass(frozen=True, slots=True)
class LotPlanned:
    """A sampling plan for one lot; all chances are exact for a lot of this size.

    Attributes
    ----------
    kind, rule : str
    size, n, accept : int
        Lot, sample, and largest number of failures with which the lot is accepted.
    ltpd : float
        Share of defectives that is accepted with 10 % only: what one is protected against.
    ltpd_items : int
    producer_quality : float
        Share of defectives that is accepted with 95 % at least.
    curve : tuple of OperatingPoint
    consumer_says, producer_says : str
    """

    kind: str
    rule: str
    size: int
    n: int
    accept: int
    ltpd: float
    ltpd_items: int
    producer_quality: float
    curve: tuple[OperatingPoint, ...]
    consumer_says: str
    producer_says: str


@dataclass(frozen=True, slots=True)
class LotDecision:
    """What the sample says of the lot.

    Attributes
    ----------
    plan : LotPlanned
    tested, failures, undetermined : int
    decision : str
        ``accept``, ``reject`` or ``undecided``.
    says : str
    """

    plan: LotPlanned
    tested: int
    failures: int
    undetermined: int
    decision: str
    says: str


def plan_lot(
    size: int,
    *,
    aql: float | None = None,
    level: str = "II",
    inspection: Inspection = "normal",
    good: float | None = None,
    bad: float | None = None,
) -> tuple[LotPlanned, ...]:
    """Plans side by side.

    Parameters
    ----------
    size : int
    aql : float, optional [percent]
        For the plan of ANSI Z1.4 / ISO 2859-1.
    level, inspection : str
    good, bad : float, optional
        Shares of defectives to be accepted with 95 % and with 10 %: the smallest plan for both,
        and the plan without any failure for `bad`.

    Raises
    ------
    CampaignError
        If nothing is said that a plan could be made of.
    """
    made = []
    if aql is not None:
        found = lot_plan(size, aql, level=level, inspection=inspection)
        kind = f"Z1.4, AQL {aql:g} %, level {level}, {inspection}"
        made.append(describe(kind, size, found.sample_size, found.accept))
    if good is not None and bad is not None:
        two = find_plan(RiskPoint(good, 1.0 - PRODUCER_RISK), RiskPoint(bad, CONSUMER_RISK))
        if two.n <= size:
            made.append(describe("smallest for both risks", size, two.n, two.accept))
        else:
            made.append(describe("every item: the lot is small for these risks", size, size, 0))
    if bad is not None:
        items = max(1, -int(-bad * size // 1))
        n = zero_acceptance_sample(size, items, risk=CONSUMER_RISK)
        made.append(describe("no failure allowed", size, n, 0))
    if not made:
        raise CampaignError("say --aql, or --bad (and --good): a plan needs a quality to aim at")
    return tuple(made)


def describe(kind: str, size: int, n: int, accept: int) -> LotPlanned:
    """What one plan does, exactly, to a lot of this size."""
    if not 0 < n <= size:
        raise CampaignError(f"a sample of {n} cannot be taken from a lot of {size}")
    if not 0 <= accept < n:
        raise CampaignError(f"{accept} failures in {n} cannot be a limit for acceptance")
    bad = limiting_defectives(size, n, accept, risk=CONSUMER_RISK)
    good = _producer_items(size, n, accept)
    curve = tuple(
        OperatingPoint(share, hypergeometric(size, n, accept, round(share * size)))
        for share in _SHARES
    )
    return LotPlanned(
        kind,
        f"test {n} of {size}; accept with at most {accept} failures",
        size,
        n,
        accept,
        bad / size,
        bad,
        good / size,
        curve,
        f"a lot with {bad} bad items ({100 * bad / size:.2g} %) is still accepted in "
        f"{100 * hypergeometric(size, n, accept, min(bad, size)):.0f} % of cases; "
        "better than that is not proven",
        f"a lot with {good} bad items ({100 * good / size:.2g} %) is rejected in "
        f"{100 * (1 - hypergeometric(size, n, accept, good)):.0f} % of cases",
    )


def _producer_items(size: int, n: int, accept: int) -> int:
    """Most bad items with which the lot is accepted with 95 % at least."""
    low, high = 0, size + 1
    while high - low > 1:
        middle = (low + high) // 2
        kept = hypergeometric(size, n, accept, middle) >= 1.0 - PRODUCER_RISK
        low, high = (middle, high) if kept else (low, middle)
    return low


def decide_lot(
    size: int, n: int, accept: int, *, tested: int, failures: int, undetermined: int = 0
) -> LotDecision:
    """Decide by what was tested; items whose result is unknown can still go either way.

    Raises
    ------
    CampaignError
        For impossible counts.
    """
    plan = describe("as given", size, n, accept)
    if min(tested, failures, undetermined) < 0 or failures + undetermined > tested or tested > size:
        raise CampaignError(
            f"{failures} failures and {undetermined} unknown in {tested} tested of {size} "
            "is impossible"
        )
    left = max(0, n - tested)
    if failures > accept:
        decision, why = "reject", f"{failures} failures, {accept} allowed"
    elif failures + undetermined + left <= accept or (
        not left and failures + undetermined <= accept
    ):
        decision, why = "accept", f"at most {failures + undetermined} failures, {accept} allowed"
    else:
        parts = [f"{left} of {n} still to test"] if left else []
        parts += [f"{undetermined} results unknown"] if undetermined else []
        decision, why = "undecided", " and ".join(parts)
    if tested > n:
        why += f"; {tested - n} more were tested than planned, which changes the risks told here"
    says = f"{decision}: {why}. {plan.consumer_says}; {plan.producer_says}"
    return LotDecision(plan, tested, failures, undetermined, decision, says)
