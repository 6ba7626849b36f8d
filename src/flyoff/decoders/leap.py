"""GPS time to UTC: the leap seconds as data.

GPS time counts SI seconds since 1980-01-06 00:00:00 UTC and never leaps; UTC has been set back by
one second at each date below. Source: IERS Bulletin C, ``Leap_Second.dat``; the last entry is from
Bulletin C 52 (2016-07-06), and none has been announced since. A log from after a leap second that
this table does not know is one second off: the uncertainty of a clock built on it says so.
"""

from datetime import UTC, date, datetime
from typing import Final

import numpy as np

from flyoff.units import SECONDS_PER_WEEK, US_PER_S, IntArray

#: First day of UTC on which GPS − UTC has the value [s] beside it.
LEAP_SECONDS: Final[tuple[tuple[date, int], ...]] = (
    (date(1980, 1, 6), 0),
    (date(1981, 7, 1), 1),
    (date(1982, 7, 1), 2),
    (date(1983, 7, 1), 3),
    (date(1985, 7, 1), 4),
    (date(1988, 1, 1), 5),
    (date(1990, 1, 1), 6),
    (date(1991, 1, 1), 7),
    (date(1992, 7, 1), 8),
    (date(1993, 7, 1), 9),
    (date(1994, 7, 1), 10),
    (date(1996, 1, 1), 11),
    (date(1997, 7, 1), 12),
    (date(1999, 1, 1), 13),
    (date(2006, 1, 1), 14),
    (date(2009, 1, 1), 15),
    (date(2012, 7, 1), 16),
    (date(2015, 7, 1), 17),
    (date(2017, 1, 1), 18),
)


def _unix_s(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


GPS_EPOCH_UNIX_S: Final = _unix_s(date(1980, 1, 6))
# GPS seconds at which each step takes effect: the UTC date's seconds plus the leaps until then.
_STEPS_GPS_S: Final = np.array(
    [_unix_s(day) - GPS_EPOCH_UNIX_S + leap for day, leap in LEAP_SECONDS], dtype=np.int64
)
_LEAPS: Final = np.array([leap for _, leap in LEAP_SECONDS], dtype=np.int64)


def leap_seconds(gps_us: IntArray | int) -> IntArray:
    """GPS − UTC at an instant of GPS time.

    Parameters
    ----------
    gps_us : int64, any shape [µs since 1980-01-06]

    Returns
    -------
    int64, same shape [s]

    Examples
    --------
    >>> int(leap_seconds(gps_us(2086, 0))), int(leap_seconds(gps_us(1000, 0)))
    (18, 13)
    """
    at = np.searchsorted(_STEPS_GPS_S, np.asarray(gps_us) // US_PER_S, side="right") - 1
    return np.asarray(_LEAPS[np.maximum(at, 0)], dtype=np.int64)


def gps_us(week: int, ms: int) -> int:
    """GPS week and millisecond of the week to microseconds since the GPS epoch.

    The week must be unfolded: receivers that count modulo 1024 are the caller's to mend.
    """
    return (int(week) * SECONDS_PER_WEEK * 1000 + int(ms)) * 1000


def gps_to_unix_us(week: IntArray | int, ms: IntArray | int) -> IntArray:
    """GPS week and millisecond of the week to UNIX time (UTC).

    Parameters
    ----------
    week, ms : int64, any shape [weeks since 1980-01-06], [ms]

    Returns
    -------
    int64, same shape [µs since 1970-01-01 UTC]

    Examples
    --------
    >>> np.datetime64(int(gps_to_unix_us(2086, 0)), "us").item().isoformat()
    '2019-12-28T23:59:42'
    """
    weeks = np.asarray(week, dtype=np.int64)
    since_us = (weeks * (SECONDS_PER_WEEK * 1000) + np.asarray(ms, dtype=np.int64)) * 1000
    unix_us = since_us + (GPS_EPOCH_UNIX_S - leap_seconds(since_us)) * US_PER_S
    return np.asarray(unix_us, dtype=np.int64)
