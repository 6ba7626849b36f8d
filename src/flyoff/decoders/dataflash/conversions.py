"""How ArduPilot's raw columns become catalogue values where a factor alone does not say it.

Each function takes float64 columns of shape (n,) and gives float64 of shape (n,).
"""

import numpy as np

from flyoff.units import RAD_PER_DEGREE, FloatArray

#: RFND.Stat and RangeFinder::Status of the firmware: only 4 is a measurement.
RANGE_GOOD = 4
#: Rotation enum: a range finder that looks down.
FACES_DOWN = 25
#: GPS.HDop where the receiver gives none: UINT16_MAX hundredths.
UNKNOWN_DOP = 655.35
#: BCL.V1 … of a cell that the monitor does not see.
_NO_CELL = 65535
#: TERR.Status where map data around the vehicle are loaded.
_TERRAIN_KNOWN = 2
# nav_filter_status bits of XKF4.SS / NKF4.SS
_POSITION_ABSOLUTE, _CONSTANT_POSITION, _DEAD_RECKONING = 4, 7, 18
# RCI2.Flags
_HAS_INPUT, _RC_FAILSAFE = 0, 1


def bit(values: FloatArray, number: int) -> FloatArray:
    """One bit of a column of flags, 0 or 1; NaN stays NaN."""
    known = np.isfinite(values)
    flags = np.where(known, values, 0).astype(np.int64)
    return np.where(known, (flags >> number) & 1, np.nan)


def wrapped_ratio(ratio: FloatArray) -> FloatArray:
    """Square roots of test ratios, logged as int16 hundredths.

    The firmware casts without a limit, so that a ratio above 327.67 comes out negative; a ratio
    cannot be negative, and reading the 16 bits as unsigned gives it back.
    """
    return np.where(ratio < 0, ratio + 655.36, ratio)


def largest_ratio(x: FloatArray, y: FloatArray, z: FloatArray) -> FloatArray:
    """EKF1 logs a magnetometer ratio for each axis; the largest decides the rejection."""
    return np.fmax(np.fmax(wrapped_ratio(x), wrapped_ratio(y)), wrapped_ratio(z))


def latitude(lat: FloatArray, lon: FloatArray) -> FloatArray:
    """0°, 0° is what the firmware writes where it has no position."""
    return np.where((lat == 0) & (lon == 0), np.nan, lat)


def longitude(lat: FloatArray, lon: FloatArray) -> FloatArray:
    """As ``latitude``."""
    return np.where((lat == 0) & (lon == 0), np.nan, lon)


def with_position(value: FloatArray, lat: FloatArray, lon: FloatArray) -> FloatArray:
    """A value that means nothing where there is no position."""
    return np.where((lat == 0) & (lon == 0), np.nan, value)


def dilution(hdop: FloatArray) -> FloatArray:
    """HDop, NaN where the receiver gives none (UINT16_MAX; -0.01 where stored signed)."""
    return np.where((hdop < 0) | (hdop >= UNKNOWN_DOP), np.nan, hdop)


def share(percent: FloatArray) -> FloatArray:
    """Remaining charge: 255 says that it is not known; an overdrawn pack wraps below zero."""
    return np.where(percent > 100, np.nan, percent)


def lowest_cell(*cells: FloatArray) -> FloatArray:
    """Lowest cell voltage [V] of millivolts; 0 and 65535 stand for cells that are not there."""
    known = [np.where((cell > 0) & (cell < _NO_CELL), cell, np.nan) for cell in cells]
    lowest = known[0]
    for cell in known[1:]:
        lowest = np.fmin(lowest, cell)
    return lowest / 1000


def measured(values: FloatArray) -> FloatArray:
    """NaN throughout if a quantity was never anything but zero: no sensor gives it."""
    return values if np.any(values) else np.full(values.shape, np.nan)


def pulse(width: FloatArray) -> FloatArray:
    """Pulse widths; firmware 3.3 logs uninitialised memory for outputs that do not exist."""
    return np.where((width < 0) | (width > 3000), np.nan, width)


def both(a: FloatArray, b: FloatArray) -> FloatArray:
    """1 where both flags are set."""
    return np.where((a > 0) & (b > 0), 1.0, 0.0)


def clear(flag: FloatArray) -> FloatArray:
    """1 where a flag is not set."""
    return np.where(flag > 0, 0.0, 1.0)


def range_finder(distance: FloatArray, status: FloatArray, orient: FloatArray) -> FloatArray:
    """Distance downward, NaN where it is out of range or the sensor looks elsewhere."""
    return np.where((status == RANGE_GOOD) & (orient == FACES_DOWN), distance, np.nan)


def range_finder_old(distance: FloatArray) -> FloatArray:
    """Before there was a status, 0 stood for no measurement."""
    return np.where(distance <= 0, np.nan, distance)


def above_terrain(height: FloatArray, status: FloatArray) -> FloatArray:
    """Height above the terrain map, NaN without map data."""
    return np.where(status == _TERRAIN_KNOWN, height, np.nan)


def position_lost(status: FloatArray) -> FloatArray:
    """Not (absolute horizontal position), or constant-position mode: no aiding at all."""
    return np.fmax(1 - bit(status, _POSITION_ABSOLUTE), bit(status, _CONSTANT_POSITION))


def dead_reckoning(status: FloatArray) -> FloatArray:
    """The filter's own flag: it runs on inertia, wind or airspeed alone."""
    return bit(status, _DEAD_RECKONING)


def rc_lost(flags: FloatArray) -> FloatArray:
    """RCI2.Flags: no valid input, or the radio failsafe is active."""
    return np.fmax(1 - bit(flags, _HAS_INPUT), bit(flags, _RC_FAILSAFE))


def true_airspeed(equivalent: FloatArray, eas_to_tas: FloatArray) -> FloatArray:
    """Equivalent airspeed [m/s] times the firmware's density ratio."""
    return equivalent * eas_to_tas


def heartbeat_age(time_us: FloatArray, last_ms: FloatArray) -> FloatArray:
    """Age of the ground station's last heartbeat [s]; NaN before the first."""
    return np.where(last_ms > 0, time_us / 1e6 - last_ms / 1e3, np.nan)


def wrapped_degrees(angle: FloatArray) -> FloatArray:
    """Degrees into (-180, 180] as radians."""
    return ((angle + 180.0) % 360.0 - 180.0) * RAD_PER_DEGREE
