"""Which commands carry a position, and what counts as one."""

import math
from typing import Final

#: MAV_CMD numbers whose fifth and sixth parameters are latitude and longitude (``hasLocation`` in
#: MAVLink's common.xml and ardupilotmega.xml). In all others they are something else: the fifth
#: parameter of DO_DIGICAM_CONTROL is a shutter command, not 1° north.
WITH_POSITION: Final = frozenset(
    {16, 17, 18, 19, 21, 22, 23, 24, 25, 31, 34, 35, 36, 80, 81, 82, 84, 85, 94}
    | {179, 188, 189, 192, 195, 201, 252, 611, 4001, 4501, 30001, 43003}
    | {5000, 5001, 5002, 5003, 5004, 5100}
    | set(range(31000, 31010))
)
#: MAV_FRAME_MISSION: the item has no coordinates at all.
FRAME_MISSION: Final = 2
#: MAV_FRAMEs whose horizontal coordinates are degrees: global, relative, terrain; plain and _INT.
GLOBAL_FRAMES: Final = frozenset({0, 3, 5, 6, 10, 11})
#: Above mean sea level.
MSL_FRAMES: Final = frozenset({0, 5})


def position(command: int, frame: int, lat: float, lon: float) -> tuple[float, float]:
    """Give latitude and longitude [deg], NaN for "here" (0, 0) and for what is no position.

    Raises
    ------
    ValueError
        If a command that flies to a position has an impossible one.
    """
    nowhere = (math.nan, math.nan)
    if command not in WITH_POSITION or frame not in GLOBAL_FRAMES:
        return nowhere
    if math.isnan(lat) or math.isnan(lon) or (lat == 0.0 and lon == 0.0):
        return nowhere
    if not (-90.0 <= lat <= 90.0 and -180.0 <= lon <= 180.0):
        raise ValueError(
            f"position {lat:.12g}, {lon:.12g}, expected a latitude within ±90° and a longitude "
            "within ±180°"
        )
    return lat, lon
