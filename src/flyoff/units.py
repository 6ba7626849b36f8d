"""Units and the few constants of physics, in one place.

Everything inside Flyoff is SI (radian, metre, second, volt, ampere); latitude and longitude are
degrees, because every map and every person reads them so. Times on a log's own clock are integer
microseconds named ``*_us``; seconds are floats named ``*_s``.
"""

import math
from typing import Final

import numpy as np
import numpy.typing as npt

# Aliases that make a signature say its unit.
Seconds = float
Metres = float
MetresPerSecond = float
MetresPerSecond2 = float
Radians = float
RadiansPerSecond = float
Degrees = float
Volts = float
Amperes = float
Ratio = float
Hertz = float

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
ByteArray = npt.NDArray[np.uint8]

RAD_PER_DEGREE: Final = math.pi / 180.0
GRAVITY: Final = 9.80665  # standard gravity, CGPM 1901 [m/s²]
SECONDS_PER_WEEK: Final = 604_800
US_PER_S: Final = 1_000_000
JOULES_PER_WH: Final = 3600.0


def rounded_hours(hours: float) -> tuple[float, str]:
    """A time ahead to two digits, below an hour in minutes.

    Examples
    --------
    >>> rounded_hours(1234.5), rounded_hours(0.28)
    ((1200.0, 'h'), (17.0, 'min'))
    """
    if hours < 0.95:
        return float(max(1, round(60.0 * hours))), "min"
    return float(f"{hours:.2g}"), "h"
