"""Where a vehicle went, in metres: from degrees around a place, or from the estimator's metres."""

import numpy as np

from flyoff.model.channel import Channel
from flyoff.model.frames import to_local
from flyoff.units import FloatArray, IntArray

#: (t_us, north, east) [µs], [m], [m]; absent samples left out.
Track = tuple[IntArray, FloatArray, FloatArray]


def track_of_places(lat: Channel, lon: Channel, origin: tuple[float, float]) -> Track | None:
    """Track around an origin (lat, lon) [deg]; None without a place. (0, 0) is no place."""
    east_of = lon.on(lat.t_us)
    good = np.isfinite(lat.values) & np.isfinite(east_of) & (np.abs(lat.values) > 1e-9)
    if not good.any():
        return None
    north, east = to_local(lat.values[good], east_of[good], origin)
    return lat.t_us[good], north, east


def track_of_metres(north: Channel, east: Channel) -> Track | None:
    """Track from its own first point; None without a sample."""
    values = east.on(north.t_us)
    good = np.isfinite(north.values) & np.isfinite(values)
    if not good.any():
        return None
    i = int(np.flatnonzero(good)[0])
    return north.t_us[good], north.values[good] - north.values[i], values[good] - values[i]
