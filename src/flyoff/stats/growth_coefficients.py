"""Factors that turn the estimated mean time at the end of a growth test into exact bounds.

Failure truncated: estimate over truth is distributed as n² / (G(n-1) G(n)) with independent gamma
variables. Time truncated: given the sum of log times, the number of failures has the probabilities
x^j / (j! (j-1)!) up to a constant (a ratio of Bessel functions), where x is n² times estimate over
truth; inverting both tails gives the bounds. This reproduces the published tables (n = 27 at 90 %:
0.6361467 and 1.6817864).

References
----------
Crow (1982), AMSAA TR-197. Bain & Engelhardt (1980), Technometrics 22:421. Finkelstein (1976).
"""

import math
from dataclasses import dataclass

import numpy as np

from flyoff.stats.distributions import gamma_cdf, gauss_legendre, root
from flyoff.stats.estimate import require_count, tails


@dataclass(frozen=True, slots=True)
class Coefficients:
    """Factors on the estimated mean time for its lower and upper bound."""

    low: float
    high: float


def time_truncated_coefficients(failures: int, *, level: float = 0.90) -> Coefficients:
    """Make the factors for a test that ended at a time; the upper one is infinite for one failure.

    Examples
    --------
    >>> shown = time_truncated_coefficients(27, level=0.90)
    >>> round(shown.low, 6), round(shown.high, 6)
    (0.636147, 1.681786)
    """
    require_count("failures", failures, least=1)
    tail = tails(level, "two-sided")
    n2 = float(failures) ** 2
    span = math.log(n2) + 12.0

    def fewer(log_x: float) -> float:  # chance of at most n failures
        return _conditional_cdf(failures, log_x) - tail

    def more(log_x: float) -> float:  # chance of at least n failures
        return 1.0 - _conditional_cdf(failures - 1, log_x) - tail

    low = n2 / math.exp(root(fewer, -12.0, span, "lower factor of the mean time"))
    if failures == 1:
        return Coefficients(low, math.inf)
    return Coefficients(
        low, n2 / math.exp(root(more, -30.0, span, "upper factor of the mean time"))
    )


def _conditional_cdf(k: int, log_x: float) -> float:
    """Chance of at most `k` failures, given the sum of log times."""
    from scipy import special

    if k < 1:
        return 0.0
    # the terms peak near sqrt(x) and die within some tens of its square root
    peak = math.exp(log_x / 2.0)
    j = np.arange(1.0, max(k, peak + 40.0 * math.sqrt(peak + 1.0)) + 41.0)
    logs = j * log_x - special.gammaln(j + 1.0) - special.gammaln(j)
    terms = np.exp(logs - logs.max())
    return float(terms[:k].sum() / terms.sum())


def failure_truncated_coefficients(failures: int, *, level: float = 0.90) -> Coefficients:
    """Make the factors for a test that ended with its last failure.

    Examples
    --------
    >>> shown = failure_truncated_coefficients(26, level=0.95)
    >>> round(shown.low, 6), round(shown.high, 6)
    (0.63331, 1.919328)
    """
    require_count("failures", failures, least=2)
    tail = tails(level, "two-sided")
    n2 = float(failures) ** 2

    def excess(log_y: float, p: float) -> float:
        return _gamma_product_cdf(failures, log_y) - p

    bottom, top = math.log(n2) - 60.0, math.log(n2) + 12.0
    large = root(lambda y: excess(y, 1.0 - tail), bottom, top, "lower factor of the mean time")
    small = root(lambda y: excess(y, tail), bottom, top, "upper factor of the mean time")
    return Coefficients(n2 / math.exp(large), n2 / math.exp(small))


def _gamma_product_cdf(n: int, log_y: float) -> float:
    """Chance that the product of Gamma(n - 1) and Gamma(n) variables is at most exp(log_y)."""
    # integrate over the logarithm of the second variable, in which its density is smooth
    spread = 12.0 / math.sqrt(n)
    v, w = gauss_legendre(math.log(n) - 4.0 * spread - 3.0, math.log(n) + spread + 1.0, panels=48)
    density = np.exp(n * v - np.exp(v) - math.lgamma(n))
    return float(np.sum(w * density * gamma_cdf(np.exp(log_y - v), n - 1.0)))
