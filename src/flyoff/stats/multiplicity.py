"""Several tests at once: adjusted p-values and simultaneous levels.

Holm's adjustment bounds the chance of *any* false claim; Benjamini and Hochberg's bounds the share
of false ones among the claims made. The tests must be planned before the data are seen.

References
----------
Holm (1979), Scand. J. Statist. 6:65. Benjamini & Hochberg (1995), JRSS B 57:289.
"""

from collections.abc import Sequence

import numpy as np

from flyoff.errors import StatsError
from flyoff.stats.estimate import require_count, require_level
from flyoff.units import FloatArray


def holm(p_values: Sequence[float]) -> FloatArray:
    """Adjust p-values step down, in the order given.

    Returns
    -------
    float64, shape (m,)

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03, 0.005]).round(6).tolist()
    [0.03, 0.06, 0.06, 0.02]
    """
    p = _checked(p_values)
    order = np.argsort(p, kind="stable")
    raised = np.maximum.accumulate((p.size - np.arange(p.size)) * p[order])
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(raised, 1.0)
    return adjusted


def benjamini_hochberg(p_values: Sequence[float]) -> FloatArray:
    """Adjust p-values for the false discovery rate, in the order given.

    Returns
    -------
    float64, shape (m,)

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.04, 0.03, 0.005]).round(6).tolist()
    [0.02, 0.04, 0.04, 0.02]
    """
    p = _checked(p_values)
    order = np.argsort(-p, kind="stable")
    ranks = p.size - np.arange(p.size)
    lowered = np.minimum.accumulate(p.size / ranks * p[order])
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(lowered, 1.0)
    return adjusted


def simultaneous_level(level: float, intervals: int) -> float:
    """Level that each of several intervals needs for all to hold together (Bonferroni).

    Examples
    --------
    >>> round(simultaneous_level(0.90, 5), 12)
    0.98
    """
    require_level(level)
    require_count("intervals", intervals, least=1)
    return 1.0 - (1.0 - level) / intervals


def _checked(p_values: Sequence[float]) -> FloatArray:
    p = np.asarray(p_values, dtype=np.float64)
    if p.ndim != 1:
        raise StatsError(f"p-values come as a list, not with {p.ndim} dimensions")
    if not np.all((p >= 0.0) & (p <= 1.0)):
        raise StatsError(f"p-values {p_values} are not all between 0 and 1")
    return p
