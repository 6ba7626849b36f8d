"""A DataFlash table: rows in file order, columns gathered from the mapped file when asked for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from flyoff.decoders._kernels import gather
from flyoff.decoders.dataflash._kernels import gather_bytes
from flyoff.decoders.dataflash.layout import Code, Definition, Field
from flyoff.decoders.rawlog import Column, Columns, Topic
from flyoff.units import ByteArray, IntArray

WORDS = {1: np.dtype("u1"), 2: np.dtype("<u2"), 4: np.dtype("<u4"), 8: np.dtype("<u8")}


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Rows of a table that one definition describes.

    Attributes
    ----------
    offsets : int64, shape (n,)
        Where each record starts, ascending.
    """

    definition: Definition
    offsets: IntArray


class DataFlashTopic(Topic):
    """One message of one instance; where its definition changed within the log, of all of them."""

    def __init__(
        self,
        data: ByteArray,
        instance: int,
        parts: tuple[Part, ...],
        units: Mapping[str, str],
        multipliers: Mapping[str, float],
    ) -> None:
        self._data = data
        self.parts = parts
        self.name = parts[0].definition.name
        self.instance = instance
        self.fields = tuple(dict.fromkeys(f.name for p in parts for f in p.definition.fields))
        self.units = units
        #: What the log says a field must be multiplied by to be in plain units. Not applied:
        #: ``units`` already names the unit of the values as they are handed out.
        self.multipliers = multipliers
        self.time_field, self._time_factor = _time_field(self.name, self.fields)
        self._offsets: IntArray | None = parts[0].offsets if len(parts) == 1 else None

    def __len__(self) -> int:
        return sum(p.offsets.size for p in self.parts)

    @property
    def offsets(self) -> IntArray:
        if self._offsets is None:
            self._offsets = np.sort(np.concatenate([p.offsets for p in self.parts]))
        return self._offsets

    def gather(self, fields: Iterable[str]) -> Columns:
        wanted = tuple(fields)
        missing = [name for name in wanted if name not in self.fields]
        if missing:
            raise KeyError(
                f"{self.name} has no field {missing[0]!r}, only {', '.join(self.fields)}"
            )
        gathered = [_gather_part(self._data, part, wanted) for part in self.parts]
        if len(gathered) == 1:
            return gathered[0]
        order = np.argsort(np.concatenate([p.offsets for p in self.parts]), kind="stable")
        return {name: self._join(name, gathered)[order] for name in wanted}

    def _join(self, name: str, gathered: list[Columns]) -> Column:
        """One column over parts of different definitions; NaN, or nothing, where a part lacks it."""
        have = [columns[name] for columns in gathered if name in columns]
        dtype = np.result_type(*(column.dtype for column in have))
        shape = have[0].shape[1:]
        if any(column.shape[1:] != shape for column in have):
            raise KeyError(f"{self.name}.{name} changes between array and scalar within the log")
        if len(have) < len(gathered) and dtype.kind in "iu":
            dtype = np.dtype(np.float64)  # integers cannot say "not logged"
        absent = b"" if dtype.kind == "S" else np.nan
        pieces = [
            columns[name].astype(dtype)
            if name in columns
            else np.full((part.offsets.size, *shape), absent, dtype=dtype)
            for part, columns in zip(self.parts, gathered, strict=True)
        ]
        return np.concatenate(pieces)

    def time_us(self) -> IntArray:
        stamps = super().time_us()
        return stamps * self._time_factor if self._time_factor != 1 else stamps


def _time_field(name: str, fields: tuple[str, ...]) -> tuple[str, int]:
    """The field that carries the logger's own clock, and how many µs its unit is.

    Before 2015 records carry ``TimeMS``; in GPS records of that age ``TimeMS`` is the receiver's
    time of week and the logger's clock is ``T``.
    """
    if name in ("GPS", "GPS2") and "T" in fields and "TimeUS" not in fields:
        return "T", 1000
    if "TimeUS" in fields:
        return "TimeUS", 1
    if "TimeMS" in fields:
        return "TimeMS", 1000
    return "", 1


def _gather_part(data: ByteArray, part: Part, wanted: tuple[str, ...]) -> Columns:
    by_name = {f.name: f for f in part.definition.fields}
    found = [by_name[name] for name in wanted if name in by_name]
    count = part.offsets.size
    at: dict[int, list[int]] = {1: [], 2: [], 4: [], 8: []}
    place: list[tuple[int, int]] = []
    for f in found:
        width = 0 if f.code.dtype.kind == "S" else f.code.width
        place.append((width, len(at[width]) if width in at else -1))
        if width in at:
            at[width].append(f.at)
    out = {width: np.empty((len(places), count), WORDS[width]) for width, places in at.items()}
    where = {width: np.array(places, dtype=np.int64) for width, places in at.items()}
    gather(
        data, part.offsets,
        where[1], out[1], where[2], out[2], where[4], out[4], where[8], out[8],
    )  # fmt: skip
    columns: Columns = {}
    for f, (width, row) in zip(found, place, strict=True):
        if row < 0:
            columns[f.name] = _gather_wide(data, part, f)
        else:
            columns[f.name] = _finish(out[width][row].view(f.code.dtype), f.code)
    return {name: columns[name] for name in wanted if name in columns}


def _finish(raw: Column, code: Code) -> Column:
    return raw / code.divisor if code.divisor else raw


def _gather_wide(data: ByteArray, part: Part, f: Field) -> Column:
    """Text of 16 or 64 bytes, or an array of 32 samples."""
    out = np.empty((part.offsets.size, f.code.width), dtype=np.uint8)
    # file contents may hold NULs; in any other text what stands behind a NUL is left-over memory
    cut = f.code.dtype.kind == "S" and part.definition.name != "FILE"
    gather_bytes(data, part.offsets, f.at, cut, out)
    return out.reshape(-1).view(f.code.dtype).reshape(-1, *f.code.shape)
