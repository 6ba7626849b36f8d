"""Columns of times to microseconds."""

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from flyoff.decoders.csv.decode import CsvTopic
from flyoff.decoders.csv.mapping import Time
from flyoff.decoders.rawlog import numbers
from flyoff.errors import DecodeError
from flyoff.units import FloatArray, IntArray

#: Numbers of each unit in a second.
_PER_S: Final = {"s": 1, "ms": 1000, "us": 1_000_000, "unix": 1, "unix_ms": 1000}


def read_times(topic: CsvTopic, time: Time, path: str) -> FloatArray:
    """Times of the rows [µs], NaN where there is none; relative, or since 1970 in UTC.

    Rows that share a stamp, because it is written to the second, are spread over the time to the
    next one.
    """
    if time.format in _PER_S:
        # a damaged cell is a row without a time, not a table without one
        t_us = numbers(topic.column(time.column)) * (1_000_000 / _PER_S[time.format])
    else:
        zone = zone_of(time.timezone, path)
        texts, which = np.unique(topic.texts(time.column), return_inverse=True)
        t_us = np.array([_stamp(bytes(t), time.format, zone) for t in texts])[which]
    if not np.isfinite(t_us).any():
        raise DecodeError(
            path, 0, f"column {time.column!r} holds no time in the form {time.format!r}"
        )
    return _spread(np.round(t_us))


def zone_of(name: str, path: str) -> tzinfo:
    """A time zone by its name or its distance from UTC."""
    if name.upper() in ("UTC", "Z"):
        return UTC
    try:
        if name[:1] in "+-":
            hours, _, minutes = name[1:].partition(":")
            away = timedelta(hours=int(hours), minutes=int(minutes or 0))
            return timezone(away if name[0] == "+" else -away)
        return ZoneInfo(name)
    except (ValueError, ZoneInfoNotFoundError, OSError) as error:
        expected = "UTC, +02:00 or a name such as Europe/Zagreb"
        raise DecodeError(path, 0, f"timezone {name!r}, expected {expected}") from error


@lru_cache(maxsize=4096)
def _stamp(text: bytes, form: str, zone: tzinfo) -> float:
    try:
        said = text.decode().strip()
        moment = datetime.fromisoformat(said) if form == "iso" else datetime.strptime(said, form)
    except (UnicodeDecodeError, ValueError):
        return float("nan")
    moment = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1)


def _spread(t_us: FloatArray) -> FloatArray:
    known = np.flatnonzero(np.isfinite(t_us))
    stamps = t_us[known]
    if stamps.size < 3 or (np.diff(stamps) != 0).all() or (np.diff(stamps) < 0).any():
        return t_us
    first = np.concatenate([[0], np.flatnonzero(np.diff(stamps)) + 1])
    if first.size < 2 or stamps.size < 2 * first.size:
        return t_us  # a repeated row here and there is no coarse clock
    spread = t_us.copy()
    step = float(np.median(np.diff(first)))
    last = np.append(first, stamps.size - 1)
    pace = float(np.median(np.diff(stamps[first]))) / step
    ends = np.append(stamps[first], stamps[-1] + (stamps.size - 1 - first[-1]) * pace)
    spread[known] = np.interp(np.arange(stamps.size), last, ends)
    return spread


def whole(t_us: FloatArray) -> IntArray:
    """Finite times as integers."""
    return np.clip(t_us, -(2**62), 2**62).astype(np.int64)
