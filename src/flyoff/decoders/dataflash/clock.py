"""UTC from the receiver's week and time of week."""

from typing import Final

import numpy as np

from flyoff.decoders.leap import gps_to_unix_us
from flyoff.decoders.normalisation import Reader
from flyoff.model.recording import UtcClock
from flyoff.units import FloatArray, IntArray

#: Receiver epochs reach the log this late, by receiver and baud rate; no log says which.
_LATENCY_S: Final = 0.2
_FIX_3D: Final = 3
#: Weeks before 2009-10 or beyond any plausible date: the receiver has not decoded the week yet.
_WEEKS: Final = (1550, 3600)
_WEEK_MS: Final = 7 * 86_400_000


def utc(reader: Reader) -> UtcClock | None:
    """How the log's clock maps to UTC, from the best receiver; None without a fix.

    Notes
    -----
    The median over all epochs is taken: around the week's end u-blox receivers report the new time
    of week with the old week number for some epochs, and a spoofed stretch must not move the rest.
    """
    best: tuple[int, UtcClock] | None = None
    for name in ("GPS", "GPS2"):
        for instance in reader.instances(name):
            found = _of_receiver(reader, name, instance)
            if found is not None and (best is None or found[0] > best[0]):
                best = found
    return best[1] if best else None


def _of_receiver(reader: Reader, name: str, instance: int) -> tuple[int, UtcClock] | None:
    week, ms = ("GWk", "GMS") if reader.has(name, "GWk", instance=instance) else ("Week", "TimeMS")
    if not reader.has(name, week, ms, "Status", instance=instance):
        return None
    t_us, (weeks, time_ms, status) = reader.floats(name, (week, ms, "Status"), instance)
    arrived = _arrival_us(reader, t_us, instance if name == "GPS" else 1)
    good = (status >= _FIX_3D) & (weeks > _WEEKS[0]) & (weeks < _WEEKS[1])
    good &= (time_ms >= 0) & (time_ms < _WEEK_MS)  # a text log's cell may be no number
    if not good.any():
        return None
    unix_us = gps_to_unix_us(weeks[good].astype(np.int64), time_ms[good].astype(np.int64))
    lead = (unix_us - arrived[good]).astype(np.float64)
    middle = float(np.median(lead))
    spread = float(np.median(np.abs(lead - middle))) / 1e6
    label = f"{name}[{instance}]" if instance else name
    clock = UtcClock(round(middle), max(spread * 3, 0.0) + _LATENCY_S, f"{label}.{week}/{ms}")
    return int(good.sum()), clock


def _arrival_us(reader: Reader, t_us: IntArray, instance: int) -> IntArray | FloatArray:
    """When each epoch reached the autopilot: GPA.SMS [ms] if logged, else the row's own stamp."""
    if reader.has("GPA", "SMS", instance=instance):
        stamp_us, (sms,) = reader.floats("GPA", ("SMS",), instance)
        if stamp_us.size == t_us.size and (stamp_us == t_us).all():
            return np.where(sms > 0, sms * 1000, t_us)
    return t_us
