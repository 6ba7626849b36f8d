"""A topic of a tlog: one message from one sender, columns gathered when asked for."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np

from flyoff.decoders.rawlog import Column, Columns, Topic
from flyoff.decoders.tlog import _kernels as kernels
from flyoff.decoders.tlog.framing import Form
from flyoff.decoders.tlog.index import Stream
from flyoff.decoders.tlog.layout import Definition, Field
from flyoff.units import ByteArray, IntArray

#: When the ground station recorded the frame [µs since 1970]; no field of any message has the name.
TIME: Final = "_time_us"
_WIDTHS: Final = (8, 4, 2, 1)


class TlogTopic(Topic):
    """One message of one sender and instance.

    Attributes
    ----------
    stream : Stream
        Who sent it.
    definition : Definition
    """

    def __init__(
        self,
        data: ByteArray,
        form: Form,
        definition: Definition,
        stream: Stream,
        instance: int,
        payloads: IntArray,
    ) -> None:
        self.name = definition.name
        self.instance = instance
        self.stream = stream
        self.definition = definition
        self.time_field = TIME if form.stamp else ""
        self._data = data
        self._form = form
        self._payloads = payloads

    @property
    def fields(self) -> tuple[str, ...]:  # type: ignore[override]
        """Fields as MAVLink names them, and the recording's time."""
        return self.definition.names + ((TIME,) if self.time_field else ())

    @property
    def units(self) -> dict[str, str]:  # type: ignore[override]
        """Unit of each field as MAVLink's definition states it."""
        return {**self.definition.units, TIME: "us"}

    def __len__(self) -> int:
        return self._payloads.size

    @property
    def offsets(self) -> IntArray:
        """Where each row's record starts, its time stamp included; int64 shape (n,), ascending."""
        header = np.where(self._payloads & 0x100, 6, 10) + self._form.stamp
        starts: IntArray = (self._payloads >> 9) - header
        return starts

    def gather(self, fields: Iterable[str]) -> Columns:
        """Read some columns in one sweep: arrays as shape (n, k), text as bytes."""
        wanted = tuple(dict.fromkeys(fields))
        plan = _plan(self.definition, tuple(name for name in wanted if name != TIME))
        if len(plan.names) + (TIME in wanted) < len(wanted):
            known = set(self.fields)
            name = next(n for n in wanted if n not in known)
            raise KeyError(f"{self.name} has no field {name!r}, only {', '.join(self.fields)}")
        columns = _gather(self._data, self._payloads, plan)
        if TIME in wanted:
            columns[TIME] = self._stamps()
        return columns

    def columns(self) -> Columns:
        """Every column, time included."""
        return self.gather(self.fields)

    def link(self) -> Column:
        """Number of the link that a frame came over, as MAVProxy writes it into the stamp's bits.

        Other ground stations write plain microseconds, and these two bits mean nothing.
        """
        return np.bitwise_and(self._stamps(), 3)

    def recorded(self) -> IntArray:
        """When the ground station recorded each frame, int64 shape (n,) [µs since 1970]."""
        return self._stamps()

    def _stamps(self) -> IntArray:
        if not self._form.stamp:
            raise KeyError(f"{self.name} has no field {TIME!r}: the frames were stored without")
        out = np.empty(self._payloads.size, dtype=np.int64)
        kernels.stamps(self._data, self._payloads, self._form.stamp, out)
        return out

    def __repr__(self) -> str:
        s = self.stream
        return f"<Topic {self.name}[{self.instance}] of {s.system}/{s.component}, {len(self)} rows>"


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """Where the elements of the wanted fields lie, by width; made once for each set of fields."""

    names: tuple[str, ...]
    words: int
    at: IntArray
    counts: IntArray
    row_bytes: int
    #: of each width: dtype of the elements, how many, bytes of a row before them
    numbers: tuple[tuple[str, np.dtype[Any], int, int, int], ...]
    texts: tuple[Field, ...]


@lru_cache(maxsize=4096)
def _plan(definition: Definition, wanted: tuple[str, ...]) -> _Plan:
    by_name = {f.name: f for f in definition.fields}
    found = [by_name[name] for name in wanted if name in by_name]
    at: list[int] = []
    counts: list[int] = []
    numbers: list[tuple[str, np.dtype[Any], int, int, int]] = []
    before = 0
    for width in _WIDTHS:
        first = len(at)
        for f in found:
            if f.dtype.kind != "S" and f.dtype.itemsize == width:
                numbers.append((f.name, f.dtype, max(f.count, 1), f.count, before))
                at += [f.at + width * i for i in range(max(f.count, 1))]
                before += width * max(f.count, 1)
        counts.append(len(at) - first)
    return _Plan(
        tuple(f.name for f in found),
        (definition.size + 7) // 8,
        np.array(at, dtype=np.int64),
        np.array(counts, dtype=np.int64),
        before,
        tuple(numbers),
        tuple(f for f in found if f.dtype.kind == "S"),
    )


def _gather(data: ByteArray, payloads: IntArray, plan: _Plan) -> Columns:
    rows = payloads.size
    columns: Columns = dict.fromkeys(plan.names, _NOTHING)
    if plan.row_bytes:
        packed = np.empty(plan.row_bytes * rows, dtype=np.uint8)
        kernels.gather_padded(data, payloads, plan.words, plan.at, plan.counts, packed)
        for name, dtype, many, count, before in plan.numbers:
            if count:
                columns[name] = np.ndarray((many, rows), dtype, packed, before * rows).T
            else:
                columns[name] = np.ndarray((rows,), dtype, packed, before * rows)
    for f in plan.texts:
        out = np.empty((rows, f.width), dtype=np.uint8)
        # the payload of an unknown message may hold NULs, a text ends at its first
        kernels.gather_text(data, payloads, f.at, f.name != "data" or f.width < 255, out)
        columns[f.name] = out.reshape(-1).view(f.dtype)
    return columns


_NOTHING: Final = np.empty(0)
