"""Every method that scipy or a closed form can answer, over a grid that reaches the edges.

The reference cases are kept apart from the repository; these are in it, and go where cases seldom
go: no success, nothing but successes, one trial, thousands, levels from 50 to 99.99 %.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from scipy import stats

from tests.golden.bindings import METHODS

Case = tuple[str, dict[str, Any], dict[str, Any]]
LEVELS = (0.5, 0.8, 0.9, 0.95, 0.99, 0.9999)


def _proportions() -> Iterator[Case]:
    pairs = {(k, n) for n in (1, 2, 7, 148, 5000) for k in (0, 1, n // 2, n - 1, n)}
    two_sided = (
        ("clopper_pearson_two_sided", "exact"),
        ("wilson_two_sided_no_cc", "wilson"),
        ("wilson_with_continuity_correction", "wilsoncc"),
    )
    for k, n in sorted(pairs):
        test, above = stats.binomtest(k, n), stats.binomtest(k, n, alternative="greater")
        for level in LEVELS:
            given = {"successes": k, "trials": n, "confidence": level}
            for method, theirs in two_sided:
                ci = test.proportion_ci(level, method=theirs)
                yield method, given, {"lower": ci.low, "upper": ci.high}
            low = above.proportion_ci(level).low
            yield "clopper_pearson_one_sided_lower", given, {"lower": low}
            low = above.proportion_ci(level, method="wilson").low
            yield "wilson_one_sided_lower", given, {"lower": low}
            ends = stats.beta(k + 0.5, n - k + 0.5).ppf([(1 - level) / 2, (1 + level) / 2])
            jeffreys = {"lower": ends[0], "upper": ends[1]}
            yield "jeffreys_equal_tailed_beta(0.5,0.5)", given, jeffreys
        for p0 in (0.01, 0.5, 0.9):
            p = stats.binomtest(k, n, p0).pvalue
            given = {"successes": k, "trials": n, "confidence": 0.95, "p0": p0}
            yield "exact_binomial_test_two_sided", given, {"p_value": p}


def _sizes() -> Iterator[Case]:
    for share in (0.5, 0.8, 0.9, 0.95):
        for level in (0.5, 0.632, 0.8, 0.9, 0.95, 0.99):
            needed = [_fewest(f, share, level) for f in (0, 1, 3)]
            given = {"reliability": share, "confidence": level}
            wanted = {**given, "allowed_failures": [0, 1, 3]}
            yield "binomial_demonstration_sample_size", wanted, {"n": needed}
            yield "success_run_zero_failure_n", given, {"n": needed[0]}
            order = {"P": share, "C": level}
            method = "order_statistic_n_one_sided (max covers P with conf C)"
            yield method, order, {"n": needed[0]}
            n = 2
            while 1 - n * share ** (n - 1) + (n - 1) * share**n < level - 1e-13:
                n += 1
            yield "order_statistic_n_two_sided (min,max)", order, {"n": n}


def _fewest(failures: int, share: float, level: float) -> int:
    n = failures + 1
    while stats.binom.cdf(failures, n, 1 - share) > 1 - level + 1e-13:
        n += 1
    return n


def _comparisons() -> Iterator[Case]:
    tables = ([[3, 1], [1, 3]], [[0, 5], [5, 0]], [[5, 5], [5, 5]], [[100, 3], [90, 9]])
    for table in tables:
        p = {
            f"p_{name.replace('-', '_')}": stats.fisher_exact(table, alternative=name)[1]
            for name in ("greater", "less", "two-sided")
        }
        yield "fisher_exact", {"table": table}, p
    for b, c in ((0, 5), (10, 10), (3, 9), (200, 150)):
        p = stats.binomtest(min(b, c), b + c, 0.5).pvalue
        yield "mcnemar_exact", {"b": b, "c": c}, {"p": p}
    for good, of in (([5, 8, 10], [10, 10, 12]), ([0, 0, 3], [10, 10, 10]), ([1, 2], [100, 3])):
        p = stats.chi2_contingency(np.array([good, np.subtract(of, good)]), correction=False)[1]
        yield "chi_square_homogeneity", {"successes": good, "trials": of}, {"p": p}


def _rates() -> Iterator[Case]:
    for k in (0, 1, 5, 1000):
        for hours in (0.5, 1000.0):
            for level in LEVELS:
                low = stats.chi2.ppf((1 - level) / 2, 2 * k) / 2 / hours if k else 0.0
                high = stats.chi2.ppf((1 + level) / 2, 2 * k + 2) / 2 / hours
                given = {"count": k, "exposure": hours, "confidence": level}
                told = {"rate": k / hours, "lower": low, "upper": high}
                yield "poisson_rate_exact_ci (Garwood)", given, told
                given = {"failures": k, "total_time": hours, "confidence": level}
                yield "mtbf_two_sided_time_truncated", given, {"lower": 1 / high}
                factor = stats.chi2.ppf(level, 2 * k + 2) / 2
                given = {"allowed_failures": k, "confidence": level}
                yield "test_length_factor_T/MTBF", given, {"factor": factor}
    for counts, hours_ in (
        ([11, 6], [800.0, 1083.0]),
        ([0, 5], [10.0, 10.0]),
        ([3, 3], [1.0, 1.0]),
    ):
        test = stats.binomtest(counts[0], sum(counts), hours_[0] / sum(hours_))
        ci = test.proportion_ci(0.95)
        ends = [p / (1 - p) * hours_[1] / hours_[0] for p in (ci.low, ci.high)]
        given = {"count": counts, "exposure": hours_, "confidence": 0.95}
        told = {"p": test.pvalue, "lower": ends[0], "upper": ends[1]}
        yield "poisson_two_rate_conditional_exact", given, told


def _accuracy_and_lots() -> Iterator[Case]:
    for p in (0.001, 0.39, 0.5, 0.95, 0.9999):
        yield "rayleigh_radius_over_sigma", {"p": p}, {"k": stats.rayleigh.ppf(p)}
        yield "maxwell_radius_over_sigma", {"p": p}, {"k": stats.maxwell.ppf(p)}
        for dof in (1, 2, 3, 6):
            given = {"dof": dof, "p": p}
            yield "mahalanobis_gate_threshold", given, {"threshold": stats.chi2.ppf(p, dof)}
        for bias in (0.1, 5.0, 50.0):
            r = 2.0 * math.sqrt(stats.ncx2.ppf(p, 2, (bias / 2.0) ** 2))
            yield "rice_radius_with_bias", {"bias": bias, "sigma": 2.0, "p": p}, {"r": r}
    for lot, n, c in ((50, 8, 0), (6000, 200, 10), (10, 10, 1), (100, 1, 0)):
        for bad in (0, 1, 5, 10):
            pa = stats.hypergeom.cdf(c, lot, bad, n)
            yield "hypergeometric_oc", {"N": lot, "n": n, "c": c, "D": bad}, {"pa": pa}
    for n, accept in ((13, 0), (50, 3), (125, 10)):
        for p in (0.0, 0.001, 0.1, 1.0):
            told = {
                "binomial": stats.binom.cdf(accept, n, p),
                "poisson": stats.poisson.cdf(accept, n * p),
            }
            yield "single_sampling_oc", {"n": n, "Ac": accept, "p": p}, told


@pytest.mark.parametrize(
    "cases",
    [_proportions, _sizes, _comparisons, _rates, _accuracy_and_lots],
    ids=lambda f: f.__name__,
)
def test_a_grid_against_scipy_and_closed_forms(cases: Any) -> None:
    wrong, count = [], 0
    for method, given, expected in cases():
        got = METHODS[method](dict(given))
        for key, value in expected.items():
            count += 1
            if not np.allclose(got[key], value, rtol=1e-6, atol=1e-8):
                wrong.append((method, given, key, value, got[key]))
    assert count > 15
    assert not wrong, wrong[:5]


#: Printed values, each with where they are printed.
PUBLISHED: list[Case] = [
    # Newcombe, Stat. Med. 17 (1998) 857, table I, 81/263 and 0/20, methods 3, 4 and 5
    ("wilson_two_sided_no_cc", {"successes": 81, "trials": 263, "confidence": 0.95},
     {"lower": 0.2553, "upper": 0.3662}),
    ("wilson_with_continuity_correction", {"successes": 81, "trials": 263, "confidence": 0.95},
     {"lower": 0.2535, "upper": 0.3682}),
    ("clopper_pearson_two_sided", {"successes": 81, "trials": 263, "confidence": 0.95},
     {"lower": 0.2527, "upper": 0.3676}),
    ("clopper_pearson_two_sided", {"successes": 0, "trials": 20, "confidence": 0.95},
     {"lower": 0.0, "upper": 0.1684}),
    # Newcombe, Stat. Med. 17 (1998) 873, table II, 56/70 - 48/80, method 10
    ("newcombe_hybrid_score_difference_95", {"x1": 56, "n1": 70, "x2": 48, "n2": 80},
     {"lower": 0.0524, "upper": 0.3339}),
    # Garwood, Biometrika 28 (1936) 437, table: 95 % limits of a count of 0, 1, 10
    ("poisson_rate_exact_ci (Garwood)", {"count": 0, "exposure": 1.0, "confidence": 0.95},
     {"lower": 0.0, "upper": 3.6889}),
    ("poisson_rate_exact_ci (Garwood)", {"count": 1, "exposure": 1.0, "confidence": 0.95},
     {"lower": 0.0253, "upper": 5.5716}),
    ("poisson_rate_exact_ci (Garwood)", {"count": 10, "exposure": 1.0, "confidence": 0.95},
     {"lower": 4.7954, "upper": 18.3904}),
]  # fmt: skip


@pytest.mark.parametrize(("method", "given", "expected"), PUBLISHED)
def test_printed_in_the_literature(
    method: str, given: dict[str, Any], expected: dict[str, float]
) -> None:
    got = METHODS[method](dict(given))
    for key, value in expected.items():
        assert got[key] == pytest.approx(value, abs=6e-5), key
