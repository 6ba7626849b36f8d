"""The link to the ground station was lost.

A ground station sends a heartbeat every second; its absence is the loss. The autopilot reports it
after a time-out (PX4 COM_DL_LOSS_T 10 s, ArduPilot FS_GCS_TIMEOUT 5 s), so the onset is the last
heartbeat where the log shows it, else the report less the time-out. Silence of a telemetry log is
not a loss by itself: only the vehicle knows whether it heard.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from flyoff.detectors.base import Detector, InsufficientData
from flyoff.model.channel import Channel
from flyoff.model.event import EventKind
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.model.span import spans
from flyoff.units import Seconds


@dataclass(frozen=True, slots=True)
class DatalinkLoss(Detector):
    """No heartbeat of the ground station for longer than the autopilot tolerates."""

    kind: ClassVar[Kind] = Kind.DATALINK_LOSS
    silent_s: Seconds = 4.0  # four missed heartbeats; a station sends one a second
    default_timeout_s: Seconds = 5.0  # ArduPilot FS_GCS_TIMEOUT

    def find(self, flight: Flight) -> Iterator[Finding]:
        reported = [
            e
            for e in flight.events(EventKind.FAILSAFE)
            if e.text == "gcs" and flight.is_under_way(e.t_us)
        ]
        age, lost = flight.get("link.gcs_age"), flight.get("link.is_lost")
        if age is None and lost is None and not reported:
            raise InsufficientData("the log does not say when the ground station was heard")
        evidence = [
            Evidence("autopilot: ground station lost", e.source, e.t_s) for e in reported[:1]
        ]
        found = self._by_age(flight, age, evidence) if age is not None else None
        if found is None and lost is not None and not reported:
            found = self._by_flag(flight, lost)
        if found is None and reported:
            onset = self._began(flight, reported[0].t_us)
            found = self.finding(onset, flight.end_us, Severity.WARNING, evidence)
        if found is not None:
            yield found

    def _by_age(self, flight: Flight, age: Channel, reports: list[Evidence]) -> Finding | None:
        """The first silence, if the station had been heard before."""
        heard = age.values[age.t_us <= (flight.takeoff_us or flight.start_us)]
        if not heard.size or not heard.min() < self.silent_s:
            return None
        silent = spans(age.t_us, flight.mask_under_way(age.t_us) & (age.values > self.silent_s))
        if not silent:
            return None
        span = silent[0]
        longest = float(age.values[span.first : span.last + 1].max())
        says, at_s = "no heartbeat of the ground station", span.start_us / 1e6
        return self.finding(
            span.start_us - int(age.values[span.first] * 1e6),
            span.end_us,
            Severity.WARNING if reports else Severity.INFO,
            [Evidence(says, "link.gcs_age", at_s, longest, self.silent_s), *reports],
        )

    def _by_flag(self, flight: Flight, lost: Channel) -> Finding | None:
        """The first time the vehicle said that it does not hear the station, if it ever did."""
        t = lost.t_us
        before = lost.values[t <= (flight.takeoff_us or flight.start_us)]
        deaf = spans(t, flight.mask_under_way(t) & (lost.values > 0.5), hold_s=0.5)
        if not (before < 0.5).any() or not deaf:
            return None
        at_us = deaf[0].start_us
        seen = Evidence("ground station not heard", "link.is_lost", at_us / 1e6, 1.0, 0.5)
        return self.finding(self._began(flight, at_us), deaf[0].end_us, Severity.INFO, [seen])

    def _began(self, flight: Flight, t_us: int) -> int:
        timeout = flight.param(
            "COM_DL_LOSS_T", flight.param("FS_GCS_TIMEOUT", self.default_timeout_s)
        )
        return max(t_us - int(timeout * 1e6), flight.start_us)
