"""A wing was launched without the speed to fly.

Thrown or catapulted, a wing has to leave with about its stall speed and an engine that adds to it.
Here it moved, was told to fly, and never reached flying speed long enough to climb. Channels: speed
(air or ground), height, mode. Blind spot: a launch against strong wind with neither sensor.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from flyoff.detectors.base import Detector, InsufficientData
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.model.intent import told_to_fly
from flyoff.units import Metres, MetresPerSecond, Seconds


@dataclass(frozen=True, slots=True)
class LaunchEnergyLow(Detector):
    """Moved, told to fly, and never had the energy to climb."""

    kind: ClassVar[Kind] = Kind.LAUNCH_ENERGY_LOW
    vehicles: ClassVar[frozenset[str]] = frozenset({"fixed_wing"})
    needs_under_way: ClassVar[bool] = False
    climbed_m: Metres = 8.0
    pushed_ms: MetresPerSecond = 2.5  # faster than a hand-held wing is moved about
    default_min_ms: MetresPerSecond = 9.0  # ArduPilot AIRSPEED_MIN
    long_s: Seconds = 3.0

    def find(self, flight: Flight) -> Iterator[Finding]:
        height, speed = flight.height, flight.speed
        if not flight.is_armed or told_to_fly(flight) is None:
            return
        if height is None or speed is None:
            raise InsufficientData("no height or no speed")
        if float(np.nanmax(height.between(flight.start_us, flight.end_us).values)) > self.climbed_m:
            return
        part = speed.between(flight.start_us, flight.end_us)
        moved = np.flatnonzero(part.values > self.pushed_ms)
        if not moved.size:
            return
        least = flight.param("AIRSPEED_MIN", flight.param("ARSPD_FBW_MIN", self.default_min_ms))
        peak = float(np.nanmax(part.values))
        fast_s = float((part.values > least).sum() / max(part.rate_hz, 1e-6))
        yield self.finding(
            int(part.t_us[moved[0]]),
            flight.end_us,
            Severity.CRITICAL,
            [
                Evidence(
                    "greatest speed over ground [m/s]",
                    "velocity.north",
                    part.t_us[int(np.nanargmax(part.values))] / 1e6,
                    peak,
                    least,
                ),
                Evidence("seconds at flying speed", "velocity.north", None, fast_s, self.long_s),
            ],
        )
