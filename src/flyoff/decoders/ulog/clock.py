"""Which UTC a PX4 log's own clock shows, from the best witness that it carries."""

import calendar
import re
import time
from typing import Final

import numpy as np

from flyoff.decoders.normalisation import Reader
from flyoff.decoders.rawlog import RawLog
from flyoff.model.recording import UtcClock

#: Before this no PX4 wrote a ULog (2016-01-01); a receiver without time says 1970 or 1980.
_EARLIEST_US: Final = 1_451_606_400 * 1_000_000
_LATEST_US: Final = 4_102_444_800 * 1_000_000  # 2100-01-01
#: A receiver's message reaches the log within this of the instant it names [s].
_LATENCY_S: Final = 0.2
_PATH: Final = re.compile(r"/(\d{4})-(\d\d)-(\d\d)/(\d\d)_(\d\d)_(\d\d)\.ulg")


def utc_clock(raw: RawLog, reader: Reader) -> UtcClock | None:
    """How the log's clock maps to UTC, or None.

    In this order: time of a satellite receiver with a fix, UTC at boot as the firmware states it,
    a simulator's clock that is UTC itself, the name under which the logger opened the file.
    """
    return _receiver(reader) or _boot(raw) or _own(reader) or _file_name(raw)


def _receiver(reader: Reader) -> UtcClock | None:
    for topic in ("vehicle_gps_position", "sensor_gps"):
        if not reader.has(topic, "time_utc_usec", "fix_type"):
            continue
        t_us, (utc_us, fix) = reader.read(topic, ("time_utc_usec", "fix_type"))
        utc_us = utc_us.astype(np.int64)
        good = (fix >= 2) & (utc_us > _EARLIEST_US) & (utc_us < _LATEST_US)
        if not good.any():
            continue
        offsets = (utc_us - t_us)[good]
        offset = int(np.median(offsets))
        scatter_s = float(np.median(np.abs(offsets - offset))) * 1.4826e-6
        return UtcClock(offset, _LATENCY_S + 3 * scatter_s, f"{topic}.time_utc_usec")
    return None


def _boot(raw: RawLog) -> UtcClock | None:
    try:
        at_boot_us = int(raw.info.get("boot_time_utc_us", ""))
    except ValueError:
        return None
    if not _EARLIEST_US < at_boot_us < _LATEST_US:
        return None
    return UtcClock(at_boot_us, 1.0, "boot_time_utc_us")


def _own(reader: Reader) -> UtcClock | None:
    if reader.first_us > _EARLIEST_US:
        return UtcClock(0, 1.0, "timestamp (a simulator on its host's clock)")
    return None


def _file_name(raw: RawLog) -> UtcClock | None:
    """The logger names the file by local time, to the second, when it opens it."""
    for message in raw.messages:
        found = _PATH.search(message.text)
        if found:
            stamp = time.struct_time((*(int(g) for g in found.groups()), 0, 0, 0))
            local_us = calendar.timegm(stamp) * 1_000_000
            offset_us = int(raw.params.get("SDLOG_UTC_OFFSET", 0)) * 60 * 1_000_000
            if _EARLIEST_US < local_us < _LATEST_US and message.t_us > 0:
                utc_us = local_us - offset_us
                return UtcClock(utc_us - message.t_us, 2.0, "name of the log file, from its text")
    return None
