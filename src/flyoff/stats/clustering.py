"""What trials that share a vehicle, operator or day are worth, since they are not independent.

The intra-cluster correlation (ICC) and the design effect say how many independent trials the data
amount to: 60 sorties on 6 vehicles with an ICC of 0.25 are worth about 18. Methods differ (the same
data give p = 0.044 and 0.097 below), so publish the ICC and the method. With fewer than five
clusters the correlation is barely identified, whatever the model.

References
----------
Kish (1965), Survey Sampling. Rao & Scott (1992), Biometrics 48:577. Donner (1989), Biometrics
45:1245. Ridout, Demetrio & Firth (1999), Biometrics 55:137. Korn & Graubard (1998), Survey
Methodology 24:193.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from flyoff.errors import StatsError
from flyoff.stats.comparison import ChiSquareTest
from flyoff.stats.distributions import beta_quantile, chi2_tail, student_quantile
from flyoff.stats.estimate import Estimate, Sides, interval, require_trials, tails
from flyoff.units import FloatArray

FEW_CLUSTERS = 5  # below this a variance between clusters is barely identified


@dataclass(frozen=True, slots=True)
class Clusters:
    """Successes and trials of every cluster of one group.

    Attributes
    ----------
    successes, trials : float64, shape (clusters,)
    """

    successes: FloatArray
    trials: FloatArray

    @classmethod
    def of(cls, successes: Sequence[int], trials: Sequence[int]) -> "Clusters":
        """Check counts and keep the clusters that have trials at all."""
        if len(successes) != len(trials):
            raise StatsError(f"{len(successes)} successes do not match {len(trials)} trials")
        kept = [(x, n) for x, n in zip(successes, trials, strict=True) if (x, n) != (0, 0)]
        for x, n in kept:
            require_trials(x, n)
        if not kept:
            raise StatsError("no cluster has any trial")
        return cls(*(np.asarray(column, dtype=np.float64) for column in zip(*kept, strict=True)))

    @property
    def total(self) -> float:
        """Trials in all clusters."""
        return float(self.trials.sum())

    @property
    def share(self) -> float:
        """Successes over trials, all clusters together."""
        return float(self.successes.sum() / self.trials.sum())


@dataclass(frozen=True, slots=True)
class DesignEffect:
    """By which factor clustering shrinks the sample.

    Attributes
    ----------
    factor : float
        1 for independent trials.
    effective_n : float
        Trials divided by the factor.
    """

    factor: float
    effective_n: float


@dataclass(frozen=True, slots=True)
class AdjustedTest:
    """A test between groups that allows for clusters.

    Attributes
    ----------
    test : ChiSquareTest
    factors : tuple of float
        Design effect, or variance inflation, of each group.
    icc : float
        Common intra-cluster correlation; NaN where the method does not use one.
    """

    test: ChiSquareTest
    factors: tuple[float, ...]
    icc: float


def anova_icc(successes: Sequence[int], trials: Sequence[int]) -> float:
    """Intra-cluster correlation of yes-or-no outcomes by the analysis of variance.

    Can be negative. NaN if every cluster has one trial, or there is one cluster, or no variation.

    Examples
    --------
    >>> round(anova_icc([10, 9, 4, 10], [10, 10, 10, 10]), 3)
    0.444
    """
    return _anova([Clusters.of(successes, trials)])


def _anova(groups: Sequence[Clusters]) -> float:
    """Correlation within clusters, pooled over groups that each have their own mean."""
    clusters = sum(group.trials.size for group in groups)
    between_dof, within_dof = clusters - len(groups), sum(g.total for g in groups) - clusters
    if between_dof < 1 or within_dof < 1:
        return float("nan")
    between = within = size = 0.0
    for group in groups:
        share = group.successes / group.trials
        between += float(np.sum(group.trials * (share - group.share) ** 2))
        within += float(np.sum(group.trials * share * (1.0 - share)))
        size += group.total - float(np.sum(group.trials**2)) / group.total
    size /= between_dof
    between /= between_dof
    within /= within_dof
    scale = between + (size - 1.0) * within
    return (between - within) / scale if scale > 0.0 else float("nan")


def kish(cluster_size: float, icc: float, trials: float) -> DesignEffect:
    """Design effect 1 + (m - 1) ICC for clusters of mean size m.

    Examples
    --------
    >>> effect = kish(10, 0.25, 60)
    >>> effect.factor, round(effect.effective_n, 2)
    (3.25, 18.46)
    """
    if not cluster_size >= 1.0:
        raise StatsError(f"mean cluster size {cluster_size:g} is below 1")
    if not -1.0 <= icc <= 1.0:
        raise StatsError(f"intra-cluster correlation {icc:g} is not between -1 and 1")
    factor = 1.0 + (cluster_size - 1.0) * icc
    if not factor > 0.0:
        raise StatsError(f"design effect {factor:g} is not above 0: the correlation is too low")
    return DesignEffect(factor, trials / factor)


def rao_scott_factor(successes: Sequence[int], trials: Sequence[int]) -> float:
    """Design effect of one group: the variance between clusters over the binomial variance.

    1 where all trials succeeded or all failed, for then nothing can be measured.

    Examples
    --------
    >>> round(rao_scott_factor([10, 9, 4, 10], [10, 10, 10, 10]), 2)
    5.71
    """
    return _rao_scott(Clusters.of(successes, trials))


def _rao_scott(group: Clusters) -> float:
    clusters = group.trials.size
    if clusters < 2:
        raise StatsError("one cluster does not show how clusters vary; two or more are needed")
    binomial = group.share * (1.0 - group.share)
    if binomial == 0.0:
        return 1.0
    residual = group.successes - group.trials * group.share
    variance = clusters / (clusters - 1.0) * float(np.sum(residual**2)) / group.total**2
    return variance * group.total / binomial


def rao_scott_test(groups: Mapping[str, tuple[Sequence[int], Sequence[int]]]) -> AdjustedTest:
    """Compare groups of clusters after dividing counts by each group's design effect.

    Parameters
    ----------
    groups : mapping of name to (successes, trials)

    Examples
    --------
    >>> shown = rao_scott_test({"a": ([9, 10, 8], [10, 10, 10]), "b": ([4, 9, 1], [10, 10, 10])})
    >>> round(shown.test.p_value, 3)
    0.02
    """
    checked = _checked(groups)
    factors = tuple(_rao_scott(group) for group in checked)
    x = np.array([g.successes.sum() / f for g, f in zip(checked, factors, strict=True)])
    n = np.array([g.total / f for g, f in zip(checked, factors, strict=True)])
    test = _weighted_homogeneity(x, n, np.ones(len(checked)), "Rao-Scott")
    return AdjustedTest(test, factors, float("nan"))


def donner_test(groups: Mapping[str, tuple[Sequence[int], Sequence[int]]]) -> AdjustedTest:
    """Compare groups of clusters with a χ² test inflated by a common correlation.

    Parameters
    ----------
    groups : mapping of name to (successes, trials)

    Examples
    --------
    >>> shown = donner_test({"a": ([9, 10, 8], [10, 10, 10]), "b": ([4, 9, 1], [10, 10, 10])})
    >>> round(shown.icc, 3), round(shown.test.p_value, 3)
    (0.374, 0.084)
    """
    checked = _checked(groups)
    icc = _anova(checked)
    rho = 0.0 if np.isnan(icc) else icc
    factors = tuple(
        float(np.sum(g.trials * (1.0 + (g.trials - 1.0) * rho)) / g.total) for g in checked
    )
    x = np.array([g.successes.sum() for g in checked])
    n = np.array([g.total for g in checked])
    return AdjustedTest(_weighted_homogeneity(x, n, np.array(factors), "Donner"), factors, icc)


def _checked(groups: Mapping[str, tuple[Sequence[int], Sequence[int]]]) -> list[Clusters]:
    if len(groups) < 2:
        raise StatsError(f"{len(groups)} group cannot be compared; two or more are needed")
    return [Clusters.of(successes, trials) for successes, trials in groups.values()]


def _weighted_homogeneity(
    x: FloatArray, n: FloatArray, inflation: FloatArray, method: str
) -> ChiSquareTest:
    pooled = x.sum() / n.sum()
    dof = x.size - 1
    if pooled in (0.0, 1.0):
        return ChiSquareTest(0.0, dof, 1.0, method)
    statistic = float(np.sum((x - n * pooled) ** 2 / (inflation * n * pooled * (1.0 - pooled))))
    return ChiSquareTest(statistic, dof, chi2_tail(statistic, dof), method)


@dataclass(frozen=True, slots=True)
class ClusteredProportion:
    """A success probability whose interval allows for clusters.

    Attributes
    ----------
    estimate : Estimate
        Its `n` is the effective number of independent trials.
    icc : float
        NaN where it cannot be measured.
    design_effect : float
        At least 1.
    clusters : int
    note : str
        What the reader must know about this estimate; empty if nothing.
    """

    estimate: Estimate
    icc: float
    design_effect: float
    clusters: int
    note: str


def clustered_proportion(
    successes: Sequence[int],
    trials: Sequence[int],
    *,
    level: float = 0.90,
    sides: Sides = "two-sided",
    icc: float | None = None,
) -> ClusteredProportion:
    """Estimate a success probability from clusters: Korn and Graubard's exact-type interval.

    Clopper-Pearson on the effective number of trials, reduced once more for estimating the design
    effect from few clusters (ratio of Student quantiles). Never narrower than Clopper-Pearson.

    Parameters
    ----------
    successes, trials : sequence of int
        One entry a cluster (vehicle, operator, day).
    icc : float, optional
        Correlation to assume instead of measuring it; needed where all trials had one outcome.

    Examples
    --------
    >>> shown = clustered_proportion([10, 9, 4, 10, 8, 9], [10] * 6, level=0.90)
    >>> round(shown.design_effect, 2), round(shown.estimate.low, 3), round(shown.estimate.high, 3)
    (3.44, 0.562, 0.97)
    """
    group = Clusters.of(successes, trials)
    clusters = group.trials.size
    measured = _anova([group]) if icc is None else icc
    correlation = 0.0 if np.isnan(measured) else min(max(measured, 0.0), 1.0)
    size = (
        float(np.sum(group.trials**2)) / group.total
    )  # what a trial's own cluster holds on average
    effect = kish(size, correlation, group.total)
    tail = tails(level, sides)
    effective = effect.effective_n
    if icc is None and clusters > 1 and group.total > clusters:
        few = student_quantile(1.0 - tail, clusters - 1.0)
        many = student_quantile(1.0 - tail, group.total - 1.0)
        effective *= min((many / few) ** 2, 1.0)
    x, rest = effective * group.share, effective * (1.0 - group.share)
    estimate = interval(
        group.share,
        beta_quantile(tail, x, rest + 1.0) if x else 0.0,
        beta_quantile(1.0 - tail, x + 1.0, rest) if rest else 1.0,
        level=level,
        sides=sides,
        method="Korn-Graubard (clustered Clopper-Pearson)",
        n=effective,
        floor=0.0,
        ceiling=1.0,
    )
    return ClusteredProportion(
        estimate, measured, effect.factor, clusters, _note(group, icc is not None, measured)
    )


def _note(group: Clusters, assumed: bool, icc: float) -> str:
    if assumed:
        return f"intra-cluster correlation {icc:g} assumed, not measured"
    if group.trials.size == 1:
        return "one cluster only: variation between clusters cannot be seen"
    if group.share in (0.0, 1.0):
        return "all outcomes alike: variation between clusters cannot be measured"
    if group.trials.size < FEW_CLUSTERS:
        return f"only {group.trials.size} clusters: their variation is barely identified"
    return ""
