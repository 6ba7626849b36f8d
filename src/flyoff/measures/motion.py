"""How far, how high and how fast, as the estimator had it."""

import numpy as np

from flyoff.model.channel import Channel
from flyoff.model.flight import Flight
from flyoff.units import RAD_PER_DEGREE, FloatArray


def _under_way(flight: Flight, channel: Channel | None) -> FloatArray:
    if channel is None:
        return np.empty(0)
    values = channel.values[flight.mask_under_way(channel.t_us)]
    return np.asarray(values[np.isfinite(values)], dtype=np.float64)


def _greatest(values: FloatArray) -> float | None:
    return float(values.max()) if values.size else None


def distance_m(flight: Flight) -> float | None:
    """Distance flown over ground [m]: the speed summed over the time under way."""
    speed = flight.speed
    if speed is None or not flight.under_way:
        return None
    total = 0.0
    for a, b in flight.under_way:
        part = speed.between(a, b)
        good = np.isfinite(part.values)
        if good.sum() > 1:
            total += float(np.trapezoid(part.values[good], part.t_us[good] / 1e6))
    return total


def max_height_m(flight: Flight) -> float | None:
    """Greatest height above the launch point [m]."""
    return _greatest(_under_way(flight, flight.height))


def max_distance_m(flight: Flight) -> float | None:
    """Greatest distance from the launch point [m]."""
    track = flight.track("position") or flight.track("gnss")
    if track is None:
        return None
    t, north, east = track
    inside = flight.mask_under_way(t)
    return float(np.hypot(north[inside], east[inside]).max()) if inside.any() else None


def max_speed_ms(flight: Flight) -> float | None:
    """Greatest speed over ground [m/s]."""
    return _greatest(_under_way(flight, flight.speed))


def mean_speed_ms(flight: Flight) -> float | None:
    """Mean speed over ground while under way [m/s]."""
    far = distance_m(flight)
    return far / flight.under_way_s if far is not None and flight.under_way_s > 0 else None


def max_climb_ms(flight: Flight) -> float | None:
    """Greatest climb rate [m/s]."""
    return _greatest(_under_way(flight, flight.climb)) if flight.flies else None


def max_descent_ms(flight: Flight) -> float | None:
    """Greatest descent rate [m/s], positive down."""
    if not flight.flies or flight.climb is None:
        return None
    return _greatest(-_under_way(flight, flight.climb))


def max_tilt_deg(flight: Flight) -> float | None:
    """Greatest lean [deg]."""
    value = _greatest(_under_way(flight, flight.tilt))
    return None if value is None else value / RAD_PER_DEGREE
