"""Partial pooling: success probabilities that vary from cluster to cluster as a beta variable.

Maximum likelihood of the beta-binomial in mean and correlation, and estimates of each cluster
shrunk towards the mean (empirical Bayes). The shrunk intervals take mean and correlation as known,
hence are somewhat too narrow with few clusters.

References
----------
Griffiths (1973), Biometrics 29:637. Prentice (1986), JASA 81:321.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from flyoff.errors import StatsError
from flyoff.stats.clustering import Clusters
from flyoff.stats.distributions import beta_quantile, log_choose_each
from flyoff.stats.estimate import Estimate, tails
from flyoff.units import FloatArray, IntArray

NO_CORRELATION = 1e-9  # a fitted correlation below this is the binomial limit


@dataclass(frozen=True, slots=True)
class BetaBinomialFit:
    """Mean success probability and how much it varies between clusters.

    Attributes
    ----------
    mean : float
    correlation : float
        Intra-cluster correlation 1 / (a + b + 1); 0 where the clusters do not differ.
    log_likelihood : float
        With the binomial coefficients.
    clusters : Clusters
    """

    mean: float
    correlation: float
    log_likelihood: float
    clusters: Clusters

    @property
    def strength(self) -> float:
        """How many trials the common mean is worth when a cluster is shrunk to it: a + b."""
        return 1.0 / self.correlation - 1.0 if self.correlation > 0.0 else math.inf

    def shrunk(self, *, level: float = 0.90) -> tuple[Estimate, ...]:
        """Estimate each cluster's success probability, drawn towards the common mean."""
        tail = tails(level, "two-sided")
        strength = self.strength
        shown = []
        for x, n in zip(self.clusters.successes, self.clusters.trials, strict=True):
            if math.isinf(strength):
                value = low = high = self.mean
            else:
                a = self.mean * strength + float(x)
                b = (1.0 - self.mean) * strength + float(n - x)
                value = a / (a + b)
                low, high = beta_quantile(tail, a, b), beta_quantile(1.0 - tail, a, b)
            shown.append(
                Estimate(value, low, high, level, "two-sided", "beta-binomial shrinkage", float(n))
            )
        return tuple(shown)


def beta_binomial_fit(successes: Sequence[int], trials: Sequence[int]) -> BetaBinomialFit:
    """Fit the beta-binomial by maximum likelihood.

    Examples
    --------
    >>> fit = beta_binomial_fit([10, 9, 4, 10, 8, 9], [10] * 6)
    >>> round(fit.mean, 3), round(fit.correlation, 3)
    (0.831, 0.191)
    """
    clusters = Clusters.of(successes, trials)
    if clusters.trials.size < 2:
        raise StatsError("one cluster does not show how clusters vary; two or more are needed")
    share = clusters.share
    likelihood = Likelihood.of(clusters)
    binomial = likelihood(share, 0.0)
    if share in (0.0, 1.0):
        return BetaBinomialFit(share, 0.0, binomial, clusters)
    mean, theta = _maximise(likelihood, share)
    correlation, fitted = theta / (1.0 + theta), likelihood(mean, theta)
    if correlation < NO_CORRELATION or fitted <= binomial:
        return BetaBinomialFit(share, 0.0, binomial, clusters)
    return BetaBinomialFit(mean, correlation, fitted, clusters)


@dataclass(frozen=True, slots=True, eq=False)
class Likelihood:
    """Log-likelihood in mean and theta = correlation / (1 - correlation), exact at theta = 0.

    The beta-binomial is a product of (mean + r theta), (1 - mean + r theta) and 1 / (1 + r theta);
    only how often each r occurs matters, so the cost does not grow with the number of clusters.
    """

    constant: float
    successes: FloatArray  # how many clusters have more than r successes
    failures: FloatArray
    trials: FloatArray

    @classmethod
    def of(cls, clusters: Clusters) -> "Likelihood":
        """Count how often each factor occurs."""
        x, n = clusters.successes, clusters.trials
        r = np.arange(int(n.max()))
        constant = float(np.sum(log_choose_each(n, x)))
        return cls(constant, _above(x, r), _above(n - x, r), _above(n, r))

    def __call__(self, mean: float, theta: float) -> float:
        """Log-likelihood with the binomial coefficients."""
        steps: FloatArray = theta * np.arange(self.trials.size, dtype=np.float64)
        return (
            self.constant
            + _weighted_logs(self.successes, mean + steps)
            + _weighted_logs(self.failures, 1.0 - mean + steps)
            - _weighted_logs(self.trials, 1.0 + steps)
        )

    def gradient(self, mean: float, theta: float) -> FloatArray:
        """Derivatives by mean and theta, shape (2,)."""
        r = np.arange(self.trials.size)
        won, lost = self.successes / (mean + r * theta), self.failures / (1.0 - mean + r * theta)
        flown = self.trials / (1.0 + r * theta)
        return np.array([np.sum(won - lost), np.sum(r * (won + lost - flown))])


def _above(counts: FloatArray, r: IntArray) -> FloatArray:
    return (counts.size - np.searchsorted(np.sort(counts), r, side="right")).astype(np.float64)


def _weighted_logs(weights: FloatArray, values: FloatArray) -> float:
    used = weights > 0.0
    return float(np.sum(weights[used] * np.log(values[used])))


def _maximise(likelihood: Likelihood, share: float) -> tuple[float, float]:
    """Search mean and theta from several starts; theta may end at 0."""
    from scipy import optimize

    edge = 1e-9
    best, at = -math.inf, (share, 0.0)
    for theta in (0.01, 0.1, 1.0):
        found = optimize.minimize(
            lambda v: -likelihood(v[0], v[1]),
            [share, theta],
            jac=lambda v: -likelihood.gradient(v[0], v[1]),
            method="L-BFGS-B",
            bounds=[(edge, 1.0 - edge), (0.0, 1e6)],
            options={"ftol": 1e-16, "gtol": 1e-10, "maxiter": 500},
        )
        if -found.fun > best:
            best, at = -float(found.fun), (float(found.x[0]), float(found.x[1]))
    return at
