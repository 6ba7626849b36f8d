"""How PX4's fields become catalogue values, where a factor is not enough."""

from typing import Final

import numpy as np

from flyoff.model.frames import quaternion_to_euler
from flyoff.units import FloatArray

#: A receiver that knows nothing of its error says 3750 or 4295 km: all bits set, or u-blox's own.
_UNKNOWN_M: Final = 1e6


def flag(*values: FloatArray) -> FloatArray:
    """1 where any of the flags is set."""
    return np.asarray(np.any([v != 0 for v in values], axis=0).astype(np.float64), dtype=np.float64)


def inverted(value: FloatArray) -> FloatArray:
    """1 where a flag is not set."""
    return np.asarray((value == 0).astype(np.float64), dtype=np.float64)


def lost(value: FloatArray) -> FloatArray:
    """A loss flag; NaN throughout if there never was anything to lose."""
    return np.full(value.shape, np.nan) if (value != 0).all() else (value != 0).astype(np.float64)


def lost_if_invalid(valid: FloatArray) -> FloatArray:
    """As ``lost``, from a flag that says the opposite."""
    return lost(inverted(valid))


def valid(value: FloatArray, valid: FloatArray) -> FloatArray:
    """The value where the flag beside it vouches for it."""
    return np.where(valid != 0, value, np.nan)


def fixed(value: FloatArray, fix: FloatArray) -> FloatArray:
    """The value where the receiver has at least a 2-D fix."""
    return np.where(fix >= 2, value, np.nan)


def fixed_e7(value: FloatArray, fix: FloatArray) -> FloatArray:
    """1e-7 degrees, with a fix."""
    return fixed(value * 1e-7, fix)


def fixed_mm(value: FloatArray, fix: FloatArray) -> FloatArray:
    """Millimetres, with a fix."""
    return fixed(value * 1e-3, fix)


def course(value: FloatArray, fix: FloatArray) -> FloatArray:
    """A course in 0 … 2π, with a fix: simulators of 2016 counted on beyond a turn."""
    return fixed(value % (2 * np.pi), fix)


def error(value: FloatArray) -> FloatArray:
    """A receiver's estimate of its own error, where it has one."""
    return np.where(value < _UNKNOWN_M, value, np.nan)


def not_negative(value: FloatArray) -> FloatArray:
    """PX4 writes -1 where it does not know."""
    return np.where(value >= 0, value, np.nan)


def percent(value: FloatArray) -> FloatArray:
    """0 … 100 as a share; anything else is not known."""
    return np.where((value >= 0) & (value <= 100), value / 100.0, np.nan)


def roll(*q: FloatArray) -> FloatArray:
    """Roll of a quaternion (scalar first) [rad]."""
    return quaternion_to_euler(q[0], q[1], q[2], q[3])[0]


def pitch(*q: FloatArray) -> FloatArray:
    """Pitch of a quaternion [rad]."""
    return quaternion_to_euler(q[0], q[1], q[2], q[3])[1]


def yaw(*q: FloatArray) -> FloatArray:
    """Yaw of a quaternion [rad]."""
    return quaternion_to_euler(q[0], q[1], q[2], q[3])[2]


def wrapped(angle: FloatArray) -> FloatArray:
    """An angle in -π … π."""
    return np.asarray((angle + np.pi) % (2 * np.pi) - np.pi)


def per_second(delta: FloatArray, dt_us: FloatArray) -> FloatArray:
    """What was integrated over ``dt_us``, as a mean rate."""
    return np.asarray(
        np.divide(delta * 1e6, dt_us, out=np.full(delta.shape, np.nan), where=dt_us > 0),
        dtype=np.float64,
    )


def largest(*values: FloatArray) -> FloatArray:
    """The largest of several, what is not a number left out."""
    return np.asarray(np.fmax.reduce(values), dtype=np.float64)


def total(*values: FloatArray) -> FloatArray:
    """Their sum."""
    return np.asarray(np.sum(values, axis=0), dtype=np.float64)


def norm(*values: FloatArray) -> FloatArray:
    """Length of a vector."""
    return np.asarray(np.sqrt(np.sum(np.square(values), axis=0)), dtype=np.float64)


def half_up(value: FloatArray) -> FloatArray:
    """A stick of -1 … 1 as 0 … 1."""
    return (value + 1.0) / 2.0


def pressure(value: FloatArray) -> FloatArray:
    """Pascal, from whichever unit the version wrote."""
    # sensor_baro.pressure became pascal in 1.14 and was hectopascal before. No flight is above
    # 27 km, where 2000 Pa are, nor below the ground, where 2000 hPa would be.
    known = value[np.isfinite(value)]
    return value * 100.0 if known.size and np.median(known) < 2000.0 else value


def since_start(value: FloatArray) -> FloatArray:
    """Less its first value."""
    known = value[np.isfinite(value)]
    return value - known[0] if known.size else value


def hovering(state: FloatArray) -> FloatArray:
    """Lift motors at work: hover, and both ways of transition."""
    return np.where(state > 0, (state < 4) * 1.0, np.nan)


def connected(value: FloatArray, connected: FloatArray) -> FloatArray:
    """A battery that was there at any time."""
    # only a battery that never was there is left out: a pack that tears off mid-air is evidence
    return value if (connected != 0).any() else np.full(value.shape, np.nan)


def downward(distance: FloatArray, most: FloatArray, orientation: FloatArray) -> FloatArray:
    """Of a range finder that looks down, and only an echo: no distance is negative."""
    is_echo = (distance >= 0) & ((most <= 0) | (distance <= most))
    return np.where(is_echo & (orientation == 25), distance, np.nan)  # PITCH_270 of MAVLink


def innovation(value: FloatArray) -> FloatArray:
    """Measurement minus state; before the origin is set PX4 logs the distance to 0° N 0° E."""
    return np.where(np.abs(value) < 1e6, -value, np.nan)


def at_most_one(value: FloatArray) -> FloatArray:
    """A share; a little over full is full."""
    return np.minimum(not_negative(value), 1.0)


def age(t_us: FloatArray, heartbeat_us: FloatArray) -> FloatArray:
    """Since a heartbeat [s]."""
    return np.where(heartbeat_us > 0, np.maximum(t_us - heartbeat_us, 0.0) * 1e-6, np.nan)


def station_age(t_us: FloatArray, heartbeat_us: FloatArray, kind: FloatArray) -> FloatArray:
    """As ``age``, of a ground station: in 1.9 other computers' heartbeats stand here too."""
    return np.where(kind == 6, age(t_us, heartbeat_us), np.nan)  # MAV_TYPE_GCS


def fence_bits(altitude: FloatArray, distance: FloatArray, custom: FloatArray) -> FloatArray:
    """Bits as ArduPilot's: 1 too high, 2 too far, 4 out of the polygon."""
    return np.asarray(
        (altitude != 0) * 1.0 + (distance != 0) * 2.0 + (custom != 0) * 4.0, dtype=np.float64
    )
