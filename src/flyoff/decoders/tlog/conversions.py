"""How MAVLink's fields become catalogue values where a factor alone does not say it.

Each function takes float64 columns of shape (n,), arrays of shape (n, k), and gives float64 (n,).
"""

import numpy as np

from flyoff.units import FloatArray

#: MAVLink's words for "not known".
_U8, _U16, _I16 = 255, 65535, 32767
#: MAV_SENSOR_ROTATION_PITCH_270: a range finder that looks down.
_FACES_DOWN = 25
# bits of EKF_STATUS_REPORT.flags and ESTIMATOR_STATUS.flags
_POSITION_ABSOLUTE, _CONSTANT_POSITION = 4, 7


def known16(values: FloatArray) -> FloatArray:
    """NaN where the field is UINT16_MAX."""
    return np.where(values == _U16, np.nan, values)


def known8(values: FloatArray) -> FloatArray:
    """NaN where the field is UINT8_MAX."""
    return np.where(values == _U8, np.nan, values)


def positive(values: FloatArray) -> FloatArray:
    """NaN where the field is 0 or less, or UINT16_MAX: nobody filled it in."""
    return np.where((values <= 0) | (values == _U16), np.nan, values)


def not_negative(values: FloatArray) -> FloatArray:
    """NaN below 0, which stands for not known."""
    return np.where(values < 0, np.nan, values)


def measured(values: FloatArray) -> FloatArray:
    """NaN throughout if a quantity was never anything but zero: no sensor gives it."""
    return values if np.any(values) else np.full(values.shape, np.nan)


def degrees7(lat: FloatArray, lon: FloatArray) -> FloatArray:
    """1e-7 degrees of the first; NaN where both are 0, or INT32_MAX."""
    absent = ((lat == 0) & (lon == 0)) | (np.abs(lat) > 900_000_000)
    return np.where(absent, np.nan, lat / 1e7)


def longitude7(lat: FloatArray, lon: FloatArray) -> FloatArray:
    """1e-7 degrees of the second."""
    absent = ((lat == 0) & (lon == 0)) | (np.abs(lon) > 1_800_000_000)
    return np.where(absent, np.nan, lon / 1e7)


def with_position(value: FloatArray, lat: FloatArray, lon: FloatArray) -> FloatArray:
    """A value that means nothing where there is no position."""
    return np.where((lat == 0) & (lon == 0), np.nan, value)


def with_fix(value: FloatArray, fix: FloatArray) -> FloatArray:
    """A receiver's value; NaN without a 2-D fix, or where it says that it does not know."""
    return np.where((fix < 2) | (value == _U16), np.nan, value)


def differential(hectopascal: FloatArray) -> FloatArray:
    """Pitot pressure; a sensor that is not calibrated yet shows its offset, of atmospheres."""
    return np.where(np.abs(hectopascal) > 500, np.nan, hectopascal)


def current(values: FloatArray) -> FloatArray:
    """A pack's current [cA]; -1 is MAVLink's, and -100 PX4's, "not measured"."""
    return np.where((values == -1) | (values == -100), np.nan, values)


def pack(voltages: FloatArray, more: FloatArray) -> FloatArray:
    """Pack voltage [mV]: the sum of the cells; a monitor without cells sends it as the first."""
    cells = np.where(voltages == _U16, 0, voltages)
    total = cells.sum(axis=1) + np.where(more == _U16, 0, more).sum(axis=1)
    return np.where(total > 0, total, np.nan)


def pack_old(voltages: FloatArray) -> FloatArray:
    """As ``pack``, without the cells beyond the tenth."""
    return pack(voltages, np.zeros((voltages.shape[0], 0)))


def lowest_cell(voltages: FloatArray) -> FloatArray:
    """Lowest cell [mV]; NaN where the monitor sees the pack only, as one "cell"."""
    cells = np.where((voltages == _U16) | (voltages == 0), np.nan, voltages)
    several = np.isfinite(cells).sum(axis=1) > 1
    return np.where(several, np.fmin.reduce(cells, axis=1), np.nan)


def temperature(values: FloatArray) -> FloatArray:
    """Hundredths of a degree; NaN at INT16_MAX, and throughout where it is always 0."""
    return measured(np.where(values == _I16, np.nan, values)) / 100


def warning(charge_state: FloatArray) -> FloatArray:
    """MAV_BATTERY_CHARGE_STATE as the catalogue counts: 1 low … 4 failed."""
    named = (charge_state >= 1) & (charge_state <= 6)
    return np.where(named, np.clip(charge_state - 1, 0, 4), np.nan)


def roll_of_parts(w: FloatArray, x: FloatArray, y: FloatArray, z: FloatArray) -> FloatArray:
    """Roll [rad] of a quaternion."""
    roll: FloatArray = np.arctan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y))
    return roll


def pitch_of_parts(w: FloatArray, x: FloatArray, y: FloatArray, z: FloatArray) -> FloatArray:
    """Pitch [rad] of a quaternion."""
    pitch: FloatArray = np.arcsin(np.clip(2 * (w * y - z * x), -1.0, 1.0))
    return pitch


def yaw_of_parts(w: FloatArray, x: FloatArray, y: FloatArray, z: FloatArray) -> FloatArray:
    """Yaw [rad] of a quaternion."""
    yaw: FloatArray = np.arctan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
    return yaw


def roll_of(q: FloatArray) -> FloatArray:
    """Roll [rad] of quaternions (w, x, y, z), shape (n, 4)."""
    return roll_of_parts(*q.T)


def pitch_of(q: FloatArray) -> FloatArray:
    """Pitch [rad] of quaternions."""
    return pitch_of_parts(*q.T)


def yaw_of(q: FloatArray) -> FloatArray:
    """Yaw [rad] of quaternions."""
    return yaw_of_parts(*q.T)


def above_terrain(height: FloatArray, spacing: FloatArray) -> FloatArray:
    """Height above the terrain map, NaN without map data."""
    return np.where(spacing > 0, height, np.nan)


def bit(values: FloatArray, number: int) -> FloatArray:
    """One bit of a column of flags, 0 or 1."""
    return (values.astype(np.int64) >> number & 1).astype(np.float64)


def position_lost(flags: FloatArray) -> FloatArray:
    """No absolute horizontal position, or constant-position mode."""
    return np.fmax(1 - bit(flags, _POSITION_ABSOLUTE), bit(flags, _CONSTANT_POSITION))


def towards_north(direction: FloatArray, speed: FloatArray) -> FloatArray:
    """Where the air moves to, of the direction [deg] from which it comes."""
    return -speed * np.cos(np.radians(direction))


def towards_east(direction: FloatArray, speed: FloatArray) -> FloatArray:
    """As ``towards_north``."""
    return -speed * np.sin(np.radians(direction))


def downward(
    distance: FloatArray, low: FloatArray, high: FloatArray, face: FloatArray
) -> FloatArray:
    """Distance [cm] of a range finder that looks down, NaN out of its range."""
    good = (face == _FACES_DOWN) & (distance > low) & (distance < high)
    return np.where(good, distance, np.nan)


def pressure_height(hectopascal: FloatArray) -> FloatArray:
    """Height above the first sample [m], of the standard atmosphere (ICAO, below 11 km)."""
    good = np.where(hectopascal > 10, hectopascal, np.nan)
    first = good[np.isfinite(good)][:1]
    if not first.size:
        return good
    height: FloatArray = 44_330.8 * (1 - (good / first[0]) ** 0.190263)
    return height


def breach(status: FloatArray, kind: FloatArray) -> FloatArray:
    """0 inside the fence; outside, FENCE_BREACH's number as ArduPilot's bits (1 where unknown)."""
    bits = np.select([kind == 1, kind == 2, kind == 3], [8.0, 1.0, 6.0], 1.0)
    return np.where(status > 0, bits, 0.0)
