"""A topic of a tlog: one message from one sender, columns gathered when asked for."""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Self

import numpy as np

from flyoff.decoders.rawlog import Column, Columns, Topic
from flyoff.decoders.tlog.framing import Form
from flyoff.decoders.tlog.index import Stream
from flyoff.decoders.tlog.layout import MAX_PAYLOAD, Definition, Field
from flyoff.decoders.tlog.payloads import _kernels as kernels
from flyoff.units import BoolArray, ByteArray, IntArray

#: When the ground station recorded the frame [µs since 1970]; no field of any message has the name.
TIME: Final = "_time_us"
_WIDTHS: Final = (8, 4, 2, 1)
_STAMP: Final = np.dtype(np.int64)


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
    def fields(self) -> tuple[str, ...]:  # type: ignore[override]  # read only, made when asked for
        """Fields as MAVLink names them, and the recording's time."""
        return self.definition.names + ((TIME,) if self.time_field else ())

    def has(self, *fields: str) -> bool:
        """Whether the topic has all these fields."""
        names = self.definition.names
        return all(name in names or (name == TIME and self.time_field) for name in fields)

    @property
    def units(self) -> dict[str, str]:  # type: ignore[override]  # read only, made when asked for
        """Unit of each field as MAVLink's definition states it."""
        return {**self.definition.units, TIME: "us"}

    def __len__(self) -> int:
        return self._payloads.size

    @property
    def offsets(self) -> IntArray:
        """Where each row's record starts, its time stamp included; int64 shape (n,), ascending."""
        return self._starts(self._payloads)

    def _starts(self, payloads: IntArray) -> IntArray:
        header = np.where(payloads & 0x100, 6, 10) + self._form.stamp
        starts: IntArray = (payloads >> 9) - header
        return starts

    def gather(self, fields: Iterable[str]) -> Columns:
        """Read some columns in one sweep: arrays as shape (n, k), text as bytes."""
        wanted = tuple(dict.fromkeys(fields))
        plan = plan_of(self.definition, wanted)
        if len(plan.names) < len(wanted) or (plan.with_time and not self._form.stamp):
            known = set(self.fields)
            name = next(n for n in wanted if n not in known)
            raise KeyError(f"{self.name} has no field {name!r}, only {', '.join(self.fields)}")
        return _gather(self._data, self._payloads, self._form, plan)

    def columns(self) -> Columns:
        """Every column, time included."""
        plan = self.definition.plans.get(self._form.stamp)
        if plan is None:
            names = self.definition.names + ((TIME,) if self._form.stamp else ())
            plan = self.definition.plans[self._form.stamp] = plan_of(self.definition, names)
        return _gather(self._data, self._payloads, self._form, plan)

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

    def sequence(self) -> IntArray:
        """The sender's count of frames in each header, int64 shape (n,), 0 … 255."""
        behind = np.where(self._payloads & 0x100, 4, 6)
        counts: IntArray = self._data[(self._payloads >> 9) - behind].astype(np.int64)
        return counts

    def rows(self, chosen: BoolArray | IntArray | slice) -> Self:
        """The same topic with some of its rows, in file order."""
        some = copy(self)
        some._payloads = self._payloads[chosen]
        return some

    def between(self, first: int, last: int) -> Self:
        """The rows whose records start in [first, last) of the file."""
        return self.rows(slice(*self.span(first, last)))

    def span(self, first: int, last: int) -> tuple[int, int]:
        """The first row whose record starts in [first, last) of the file, and that behind them."""
        # a payload stands less than this behind its record's start: time stamp and header
        a, b = np.searchsorted(self._payloads, (first << 9, (last + 64) << 9)).tolist()
        low, high = np.searchsorted(self._starts(self._payloads[a:b]), (first, last)).tolist()
        return a + low, a + high

    @property
    def payloads(self) -> IntArray:
        """Where the payloads stand, as the walk notes them."""
        return self._payloads

    @property
    def data(self) -> ByteArray:
        """The whole file."""
        return self._data

    @property
    def size(self) -> int:
        """Of the whole file [byte]."""
        return int(self._data.size)

    def __repr__(self) -> str:
        s = self.stream
        return f"<Topic {self.name}[{self.instance}] of {s.system}/{s.component}, {len(self)} rows>"


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Where the elements of the wanted fields lie, by width; made once for each set of fields.

    Attributes
    ----------
    names : tuple of str
        In the order asked for.
    parts : of (how many fields, dtype, bytes of a row before them)
        Single numbers of one type; their columns lie side by side.
    places : tuple of int
        Where the column of each name stands among those of ``parts``, then ``arrays``, ``texts``.
    arrays : of (dtype, elements, bytes of a row before them)
    """

    names: tuple[str, ...]
    with_time: bool
    words: int
    at: IntArray
    counts: IntArray
    row_bytes: int
    parts: tuple[tuple[int, np.dtype[Any], int], ...]
    arrays: tuple[tuple[np.dtype[Any], int, int], ...]
    texts: tuple[Field, ...]
    places: tuple[int, ...]


@lru_cache(maxsize=4096)
def plan_of(definition: Definition, wanted: tuple[str, ...]) -> Plan:
    """Lay out the columns of the wanted fields; names that the message has not are left out."""
    by_name = {f.name: f for f in definition.fields}
    found = [by_name[name] for name in wanted if name in by_name]
    with_time = TIME in wanted
    at: list[int] = []
    counts: list[int] = []
    order: list[str] = [TIME] if with_time else []
    parts: list[tuple[int, np.dtype[Any], int]] = [(1, _STAMP, 0)] if with_time else []
    arrays: list[tuple[str, np.dtype[Any], int, int]] = []
    before = 8 if with_time else 0
    for width in _WIDTHS:
        first = len(at)
        same = [f for f in found if f.dtype.kind != "S" and f.dtype.itemsize == width]
        for dtype in dict.fromkeys(f.dtype for f in same):
            single = [f for f in same if f.dtype == dtype and not f.count]
            at += [f.at for f in single]
            order += [f.name for f in single]
            if single:
                parts.append((len(single), dtype, before))
            before += width * len(single)
        for f in (f for f in same if f.count):
            at += [f.at + width * i for i in range(f.count)]
            arrays.append((f.name, f.dtype, f.count, before))
            before += f.width
        counts.append(len(at) - first)
    texts = tuple(f for f in found if f.dtype.kind == "S")
    order += [name for name, *_ in arrays] + [f.name for f in texts]
    names = tuple(name for name in wanted if name in order)
    return Plan(
        names,
        with_time,
        (definition.size + 7) // 8,
        np.array(at, dtype=np.int64),
        np.array(counts, dtype=np.int64),
        before,
        tuple(parts),
        tuple((dtype, count, start) for _, dtype, count, start in arrays),
        texts,
        tuple(order.index(name) for name in names),
    )


def _gather(data: ByteArray, payloads: IntArray, form: Form, plan: Plan) -> Columns:
    rows = payloads.size
    typed: list[Column] = []
    if plan.row_bytes:
        packed = np.empty(plan.row_bytes * rows, dtype=np.uint8)
        stamp = form.stamp if plan.with_time else 0
        kernels.gather_padded(data, payloads, stamp, plan.words, plan.at, plan.counts, packed)
        for count, dtype, before in plan.parts:
            typed.extend(np.ndarray((count, rows), dtype, packed, before * rows))
        for dtype, count, before in plan.arrays:
            typed.append(np.ndarray((count, rows), dtype, packed, before * rows).T)
    for f in plan.texts:
        out = np.empty((rows, f.width), dtype=np.uint8)
        # the payload of an unknown message may hold NULs, a text ends at its first
        kernels.gather_text(data, payloads, f.at, f.width < MAX_PAYLOAD, out)
        typed.append(out.reshape(-1).view(f.dtype))
    return dict(zip(plan.names, [typed[place] for place in plan.places], strict=True))
