"""The autopilot's own estimate of where it is and how it moves broke down.

An estimator compares what its sensors say with what it expected; a ratio of 1 means that the
measurement is thrown away. One thrown away now and then is noise, seconds of it are a filter that
believes itself against its sensors. Numerical faults and the autopilot's own estimator failsafe say
it outright. Often the estimator is right and a sensor wrong: then the sensor's own finding explains
this one. And the climb that it believes, or that the controller goes by, must be what the air
pressure shows: over three seconds the two agree to half a metre a second on sound flights, and to
one in a tumble. Channels: ``estimator.ratio_velocity/position/height``, ``estimator.fault_flags``,
``velocity.down`` and ``nav.climb_rate`` against ``baro.height``, events. Blind spots: an estimator
that follows a consistent lie over ground (``gnss_spoofing``) is content.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from flyoff.detectors.base import Detector, InsufficientData
from flyoff.detectors.windows import change, integral
from flyoff.model.event import EventKind
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.model.span import spans
from flyoff.units import Metres, MetresPerSecond, Ratio, Seconds

_OWN = ("ratio_velocity", "ratio_position", "ratio_height", "fault_flags")


@dataclass(frozen=True, slots=True)
class EstimatorFailure(Detector):
    """Measurements rejected for seconds, a numerical fault, or the estimator's failsafe."""

    kind: ClassVar[Kind] = Kind.ESTIMATOR_FAILURE
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("estimator.ratio_velocity",),
        ("estimator.ratio_position",),
        ("estimator.ratio_height",),
        ("estimator.fault_flags",),
        ("velocity.down", "baro.height"),
        ("nav.climb_rate", "baro.height"),
    )
    ratio: Ratio = 1.0  # rejection, by definition in both autopilots
    hold_s: Seconds = 2.0  # shorter ones are outliers, which the filter is there to refuse
    serious_s: Seconds = 15.0  # both autopilots reset to the sensor after 7 … 10 s of refusing it
    fault_s: Seconds = 0.5
    climb_ms: MetresPerSecond = 2.0  # twice the worst of flights that ended without such a fault
    climb_s: Seconds = 3.0  # a gust on the static port, or the ground effect, is shorter
    aloft_m: Metres = 2.0  # by the pressure, that it flies at all
    settle_s: Seconds = 1.0  # touching down and lifting off shake every filter

    def find(self, flight: Flight) -> Iterator[Finding]:
        found = [*self._failsafe(flight), *self._rejected(flight), *self._faulty(flight)]
        found += self._against_pressure(flight)
        if not found and not any(flight.get(f"estimator.{own}") for own in _OWN):
            raise InsufficientData("no innovation ratio and no fault flag of the estimator's own")
        if found:
            yield min(found, key=lambda f: (f.severity is not Severity.CRITICAL, f.onset_s))

    def _failsafe(self, flight: Flight) -> Iterator[Finding]:
        events = flight.events(EventKind.FAILSAFE, EventKind.ERROR)
        for event in events:
            if event.text == "ekf" and flight.is_under_way(event.t_us):
                says = "the autopilot reports its estimator as failed"
                evidence = [Evidence(says, event.source or None, event.t_s, event.value)]
                severity = Severity.CRITICAL
                if event.kind is EventKind.ERROR:
                    severity = Severity.WARNING
                yield self.finding(event.t_us, event.t_us, severity, evidence)
                return

    def _rejected(self, flight: Flight) -> Iterator[Finding]:
        for what in ("velocity", "position", "height"):
            channel = flight.get(f"estimator.ratio_{what}")
            if channel is None:
                continue
            over = (channel.values >= self.ratio) & flight.mask_under_way(
                channel.t_us, shrink_s=self.settle_s
            )
            for span in spans(channel.t_us, over, hold_s=self.hold_s, bridge_s=0.3)[:1]:
                window = slice(span.first, span.last + 1)
                worst = span.first + int(np.nanargmax(channel.values[window]))
                serious = span.duration_s >= self.serious_s
                severity = Severity.CRITICAL if serious else Severity.WARNING
                says = f"{what} measurements rejected for {span.duration_s:.1f} s"
                at_s, seen = float(channel.t_us[worst] / 1e6), float(channel.values[worst])
                evidence = [Evidence(says, channel.name, at_s, seen, self.ratio)]
                yield self.finding(span.start_us, span.end_us, severity, evidence)

    def _faulty(self, flight: Flight) -> Iterator[Finding]:
        flags = flight.get("estimator.fault_flags")
        if flags is None:
            return
        before = flags.values[flags.t_us <= (flight.takeoff_us or flight.start_us)]
        usual = float(np.nanmax(before)) if np.isfinite(before).any() else 0.0
        inside = flight.mask_under_way(flags.t_us, shrink_s=self.settle_s)
        for span in spans(flags.t_us, (flags.values > usual) & inside, hold_s=self.fault_s)[:1]:
            seen = float(flags.values[span.first])
            evidence = [
                Evidence("numerical fault bits", flags.name, span.start_us / 1e6, seen, usual)
            ]
            yield self.finding(span.start_us, span.end_us, Severity.WARNING, evidence)

    def _against_pressure(self, flight: Flight) -> Iterator[Finding]:
        """The climb believed, and the one that the controller goes by, against the pressure's."""
        baro = flight.baro_height
        if baro is None or not baro.rate_hz >= 2.0:
            return
        t = baro.t_us
        shown = change(t, baro.values, self.climb_s)
        # what lies on the ground may believe what it likes
        inside = flight.mask_under_way(t, shrink_s=self.climb_s) & (baro.values > self.aloft_m)
        for name, up in (("nav.climb_rate", 1.0), ("velocity.down", -1.0)):
            climb = flight.get(name)
            if climb is None or not climb.rate_hz >= 2.0:
                continue
            believed = np.interp(t, climb.t_us, integral(climb.t_us, up * climb.values))
            apart = np.abs(shown - change(t, believed, self.climb_s)) / self.climb_s
            over = inside & (np.nan_to_num(apart) > self.climb_ms)
            for span in spans(t, over, hold_s=self.climb_s, max_gap_s=1.0)[:1]:
                worst = span.first + int(np.argmax(apart[span.first : span.last + 1]))
                seen, at_s = float(apart[worst]), float(t[worst] / 1e6)
                says = f"climb believed and that of the pressure apart, over {self.climb_s:.0f} s"
                evidence = [Evidence(f"{says} [m/s]", name, at_s, seen, self.climb_ms)]
                severity = Severity.CRITICAL if seen > 2 * self.climb_ms else Severity.WARNING
                # it filled that part of the window when it passed the limit
                onset_us = span.start_us - int(self.climb_s * self.climb_ms / seen * 1e6)
                yield self.finding(onset_us, span.end_us, severity, evidence)
