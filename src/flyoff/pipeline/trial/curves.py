"""The chance to be seen against range, height, speed and aspect: curves with their bands."""

import itertools
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from flyoff.errors import StatsError
from flyoff.pipeline.trial import counts
from flyoff.stats.clustered_regression import clustered_logistic, isotonic
from flyoff.units import FloatArray, IntArray

if TYPE_CHECKING:
    from flyoff.pipeline.trial.evidence import Evidence

_POINTS: Final = 41
_BINS: Final = 8
#: A bin with fewer scans than this is not shown.
_FEWEST: Final = 5


def chance_curve(e: "Evidence", level: float) -> dict[str, Any]:
    """Chance by range: logistic with its band, and isotonic beside it, which assumes no shape."""
    fit, ranges = counts.detection_fit(e), e.opportunities.range_m
    at = np.linspace(float(ranges.min()), float(ranges.max()), _POINTS)
    band = [fit.probability([1.0, r], level=level) for r in at]
    x, y = isotonic(ranges, e.opportunities.detected.astype(np.float64))
    return {
        "range_m": at.tolist(),
        "chance": [b.value for b in band],
        "low": [b.low for b in band],
        "high": [b.high for b in band],
        "isotonic": np.interp(at, x, y).tolist(),
        "log_odds": fit.coefficients.tolist(),
        "clusters": fit.clusters,
    }


def covariates(e: "Evidence", level: float) -> list[dict[str, Any]]:
    """Against each of range, height, speed and aspect: bins, and the slope beside range."""
    o = e.opportunities
    given = {
        "range_m": o.range_m,
        "height_m": o.height_m,
        "speed_ms": o.speed_ms,
        "aspect_deg": o.aspect_deg,
    }
    found = []
    for name, values in given.items():
        known = np.isfinite(values)
        x, y, g = values[known], o.detected[known].astype(np.float64), o.group[known]
        slope = _slope(name, x, o.range_m[known], y, g, level)
        found.append({"name": name, "bins": _bins(x, y, g, level), "log_odds_slope": slope})
    return found


def _slope(
    name: str, x: FloatArray, ranges: FloatArray, y: FloatArray, group: IntArray, level: float
) -> dict[str, Any]:
    """Change of the log-odds for one unit, the range held."""
    columns = [np.ones(x.size), x] if name == "range_m" else [np.ones(x.size), x, ranges]
    try:
        if x.size == 0 or np.ptp(x) <= 1e-9 * max(abs(float(x.max())), 1.0):
            raise StatsError("it did not vary")
        fit = clustered_logistic(np.column_stack(columns), y, group)
        told = fit.combination([0.0, 1.0, *([0.0] * (len(columns) - 2))], level=level)
    except StatsError as problem:
        return {"unknown": str(problem)}
    return {"value": told.value, "low": told.low, "high": told.high}


def _bins(x: FloatArray, y: FloatArray, group: IntArray, level: float) -> list[dict[str, Any]]:
    """Equal shares of the scans, each with its share seen; errors by pass."""
    if x.size < _FEWEST:
        return []
    edges = np.unique(np.quantile(x, np.linspace(0.0, 1.0, _BINS + 1)))
    found = []
    for low, high in itertools.pairwise(edges.tolist()):
        inside = (x >= low) & ((x < high) | (high == edges[-1]))
        if inside.sum() < _FEWEST:
            continue
        bin_: dict[str, float | None] = {
            "from": float(low),
            "to": float(high),
            "scans": int(inside.sum()),
            "seen": int(y[inside].sum()),
        }
        try:
            told = counts.mean_by_pass(y[inside], group[inside], level)
            bin_ |= {"low": max(told.low, 0.0), "high": min(told.high, 1.0)}
        except StatsError:
            bin_ |= {"low": None, "high": None}
        found.append(bin_)
    return found
