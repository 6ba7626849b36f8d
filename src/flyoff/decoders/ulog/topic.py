"""A ULog topic: offsets of its records, columns gathered when asked for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from flyoff.decoders.rawlog import Columns, Topic
from flyoff.decoders.ulog.layout import Layout
from flyoff.units import ByteArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Rows of a topic that share one layout; a log may redefine a format half way."""

    layout: Layout
    offsets: IntArray


class ULogTopic(Topic):
    """One (name, multi id) of a log, over all its subscriptions."""

    def __init__(
        self, data: ByteArray, name: str, instance: int, segments: Sequence[Segment]
    ) -> None:
        self.name = name
        self.instance = instance
        self.units = {}
        self._data = data
        self._segments = tuple(segments)
        self.time_field = ""
        self._rows = 0
        for one in self._segments:
            self._rows += one.offsets.size
            if one.layout.time_at >= 0:
                self.time_field = "timestamp"

    @property
    def fields(self) -> tuple[str, ...]:  # type: ignore[override]  # read only, made when asked for
        """Flattened on demand: a few bytes of format can describe 65,535 fields."""
        if len(self._segments) == 1:
            return self._segments[0].layout.fields
        return tuple(dict.fromkeys(name for one in self._segments for name in one.layout.fields))

    @property
    def segments(self) -> tuple[Segment, ...]:
        """Rows by layout, in the order of the subscriptions."""
        return self._segments

    def __len__(self) -> int:
        return self._rows

    @property
    def offsets(self) -> IntArray:
        """Where each row's data message starts, int64 shape (n,), ascending."""
        if len(self._segments) == 1:
            return self._segments[0].offsets
        return np.sort(np.concatenate([one.offsets for one in self._segments]), kind="stable")

    def gather(self, fields: Iterable[str]) -> Columns:
        """Read some columns in one sweep, each shape (n,) and of the type that the log states."""
        wanted = tuple(dict.fromkeys(fields))
        if len(self._segments) == 1:
            only = self._segments[0]
            plan = only.layout.plan_of(wanted)
            if len(plan.names) < len(wanted):
                self._refuse(wanted)
            return plan.gather(self._data, only.offsets)
        self._refuse(wanted)
        parts = [
            one.layout.plan_of(wanted).gather(self._data, one.offsets) for one in self._segments
        ]
        order = np.argsort(np.concatenate([one.offsets for one in self._segments]), kind="stable")
        sizes = [one.offsets.size for one in self._segments]
        return {name: _join(name, parts, sizes)[order] for name in wanted}

    def has(self, *fields: str) -> bool:
        """Whether the topic has all these fields."""
        if len(self._segments) == 1:
            return all(map(self._segments[0].layout.index.__contains__, fields))
        return set(fields).issubset(self.fields)

    def _refuse(self, wanted: tuple[str, ...]) -> None:
        """KeyError if the topic lacks a field."""
        known = set(self.fields)
        for name in wanted:
            if name not in known:
                raise KeyError(f"topic {self.name}[{self.instance}] has no field {name!r}")

    def columns(self) -> Columns:
        """Every column; the plan for it is kept with the layout."""
        if len(self._segments) == 1:
            only = self._segments[0]
            return only.layout.plan.gather(self._data, only.offsets)
        return self.gather(self.fields)


def _join(name: str, parts: list[Columns], sizes: list[int]) -> npt.NDArray[Any]:
    """One column over segments; NaN (and so float64) where a segment has no such field."""
    have = [part[name].dtype for part in parts if name in part]
    dtype = np.result_type(*have)
    if len(have) < len(parts):
        dtype = np.result_type(dtype, np.float32 if dtype == np.float32 else np.float64)
    pieces = [
        part[name].astype(dtype) if name in part else np.full(size, np.nan, dtype)
        for part, size in zip(parts, sizes, strict=True)
    ]
    return np.concatenate(pieces)
