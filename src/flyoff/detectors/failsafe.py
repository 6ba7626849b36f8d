"""A failsafe took over, as the autopilot itself reports it.

The autopilot's word that it acted: which subsystem, when, and what mode followed. The physical
reason is another detector's business (radio, battery, satellite navigation …).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from flyoff.detectors.base import Detector
from flyoff.model.event import EventKind
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.model.intent import break_offs


@dataclass(frozen=True, slots=True)
class Failsafe(Detector):
    """The autopilot reports that a failsafe is in force."""

    kind: ClassVar[Kind] = Kind.FAILSAFE

    def find(self, flight: Flight) -> Iterator[Finding]:
        acted = [b for b in break_offs(flight) if b.by == "failsafe"]
        seen: set[str] = set()
        for event in flight.events(EventKind.FAILSAFE):
            if event.text in seen or not flight.start_us <= event.t_us <= flight.end_us:
                continue
            if not flight.is_under_way(event.t_us):
                continue
            seen.add(event.text)
            evidence = [Evidence(f"autopilot: {event.text} failsafe", event.source, event.t_s)]
            after = [b for b in acted if abs(b.t_us - event.t_us) < 6_000_000]
            if after:
                change = after[0]
                says = f"mode {change.from_mode} → {change.to_mode} by failsafe"
                evidence.append(Evidence(says, "mode.number", change.t_us / 1e6))
            yield self.finding(
                event.t_us,
                flight.end_us,
                Severity.WARNING if after else Severity.INFO,
                evidence,
                detail=event.text,
            )
        for change in acted:
            if change.reason not in seen and not any(
                abs(change.t_us - e.t_us) < 6_000_000 for e in flight.events(EventKind.FAILSAFE)
            ):
                seen.add(change.reason)
                says = f"mode {change.from_mode} → {change.to_mode}, reason {change.reason}"
                yield self.finding(
                    change.t_us,
                    flight.end_us,
                    Severity.WARNING,
                    [Evidence(says, "mode.number", change.t_us / 1e6)],
                    detail=change.reason,
                )
