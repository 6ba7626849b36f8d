"""A wing flew slower than it can, and sank.

Airspeed below a share of the least speed that is set, with a sink rate that no glide has, held.
Wind is no matter: airspeed is what carries. Blind spot: no airspeed sensor, or one that lies (see
the airspeed fault).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from flyoff.detectors.base import WINGED_KINDS, Detector
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.model.span import spans
from flyoff.units import Metres, MetresPerSecond, Ratio, Seconds


@dataclass(frozen=True, slots=True)
class Stall(Detector):
    """Too slow to fly, and sinking."""

    kind: ClassVar[Kind] = Kind.STALL
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (("airspeed.indicated",),)
    vehicles: ClassVar[frozenset[str]] = WINGED_KINDS
    share: Ratio = 0.75  # of the least airspeed that is set, which keeps a margin over the stall
    default_min_ms: MetresPerSecond = 9.0  # ArduPilot AIRSPEED_MIN
    sink_ms: MetresPerSecond = 2.5
    hold_s: Seconds = 1.0
    clear_m: Metres = 3.0  # lower, it is a landing

    def find(self, flight: Flight) -> Iterator[Finding]:
        airspeed, climb, height = flight.get("airspeed.indicated"), flight.climb, flight.height
        if airspeed is None or climb is None or height is None:
            return
        t = airspeed.t_us
        least = flight.param("AIRSPEED_MIN", flight.param("ARSPD_FBW_MIN", self.default_min_ms))
        slow = airspeed.values < self.share * least
        sinking = np.nan_to_num(climb.interpolated(t)) < -self.sink_ms
        aloft = flight.mask_under_way(t) & (np.nan_to_num(height.interpolated(t)) > self.clear_m)
        hover = flight.get("vtol.is_hovering")
        if hover is not None:
            aloft &= np.nan_to_num(hover.at(t), nan=0.0) < 0.5
        for span in spans(t, aloft & slow & sinking, hold_s=self.hold_s, bridge_s=0.5):
            yield self.finding(
                span.start_us,
                span.end_us,
                Severity.WARNING,
                [
                    Evidence(
                        "airspeed [m/s]",
                        "airspeed.indicated",
                        span.start_us / 1e6,
                        float(airspeed.values[span.first : span.last + 1].min()),
                        self.share * least,
                    ),
                    Evidence(
                        "climb [m/s]",
                        "velocity.down",
                        span.end_us / 1e6,
                        float(climb.interpolated(np.array([span.end_us]))[0]),
                        -self.sink_ms,
                    ),
                ],
            )
            return
