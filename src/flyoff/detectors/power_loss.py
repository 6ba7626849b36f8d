"""The supply of the motors collapsed.

The pack's voltage falls to a fraction of what it was a moment ago and stays there, with the current
gone, while the vehicle is armed. A sagging or empty battery falls slowly and only part of the way.
A log that ends a moment later was on the same supply. A pack that is not measured reads about zero
all along and says nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from flyoff.detectors.base import Detector, InsufficientData
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.model.middle import median
from flyoff.model.span import spans
from flyoff.units import Ratio, Seconds, Volts


@dataclass(frozen=True, slots=True)
class PowerLoss(Detector):
    """Pack voltage collapsed to a fraction."""

    kind: ClassVar[Kind] = Kind.POWER_LOSS
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (("battery.voltage",),)
    share: Ratio = 0.5  # no lithium pack delivers at half its voltage
    before_s: Seconds = 5.0
    sensed_v: Volts = 2.0  # below a single empty cell: not measured

    def find(self, flight: Flight) -> Iterator[Finding]:
        volts = flight.get("battery.voltage")
        if volts is None:
            return
        inside = (volts.t_us >= flight.start_us) & (volts.t_us <= flight.end_us)
        inside &= np.isfinite(volts.values)
        t, v = volts.t_us[inside], volts.values[inside]
        if v.size < 3 or median(v[: max(3, v.size // 4)]) < self.sensed_v:
            raise InsufficientData("the pack's voltage is not measured")
        usual = median(v[: max(3, v.size // 2)])
        held = spans(t, v < self.share * usual)
        lasting = [s for s in held if s.last == v.size - 1 or s.duration_s > 0.5]
        if not lasting:
            return
        span = lasting[0]
        before = v[(t < span.start_us) & (t > span.start_us - self.before_s * 1e6)]
        level = median(before) if before.size else usual
        yield self.finding(
            span.start_us,
            span.end_us,
            Severity.CRITICAL,
            [
                Evidence(
                    "pack voltage [V]",
                    "battery.voltage",
                    span.start_us / 1e6,
                    float(v[span.first : span.last + 1].min()),
                    self.share * level,
                ),
                Evidence(
                    "pack voltage before [V]",
                    "battery.voltage",
                    (span.start_us - 1_000_000) / 1e6,
                    level,
                ),
            ],
        )
