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
from flyoff.stats.distributions import beta_binomial_log_pmf, beta_quantile, log_choose_each
from flyoff.stats.estimate import Estimate, tails

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
    binomial = _binomial_log_likelihood(clusters, share)
    if share in (0.0, 1.0):
        return BetaBinomialFit(share, 0.0, binomial, clusters)
    mean, correlation, log_likelihood = _maximise(clusters)
    if correlation < NO_CORRELATION or log_likelihood <= binomial:
        return BetaBinomialFit(share, 0.0, binomial, clusters)
    return BetaBinomialFit(mean, correlation, log_likelihood, clusters)


def _binomial_log_likelihood(clusters: Clusters, p: float) -> float:
    x, n = clusters.successes, clusters.trials
    logs = log_choose_each(n, x)
    if 0.0 < p < 1.0:
        logs = logs + x * math.log(p) + (n - x) * math.log1p(-p)
    return float(np.sum(logs))


def _maximise(clusters: Clusters) -> tuple[float, float, float]:
    """Search in the logits of mean and correlation, from several correlations, and polish."""
    from scipy import optimize, special

    def minus(at: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> float:
        mean, rho = special.expit(np.clip(at, -30.0, 30.0))
        strength = 1.0 / rho - 1.0
        a, b = max(mean * strength, 1e-12), max((1.0 - mean) * strength, 1e-12)
        return -float(
            np.sum(beta_binomial_log_pmf(clusters.successes, clusters.trials, float(a), float(b)))
        )

    best = None
    for rho in (0.01, 0.1, 0.4):
        start = special.logit([clusters.share, rho])
        found = optimize.minimize(
            minus,
            start,
            method="Nelder-Mead",
            options={"xatol": 1e-9, "fatol": 1e-13, "maxiter": 4000},
        )
        if best is None or found.fun < best.fun:
            best = found
    assert best is not None  # the loop above ran
    mean, rho = special.expit(best.x)
    return float(mean), float(rho), -float(best.fun)
