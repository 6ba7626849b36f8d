"""METHODS 2.2 to 2.5."""

import math
from typing import Any

import numpy as np

from flyoff.stats import duane, growth, growth_coefficients, recurrence, survival, trend, weibull
from tests.golden.bindings.form import Inputs, Method, bounds, many


def _lives(i: Inputs) -> tuple[list[float], list[bool]]:
    """Times with a flag for each, from either form that cases use."""
    if "time" in i:
        return i["time"], [bool(event) for event in i["event"]]
    censored = i.get("right_censored") or []
    return [*i["failures"], *censored], [True] * len(i["failures"]) + [False] * len(censored)


def _rows(steps: Any, observed: Any, asked: Any) -> tuple[list[float], list[int]]:
    """Row labels, and the step that holds at each; labels that nobody observed are refused."""
    if asked is None:
        return list(steps), list(range(1, len(steps) + 1))
    known = {float(t) for t in observed}
    strange = [label for label in asked if float(label) not in known]
    if strange:
        raise LookupError(f"no observation at {strange}")
    return list(asked), [int(np.searchsorted(steps, label, side="right")) for label in asked]


def _from(start: float, column: Any, rows: list[int]) -> Any:
    """Values at steps counted from 1; 0 is before the first."""
    return np.concatenate([[start], column])[rows]


def _kaplan_meier(i: Inputs, transform: str) -> dict[str, Any]:
    times, observed = _lives(i)
    curve = survival.kaplan_meier(times, observed, level=i["confidence"], transform=transform)
    if "times" in i:  # read off at given times, not only at events
        at = [curve.at(t) for t in i["times"]]
        return {
            "lower": [shown.low for shown in at],
            "upper": [shown.high for shown in at],
            "surv": [shown.value for shown in at],
        }
    labels, rows = _rows(curve.table.times, times, i.get("rows"))
    share = _from(1.0, curve.survival, rows)
    return {
        "times": labels,
        "at_failures": share,
        "surv": share,
        "se": _from(0.0, curve.se, rows),
        "lower": _from(1.0, curve.low, rows),
        "upper": _from(1.0, curve.high, rows),
    }


def _logrank(i: Inputs) -> dict[str, float]:
    shown = survival.logrank([i["time_a"], i["time_b"]], [i["event_a"], i["event_b"]])
    return {"chi2": shown.statistic, "p": shown.p_value}


def _nelson_aalen(i: Inputs) -> dict[str, Any]:
    hazard = survival.nelson_aalen(i["time"], [bool(event) for event in i["event"]])
    asked = i["times"] if "times" in i else hazard.table.times
    return {"H": [hazard.at(t) for t in many(asked)]}


def _weibull(i: Inputs) -> dict[str, float]:
    fit = weibull.weibull_fit(*_lives(i))
    return {"shape": fit.shape, "scale": fit.scale, "loglik": fit.log_likelihood}


def _mean_cumulative(i: Inputs) -> dict[str, Any]:
    # the last age of a system is the end of its history, not an event
    histories = [recurrence.History(tuple(ages[:-1]), ages[-1]) for ages in i["systems"]]
    curve = recurrence.mean_cumulative(histories)
    ages = [age for system in i["systems"] for age in system]
    labels, rows = _rows(curve.times, ages, i.get("rows"))
    return {
        "times": labels,
        "mcf": _from(0.0, curve.mean, rows),
        "variance": _from(0.0, curve.naive_variance, rows),
        "se": _from(0.0, curve.se, rows),
    }


def _power_law(i: Inputs) -> growth.PowerLaw:
    return growth.power_law(i["times"], end=i.get("T"))


def _crow(i: Inputs) -> dict[str, float]:
    fit = _power_law(i)
    return {
        "beta": fit.shape,
        "beta_unbiased": fit.unbiased_shape,
        "cvm": fit.cramer_von_mises,
        "growth_rate": fit.growth_rate,
        "intensity": fit.intensity_now,
        "lam": fit.scale,
        "mtbf": fit.mtbf_now,
        "mtbf_inst": fit.mtbf_now,
        "mtbf_cum": fit.mtbf_cumulative,
    }


def _duane(i: Inputs) -> dict[str, float]:
    fit = duane.duane(i["times"])
    return {
        "A": fit.level,
        "alpha": fit.growth_rate,
        "mtbf_c": fit.mtbf_cumulative,
        "mtbf_i": fit.mtbf_now,
        "time_to_target": fit.time_to_cumulative(i["target"]),
    }


def _nist(i: Inputs) -> dict[str, float]:
    fit = _power_law(i)
    b = fit.unbiased_shape
    return {
        "BetaHat_growth": 1.0 - b,
        "a": fit.failures / math.pow(fit.end, b),
        "b": b,
        "mtbf": fit.mtbf_now_unbiased,
    }


def _military_handbook(i: Inputs) -> dict[str, float]:
    shown = trend.military_handbook(i["times"], end=i["T"])
    return {"chi2": shown.statistic, "dof": shown.dof, "p_upper": shown.improving}


def _time_truncated_ci(i: Inputs) -> dict[str, float]:
    fit = _power_law(i)
    factors = fit.coefficients(level=i["confidence"])
    shown = fit.mtbf_now_estimate(level=i["confidence"])
    return {"mtbf": shown.value, "L": factors.low, "U": factors.high, **bounds(shown)}


def _coefficients(i: Inputs, function) -> dict[str, float]:
    shown = function(i["n"], level=i["confidence"])
    return {"L": shown.low, "U": shown.high}


def _grouped(i: Inputs) -> dict[str, float]:
    fit = growth.power_law_grouped(i["interval_ends"], i["counts"])
    return {
        "beta": fit.shape,
        "lam": fit.scale,
        "intensity_end": fit.intensity_now,
        "mtbf_end": fit.mtbf_now,
    }


TABLES = frozenset(
    {
        "kaplan_meier_greenwood_plain",
        "kaplan_meier_greenwood_logtransform",
        "mcf_nelson_point",
        "mcf_variance_reliasoft_naive",
        "mcf_robust_se (infinitesimal jackknife, id)",
    }
)

METHODS: dict[str, Method] = {
    "kaplan_meier_greenwood_plain": lambda i: _kaplan_meier(i, "plain"),
    "kaplan_meier_greenwood_loglog": lambda i: _kaplan_meier(i, "log-log"),
    "kaplan_meier_greenwood_logtransform": lambda i: _kaplan_meier(i, i.get("conf_type", "log")),
    "logrank": _logrank,
    "nelson_aalen_cumulative_hazard": _nelson_aalen,
    "weibull_mle_2p": _weibull,
    "weibull_mle_2p_censored": _weibull,
    "mcf_nelson_point": _mean_cumulative,
    "mcf_variance_reliasoft_naive": _mean_cumulative,
    "mcf_robust_se (infinitesimal jackknife, id)": _mean_cumulative,
    "crow_amsaa_mle_failure_truncated": _crow,
    "crow_amsaa_mle_time_truncated": _crow,
    "crow_amsaa_unbiased_beta_and_cvm_failure_truncated": _crow,
    "crow_amsaa_time_to_target": lambda i: {
        "time": _power_law(i).time_to_cumulative(i["target_mtbf_cumulative"])
    },
    "crow_amsaa_fisher_ci_beta_90_two_sided": lambda i: bounds(
        _power_law(i).shape_estimate_fisher(level=i["confidence"])
    ),
    "crow_beta_exact_ci_failure_truncated chi2(2(n-1))": lambda i: bounds(
        _power_law(i).shape_estimate(level=i["confidence"])
    ),
    "duane_least_squares": _duane,
    "power_law_modified_mle_time_truncated (NIST)": _nist,
    "nist_mtbf_ci_80_time_truncated": lambda i: bounds(
        _power_law(i).mtbf_now_nist(level=i["confidence"])
    ),
    "mil_hdbk_189_trend_test 2*sum ln(T/ti) ~ chi2(2n)": _military_handbook,
    "laplace_trend_test": lambda i: {"U": trend.laplace(i["times"], end=i["T"]).statistic},
    "crow_amsaa_time_truncated_mtbf_ci_80": _time_truncated_ci,
    "crow_time_truncated_mtbf_coefficients": lambda i: _coefficients(
        i, growth_coefficients.time_truncated_coefficients
    ),
    "crow_failure_truncated_mtbf_coefficients n^2/(G(n-1)G(n))": lambda i: _coefficients(
        i, growth_coefficients.failure_truncated_coefficients
    ),
    "crow_amsaa_grouped_mle": _grouped,
}
