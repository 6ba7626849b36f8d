"""CSV files that are known by their header: AirData, converters of DJI's records, Litchi.

Velocities and attitude are DJI's own (north, east, down; degrees). What a column is measured in
stands in its name, since the user chooses it at export.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flyoff.decoders.csv.mapping import MODE, TEXT, Column, Columns, Time, check, name_and_unit

_POSITION: Final = {"latitude": ("position.lat", "deg"), "longitude": ("position.lon", "deg")}
_TRUE: Final = ("true", "True", "TRUE", "1")


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a converter calls its columns.

    Attributes
    ----------
    tells : names that it alone has, lower case, units left out
    time : (name, unit, format)
        Some write the time twice, once for people: the unit tells them apart.
    utc : (name, unit, format) or None
    columns : mapping of name to (channel, unit where the name gives none)
    """

    name: str
    tells: tuple[str, ...]
    time: tuple[str, str, str]
    utc: tuple[str, str, str] | None
    columns: dict[str, tuple[str, str]]


AIRDATA: Final = Dialect(
    "AirData",
    ("time", "height_above_takeoff", "flycstate"),
    ("time", "millisecond", "ms"),
    ("datetime", "utc", "iso"),
    {
        **_POSITION,
        "height_above_takeoff": ("position.height", "m"),
        "altitude_above_sealevel": ("position.alt_msl", "m"),
        "xspeed": ("velocity.north", "m/s"),
        "yspeed": ("velocity.east", "m/s"),
        "zspeed": ("velocity.down", "m/s"),
        "compass_heading": ("attitude.yaw", "deg"),
        "pitch": ("attitude.pitch", "deg"),
        "roll": ("attitude.roll", "deg"),
        "satellites": ("gnss.satellites", ""),
        "voltage": ("battery.voltage", "V"),
        "current": ("battery.current", "A"),
        "battery_percent": ("battery.remaining", "%"),
        "battery_temperature": ("battery.temperature", "°C"),
        "flycstate": (MODE, ""),
        "message": (TEXT, ""),
    },
)
DJI: Final = Dialect(
    "a converted DJI flight record",
    ("osd.latitude", "osd.longitude", "osd.height"),
    ("osd.flytime", "s", "s"),
    ("custom.updatetime", "", "%Y/%m/%d %H:%M:%S.%f"),
    {
        "osd.latitude": ("position.lat", "deg"),
        "osd.longitude": ("position.lon", "deg"),
        "osd.height": ("position.height", "m"),
        "osd.altitude": ("position.alt_msl", "m"),
        "osd.xspeed": ("velocity.north", "m/s"),
        "osd.yspeed": ("velocity.east", "m/s"),
        "osd.zspeed": ("velocity.down", "m/s"),
        "osd.yaw": ("attitude.yaw", "deg"),
        "osd.pitch": ("attitude.pitch", "deg"),
        "osd.roll": ("attitude.roll", "deg"),
        "osd.gpsnum": ("gnss.satellites", ""),
        "osd.ismotoron": ("arm.is_armed", ""),
        "osd.ismotorup": ("arm.is_armed", ""),
        "osd.flycstate": (MODE, ""),
        "home.latitude": ("home.lat", "deg"),
        "home.longitude": ("home.lon", "deg"),
        "battery.voltage": ("battery.voltage", "V"),
        "battery.current": ("battery.current", "A"),
        "battery.chargelevel": ("battery.remaining", "%"),
        "battery.relativecapacity": ("battery.remaining", "%"),
        "battery.temperature": ("battery.temperature", "°C"),
        "app.tip": (TEXT, ""),
        "app.warn": (TEXT, ""),
    },
)
LITCHI: Final = Dialect(
    "Litchi",
    ("time", "velocityx", "yaw"),
    ("time", "millisecond", "ms"),
    ("datetime", "utc", "iso"),
    {
        **_POSITION,
        "altitude": ("position.height", "m"),
        "velocityx": ("velocity.north", "m/s"),
        "velocityy": ("velocity.east", "m/s"),
        "velocityz": ("velocity.down", "m/s"),
        "yaw": ("attitude.yaw", "deg"),
        "pitch": ("attitude.pitch", "deg"),
        "roll": ("attitude.roll", "deg"),
        "satellites": ("gnss.satellites", ""),
        "voltage": ("battery.voltage", "V"),
        "remainpowerpercent": ("battery.remaining", "%"),
        "home_latitude": ("home.lat", "deg"),
        "home_longitude": ("home.lon", "deg"),
    },
)
DIALECTS: Final = (AIRDATA, DJI, LITCHI)
#: Tables that are known but do not say in what units: names that each has, and what to do.
UNMAPPED: Final = (
    (
        ("loopiteration", "time"),
        "a table that a blackbox tool made; give the log itself (.BBL, .BFL, .TXT)",
    ),
    (
        ("timestamp", "roll", "pitch", "heading", "groundspeed"),
        "QGroundControl's table, in the units of its settings; give its .tlog",
    ),
    (("clock:offsettime",), "DatCon's table of a DJI .DAT, whose units changed between versions"),
    (("offsettime", "imu_atti(0):longitude"), "DatCon's table of a DJI .DAT, of an old version"),
)


def known_columns(names: Sequence[str]) -> Columns | None:
    """The mapping of a header that is known; None for any other."""
    split = {name: name_and_unit(name) for name in names}
    plain = {base for base, _ in split.values()}
    for dialect in DIALECTS:
        if plain.issuperset(dialect.tells):
            return _columns(dialect, split)
    return None


def unmapped(names: Sequence[str]) -> str:
    """What kind of table this is, where that is known but not what its columns hold; else empty."""
    plain = {name_and_unit(name)[0] for name in names}
    return next((says for tells, says in UNMAPPED if plain.issuperset(tells)), "")


def _columns(dialect: Dialect, split: dict[str, tuple[str, str]]) -> Columns | None:
    found: dict[str, Column] = {}
    time = utc = ""
    for name, (base, unit) in split.items():
        if (base, unit) == dialect.time[:2]:
            time = time or name
        elif dialect.utc is not None and (base, unit) == dialect.utc[:2]:
            utc = utc or name
        elif base in dialect.columns:
            channel, usual = dialect.columns[base]
            true = _TRUE if channel.startswith("arm.") else ()
            column = Column(name, channel, unit or usual, true=true)
            try:
                check(column)
            except ValueError:
                continue  # a unit that nobody knows: better no channel than a wrong one
            key = channel if channel not in (MODE, TEXT) else name
            found.setdefault(key, column)
    since_1970 = Time(utc, dialect.utc[2]) if dialect.utc and utc else None
    clock = Time(time, dialect.time[2]) if time else since_1970  # some converters write one only
    if clock is None:
        return None
    return Columns(
        clock,
        tuple(found.values()),
        since_1970 if time else None,
        {"kind": "multirotor", "autopilot": "dji"},
        source=f"header of {dialect.name}",
        is_guessed=True,
    )
