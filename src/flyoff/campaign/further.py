"""What is still to come: how many further sorties are expected to decide, and who bears which risk.

Both work on an effective sample: as many independent sorties as give the deciding interval its
width. Further outcomes are drawn from what is still believed possible, at equal steps of the
posterior distribution, and the number found is scaled back to real sorties.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from flyoff.campaign.bounds import Bound
from flyoff.campaign.requirement import Direction, Verdict
from flyoff.stats.confidence_sequence import confidence_sequence, evidence_against
from flyoff.stats.distributions import beta_quantile, binomial_cdf
from flyoff.stats.proportions import clopper_pearson

#: Beliefs about the share that are followed into the future.
_BELIEFS = 19
HORIZON = 2_000

Interval = Callable[[int, int, float], Bound]
Decision = Callable[[int, int, float, Direction, float], Verdict]


@dataclass(frozen=True, slots=True)
class Further:
    """How many further sorties are expected to decide.

    Attributes
    ----------
    median : int or None
        Decided by then in half of the cases; None beyond the horizon.
    met, missed, undecided : float
        How it is likely to end within the horizon; they sum to 1.
    horizon : int
        Further sorties looked ahead; of a rate, further hours.
    says : str
    hours : float or None [h]
        Of a rate: further hours in the air by which it is decided; None beyond the horizon.
    """

    median: int | None
    met: float
    missed: float
    undecided: float
    horizon: int
    says: str
    hours: float | None = None


@dataclass(frozen=True, slots=True)
class ProducerRisk:
    """Chance that a good product is not found to meet the requirement.

    Attributes
    ----------
    good : float
        Its true share.
    risk : float
    says : str
    """

    good: float
    risk: float
    says: str


def at_any_time(successes: int, trials: int, level: float) -> Bound:
    """Independent bounds that hold at every look."""
    low = confidence_sequence(successes, trials, level=level, sides="lower")
    high = confidence_sequence(successes, trials, level=level, sides="upper")
    return Bound(low.low, high.high, level, low.method)


def at_once(successes: int, trials: int, level: float) -> Bound:
    """Independent bounds for one look."""
    low = clopper_pearson(successes, trials, level=level, sides="lower")
    high = clopper_pearson(successes, trials, level=level, sides="upper")
    return Bound(low.low, high.high, level, low.method)


def verdict_at_any_time(
    successes: int, trials: int, limit: float, direction: Direction, level: float
) -> Verdict:
    """As `at_any_time` decides, without finding the ends."""
    threshold = 1.0 / (1.0 - level)
    above = evidence_against(successes, trials, limit) >= threshold
    below = not above and evidence_against(trials - successes, trials, 1.0 - limit) >= threshold
    return _towards(above, below, direction)


def verdict_at_once(
    successes: int, trials: int, limit: float, direction: Direction, level: float
) -> Verdict:
    """As `at_once` decides, without finding the ends."""
    above = 1.0 - binomial_cdf(successes - 1, trials, limit) <= 1.0 - level
    below = binomial_cdf(successes, trials, limit) <= 1.0 - level
    return _towards(above, below, direction)


def _towards(above: bool, below: bool, direction: Direction) -> Verdict:
    good, bad = (above, below) if direction == "at_least" else (below, above)
    return Verdict.MET if good else Verdict.MISSED if bad else Verdict.UNDECIDED


def implied_trials(share: float, trials: int, decides: Bound, interval: Interval) -> int:
    """Independent trials of the same share whose interval is about as wide as the deciding one."""
    low, high = 1, max(1, trials)
    wanted = decides.high - decides.low
    while low < high:
        middle = (low + high) // 2
        shown = interval(round(share * middle), middle, decides.level)
        if shown.high - shown.low <= wanted:
            high = middle
        else:
            low = middle + 1
    return low


def further(
    successes: int,
    trials: int,
    limit: float,
    direction: Direction,
    level: float,
    *,
    decision: Decision,
    scale: float,
) -> Further:
    """Look ahead from effective counts; `scale` turns effective trials back into sorties."""
    needed: list[tuple[float, Verdict]] = []
    most = max(1, int(HORIZON / scale))
    for k in range(_BELIEFS):
        p = beta_quantile((k + 0.5) / _BELIEFS, successes + 0.5, trials - successes + 0.5)
        needed.append(_until(successes, trials, p, limit, direction, level, decision, most))
    decided = sorted(n for n, _ in needed)
    middle = decided[_BELIEFS // 2]
    median = None if math.isinf(middle) else math.ceil(middle * scale)
    met, missed, undecided = (
        sum(v is verdict for _, v in needed) / _BELIEFS
        for verdict in (Verdict.MET, Verdict.MISSED, Verdict.UNDECIDED)
    )
    says = _says(median, met, missed, undecided)
    return Further(median, met, missed, undecided, HORIZON, says)


def _until(
    successes: int,
    trials: int,
    p: float,
    limit: float,
    direction: Direction,
    level: float,
    decision: Decision,
    most: int,
) -> tuple[float, Verdict]:
    """Further trials of share `p` until it is decided, and how."""

    def verdict(more: int) -> Verdict:
        x = successes + round(p * more)
        return decision(x, trials + more, limit, direction, level)

    if verdict(most) is Verdict.UNDECIDED:
        return math.inf, Verdict.UNDECIDED
    low, high = 0, most
    while high - low > 1:
        middle = (low + high) // 2
        if verdict(middle) is Verdict.UNDECIDED:
            low = middle
        else:
            high = middle
    return high, verdict(high)


def _says(median: int | None, met: float, missed: float, undecided: float) -> str:
    if median is None:
        return f"more than {HORIZON} further sorties: the truth seems to lie close to the limit"
    ends = f"met {100 * met:.0f} %, missed {100 * missed:.0f} %, still open {100 * undecided:.0f} %"
    sorties = f"{median} further {'sortie' if median == 1 else 'sorties'}"
    return f"about {sorties} (likely to end: {ends})"


def producer_risk(
    trials: int, limit: float, direction: Direction, level: float, good: float, decision: Decision
) -> ProducerRisk:
    """Chance that so many effective trials do not show a product of share `good` to be good."""
    flipped = direction == "at_most"

    def met(failures: int) -> bool:
        x = failures if flipped else trials - failures
        return decision(x, trials, limit, direction, level) is Verdict.MET

    miss = good if flipped else 1.0 - good
    if not met(0):
        risk = 1.0
    else:
        low, high = 0, trials + 1  # met with `low` failures, not with `high`
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if met(middle) else (low, middle)
        risk = 1.0 - binomial_cdf(low, trials, miss)
    says = (
        f"a product whose true share is {100 * good:g} % would not have been found to meet this "
        f"with so many sorties in {100 * risk:.0f} % of all campaigns"
    )
    return ProducerRisk(good, risk, says)
