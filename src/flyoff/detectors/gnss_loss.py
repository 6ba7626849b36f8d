"""The receiver had a fix when the vehicle set off, and then had none.

A receiver that never had a fix is no loss: the vehicle was never meant to use it. Loss is a fix
below 3-D, or silence of a receiver that spoke, for longer than a message or two, while under way. A
fix that comes and goes is left to ``gnss_jamming``. Channels: ``gnss.fix`` (every autopilot). Blind
spots: a log that keeps only a receiver's good messages, and whose logger pauses as well.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from flyoff.detectors.base import Detector, InsufficientData, NotApplicable
from flyoff.detectors.gnss_reception import FIX_3D, GnssReception, reception
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.model.middle import median
from flyoff.model.span import Span, spans
from flyoff.units import IntArray, Ratio, Seconds


@dataclass(frozen=True, slots=True)
class GnssLoss(Detector):
    """No 3-D fix for longer than the estimator can do without."""

    kind: ClassVar[Kind] = Kind.GNSS_LOSS
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (("gnss.fix",),)
    hold_s: Seconds = 1.0  # five messages at the usual 5 Hz; estimators coast over less
    serious_s: Seconds = 5.0  # PX4 EKF2_NOAID_TOUT, ArduPilot's position time-out: 5 … 7 s
    silence_s: Seconds = 2.0  # autopilots declare a silent receiver dead after 2 … 4 s
    silence_times: Ratio = 6.0  # and a slow logger writes at most every sixth message
    others_heard: Ratio = 0.75  # of the other sensors' messages; fewer, and the link was at fault

    def find(self, flight: Flight) -> Iterator[Finding]:
        received = flight.once(reception)
        if received is None:
            raise InsufficientData("too few messages of the receiver")
        if not received.had_fix_at_launch:
            raise NotApplicable("the receiver had no fix when the vehicle set off")
        for start_us, end_us in self._lost(flight, received):
            if any(e.start_us <= start_us <= e.end_us for e in received.erratic):
                continue
            lasted_s = (end_us - start_us) / 1e6
            severity = Severity.CRITICAL if lasted_s >= self.serious_s else Severity.WARNING
            at = int(np.searchsorted(received.t_us, start_us, side="right")) - 1
            evidence = [
                Evidence(
                    "no 3-D fix from here on"
                    if received.fix[max(at, 0)] < FIX_3D
                    else "the receiver falls silent here; its last fix",
                    "gnss.fix",
                    start_us / 1e6,
                    float(received.fix[max(at, 0)]),
                    float(FIX_3D),
                ),
                Evidence("seconds without a fix", "gnss.fix", end_us / 1e6, lasted_s, self.hold_s),
            ]
            yield self.finding(start_us, end_us, severity, evidence)

    def _lost(self, flight: Flight, received: GnssReception) -> list[tuple[int, int]]:
        inside = flight.mask_under_way(received.t_us)
        lost: list[Span] = spans(received.t_us, ~received.has_fix & inside, hold_s=self.hold_s)
        found = [(s.start_us, s.end_us) for s in lost]
        for silence in self._silent(flight, received.t_us):
            if not any(a <= silence[0] <= b for a, b in found):
                found.append(silence)
        return sorted(found)

    def _silent(self, flight: Flight, t_us: IntArray) -> list[tuple[int, int]]:
        """Silences of the receiver that are no silence of the logger."""
        usual_us = median(np.diff(t_us))
        limit_us = max(self.silence_s * 1e6, self.silence_times * usual_us)
        other = flight.get("attitude.roll") or flight.get("accel.x")
        landing_us = flight.landing_us
        if other is None or landing_us is None:
            return []
        inside = flight.mask_under_way(t_us)
        ends = np.append(t_us[1:], max(landing_us, int(t_us[-1])))
        found = []
        long = inside & (ends - t_us > limit_us)
        for a, b in zip(t_us[long], ends[long], strict=True):
            heard = other.between(int(a), int(b)).t_us
            # the logger paused, or the link dropped messages, if the others are missing as well
            due = (b - a) / median(np.diff(other.t_us))
            if len(heard) > 5 and len(heard) > self.others_heard * due:
                found.append((int(a + usual_us), int(b)))
        return found
