"""Arming was asked for and refused: the sortie never began, and often only this tells why.

The autopilot answers a request to arm that it will not grant with a text ("Arm: …" in ArduPilot,
"Arming denied …" in PX4). The checks that it repeats by itself while it waits ("PreArm: …") are no
answer to a request and raise nothing. Blind spot: firmware that refuses without a word.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from flyoff.detectors.base import Detector, NotApplicable
from flyoff.model.event import EventKind
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.model.intent import is_refusal


@dataclass(frozen=True, slots=True)
class ArmingRefused(Detector):
    """A request to arm that the autopilot did not grant."""

    kind: ClassVar[Kind] = Kind.ARMING_REFUSED
    needs_under_way: ClassVar[bool] = False

    def find(self, flight: Flight) -> Iterator[Finding]:
        if flight.is_armed:
            raise NotApplicable("the vehicle armed")
        refused = [e for e in flight.events(EventKind.TEXT) if is_refusal(e.text)]
        if not refused:
            return
        reasons = list(dict.fromkeys(e.text.strip() for e in refused))
        yield self.finding(
            refused[0].t_us,
            refused[-1].t_us,
            Severity.CRITICAL,
            [
                Evidence(f"autopilot: “{text}”", "text", refused[0].t_s, float(len(refused)))
                for text in reasons[:4]
            ],
            detail=reasons[0],
        )
