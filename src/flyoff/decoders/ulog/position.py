"""Position, heights over home and satellite receivers of a PX4 log."""

from typing import Final

import numpy as np

from flyoff.decoders.normalisation import Reader, loaders, sampled
from flyoff.decoders.ulog.channels import gnss
from flyoff.model.channel import Channel
from flyoff.model.recording import Loader
from flyoff.units import FloatArray, IntArray

#: PX4 projects its local frame on a sphere of this radius [m]. Source: PX4 ``lib/geo``.
_EARTH_M: Final = 6_371_000.0
_GLOBAL: Final = "vehicle_global_position"
_LOCAL: Final = "vehicle_local_position"
_REFERENCE: Final = ("x", "y", "z", "ref_lat", "ref_lon", "ref_alt", "xy_global", "z_global")


def position_loaders(reader: Reader, kind: str) -> dict[str, Loader]:
    """Fused position in degrees and over home, receivers, and heights demanded over home."""
    found = {**_global(reader), **_receivers(reader)}
    if reader.has(_LOCAL, "z", "z_valid"):
        found["position.height"] = lambda: _height(reader)
        if kind == "sub":
            found["depth"] = lambda: _depth(reader)
    if reader.has("position_setpoint_triplet", "current.alt", "current.valid"):
        found["nav.target_height"] = lambda: _target_height(reader)
    return found


def _receivers(reader: Reader) -> dict[str, Loader]:
    # sensor_gps is each receiver as it spoke, vehicle_gps_position the one in use or their blend.
    # One receiver: both are the same, so the one that was written more often is better.
    raw = reader.instances("sensor_gps")
    blended = reader.raw.topic("vehicle_gps_position")
    if not raw:
        return loaders(reader, gnss("vehicle_gps_position", each=True))
    if len(raw) == 1 and blended and len(blended) > len(reader.raw.topics["sensor_gps", raw[0]]):
        return loaders(reader, gnss("vehicle_gps_position", each=False))
    return loaders(reader, gnss("sensor_gps", each=True))


def _global(reader: Reader) -> dict[str, Loader]:
    names = ("position.lat", "position.lon", "position.alt_msl")
    if reader.has(_GLOBAL, "lat", "lon", "alt"):
        fields = dict(zip(names, ("lat", "lon", "alt"), strict=True))
        return {name: _published(reader, name, field) for name, field in fields.items()}
    if reader.has(_LOCAL, *_REFERENCE):
        # many vehicles do not log vehicle_global_position: it follows from the local frame
        return {name: _projected(reader, name, i) for i, name in enumerate(names)}
    return {}


def _published(reader: Reader, name: str, field: str) -> Loader:
    flag = "alt_valid" if field == "alt" else "lat_lon_valid"
    flags = (flag,) if reader.has(_GLOBAL, flag) else ()

    def load() -> Channel:
        t_us, columns = reader.floats(_GLOBAL, (field, *flags))
        values = np.where(columns[1] != 0, columns[0], np.nan) if flags else columns[0]
        return sampled(name, t_us, values, f"{_GLOBAL}.{field}")

    return load


def _projected(reader: Reader, name: str, which: int) -> Loader:
    def load() -> Channel:
        t_us, (x, y, z, lat, lon, alt, is_global, z_global) = reader.floats(_LOCAL, _REFERENCE)
        if which == 2:
            values = np.where(z_global != 0, alt - z, np.nan)
        else:
            values = np.where(is_global != 0, unproject(x, y, lat, lon)[which], np.nan)
        return sampled(name, t_us, values, f"{_LOCAL} (local frame and its reference)")

    return load


def unproject(
    x: FloatArray, y: FloatArray, ref_lat: FloatArray, ref_lon: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Metres north and east of a reference back to degrees, on PX4's sphere.

    Inverse azimuthal equidistant projection (Snyder 1987, section 25).

    Examples
    --------
    >>> one = np.ones(1)
    >>> lat, lon = unproject(one * 111194.93, one * 0, one * 10, one * 20)
    >>> round(float(lat[0]), 5), round(float(lon[0]), 5)
    (11.0, 20.0)
    """
    phi, lam = np.radians(ref_lat), np.radians(ref_lon)
    c = np.hypot(x, y) / _EARTH_M
    ratio = np.divide(np.sin(c), c, out=np.ones_like(c), where=c > 0)
    north, east = x / _EARTH_M * ratio, y / _EARTH_M * ratio
    lat = np.arcsin(np.clip(np.cos(c) * np.sin(phi) + north * np.cos(phi), -1.0, 1.0))
    lon = lam + np.arctan2(east, np.cos(phi) * np.cos(c) - north * np.sin(phi))
    return np.degrees(lat), np.degrees(lon)


def _height(reader: Reader) -> Channel:
    """Height over home where both have a reference above sea level, else over the local origin."""
    flags = ("z_global", "ref_alt") if reader.has(_LOCAL, "z_global", "ref_alt") else ()
    t_us, columns = reader.floats(_LOCAL, ("z", "z_valid", *flags))
    height = np.where(columns[1] != 0, -columns[0], np.nan)
    source = f"{_LOCAL}.z"
    home = _home_alt(reader, t_us)
    if flags and home is not None:
        over = np.where(columns[2] != 0, columns[3] - columns[0] - home, np.nan)
        height = np.where(np.isfinite(over), np.where(columns[1] != 0, over, np.nan), height)
        source = f"{_LOCAL}.z, ref_alt - home_position.alt"
    return sampled("position.height", t_us, height, source)


def _depth(reader: Reader) -> Channel:
    t_us, (z, valid) = reader.floats(_LOCAL, ("z", "z_valid"))
    return sampled("depth", t_us, np.where(valid != 0, z, np.nan), f"{_LOCAL}.z")


def _target_height(reader: Reader) -> Channel:
    topic = "position_setpoint_triplet"
    t_us, (alt, valid) = reader.floats(topic, ("current.alt", "current.valid"))
    home = _home_alt(reader, t_us)
    values = np.full(alt.shape, np.nan) if home is None else alt - home
    values = np.where(valid != 0, values, np.nan)
    return sampled("nav.target_height", t_us, values, f"{topic}.current.alt - home_position.alt")


def home_settings(reader: Reader) -> tuple[IntArray, list[FloatArray]]:
    """When home was set somewhere, and its lat, lon [deg], alt [m]; rows without a place left out.

    PX4 main corrects home's height by a metre every second in flight. That moves the datum and not
    the vehicle, so only a home at another place counts as set.
    """
    if not reader.has("home_position", "lat", "lon", "alt"):
        return np.zeros(0, np.int64), [np.zeros(0)] * 3
    t_us, columns = reader.floats("home_position", ("lat", "lon", "alt"))
    good = np.isfinite(columns).all(axis=0)
    if reader.has("home_position", "valid_hpos"):
        good &= reader.read("home_position", ("valid_hpos",))[1][0] != 0
    t_us, columns = t_us[good], [column[good] for column in columns]
    moved = np.ones(t_us.size, dtype=bool)
    moved[1:] = (np.abs(np.diff(columns[0])) > 1e-6) | (np.abs(np.diff(columns[1])) > 1e-6)
    return t_us[moved], [column[moved] for column in columns]


def _home_alt(reader: Reader, t_us: IntArray) -> FloatArray | None:
    """Home's height above sea level at each instant; before the first, the first."""
    at_us, (_, _, alt) = home_settings(reader)
    if not at_us.size:
        return None
    at = np.searchsorted(at_us, t_us, side="right") - 1
    return np.asarray(alt[np.maximum(at, 0)])
