"""A boat or rover is told to turn and does not.

Turn rate demanded against turn rate obtained, while it moves fast enough for a rudder to bite. A
healthy vehicle follows within a second; here the demand grows and nothing comes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from flyoff.detectors.base import SURFACE_KINDS, Detector
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.model.span import spans
from flyoff.units import MetresPerSecond, RadiansPerSecond, Ratio, Seconds


@dataclass(frozen=True, slots=True)
class SteeringFailure(Detector):
    """A demanded turn that does not come."""

    kind: ClassVar[Kind] = Kind.STEERING_FAILURE
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("steering.turn_rate_demand", "steering.turn_rate"),
    )
    vehicles: ClassVar[frozenset[str]] = SURFACE_KINDS
    demand_rads: RadiansPerSecond = 0.15  # a third of a usual waypoint turn
    share: Ratio = 0.3  # obtained, of the demanded
    moving_ms: MetresPerSecond = 0.6  # slower, a rudder has no power
    hold_s: Seconds = 2.5  # beyond the lag of any steering gear
    noise_rads: RadiansPerSecond = 0.06

    def find(self, flight: Flight) -> Iterator[Finding]:
        wanted, got = flight.get("steering.turn_rate_demand"), flight.get("steering.turn_rate")
        speed = flight.speed
        if wanted is None or got is None:
            return
        t = wanted.t_us
        demand = np.nan_to_num(wanted.values)
        obtained = np.nan_to_num(got.interpolated(t)) * np.sign(demand)
        moving = flight.mask_under_way(t)
        if speed is not None:
            moving &= np.nan_to_num(speed.interpolated(t)) > self.moving_ms
        missing = np.abs(demand) * self.share > obtained
        held = spans(
            t,
            moving & (np.abs(demand) > self.demand_rads) & missing,
            hold_s=self.hold_s,
            bridge_s=0.3,
        )
        if not held:
            return
        span = held[0]
        i = span.first
        while i > 0 and abs(demand[i - 1]) > self.noise_rads and missing[i - 1]:
            i -= 1
        worst = span.first + int(np.argmax(np.abs(demand[span.first : span.last + 1])))
        asked, came, at_s = float(demand[worst]), float(obtained[worst]), t[worst] / 1e6
        least = abs(asked) * self.share
        yield self.finding(
            int(t[i]),
            held[-1].end_us,
            Severity.CRITICAL,
            [
                Evidence("turn rate demanded [rad/s]", wanted.name, at_s, asked, self.demand_rads),
                Evidence("turn rate obtained [rad/s]", got.name, at_s, came, least),
            ],
        )
