"""Bounds on a success probability that hold whatever correlation within clusters the data allow.

A design effect is only as good as the correlation it is computed from, and a few vehicles that all
do well show none: with six vehicles the interval of `clustering.clustered_proportion` can be wrong
twice as often as it says. The bounds here reject a success probability only if the beta-binomial
finds the number of successes too unlikely for *every* correlation that the data do not exclude
(Berger and Boos: exclude with a small share of the error, test with the rest). Where all outcomes
are alike the data exclude nothing; the largest correlation thought possible must then be given, and
is printed.

References
----------
Berger & Boos (1994), JASA 89:1012. Griffiths (1973), Biometrics 29:637.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np

from flyoff.stats.beta_binomial import Likelihood, beta_binomial_fit
from flyoff.stats.clustering import ClusteredProportion, Clusters, anova_icc
from flyoff.stats.distributions import beta_binomial_log_pmf, binomial_pmf, chi2_quantile, root
from flyoff.stats.estimate import Estimate, Sides, interval, require_open_probability, tails
from flyoff.units import FloatArray

METHOD = "beta-binomial at the worst correlation not excluded"
EXCLUDING = 0.1  # share of the error that is spent on excluding correlations
_FAR = 30.0  # log-odds beyond any share that data can tell from 0 or 1
_CORRELATIONS = 5  # tried between none and the largest; the ends are nearly always the worst


def clustered_bounds(
    successes: Sequence[int],
    trials: Sequence[int],
    *,
    level: float = 0.90,
    sides: Sides = "two-sided",
    most_icc: float = 0.5,
) -> ClusteredProportion:
    """Bound a success probability without trusting the measured correlation.

    Parameters
    ----------
    successes, trials : sequence of int
        One entry a cluster (vehicle, operator, day).
    level : float
    sides : {"two-sided", "lower", "upper"}
    most_icc : float
        Largest correlation thought possible. It matters where the clusters are few or alike.

    Returns
    -------
    ClusteredProportion
        `design_effect` and the estimate's `n` belong to the largest correlation not excluded.

    Examples
    --------
    >>> shown = clustered_bounds([10, 9, 10, 10, 8, 10], [10] * 6, level=0.90, sides="lower")
    >>> round(shown.estimate.value, 2), round(shown.estimate.low, 2)
    (0.95, 0.78)
    """
    require_open_probability("largest correlation", most_icc)
    group = Clusters.of(successes, trials)
    tail = tails(level, sides)
    largest = _largest_correlation(group, tail * EXCLUDING, most_icc)
    test = tail * (1.0 - EXCLUDING)
    low, high = 0.0, 1.0
    if sides != "upper" and group.share > 0.0:
        low = _lower(group, largest, test)
    if sides != "lower" and group.share < 1.0:
        failures = Clusters(group.trials - group.successes, group.trials)
        high = 1.0 - _lower(failures, largest, test)
    size = float(np.sum(group.trials**2)) / group.total
    effect = 1.0 + (size - 1.0) * largest
    estimate = interval(
        group.share,
        low,
        high,
        level=level,
        sides=sides,
        method=METHOD,
        n=group.total / effect,
        floor=0.0,
        ceiling=1.0,
    )
    return _shown(group, estimate, effect, largest, most_icc)


def _shown(
    group: Clusters, estimate: Estimate, effect: float, largest: float, most_icc: float
) -> ClusteredProportion:
    measured = anova_icc(group.successes.astype(int).tolist(), group.trials.astype(int).tolist())
    note = f"correlation taken as at most {largest:.2f}"
    if largest >= most_icc:
        note += ", as assumed: the data do not exclude more"
    return ClusteredProportion(estimate, measured, effect, int(group.trials.size), note)


def _largest_correlation(group: Clusters, error: float, most_icc: float) -> float:
    """Upper confidence limit of the correlation by profile likelihood, at most `most_icc`."""
    if group.total == group.trials.size:
        return 0.0  # single trials: nothing can correlate within a cluster
    if group.trials.size < 2 or group.share in (0.0, 1.0):
        return most_icc
    fit = beta_binomial_fit(group.successes.astype(int).tolist(), group.trials.astype(int).tolist())
    likelihood = Likelihood.of(group)
    least = fit.log_likelihood - chi2_quantile(1.0 - 2.0 * error, 1) / 2.0

    def excess(correlation: float) -> float:
        return likelihood.profile(correlation / (1.0 - correlation)) - least

    if fit.correlation >= most_icc or excess(most_icc) >= 0.0:
        return most_icc
    return root(excess, fit.correlation, most_icc, "largest correlation")


def _lower(group: Clusters, largest: float, error: float) -> float:
    """Smallest success probability that some correlation makes likely enough."""
    seen = int(group.successes.sum())
    lowest = math.log(group.share / (1.0 - group.share)) if group.share < 1.0 else _FAR
    for rho in dict.fromkeys(np.linspace(largest, 0.0, _CORRELATIONS).tolist()):
        tail_at = _tail(group, rho, seen)
        if tail_at(lowest) > error:  # this correlation allows less than those before
            lowest = _lower_at(tail_at, lowest, error)
    return 1.0 / (1.0 + math.exp(-lowest))


def _lower_at(tail_at: Callable[[float], float], top: float, error: float) -> float:
    """Log-odds at which so many successes are just too unlikely."""
    if tail_at(-_FAR) >= error:
        return -_FAR
    return root(lambda log_odds: tail_at(log_odds) - error, -_FAR, top, "clustered bound")


def _tail(group: Clusters, rho: float, seen: int) -> Callable[[float], float]:
    """Chance of at least so many successes in all clusters, by the log-odds of the mean."""
    sizes, repeats = np.unique(group.trials.astype(np.int64), return_counts=True)

    def at(log_odds: float) -> float:
        mean = 1.0 / (1.0 + math.exp(-log_odds))
        total = np.ones(1)
        for size, repeat in zip(sizes, repeats, strict=True):
            total = np.convolve(total, _power(_pmf(int(size), mean, rho), int(repeat)))
        return float(total[seen:].sum())

    return at


def _pmf(size: int, mean: float, rho: float) -> FloatArray:
    if rho <= 0.0:
        return binomial_pmf(size, mean)
    strength = 1.0 / rho - 1.0
    k = np.arange(size + 1, dtype=np.float64)
    a, b = mean * strength, (1.0 - mean) * strength
    return np.exp(beta_binomial_log_pmf(k, np.full(size + 1, float(size)), a, b))


def _power(pmf: FloatArray, repeat: int) -> FloatArray:
    """Distribution of the sum of `repeat` equal variables, by repeated squaring."""
    result = np.ones(1)
    while repeat:
        if repeat % 2:
            result = np.convolve(result, pmf)
        pmf = np.convolve(pmf, pmf) if repeat > 1 else pmf
        repeat //= 2
    return result
