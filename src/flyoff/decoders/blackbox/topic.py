"""A topic of one log of a blackbox file: the frames of one kind, as columns."""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from flyoff.decoders.blackbox import _kernels as k
from flyoff.decoders.blackbox.layout import FrameLayout
from flyoff.decoders.blackbox.walk import TABLES, Block, Log, read_again
from flyoff.decoders.rawlog import Column, Columns, Topic
from flyoff.units import ByteArray, IntArray

_TIME: Final = "time"
_ADJUSTMENT: Final = 13
_FLOAT: Final = 128
#: An event's number, five numbers of it as logged, and the setting that an adjustment reached.
EVENT_FIELDS: Final = ("event", *(f"data[{i}]" for i in range(5)), "value")


class BlackboxTopic(Topic):
    """Frames of one kind; columns are int32 where the header says signed, else int64.

    ``time`` [µs] is the 32-bit clock unwrapped. Slow, home and event frames carry none: theirs is
    that of the main frame before them.
    """

    def __init__(self, data: ByteArray, log: Log, number: int, instance: int) -> None:
        self.name = TABLES[number]
        self.instance = instance
        self.time_field = _TIME
        self.units = {_TIME: "us"}
        self._data, self._log, self._number = data, log, number
        self._blocks: Sequence[Block] = log.blocks[number]
        names = EVENT_FIELDS
        self._signed: tuple[int, ...] = (0,) * len(names)
        if number != k.EVENT_TABLE:
            layout = _layout(log, number)
            names, self._signed = layout.names, layout.signed
        self.fields = names if _TIME in names else (_TIME, *names)
        self._index = {name: i for i, name in enumerate(names)}

    def __len__(self) -> int:
        return sum(b.stamps.shape[1] for b in self._blocks)

    @property
    def offsets(self) -> IntArray:
        """Where each frame begins in the file, int64 shape (n,), ascending."""
        return self._stamp(1)

    def gather(self, fields: Iterable[str]) -> Columns:
        """Read some columns, each shape (n,)."""
        wanted = tuple(dict.fromkeys(fields))
        for name in wanted:
            if name not in self._index and name != _TIME:
                raise KeyError(f"topic {self.name}[{self.instance}] has no field {name!r}")
        held = [name for name in wanted if name != _TIME]
        blocks, places = self._blocks, self._index
        if self._number == k.MAIN_TABLE and not self._log.is_kept and held:
            blocks = read_again(self._data, self._log, [self._index[name] for name in held])
            places = {name: i for i, name in enumerate(held)}
        found: Columns = {}
        for name in wanted:
            if name == _TIME:
                found[name] = self._stamp(0)
            elif self._number == k.EVENT_TABLE:
                found[name] = self._event(name)
            else:
                patterns = _joined([b.values[places[name]] for b in blocks])
                is_signed = self._signed[self._index[name]]
                found[name] = patterns.view(np.int32) if is_signed else patterns.astype(np.int64)
        return found

    def patterns(self, fields: Sequence[str]) -> k.Table:
        """The same columns as 32 bits each, uint32 shape (fields, n); not of events."""
        found = np.empty((len(fields), len(self)), dtype=np.uint32)
        held = [name for name in fields if name in self._index]
        blocks, places = self._blocks, self._index
        if self._number == k.MAIN_TABLE and not self._log.is_kept and held:
            blocks = read_again(self._data, self._log, [self._index[name] for name in held])
            places = {name: i for i, name in enumerate(held)}
        for row, name in zip(found, fields, strict=True):
            if name == _TIME:
                row[:] = self._stamp(0) & k.MASK
            elif blocks:
                np.concatenate([b.values[places[name]] for b in blocks], out=row)
        return found

    def _stamp(self, row: int) -> IntArray:
        pieces = [b.stamps[row] for b in self._blocks]
        found = np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.int64)
        main = self._log.blocks[k.MAIN_TABLE]
        if row == 0 and self._number != k.MAIN_TABLE and main:
            # what stands before the first main frame happened no later than it
            early = int(np.searchsorted(self.offsets, main[0].stamps[1, 0]))
            found[:early] = np.where(found[:early] == 0, main[0].stamps[0, 0], found[:early])
        return found

    def _event(self, name: str) -> Column:
        """Numbers as logged; ``value`` is what an adjustment set, NaN for other events."""
        number, function, value = (_joined([b.values[i] for b in self._blocks]) for i in (0, 1, 2))
        if name != "value":
            return _joined([b.values[self._index[name]] for b in self._blocks]).astype(np.int64)
        as_float = value.view(np.float32).astype(np.float64)
        set_to = np.where(function >= _FLOAT, as_float, value.view(np.int32))
        return np.where(number == _ADJUSTMENT, set_to, np.nan)


def _layout(log: Log, number: int) -> FrameLayout:
    kind = "ISGH"[number]
    return log.header.frames.get(kind, FrameLayout((), (), (), ()))


def _joined(pieces: Sequence[k.Table]) -> k.Table:
    return np.concatenate(pieces) if pieces else np.zeros(0, dtype=np.uint32)
