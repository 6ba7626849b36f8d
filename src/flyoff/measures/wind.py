"""The wind, as the autopilot's estimator has it."""

import numpy as np

from flyoff.model.flight import Flight
from flyoff.units import FloatArray

#: An estimator that does not estimate wind logs zeros.
_NOT_ESTIMATED = 1e-6


def _wind(flight: Flight) -> FloatArray | None:
    north, east = flight.get("wind.north"), flight.get("wind.east")
    if north is None or east is None or not flight.under_way:
        return None
    inside = flight.mask_under_way(north.t_us)
    speed = np.hypot(north.values, east.interpolated(north.t_us))[inside]
    speed = speed[np.isfinite(speed)]
    return speed if speed.size and speed.max() > _NOT_ESTIMATED else None


def wind_mean_ms(flight: Flight) -> float | None:
    """Mean of the estimated wind speed while under way [m/s]."""
    found = _wind(flight)
    return None if found is None else float(found.mean())


def wind_max_ms(flight: Flight) -> float | None:
    """Greatest estimated wind speed while under way [m/s]."""
    found = _wind(flight)
    return None if found is None else float(found.max())
