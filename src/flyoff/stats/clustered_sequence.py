"""Evidence about a success probability that stays valid at every look, with clusters.

`confidence_sequence` forgives looking after every trial, but takes the trials as independent; the
bounds of `clustered_bounds` allow for clusters, but only for one look. Sorties of a few vehicles,
watched day by day, need both at once.

Within each cluster the outcomes are beta-binomial with a common mean and correlation. For a fixed
correlation the likelihood averaged over the means on the other side of the limit, divided by the
likelihood at the limit, is a martingale if the limit is the mean; the smallest such ratio over all
correlations up to the largest thought possible is therefore seldom large whichever of them is true
(Ville's inequality). Only the counts of each cluster matter, not the order of the trials.

References
----------
Ville (1939). Ramdas, Grünwald, Vovk & Shafer (2023), Statist. Sci. 38:576 (minima of e-processes).
Griffiths (1973), Biometrics 29:637 (beta-binomial).
"""

import math
from collections.abc import Sequence

import numpy as np

from flyoff.stats.clustering import Clusters
from flyoff.stats.distributions import root
from flyoff.stats.estimate import (
    Estimate,
    Sides,
    interval,
    require_level,
    require_open_probability,
    require_sides,
)
from flyoff.units import FloatArray, IntArray

METHOD = "beta-binomial confidence sequence at the worst correlation"
_CORRELATIONS = 5  # tried between none and the largest; the ends are nearly always the worst
_MEANS = 48  # of the mixture, at equal steps of its prior distribution
_FAR = 30.0


def clustered_evidence_above(
    successes: Sequence[int], trials: Sequence[int], limit: float, *, most_icc: float = 0.2
) -> float:
    """Weigh the evidence that the mean success probability is above `limit`, at any look.

    Returns an e-value: it reaches 1 / (1 - level) with a chance of at most 1 - level, however often
    it is looked at, if the mean is `limit` or less.

    Parameters
    ----------
    successes, trials : sequence of int
        One entry a cluster.
    limit : float
    most_icc : float
        Largest correlation thought possible.

    Examples
    --------
    >>> clustered_evidence_above([10] * 6, [10] * 6, 0.80) > 1 / 0.10
    True
    """
    require_open_probability("limit", limit)
    require_open_probability("largest correlation", most_icc)
    group = Clusters.of(successes, trials)
    return math.exp(min(_Evidence(group, most_icc).above(limit), 700.0))


def clustered_sequence(
    successes: Sequence[int],
    trials: Sequence[int],
    *,
    level: float = 0.90,
    sides: Sides = "two-sided",
    most_icc: float = 0.2,
) -> Estimate:
    """Estimate a mean success probability with an interval that holds at every look.

    Two-sided intervals join both one-sided ones at half the error each. Where every cluster has one
    trial this is a confidence sequence for independent trials.

    Examples
    --------
    >>> shown = clustered_sequence([10] * 6, [10] * 6, level=0.90, sides="lower")
    >>> round(shown.low, 2)
    0.91
    """
    require_level(level)
    require_sides(sides)
    require_open_probability("largest correlation", most_icc)
    group = Clusters.of(successes, trials)
    error = (1.0 - level) / 2.0 if sides == "two-sided" else 1.0 - level
    low = 0.0 if sides == "upper" else _lowest(group, most_icc, error)
    mirrored = Clusters(group.trials - group.successes, group.trials)
    high = 1.0 if sides == "lower" else 1.0 - _lowest(mirrored, most_icc, error)
    return interval(
        group.share,
        low,
        high,
        level=level,
        sides=sides,
        method=METHOD,
        n=group.total,
        floor=0.0,
        ceiling=1.0,
    )


def _lowest(group: Clusters, most_icc: float, error: float) -> float:
    """Smallest mean that the evidence above it does not reject."""
    if group.share == 0.0:
        return 0.0
    evidence = _Evidence(group, most_icc)
    threshold = -math.log(error)

    def excess(log_odds: float) -> float:
        return evidence.above(1.0 / (1.0 + math.exp(-log_odds))) - threshold

    share = min(group.share, 1.0 - 1e-12)
    top = min(math.log(share / (1.0 - share)), _FAR)
    if excess(-_FAR) <= 0.0:
        return 0.0
    if excess(top) > 0.0:  # only where the share itself is at the end of the range
        return group.share
    return 1.0 / (1.0 + math.exp(-root(excess, -_FAR, top, "clustered sequence")))


class _Evidence:
    """Logarithm of the smallest likelihood ratio over the correlations."""

    def __init__(self, group: Clusters, most_icc: float) -> None:
        rho = np.linspace(0.0, most_icc, _CORRELATIONS)
        if group.total == group.trials.size:
            rho = rho[:1]  # single trials: nothing can correlate within a cluster
        self._theta: FloatArray = rho / (1.0 - rho)
        steps = np.arange(int(group.trials.max()))
        self._won = _more_than(group.successes, steps)
        self._lost = _more_than(group.trials - group.successes, steps)

    def above(self, limit: float) -> float:
        """Logarithm of the evidence that the mean is above `limit`."""
        means = _means_above(limit)
        at = self._log_likelihoods(np.append(means, limit))
        ratios = at[:, :-1] - at[:, -1:]
        peak = ratios.max(axis=1)
        mixed = peak + np.log(np.mean(np.exp(ratios - peak[:, None]), axis=1))
        return float(mixed.min())

    def _log_likelihoods(self, means: FloatArray) -> FloatArray:
        """Shape (correlations, means), up to what does not depend on the mean."""
        total = np.zeros((self._theta.size, means.size))
        for weights, side in ((self._won, means), (self._lost, 1.0 - means)):
            used = np.flatnonzero(weights)
            grown = side[None, :, None] + (self._theta[:, None] * used[None, :])[:, None, :]
            total += np.log(grown) @ weights[used]
        return total


def _means_above(limit: float) -> FloatArray:
    """Means of equal weight under Jeffreys' prior, cut to what is above the limit."""
    # Beta(1/2, 1/2) is uniform in the angle whose squared sine is the mean
    start = math.asin(math.sqrt(limit))
    angles = start + (math.pi / 2.0 - start) * (np.arange(_MEANS) + 0.5) / _MEANS
    return np.asarray(np.sin(angles) ** 2, dtype=np.float64)


def _more_than(counts: FloatArray, steps: IntArray) -> FloatArray:
    """How many clusters count more than each step."""
    ordered = np.sort(counts)
    return (counts.size - np.searchsorted(ordered, steps, side="right")).astype(np.float64)
