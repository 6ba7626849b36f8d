"""METHODS 1.5."""

from typing import Any

from flyoff.stats import exponential_plans, predictive
from flyoff.stats.sequential import Sprt
from tests.golden.bindings.form import Inputs, Method, each, many


def _sprt(i: Inputs) -> Sprt:
    return Sprt(i["p1_good"], i["p2_bad"], i["alpha"], i["beta"])


def _lines(i: Inputs) -> dict[str, float]:
    plan = _sprt(i)
    return {"h1": plan.accept_offset, "h2": plan.reject_offset, "s": plan.slope}


def _numbers(i: Inputs) -> dict[str, Any]:
    plan = _sprt(i)
    return {"accept": each(plan.accept_number, i["n"]), "reject": each(plan.reject_number, i["n"])}


def _truncated(i: Inputs) -> dict[str, Any]:
    plan = _sprt(i).truncated(i["n_max"], i["accept_if_failures_le_at_truncation"])
    points = [plan.operating_point(p) for p in many(i["true_failure_prob"])]
    return {
        "accept_prob_and_asn": [
            value for point in points for value in (point.accept_probability, point.expected_trials)
        ]
    }


def _fixed_duration(i: Inputs) -> dict[str, float]:
    plan = exponential_plans.FixedDurationPlan(
        i["duration_over_theta1"], i["accept_if_failures_le"], i["discrimination_ratio"]
    )
    return {"consumer_risk_beta": plan.consumer_risk, "producer_risk_alpha": plan.producer_risk}


def _epstein(i: Inputs) -> dict[str, float]:
    plan = exponential_plans.truncated_exponential_plan(
        i["theta0"], i["theta1"], producer_risk=i["alpha"], consumer_risk=i["beta"]
    )
    return {
        "r0": plan.truncation_failures,
        "T0": plan.truncation_time,
        "a": plan.accept_intercept,
        "b": plan.slope,
        "c": plan.reject_intercept,
    }


def _predictive(i: Inputs) -> dict[str, float]:
    return {
        "pp": predictive.predictive_success(
            i["successes"],
            i["n"],
            i["n_max"],
            i["p0"],
            threshold=i["theta_T"],
            prior=tuple(i["prior"]),
        )
    }


def _duration(i: Inputs) -> dict[str, float]:
    plan = exponential_plans.duration_plan(
        i["mtbf_required"],
        i["mtbf_design"],
        consumer_risk=i["consumer_risk"],
        producer_risk=i["producer_risk"],
        step_back=True,  # the convention of the package that the case was taken from
    )
    return {"duration": plan.duration}


METHODS: dict[str, Method] = {
    "wald_sprt_binomial_lines (d = s*n -/+ h)": _lines,
    "sprt_accept_reject_numbers": _numbers,
    "truncated_binomial_sprt_exact_oc_asn": _truncated,
    "exponential_fixed_duration_plan_risks": _fixed_duration,
    "epstein_truncation_and_lines": _epstein,
    "epstein_truncation_r0": _epstein,
    "bayesian_predictive_probability_of_success": _predictive,
    "test_duration_both_risks": _duration,
}
