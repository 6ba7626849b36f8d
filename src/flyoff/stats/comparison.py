"""Whether two candidates, or several, truly differ in success probability.

For two candidates flown separately take `boschloo` for the p-value (uniformly more powerful than
`fisher`) and `newcombe` for the interval of the difference; for two sensors that saw the same
passes take `mcnemar_exact`. Fix the method before the trial: it can flip the verdict. That two
intervals overlap does not show that there is no difference.

References
----------
Boschloo (1970), Statist. Neerl. 24:1. Newcombe (1998), Statist. Med. 17:873. Agresti & Caffo
(2000), Am. Statist. 54:280. McNemar (1947), Psychometrika 12:153.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from flyoff.errors import StatsError
from flyoff.stats.distributions import (
    binomial_cdf,
    chi2_tail,
    hypergeometric_pmf,
    log_choose,
    normal_quantile,
)
from flyoff.stats.estimate import (
    Estimate,
    interval,
    require_count,
    require_trials,
    tails,
)
from flyoff.stats.proportions import wilson_ends
from flyoff.units import BoolArray, FloatArray

# relative allowance within which two probabilities count as tied (as R's fisher.test)
TIE = 1e-7


@dataclass(frozen=True, slots=True)
class ExactTest:
    """p-values of an exact test that the first candidate's success probability equals the second's.

    Attributes
    ----------
    greater, less : float
        One-sided: the first is better, the first is worse.
    two_sided : float
    method : str
    """

    greater: float
    less: float
    two_sided: float
    method: str


@dataclass(frozen=True, slots=True)
class ChiSquareTest:
    """A statistic with its degrees of freedom and p-value."""

    statistic: float
    dof: int
    p_value: float
    method: str


def fisher(a_successes: int, a_trials: int, b_successes: int, b_trials: int) -> ExactTest:
    """Fisher's exact test; conservative, kept for comparison with other reports.

    Two-sided: the probability of all tables no likelier than the one observed.

    Examples
    --------
    >>> round(fisher(19, 20, 14, 20).two_sided, 4)
    0.0915
    """
    require_trials(a_successes, a_trials)
    require_trials(b_successes, b_trials)
    successes = a_successes + b_successes
    pmf = hypergeometric_pmf(a_trials + b_trials, successes, a_trials)
    seen = pmf[a_successes]
    return ExactTest(
        greater=min(1.0, float(pmf[a_successes:].sum())),
        less=min(1.0, float(pmf[: a_successes + 1].sum())),
        two_sided=min(1.0, float(pmf[pmf <= seen * (1.0 + TIE)].sum())),
        method="Fisher",
    )


def boschloo(a_successes: int, a_trials: int, b_successes: int, b_trials: int) -> ExactTest:
    """Boschloo's unconditional exact test; two-sided is twice the smaller one-sided p-value.

    The supremum over the unknown common probability is found on a fine grid, then refined.

    Examples
    --------
    >>> round(boschloo(19, 20, 14, 20).two_sided, 4)
    0.0464
    """
    require_trials(a_successes, a_trials)
    require_trials(b_successes, b_trials)
    greater = _boschloo_greater(a_successes, a_trials, b_successes, b_trials)
    less = _boschloo_greater(a_trials - a_successes, a_trials, b_trials - b_successes, b_trials)
    return ExactTest(greater, less, min(1.0, 2.0 * min(greater, less)), "Boschloo")


def _boschloo_greater(a_successes: int, a_trials: int, b_successes: int, b_trials: int) -> float:
    """One-sided p-value: supremum of the chance of tables as extreme by Fisher's p-value."""
    fisher_p = _fisher_greater_table(a_trials, b_trials)
    extreme = fisher_p <= fisher_p[a_successes, b_successes] * (1.0 + TIE)
    grid = np.sin(np.linspace(0.0, math.pi / 2.0, 1025)) ** 2  # denser near 0 and 1
    chances = _chance_of(extreme, grid)
    best = int(np.argmax(chances))
    # the peaks are smooth: refine around the best few by repeated narrowing
    candidates = np.argsort(chances)[-8:]
    top = float(chances[best])
    for at in candidates:
        low, high = grid[max(at - 1, 0)], grid[min(at + 1, grid.size - 1)]
        for _ in range(6):
            fine = np.linspace(low, high, 17)
            values = _chance_of(extreme, fine)
            peak = int(np.argmax(values))
            top = max(top, float(values[peak]))
            low, high = fine[max(peak - 1, 0)], fine[min(peak + 1, 16)]
    return min(1.0, top)


def _fisher_greater_table(a_trials: int, b_trials: int) -> FloatArray:
    """Fisher's one-sided p-value of every table with the given group sizes.

    Returns
    -------
    float64, shape (a_trials + 1, b_trials + 1)
    """
    table = np.empty((a_trials + 1, b_trials + 1))
    a = np.arange(a_trials + 1)
    for successes in range(a_trials + b_trials + 1):
        tail = hypergeometric_pmf(a_trials + b_trials, successes, a_trials)[::-1].cumsum()[::-1]
        on_diagonal = a[(successes - a >= 0) & (successes - a <= b_trials)]
        table[on_diagonal, successes - on_diagonal] = tail[on_diagonal]
    return table


def _chance_of(tables: BoolArray, p: FloatArray) -> FloatArray:
    """Probability of a set of tables if both groups succeed with probability `p`, for many `p`."""
    a_trials, b_trials = tables.shape[0] - 1, tables.shape[1] - 1
    a, b = (_binomial_rows(n, p) for n in (a_trials, b_trials))
    return np.asarray(np.einsum("ka,ab,kb->k", a, tables.astype(np.float64), b, optimize=True))


def _binomial_rows(trials: int, p: FloatArray) -> FloatArray:
    """Binomial probabilities, shape (p.size, trials + 1)."""
    k = np.arange(trials + 1, dtype=np.float64)
    inside = np.clip(p, 1e-300, 1.0 - 1e-16)[:, None]
    logs = log_choose(float(trials), k) + k * np.log(inside) + (trials - k) * np.log1p(-inside)
    return np.asarray(np.exp(logs), dtype=np.float64)


def newcombe(
    a_successes: int, a_trials: int, b_successes: int, b_trials: int, *, level: float = 0.90
) -> Estimate:
    """Estimate the difference of two success probabilities (Newcombe's hybrid score interval).

    Examples
    --------
    >>> shown = newcombe(19, 20, 14, 20, level=0.95)
    >>> round(shown.value, 2), round(shown.low, 4), round(shown.high, 4)
    (0.25, 0.0081, 0.4728)
    """
    require_trials(a_successes, a_trials)
    require_trials(b_successes, b_trials)
    z = -normal_quantile(tails(level, "two-sided"))
    a, b = a_successes / a_trials, b_successes / b_trials
    a_low, a_high = wilson_ends(a_successes, a_trials, z)
    b_low, b_high = wilson_ends(b_successes, b_trials, z)
    return interval(
        a - b,
        a - b - math.hypot(a - a_low, b_high - b),
        a - b + math.hypot(a_high - a, b - b_low),
        level=level,
        sides="two-sided",
        method="Newcombe hybrid score",
        n=a_trials + b_trials,
        floor=-1.0,
        ceiling=1.0,
    )


def agresti_caffo(
    a_successes: int, a_trials: int, b_successes: int, b_trials: int, *, level: float = 0.90
) -> Estimate:
    """Estimate the difference of two success probabilities, one of each outcome added to both.

    Examples
    --------
    >>> shown = agresti_caffo(7, 34, 1, 34, level=0.95)
    >>> round(shown.low, 4), round(shown.high, 4)
    (0.0116, 0.3217)
    """
    require_trials(a_successes, a_trials)
    require_trials(b_successes, b_trials)
    z = -normal_quantile(tails(level, "two-sided"))
    a, b = (a_successes + 1) / (a_trials + 2), (b_successes + 1) / (b_trials + 2)
    spread = math.sqrt(a * (1.0 - a) / (a_trials + 2) + b * (1.0 - b) / (b_trials + 2))
    return interval(
        a_successes / a_trials - b_successes / b_trials,
        a - b - z * spread,
        a - b + z * spread,
        level=level,
        sides="two-sided",
        method="Agresti-Caffo",
        n=a_trials + b_trials,
        floor=-1.0,
        ceiling=1.0,
    )


@dataclass(frozen=True, slots=True)
class McNemarTest:
    """Paired comparison by the passes on which exactly one of two sensors succeeded.

    Attributes
    ----------
    corrected, uncorrected : ChiSquareTest
        With and without Edwards' continuity correction, one degree of freedom.
    exact_p : float
        Two-sided exact binomial p-value; prefer it.
    """

    corrected: ChiSquareTest
    uncorrected: ChiSquareTest
    exact_p: float


def mcnemar(only_first: int, only_second: int) -> McNemarTest:
    """Compare two sensors on the same passes, from the counts of discordant passes.

    Parameters
    ----------
    only_first, only_second : int
        Passes where only the first, or only the second, succeeded.

    Examples
    --------
    >>> round(mcnemar(9, 2).exact_p, 4)
    0.0654
    """
    discordant = only_first + only_second
    gap = abs(only_first - only_second)
    plain = gap * gap / discordant if discordant else 0.0
    reduced = max(gap - 1, 0)
    corrected = reduced * reduced / discordant if discordant else 0.0
    return McNemarTest(
        ChiSquareTest(corrected, 1, chi2_tail(corrected, 1), "McNemar, continuity corrected"),
        ChiSquareTest(plain, 1, chi2_tail(plain, 1), "McNemar"),
        mcnemar_exact(only_first, only_second),
    )


def mcnemar_exact(only_first: int, only_second: int) -> float:
    """Two-sided exact p-value of a paired comparison; 1 if no pass tells the two apart.

    Examples
    --------
    >>> round(mcnemar_exact(1, 8), 4)
    0.0391
    """
    require_count("passes with only the first", only_first)
    require_count("passes with only the second", only_second)
    fewer, discordant = min(only_first, only_second), only_first + only_second
    return min(1.0, 2.0 * binomial_cdf(fewer, discordant, 0.5)) if discordant else 1.0


def homogeneity(successes: Sequence[int], trials: Sequence[int]) -> ChiSquareTest:
    """Pearson's test that all candidates share one success probability, without correction.

    With small expected counts use `homogeneity_exact`.

    Examples
    --------
    >>> round(homogeneity([19, 14, 17, 12], [20, 20, 20, 20]).p_value, 4)
    0.0399
    """
    x, n = _groups(successes, trials)
    pooled = x.sum() / n.sum()
    dof = x.size - 1
    if pooled in (0.0, 1.0):
        return ChiSquareTest(0.0, dof, 1.0, "Pearson homogeneity")
    statistic = float(np.sum((x - n * pooled) ** 2 / (n * pooled * (1.0 - pooled))))
    return ChiSquareTest(statistic, dof, chi2_tail(statistic, dof), "Pearson homogeneity")


def homogeneity_exact(
    successes: Sequence[int], trials: Sequence[int], *, draws: int = 20_000, seed: int = 0
) -> ChiSquareTest:
    """Test homogeneity against tables drawn with the same margins (Monte Carlo).

    The p-value is (1 + tables as extreme) / (1 + draws), hence never 0, and valid at any size.

    Examples
    --------
    >>> shown = homogeneity_exact([19, 14, 17, 12], [20, 20, 20, 20])
    >>> 0.03 < shown.p_value < 0.06
    True
    """
    require_count("draws", draws, least=1)
    x, n = _groups(successes, trials)
    observed = homogeneity(successes, trials).statistic
    drawn = np.random.default_rng(seed).multivariate_hypergeometric(
        n.astype(np.int64), int(x.sum()), size=draws, method="marginals"
    )
    pooled = x.sum() / n.sum()
    scale = n * max(pooled * (1.0 - pooled), 1e-300)
    statistics = np.sum((drawn - n * pooled) ** 2 / scale, axis=1)
    extreme = int(np.sum(statistics >= observed * (1.0 - TIE)))
    p = (1 + extreme) / (1 + draws)
    return ChiSquareTest(observed, x.size - 1, p, f"homogeneity, Monte Carlo of {draws} tables")


def _groups(successes: Sequence[int], trials: Sequence[int]) -> tuple[FloatArray, FloatArray]:
    if len(successes) != len(trials) or len(trials) < 2:
        raise StatsError(
            f"{len(successes)} successes and {len(trials)} trials do not make two or more groups"
        )
    for x, n in zip(successes, trials, strict=True):
        require_trials(x, n)
    return np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64)
