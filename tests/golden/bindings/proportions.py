"""METHODS 1.1, 1.2 and the classification table."""

from functools import partial

from flyoff.stats import classification, proportions, sizing
from tests.golden.bindings.form import Inputs, Method, bounds, each


def _two_sided(i: Inputs, function) -> dict[str, float]:
    return bounds(function(i["successes"], i["trials"], level=i["confidence"]))


def _lower(i: Inputs, function) -> dict[str, float]:
    shown = function(i["successes"], i["trials"], level=i["confidence"], sides="lower")
    return {"lower": shown.low}


def _exact_test(i: Inputs) -> dict[str, float]:
    shown = proportions.clopper_pearson(i["successes"], i["trials"], level=i["confidence"])
    p = proportions.exact_test(i["successes"], i["trials"], i["p0"])
    return {"p_value": p, **bounds(shown)}


def _demonstration(i: Inputs) -> dict[str, object]:
    return {
        "n": each(
            lambda k: sizing.demonstration_trials(
                i["reliability"], level=i["confidence"], allowed_failures=k
            ),
            i["allowed_failures"],
        )
    }


def _success_run(i: Inputs) -> dict[str, object]:
    if isinstance(i["confidence"], list):
        sizes = each(
            lambda c: sizing.success_run_trials(i["reliability"], level=c), i["confidence"]
        )
    else:
        sizes = each(
            lambda r: sizing.success_run_trials(r, level=i["confidence"]), i["reliability"]
        )
    return {"n": sizes}


def _uniform_prior(i: Inputs) -> dict[str, float]:
    shown = sizing.success_run_lower(i["successes"], level=i["confidence"], formula="uniform prior")
    return {"lower": shown.low}


def _confusion(i: Inputs) -> dict[str, object]:
    table = i["matrix"]
    if i.get("rows") == "declared":
        table = [list(row) for row in zip(*table, strict=True)]
    shown = classification.confusion(table)
    return {
        "accuracy": shown.accuracy,
        "kappa": shown.kappa,
        "mcc": shown.mcc,
        "recall": shown.recall,
        "precision": shown.precision,
    }


METHODS: dict[str, Method] = {
    "clopper_pearson_two_sided": lambda i: _two_sided(i, proportions.clopper_pearson),
    "wilson_two_sided_no_cc": lambda i: _two_sided(i, proportions.wilson),
    "wilson_with_continuity_correction": lambda i: _two_sided(i, proportions.wilson_continuity),
    # as its name says: the quantiles of that distribution, at the edges too
    "jeffreys_equal_tailed_beta(0.5,0.5)": lambda i: _two_sided(
        i, partial(proportions.jeffreys, edges="quantiles")
    ),
    "jeffreys_highest_posterior_density": lambda i: _two_sided(
        i, proportions.jeffreys_highest_density
    ),
    "wilson_one_sided_lower": lambda i: _lower(i, proportions.wilson),
    "clopper_pearson_one_sided_lower": lambda i: _lower(i, proportions.clopper_pearson),
    "exact_binomial_test_two_sided": _exact_test,
    "binomial_demonstration_sample_size": _demonstration,
    "success_run_zero_failure_n": _success_run,
    "success_run_lower_bound_uniform_prior": _uniform_prior,
    "classification_confusion": _confusion,
}
