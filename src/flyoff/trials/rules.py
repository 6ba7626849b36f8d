"""The rules of a trial that decide what counts; all are policy, and are printed with the scores."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from flyoff.errors import TrialError
from flyoff.units import BoolArray, Degrees, FloatArray, Metres, Ratio, Seconds


@dataclass(frozen=True, slots=True)
class Gate:
    """How near a report must be to a truth to be of it.

    Attributes
    ----------
    metres : float [m]
        Used alone, or where the sensor claims no spread.
    mahalanobis : float or None
        Largest squared distance in units of the claimed spread: 9.2103 holds 99 % in the plane.
        None to use metres throughout.
    scale : float
        What the gate is widened by, for the sensitivity.
    """

    metres: Metres = 100.0
    mahalanobis: float | None = None
    scale: Ratio = 1.0


@dataclass(frozen=True, slots=True)
class Declaration:
    """When a track counts as declared: after so many reports within so long.

    Attributes
    ----------
    reports : int
    within_s : float [s]
    """

    reports: int = 1
    within_s: Seconds = 10.0


@dataclass(frozen=True, slots=True)
class Volume:
    """The protected volume: a circle or a polygon, between two heights.

    Attributes
    ----------
    radius_m : float [m]
        About the site; infinite for everywhere.
    corners : tuple of (east, north) [m]
        A polygon in place of the circle.
    floor_m, ceiling_m : float [m above the site]
    """

    radius_m: Metres = float("inf")
    corners: tuple[tuple[float, float], ...] = ()
    floor_m: Metres = -float("inf")
    ceiling_m: Metres = float("inf")

    def holds(self, position: FloatArray) -> BoolArray:
        """Which places are inside; an unknown height counts as inside. Shape (n,)."""
        up = position[:, 2]
        low = (up >= self.floor_m) & (up <= self.ceiling_m)
        inside = (
            in_polygon(position[:, :2], self.corners)
            if self.corners
            else np.hypot(position[:, 0], position[:, 1]) <= self.radius_m
        )
        return np.asarray(inside & (low | ~np.isfinite(up)))


@dataclass(frozen=True, slots=True)
class Sector:
    """A named share of the horizon, clockwise from true north."""

    name: str
    from_deg: Degrees
    to_deg: Degrees

    def holds(self, position: FloatArray) -> BoolArray:
        """Which places are in it, as seen from the site. Shape (n,)."""
        azimuth = np.degrees(np.arctan2(position[:, 0], position[:, 1])) % 360.0
        width = (self.to_deg - self.from_deg) % 360.0 or 360.0
        return np.asarray((azimuth - self.from_deg) % 360.0 < width)


@dataclass(frozen=True, slots=True)
class Period:
    """A span of time with a name: a run, or a time without a target.

    Attributes
    ----------
    name : str
    start_s, end_s : float [s, UNIX UTC]
    targets : tuple of str
        Of a run; empty for all.
    scenario : str
        A term of CWA 18150, or free text.
    """

    name: str
    start_s: Seconds
    end_s: Seconds
    targets: tuple[str, ...] = ()
    scenario: str = ""

    def holds(self, time_s: FloatArray) -> BoolArray:
        """Which times lie in it."""
        return np.asarray((time_s >= self.start_s) & (time_s < self.end_s))

    @property
    def hours(self) -> float:
        """Its length [h]."""
        return (self.end_s - self.start_s) / 3600.0


@dataclass(frozen=True, slots=True)
class Rules:
    """All of them.

    Attributes
    ----------
    gate : Gate
    declaration : Declaration
    volume : Volume
    sectors : tuple of Sector
    hysteresis : float
        How much cheaper it is to keep a pair than to make a new one, 0 to 1.
    traffic_gate_m : float [m]
        How near a report must be to other traffic to be of it.
    cutoff_m, order : float
        c and p of OSPA and GOSPA.
    line_m : float [m]
        An alert counts if it comes before the target is nearer to the site than this; 0 for none.
    """

    gate: Gate = Gate()
    declaration: Declaration = Declaration()
    volume: Volume = Volume()
    sectors: tuple[Sector, ...] = ()
    hysteresis: Ratio = 0.3
    traffic_gate_m: Metres = 500.0
    cutoff_m: Metres = 100.0
    order: float = 2.0
    line_m: Metres = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.hysteresis < 1.0:
            raise TrialError(f"hysteresis {self.hysteresis:g}, expected 0 to below 1")
        if self.gate.metres <= 0.0 or self.declaration.reports < 1:
            raise TrialError("a gate is above 0 m, and a declaration takes at least one report")


#: Scenarios of CWA 18150:2024.
SCENARIOS: Final = (
    "prison",
    "airport",
    "nuclear plant",
    "government building",
    "stadium",
    "outdoor concert",
    "political rally",
    "international summit",
    "land border",
    "maritime border",
)


def in_polygon(points: FloatArray, corners: tuple[tuple[float, float], ...]) -> BoolArray:
    """Which points lie inside, by how often a ray crosses the edge.

    Examples
    --------
    >>> in_polygon(np.array([[0.5, 0.5], [2.0, 0.5]]), ((0, 0), (1, 0), (1, 1), (0, 1))).tolist()
    [True, False]
    """
    x, y = points[:, 0], points[:, 1]
    inside = np.zeros(x.size, dtype=np.bool_)
    for (x1, y1), (x2, y2) in zip(corners, (*corners[1:], corners[0]), strict=True):
        if y1 == y2:
            continue
        crosses = (y1 > y) != (y2 > y)
        inside ^= crosses & (x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)
    return inside
