"""What a CSV's columns mean, as a person writes it down in ``columns.toml``."""

import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from flyoff.decoders.csv.units import conversion
from flyoff.errors import DecodeError
from flyoff.model.catalogue import CATALOGUE, base_name
from flyoff.model.recording import VEHICLE_KINDS

#: Columns that become events, not channels: names of flight modes, and texts.
MODE, TEXT = "mode", "text"
#: A mapping is written by a person; more than this is something else [byte].
MAX_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Column:
    """One column's meaning: ``value = column in its unit × scale + offset``.

    Attributes
    ----------
    true : tuple of str
        Texts that mean 1, for flags that are written as words; all others mean 0.
    """

    column: str
    channel: str
    unit: str = ""
    scale: float = 1.0
    offset: float = 0.0
    true: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Time:
    """A column of times.

    Attributes
    ----------
    format : str
        ``s``, ``ms`` or ``us`` of any clock; ``unix`` and ``unix_ms``; ``iso``; or a pattern of
        ``strptime``.
    timezone : str
        Of times that do not say theirs: ``UTC``, ``+02:00`` or ``Europe/Zagreb``.
    """

    column: str
    format: str = "iso"
    timezone: str = "UTC"

    @property
    def is_relative(self) -> bool:
        """Whether it counts from an instant that it does not name."""
        return self.format in ("s", "ms", "us")


@dataclass(frozen=True, slots=True)
class Columns:
    """The meaning of a table.

    Attributes
    ----------
    is_guessed : bool
        By the header alone: a clock that is then not as expected is left out, not an error.
    """

    time: Time
    columns: tuple[Column, ...]
    utc: Time | None = None
    vehicle: Mapping[str, str] = field(default_factory=dict)
    decimal: str = "."
    source: str = ""
    is_guessed: bool = False


def column_files(name: str) -> tuple[str, ...]:
    """Names of the files that may say what a CSV's columns are, the preferred one first.

    Examples
    --------
    >>> column_files("a.csv")
    ('a.csv.columns.toml', 'a.columns.toml', 'columns.toml')
    """
    stem = Path(name).stem
    return f"{name}.columns.toml", f"{stem}.columns.toml", "columns.toml"


def columns_beside(path: str) -> bytes | None:
    """The mapping beside a file: its own, with or without ``.csv`` in the name, or the folder's."""
    log = Path(path)
    for name in column_files(log.name):
        beside = log.parent / name
        if os.path.isfile(beside) and beside.stat().st_size <= MAX_BYTES:
            return beside.read_bytes()
    return None


def read_mapping(path: str, data: bytes, names: Sequence[str]) -> Columns:
    """Read a mapping and hold it against the header."""
    try:
        content = tomllib.loads(data.decode())
        found = _mapping(content)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError, ValueError) as error:
        raise DecodeError(path, 0, f"columns.toml: {error}") from error
    times = [found.time.column, *([found.utc.column] if found.utc else [])]
    for wanted in [*times, *(c.column for c in found.columns)]:
        if wanted not in names:
            some = ", ".join(names[:12])
            raise DecodeError(path, 0, f"columns.toml: no column {wanted!r}; there are {some}")
    return found


def _mapping(content: dict[str, Any]) -> Columns:
    if not isinstance(content.get("time"), dict) or not isinstance(content.get("columns"), dict):
        raise ValueError("expected the tables [time] and [columns]")
    if not isinstance(content.get("vehicle", {}), dict):
        raise ValueError("expected a table [vehicle]")
    vehicle = {str(k): str(v) for k, v in content.get("vehicle", {}).items()}
    if vehicle.get("kind", "unknown") not in VEHICLE_KINDS:
        raise ValueError(f"vehicle.kind {vehicle['kind']!r}, expected one of {VEHICLE_KINDS}")
    return Columns(
        _time(content["time"], "time"),
        tuple(c for name, said in content["columns"].items() for c in _columns(name, said)),
        _time(content["utc"], "utc") if "utc" in content else None,
        vehicle,
        str(content.get("decimal", ".")),
        "columns.toml",
    )


def _time(said: Any, table: str) -> Time:
    if not isinstance(said, dict) or not all(isinstance(v, str) for v in said.values()):
        raise ValueError(f"expected a table [{table}] of texts: column, format, timezone")
    return Time(**said)


def _columns(name: str, said: Any) -> list[Column]:
    """``"speed" = "gnss.speed"``, or a table with unit and scale; several channels as a list."""
    options = dict(said) if isinstance(said, dict) else {"channel": said}
    channels = options.pop("channel", "")
    true = options.pop("true", [])
    if not isinstance(true, list) or not isinstance(options.get("unit", ""), str):
        raise ValueError(f'{name!r}: expected true = ["a text", …] and unit = "a text"')
    if any(not isinstance(options.get(k, 0), int | float) for k in ("scale", "offset")):
        raise ValueError(f"{name!r}: expected numbers as scale and offset")
    found = []
    for channel in channels if isinstance(channels, list) else [channels]:
        column = Column(name, str(channel), true=tuple(map(str, true)), **options)
        check(column)
        found.append(column)
    return found


def check(column: Column) -> None:
    """Raise ValueError where a column cannot be what it is said to be."""
    if column.channel in (MODE, TEXT):
        return
    quantity = CATALOGUE.get(base_name(column.channel))
    if quantity is None:
        raise ValueError(f"{column.column!r}: no channel {column.channel!r} in the catalogue")
    if conversion(column.unit, quantity.unit) is None:
        raise ValueError(
            f"{column.column!r}: {column.unit!r} is no unit of {column.channel} ({quantity.unit})"
        )


def name_and_unit(name: str) -> tuple[str, str]:
    """Split the unit off a column's name.

    Examples
    --------
    >>> name_and_unit("speed(mph)"), name_and_unit("OSD.height [ft]"), name_and_unit("satellites")
    (('speed', 'mph'), ('osd.height', 'ft'), ('satellites', ''))
    """
    found = re.fullmatch(r"(.*?)\s*[(\[]([^()\[\]]*)[)\]]", name.strip())
    return (found[1].lower(), found[2].strip().lower()) if found else (name.strip().lower(), "")
