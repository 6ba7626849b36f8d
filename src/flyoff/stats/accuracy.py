"""Radii that hold a given share of misses: circular error probable, R95 and their kin.

Misses are bivariate normal about the mean point of impact, which may differ from the aim point. A
radius about the *mean* ("precision") hides the bias; state which centre is meant. One integral
serves all cases: equal spreads without bias (Rayleigh), with bias (Rice), unequal or correlated
spreads (Hoyt), and both.

References
----------
Rice (1945), Bell Syst. Tech. J. 24:46. Hoyt (1947), Bell Syst. Tech. J. 26:318. DiDonato & Jarnagin
(1961), Math. Comp. 15:375.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from flyoff.errors import StatsError
from flyoff.stats.distributions import chi2_cdf, chi2_quantile, gauss_legendre, root
from flyoff.stats.estimate import (
    Estimate,
    require_count,
    require_open_probability,
    tails,
)
from flyoff.units import FloatArray


def rayleigh_factor(p: float) -> float:
    """Radius that holds a share `p` of unbiased misses, in units of the spread of each axis.

    Examples
    --------
    >>> round(rayleigh_factor(0.5), 4), round(rayleigh_factor(0.95), 4)
    (1.1774, 2.4477)
    """
    require_open_probability("share", p)
    return math.sqrt(-2.0 * math.log1p(-p))


def rayleigh_share(radius: float) -> float:
    """Share of unbiased misses within a radius given in units of the spread of each axis.

    Examples
    --------
    >>> round(rayleigh_share(math.sqrt(2)), 4)  # DRMS
    0.6321
    """
    if not radius >= 0.0:
        raise StatsError(f"radius {radius:g} is below 0")
    return -math.expm1(-radius * radius / 2.0)


def maxwell_factor(p: float) -> float:
    """Radius of the sphere that holds a share `p` of unbiased misses in three dimensions.

    Examples
    --------
    >>> round(maxwell_factor(0.5), 4)  # spherical error probable
    1.5382
    """
    require_open_probability("share", p)
    return math.sqrt(chi2_quantile(p, 3))


def maxwell_share(radius: float) -> float:
    """Share of unbiased misses within a sphere, radius in units of the spread of each axis."""
    if not radius >= 0.0:
        raise StatsError(f"radius {radius:g} is below 0")
    return chi2_cdf(radius * radius, 3)


@dataclass(frozen=True, slots=True)
class MissDistribution:
    """Normal misses in two dimensions about the aim point.

    Attributes
    ----------
    bias : (float, float)
        Mean miss.
    covariance : ((float, float), (float, float))
    """

    bias: tuple[float, float]
    covariance: tuple[tuple[float, float], tuple[float, float]]

    def __post_init__(self) -> None:
        matrix = np.asarray(self.covariance, dtype=np.float64)
        if matrix.shape != (2, 2) or not np.allclose(matrix, matrix.T):
            raise StatsError(f"covariance {self.covariance} is not a symmetric 2 by 2 matrix")
        if not np.linalg.eigvalsh(matrix)[0] >= -1e-12 * max(abs(matrix[0, 0]), 1e-300):
            raise StatsError(f"covariance {self.covariance} has a negative variance")

    def share_within(self, radius: float) -> float:
        """Share of misses within a circle about the aim point.

        Examples
        --------
        >>> miss = MissDistribution((0.0, 0.0), ((1.0, 0.0), (0.0, 1.0)))
        >>> round(miss.share_within(1.1774), 4)
        0.5
        """
        if not radius >= 0.0:
            raise StatsError(f"radius {radius:g} is below 0")
        small, large, along, across = self._principal()
        return _circle_share(radius, small, large, along, across) if radius > 0.0 else 0.0

    def radius(self, p: float) -> float:
        """Radius about the aim point that holds a share `p` of the misses.

        Examples
        --------
        >>> round(MissDistribution((0.0, 0.0), ((4.0, 0.0), (0.0, 1.0))).radius(0.5), 4)
        1.7408
        """
        require_open_probability("share", p)
        _, large, along, across = self._principal()
        offset = math.hypot(along, across)
        top = offset + large * math.sqrt(chi2_quantile(p, 2)) + 1e-300
        return root(lambda r: self.share_within(r) - p, 0.0, 1.001 * top, "radius")

    def _principal(self) -> tuple[float, float, float, float]:
        """Smaller and larger spread, and the bias along the axis of each."""
        values, axes = np.linalg.eigh(np.asarray(self.covariance, dtype=np.float64))
        small, large = (math.sqrt(max(float(v), 0.0)) for v in values)
        along, across = (float(b) for b in axes.T @ np.asarray(self.bias, dtype=np.float64))
        return small, large, along, across


def _circle_share(r: float, small: float, large: float, along: float, across: float) -> float:
    """Integrate along the axis of the smaller spread; across it the share is a difference of Φ."""
    from scipy import special

    if large == 0.0:
        return 1.0 if math.hypot(along, across) <= r else 0.0
    if small <= 1e-9 * large:  # misses on a line
        half = math.sqrt(max(r * r - along * along, 0.0))
        edges = special.ndtr(np.array([half - across, -half - across]) / large)
        return float(edges[0] - edges[1]) if abs(along) <= r else 0.0
    low, high = max(-r, along - 9.0 * small), min(r, along + 9.0 * small)
    if low >= high:
        return 0.0
    # x = r sin(angle) removes the vertical tangents of the circle
    angle, weight = gauss_legendre(math.asin(low / r), math.asin(high / r), panels=24)
    x, half_chord = r * np.sin(angle), r * np.cos(angle)
    density = np.exp(-0.5 * ((x - along) / small) ** 2) / (small * math.sqrt(2.0 * math.pi))
    inside = special.ndtr((half_chord - across) / large) - special.ndtr(
        (-half_chord - across) / large
    )
    return float(np.sum(weight * half_chord * density * inside))


def fitted_misses(x: Sequence[float], y: Sequence[float]) -> MissDistribution:
    """Estimate bias and covariance from misses in two dimensions.

    Examples
    --------
    >>> fitted_misses([1, 2, 3], [0, 1, -1]).bias
    (2.0, 0.0)
    """
    east, north = _pairs(x, y, least=3)
    c = np.cov(east, north)
    return MissDistribution(
        (float(east.mean()), float(north.mean())),
        ((float(c[0, 0]), float(c[0, 1])), (float(c[1, 0]), float(c[1, 1]))),
    )


def radial_spread(
    x: Sequence[float], y: Sequence[float], *, level: float = 0.90, about: str = "aim"
) -> Estimate:
    """Estimate the spread of each axis, taken as equal, from misses in two dimensions.

    Parameters
    ----------
    x, y : sequence of float
        Misses from the aim point.
    about : {"aim", "mean"}
        "aim" assumes no bias (2n degrees of freedom); "mean" removes it (2n - 2) and so measures
        precision, not accuracy.

    Examples
    --------
    >>> shown = radial_spread([3, -4, 0], [4, 3, 5])
    >>> round(shown.value, 3)
    3.536
    """
    if about not in ("aim", "mean"):
        raise StatsError(f"spread about {about!r} is neither about 'aim' nor 'mean'")
    east, north = _pairs(x, y, least=1 if about == "aim" else 2)
    dof = 2 * east.size
    if about == "mean":
        east, north, dof = east - east.mean(), north - north.mean(), dof - 2
    squares = float(np.sum(east**2 + north**2))
    tail = tails(level, "two-sided")
    return Estimate(
        math.sqrt(squares / dof),
        math.sqrt(squares / chi2_quantile(1.0 - tail, dof)),
        math.sqrt(squares / chi2_quantile(tail, dof)),
        level,
        "two-sided",
        f"Rayleigh, about the {about}",
        east.size,
    )


def circular_error(
    x: Sequence[float],
    y: Sequence[float],
    *,
    p: float = 0.5,
    level: float = 0.90,
    about: str = "aim",
) -> Estimate:
    """Estimate the radius that holds a share `p` of misses (CEP for one half), equal spreads.

    Examples
    --------
    >>> round(circular_error([3, -4, 0], [4, 3, 5]).value, 3)
    4.163
    """
    spread = radial_spread(x, y, level=level, about=about)
    k = rayleigh_factor(p)
    return Estimate(
        k * spread.value,
        k * spread.low,
        k * spread.high,
        level,
        "two-sided",
        f"R{100 * p:g}, {spread.method}",
        spread.n,
    )


def fitted_radius(
    x: Sequence[float],
    y: Sequence[float],
    *,
    p: float = 0.5,
    level: float = 0.90,
    draws: int = 400,
    seed: int = 0,
) -> Estimate:
    """Estimate the radius about the aim point that holds a share `p`, bias and shape fitted.

    The interval is the percentile bootstrap of whole misses; too narrow for fewer than some
    fifteen, where `order_statistics.quantile_interval` of the radii is safe.

    Examples
    --------
    >>> fitted_radius([3, -4, 0, 1], [4, 3, 5, 2], draws=20).value > 3
    True
    """
    require_count("draws", draws, least=20)
    east, north = _pairs(x, y, least=3)
    value = fitted_misses(x, y).radius(p)
    picks = np.random.default_rng(seed).integers(0, east.size, (draws, east.size))
    radii = [fitted_misses(list(east[pick]), list(north[pick])).radius(p) for pick in picks]
    tail = tails(level, "two-sided")
    low, high = np.quantile(radii, [tail, 1.0 - tail])
    method = f"R{100 * p:g}, offset ellipse, bootstrap of {draws}"
    return Estimate(value, float(low), float(high), level, "two-sided", method, east.size)


def _pairs(x: Sequence[float], y: Sequence[float], *, least: int) -> tuple[FloatArray, FloatArray]:
    east, north = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if east.ndim != 1 or east.shape != north.shape:
        raise StatsError(f"{east.size} and {north.size} coordinates do not make pairs")
    if east.size < least:
        raise StatsError(f"{east.size} misses are too few; {least} or more are needed")
    if not np.all(np.isfinite(east) & np.isfinite(north)):
        raise StatsError("misses are not all finite")
    return east, north
