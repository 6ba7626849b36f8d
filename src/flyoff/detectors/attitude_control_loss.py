"""The vehicle did not follow the attitude that was demanded of it.

Demanded against obtained roll and pitch: an error of tens of degrees that lasts means that the
controls had no power over the vehicle. Aerobatics have large angles but small errors. Sources:
ArduPilot's crash check (30° for 1 s), PX4's failure detector (60° for 0.3 s). A vehicle that caught
itself and flew on under control, such as one that is thrown into the air, had lost it only for a
while: that is a warning.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from flyoff.detectors.base import FLYING_KINDS, Detector
from flyoff.model.channel import Channel
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.model.span import spans
from flyoff.units import RAD_PER_DEGREE, Radians, Seconds


@dataclass(frozen=True, slots=True)
class AttitudeControlLoss(Detector):
    """Large error between demanded and obtained lean, held."""

    kind: ClassVar[Kind] = Kind.ATTITUDE_CONTROL_LOSS
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("attitude.roll", "attitude.pitch", "attitude_demand.roll", "attitude_demand.pitch"),
    )
    vehicles: ClassVar[frozenset[str]] = FLYING_KINDS
    error_rad: Radians = 30 * RAD_PER_DEGREE
    hold_s: Seconds = 0.5  # a multirotor answers in 0.1 … 0.3 s
    hold_wing_s: Seconds = 1.0  # a wing rolls through 90° of bank demand in half a second or more
    onset_rad: Radians = 12 * RAD_PER_DEGREE
    caught_s: Seconds = (
        5.0  # flown on for so long afterwards with the error small, it had recovered
    )

    def find(self, flight: Flight) -> Iterator[Finding]:
        error = flight.lean_error
        if error is None:
            return
        aloft = flight.mask_under_way(error.t_us)
        hold_s = self.hold_wing_s if flight.has_wings else self.hold_s
        held = spans(
            error.t_us, aloft & (error.values > self.error_rad), hold_s=hold_s, bridge_s=0.3
        )
        if not held:
            return
        span = held[0]
        i = span.first
        while i > 0 and error.values[i - 1] > self.onset_rad:
            i -= 1
        worst = float(np.nanmax(error.values[span.first : span.last + 1]))
        caught = self._caught(flight, error, held[-1].end_us)
        yield self.finding(
            int(error.t_us[i]),
            held[-1].end_us,
            Severity.WARNING if caught else Severity.CRITICAL,
            [
                Evidence(
                    "error between demanded and obtained lean [rad]",
                    "attitude.roll",
                    span.start_us / 1e6,
                    worst,
                    self.error_rad,
                )
            ],
            detail="caught again" if caught else "",
        )

    def _caught(self, flight: Flight, error: Channel, since_us: int) -> bool:
        """Whether it flew on under control for long enough after the last loss, unhurt."""
        hard = [c.t_us for c in flight.contacts if c.stopped_by_ground and c.t_us > since_us]
        until_us = min([flight.landing_us or flight.end_us, *hard])
        after = error.between(since_us, until_us)
        calm = flight.mask_under_way(after.t_us) & (after.values < self.onset_rad)
        return bool(spans(after.t_us, calm, hold_s=self.caught_s, bridge_s=0.5, max_gap_s=1.0))
