"""A landing under control, but harder than it should be.

Same physics as an impact, below its limits: the descent just before contact is faster than a
landing gear likes, the vehicle level and not sliding.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from flyoff.detectors.base import FLYING_KINDS, Detector, InsufficientData
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.units import RAD_PER_DEGREE, MetresPerSecond, Radians


@dataclass(frozen=True, slots=True)
class HardLanding(Detector):
    """The descent at the touchdown exceeded what a landing should have."""

    kind: ClassVar[Kind] = Kind.HARD_LANDING
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (("velocity.down",), ("position.down",))
    vehicles: ClassVar[frozenset[str]] = FLYING_KINDS
    # firmware lands at 0.5 … 0.7 m/s (LAND_SPEED, MPC_LAND_SPEED); 2 m/s is a drop from 0.2 m
    descent_ms: MetresPerSecond = 2.2
    descent_wing_ms: MetresPerSecond = 3.2  # fixed-wing gear and belly skids, TECS_LAND_SINK 0.25
    serious_ms: MetresPerSecond = 3.0
    fall_ms: MetresPerSecond = 6.0  # faster, or leaning far, it was no landing but a fall
    fall_tilt_rad: Radians = 45 * RAD_PER_DEGREE

    def find(self, flight: Flight) -> Iterator[Finding]:
        if flight.ends_under_way and not flight.contacts:
            raise InsufficientData("the log ends in the air")
        limit = self.descent_wing_ms if flight.vehicle.kind == "fixed_wing" else self.descent_ms
        hard = [
            c
            for c in flight.contacts
            if limit < c.descent < self.fall_ms and not c.tilt > self.fall_tilt_rad
        ]
        if not hard:
            return
        worst = max(hard, key=lambda c: c.descent)
        severity = Severity.WARNING if worst.descent > self.serious_ms else Severity.INFO
        yield self.finding(
            worst.t_us,
            worst.t_us,
            severity,
            [
                Evidence(
                    "descent just before contact",
                    "velocity.down",
                    worst.t_us / 1e6,
                    worst.descent,
                    limit,
                )
            ],
        )
