"""How Remote ID turns quantities into a few bits and back; None is what is not known.

The steps are 1°, 0.25 m/s up to 63.75 m/s and 0.75 m/s above, 0.5 m/s, 0.5 m, 1e-7° and 0.1 s.
Direction, ground speed, degrees and time are rounded to the nearest step; vertical speed and
heights are cut towards zero of the code, as transmitters do. Arithmetic on what is not degrees is
in single precision, as theirs is, so that the codes are theirs where a value lies on an edge.
"""

import math
from typing import Final

import numpy as np

from flyoff.errors import TrialError
from flyoff.units import Degrees, Metres, MetresPerSecond, Seconds

#: What stands on the air for a quantity that is not known.
UNKNOWN: Final = {
    "direction": 361.0,
    "ground_speed": 255.0,
    "vertical_speed": 63.0,
    "latitude": 0.0,
    "longitude": 0.0,
    "height": -1000.0,
    "hour_time": 0xFFFF,
}

_UNKNOWN_DIRECTION: Final = 361
_STEPS_PER_DEGREE: Final = 10_000_000
_FINE_SPEED: Final = 63.75  # 255 steps of 0.25 m/s
_TOP_SPEED: Final = 254.25
_TOP_CLIMB: Final = 62.0
_HEIGHT_FLOOR: Final = 1000.0
_TENTHS_PER_HOUR: Final = 36_000

# Upper limits of the accuracy classes, from class 1 on; a value at the limit is not below it.
HORIZONTAL_ACCURACY_M: Final = (
    *(18520.0, 7408.0, 3704.0, 1852.0, 926.0, 555.6),
    *(185.2, 92.6, 30.0, 10.0, 3.0, 1.0),
)
VERTICAL_ACCURACY_M: Final = (150.0, 45.0, 25.0, 10.0, 3.0, 1.0)
SPEED_ACCURACY_M_S: Final = (10.0, 3.0, 1.0, 0.3)


def encode_direction(direction: Degrees | None) -> tuple[int, int]:
    """Code and west flag of a course over ground; 359.5° and above is north again."""
    if direction is None:
        return _UNKNOWN_DIRECTION - 180, 1
    _require("direction", direction, 0.0, 360.0, "°")
    whole = math.floor(float(np.float32(direction)) + 0.5) % 360
    return (whole - 180, 1) if whole >= 180 else (whole, 0)


def decode_direction(code: int, west: int) -> Degrees | None:
    """Course over ground [deg]; codes beyond the circle are unknown."""
    whole = code + 180 * west
    return float(whole) if whole <= 360 else None


def encode_ground_speed(speed: MetresPerSecond | None) -> tuple[int, int]:
    """Code and multiplier flag; speeds beyond the scale are its end."""
    if speed is None:
        return 255, 1
    _require("ground speed", speed, 0.0, math.inf, " m/s")
    held, half = np.float32(min(speed, _TOP_SPEED)), np.float32(0.5)
    if held <= _FINE_SPEED:
        return min(int(held / np.float32(0.25) + half), 255), 0
    return int((held - np.float32(_FINE_SPEED)) / np.float32(0.75) + half), 1


def decode_ground_speed(code: int, coarse: int) -> MetresPerSecond | None:
    """Ground speed [m/s]."""
    if coarse and code == 255:
        return None
    return code * 0.75 + _FINE_SPEED if coarse else code * 0.25


def encode_vertical_speed(speed: MetresPerSecond | None) -> int:
    """Signed code, up positive; speeds beyond the scale are its end."""
    if speed is None:
        return 126
    _require("vertical speed", speed, -math.inf, math.inf, " m/s")
    return int(np.float32(max(-_TOP_CLIMB, min(speed, _TOP_CLIMB))) / np.float32(0.5))


def decode_vertical_speed(code: int) -> MetresPerSecond | None:
    """Vertical speed [m/s], up positive; codes beyond ±62 m/s are unknown."""
    return code * 0.5 if abs(code) <= 2 * _TOP_CLIMB else None


def encode_place(lat: Degrees | None, lon: Degrees | None) -> tuple[int, int]:
    """Both codes; the gulf of Guinea stands for nowhere."""
    if lat is None or lon is None:
        return 0, 0
    _require("latitude", lat, -90.0, 90.0, "°")
    _require("longitude", lon, -180.0, 180.0, "°")
    return round(lat * _STEPS_PER_DEGREE), round(lon * _STEPS_PER_DEGREE)


def decode_place(lat: int, lon: int) -> tuple[Degrees | None, Degrees | None]:
    """Latitude and longitude [deg]; places that are not on earth are unknown."""
    if (lat, lon) == (0, 0) or abs(lat) > 90 * _STEPS_PER_DEGREE:
        return None, None
    if abs(lon) > 180 * _STEPS_PER_DEGREE:
        return None, None
    return lat / _STEPS_PER_DEGREE, lon / _STEPS_PER_DEGREE


def encode_height(height: Metres | None) -> int:
    """Code of a height; those beyond the scale are its end."""
    if height is None:
        return 0
    _require("height", height, -math.inf, math.inf, " m")
    code = int((np.float32(height) + np.float32(_HEIGHT_FLOOR)) / np.float32(0.5))
    return max(0, min(code, 0xFFFF))


def decode_height(code: int) -> Metres | None:
    """Height [m]."""
    return code * 0.5 - _HEIGHT_FLOOR if code else None


def encode_hour_time(seconds: Seconds | None) -> int:
    """Tenths of a second since the full hour, UTC."""
    if seconds is None:
        return 0xFFFF
    _require("time since the hour", seconds, 0.0, 3600.0, " s")
    return min(math.floor(float(np.float32(seconds) * np.float32(10.0)) + 0.5), _TENTHS_PER_HOUR)


def decode_hour_time(code: int) -> Seconds | None:
    """Seconds since the full hour, UTC: which hour is for the receiver to know."""
    return code / 10 if code <= _TENTHS_PER_HOUR else None


def encode_accuracy(value: float | None, limits: tuple[float, ...]) -> int:
    """Class of the smallest limit that a value is below; 0 where it is not known, or beyond all."""
    if value is None or not value > 0.0:
        return 0
    # single precision: 0.3 m/s sent by a transmitter is not below the limit of 0.3 m/s
    held = np.float32(value)
    return sum(bool(held < np.float32(limit)) for limit in limits)


def decode_accuracy(code: int, limits: tuple[float, ...]) -> float | None:
    """Limit that the accuracy is below."""
    return limits[code - 1] if 1 <= code <= len(limits) else None


def encode_time_accuracy(seconds: Seconds | None) -> int:
    """Tenths of a second that the accuracy is not above; 0 where not known or above 1.5 s."""
    if seconds is None or not seconds > 0.0:
        return 0
    held = np.float32(seconds)
    return next((k for k in range(1, 16) if held <= np.float32(k / 10)), 0)


def decode_time_accuracy(code: int) -> Seconds | None:
    """Accuracy of the time [s]."""
    return code / 10 if code else None


def _require(what: str, value: float, least: float, most: float, unit: str) -> None:
    if not least <= value <= most or math.isinf(value):
        raise TrialError(f"{what} {value:g}{unit} cannot be sent, expected {least:g} to {most:g}")
