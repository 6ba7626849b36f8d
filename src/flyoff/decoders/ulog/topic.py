"""A ULog topic: offsets of its records, columns gathered when asked for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from flyoff.decoders.rawlog import Column, Columns, Topic
from flyoff.decoders.ulog import _kernels as kernels
from flyoff.decoders._kernels import gather
from flyoff.decoders.ulog.layout import DTYPES, Layout
from flyoff.units import ByteArray, IntArray

PAYLOAD_AT = kernels.HEADER + 2  # behind the frame's header and the message id
_RAW: tuple[tuple[int, Any], ...] = ((1, np.uint8), (2, np.uint16), (4, np.uint32), (8, np.uint64))


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
        timed = any(one.layout.time_at >= 0 for one in segments)
        self.time_field = "timestamp" if timed else ""
        self._rows = sum(one.offsets.size for one in segments)

    @property
    def fields(self) -> tuple[str, ...]:  # type: ignore[override]
        """Flattened on demand: a few bytes of format can describe 65,535 fields."""
        if len(self._segments) == 1:
            return self._segments[0].layout.fields
        return tuple(dict.fromkeys(name for one in self._segments for name in one.layout.fields))

    def __len__(self) -> int:
        return self._rows

    @property
    def offsets(self) -> IntArray:
        if len(self._segments) == 1:
            return self._segments[0].offsets
        return np.sort(np.concatenate([one.offsets for one in self._segments]))

    def gather(self, fields: Iterable[str]) -> Columns:
        wanted = tuple(dict.fromkeys(fields))
        known = set(self.fields)
        for name in wanted:
            if name not in known:
                raise KeyError(f"topic {self.name}[{self.instance}] has no field {name!r}")
        if len(self._segments) == 1:
            return _gather(self._data, self._segments[0], wanted)
        parts = [_gather(self._data, one, wanted) for one in self._segments]
        order = np.argsort(np.concatenate([one.offsets for one in self._segments]), kind="stable")
        sizes = [one.offsets.size for one in self._segments]
        return {name: _join(name, parts, sizes)[order] for name in wanted}

    def columns(self) -> Columns:
        if len(self._segments) == 1:
            return _gather(self._data, self._segments[0], None)
        return self.gather(self.fields)


def _gather(data: ByteArray, segment: Segment, wanted: tuple[str, ...] | None) -> Columns:
    """Columns of one segment, in the order asked for; ``None`` asks for all."""
    layout = segment.layout
    if wanted is None:
        names, codes, at = layout.fields, layout.codes, layout.at
    else:
        names = tuple(name for name in wanted if name in layout.index)
        picked = np.array([layout.index[name] for name in names], dtype=np.int64)
        codes, at = layout.codes[picked], layout.at[picked]
    order = np.argsort(codes, kind="stable")
    at = at[order] + PAYLOAD_AT
    edges = np.searchsorted(codes[order], np.arange(len(DTYPES) + 1)).tolist()
    rows = segment.offsets.size
    blocks: list[Any] = []
    typed: list[Column] = []
    for width, raw in _RAW:
        of_width = [i for i, dtype in enumerate(DTYPES) if dtype.itemsize == width]
        first, last = edges[of_width[0]], edges[of_width[-1] + 1]
        block = np.empty((last - first, rows), dtype=raw)
        blocks += [at[first:last], block]
        for code in of_width:
            part = block[edges[code] - first : edges[code + 1] - first]
            typed.extend(part.view(DTYPES[code]))
    gather(data, segment.offsets, *blocks)
    by_place: list[Any] = [None] * len(names)
    for place, column in zip(order.tolist(), typed, strict=True):
        by_place[place] = column
    return dict(zip(names, by_place, strict=True))


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
