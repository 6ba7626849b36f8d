"""From what sensors say to metres around the site, with the spread that they claim."""

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from flyoff.model.frames import to_enu
from flyoff.trials.reports import Reports
from flyoff.units import BoolArray, Degrees, FloatArray, IntArray, Metres

_NAN: Final = float("nan")


@dataclass(frozen=True, slots=True)
class Site:
    """Where the trial is: origin of all metres.

    Attributes
    ----------
    lat, lon : float [deg, WGS-84]
    height_m : float [m above the ellipsoid]
        Of the ground.
    geoid_m : float [m] or None
        Height of mean sea level above the ellipsoid here; None where nobody gave it.
    """

    lat: Degrees
    lon: Degrees
    height_m: Metres = 0.0
    geoid_m: Metres | None = None

    @property
    def origin(self) -> tuple[float, float, float]:
        """Latitude, longitude, ellipsoid height."""
        return self.lat, self.lon, self.height_m

    def local(self, lat: FloatArray, lon: FloatArray, height: FloatArray) -> FloatArray:
        """East, north, up [m], shape (n, 3); NaN off the earth, and up where the height is."""
        on_earth = (np.abs(lat) <= 90.0) & (np.abs(lon) <= 360.0)
        lat, lon = (np.where(on_earth, values, np.nan) for values in (lat, lon))
        east, north, up = to_enu(lat, lon, np.nan_to_num(height, nan=self.height_m), self.origin)
        return np.column_stack([east, north, np.where(np.isfinite(height), up, np.nan)])


@dataclass(frozen=True, slots=True)
class Post:
    """Where a sensor stands, and how its numbers are turned into metres.

    Attributes
    ----------
    lat, lon, height_m : float
        Height above the ellipsoid.
    north_deg : float [deg]
        What the sensor calls north, clockwise from true north.
    target_height_m : float [m above the sensor]
        Assumed by sensors that measure no elevation, to turn slant range into distance.
    uses_pressure : bool
        Whether heights by air pressure count as heights; they are off by the day's weather.
    """

    lat: Degrees
    lon: Degrees
    height_m: Metres
    north_deg: Degrees = 0.0
    target_height_m: Metres = 0.0
    uses_pressure: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """Reports in metres around the site; shape (n, …), in the order of the reports.

    Attributes
    ----------
    time_s, declared_s : float64 [s, UNIX UTC]
    position : float64, shape (n, 3) [m]
        East, north, up; up is NaN where the sensor measures no height, all where it says no place.
    velocity : float64, shape (n, 3) [m/s]
    covariance : float64, shape (n, 3, 3) [m²]
        NaN where the sensor claims none.
    bearing : float64, shape (n, 2) [rad]
        Azimuth from true north and elevation, of reports without a range; else NaN.
    spread : float64, shape (n, 2) [rad]
    track : int64, shape (n,)
        Index into `names`; -1 where the sensor gives none.
    names : tuple of str
    labels : tuple of str
    notes : tuple of str
    """

    time_s: FloatArray
    declared_s: FloatArray
    position: FloatArray
    velocity: FloatArray
    covariance: FloatArray
    bearing: FloatArray
    spread: FloatArray
    track: IntArray
    names: tuple[str, ...]
    labels: tuple[str, ...]
    ends: BoolArray
    notes: tuple[str, ...] = field(default=())

    def __len__(self) -> int:
        return int(self.time_s.size)


def place(reports: Reports, post: Post, site: Site) -> Placed:
    """Put reports into metres around the site."""
    n, notes = reports.numbers, []
    height, note = _heights(reports, post, site)
    notes += note
    position = site.local(n["lat"], n["lon"], height)
    covariance = _plane_covariance(n)
    origin = site.local(*(np.array([v]) for v in (post.lat, post.lon, post.height_m)))[0]
    polar, polar_covariance, note = _from_polar(n, post)
    notes += note
    is_open = ~np.isfinite(position[:, 0])
    for offset, spread in (
        (polar, polar_covariance),
        (np.column_stack([n["east_m"], n["north_m"], np.full(len(reports), np.nan)]), covariance),
    ):
        use = is_open & np.isfinite(offset[:, 0])
        position[use] = offset[use] + origin
        covariance = np.where(use[:, None, None], spread, covariance)
        is_open &= ~use
    # a radar without elevation may still tell the height, as a flight level
    fill = ~np.isfinite(position[:, 2]) & np.isfinite(height) & np.isfinite(position[:, 0])
    position[fill, 2] = height[fill] - site.height_m
    names, track = np.unique(reports.track, return_inverse=True)
    track = track.astype(np.int64)
    if names.size and names[0] == "":
        track, names = track - 1, names[1:]
    angles = np.radians(np.column_stack([n["azimuth_deg"] + post.north_deg, n["elevation_deg"]]))
    return Placed(
        n["time_s"],
        n["declared_s"],
        position,
        np.column_stack([n["velocity_east"], n["velocity_north"], n["velocity_up"]]),
        covariance,
        np.where(is_open[:, None], angles, np.nan),
        np.radians(np.column_stack([n["sigma_azimuth"], n["sigma_elevation"]])),
        track,
        tuple(names.tolist()),
        tuple(reports.texts["label"].tolist()),
        reports.ends,
        tuple(notes),
    )


def _heights(reports: Reports, post: Post, site: Site) -> tuple[FloatArray, list[str]]:
    """Heights above the ellipsoid [m]."""
    height, above = reports.numbers["height_m"].copy(), reports.texts["height_above"]
    notes = []
    there = np.isfinite(height)
    is_msl = there & ((above == "msl") | (above == "pressure"))
    height[is_msl] += site.geoid_m or 0.0
    if site.geoid_m is None and is_msl.any():
        notes.append(
            "heights above sea level are used as they are: the site's `geoid_m` is not given"
        )
    if (there & (above == "unknown")).any():
        notes.append("heights do not say what they count from: taken for the ellipsoid")
    if not post.uses_pressure and (there & (above == "pressure")).any():
        height[above == "pressure"] = np.nan
        notes.append("heights by air pressure are not used: set `uses_pressure` to use them")
    return height, notes


def _plane_covariance(n: dict[str, FloatArray]) -> FloatArray:
    east, north, up = n["sigma_east"], n["sigma_north"], n["sigma_up"]
    out = np.full((east.size, 3, 3), np.nan)
    out[:, 0, 0], out[:, 1, 1], out[:, 2, 2] = east**2, north**2, up**2
    across = np.where(np.isfinite(n["rho"]), n["rho"], 0.0) * east * north
    out[:, 0, 1] = out[:, 1, 0] = across
    flat = np.isfinite(east)
    out[flat, 0, 2] = out[flat, 1, 2] = out[flat, 2, 0] = out[flat, 2, 1] = 0.0
    return out


def _from_polar(n: dict[str, FloatArray], post: Post) -> tuple[FloatArray, FloatArray, list[str]]:
    """Offsets from the sensor by range and bearing, and their covariance."""
    slant, azimuth = n["range_m"], np.radians(n["azimuth_deg"] + post.north_deg)
    elevation = np.radians(n["elevation_deg"])
    flat = ~np.isfinite(elevation)
    level = np.sqrt(np.maximum(slant**2 - post.target_height_m**2, 0.0))
    distance = np.where(flat, level, slant * np.cos(elevation))
    sine, cosine = np.sin(azimuth), np.cos(azimuth)
    offset = np.column_stack([distance * sine, distance * cosine, slant * np.sin(elevation)])
    lift = np.where(flat, 0.0, elevation)
    # along the beam, across it, and upright: rotated into east, north, up
    along = np.column_stack([sine * np.cos(lift), cosine * np.cos(lift), np.sin(lift)])
    across = np.column_stack([cosine, -sine, np.zeros_like(sine)])
    upright = np.column_stack([-sine * np.sin(lift), -cosine * np.sin(lift), np.cos(lift)])
    spread = np.column_stack(
        [
            n["sigma_range"],
            distance * np.radians(n["sigma_azimuth"]),
            np.where(flat, 0.0, slant * np.radians(n["sigma_elevation"])),
        ]
    )
    axes = np.stack([along, across, upright], axis=1) * spread[:, :, None]
    covariance = np.einsum("nki,nkj->nij", axes, axes)
    covariance[flat, 2, 2] = np.nan
    is_used = np.isfinite(slant) & flat
    notes = []
    if is_used.any() and post.target_height_m == 0.0:
        notes.append(
            "no elevation is measured: slant range is taken for distance; give `target_height_m`"
        )
    return offset, np.asarray(covariance), notes


def ground_distance(position: FloatArray, other: FloatArray) -> FloatArray:
    """Distance in the plane [m], shape (n,)."""
    return np.asarray(np.hypot(position[..., 0] - other[..., 0], position[..., 1] - other[..., 1]))


def metres_per_degree(lat: Degrees) -> tuple[float, float]:
    """Metres in one degree of latitude and of longitude, on a sphere: for guesses, not scores."""
    metres = math.radians(1.0) * 6_371_000.0
    return metres, metres * math.cos(math.radians(lat))
