"""The position was pulled away gently, while the quality of the reception looked fine.

See ``gnss_motion``. A spoofer that walks the position off slowly enough for the estimator to follow
leaves innovations small and satellites plenty, but the positions no longer advance as the
receiver's own Doppler velocity says: the remainder is a ramp. On sound flights, real and simulated,
it stays within 2 m over ten seconds and 4 m over two minutes; a pull of half a metre a second
passes any of that within ten. Jumps are taken out first (``gnss_glitch``). A receiver's own
spoofing state and the log's own words are heard as well. Channels: ``gnss.lat``, ``gnss.lon``,
``gnss.speed``, ``gnss.course``. Blind spots: a spoofer that shifts Doppler and position alike and
moves off slower than the inertial sensors can tell (about 0.5 m/s²).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from flyoff.detectors.base import Detector, InsufficientData
from flyoff.detectors.gnss_motion import (
    JUMP_ACCURACIES,
    JUMP_M,
    GnssMotion,
    gnss_motion,
    offset_evidence,
)
from flyoff.detectors.windows import change, integral, kink
from flyoff.model.event import EventKind
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.model.span import spans
from flyoff.units import FloatArray, Metres, Ratio, Seconds

#: What a log says when its own machinery noticed, or was told of, a false position.
_SAID = re.compile(r"\b(gps|gnss)\b.*\b(attack|spoof\w*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class GnssSpoofing(Detector):
    """A ramp between position and integrated Doppler velocity."""

    kind: ClassVar[Kind] = Kind.GNSS_SPOOFING
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("gnss.lat", "gnss.lon", "gnss.speed", "gnss.course", "gnss.fix"),
    )
    window_s: Seconds = 20.0
    pulled_m: Metres = 4.5  # twice what the worst sound flight shows over the window
    accuracies: Ratio = 1.0  # plus what the receiver itself states as its error
    # receivers round speed and course, and filter both: two per cent of the way flown in the window
    of_way: Ratio = 0.02
    serious_m: Metres = 10.0
    state: float = 2.0  # u-blox spoofDetState: 2 indicated, 3 multiple indications
    hold_s: Seconds = 1.0
    before_s: Seconds = 15.0  # how much of the time before the ramp the bend is looked for in

    def find(self, flight: Flight) -> Iterator[Finding]:
        yield from self._said(flight)
        yield from self._reported(flight)
        motion = flight.once(gnss_motion)
        if motion is None:
            raise InsufficientData("too few sound fixes, or a clock at another rate than theirs")
        north, east = self._without_jumps(motion)
        pulled = np.hypot(
            change(motion.t_us, north, self.window_s), change(motion.t_us, east, self.window_s)
        )
        limit = self.pulled_m + self.accuracies * motion.accuracy_m + self._way(flight, motion)
        over = np.flatnonzero((pulled > limit) & flight.mask_under_way(motion.t_us))
        if over.size:
            at = int(over[0])
            yield self._pulled(flight, motion, (north, east), pulled, at, float(limit[at]))

    def _way(self, flight: Flight, motion: GnssMotion) -> FloatArray:
        """What coarse speeds and courses may add up to over the way flown in the window [m]."""
        speed = flight.get("gnss.speed")
        if speed is None:
            return np.zeros(motion.t_us.shape)
        way = integral(motion.t_us, np.nan_to_num(speed.interpolated(motion.t_us)))
        return self.of_way * np.abs(change(motion.t_us, way, self.window_s))

    def _pulled(
        self,
        flight: Flight,
        motion: GnssMotion,
        ramp: tuple[FloatArray, FloatArray],
        pulled: FloatArray,
        detected: int,
        limit: float,
    ) -> Finding:
        north, east = ramp
        first = int(np.searchsorted(motion.t_us, motion.t_us[detected] - int(self.window_s * 1e6)))
        dn, de = north[detected] - north[first], east[detected] - east[first]
        along = (north * dn + east * de) / max(float(np.hypot(dn, de)), 1e-9)
        onset = kink(motion.t_us, along, detected, self.window_s + self.before_s)
        end_us = flight.landing_us or flight.end_us
        left_m, offset = offset_evidence(motion, onset, flight, limit)
        worst = int(np.argmax(pulled))
        walk = Evidence(
            f"position walked away from the receiver's own velocity within {self.window_s:.0f} s",
            "gnss.lat",
            float(motion.t_us[worst] / 1e6),
            float(pulled[worst]),
            limit,
        )
        severity = Severity.CRITICAL if left_m > self.serious_m else Severity.WARNING
        return self.finding(motion.t_us[onset], end_us, severity, [walk, *offset])

    @staticmethod
    def _without_jumps(motion: GnssMotion) -> tuple[FloatArray, FloatArray]:
        limit = max(JUMP_M, JUMP_ACCURACIES * motion.accuracy_m)
        jump = np.hypot(motion.step_north, motion.step_east) > 0.5 * limit
        return (
            np.cumsum(np.where(jump, 0.0, motion.step_north)),
            np.cumsum(np.where(jump, 0.0, motion.step_east)),
        )

    def _reported(self, flight: Flight) -> Iterator[Finding]:
        state = flight.get("gnss.spoof_state")
        if state is None:
            return
        inside = flight.mask_under_way(state.t_us)
        for span in spans(state.t_us, (state.values >= self.state) & inside, hold_s=self.hold_s):
            evidence = [
                Evidence(
                    "the receiver itself reports spoofing",
                    state.name,
                    span.start_us / 1e6,
                    float(state.values[span.first]),
                    self.state,
                )
            ]
            yield self.finding(
                span.start_us, span.end_us, Severity.WARNING, evidence, confidence=0.8
            )

    def _said(self, flight: Flight) -> Iterator[Finding]:
        said = [e for e in flight.events(EventKind.TEXT) if _SAID.search(e.text)]
        if said:
            evidence = [Evidence(f"the log says: {said[0].text.strip()}", None, said[0].t_s)]
            severity = Severity.CRITICAL
            yield self.finding(said[0].t_us, said[-1].t_us, severity, evidence, confidence=0.9)
