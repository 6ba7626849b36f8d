"""What every normaliser shares: rows of one boot, trustworthy time, the mapping table, lazy loaders.

A mapping says which field of which topic becomes which catalogue channel and by which factor; a
loader decodes that field when somebody first asks for the channel. Nothing here knows a format.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from flyoff.decoders.rawlog import Columns, RawLog, Topic
from flyoff.model.catalogue import instance_name
from flyoff.model.channel import Channel
from flyoff.model.recording import Loader
from flyoff.units import BoolArray, FloatArray, IntArray

#: No flight controller's log spans more than this; a stamp farther from the median is garbage.
MAX_LOG_US: Final = 24 * 3600 * 1_000_000
#: A silence this long is unusual enough to look twice at the stamp that ends it.
SUSPICIOUS_STEP_US: Final = 60 * 1_000_000
#: Times a topic may run backwards inside a file (threads log out of order) and still be trusted.
DISORDER_US: Final = 5 * 1_000_000

#: Makes catalogue values of the raw columns that a mapping names, each float64 shape (n,).
Convert = Callable[..., FloatArray]


@dataclass(frozen=True, slots=True)
class Mapping:
    """One line of a format's table: a field of a topic is a channel of the catalogue.

    Attributes
    ----------
    channel : str
        Catalogue name without instance.
    topic : str
    fields : tuple of str
        Usually one; several where ``convert`` needs them together.
    scale : float
        Catalogue unit per log unit.
    int_scale : float or None
        Used instead where the log stores the field as an integer: firmware changed units together
        with the type (``CURR.Volt`` int16 centivolt, later float volt).
    convert : Convert or None
        Called with the raw columns as float64 before scaling; one column and no change if None.
    number : int
        Added to the topic's instance to give the channel's.
    only_instance : int or None
        Restrict to one instance of the topic.
    """

    channel: str
    topic: str
    fields: tuple[str, ...]
    scale: float = 1.0
    int_scale: float | None = None
    convert: Convert | None = None
    number: int = 0
    only_instance: int | None = None


@dataclass(slots=True, eq=False)
class Rows:
    """The rows of a topic that belong to one boot, ordered by trustworthy time.

    Attributes
    ----------
    topic : Topic
    first, last : int
        Row range ``first … last`` (exclusive).
    start_us, end_us : int [µs]
        Rows with a stamp outside are not trusted and left out.
    """

    topic: Topic
    first: int
    last: int
    start_us: int
    end_us: int
    _t_us: IntArray | None = field(default=None, repr=False)
    _order: IntArray | slice | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return self.last - self.first

    def raw_time_us(self) -> IntArray:
        """Time of each row as logged, int64 shape (n,) [µs]."""
        return self.topic.time_us()[self.first : self.last]

    def time_us(self) -> IntArray:
        """Trustworthy time, never decreasing, int64 shape (m,) [µs], m <= n."""
        if self._t_us is None:
            self._settle()
        assert self._t_us is not None
        return self._t_us

    def gather(self, fields: Iterable[str]) -> Columns:
        """Columns of the trusted rows, ordered as ``time_us``; each of shape (m,)."""
        if self._order is None:
            self._settle()
        found = self.topic.gather(tuple(fields))
        return {name: c[self.first : self.last][self._order] for name, c in found.items()}

    def column(self, name: str) -> FloatArray:
        """One numeric column as float64, shape (m,)."""
        return np.asarray(self.gather((name,))[name], dtype=np.float64)

    def _settle(self) -> None:
        t = self.raw_time_us()
        good = (t >= self.start_us) & (t <= self.end_us)
        if not good.all():
            kept = np.flatnonzero(good)
            order: IntArray | slice = kept[np.argsort(t[kept], kind="stable")]
        elif t.size > 1 and (t[1:] < t[:-1]).any():
            order = np.argsort(t, kind="stable")
        else:
            order = slice(None)
        self._order = order
        self._t_us = np.ascontiguousarray(t[order])


def boot_rows(topic: Topic, span: tuple[int, int] | None) -> tuple[int, int]:
    """Row range of a topic inside the byte range of one boot; all rows if ``span`` is None."""
    if span is None:
        return 0, len(topic)
    offsets = topic.offsets
    return int(np.searchsorted(offsets, span[0])), int(np.searchsorted(offsets, span[1]))


def trusted(t_us: IntArray) -> BoolArray:
    """Which time stamps, in file order, can be believed; bool, shape (n,).

    A stamp far from the median, or one that disagrees with its neighbours and is followed by times
    that go on as before, is garbage; a real silence is kept because both sides of it are dense.
    """
    if t_us.size < 2:
        return np.ones(t_us.shape, dtype=np.bool_)
    step = np.diff(t_us)
    if step.min() >= -DISORDER_US and step.max() <= SUSPICIOUS_STEP_US:
        return np.ones(t_us.shape, dtype=np.bool_)
    from scipy.ndimage import median_filter  # slow to import, and few logs need it

    size = min(9, t_us.size // 2 * 2 + 1)
    near = median_filter(t_us, size=size, mode="reflect")
    middle = int(np.median(t_us))
    return np.asarray(
        (np.abs(t_us - near) <= SUSPICIOUS_STEP_US) & (np.abs(t_us - middle) <= MAX_LOG_US)
    )


def bounds(times: Sequence[IntArray]) -> tuple[int, int]:
    """First and last trustworthy stamp over several topics, [µs]; (0, 0) if there is none.

    Parameters
    ----------
    times : sequence of int64 arrays [µs]
        Stamps of a topic each, in file order.
    """
    kept = [t[trusted(t)] for t in times if t.size]
    kept = [t for t in kept if t.size]
    if not kept:
        return 0, 0
    weights = np.array([t.size for t in kept])
    middle = float(np.median(kept[int(weights.argmax())]))
    near = [t for t in kept if abs(float(np.median(t)) - middle) <= MAX_LOG_US]
    return int(min(t.min() for t in near)), int(max(t.max() for t in near))


def silences(
    t_us: IntArray, *, factor: float = 10.0, floor_s: float = 1.0
) -> tuple[tuple[int, int], ...]:
    """Spans in which a regular topic was silent for much longer than it should be.

    Parameters
    ----------
    t_us : int64, shape (n,) [µs], never decreasing
    factor : float
        Times the median step.
    floor_s : float [s]
        Shorter silences do not count.
    """
    if t_us.size < 3:
        return ()
    step = np.diff(t_us)
    limit = max(factor * float(np.median(step)), floor_s * 1e6)
    return tuple((int(t_us[i]), int(t_us[i + 1])) for i in np.flatnonzero(step > limit))


def loader(name: str, rows: Rows, mapping: Mapping) -> Loader:
    """A function that decodes one channel when called."""

    def load() -> Channel:
        t_us = rows.time_us()
        columns = rows.gather(mapping.fields)
        values = convert(mapping, [columns[f] for f in mapping.fields])
        return Channel(name, t_us, values, source(mapping, rows.topic))

    return load


def convert(mapping: Mapping, columns: Sequence[np.ndarray[Any, Any]]) -> FloatArray:
    """Catalogue values of raw columns, float64 shape (n,)."""
    is_integer = np.issubdtype(columns[0].dtype, np.integer)
    scale = mapping.scale
    if is_integer and mapping.int_scale is not None:
        scale = mapping.int_scale
    as_float = [np.asarray(c, dtype=np.float64) for c in columns]
    values = mapping.convert(*as_float) if mapping.convert else as_float[0]
    return values * scale if scale != 1.0 else values


def source(mapping: Mapping, topic: Topic) -> str:
    """What a person looks up in another viewer: ``"BAT[1].Volt"``."""
    instance = f"[{topic.instance}]" if topic.instance else ""
    return f"{mapping.topic}{instance}.{'/'.join(mapping.fields)}"


class Sources:
    """The topics of one boot, each as Rows, made once.

    Parameters
    ----------
    raw : RawLog
    span : (first, last) byte range of the boot, None if the log is one boot
    """

    def __init__(self, raw: RawLog, span: tuple[int, int] | None) -> None:
        self.raw = raw
        self.span = span
        self.start_us, self.end_us = -(2**62), 2**62
        self._rows: dict[tuple[str, int], Rows] = {}
        self._instances: dict[str, list[int]] = {}
        for name, instance in raw.topics:
            self._instances.setdefault(name, []).append(instance)
        for found in self._instances.values():
            found.sort()

    def limit(self, start_us: int, end_us: int) -> None:
        """Set the trustworthy bounds; rows made before are made anew."""
        self.start_us, self.end_us = start_us, end_us
        self._rows.clear()

    def rows(self, name: str, instance: int = 0) -> Rows | None:
        """The rows of a topic in this boot, None if there are none."""
        key = (name, instance)
        found = self._rows.get(key)
        if found is None:
            topic = self.raw.topics.get(key)
            if topic is None:
                return None
            first, last = boot_rows(topic, self.span)
            found = self._rows[key] = Rows(topic, first, last, self.start_us, self.end_us)
        return found if len(found) else None

    def first_instance(self, name: str) -> Rows | None:
        """The rows of the lowest instance of a topic that has any."""
        return next((r for i in self.instances(name) if (r := self.rows(name, i))), None)

    def instances(self, name: str) -> list[int]:
        """Instance numbers of a topic, ascending."""
        return self._instances.get(name, [])


def add_mapped(
    loaders: dict[str, Loader], sources: Sources, table: Iterable[Mapping]
) -> None:
    """Add a loader for each channel that the log carries; the first mapping that fits wins."""
    for mapping in table:
        for instance in sources.instances(mapping.topic):
            if mapping.only_instance is not None and instance != mapping.only_instance:
                continue
            name = instance_name(mapping.channel, instance + mapping.number)
            if name in loaders:
                continue
            rows = sources.rows(mapping.topic, instance)
            if rows is None or not set(mapping.fields) <= set(rows.topic.fields):
                continue
            loaders[name] = loader(name, rows, mapping)
