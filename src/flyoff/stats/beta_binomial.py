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
from flyoff.stats.distributions import beta_quantile, log_choose_each, root
from flyoff.stats.estimate import Estimate, tails
from flyoff.units import FloatArray, IntArray

NO_CORRELATION = 1e-9  # a fitted correlation below this is the binomial limit
_MOST_STEPS = 100


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
    theta = _best_theta(likelihood)
    mean = likelihood.best_mean(theta)
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

    def best_mean(self, theta: float) -> float:
        """Mean of highest likelihood for one theta: Newton's method on a concave function."""
        steps = theta * np.arange(self.trials.size, dtype=np.float64)
        low, high = 0.0, 1.0
        mean = float(self.successes.sum() / (self.successes.sum() + self.failures.sum()))
        for _ in range(_MOST_STEPS):
            won, lost = self.successes / (mean + steps), self.failures / (1.0 - mean + steps)
            slope = float(np.sum(won) - np.sum(lost))
            bend = float(np.sum(won / (mean + steps)) + np.sum(lost / (1.0 - mean + steps)))
            if abs(slope) <= 1e-14 * bend:
                break
            low, high = (mean, high) if slope > 0.0 else (low, mean)
            after = mean + slope / bend
            mean = after if low < after < high else (low + high) / 2.0
        return mean

    def profile(self, theta: float) -> float:
        """Highest log-likelihood for one theta."""
        return self(self.best_mean(theta), theta)

    def profile_slope(self, theta: float) -> float:
        """Derivative of the profile by theta."""
        r = np.arange(self.trials.size, dtype=np.float64)
        mean, steps = self.best_mean(theta), theta * r
        won, lost = self.successes / (mean + steps), self.failures / (1.0 - mean + steps)
        return float(np.sum(r * (won + lost - self.trials / (1.0 + steps))))


def _above(counts: FloatArray, r: IntArray) -> FloatArray:
    return (counts.size - np.searchsorted(np.sort(counts), r, side="right")).astype(np.float64)


def _weighted_logs(weights: FloatArray, values: FloatArray) -> float:
    used = weights > 0.0
    return float(np.sum(weights[used] * np.log(values[used])))


def _best_theta(likelihood: Likelihood) -> float:
    """Look over a wide grid of correlations, then find the peak between its neighbours."""
    rho = np.concatenate([[0.0], np.geomspace(1e-5, 0.5, 20), 1.0 - np.geomspace(0.45, 1e-6, 12)])
    thetas = rho / (1.0 - rho)
    best = int(np.argmax([likelihood.profile(float(theta)) for theta in thetas]))
    low, high = float(thetas[max(best - 1, 0)]), float(thetas[min(best + 1, thetas.size - 1)])
    if likelihood.profile_slope(low) <= 0.0:
        return low  # falls from 0 on: the clusters do not differ
    if likelihood.profile_slope(high) >= 0.0:
        return high  # every cluster all or nothing
    return root(likelihood.profile_slope, low, high, "correlation of the beta-binomial")
