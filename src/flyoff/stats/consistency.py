"""Whether errors are as large as their covariance claims: gates and normalised squared errors.

References
----------
Bar-Shalom, Li & Kirubarajan (2001), Estimation with Applications to Tracking and Navigation, 5.4.
"""

from dataclasses import dataclass

from flyoff.stats.distributions import chi2_quantile
from flyoff.stats.estimate import require_count, require_level, require_open_probability


def gate_threshold(p: float, dimensions: int) -> float:
    """Squared Mahalanobis distance that a true association stays within, with chance `p`.

    Examples
    --------
    >>> round(gate_threshold(0.99, 2), 4), round(gate_threshold(0.99, 3), 4)
    (9.2103, 11.3449)
    """
    require_open_probability("chance", p)
    require_count("dimensions", dimensions, least=1)
    return chi2_quantile(p, dimensions)


@dataclass(frozen=True, slots=True)
class ConsistencyBounds:
    """Range of the average normalised squared error of a consistent estimator.

    Attributes
    ----------
    low, high : float
        Below: the claimed covariance is too large. Above: too small.
    level : float
    """

    low: float
    high: float
    level: float


def nees_bounds(runs: int, dimensions: int, *, level: float = 0.95) -> ConsistencyBounds:
    """Bound the normalised estimation error squared, averaged over independent runs.

    Examples
    --------
    >>> bounds = nees_bounds(50, 4)
    >>> round(bounds.low, 4), round(bounds.high, 4)
    (3.2546, 4.8212)
    """
    require_count("runs", runs, least=1)
    require_count("dimensions", dimensions, least=1)
    require_level(level)
    tail = (1.0 - level) / 2.0
    dof = runs * dimensions
    return ConsistencyBounds(
        chi2_quantile(tail, dof) / runs, chi2_quantile(1.0 - tail, dof) / runs, level
    )
