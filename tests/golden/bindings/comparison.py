"""METHODS 1.3 and 1.4."""

from typing import Any

from flyoff.stats import beta_binomial, clustering, comparison, multiplicity, ranking
from tests.golden.bindings.form import Inputs, Method, bounds


def _fisher(i: Inputs) -> dict[str, float]:
    if "table" in i:
        (a, b), (c, d) = i["table"]
        shown = comparison.fisher(a, a + b, c, c + d)
    else:
        shown = comparison.fisher(i["a_success"], i["a_n"], i["b_success"], i["b_n"])
    return {"p_greater": shown.greater, "p_less": shown.less, "p_two_sided": shown.two_sided}


def _columns(i: Inputs) -> tuple[int, int, int, int]:
    """Groups stand in columns, successes in the first row."""
    (a, b), (c, d) = i["table"]
    return a, a + c, b, b + d


def _boschloo(i: Inputs) -> dict[str, float]:
    shown, fisher = comparison.boschloo(*_columns(i)), comparison.fisher(*_columns(i))
    tail = i.get("alternative", "two-sided")
    if tail == "two-sided":
        p, tail = shown.two_sided, "less" if shown.less < shown.greater else "greater"
    else:
        p = getattr(shown, tail)
    return {"p_value": p, "statistic_fisher_p": getattr(fisher, tail)}


def _boschloo_candidates(i: Inputs) -> dict[str, float]:
    shown = comparison.boschloo(*_columns(i))
    return {"p_greater": shown.greater, "p_less": shown.less, "p_two_sided": shown.two_sided}


def _difference(i: Inputs, function) -> dict[str, float]:
    level = i.get("confidence", 0.95)
    return bounds(function(i["x1"], i["n1"], i["x2"], i["n2"], level=level))


def _mcnemar(i: Inputs) -> dict[str, float]:
    (_, b), (c, _) = i["table"]
    shown = comparison.mcnemar(b, c)
    return {
        "chi2_corrected": shown.corrected.statistic,
        "p_corrected": shown.corrected.p_value,
        "chi2_uncorrected": shown.uncorrected.statistic,
        "p_uncorrected": shown.uncorrected.p_value,
    }


def _spread(trials: Any, groups: int) -> list[int]:
    return trials if isinstance(trials, list) else [trials] * groups


def _homogeneity(i: Inputs) -> dict[str, float]:
    trials = _spread(i["trials"], len(i["successes"]))
    shown = comparison.homogeneity(i["successes"], trials)
    return {"p": shown.p_value, "chi2": shown.statistic}


def _better(i: Inputs) -> dict[str, float]:
    prior = tuple(i.get("prior", (1.0, 1.0)))
    return {"prob": ranking.probability_better(i["xA"], i["nA"], i["xB"], i["nB"], prior=prior)}


def _best(i: Inputs) -> dict[str, Any]:
    trials = _spread(i["trials"], len(i["successes"]))
    prior = tuple(i.get("prior", (1.0, 1.0)))
    return {"prob": ranking.probability_best(i["successes"], trials, prior=prior)}


def _beta_binomial(i: Inputs) -> dict[str, float]:
    fit = beta_binomial.beta_binomial_fit(i["y"], i["n"])
    return {"mu": fit.mean, "rho": fit.correlation, "loglik": fit.log_likelihood}


def _groups(i: Inputs) -> dict[str, tuple[list[int], list[int]]]:
    return {name: (group["y"], group["n"]) for name, group in i["groups"].items()}


def _rao_scott(i: Inputs) -> dict[str, Any]:
    shown = clustering.rao_scott_test(_groups(i))
    return {
        "deff": list(shown.factors),
        "chi2": shown.test.statistic,
        "p": shown.test.p_value,
    }


def _donner(i: Inputs) -> dict[str, Any]:
    shown = clustering.donner_test(_groups(i))
    return {
        "icc": shown.icc,
        "C": list(shown.factors),
        "chi2": shown.test.statistic,
        "p": shown.test.p_value,
    }


def _kish(i: Inputs) -> dict[str, float]:
    shown = clustering.kish(i["cluster_size"], i["icc"], i["n"])
    return {"deff": shown.factor, "n_eff": shown.effective_n}


METHODS: dict[str, Method] = {
    "fisher_exact": _fisher,
    "boschloo_exact (columns=groups, rows=outcome)": _boschloo,
    "boschloo_exact (columns=candidates, row0=successes,row1=failures)": _boschloo_candidates,
    "newcombe_hybrid_score_difference_95": lambda i: _difference(i, comparison.newcombe),
    "agresti_caffo_difference_95": lambda i: _difference(i, comparison.agresti_caffo),
    "mcnemar": _mcnemar,
    "mcnemar_exact": lambda i: {"p": comparison.mcnemar_exact(i["b"], i["c"])},
    "holm_adjusted_p": lambda i: {"adj": multiplicity.holm(i["p"])},
    "benjamini_hochberg_adjusted_p": lambda i: {"adj": multiplicity.benjamini_hochberg(i["p"])},
    "chi_square_homogeneity": _homogeneity,
    "P(pA>pB) uniform priors Beta(1,1)": _better,
    "P(candidate is best) uniform priors": _best,
    "beta_binomial_mle (mu, rho=1/(a+b+1))": _beta_binomial,
    "beta_binomial_mle (mu, rho, loglik)": _beta_binomial,
    "anova_intra_cluster_correlation_binary": lambda i: {
        "icc": clustering.anova_icc(i["y"], i["n"])
    },
    "rao_scott_design_effect": _rao_scott,
    "donner_adjusted_chi_square": _donner,
    "kish_design_effect": _kish,
}
