"""Times for records that carry none: interpolated between the records around them that do.

Until ArduCopter 3.1 most records carry no time. Lines are written when they are due, so between
two stamps time runs with the lines. Where no record at all has a stamp, the rate at which the
firmware's scheduler writes a record is the only clock there is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from flyoff.decoders.dataflash_text.topic import TextTopic
from flyoff.decoders.normalisation import time_bounds
from flyoff.units import US_PER_S, IntArray

#: Records that ArduCopter until 3.1 writes from a loop of fixed rate, the slowest (never chosen by
#: the user) first. Source: ``one_hz_loop`` and ``ten_hz_logging_loop`` of ArduCopter.pde.
LOOPS: Final = (("CURR", 1), ("CTUN", 10), ("ATT", 10), ("NTUN", 10))
#: A stretch to count by has at least so many of them.
_FEWEST: Final = 10
#: The first stamp of a clock that we count ourselves: zero means "no time" elsewhere.
_START_US: Final = US_PER_S


@dataclass(frozen=True, slots=True, eq=False)
class LineClock:
    """When each line was written, as far as lines with a time tell.

    Attributes
    ----------
    lines : int64, shape (n,), ascending
    t_us : int64, shape (n,) [µs], never decreasing
    source : str
        Who tells; empty if nobody does.
    """

    lines: IntArray
    t_us: IntArray
    source: str = ""

    def __call__(self, topic: TextTopic) -> IntArray:
        """Times of a topic's rows."""
        if not self.lines.size:
            return np.zeros(len(topic), dtype=np.int64)
        t_us: IntArray = np.interp(topic.rows, self.lines, self.t_us).astype(np.int64)
        # behind the last stamp, and only there, lines are all that is left to count time by
        behind = np.maximum(topic.rows - self.lines[-1], 0)
        late: IntArray = (behind * self._us_per_line()).astype(np.int64)
        return t_us + late

    def _us_per_line(self) -> float:
        lines = int(self.lines[-1] - self.lines[0])
        return float(self.t_us[-1] - self.t_us[0]) / lines if lines else 0.0


def line_clock(topics: Iterable[TextTopic]) -> LineClock:
    """Make the clock of a log from its topics as they are before any interpolation."""
    by_name = {t.name: t for t in topics if len(t)}
    return _stamped(by_name) or _week(by_name) or _counted(by_name)


def _stamped(topics: Mapping[str, TextTopic]) -> LineClock | None:
    timed = [t for t in topics.values() if t.own_clock]
    if not timed:
        return None
    stamps = [t.time_us() for t in timed]
    return _ordered(
        np.concatenate([t.rows for t in timed]), np.concatenate(stamps), time_bounds(stamps), "log"
    )


def _week(topics: Mapping[str, TextTopic]) -> LineClock | None:
    """The receiver's time of week, counted from its first epoch."""
    gps = topics.get("GPS")
    field = next((f for f in ("TimeMS", "Time") if gps and f in gps.fields), "")
    if gps is None or not field:
        return None
    week_us = np.nan_to_num(gps.column(field).astype(np.float64)).astype(np.int64) * 1000
    bounds = time_bounds([week_us])
    clock = _ordered(gps.rows, week_us, bounds, f"GPS.{field}, the receiver's time of week")
    if clock is None:
        return None
    return LineClock(clock.lines, clock.t_us - clock.t_us[0] + _START_US, clock.source)


def _counted(topics: Mapping[str, TextTopic]) -> LineClock:
    for name, rate_hz in LOOPS:
        topic = topics.get(name)
        if topic is not None and len(topic) >= _FEWEST:
            t_us = np.arange(len(topic), dtype=np.int64) * (US_PER_S // rate_hz) + _START_US
            return LineClock(topic.rows, t_us, f"none: counted from {name} at {rate_hz} Hz")
    nothing = np.zeros(0, dtype=np.int64)
    return LineClock(nothing, nothing)


def _ordered(
    lines: IntArray, t_us: IntArray, bounds: tuple[int, int], source: str
) -> LineClock | None:
    first, last = bounds
    good = (t_us >= max(first, 1)) & (t_us <= last)
    if not good.any():
        return None
    order = np.argsort(lines[good], kind="stable")
    # flushed out of order by some milliseconds: time must not run back between two lines
    return LineClock(lines[good][order], np.maximum.accumulate(t_us[good][order]), source)
