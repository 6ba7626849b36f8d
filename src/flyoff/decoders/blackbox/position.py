"""Where the receiver says it is: coordinates, with what vouches for them."""

from collections.abc import Callable

import numpy as np

from flyoff.decoders.blackbox.firmware import Firmware
from flyoff.decoders.normalisation import Reader, sampled
from flyoff.model.channel import Channel
from flyoff.model.recording import Loader
from flyoff.units import BoolArray, FloatArray, IntArray

_GPS_FIX = 1 << 1  # of stateFlags, in Betaflight and INAV
#: Coordinates are logged as the distance to home. Without the home frame a log has distances, or,
#: where home never was set, true coordinates: nothing flies this far from home [1e-7 degree].
_NOT_A_DISTANCE = 5_000_000


def position_loaders(reader: Reader, firmware: Firmware) -> dict[str, Loader]:
    """Loaders of the receiver's fix and position."""
    found: dict[str, Loader] = {}
    if reader.has("gps", "GPS_fixType") or reader.has("slow", "stateFlags"):
        if reader.count("gps"):
            found["gnss.fix"] = _loader("gnss.fix", reader, _fix_values, "gps.GPS_fixType")
    if not reader.has("gps", "GPS_coord[0]", "GPS_coord[1]"):
        return found
    for i, name in enumerate(("gnss.lat", "gnss.lon")):
        found[name] = _loader(name, reader, _coordinate(i), f"gps.GPS_coord[{i}]")
    scale = firmware.altitude_m
    if scale is not None and reader.has("gps", "GPS_altitude"):
        found["gnss.alt_msl"] = _loader(
            "gnss.alt_msl", reader, _altitude(scale), "gps.GPS_altitude"
        )
    return found


Values = Callable[[Reader], tuple[IntArray, FloatArray]]


def _loader(name: str, reader: Reader, values: Values, source: str) -> Loader:
    def load() -> Channel:
        t_us, found = values(reader)
        return sampled(name, t_us, found, source)

    return load


def _fix_values(reader: Reader) -> tuple[IntArray, FloatArray]:
    """Catalogue fix: INAV says none, 2-D, 3-D; Betaflight only whether there is one."""
    if reader.has("gps", "GPS_fixType"):
        t_us, (kind,) = reader.floats("gps", ("GPS_fixType",))
        return t_us, np.where(kind > 0, kind + 1, 0.0)
    t_us, _ = reader.read("gps", ())
    changed_us, (flags,) = reader.read("slow", ("stateFlags",))
    has_fix = Channel("", changed_us, ((flags & _GPS_FIX) != 0).astype(np.float64))
    return t_us, has_fix.at(t_us) * 3.0


def _has_fix(reader: Reader, t_us: IntArray) -> BoolArray:
    if not (reader.has("gps", "GPS_fixType") or reader.has("slow", "stateFlags")):
        return np.ones(t_us.shape, dtype=np.bool_)
    _, fix = _fix_values(reader)
    return np.asarray(fix >= 2)


def _coordinate(which: int) -> Values:
    def values(reader: Reader) -> tuple[IntArray, FloatArray]:
        t_us, (lat, lon, at) = reader.floats("gps", ("GPS_coord[0]", "GPS_coord[1]", "time"))
        home_us = reader.stamps("home")
        since = home_us.min() if home_us.size else np.inf
        is_true = (at >= since) | (np.maximum(np.abs(lat), np.abs(lon)) > _NOT_A_DISTANCE)
        is_true &= _has_fix(reader, t_us) & (np.abs(lat) <= 9e8) & (np.abs(lon) <= 18e8)
        return t_us, np.where(is_true, (lat, lon)[which] * 1e-7, np.nan)

    return values


def _altitude(scale: float) -> Values:
    def values(reader: Reader) -> tuple[IntArray, FloatArray]:
        t_us, (altitude,) = reader.floats("gps", ("GPS_altitude",))
        return t_us, np.where(_has_fix(reader, t_us), altitude * scale, np.nan)

    return values
