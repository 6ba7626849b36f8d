"""Intervals that stay valid however often one looks at them.

A fixed-sample interval is right once, at a sample size fixed beforehand. Whoever looks after every
trial and stops when it pleases him will be wrong far more often than it says. A confidence sequence
covers the true probability *at all sample sizes at once* with the stated level, at the price of
width.

The sequence here is the beta-binomial mixture: the likelihood of the outcomes averaged over a beta
distribution, divided by their likelihood at p, is a martingale if p is true, and by Ville's
inequality seldom ever reaches 1 / (1 - level). The one-sided bounds average only over the
probabilities on the other side of p, which keeps them valid for the composite hypothesis.

References
----------
Ville (1939). Robbins (1970), Ann. Math. Statist. 41:1397. Howard, Ramdas, McAuliffe & Sekhon
(2021), Ann. Statist. 49:1055.
"""

import math
from collections.abc import Callable, Sequence

from flyoff.errors import StatsError
from flyoff.stats.distributions import beta_cdf, log_beta, root
from flyoff.stats.estimate import (
    Estimate,
    Sides,
    interval,
    require_level,
    require_open_probability,
    require_sides,
    require_trials,
)

METHOD = "beta-binomial confidence sequence"
Prior = tuple[float, float]


def confidence_sequence(
    successes: int,
    trials: int,
    *,
    level: float = 0.90,
    sides: Sides = "two-sided",
    prior: Prior = (0.5, 0.5),
) -> Estimate:
    """Estimate a success probability with an interval that holds at every look.

    Parameters
    ----------
    successes, trials : int
    level : float
        Confidence that the true probability is inside at all looks together.
    sides : {"two-sided", "lower", "upper"}
    prior : (float, float)
        Beta parameters of the mixture. Any choice is valid; it only shifts where the sequence is
        narrow. To be fixed before the first trial.

    Examples
    --------
    >>> shown = confidence_sequence(18, 20, level=0.90)
    >>> round(shown.low, 3), round(shown.high, 3)
    (0.619, 0.995)
    """
    require_trials(successes, trials)
    require_level(level)
    require_sides(sides)
    _require_prior(prior)
    low, high = 0.0, 1.0
    if sides != "upper" and successes:
        low = _end(successes, trials, level, sides, prior)
    if sides != "lower" and successes < trials:
        mirrored: Sides = "lower" if sides == "upper" else sides
        high = 1.0 - _end(trials - successes, trials, level, mirrored, prior[::-1])
    share = successes / trials
    return interval(share, low, high, level=level, sides=sides, method=METHOD, n=trials)


def confidence_path(
    outcomes: Sequence[bool],
    *,
    level: float = 0.90,
    sides: Sides = "two-sided",
    prior: Prior = (0.5, 0.5),
) -> list[Estimate]:
    """Follow the sequence from trial to trial; what was once excluded stays excluded.

    Returns
    -------
    list of Estimate
        One a trial, each inside the one before. The last is at least as narrow as
        `confidence_sequence` of the same counts.

    Examples
    --------
    >>> path = confidence_path([True] * 10)
    >>> round(path[-1].low, 3)
    0.668
    """
    path: list[Estimate] = []
    low, high, successes = 0.0, 1.0, 0
    for trials, outcome in enumerate(outcomes, start=1):
        successes += bool(outcome)
        now = confidence_sequence(successes, trials, level=level, sides=sides, prior=prior)
        # the intersection can only be empty if the true value was already missed
        low, high = max(low, min(now.low, high)), min(high, max(now.high, low))
        path.append(Estimate(now.value, low, high, level, sides, METHOD, trials))
    return path


def evidence_against(
    successes: int, trials: int, limit: float, *, prior: Prior = (0.5, 0.5)
) -> float:
    """Weigh the evidence against a success probability of at most `limit`, at any look.

    Returns an e-value. Above 1 / (1 - level) the hypothesis is rejected at that level. E-values of
    independent campaigns may be multiplied.

    Examples
    --------
    >>> evidence_against(40, 40, 0.80) > 1 / 0.05
    True
    """
    require_trials(successes, trials)
    require_open_probability("limit", limit)
    _require_prior(prior)
    return math.exp(min(_log_evidence_above(successes, trials, prior)(limit), 700.0))


def _end(successes: int, trials: int, level: float, sides: Sides, prior: Prior) -> float:
    """Lower end: the smallest probability that the evidence does not reject."""
    evidence = _log_evidence if sides == "two-sided" else _log_evidence_above
    excess = evidence(successes, trials, prior)
    threshold = -math.log1p(-level)
    share = successes / trials

    def above(log_odds: float) -> float:
        return excess(1.0 / (1.0 + math.exp(-log_odds))) - threshold

    # no probability is rejected at the observed share, and every one is near 0
    top = min(math.log(share / (1.0 - share)) if share < 1.0 else 40.0, 40.0)
    bottom = -50.0
    while bottom > -640.0 and above(bottom) <= 0.0:
        bottom *= 1.5
    if above(bottom) <= 0.0:
        return 0.0
    at = root(above, bottom, top, "confidence sequence")
    return 1.0 / (1.0 + math.exp(-at))


def _log_evidence(successes: int, trials: int, prior: Prior) -> Callable[[float], float]:
    """Logarithm of the mixture's likelihood over the likelihood at p."""
    failures = trials - successes
    mixed = log_beta(prior[0] + successes, prior[1] + failures) - log_beta(*prior)

    def at(p: float) -> float:
        return mixed - _log_likelihood(p, successes, failures)

    return at


def _log_evidence_above(successes: int, trials: int, prior: Prior) -> Callable[[float], float]:
    """As `_log_evidence`, with the mixture cut to the probabilities above p."""
    failures = trials - successes
    a, b = prior
    mixed = log_beta(a + successes, b + failures) - log_beta(a, b)

    def at(p: float) -> float:
        # upper tails, as lower tails of the mirrored distribution, keep their precision
        posterior = beta_cdf(1.0 - p, b + failures, a + successes)
        belief = beta_cdf(1.0 - p, b, a)
        if posterior <= 0.0 or belief <= 0.0:
            return -math.inf
        weight = math.log(posterior) - math.log(belief)
        return mixed + weight - _log_likelihood(p, successes, failures)

    return at


def _log_likelihood(p: float, successes: int, failures: int) -> float:
    fits = successes * math.log(p) if successes else 0.0
    return fits + (failures * math.log1p(-p) if failures else 0.0)


def _require_prior(prior: Prior) -> None:
    if min(prior) <= 0.0:
        raise StatsError(f"prior {prior} has a Beta parameter that is not above 0")
