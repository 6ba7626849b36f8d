"""What pymavlink's tables say of each message: fields, types, where they lie, checksum seed.

Importing pymavlink's dialect takes a third of a second or more, so what is needed of it is written
once into the user's cache, as JSON, under the library's version.
"""

import inspect
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pymavlink

from flyoff.kernel_cache import prepare
from flyoff.units import IntArray

#: Changes with what the cache file holds.
_FORMAT: Final = 2
#: Message ids below this are found by one look into a table; there are none above in any dialect.
IDS: Final = 1 << 16
#: A payload's length is one byte.
MAX_PAYLOAD: Final = 255

_TYPES: Final = {
    "char": "S", "int8_t": "i1", "uint8_t": "u1", "int16_t": "<i2", "uint16_t": "<u2",
    "int32_t": "<i4", "uint32_t": "<u4", "int64_t": "<i8", "uint64_t": "<u8", "float": "<f4",
    "double": "<f8",
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """Where one field lies in its payload.

    Attributes
    ----------
    at : int [byte]
        From the start of the payload.
    dtype : numpy dtype of one element; of all of them for text
    count : int
        Elements of an array, 0 where the field is none.
    """

    name: str
    at: int
    dtype: np.dtype[Any]
    count: int
    unit: str

    @property
    def width(self) -> int:
        """Bytes that the field takes."""
        return self.dtype.itemsize * max(self.count, 1)


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """One message.

    Attributes
    ----------
    size : int [byte]
        Whole payload, extension fields included.
    fields : tuple of Field
        In the order of MAVLink's own definition, not in that of the wire.
    plans : dict
        How ``topic`` reads all of them, by the bytes of the stamp; it is asked for with every log.
    names : tuple of str
        Of the fields.
    """

    id: int
    name: str
    size: int
    fields: tuple[Field, ...]
    plans: dict[int, Any] = field(default_factory=dict)
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(f.name for f in self.fields))

    @property
    def units(self) -> Mapping[str, str]:
        """Unit of each field that has one."""
        return {f.name: f.unit for f in self.fields if f.unit}


class Dialect:
    """The definitions of all messages, and tables of them for the kernels.

    Attributes
    ----------
    numbers : int16, shape (IDS,)
        Row of a message id in the following, -1 where it is unknown.
    seeds : uint8, shape (messages,)
        CRC_EXTRA.
    instance_at : int64, shape (messages,)
        Where the byte lies that tells instances apart, -1 where there is none.
    """

    def __init__(self, rows: list[list[Any]]) -> None:
        self._rows = {int(row[0]): row for row in rows}
        ids = np.array([row[0] for row in rows], dtype=np.int64)
        self.numbers: npt.NDArray[np.int16] = np.full(IDS, -1, dtype=np.int16)
        self.numbers[ids] = np.arange(ids.size)
        self.seeds: npt.NDArray[np.uint8] = np.array([row[2] for row in rows], dtype=np.uint8)
        self.instance_at: IntArray = np.array([row[4] for row in rows], dtype=np.int64)
        self._definitions: dict[tuple[int, bool], Definition] = {}

    def __contains__(self, number: int) -> bool:
        return number in self._rows

    def definition(self, number: int, is_old: bool = False) -> Definition:
        """What is known of a message id; an unknown one has its payload as ``data``.

        ``is_old`` leaves the extension fields out: MAVLink 1 frames cannot carry them.
        """
        found = self._definitions.get((number, is_old))
        if found is None:
            found = self._definitions[number, is_old] = self._define(number, is_old)
        return found

    def _define(self, number: int, is_old: bool) -> Definition:
        if number not in self._rows:
            data = Field("data", 0, np.dtype(f"S{MAX_PAYLOAD}"), 0, "")
            return Definition(number, f"UNKNOWN_{number}", MAX_PAYLOAD, (data,))
        _, name, _, size, _, fields, base = self._rows[number]
        kept = fields[:base] if is_old else fields
        return Definition(number, name, size, tuple(_field(*entry) for entry in kept))

    @cached_property
    def ids(self) -> frozenset[int]:
        """Message ids that are known."""
        return frozenset(self._rows)


def _field(name: str, at: int, kind: str, count: int, unit: str) -> Field:
    if kind == "char":
        return Field(name, at, np.dtype(f"S{max(count, 1)}"), 0, unit)
    return Field(name, at, np.dtype(_TYPES[kind]), count, unit)


@cache
def dialect() -> Dialect:
    """The definitions of the installed pymavlink, from the cache if they are there."""
    path = Path(prepare()) / f"mavlink-{pymavlink.__version__}-{_FORMAT}.json"
    rows = _cached(path)
    if rows is None:
        rows = read_definitions()
        _store(path, rows)
    return Dialect(rows)


def read_definitions() -> list[list[Any]]:
    """Id, name, seed, size, instance byte and fields of each message of pymavlink's tables."""
    from pymavlink.dialects.v20 import all as everything

    return [_row(everything.mavlink_map[number]) for number in sorted(everything.mavlink_map)]


def _row(message: Any) -> list[Any]:
    kinds = dict(zip(message.fieldnames, message.fieldtypes, strict=True))
    places: dict[str, tuple[int, int]] = {}
    at = 0
    for name, count in zip(message.ordered_fieldnames, message.array_lengths, strict=True):
        places[name] = (at, count)
        width = 1 if kinds[name] == "char" else np.dtype(_TYPES[kinds[name]]).itemsize
        at += width * max(count, 1)
    fields = [
        [name, *_placed(places[name], kinds[name]), message.fieldunits_by_name.get(name, "")]
        for name in message.fieldnames
    ]
    number = message.instance_field
    # one byte tells instances apart; where a name does, the column tells them itself
    is_byte = number is not None and kinds[number] in ("uint8_t", "int8_t")
    instance_at = places[number][0] if is_byte and not places[number][1] else -1
    # those with a default are extensions, which stand behind all others
    known = inspect.signature(message.__init__).parameters.values()
    base = sum(p.default is p.empty for p in known if p.name != "self")
    return [message.id, message.msgname, message.crc_extra, at, instance_at, fields, base]


def _placed(place: tuple[int, int], kind: str) -> tuple[int, str, int]:
    return place[0], kind, place[1]


def _cached(path: Path) -> list[list[Any]] | None:
    try:
        found = json.loads(path.read_bytes())
        Dialect(found)
    except (OSError, ValueError, LookupError, TypeError):
        return None  # absent or damaged: it is written anew
    return list(found)


def _store(path: Path, rows: list[list[Any]]) -> None:
    """Write whole or not at all; a cache that cannot be written only costs time."""
    try:
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        with os.fdopen(handle, "w") as out:
            json.dump(rows, out)
        os.replace(part, path)
    except OSError:
        pass
