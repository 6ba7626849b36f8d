"""A CSV's columns to one recording: what the mapping names, in catalogue units."""

from collections.abc import Iterator

import numpy as np

from flyoff.decoders.csv.axes import settled
from flyoff.decoders.csv.decode import NAME, CsvTopic, describe
from flyoff.decoders.csv.mapping import MODE, TEXT, Column, Columns
from flyoff.decoders.csv.times import read_times, whole
from flyoff.decoders.csv.units import conversion
from flyoff.decoders.normalisation import sampled
from flyoff.decoders.rawlog import RawLog, numbers
from flyoff.decoders.receipt import Status
from flyoff.decoders.silence import silences
from flyoff.errors import DecodeError
from flyoff.model.catalogue import CATALOGUE, base_name
from flyoff.model.channel import Channel
from flyoff.model.event import Event, EventKind
from flyoff.model.recording import Loader, LogReference, Recording, UtcClock, Vehicle
from flyoff.units import BoolArray, FloatArray, IntArray

#: A stamp that is written to the second is off by up to one [s].
_TO_THE_SECOND = 1.0


def normalise(raw: RawLog) -> list[Recording]:
    """The recording of a CSV; none if it has no row with a time."""
    topic = raw.topic(NAME)
    if not isinstance(topic, CsvTopic):
        return []
    meant = describe(raw.source).meanings
    logged = read_times(topic, meant.time, raw.path)
    order, t_us = _clock(logged, zero=not meant.time.is_relative)
    meant = settled(meant, topic, order, t_us)
    clock = _utc(topic, meant, logged, raw.path)
    events = sorted(_events(topic, meant, order, t_us), key=lambda e: e.t_us)
    said = meant.vehicle
    vehicle = Vehicle(
        said.get("id", "unknown"),
        said.get("kind", "unknown"),
        said.get("autopilot", "unknown"),
        said.get("firmware", ""),
    )
    return [
        Recording(
            LogReference(raw.path, raw.source.sha256, raw.format, len(raw.source)),
            vehicle,
            int(t_us[0]),
            int(t_us[-1]),
            {
                c.channel: _loader(topic, c, order, t_us)
                for c in meant.columns
                if c.channel not in (MODE, TEXT)
            },
            events=tuple(events),
            utc=clock,
            gaps=silences([t_us], (), int(t_us[0]), int(t_us[-1])),
            notes=(f"columns: {meant.source}",),
            ends_cut=raw.receipt.status is Status.TRUNCATED,
        )
    ]


def _clock(logged: FloatArray, *, zero: bool) -> tuple[IntArray, IntArray]:
    """Rows in the order of time, and their times; from 0 on where the clock is UTC itself."""
    known = np.flatnonzero(np.isfinite(logged))
    order = known[np.argsort(logged[known], kind="stable")]
    t_us = whole(logged[order])
    return order, t_us - t_us[0] if zero else t_us


def _utc(topic: CsvTopic, meant: Columns, logged: FloatArray, path: str) -> UtcClock | None:
    if not meant.time.is_relative:
        first = int(np.nanmin(logged))
        return UtcClock(first, _uncertainty(logged), f"column {meant.time.column}")
    if meant.utc is None:
        return None
    try:
        utc = read_times(topic, meant.utc, path)
    except DecodeError:
        if meant.is_guessed:
            return None
        raise
    lead = utc - logged
    known = np.isfinite(lead)
    if not known.any():
        return None
    middle = float(np.median(lead[known]))
    return UtcClock(round(middle), _uncertainty(utc), f"column {meant.utc.column}")


def _uncertainty(utc: FloatArray) -> float:
    known = utc[np.isfinite(utc)]
    return _TO_THE_SECOND if (known[:1] % 1_000_000 == 0).all() else 0.2


def _loader(topic: CsvTopic, column: Column, order: IntArray, t_us: IntArray) -> Loader:
    def load() -> Channel:
        values = _values(topic, column)[order]
        return sampled(column.channel, t_us, values, column.column)

    return load


def _values(topic: CsvTopic, column: Column) -> FloatArray:
    if column.true:
        texts = topic.texts(column.column)
        is_true = np.isin(texts, [t.encode() for t in column.true])
        return np.where(texts == b"", np.nan, is_true.astype(np.float64))
    found = numbers(topic.column(column.column))
    convert = conversion(column.unit, CATALOGUE[base_name(column.channel)].unit)
    assert convert is not None  # the mapping was checked when it was read
    values: FloatArray = convert(found) * column.scale + column.offset
    return values


def _events(topic: CsvTopic, meant: Columns, order: IntArray, t_us: IntArray) -> Iterator[Event]:
    for column in meant.columns:
        if column.channel not in (MODE, TEXT):
            continue
        texts = topic.texts(column.column)[order]
        for row in np.flatnonzero(_changes(texts)).tolist():
            said = bytes(texts[row]).decode("utf-8", "replace").strip()
            if said and column.channel == MODE:
                yield Event(int(t_us[row]), EventKind.MODE, said.upper(), source=column.column)
            elif said:
                yield Event(int(t_us[row]), EventKind.TEXT, said, 6.0, source=column.column)


def _changes(texts: "np.typing.NDArray[np.bytes_]") -> BoolArray:
    changed: BoolArray = np.ones(texts.size, dtype=np.bool_)
    changed[1:] = texts[1:] != texts[:-1]
    return changed
