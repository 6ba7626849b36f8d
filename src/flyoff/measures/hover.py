"""What it takes to stay up: throttle, current and evenness of the motors in a steady hover.

Steady is under way, slow over ground and level; a fixed wing has no hover, its cruise is measured
instead. Each is a median over the steady samples, so that a gust or a correction does not move it.
"""

import numpy as np

from flyoff.model.channel import Channel
from flyoff.model.flight import Flight
from flyoff.model.middle import median
from flyoff.units import BoolArray, FloatArray, IntArray

#: Slower than this over ground, and up or down, is a hover [m/s].
HOVER_SPEED_MS, HOVER_CLIMB_MS = 2.0, 0.5
#: A cruise climbs and descends less than this [m/s], faster over ground than the next.
CRUISE_CLIMB_MS, CRUISE_SPEED_MS = 1.0, 5.0
#: The first and last seconds under way belong to take-off and landing [s].
_SHRINK_S = 2.0
#: Less steady time than this says nothing [s].
_LEAST_S = 3.0


def hover_throttle(flight: Flight) -> float | None:
    """Thrust demanded in a steady hover, share of full; median."""
    return _median_of(flight, _throttle(flight)) if _hovers(flight) else None


def hover_current_a(flight: Flight) -> float | None:
    """Current drawn in a steady hover [A]; median."""
    current = flight.get("battery.current")
    if not _hovers(flight) or current is None or not np.nanmax(np.abs(current.values)) > 0.0:
        return None
    return _median_of(flight, current)


def hover_motor_spread(flight: Flight) -> float | None:
    """Difference between the strongest and the weakest motor in a steady hover, share of full."""
    motors = flight.instances("motor.command") if _hovers(flight) else {}
    if len(motors) < 3:
        return None
    levels = [_median_of(flight, m) for m in motors.values()]
    # a motor that is off in the hover (a pusher) does not carry
    known = [x for x in levels if x is not None and x > 0.05]
    return max(known) - min(known) if len(known) > 2 else None


def cruise_throttle(flight: Flight) -> float | None:
    """Throttle in level flight of a fixed wing, share of full; median."""
    if flight.vehicle.kind != "fixed_wing":
        return None
    forward = flight.get("throttle.forward")
    return _median_of(flight, forward if forward is not None else _throttle(flight))


def _hovers(flight: Flight) -> bool:
    return flight.has_lift_motors and bool(flight.under_way)


def _throttle(flight: Flight) -> Channel | None:
    demanded = flight.get("throttle.demand")
    if demanded is not None:
        return Channel(demanded.name, demanded.t_us, np.abs(demanded.values), demanded.source)
    motors = list(flight.instances("motor.command").values())
    if not motors:
        return None
    t = motors[0].t_us
    mean = np.mean([np.nan_to_num(m.at(t)) for m in motors], axis=0)
    return Channel("throttle", t, mean, motors[0].source)


def _median_of(flight: Flight, channel: Channel | None) -> float | None:
    if channel is None or len(channel) < 2:
        return None
    # motors share one clock
    steady = flight.once(_steady, channel.t_us) & np.isfinite(channel.values)
    if steady.sum() * channel.step_s < _LEAST_S:
        return None
    return median(channel.values[steady])


def _steady(flight: Flight, t_us: IntArray) -> BoolArray:
    climb, speed = flight.climb, flight.speed
    if climb is None or speed is None:
        return np.zeros(t_us.shape, dtype=bool)
    up, fast = _absolute(climb, t_us), _absolute(speed, t_us)
    inside = flight.mask_under_way(t_us, shrink_s=_SHRINK_S)
    if flight.vehicle.kind == "fixed_wing":
        level = (up < CRUISE_CLIMB_MS) & (fast > CRUISE_SPEED_MS)
    else:
        level = (up < HOVER_CLIMB_MS) & (fast < HOVER_SPEED_MS)
    return np.asarray(inside & level, dtype=bool)


def _absolute(channel: Channel, t_us: IntArray) -> FloatArray:
    return np.abs(np.nan_to_num(channel.interpolated(t_us), nan=np.inf))
