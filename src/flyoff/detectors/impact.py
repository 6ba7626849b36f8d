"""The vehicle hit the ground or an object.

The ground stops a descent within a few hundredths of a second; thrust needs more. The finding is a
contact whose energy, from descent and horizontal speed together, does damage, or one that met the
ground tilted. Source of the limits: a drop from 0.8 m reaches 4 m/s, beyond what landing gears of
small vehicles are made for. Blind spot: mid-air hits that do not end the flight.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from flyoff.detectors.base import FLYING_KINDS, Detector, InsufficientData
from flyoff.model.contact import Contact
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.model.span import spans
from flyoff.units import RAD_PER_DEGREE, MetresPerSecond, MetresPerSecond2, Radians, Seconds


def is_violent(contact: Contact, flight: Flight) -> bool:
    """Whether a contact was a crash: too fast, too tilted, or sliding where it should stand."""
    return Impact().violent(contact, flight)


@dataclass(frozen=True, slots=True)
class Impact(Detector):
    """A contact with the ground that does damage."""

    kind: ClassVar[Kind] = Kind.IMPACT
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("velocity.down",),
        ("position.down",),
        ("position.height",),
        ("baro.height",),
    )
    vehicles: ClassVar[frozenset[str]] = FLYING_KINDS
    descent_ms: MetresPerSecond = 4.0  # free fall from 0.8 m
    descent_wing_ms: MetresPerSecond = 4.5
    sideways_ms: MetresPerSecond = 4.5  # a multirotor should stand when it lands
    tilt_rad: Radians = 45 * RAD_PER_DEGREE
    blow_ms2: MetresPerSecond2 = 30.0  # three g: more than any landing gear gives
    flew_on_s: Seconds = 15.0  # motors may go on turning on the ground until somebody disarms
    flew_on_ms: MetresPerSecond = 3.0  # at that speed for three seconds, it flies
    tilt_wing_rad: Radians = 40 * RAD_PER_DEGREE

    def violent(self, contact: Contact, flight: Flight) -> bool:
        """Whether a contact passes one of the limits for this kind of vehicle."""
        wing = flight.vehicle.kind == "fixed_wing"
        fast = contact.descent > (self.descent_wing_ms if wing else self.descent_ms)
        if fast and (
            flight.has("velocity.down") or flight.has_fused_height or self._felt(contact, flight)
        ):
            return True
        tilt = contact.tilt if math.isfinite(contact.tilt) else 0.0
        if tilt > (self.tilt_wing_rad if wing else self.tilt_rad):
            return True
        return not flight.has_wings and contact.speed > self.sideways_ms

    def _felt(self, contact: Contact, flight: Flight) -> bool:
        """A vertical speed differenced from a raw height needs the blow itself."""
        force = flight.specific_force
        if force is None:
            return False
        before = force.between(flight.takeoff_us or flight.start_us, contact.t_us - 1_000_000)
        blow = force.between(contact.t_us - 500_000, contact.t_us + 500_000)
        if len(before) < 50 or not len(blow):
            return False
        usual = float(np.nanquantile(before.values, 0.999))
        return float(np.nanmax(blow.values)) > max(self.blow_ms2, 1.3 * usual)

    def find(self, flight: Flight) -> Iterator[Finding]:
        if not flight.contacts and not flight.ends_under_way:
            raise InsufficientData("no descent to the ground can be seen")
        for contact in flight.contacts:
            if self.violent(contact, flight) and not self._flew_on(contact, flight):
                yield self.finding(
                    contact.t_us, contact.t_us, Severity.CRITICAL, self._evidence(contact, flight)
                )
                return

    def _flew_on(self, contact: Contact, flight: Flight) -> bool:
        """What flies on after a bump, fast or for long, has not crashed."""
        end_us = flight.landing_us if flight.landing_us is not None else flight.end_us
        if end_us - contact.t_us > self.flew_on_s * 1e6:
            return True
        speed = flight.trusted_speed
        if speed is None or end_us - contact.t_us < 5_000_000:
            return False
        after = speed.between(contact.t_us + 2_000_000, end_us)
        fast = np.nan_to_num(after.values) > self.flew_on_ms
        return bool(spans(after.t_us, fast, hold_s=3.0, bridge_s=0.3))

    def _evidence(self, contact: Contact, flight: Flight) -> list[Evidence]:
        wing = flight.vehicle.kind == "fixed_wing"
        at = contact.t_us / 1e6
        limit = self.descent_wing_ms if wing else self.descent_ms
        evidence = [
            Evidence("descent just before contact", "velocity.down", at, contact.descent, limit)
        ]
        if math.isfinite(contact.tilt):
            limit = self.tilt_wing_rad if wing else self.tilt_rad
            evidence.append(
                Evidence("tilt just before contact [rad]", "attitude.roll", at, contact.tilt, limit)
            )
        if math.isfinite(contact.speed):
            evidence.append(
                Evidence(
                    "horizontal speed at contact",
                    "velocity.north",
                    at,
                    contact.speed,
                    None if flight.has_wings else self.sideways_ms,
                )
            )
        # what passed its limit is told first: it is why the contact counts as an impact
        return sorted(evidence, key=lambda e: e.limit is None or (e.value or 0.0) <= e.limit)
