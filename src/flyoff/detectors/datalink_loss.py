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
        if age is not None:
            silent = flight.mask_under_way(age.t_us) & (age.values > self.silent_s)
            heard = age.values[age.t_us <= (flight.takeoff_us or flight.start_us)]
            if heard.size and heard.min() < self.silent_s:
                for span in spans(age.t_us, silent):
                    onset = span.start_us - int(age.values[span.first] * 1e6)
                    says = "no heartbeat of the ground station"
                    seen = Evidence(
                        says,
                        "link.gcs_age",
                        span.start_us / 1e6,
                        float(age.values[span.first : span.last + 1].max()),
                        self.silent_s,
                    )
                    yield self.finding(onset, span.end_us, self._grade(evidence), [seen, *evidence])
                    return
        if lost is not None and not reported:
            t = lost.t_us
            before = lost.values[t <= (flight.takeoff_us or flight.start_us)]
            if before.size and (before < 0.5).any():
                for span in spans(t, flight.mask_under_way(t) & (lost.values > 0.5), hold_s=0.5):
                    seen = Evidence(
                        "ground station not heard", "link.is_lost", span.start_us / 1e6, 1.0, 0.5
                    )
                    yield self.finding(
                        self._began(flight, span.start_us), span.end_us, Severity.INFO, [seen]
                    )
                    return
        if reported:
            onset = self._began(flight, reported[0].t_us)
            yield self.finding(onset, flight.end_us, Severity.WARNING, evidence)

    def _grade(self, evidence: list[Evidence]) -> Severity:
        return Severity.WARNING if evidence else Severity.INFO

    def _began(self, flight: Flight, t_us: int) -> int:
        timeout = flight.param(
            "COM_DL_LOSS_T", flight.param("FS_GCS_TIMEOUT", self.default_timeout_s)
        )
        return max(t_us - int(timeout * 1e6), flight.start_us)
