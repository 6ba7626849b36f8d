"""Percentile bootstrap over clusters, for figures without a formula; the same numbers every time.

References
----------
Davison & Hinkley (1997), Bootstrap Methods and their Application, 3.8. With few clusters the
interval is too narrow: what it rests on is told as `n`.
"""

from collections.abc import Callable
from typing import Final

import numpy as np

from flyoff.stats.estimate import Estimate, require_count, require_level
from flyoff.units import IntArray

_DRAWS: Final = 500
_SEED: Final = 335


def cluster_bootstrap(
    figure: Callable[[IntArray], float], clusters: int, *, level: float = 0.90
) -> Estimate:
    """Estimate a figure by drawing whole clusters with replacement.

    Parameters
    ----------
    figure : callable
        Takes indices of clusters, with repetitions.
    clusters : int

    Examples
    --------
    >>> values = np.arange(20.0)
    >>> shown = cluster_bootstrap(lambda rows: float(values[rows].mean()), 20)
    >>> shown.value, shown.low < 9.5 < shown.high
    (9.5, True)
    """
    require_level(level)
    require_count("clusters", clusters, least=2)
    rng = np.random.default_rng(_SEED)
    drawn = [figure(rng.integers(0, clusters, clusters)) for _ in range(_DRAWS)]
    value = figure(np.arange(clusters))
    low, high = np.quantile(drawn, [(1.0 - level) / 2.0, (1.0 + level) / 2.0])
    return Estimate(
        value,
        min(float(low), value),
        max(float(high), value),
        level,
        "two-sided",
        "bootstrap over clusters",
        clusters,
    )
