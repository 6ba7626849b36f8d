"""Distribution and quantile functions: the one door to scipy's special functions.

scipy is imported inside the functions, so that nothing which merely imports `flyoff.stats` pays
for it. `scipy.special` answers in a fraction of the time that `scipy.stats` needs to load.
All functions take and return plain floats unless an array is named in the signature.
"""

import functools
import math
from collections.abc import Callable

import numpy as np

from flyoff.errors import StatsError
from flyoff.units import FloatArray


def normal_cdf(z: float) -> float:
    """Probability that a standard normal variable is at most `z`."""
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


def normal_quantile(p: float) -> float:
    """Quantile of the standard normal distribution.

    Examples
    --------
    >>> round(normal_quantile(0.95), 6)
    1.644854
    """
    from scipy import special

    return float(special.ndtri(p))


def beta_cdf(x: float, a: float, b: float) -> float:
    """Probability that a Beta(a, b) variable is at most `x`."""
    from scipy import special

    return float(special.betainc(a, b, x))


def beta_quantile(p: float, a: float, b: float) -> float:
    """Quantile of the Beta(a, b) distribution."""
    from scipy import special

    return float(special.betaincinv(a, b, p))


def chi2_cdf(x: float, dof: float) -> float:
    """Probability that a χ² variable with `dof` degrees of freedom is at most `x`."""
    from scipy import special

    return float(special.gammainc(dof / 2.0, x / 2.0))


def chi2_tail(x: float, dof: float) -> float:
    """Probability that a χ² variable with `dof` degrees of freedom is above `x`."""
    from scipy import special

    return float(special.gammaincc(dof / 2.0, x / 2.0))


def chi2_quantile(p: float, dof: float) -> float:
    """Quantile of the χ² distribution.

    Examples
    --------
    >>> round(chi2_quantile(0.95, 2), 6)
    5.991465
    """
    from scipy import special

    return 2.0 * float(special.gammaincinv(dof / 2.0, p))


def gamma_cdf(x: FloatArray, shape: float) -> FloatArray:
    """Distribution function of the Gamma(shape, 1) distribution at every `x`."""
    from scipy import special

    return np.asarray(special.gammainc(shape, x), dtype=np.float64)


def poisson_cdf(k: int, mean: float) -> float:
    """Probability of at most `k` events where `mean` are expected."""
    from scipy import special

    return 0.0 if k < 0 else float(special.gammaincc(k + 1.0, mean))


def binomial_cdf(k: int, n: int, p: float) -> float:
    """Probability of at most `k` successes in `n` trials, by the incomplete beta function.

    Examples
    --------
    >>> binomial_cdf(1, 2, 0.5)
    0.75
    """
    from scipy import special

    if k < 0:
        return 0.0
    return 1.0 if k >= n else float(special.betaincc(k + 1.0, float(n - k), p))


def binomial_pmf(n: int, p: float) -> FloatArray:
    """Probabilities of 0, 1, …, n successes in `n` trials.

    Returns
    -------
    float64, shape (n + 1,)
    """
    if p in (0.0, 1.0):
        pmf = np.zeros(n + 1)
        pmf[n if p == 1.0 else 0] = 1.0
        return pmf
    k = np.arange(n + 1, dtype=np.float64)
    logs = log_choose(float(n), k) + k * math.log(p) + (n - k) * math.log1p(-p)
    return np.asarray(np.exp(logs), dtype=np.float64)


def hypergeometric_pmf(population: int, marked: int, drawn: int) -> FloatArray:
    """Probabilities of 0, 1, …, `drawn` marked items in a draw without replacement.

    Returns
    -------
    float64, shape (drawn + 1,)
        Zero where the count is impossible.
    """
    k = np.arange(drawn + 1, dtype=np.float64)
    possible = (k <= marked) & (drawn - k <= population - marked)
    pmf = np.zeros(drawn + 1)
    k = k[possible]
    pmf[possible] = np.exp(
        log_choose(float(marked), k)
        + log_choose(float(population - marked), drawn - k)
        - log_choose(float(population), np.array([float(drawn)]))
    )
    return pmf


def beta_binomial_log_pmf(k: FloatArray, n: FloatArray, a: float, b: float) -> FloatArray:
    """Logarithm of the beta-binomial probability of `k` successes in `n` trials, elementwise."""
    from scipy import special

    logs = log_choose_each(n, k) + special.betaln(k + a, n - k + b) - special.betaln(a, b)
    return np.asarray(logs, dtype=np.float64)


def log_choose(n: float, k: FloatArray) -> FloatArray:
    """Logarithm of "n over k" for one `n` and many `k`."""
    return log_choose_each(np.full(np.shape(k), n), k)


def log_choose_each(n: FloatArray, k: FloatArray) -> FloatArray:
    """Logarithm of "n over k", elementwise."""
    from scipy import special

    logs = special.gammaln(n + 1.0) - special.gammaln(k + 1.0) - special.gammaln(n - k + 1.0)
    return np.asarray(logs, dtype=np.float64)


def log_beta(a: float, b: float) -> float:
    """Logarithm of the beta function."""
    from scipy import special

    return float(special.betaln(a, b))


def root(function: Callable[[float], float], low: float, high: float, what: str) -> float:
    """Find where a continuous function crosses zero between `low` and `high` (Brent's method).

    Parameters
    ----------
    what : str
        Name of the quantity sought, for the message if the ends have the same sign.

    Examples
    --------
    >>> round(root(lambda x: x * x - 2.0, 0.0, 2.0, "square root"), 12)
    1.414213562373
    """
    from scipy import optimize

    at_low, at_high = function(low), function(high)
    if at_low == 0.0:
        return low
    if at_high == 0.0:
        return high
    if not at_low * at_high < 0.0:
        raise StatsError(f"{what}: no solution between {low:g} and {high:g}")
    return float(optimize.brentq(function, low, high, xtol=1e-300, rtol=8.9e-16, maxiter=500))


@functools.cache
def _nodes() -> tuple[FloatArray, FloatArray]:
    """Nodes and weights of one panel; made once, for they cost an eigenvalue problem."""
    x, w = np.polynomial.legendre.leggauss(16)
    return np.asarray(x, dtype=np.float64), np.asarray(w, dtype=np.float64)


def gauss_legendre(low: float, high: float, *, panels: int = 32) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights that integrate a smooth function over [low, high].

    Returns
    -------
    nodes, weights : float64, shape (16 · panels,)
    """
    x, w = _nodes()
    edges = np.linspace(low, high, panels + 1)
    half = np.diff(edges)[:, None] / 2.0
    middle = (edges[:-1] + edges[1:])[:, None] / 2.0
    return (middle + half * x).ravel(), (half * w).ravel()


def student_quantile(p: float, dof: float) -> float:
    """Quantile of Student's t distribution."""
    from scipy import special

    return float(special.stdtrit(dof, p))
