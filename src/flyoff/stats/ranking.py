"""Which candidate is best, as probabilities of posterior beliefs.

For the narrative of a decision, not for the claim that a requirement is met. Uniform Beta(1, 1)
priors unless others are given; the integral runs over an angle, in which Beta densities with
parameters of at least one half have no singular ends.

References
----------
Thompson (1933), Biometrika 25:285. Cook (2003), MD Anderson UTMDABTR-005-05.
"""

import math
from collections.abc import Sequence

import numpy as np

from flyoff.errors import StatsError
from flyoff.stats.distributions import gauss_legendre, log_beta
from flyoff.stats.estimate import require_trials
from flyoff.units import FloatArray


def probability_better(
    a_successes: int,
    a_trials: int,
    b_successes: int,
    b_trials: int,
    *,
    prior: tuple[float, float] = (1.0, 1.0),
) -> float:
    """Probability that the first candidate's success probability is above the second's.

    Examples
    --------
    >>> round(probability_better(19, 20, 14, 20), 5)
    0.97759
    """
    shares = probability_best([a_successes, b_successes], [a_trials, b_trials], prior=prior)
    return float(shares[0])


def probability_best(
    successes: Sequence[int],
    trials: Sequence[int],
    *,
    prior: tuple[float, float] = (1.0, 1.0),
) -> FloatArray:
    """Probability of each candidate that its success probability is the highest.

    Returns
    -------
    float64, shape (candidates,)
        Sums to 1.

    Examples
    --------
    >>> probability_best([19, 14, 17], [20, 20, 20]).round(4).tolist()
    [0.8212, 0.0108, 0.168]
    """
    if len(successes) != len(trials) or not trials:
        raise StatsError(f"{len(successes)} successes do not match {len(trials)} trials")
    for x, n in zip(successes, trials, strict=True):
        require_trials(x, n)
    if min(prior) < 0.5:
        raise StatsError(f"prior {prior} has a Beta parameter below 0.5")
    a = np.asarray(successes, dtype=np.float64) + prior[0]
    b = np.asarray(trials, dtype=np.float64) - np.asarray(successes) + prior[1]
    return _best_of(a, b)


def _best_of(a: FloatArray, b: FloatArray) -> FloatArray:
    """Integrate each density times the others' distribution functions over the angle."""
    from scipy import special

    # enough panels that each is narrower than half a standard deviation of the sharpest density
    sharpest = float(np.max(a + b))
    angles, weights = gauss_legendre(0.0, math.pi / 2.0, panels=32 + 4 * int(math.sqrt(sharpest)))
    x = np.sin(angles) ** 2
    sine, cosine = np.log(np.sin(angles)), np.log(np.cos(angles))
    below = np.array([special.betainc(ai, bi, x) for ai, bi in zip(a, b, strict=True)])
    shares = np.empty(a.size)
    for i in range(a.size):
        # dx = 2 sin cos dθ joins the density's powers
        logs = (2.0 * a[i] - 1.0) * sine + (2.0 * b[i] - 1.0) * cosine - log_beta(a[i], b[i])
        others = np.prod(np.delete(below, i, axis=0), axis=0)
        shares[i] = np.sum(weights * 2.0 * np.exp(logs) * others)
    return shares
