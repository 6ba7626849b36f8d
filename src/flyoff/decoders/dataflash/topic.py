"""A DataFlash table: rows in file order, columns gathered from the mapped file when asked for."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from flyoff.decoders.dataflash._kernels import gather_bytes
from flyoff.decoders.dataflash.layout import Definition, Field
from flyoff.decoders.packed import CODE_OF, MAX_PLANS, Plan
from flyoff.decoders.rawlog import Column, Columns, Topic
from flyoff.units import ByteArray, IntArray

#: Unit prefixes for the multipliers that have one.
PREFIXES = {1e-1: "d", 1e-2: "c", 1e-3: "m", 1e-6: "µ", 1e-9: "n"}


@dataclass(frozen=True, slots=True)
class Legend:
    """What the characters of FMTU stand for in this log: UNIT's labels, MULT's factors."""

    labels: Mapping[str, str]
    factors: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What FMTU says of one definition: for each field a character for unit and multiplier."""

    unit_ids: str
    multiplier_ids: str
    legend: Legend

    def multiplier(self, place: int, f: Field) -> float:
        """What is left to multiply by; 1 where the format character has done it."""
        factor = self.legend.factors.get(self.multiplier_ids[place : place + 1], 0.0)
        return 1.0 if f.code.divisor or factor == 0.0 else factor

    def unit(self, place: int, f: Field) -> str:
        """Unit of the values as they are handed out; empty if the log states none."""
        label = self.legend.labels.get(self.unit_ids[place : place + 1], "")
        factor = self.multiplier(place, f)
        if not label or factor == 1.0:
            return label
        return PREFIXES[factor] + label if factor in PREFIXES else f"{factor:.4g} {label}"


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Rows of a table that one definition describes.

    Attributes
    ----------
    offsets : int64, shape (n,)
        Where each record starts, ascending.
    number : int
        Of the definition within the log; -1 where nobody asks what FMTU says of it.
    """

    definition: Definition
    offsets: IntArray
    number: int = -1


#: What FMTU says of each definition, by its number; read when first asked for.
Meanings = Callable[[], Mapping[int, Meaning]]


class DataFlashTopic(Topic):
    """One message of one instance; where its definition changed within the log, of all of them.

    Attributes
    ----------
    parts : tuple of Part
    time_factor : int
        µs in one unit of ``time_field``.
    """

    def __init__(
        self,
        data: ByteArray,
        instance: int,
        parts: tuple[Part, ...],
        meanings: Meanings = dict,
    ) -> None:
        self._data = data
        self._meanings = meanings
        self.parts = parts
        self.name = parts[0].definition.name
        self.instance = instance
        self.fields = parts[0].definition.names
        if len(parts) > 1:
            self.fields = tuple(dict.fromkeys(n for p in parts for n in p.definition.names))
        self.time_field, self.time_factor = _time_field(self.name, parts)

    def __len__(self) -> int:
        return sum(p.offsets.size for p in self.parts)

    @cached_property
    def offsets(self) -> IntArray:
        """Where each row's record starts, ascending."""
        if len(self.parts) == 1:
            return self.parts[0].offsets
        return np.sort(np.concatenate([p.offsets for p in self.parts]), kind="stable")

    @cached_property
    def units(self) -> Mapping[str, str]:  # type: ignore[override]  # read only, made when asked for
        """Unit of each field as its values are handed out, where the log states one."""
        return {f.name: unit for place, f, m in self._marked() if (unit := m.unit(place, f))}

    @cached_property
    def multipliers(self) -> Mapping[str, float]:
        """What the log says a field must be multiplied by to be in plain units, where not 1.

        Not applied; ``units`` names the unit of the values as they are handed out.
        """
        return {f.name: x for place, f, m in self._marked() if (x := m.multiplier(place, f)) != 1.0}

    def _marked(self) -> list[tuple[int, Field, Meaning]]:
        said = self._meanings()
        known = [said[part.number] for part in self.parts if part.number in said]
        if not known:
            return []
        last = self.parts[-1].definition
        return [(i, f, known[-1]) for i, f in zip(last.order, last.fields, strict=True)]

    def dtype(self, field: str) -> np.dtype[Any]:
        """Type of one row of a column, seen without reading the others."""
        parts = (Part(p.definition, p.offsets[:1], p.number) for p in self.parts)
        sample = DataFlashTopic(self._data, self.instance, tuple(parts))
        return super(DataFlashTopic, sample).dtype(field)

    def gather(self, fields: Iterable[str]) -> Columns:
        """Read some columns in one sweep over the file."""
        wanted = tuple(fields)
        gathered = [_gather_part(self._data, part, wanted) for part in self.parts]
        if len(gathered) == 1 and len(gathered[0]) == len(wanted):
            return gathered[0]
        for name in wanted:
            if name not in self.fields:
                raise KeyError(f"{self.name} has no field {name!r}, only {', '.join(self.fields)}")
        if len(gathered) == 1:
            return gathered[0]  # a name was asked for twice
        order = np.argsort(np.concatenate([p.offsets for p in self.parts]), kind="stable")
        return {name: self._join(name, gathered)[order] for name in wanted}

    def _join(self, name: str, gathered: list[Columns]) -> Column:
        """One column over parts of different definitions; empty, or NaN, where a part lacks it."""
        have = [columns[name] for columns in gathered if name in columns]
        kinds = {"S" if c.dtype.kind == "S" else "number" for c in have}
        if len(kinds) > 1 or len({c.shape[1:] for c in have}) > 1:
            # text in one definition, a number in another: only text can hold both
            have = [_as_text(c) for c in have]
            gathered = [{name: _as_text(c[name])} if name in c else {} for c in gathered]
        dtype = np.result_type(*(column.dtype for column in have))
        if len(have) < len(gathered) and dtype.kind in "iu":
            dtype = np.dtype(np.float64)  # integers cannot say "not logged"
        absent = b"" if dtype.kind == "S" else np.nan
        pieces = [
            columns[name].astype(dtype)
            if name in columns
            else np.full((part.offsets.size, *have[0].shape[1:]), absent, dtype=dtype)
            for part, columns in zip(self.parts, gathered, strict=True)
        ]
        return np.concatenate(pieces)

    def times_of(self, stamps: Column) -> IntArray:
        """Time of each row on the logger's clock, int64 shape (n,) [µs]."""
        if stamps.dtype.kind == "f":  # logged in some rows only: one definition lacks it
            stamps = np.clip(np.nan_to_num(stamps), 0, 2**62)  # unsigned as logged
        return stamps.astype(np.int64) * np.int64(self.time_factor)

    def has(self, *fields: str) -> bool:
        """Whether the topic has all these fields, in one of its definitions."""
        if len(self.parts) == 1:
            return all(map(self.parts[0].definition.index.__contains__, fields))
        return set(fields).issubset(self.fields)


def _as_text(column: Column) -> Column:
    if column.dtype.kind == "S":
        return column
    return np.array([str(value).encode()[:64] for value in column.tolist()], dtype="S64")


def _time_field(name: str, parts: tuple[Part, ...]) -> tuple[str, int]:
    """The field that carries the logger's own clock, and how many µs its unit is.

    Before 2015 records carry ``TimeMS``; in GPS records of that age ``TimeMS`` is the receiver's
    time of week and the logger's clock is ``T``.
    """
    chars: dict[str, str] = {}
    for part in parts:
        for f in part.definition.fields:
            if f.name in _CLOCKS:
                chars[f.name] = chars.get(f.name, "") + f.char
    whole = {label for label, found in chars.items() if set(found) <= set("bBhHiIqQ")}
    if "TimeUS" in whole:
        return "TimeUS", 1
    if name in ("GPS", "GPS2") and "T" in whole:
        return "T", 1000
    if "TimeMS" in whole:
        return "TimeMS", 1000
    return "", 1


_CLOCKS = frozenset({"TimeUS", "TimeMS", "T"})


@dataclass(frozen=True, slots=True, eq=False)
class _Fields:
    """The wanted fields of a definition, in the order asked for; made once for each set of them.

    Attributes
    ----------
    plan : Plan
        Of all that are numbers.
    scaled : of (name, divisor)
        Those of them that are integers to be divided.
    wide : of Field
        Text, and arrays of samples.
    names : tuple of str
        All; None where ``plan`` has their order already.
    """

    plan: Plan
    scaled: tuple[tuple[str, float], ...]
    wide: tuple[Field, ...]
    names: tuple[str, ...] | None


def _fields(definition: Definition, wanted: tuple[str, ...]) -> _Fields:
    known: _Fields | None = definition.plans.get(wanted)
    if known is not None:
        return known
    found = [definition.index[n] for n in dict.fromkeys(wanted) if n in definition.index]
    wide = tuple(f for f in found if f.code.dtype.kind == "S" or f.code.shape)
    narrow = [f for f in found if f not in wide]
    codes = np.array([CODE_OF[f.code.dtype] for f in narrow], dtype=np.int64)
    at = np.array([f.at for f in narrow], dtype=np.int64)
    fields = _Fields(
        Plan(tuple(f.name for f in narrow), codes, at),
        tuple((f.name, f.code.divisor) for f in narrow if f.code.divisor),
        wide,
        tuple(f.name for f in found) if wide else None,
    )
    if len(definition.plans) < MAX_PLANS:
        definition.plans[wanted] = fields
    return fields


def _gather_part(data: ByteArray, part: Part, wanted: tuple[str, ...]) -> Columns:
    fields = _fields(part.definition, wanted)
    columns = fields.plan.gather(data, part.offsets)
    for name, divisor in fields.scaled:
        columns[name] = columns[name] / divisor
    if fields.names is None:
        return columns
    for f in fields.wide:
        columns[f.name] = _gather_wide(data, part, f)
    return {name: columns[name] for name in fields.names}


def _gather_wide(data: ByteArray, part: Part, f: Field) -> Column:
    """Text, or an array of 32 samples."""
    out = np.empty((part.offsets.size, f.code.width), dtype=np.uint8)
    # file contents may hold NULs; in any other text what stands behind a NUL is left-over memory
    cut = f.code.dtype.kind == "S" and part.definition.name != "FILE"
    gather_bytes(data, part.offsets, f.at, cut, out)
    return out.reshape(-1).view(f.code.dtype).reshape(-1, *f.code.shape)
