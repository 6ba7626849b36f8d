"""How far the track is from everything that it could rightly follow."""

import numpy as np

from flyoff.model.channel import Channel
from flyoff.model.flight import Flight
from flyoff.model.frames import to_local
from flyoff.model.mission import Mission
from flyoff.units import FloatArray, IntArray

#: The track is looked at this often [µs]: a vehicle does not leave a route within half a second.
_STEP_US = 500_000
#: A step beyond this is no motion but a jump of the position [m], [m/s].
JUMP_M = 100.0
#: A fix that is missing in a tenth of this time does not hold a position up [µs].
RECENT_US = 20_000_000
FASTEST_MS = 80.0


def distance_from_route(flight: Flight) -> Channel | None:
    """Distance of the track from the nearest leg of plan or uploaded mission, launch included.

    Parameters
    ----------
    flight : Flight

    Returns
    -------
    Channel [m] at 2 Hz over the time under way, or None without a route or a track that can be
    believed
    """
    legs = _legs(flight)
    if legs is None or not flight.under_way:
        return None
    track = _believable(flight)
    if track is None:
        return None
    t, north, east = track
    start, end = flight.under_way[0][0], min(flight.under_way[-1][1], int(t[-1]))
    if end - start < 2 * _STEP_US:
        return None
    at = np.append(np.arange(start, end, _STEP_US, dtype=np.int64), np.int64(end))
    n, e = np.interp(at, t, north), np.interp(at, t, east)
    return Channel("route.distance", at, _to_legs(n, e, *legs), "position")


def _believable(flight: Flight) -> tuple[IntArray, FloatArray, FloatArray] | None:
    """The fused track; where the estimator has lost its position, a smooth one of the receiver."""
    end_us = flight.landing_us if flight.landing_us is not None else flight.end_us
    for group in ("gnss",) if _is_lost(flight, end_us) else ("position", "gnss"):
        track = flight.track(group)
        if track is not None and _is_smooth(flight, track):
            return track
    return None


def _is_lost(flight: Flight, end_us: int) -> bool:
    """Whether the fused position has nothing to stand on at the end: it says so, or has no fix."""
    at = np.array([end_us], dtype=np.int64)
    lost = flight.get("estimator.position_lost")
    if lost is not None and lost.at(at)[0] > 0.5:
        return True
    fix = flight.get("gnss.fix")
    if fix is None:
        return False
    recent = fix.between(end_us - RECENT_US, end_us).values
    return recent.size > 3 and float(np.mean(recent < 3)) > 0.1


def _is_smooth(flight: Flight, track: tuple[IntArray, FloatArray, FloatArray]) -> bool:
    """Whether no step of the track is faster than such a vehicle moves."""
    t, north, east = track
    inside = (t >= flight.under_way[0][0]) & (t <= flight.under_way[-1][1])
    if inside.sum() < 3:
        return False
    steps = np.hypot(np.diff(north[inside]), np.diff(east[inside]))
    return bool((steps <= JUMP_M + FASTEST_MS * np.diff(t[inside]) / 1e6).all())


def _legs(flight: Flight) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray] | None:
    """All legs as (north, east) of their starts and ends [m]."""
    starts: list[FloatArray] = []
    ends: list[FloatArray] = []
    for mission in (flight.plan, flight.recording.mission):
        points = _points(mission, flight)
        if points is not None:
            starts.append(points[:-1])
            ends.append(points[1:])
    if not starts:
        return None
    a, b = np.concatenate(starts), np.concatenate(ends)
    return a[:, 0], a[:, 1], b[:, 0], b[:, 1]


def _points(mission: Mission | None, flight: Flight) -> FloatArray | None:
    if mission is None or flight.launch is None:
        return None
    places = [(i.lat, i.lon) for i in mission.items if i.has_position and i.seq > 0]
    if not places:
        return None
    lat, lon = np.array(places, dtype=np.float64).T
    north, east = to_local(lat, lon, flight.launch)
    home = np.zeros((1, 2))
    # the way out and the way home belong to the route
    return np.concatenate([home, np.column_stack([north, east]), home])


def _to_legs(
    n: FloatArray,
    e: FloatArray,
    an: FloatArray,
    ae: FloatArray,
    bn: FloatArray,
    be: FloatArray,
) -> FloatArray:
    nearest = np.full(n.shape, np.inf)
    for n0, e0, n1, e1 in zip(an, ae, bn, be, strict=True):
        dn, de = n1 - n0, e1 - e0
        length2 = dn * dn + de * de
        along = ((n - n0) * dn + (e - e0) * de) / length2 if length2 > 0 else np.zeros(n.shape)
        along = np.clip(along, 0.0, 1.0)
        nearest = np.minimum(nearest, np.hypot(n - n0 - along * dn, e - e0 - along * de))
    return nearest
