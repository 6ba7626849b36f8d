"""How blackbox fields become catalogue values, where a factor is not enough.

Betaflight and INAV count body axes forward, left, up and the world north, west, up; the catalogue
has forward, right, down and north, east, down. So pitch and yaw change sign, and y and z.
"""

from collections.abc import Callable

import numpy as np

from flyoff.units import FloatArray

Convert = Callable[..., FloatArray]


def measured(value: FloatArray) -> FloatArray:
    """Without a sensor zeros are logged: NaN throughout if there never was anything else."""
    return value if value.any() else np.full(value.shape, np.nan)


def positive(value: FloatArray) -> FloatArray:
    """The value where it is more than nothing."""
    return np.where(value > 0, value, np.nan)


def ranged(value: FloatArray) -> FloatArray:
    """The value where something is in range: beyond it, firmware writes a negative number."""
    return np.where(value >= 0, value, np.nan)


def inverted(value: FloatArray) -> FloatArray:
    """1 where a flag is not set."""
    return np.asarray((value == 0).astype(np.float64))


def lost(received: FloatArray, valid: FloatArray) -> FloatArray:
    """1 where the receiver gives no frames, or none whose channels can be believed."""
    return np.asarray(((received == 0) | (valid == 0)).astype(np.float64))


def wrapped_yaw(tenths: FloatArray) -> FloatArray:
    """Heading in tenths of a degree, 0 … 3599 [rad]."""
    return np.radians(tenths / 10.0 % 360.0)


def course(tenths: FloatArray) -> FloatArray:
    """Course in tenths of a degree; a receiver that stands still may say 65535."""
    return np.where((tenths >= 0) & (tenths <= 3600), np.radians(tenths / 10.0 % 360.0), np.nan)


def temperature(tenths: FloatArray) -> FloatArray:
    """Tenths of a degree; INAV writes -1250 where there is no sensor [°C]."""
    return np.where(tenths > -1250, tenths / 10.0, np.nan)


def estimated(value: FloatArray, error_cm: FloatArray) -> FloatArray:
    """INAV's estimate [cm → m] where it is one: at its greatest error it navigates by nothing."""
    return np.where(error_cm < 1000, value / 100.0, np.nan)


def motor(low: float, high: float, off: float) -> Convert:
    """Make the conversion of a motor output to 0 idle … 1 full, NaN off."""

    def convert(value: FloatArray) -> FloatArray:
        return np.where(value <= off, np.nan, np.clip((value - low) / (high - low), 0.0, 1.0))

    return convert


def throttle(resolution: float) -> Convert:
    """Make the conversion of a throttle of 1000 … 2000 to 0 … 1."""

    def convert(value: FloatArray) -> FloatArray:
        return np.clip((value / resolution - 1000.0) / 1000.0, 0.0, 1.0)

    return convert


def mean_motor(one: Convert) -> Convert:
    """Make the conversion of all motor outputs to the thrust demanded, off counting as none."""

    def convert(*values: FloatArray) -> FloatArray:
        return np.asarray(np.mean([np.nan_to_num(one(v)) for v in values], axis=0))

    return convert


def _whole(x: FloatArray, y: FloatArray, z: FloatArray) -> tuple[FloatArray, ...]:
    """A quaternion whose scalar was left out since it is never negative."""
    x, y, z = x / 32767.0, y / 32767.0, z / 32767.0
    w = np.sqrt(np.maximum(0.0, 1.0 - x * x - y * y - z * z))
    return w, x, y, z


def roll(*q: FloatArray) -> FloatArray:
    """Roll of Betaflight's ``imuQuaternion`` [rad]."""
    w, x, y, z = _whole(*q)
    return np.arctan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y))


def pitch(*q: FloatArray) -> FloatArray:
    """Pitch of Betaflight's ``imuQuaternion`` [rad], nose up positive."""
    w, x, y, z = _whole(*q)
    return -np.arcsin(np.clip(2 * (w * y - x * z), -1.0, 1.0))


def yaw(*q: FloatArray) -> FloatArray:
    """Heading of Betaflight's ``imuQuaternion`` [rad], clockwise from north."""
    w, x, y, z = _whole(*q)
    return -np.arctan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
