"""METHODS 2.1 and 6.2: mean times, rates, detection against range, consistency."""

from typing import Any

from flyoff.stats import consistency, logistic, mtbf, rates
from tests.golden.bindings.form import Inputs, Method, each, pair


def _mtbf(i: Inputs) -> dict[str, float]:
    shown = mtbf.mtbf(i["total_time"], i["failures"], level=i["confidence"])
    return {"mtbf": shown.value, "lower": shown.low, "upper": shown.high}


def _mtbf_lower(i: Inputs) -> dict[str, float]:
    sides = "two-sided" if i["sides"] == 2 else "lower"
    shown = mtbf.mtbf(i["total_time"], i["failures"], level=i["confidence"], sides=sides)
    return {"lower": shown.low}


def _truncations(i: Inputs) -> dict[str, Any]:
    return {
        f"{kind}_truncated": pair(
            mtbf.mtbf(i["total_time"], i["failures"], level=i["confidence"], truncation=kind)
        )
        for kind in ("time", "failure")
    }


def _garwood(i: Inputs) -> dict[str, float]:
    shown = rates.garwood(i["count"], i["exposure"], level=i.get("confidence", 0.95))
    one_sided = rates.garwood(i["count"], i["exposure"], level=0.95, sides="upper")
    return {
        "rate": shown.value,
        "lower": shown.low,
        "upper": shown.high,
        "one_sided_upper95": one_sided.high,
    }


def _rate_ratio(i: Inputs) -> dict[str, float]:
    (x1, x2), (t1, t2) = i["count"], i["exposure"]
    shown = rates.rate_ratio(x1, t1, x2, t2, level=i["confidence"])
    return {
        "ratio": shown.estimate.value,
        "lower": shown.estimate.low,
        "upper": shown.estimate.high,
        "p": shown.p_value,
    }


def _logistic(i: Inputs) -> dict[str, Any]:
    fit = logistic.logistic_line(i["x"], i["y"], i.get("n"))
    return {
        "b0": fit.coefficients[0],
        "b1": fit.coefficients[1],
        "se": fit.se,
        "deviance": fit.deviance,
    }


def _inverse(i: Inputs) -> dict[str, Any]:
    groups = sorted(set(i["sex"]))
    design = [
        [*(float(sex == group) for group in groups), float(dose)]
        for sex, dose in zip(i["sex"], i["ldose"], strict=True)
    ]
    trials = i["n"] if isinstance(i["n"], list) else [i["n"]] * len(design)
    fit = logistic.logistic_fit(design, i["dead"], trials)
    at = [
        logistic.inverse_prediction(fit, p, intercept=groups.index(i["group"]), slope=len(groups))
        for p in (0.25, 0.5, 0.75)
    ]
    return {
        "coef_F_M_slope": fit.coefficients,
        "x": [found.value for found in at],
        "se": [found.se for found in at],
    }


def _gate(i: Inputs) -> dict[str, Any]:
    if isinstance(i["dof"], list) and isinstance(i["p"], list):
        both = zip(i["p"], i["dof"], strict=True)
        return {"threshold": [consistency.gate_threshold(p, dof) for p, dof in both]}
    if isinstance(i["dof"], list):
        return {"threshold": each(lambda dof: consistency.gate_threshold(i["p"], dof), i["dof"])}
    return {"threshold": each(lambda p: consistency.gate_threshold(p, i["dof"]), i["p"])}


def _nees(i: Inputs) -> dict[str, Any]:
    averaged = consistency.nees_bounds(i["runs"], i["dim"])
    single = consistency.nees_bounds(1, i["dim"])
    return {"avg": [averaged.low, averaged.high], "single": [single.low, single.high]}


METHODS: dict[str, Method] = {
    "mtbf_two_sided_time_truncated": _mtbf,
    "mtbf_lower_two_sided80_time_truncated": _mtbf_lower,
    "mtbf_lower_one_sided80_time_truncated": _mtbf_lower,
    "mtbf_two_sided_time_vs_failure_truncated": _truncations,
    "mtbf_lower_zero_failures T/-ln(1-C)": lambda i: {
        "lower": mtbf.mtbf_without_failure(i["total_time"], level=i["confidence"]).low
    },
    "hours_for_rate_at_95pct_zero_failures": lambda i: {
        "hours": each(
            lambda rate: mtbf.time_without_failure(rate, level=i["confidence"]), i["rate_per_fh"]
        )
    },
    "test_length_factor_T/MTBF": lambda i: {
        "factor": each(
            lambda k: mtbf.length_factor(k, level=i["confidence"]), i["allowed_failures"]
        )
    },
    "poisson_rate_exact_ci (Garwood)": _garwood,
    "poisson_two_rate_conditional_exact": _rate_ratio,
    "logistic_regression_mle": _logistic,
    "inverse_prediction_delta_method (x at P=.25,.5,.75)": _inverse,
    "mahalanobis_gate_threshold": _gate,
    "average_nees_95_bounds": _nees,
}
