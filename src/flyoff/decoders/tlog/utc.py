"""Which UTC the vehicle's clock shows: by its own word, else by the ground station's computer."""

from typing import Final

import numpy as np

from flyoff.decoders.normalisation import Reader
from flyoff.decoders.tlog.clock import BootClock
from flyoff.model.recording import UtcClock

#: A vehicle without satellites says 1970 or 1980; nothing flew MAVLink before 2009.
EARLIEST_US: Final = 1_230_768_000 * 1_000_000
LATEST_US: Final = 4_102_444_800 * 1_000_000  # 2100-01-01
#: Receivers' times reach the autopilot within this [s].
_LATENCY_S: Final = 0.2
#: A laptop in a field that was not set since it last saw a network [s].
_COMPUTER_S: Final = 30.0


def utc_clock(reader: Reader, clock: BootClock | None) -> UtcClock | None:
    """How the recording's clock maps to UTC, or None."""
    return _told(reader) or _recorded(clock)


def _told(reader: Reader) -> UtcClock | None:
    if not reader.has("SYSTEM_TIME", "time_unix_usec", "time_boot_ms"):
        return None
    _, (unix, boot) = reader.read("SYSTEM_TIME", ("time_unix_usec", "time_boot_ms"))
    good = (unix > EARLIEST_US) & (unix < LATEST_US)
    if not good.any():
        return None
    lead = unix[good].astype(np.int64) - boot[good].astype(np.int64) * 1000
    middle = int(np.median(lead))
    spread_s = float(np.median(np.abs(lead - middle))) / 1e6
    return UtcClock(middle, _LATENCY_S + 3 * spread_s, "SYSTEM_TIME.time_unix_usec")


def _recorded(clock: BootClock | None) -> UtcClock | None:
    source = "the ground station's clock"
    if clock is None:
        return UtcClock(0, _COMPUTER_S, source)
    offset_us = clock.offset_us
    if offset_us is None or not EARLIEST_US < offset_us < LATEST_US:
        return None
    return UtcClock(offset_us, _COMPUTER_S + clock.delay_s + clock.spread_s, source)
