"""The operator broke off: left the mission by hand, or armed and disarmed without flying.

Read from the mode changes and their reasons: a person's command out of a mission mode while under
way, with no failsafe in force, ends a mission by will. On the ground the sign is arming without any
demand of thrust, followed by disarming. Blind spot: an operator who flies by hand all along has no
mission to break off; what was in that person's mind is not in the log.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from flyoff.detectors.base import Detector, InsufficientData
from flyoff.model.event import EventKind
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.model.intent import break_offs, mission_is_done, told_to_fly


@dataclass(frozen=True, slots=True)
class OperatorAbort(Detector):
    """A person ended the attempt although the vehicle did not have to."""

    kind: ClassVar[Kind] = Kind.OPERATOR_ABORT
    needs_under_way: ClassVar[bool] = False

    def find(self, flight: Flight) -> Iterator[Finding]:
        if not flight.is_armed:
            return
        if not flight.under_way:
            yield from self._on_ground(flight)
            return
        if not flight.recording.timeline(EventKind.MODE)[0]:
            raise InsufficientData("the log reports no mode changes")
        first = next(iter(break_offs(flight)), None)
        if first is None or first.by != "operator" or mission_is_done(flight, first.t_us):
            return
        says = f"operator changed mode {first.from_mode} → {first.to_mode}"
        yield self.finding(
            first.t_us,
            flight.end_us,
            Severity.INFO,
            [Evidence(says, "mode.number", first.t_us / 1e6)],
            detail=first.to_mode,
        )

    def _on_ground(self, flight: Flight) -> Iterator[Finding]:
        if flight.ends_armed or told_to_fly(flight) is not None:
            return
        yield self.finding(
            flight.start_us,
            flight.end_us,
            Severity.INFO,
            [
                Evidence("armed, and never told to fly", "arm.is_armed", flight.start_us / 1e6),
                Evidence("disarmed on the ground", "arm.is_armed", flight.end_us / 1e6),
            ],
            detail="before launch",
        )
