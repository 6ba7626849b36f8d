"""How far a plan was flown: waypoints passed, by position, and how far off its place it ended."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from flyoff.model.flight import Flight
from flyoff.model.frames import to_local
from flyoff.model.mission import Mission, MissionItem
from flyoff.units import FloatArray, IntArray

#: A waypoint counts as passed within this distance of the track [m]. A multirotor stops at it, a
#: wing cuts the corner by its turn radius, a boat by its acceptance radius.
PASSED_M = {"fixed_wing": 60.0, "vtol": 60.0, "rover": 15.0, "boat": 15.0}
PASSED_DEFAULT_M = 12.0
#: The end counts as "at the place" within this distance [m].
ARRIVED_M = {"fixed_wing": 150.0, "vtol": 150.0, "rover": 12.0, "boat": 12.0}
ARRIVED_DEFAULT_M = 10.0


@dataclass(frozen=True, slots=True)
class Progress:
    """Plan progress of one sortie.

    Attributes
    ----------
    planned : int
        Waypoints that the plan asks to pass.
    passed : int
        Of them, those whose position the track passed.
    nearest_m : tuple of float [m]
        Closest approach to each.
    passed_last_us : int or None
        When the last waypoint was passed.
    """

    planned: int
    passed: int
    nearest_m: tuple[float, ...]
    passed_last_us: int | None

    @property
    def is_complete(self) -> bool:
        """Whether every waypoint was passed."""
        return self.passed == self.planned


def passed_radius(flight: Flight) -> float:
    """Distance within which a waypoint counts as passed [m]."""
    return PASSED_M.get(flight.vehicle.kind, PASSED_DEFAULT_M)


def arrived_radius(flight: Flight) -> float:
    """Distance within which the end counts as at its place [m]."""
    return ARRIVED_M.get(flight.vehicle.kind, ARRIVED_DEFAULT_M)


def progress(flight: Flight, mission: Mission) -> Progress | None:
    """Compare the track with the mission's waypoints; None without a track."""
    return flight.once(_progress, mission)


def _progress(flight: Flight, mission: Mission) -> Progress | None:
    track = flight.track("position") or flight.track("gnss")
    origin = flight.launch
    if track is None or origin is None:
        return None
    t, north, east = track
    inside = (t >= flight.start_us) & (t <= flight.end_us)
    if not inside.any():
        return None
    t, north, east = t[inside], north[inside], east[inside]
    wanted = mission.waypoints
    nearest: list[float] = []
    last_us: int | None = None
    passed = 0
    for far, at in _nearest(wanted, origin, t, north, east):
        nearest.append(far)
        if far <= passed_radius(flight):
            passed += 1
            last_us = at if last_us is None else max(last_us, at)
    return Progress(len(wanted), passed, tuple(nearest), last_us)


def _nearest(
    wanted: Sequence[MissionItem],
    origin: tuple[float, float],
    t: IntArray,
    north: FloatArray,
    east: FloatArray,
) -> Iterator[tuple[float, int]]:
    """Closest approach to each waypoint [m], and when it was."""
    lat, lon = np.array([w.lat for w in wanted]), np.array([w.lon for w in wanted])
    places = to_local(lat, lon, origin)
    for n, e in zip(*(axis.tolist() for axis in places), strict=True):
        # distance to the track's segments, not to its samples: a fast wing moves metres between
        far, i = distance_to_track(n, e, north, east)
        yield far, int(t[min(i + 1, t.size - 1)])


def distance_to_track(n: float, e: float, north: FloatArray, east: FloatArray) -> tuple[float, int]:
    """Smallest distance of a point to a polyline [m], and the index of the segment's start."""
    if north.size == 1:
        return float(np.hypot(north[0] - n, east[0] - e)), 0
    dn, de = np.diff(north), np.diff(east)
    length2 = dn * dn + de * de
    with np.errstate(divide="ignore", invalid="ignore"):
        along = ((n - north[:-1]) * dn + (e - east[:-1]) * de) / length2
    along = np.clip(np.nan_to_num(along), 0.0, 1.0)
    far = np.hypot(north[:-1] + along * dn - n, east[:-1] + along * de - e)
    i = int(np.argmin(far))
    return float(far[i]), i


def end_position(flight: Flight, group: str = "position") -> tuple[float, float] | None:
    """Last believed position in the sortie: metres (north, east) from the launch point."""
    track = flight.track(group)
    if track is None:
        return None
    t, north, east = track
    at = flight.end_us
    if flight.landing_us is not None and not flight.ends_under_way:
        at = min(at, flight.landing_us + 500_000)  # a belief may wander on while the vehicle stands
    i = int(np.searchsorted(t, at, side="right")) - 1
    return (float(north[i]), float(east[i])) if i >= 0 else None


def place_offset(flight: Flight, place: tuple[float, float]) -> tuple[float, float] | None:
    """A place (lat, lon) [deg] in metres (north, east) from the launch point."""
    if flight.launch is None:
        return None
    n, e = to_local(np.array([place[0]]), np.array([place[1]]), flight.launch)
    return float(n[0]), float(e[0])
