"""METHODS 4."""

import math
import re
from typing import Any

import numpy as np

from flyoff.stats import accuracy, order_statistics
from flyoff.stats.accuracy import MissDistribution
from tests.golden.bindings.form import Inputs, Method, each, like, many, pair


def _misses(i: Inputs, bias: Any = (0.0, 0.0)) -> MissDistribution:
    return MissDistribution(tuple(bias), tuple(tuple(row) for row in i["cov"]))


def _drms(i: Inputs) -> dict[str, Any]:
    circular = i.get("circular", True)

    def share(name: str) -> float:
        multiple = int(re.fullmatch(r"(\d*)DRMS", name)[1] or 1)
        if circular:
            return accuracy.rayleigh_share(multiple * math.sqrt(2.0))
        on_a_line = MissDistribution((0.0, 0.0), ((1.0, 0.0), (0.0, 0.0)))
        return on_a_line.share_within(float(multiple))

    return {"p": each(share, i["k"])}


def _rice(i: Inputs) -> dict[str, Any]:
    variance = i["sigma"] ** 2
    cov = {"cov": [[variance, 0.0], [0.0, variance]]}
    radii = [_misses(cov, (bias, 0.0)).radius(p) for bias in many(i["bias"]) for p in many(i["p"])]
    one = not isinstance(i["bias"], list) and not isinstance(i["p"], list)
    return {"r": radii[0] if one else radii}


def _coverage(i: Inputs) -> dict[str, float]:
    return {"coverage": order_statistics.interval_coverage(i["n"], *i["order_stats"])}


def _tolerance(i: Inputs, function) -> dict[str, Any]:
    shares, levels = many(i["P"]), many(i["C"])
    size = max(len(shares), len(levels))
    shares, levels = (v if len(v) == size else v * size for v in (shares, levels))
    sizes = [function(p, level=c) for p, c in zip(shares, levels, strict=True)]
    one = not isinstance(i["P"], list) and not isinstance(i["C"], list)
    return {"n": sizes[0] if one else sizes}


def _data(given: Any) -> list[float]:
    """Values, or a formula such as "exp(0,0.01,...,1.00) (101 values)"."""
    if isinstance(given, list):
        return given
    number = r"([-+.\deE]+)"
    form = rf"(\w*)\({number},\s*{number},\s*\.\.\.,\s*{number}\)\s*\((\d+) values\)"
    found = re.fullmatch(form, given.strip())
    if found is None:
        raise ValueError(f"data {given!r} are neither a list nor a known formula")
    name, first, _, last, count = found.groups()
    apply = {"": lambda v: v, "exp": np.exp, "log": np.log, "sqrt": np.sqrt}[name]
    return apply(np.linspace(float(first), float(last), int(count))).tolist()


def _quantile_ci(i: Inputs) -> dict[str, float]:
    sides = {"two-sided": "two-sided", "greater": "lower", "less": "upper"}[i["alternative"]]
    shown = order_statistics.quantile_interval(
        _data(i["data"]), i["p"], level=i["confidence"], sides=sides
    )
    return {"lower": shown.low, "upper": shown.high}


def _rayleigh(i: Inputs) -> dict[str, Any]:
    spread = accuracy.radial_spread(i["x"], i["y"], level=i["confidence"])
    error = accuracy.circular_error(i["x"], i["y"], level=i["confidence"])
    return {"sigma_mle": spread.value, "cep": error.value, "sigma_ci": pair(spread)}


def _empirical(i: Inputs) -> dict[str, Any]:
    radii = np.hypot(i["x"], i["y"])
    return {"r": each(lambda p: order_statistics.quantile(radii, p), i["p"])}


METHODS: dict[str, Method] = {
    "rayleigh_radius_over_sigma": lambda i: {"k": each(accuracy.rayleigh_factor, i["p"])},
    "probability_in_drms_circles": _drms,
    "maxwell_radius_over_sigma": lambda i: {"k": each(accuracy.maxwell_factor, i["p"])},
    "rice_radius_with_bias": _rice,
    "hoyt_radius (zero-mean correlated bivariate normal)": lambda i: {
        "r": each(_misses(i).radius, i["p"])
    },
    "offset_circle_quantile (bias + correlated)": lambda i: {
        "r": each(_misses(i, i["bias"]).radius, i["p"])
    },
    "offset_circle_probability": lambda i: {
        "p": like(i["radius"], [_misses(i, i["bias"]).share_within(r) for r in many(i["radius"])])
    },
    "order_statistic_n_one_sided (max covers P with conf C)": lambda i: _tolerance(
        i, order_statistics.tolerance_trials
    ),
    "order_statistic_n_two_sided (min,max)": lambda i: _tolerance(
        i, order_statistics.tolerance_trials_two_sided
    ),
    "distribution_free_median_ci_coverage": _coverage,
    "distribution_free_quantile_ci": _quantile_ci,
    "rayleigh_sigma_mle_and_ci (known aim point, zero bias)": _rayleigh,
    "empirical_radial_quantiles (type 7)": _empirical,
}
