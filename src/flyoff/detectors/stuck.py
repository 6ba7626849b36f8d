"""A boat or rover is told to move and does not.

Nearly full drive is demanded, the speed stays far below what is asked, and it does not grow: the
vehicle is held, or its drive turns without effect. The start from rest shows the same for a second
or two, so it has to last. Blind spot: a drive that is dead while no speed is asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from flyoff.detectors.base import SURFACE_KINDS, Detector
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.model.span import spans
from flyoff.units import MetresPerSecond, Ratio, Seconds


@dataclass(frozen=True, slots=True)
class Stuck(Detector):
    """Full drive and no way on."""

    kind: ClassVar[Kind] = Kind.STUCK
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (("throttle.demand", "velocity.north"),)
    vehicles: ClassVar[frozenset[str]] = SURFACE_KINDS
    needs_under_way: ClassVar[bool] = False
    drive: Ratio = 0.75  # beyond what holding a speed takes, below saturation
    share: Ratio = 0.5  # of the speed that is asked for
    floor_ms: MetresPerSecond = 0.7  # where the log does not say what speed is asked
    hold_s: Seconds = 4.0  # a start from rest takes a second or two
    rise_s: Seconds = 1.5  # the speed controller's integrator needs this to call for full drive

    def find(self, flight: Flight) -> Iterator[Finding]:
        drive, speed = flight.get("throttle.demand"), flight.speed
        if drive is None or speed is None or not flight.is_armed:
            return
        t = drive.t_us
        wanted = flight.get("nav.speed_demand")
        limit = np.full(t.shape, self.floor_ms)
        if wanted is not None:
            limit = self.share * np.abs(np.nan_to_num(wanted.at(t)))
        slow = np.nan_to_num(speed.interpolated(t), nan=np.inf) < limit
        inside = (t >= flight.start_us) & (t <= flight.end_us)
        full = np.abs(np.nan_to_num(drive.values)) > self.drive
        for span in spans(t, inside & full & slow, hold_s=self.hold_s, bridge_s=0.5):
            first, last = speed.interpolated(np.array([span.start_us, span.end_us]))
            if last > first + 0.3:
                continue  # it gathers way
            yield self.finding(
                max(span.start_us - int(self.rise_s * 1e6), flight.start_us),
                span.end_us,
                Severity.CRITICAL,
                [
                    Evidence(
                        "drive demanded",
                        "throttle.demand",
                        span.start_us / 1e6,
                        float(np.abs(drive.values[span.first : span.last + 1]).max()),
                        self.drive,
                    ),
                    Evidence(
                        "speed over ground [m/s]",
                        "velocity.north",
                        span.end_us / 1e6,
                        float(last),
                        float(limit[span.last]),
                    ),
                ],
            )
            return
