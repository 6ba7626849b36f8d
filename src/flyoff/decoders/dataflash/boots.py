"""Where a log restarts: a new banner behind which the logger's clock has gone back.

Logs are joined by people and by loggers that append. A banner alone is no restart (VER and the
firmware's texts may be logged again), nor is a stamp that runs back (buffers flush out of order).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from flyoff.decoders.dataflash.layout import FMT_TYPE
from flyoff.decoders.dataflash.tables import Topics
from flyoff.units import US_PER_S, ByteArray, IntArray

#: How far the clock has to go back. Out-of-order flushing is some milliseconds.
STEP_US = US_PER_S
#: Stamps that are asked on each side of a banner; one damaged stamp must not decide.
WITNESSES = 9
#: Tables that every boot begins with, even one that logs nothing else.
EARLY = frozenset({"PARM", "MSG", "VER"})
#: Banners looked at; each costs a search in every table.
MAX_BANNERS = 1000
#: Records of one table that a boot may log before its banner.
MAX_EARLY = 4096


@dataclass(frozen=True, slots=True, eq=False)
class _Clock:
    """Where a table keeps its stamps."""

    name: str
    offsets: IntArray
    at: int
    width: int
    factor: int

    def stamp(self, data: ByteArray, row: int) -> int:
        start = int(self.offsets[row]) + self.at
        return int.from_bytes(data[start : start + self.width].tobytes(), "little") * self.factor


def find_boots(data: ByteArray, topics: Topics) -> tuple[tuple[int, int], ...]:
    """Byte range of each boot, first and last + 1; together they cover the whole file."""
    clocks = list(_clocks(topics))
    witnesses = _witnesses(clocks)
    starts = [0]
    for banner in _banners(data, topics):
        before = _near(data, witnesses, banner, -1)
        after = _near(data, witnesses, banner, 0) if before else []
        if not before or not after:
            continue
        now = sorted(after)[len(after) // 2]
        if sorted(before)[len(before) // 2] - now < STEP_US:
            continue
        start = _first_record(topics, _last_older(data, clocks, banner, now + STEP_US) + 1)
        if start > starts[-1]:
            starts.append(start)
    return tuple(zip(starts, [*starts[1:], data.size], strict=True))


def _clocks(topics: Topics) -> Iterator[_Clock]:
    for topic in topics.values():
        for part in topic.parts:
            f = part.definition.index.get(topic.time_field)
            if f is not None and f.code.dtype.kind in "iu":
                yield _Clock(topic.name, part.offsets, f.at, f.code.width, topic.time_factor)


def _witnesses(clocks: list[_Clock]) -> list[_Clock]:
    """The densest tables, which have stamps close to any banner, and those of every start."""
    dense = sorted(clocks, key=lambda clock: -clock.offsets.size)
    return dense[:WITNESSES] + [clock for clock in dense[WITNESSES:] if clock.name in EARLY]


def _banners(data: ByteArray, topics: Topics) -> list[int]:
    """Offsets of records that a logger writes when it starts: FMT of FMT, VER, the first text."""
    found: list[int] = []
    formats = topics.get(("FMT", 0))
    if formats is not None:
        offsets = formats.offsets
        found += offsets[data[offsets + 3] == FMT_TYPE].tolist()
    versions = topics.get(("VER", 0))
    if versions is not None:
        found += versions.offsets.tolist()
    texts = topics.get(("MSG", 0))
    if texts is not None and "Message" in texts.fields:
        words = texts.column("Message")
        firmware = np.strings.startswith(words, b"Ardu") & (np.strings.find(words, b" V") > 0)
        found += texts.offsets[firmware].tolist()
    return sorted(found)[:MAX_BANNERS]


def _near(data: ByteArray, clocks: list[_Clock], banner: int, side: int) -> list[int]:
    """Stamps of the records closest before (side -1) or from the banner on (side 0)."""
    rows: list[tuple[int, _Clock, int]] = []
    for clock in clocks:
        row = int(clock.offsets.searchsorted(banner)) + side
        if 0 <= row < clock.offsets.size:
            rows.append((abs(int(clock.offsets[row]) - banner), clock, row))
    rows.sort(key=lambda entry: entry[0])
    return [clock.stamp(data, row) for _, clock, row in rows[:WITNESSES]]


def _last_older(data: ByteArray, clocks: list[_Clock], banner: int, limit_us: int) -> int:
    """Offset of the last record before the banner whose stamp is still of the boot before."""
    last = 0
    for clock in clocks:
        row = int(np.searchsorted(clock.offsets, banner)) - 1
        stop = row - MAX_EARLY
        while row >= 0 and clock.stamp(data, row) < limit_us and clock.offsets[row] > last:
            row = row - 1 if row > stop else -1
        if row >= 0:
            last = max(last, int(clock.offsets[row]))
    return last


def _first_record(topics: Topics, at: int) -> int:
    """Offset of the first record at or behind ``at``."""
    rows = ((t.offsets, int(np.searchsorted(t.offsets, at))) for t in topics.values())
    return min(int(offsets[row]) for offsets, row in rows if row < offsets.size)
