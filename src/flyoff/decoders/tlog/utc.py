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


def utc_clock(reader: Reader, clock: BootClock | None, start_us: int) -> UtcClock | None:
    """How the clock of a recording that begins at ``start_us`` maps to UTC, or None."""
    return _told(reader) or _recorded(clock, start_us)


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


def _recorded(clock: BootClock | None, start_us: int) -> UtcClock | None:
    """By the ground station's clock: the longest stretch, as sure as the others agree with it.

    A companion computer without a clock of its own counts from 1970 until a network sets it; by
    that nobody knows what time it was.
    """
    source = "the ground station's clock"
    if clock is None:
        believed = EARLIEST_US < start_us < LATEST_US
        return UtcClock(0, _COMPUTER_S, source) if believed else None
    good = [
        (size, offset)
        for size, offset in zip(clock.sizes, clock.offsets_us, strict=False)
        if EARLIEST_US < offset < LATEST_US
    ]
    if not good:
        return None
    offset_us = max(good, key=lambda stretch: stretch[0])[1]
    spread_s = (max(o for _, o in good) - min(o for _, o in good)) / 1e6
    return UtcClock(offset_us, _COMPUTER_S + clock.delay_s + spread_s, source)
