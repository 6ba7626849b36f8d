"""What the normalisers of all formats share: trustworthy times, and channels made of a table.

A ``Mapping`` names where a channel comes from and its unit's factor; ``loaders`` turns a table of
them into functions that decode a channel when it is first asked for. Nothing here knows a format.
"""

from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from flyoff.decoders.rawlog import Column, RawLog, Topic, numbers
from flyoff.decoders.sweep import Sweep
from flyoff.model.catalogue import NUMBERED, instance_name
from flyoff.model.channel import Channel
from flyoff.model.recording import LARGE_LOG_BYTES, Loader
from flyoff.units import BoolArray, FloatArray, IntArray

#: A boot does not last longer, and no time stamp is that much older than the log: what is, is
#: garbage. Source: the same limit in other readers of flight logs.
LONGEST_US: Final = 24 * 3600 * 1_000_000
#: A stamp this far from its neighbours in the file, which agree with one another, is garbage.
SPIKE_US: Final = 10_000_000
#: Silence longer than this splits the stamps into groups of which stragglers are not believed.
ISLAND_US: Final = 60_000_000

Convert = Callable[..., FloatArray]


@dataclass(frozen=True, slots=True)
class Mapping:
    """Where one catalogue channel comes from.

    Attributes
    ----------
    channel : str
        Catalogue name without instance.
    topic : str
    fields : tuple of str
        All must exist; a mapping whose fields do not is passed over for the next alternative.
    scale, offset : float
        ``value = field × scale + offset``, the field after ``convert``.
    convert : function of one float64 array for each field → float64 array, or None
    each : bool
        Every instance of the topic is an instance of the channel; else instance 0 alone.
    int_scale : float or None
        Takes the place of ``scale`` where the log stores the field as an integer: firmware that
        went from hundredths to floats changed type and unit together.
    number : int
        Added to the instance, for makers that write it into the topic's name (``IMU2``).
    """

    channel: str
    topic: str
    fields: tuple[str, ...]
    scale: float = 1.0
    offset: float = 0.0
    convert: Convert | None = None
    each: bool = False
    int_scale: float | None = None
    number: int = 0

    @property
    def source(self) -> str:
        """What a person looks up in another viewer."""
        return f"{self.topic}.{','.join(self.fields)}"


class Reader:
    """Columns of a log's topics under trustworthy times.

    Parameters
    ----------
    raw : RawLog
    first_us, last_us : int [µs]
        Stamps outside are impossible and their rows are left out.
    span : (first, last + 1) byte or None
        The boot's part of the file; None takes all of it.
    """

    def __init__(
        self,
        raw: RawLog,
        first_us: int = 1,
        last_us: int = 2**62,
        span: tuple[int, int] | None = None,
    ) -> None:
        self.raw = raw
        self.first_us, self.last_us = first_us, last_us
        self.span = span
        self._clocks: dict[tuple[str, int], tuple[IntArray, IntArray | None]] = {}
        self._stamps: dict[tuple[str, int], IntArray] = {}
        self._instances: dict[str, list[int]] = {}
        self._ranges: dict[tuple[str, int], tuple[int, int]] = {}
        self._sweep = Sweep(is_large=len(raw.source) > LARGE_LOG_BYTES)
        for name, instance in sorted(raw.topics):
            first, last = self._range(raw.topics[name, instance])
            if last > first:
                self._instances.setdefault(name, []).append(instance)

    def within(self, first_us: int, last_us: int) -> "Reader":
        """The same rows under other bounds of time."""
        other = copy(self)
        other.first_us, other.last_us, other._clocks = first_us, last_us, {}
        return other

    def stamps(self, topic: str, instance: int = 0) -> IntArray:
        """Times as logged, in file order, garbage included; int64, shape (n,) [µs]."""
        if instance not in self.instances(topic):
            return np.zeros(0, dtype=np.int64)
        # the clock will need them again
        self._stamps[topic, instance] = self._logged(self.raw.topics[topic, instance])
        return self._stamps[topic, instance]

    def count(self, topic: str, instance: int = 0) -> int:
        """Rows of a topic; 0 where it is absent."""
        if instance not in self.instances(topic):
            return 0
        first, last = self._range(self.raw.topics[topic, instance])
        return last - first

    def has(self, topic: str, *fields: str, instance: int = 0) -> bool:
        """Whether the topic has rows and all these fields."""
        if instance not in self.instances(topic):
            return False
        return self.raw.topics[topic, instance].has(*fields)

    def expect(self, topic: str, fields: Iterable[str], instance: int = 0) -> None:
        """Say that these fields will be asked for one day: they may be read with others."""
        self._sweep.expect((topic, instance), fields)

    def instances(self, topic: str) -> list[int]:
        """Instances of a topic that have rows, ascending."""
        return self._instances.get(topic, [])

    def read(
        self, topic: str, fields: Sequence[str], instance: int = 0
    ) -> tuple[IntArray, list[Column]]:
        """Times, never decreasing, and columns of the log's own types; rows without time left out.

        An absent topic gives empty arrays.
        """
        found = self.raw.topic(topic, instance)
        if found is None or instance not in self.instances(topic):
            return np.zeros(0, dtype=np.int64), [np.zeros(0) for _ in fields]
        key, time = (topic, instance), found.time_field
        is_plain = type(found).time_us is Topic.time_us  # else its stamps are more than a column
        if time and fields and is_plain and key not in self._clocks and key not in self._stamps:
            columns = self._sweep.take(found, (time, *fields), self._range(found))
            self._stamps[key] = found.times_of(columns[time])
        else:
            columns = self._sweep.take(found, fields, self._range(found)) if fields else {}
        t_us, rows = self._clock(found)
        picked = [columns[field] for field in fields]
        return t_us, picked if rows is None else [column[rows] for column in picked]

    def floats(
        self, topic: str, fields: Sequence[str], instance: int = 0
    ) -> tuple[IntArray, list[FloatArray]]:
        """As ``read``, the columns as float64."""
        t_us, columns = self.read(topic, fields, instance)
        return t_us, [numbers(column) for column in columns]

    def records(
        self, topic: str, fields: Sequence[str], instance: int = 0
    ) -> list[tuple[float, ...]]:
        """Rows as tuples, the time [µs] first, for topics of few rows; incomplete rows left out.

        Where the log described a topic anew, rows may lack a field: it is NaN, and no number.
        """
        if not self.has(topic, *fields, instance=instance):
            return []
        t_us, columns = self.floats(topic, fields, instance)
        whole = np.logical_and.reduce([np.isfinite(column) for column in columns])
        rows = zip(t_us[whole].tolist(), *(c[whole].tolist() for c in columns), strict=True)
        return list(rows)

    def _clock(self, topic: Topic) -> tuple[IntArray, IntArray | None]:
        key = (topic.name, topic.instance)
        if key not in self._clocks:
            logged = self._stamps.pop(key) if key in self._stamps else self._logged(topic)
            self._clocks[key] = trustworthy(logged, self.first_us, self.last_us)
        return self._clocks[key]

    def _logged(self, topic: Topic) -> IntArray:
        """Time of each row of the boot's part of the file."""
        first, last = self._range(topic)
        whole = self._logged_whole(topic)
        # a view would keep the stamps of all boots for each of them
        return whole if last - first == whole.size else whole[first:last].copy()

    def _logged_whole(self, topic: Topic) -> IntArray:
        """Time of each row; where a topic carries none, that of the record before it."""
        if topic.time_field:
            return topic.time_us()
        timed = [t for t in self.raw.topics.values() if t.time_field and len(t)]
        if not timed:
            return topic.time_us()
        busiest = max(timed, key=len)
        before = np.searchsorted(busiest.offsets, topic.offsets) - 1
        return busiest.time_us()[np.maximum(before, 0)]

    def _range(self, topic: Topic) -> tuple[int, int]:
        """Rows of the topic that lie in the boot's part of the file."""
        if self.span is None:
            return 0, len(topic)
        key = (topic.name, topic.instance)
        if key not in self._ranges:
            first, last = np.searchsorted(topic.offsets, self.span)
            self._ranges[key] = int(first), int(last)
        return self._ranges[key]


def trustworthy(t_us: IntArray, first_us: int, last_us: int) -> tuple[IntArray, IntArray | None]:
    """Sort time stamps and leave out the impossible ones.

    Parameters
    ----------
    t_us : int64, shape (n,) [µs], in file order
    first_us, last_us : int [µs]

    Returns
    -------
    times : int64, shape (m,) [µs], never decreasing
    rows : int64, shape (m,), the row of each, or None where all rows stay as they are

    Examples
    --------
    >>> times, rows = trustworthy(np.array([10, 30, 20, 0]), 1, 100)
    >>> times.tolist(), rows.tolist()
    ([10, 20, 30], [0, 2, 1])
    """
    good = (t_us >= first_us) & (t_us <= last_us)
    if good.all() and not _falls(t_us):
        return t_us, None
    rows = np.flatnonzero(good)
    if _falls(t_us[rows]):
        rows = rows[~_spikes(t_us[rows])]
        rows = rows[np.argsort(t_us[rows], kind="stable")]
    return t_us[rows], rows


def _falls(t_us: IntArray) -> bool:
    return bool((t_us[1:] < t_us[:-1]).any())


def _spikes(t_us: IntArray) -> BoolArray:
    # where times rise, the median of five neighbours is the middle one, so only disorder is caught
    near = np.median(sliding_window_view(np.pad(t_us, 2, mode="edge"), 5), axis=1)
    return np.asarray(np.abs(t_us - near) > SPIKE_US)


def time_bounds(times: Sequence[IntArray]) -> tuple[int, int]:
    """First and last trustworthy time stamp of a log.

    Parameters
    ----------
    times : sequence of int64 arrays [µs]
        Stamps of the topics that are written all the time, in file order.

    Returns
    -------
    first, last : int [µs]; (0, 0) where there is none

    Notes
    -----
    The maximum is never believed: stamps further than a day from the median are garbage, and so is
    a group of fewer than three, or of less than a thousandth, beyond a minute of silence.

    Examples
    --------
    >>> time_bounds([np.array([5_000_000, 6_000_000, 7_000_000, 2**61])])
    (5000000, 7000000)
    """
    kept = [t[rows] for t in times if (rows := _plausible(t)).any()]
    if not kept:
        return 0, 0
    t_us = np.sort(np.concatenate(kept), kind="stable")  # which merges what rises
    t_us = t_us[np.abs(t_us - t_us[t_us.size // 2]) <= LONGEST_US]
    cuts = np.flatnonzero(np.diff(t_us) > ISLAND_US) + 1
    islands = [i for i in np.split(t_us, cuts) if i.size >= max(3, t_us.size // 1000)]
    believed = islands or [t_us]
    return int(believed[0][0]), int(believed[-1][-1])


def _plausible(t_us: IntArray) -> BoolArray:
    good = (t_us > 0) & (t_us < 2**62)
    if _falls(t_us[good]):
        good[np.flatnonzero(good)[_spikes(t_us[good])]] = False
    return good


def loaders(reader: Reader, table: Iterable[Mapping]) -> dict[str, Loader]:
    """Make a loader for each channel that the log carries; the first mapping that fits wins.

    Parameters
    ----------
    reader : Reader
    table : of Mapping
        Alternatives for one channel in the order in which they are preferred.

    Returns
    -------
    dict of channel name, instance included, to Loader
    """
    found: dict[str, Loader] = {}
    for mapping in table:
        instances = reader.instances(mapping.topic)
        if not instances:
            continue
        if not mapping.each:
            instances = [0]
        first = 1 if mapping.channel in NUMBERED else 0
        for instance in instances:
            name = instance_name(mapping.channel, instance + first + mapping.number)
            if name not in found and reader.has(mapping.topic, *mapping.fields, instance=instance):
                found[name] = _loader(reader, mapping, instance, name)
                reader.expect(mapping.topic, mapping.fields, instance)
    return found


def _loader(reader: Reader, mapping: Mapping, instance: int, name: str) -> Loader:
    source = mapping.source if not instance else f"{mapping.source} [{instance}]"

    def load() -> Channel:
        t_us, columns = reader.read(mapping.topic, mapping.fields, instance)
        return sampled(name, t_us, apply(mapping, columns), source)

    return load


def sampled(name: str, t_us: IntArray, values: FloatArray, source: str) -> Channel:
    """Make a channel: what is not finite is NaN, and what never had a value has no samples."""
    known = np.isfinite(values)
    if not known.any():
        return Channel(name, t_us[:0], values[:0], source)
    return Channel(name, t_us, values if known.all() else np.where(known, values, np.nan), source)


def apply(mapping: Mapping, columns: Sequence[Column]) -> FloatArray:
    """Catalogue values of the columns that a mapping names; float64, shape (n,)."""
    values = [numbers(column) for column in columns]
    value = mapping.convert(*values) if mapping.convert is not None else values[0]
    scale = mapping.scale
    if mapping.int_scale is not None and columns[0].dtype.kind in "iu":
        scale = mapping.int_scale
    if scale == 1.0 and not mapping.offset:
        return value
    return value * scale + mapping.offset
