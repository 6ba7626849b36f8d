"""A parachute was released.

The autopilot says so by text or event. What made it necessary is another finding; the descent under
the canopy shows in the climb rate.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from flyoff.detectors.base import Detector
from flyoff.model.event import EventKind
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight

_WORDS = ("parachute: released", "parachute released", "parachute deployed", "chute deployed")


@dataclass(frozen=True, slots=True)
class ParachuteRelease(Detector):
    """The autopilot reports that it released the parachute."""

    kind: ClassVar[Kind] = Kind.PARACHUTE_RELEASE

    def find(self, flight: Flight) -> Iterator[Finding]:
        for event in flight.events(EventKind.TEXT, EventKind.OTHER, EventKind.FAILSAFE):
            if any(word in event.text.lower() for word in _WORDS):
                evidence = [Evidence(f"autopilot: “{event.text.strip()}”", "text", event.t_s)]
                height = flight.height
                if height is not None:
                    at = height.between(event.t_us - 500_000, event.t_us + 500_000)
                    if len(at):
                        evidence.append(
                            Evidence(
                                "height at release", height.source, event.t_s, float(at.values[0])
                            )
                        )
                yield self.finding(event.t_us, event.t_us, Severity.CRITICAL, evidence)
                return
