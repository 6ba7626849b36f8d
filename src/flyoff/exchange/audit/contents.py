"""What the topics of a log hold that gives it away, read from every field of every topic.

Nobody's list of fields is trusted here: what looks like a place, a number or a name by its own name
and value counts, in topics of scripts and of other aircraft too.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from flyoff.decoders.rawlog import Column, RawLog, Topic
from flyoff.errors import ExchangeError
from flyoff.exchange.redaction.moves import UNIX_FROM_US
from flyoff.exchange.redaction.tables import Contents, table
from flyoff.units import FloatArray

Places = tuple[FloatArray, FloatArray]
_PER_DEGREE: Final = 1e7
#: How the longitude beside a latitude is called.
_PARTNERS: Final = (
    ("latitude", "longitude"), ("lat", "lon"), ("lat", "lng"), ("Lat", "Lon"), ("Lat", "Lng"),
    ("LAT", "LON"),
)  # fmt: skip
_ORDINARY: Final = re.compile(r"latenc|latch|later|lat_lon|latest|plate|calat", re.IGNORECASE)
_IDENTITY: Final = re.compile(
    r"icao|mmsi|serial|(?:^|_)uu?id|device_?id|dev_?id|unique|(?:^|_)imei|(?:^|_)imsi",
    re.IGNORECASE,
)
_STRUCTURE: Final = frozenset({"FMT", "FMTU", "UNIT", "MULT", "PARM"})
#: Smaller numbers are on every vehicle.
_LEAST_NUMBER: Final = 1 << 16
_MOST_OF_COLUMN: Final = 64
_ARRAY: Final = re.compile(r"\[\d+\]$")
#: Letters at the beginning of an array of bytes.
_LETTERS: Final = re.compile(rb"[\x20-\x7e]{5,}")


def places(raw: RawLog) -> Iterator[Places]:
    """Latitudes and longitudes [deg], each shape (n,), of every pair of fields that are such."""
    known = _known(raw.format)
    for topic in raw.topics.values():
        for lat, lon in dict.fromkeys([*_pairs(topic.fields), *_described(topic, known)]):
            columns = topic.gather((lat, lon))
            if all(c.dtype.kind in "iuf" and c.ndim == 1 for c in columns.values()):
                yield _degrees(columns[lat]), _degrees(columns[lon])


def stamps(raw: RawLog) -> tuple[int, int]:
    """First and last date in fields that the tables call a date [µs since 1970]; 0, 0 if none."""
    found: list[float] = []
    known = _known(raw.format)
    for topic in raw.topics.values():
        contents = known.get(topic.name)
        for name in contents.single["unix_us"] if contents else ():
            if topic.has(name):
                values = topic.column(name).astype(np.float64)
                values = values[values > UNIX_FROM_US]
                found += [float(values.min()), float(values.max())] if values.size else []
    return (int(min(found)), int(max(found))) if found else (0, 0)


def texts(raw: RawLog) -> Iterator[str]:
    """Texts in fields of any topic, and letters in arrays of bytes."""
    for topic in raw.topics.values():
        if topic.name in _STRUCTURE:
            continue
        for column in _columns(topic, "SU"):
            for value in np.unique(column)[:_MOST_OF_COLUMN]:
                yield value.split(b"\0")[0].decode("latin-1") if isinstance(value, bytes) else value
        for rows in _bytes(topic):
            for value in np.unique(rows, axis=0)[:_MOST_OF_COLUMN]:
                yield " ".join(part.decode() for part in _LETTERS.findall(value.tobytes()))


def numbers(raw: RawLog) -> Iterator[int]:
    """Numbers that name one device, one vehicle or one aircraft."""
    for topic in raw.topics.values():
        wanted = [name for name in topic.fields if _IDENTITY.search(name)]
        for column in topic.gather(wanted).values() if wanted else ():
            if column.dtype.kind in "iu" and column.ndim == 1:
                yield from (int(v) for v in np.unique(column)[:_MOST_OF_COLUMN])
    for name, value in raw.params.items():
        if _IDENTITY.search(name) and float(value).is_integer():
            yield int(value)


def _known(format_name: str) -> dict[str, Contents]:
    try:
        return dict(table(format_name))
    except ExchangeError:  # no log of this format is ever rewritten
        return {}


def _pairs(fields: Iterable[str]) -> Iterator[tuple[str, str]]:
    present = set(fields)
    for name in present:
        if _ORDINARY.search(name):
            continue
        for lat, lon in _PARTNERS:
            partner = name.replace(lat, lon)
            if partner != name and partner in present:
                yield name, partner


def _described(topic: Topic, known: dict[str, Contents]) -> Iterator[tuple[str, str]]:
    contents = known.get(topic.name)
    for lat, lon in contents.groups["place"] if contents else ():
        if topic.has(lat, lon):
            yield lat, lon


def _degrees(column: Column) -> FloatArray:
    values = column.astype(np.float64)
    with np.errstate(invalid="ignore"):
        is_whole = column.dtype.kind in "iu" or bool((np.abs(values) > 1000.0).any())
    return values / _PER_DEGREE if is_whole else values


def _columns(topic: Topic, kinds: str) -> Iterator[Column]:
    for column in topic.columns().values():
        if column.dtype.kind in kinds and column.ndim == 1:
            yield column


def _bytes(topic: Topic) -> Iterator[Column]:
    """Arrays of bytes, uint8 shape (n, width): one column of rows, or a column for each element."""
    joined: dict[str, list[Column]] = {}
    for name, column in topic.columns().items():
        if column.dtype.itemsize != 1 or column.dtype.kind not in "iu":
            continue
        if column.ndim == 2:
            yield np.ascontiguousarray(column).view(np.uint8)
        elif _ARRAY.search(name):
            joined.setdefault(_ARRAY.sub("", name), []).append(column)
    for parts in joined.values():
        yield np.ascontiguousarray(np.stack(parts, axis=1)).view(np.uint8)
