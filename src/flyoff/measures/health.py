"""How well it is: vibration, the estimator's quarrel with its sensors, the battery's resistance.

These compare a sortie with others of its own kind. Levels of different autopilots are not the same
quantity (PX4 and ArduPilot define vibration differently), so they are never compared across them.
"""

import numpy as np

from flyoff.model.channel import Channel
from flyoff.model.flight import Flight
from flyoff.model.middle import median
from flyoff.units import FloatArray

_RATIOS = ("estimator.ratio_velocity", "estimator.ratio_position", "estimator.ratio_height")
#: The first and last seconds under way belong to take-off and landing [s].
_SHRINK_S = 2.0
#: Fewer samples than this say nothing.
_LEAST = 10
#: A current that varies less than this cannot tell a resistance [A].
_SPREAD_A = 3.0
#: No pack with its leads has less: then the voltage does not answer to the current at all [Ω].
_IDEAL_OHM = 1e-3


def vibration_ms2(flight: Flight) -> float | None:
    """Vibration of the first inertial sensor while under way, worst axis [m/s²]; median."""
    levels = [_aloft(flight, flight.get(f"vibration.{axis}")) for axis in "xyz"]
    if not any(part.size >= _LEAST for part in levels):
        levels = [_aloft(flight, flight.get("vibration.metric"))]
    known = [median(part) for part in levels if part.size >= _LEAST]
    return max(known) if known else None


def innovation_ratio_p95(flight: Flight) -> float | None:
    """Estimator's test ratios of velocity, position and height under way; worst, 95th percentile.

    Above 1 the estimator rejects the measurement.
    """
    parts = [_aloft(flight, flight.get(name)) for name in _RATIOS]
    known = [float(np.percentile(part, 95.0)) for part in parts if part.size >= _LEAST]
    return max(known) if known else None


def battery_resistance_ohm(flight: Flight) -> float | None:
    """Resistance of pack and leads [Ω]: how far the voltage falls with the current."""
    volts, amperes = flight.get("battery.voltage"), flight.get("battery.current")
    if volts is None or amperes is None:
        return None
    inside = flight.mask_under_way(volts.t_us)
    t_s, v = volts.t_us[inside] / 1e6, volts.values[inside]
    a = amperes.interpolated(volts.t_us)[inside]
    good = np.isfinite(v) & np.isfinite(a)
    t_s, v, a = t_s[good], v[good], a[good]
    if t_s.size < 3 * _LEAST or np.ptp(np.percentile(a, (10.0, 90.0))) < _SPREAD_A:
        return None
    # the charge drawn lowers the voltage too: time and its square stand for it
    at = (t_s - t_s.mean()) / max(float(np.ptp(t_s)), 1e-9)
    columns = np.column_stack([np.ones(at.size), at, at * at, a])
    solved, *_ = np.linalg.lstsq(columns, v, rcond=None)
    resistance = -float(solved[3])
    return resistance if resistance > _IDEAL_OHM else None


def _aloft(flight: Flight, channel: Channel | None) -> FloatArray:
    if channel is None:
        return np.empty(0)
    inside = flight.mask_under_way(channel.t_us, shrink_s=_SHRINK_S)
    part = np.asarray(channel.values[inside], dtype=np.float64)
    return part[np.isfinite(part)]
