"""Which UTC a blackbox clock shows, from the receiver or from the header's date."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from flyoff.decoders.normalisation import Reader
from flyoff.model.recording import UtcClock
from flyoff.units import SECONDS_PER_WEEK, US_PER_S

_DATE: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?:([+-])(\d\d):(\d\d))?"
)
#: No blackbox is older (Baseflight, 2014).
_EARLIEST_S: Final = 1_388_534_400
#: A clock that nothing set runs from a date of its own; a firmware is not flown ten years on.
_SERVICE_S: Final = 10 * 365.25 * 86_400
_GPS_EPOCH_S: Final = 315_964_800  # 1980-01-06
_LEAP_S: Final = 18  # since 2017
_LATENCY_S: Final = 0.3


def utc_clock(text: Mapping[str, str], reader: Reader, start_us: int) -> UtcClock | None:
    """How the log's clock maps to UTC, or None: most vehicles have no clock of their own."""
    return _receiver(reader) or _header(text, start_us)


def _receiver(reader: Reader) -> UtcClock | None:
    """Betaflight 2026 logs the time of week with each position, and the date with home."""
    if not reader.has("gps", "GPS_time") or not reader.has("home", "GPS_home_epoch"):
        return None
    t_us, (of_week_ms,) = reader.read("gps", ("GPS_time",))
    _, (epoch_s,) = reader.read("home", ("GPS_home_epoch",))
    good = (of_week_ms > 0) & (of_week_ms < SECONDS_PER_WEEK * 1000)
    if not good.any() or not epoch_s.size or int(epoch_s[-1]) < _EARLIEST_S:
        return None
    since = int(epoch_s[-1]) + _LEAP_S - _GPS_EPOCH_S
    week_s = since - since % SECONDS_PER_WEEK + _GPS_EPOCH_S - _LEAP_S
    first = int(good.argmax())
    at_s = week_s + int(of_week_ms[first]) / 1000.0
    if at_s < int(epoch_s[-1]) - SECONDS_PER_WEEK / 2:  # the week began between home and now
        at_s += SECONDS_PER_WEEK
    offset_us = round(at_s * US_PER_S) - int(t_us[first])
    return UtcClock(offset_us, _LATENCY_S, "gps.GPS_time")


def _header(text: Mapping[str, str], start_us: int) -> UtcClock | None:
    started = _seconds(text.get("Log start datetime", ""))
    if started is None or started < _EARLIEST_S:
        return None
    built = _built(text.get("Firmware date", ""))
    if built is not None and not built - 86_400 <= started <= built + _SERVICE_S:
        return None
    return UtcClock(round(started * US_PER_S) - start_us, 2.0, "Log start datetime")


def _seconds(stamp: str) -> float | None:
    found = _DATE.match(stamp)
    if not found:
        return None
    sign = -1 if found[8] == "-" else 1
    zone = timedelta(hours=sign * int(found[9] or 0), minutes=sign * int(found[10] or 0))
    try:
        at = datetime.fromisoformat(f"{stamp[:19]}+00:00") - zone
    except (ValueError, OverflowError):  # the year 0000, of a clock that was never set
        return None
    return at.timestamp() + int((found[7] or "0").ljust(6, "0")) / 1e6


def _built(date: str) -> float | None:
    try:
        at = datetime.strptime(" ".join(date.split()), "%b %d %Y %H:%M:%S")
    except ValueError:
        return None
    return at.replace(tzinfo=UTC).timestamp()
