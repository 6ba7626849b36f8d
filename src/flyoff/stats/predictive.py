"""What further trials are likely to bring, given those flown.

`predictive_success` is the chance that a trial of fixed size ends in success; `forecast` says how
many more trials are expected to settle a requirement at all. Both average over what is still
unknown about the success probability; neither is evidence that the requirement is met.

References
----------
Lee & Liu (2008), Clinical Trials 5:93. Spiegelhalter, Freedman & Blackburn (1986), Control. Clin.
Trials 7:8.
"""

import math
from dataclasses import dataclass

import numpy as np

from flyoff.errors import StatsError
from flyoff.stats.distributions import beta_binomial_log_pmf, beta_cdf
from flyoff.stats.estimate import (
    require_count,
    require_level,
    require_open_probability,
    require_trials,
)
from flyoff.units import BoolArray, FloatArray


def predictive_success(
    successes: int,
    trials: int,
    planned: int,
    limit: float,
    *,
    threshold: float = 0.90,
    prior: tuple[float, float] = (0.5, 0.5),
) -> float:
    """Chance that after `planned` trials the posterior lies above `limit` with enough probability.

    Parameters
    ----------
    successes, trials : int
        So far; `trials` may be 0.
    planned : int
        Trials at the end.
    limit : float
        Success probability to be exceeded.
    threshold : float
        Posterior probability of exceeding it that counts as success.
    prior : (float, float)
        Beta parameters.

    Examples
    --------
    >>> round(predictive_success(16, 23, 40, 0.6, threshold=0.9, prior=(0.6, 0.4)), 4)
    0.5656
    """
    _require_so_far(successes, trials)
    require_open_probability("limit", limit)
    require_open_probability("threshold", threshold)
    if planned < trials:
        raise StatsError(f"{planned} planned trials are fewer than the {trials} already flown")
    a, b = _posterior(successes, trials, prior)
    left = planned - trials
    more = np.arange(left + 1, dtype=np.float64)
    chance = np.exp(beta_binomial_log_pmf(more, np.full(left + 1, float(left)), a, b))
    wins = [1.0 - beta_cdf(limit, a + y, b + left - y) >= threshold for y in range(left + 1)]
    return float(np.sum(chance[np.array(wins)]))


@dataclass(frozen=True, slots=True)
class Forecast:
    """How many more trials are expected to settle a requirement.

    Attributes
    ----------
    median : float
        Further trials by which it is settled in half of all cases; infinite beyond the horizon.
    mean_within : float
        Mean of further trials, those not settled counted as the horizon: a lower bound.
    met, missed, open : float
        Chances at the horizon; they sum to 1.
    horizon : int
        Further trials looked ahead.
    """

    median: float
    mean_within: float
    met: float
    missed: float
    open: float
    horizon: int


def forecast(
    successes: int,
    trials: int,
    limit: float,
    *,
    level: float = 0.90,
    horizon: int = 200,
    prior: tuple[float, float] = (0.5, 0.5),
) -> Forecast:
    """Forecast when one-sided Clopper-Pearson bounds will decide for or against `limit`.

    Follows every sequence of further outcomes with its predictive probability; exact. A decision
    is a lower bound of at least `limit`, or an upper bound below it.

    Examples
    --------
    >>> ahead = forecast(18, 20, 0.80)
    >>> ahead.median, round(ahead.met, 2)
    (5.0, 0.9)
    """
    _require_so_far(successes, trials)
    require_open_probability("limit", limit)
    require_level(level)
    require_count("horizon", horizon, least=1)
    a, b = _posterior(successes, trials, prior)
    chance = np.zeros(horizon + 2)  # of being undecided with y further successes
    chance[0] = 1.0
    met = missed = mean = 0.0
    median = math.inf
    for more in range(horizon + 1):
        if more:
            mean += float(chance.sum())
            chance = _one_more(chance, more - 1, a, b)
        n, x = trials + more, successes + np.arange(more + 1)
        passed, failed = _decided(x, n, limit, 1.0 - level)
        met += float(chance[: more + 1][passed].sum())
        missed += float(chance[: more + 1][failed].sum())
        chance[: more + 1][passed | failed] = 0.0
        if math.isinf(median) and met + missed >= 0.5:
            median = float(more)
    return Forecast(median, mean, met, missed, max(0.0, 1.0 - met - missed), horizon)


def _one_more(chance: FloatArray, flown: int, a: float, b: float) -> FloatArray:
    """Chances after one more trial: each success makes the next likelier (Polya's urn)."""
    y = np.arange(chance.size, dtype=np.float64)
    success = np.minimum((a + y) / (a + b + flown), 1.0)
    moved = chance * (1.0 - success)
    moved[1:] += (chance * success)[:-1]
    return moved


def _decided(
    x: "np.ndarray[tuple[int, ...], np.dtype[np.int64]]", n: int, limit: float, tail: float
) -> tuple[BoolArray, BoolArray]:
    """Whether one-sided bounds lie at or above, or below, the limit, for each count `x` of `n`."""
    from scipy import special

    if n == 0:
        never = np.zeros(x.shape, dtype=np.bool_)
        return never, never
    at_least = np.where(x > 0, special.betainc(np.maximum(x, 1), n - x + 1, limit), 1.0)
    at_most = np.where(x < n, special.betaincc(x + 1, np.maximum(n - x, 1), limit), 1.0)
    return np.asarray(at_least <= tail), np.asarray(at_most < tail)


def _require_so_far(successes: int, trials: int) -> None:
    if trials:
        require_trials(successes, trials)
    elif successes:
        raise StatsError(f"{successes} successes in 0 trials is impossible")


def _posterior(successes: int, trials: int, prior: tuple[float, float]) -> tuple[float, float]:
    if min(prior) <= 0.0:
        raise StatsError(f"prior {prior} has a Beta parameter that is not above 0")
    return prior[0] + successes, prior[1] + trials - successes
