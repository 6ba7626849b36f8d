"""The operator's radio link was lost.

The receiver says so (a failsafe flag, no valid frames), or the autopilot acts on it. The onset is
the first instant without valid input, not the failsafe that waited for it. A vehicle that flies a
mission by telemetry and never had a transmitter has not lost one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from flyoff.detectors.base import Detector, InsufficientData
from flyoff.model.event import Event, EventKind
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.model.span import spans
from flyoff.units import Seconds


@dataclass(frozen=True, slots=True)
class RcLoss(Detector):
    """No valid input from the operator for longer than a flicker."""

    kind: ClassVar[Kind] = Kind.RC_LOSS
    hold_s: Seconds = 0.5  # PX4 COM_RC_LOSS_T and ArduPilot RC_FS_TIMEOUT start at 0.5 … 1 s
    look_back_s: Seconds = 3.0  # the longest default time-out between the loss and the failsafe

    def find(self, flight: Flight) -> Iterator[Finding]:
        reported = [e for e in flight.events(EventKind.FAILSAFE) if e.text == "radio"]
        reported = [e for e in reported if flight.start_us <= e.t_us <= flight.end_us]
        lost = flight.get("rc.is_lost")
        if lost is None and not reported and not flight.instances("rc.channel"):
            raise InsufficientData("no radio input and no failsafe report in the log")
        silent = []
        if lost is not None:
            t = lost.t_us
            had_link = bool((lost.values[t <= (flight.takeoff_us or flight.start_us)] < 0.5).any())
            inside = (t >= flight.start_us) & flight.mask_under_way(t)
            if had_link:
                silent = spans(t, inside & (lost.values > 0.5), hold_s=self.hold_s)
        for span in silent:
            evidence = [
                Evidence(
                    "no valid input from the operator", "rc.is_lost", span.start_us / 1e6, 1.0, 0.5
                )
            ]
            near = [e for e in reported if abs(e.t_us - span.start_us) < 10_000_000]
            evidence += self._reports(near)
            severity = Severity.WARNING if near else Severity.INFO
            yield self.finding(span.start_us, span.end_us, severity, evidence)
        for event, until_us in self._lasting(flight, reported) if not silent else ():
            evidence = self._reports([event])
            yield self.finding(self._onset(flight, event), until_us, Severity.WARNING, evidence)
            return

    def _lasting(self, flight: Flight, reported: list[Event]) -> Iterator[tuple[Event, int]]:
        """Reports that were not taken back at once, or before it got under way; with their ends."""
        cleared = [e for e in flight.events(EventKind.FAILSAFE_CLEARED) if e.text == "radio"]
        for event in reported:
            over_us = min((e.t_us for e in cleared if e.t_us >= event.t_us), default=flight.end_us)
            flew = flight.takeoff_us is None or over_us > flight.takeoff_us
            if flew and over_us - event.t_us >= self.hold_s * 1e6:
                yield event, over_us

    def _reports(self, events: list[Event]) -> list[Evidence]:
        return [Evidence("autopilot: radio failsafe", e.source, e.t_s) for e in events[:1]]

    def _onset(self, flight: Flight, event: Event) -> int:
        """Walk back to where the throttle input left its range or the inputs froze."""
        inputs = flight.instances("rc.channel")
        throttle = inputs.get(3)
        if throttle is None:
            return event.t_us
        part = throttle.between(event.t_us - int(self.look_back_s * 1e6), event.t_us)
        if len(part) < 3:
            return event.t_us
        low = part.values < flight.param("FS_THR_VALUE", flight.param("THR_FS_VALUE", 950.0))
        held = spans(part.t_us, low)
        if held and held[-1].last == len(part) - 1:
            return held[-1].start_us
        return event.t_us
