"""The position jumped: it moved farther in one fix than the receiver's own velocity explains.

See ``gnss_motion``: the remainder between two fixes is centimetres, half a metre on wings in turns,
up to a metre where a logger's time stamps are coarse. A jump of several metres in one step is a
glitch (multipath, a spoofer switching on, a change of the solution). A later jump back ends it;
what remains at the end is how far the vehicle came down from where it believed to be. Channels:
``gnss.lat``, ``gnss.lon``, ``gnss.speed``, ``gnss.course``. Blind spots: a jump hidden in a silence
longer than two seconds.
"""

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
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.units import FloatArray, Metres, Ratio, Seconds


@dataclass(frozen=True, slots=True)
class GnssGlitch(Detector):
    """A step in position without the velocity for it."""

    kind: ClassVar[Kind] = Kind.GNSS_GLITCH
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("gnss.lat", "gnss.lon", "gnss.speed", "gnss.course", "gnss.fix"),
    )
    jump_m: Metres = JUMP_M  # four times the worst step of a sound flight
    accuracies: Ratio = JUMP_ACCURACIES  # three standard errors, as the receiver states them
    serious_m: Metres = (
        10.0  # GPS_HGT/GLITCH_RADIUS 25 m is what autopilots reject; landing needs 10
    )
    apart_s: Seconds = 1.0  # receivers smooth a jump over some fixes
    recovered: Ratio = 0.3  # of the largest offset; below it the position is back

    def find(self, flight: Flight) -> Iterator[Finding]:
        motion = flight.once(gnss_motion)
        if motion is None:
            raise InsufficientData("too few sound fixes, or a clock at another rate than theirs")
        limit = max(self.jump_m, self.accuracies * motion.accuracy_m)
        inside = flight.mask_under_way(motion.t_us)
        step = motion.pulled(self.apart_s / 2)
        jumps = np.flatnonzero((step > limit) & inside)
        if not jumps.size:
            return
        first = int(jumps[0])
        onset = self._onset(motion, first)
        offset = np.hypot(
            motion.north - motion.north[onset - 1], motion.east - motion.east[onset - 1]
        )
        end_us, is_back = self._end(flight, motion, offset, first)
        left_m, evidence = offset_evidence(motion, onset - 1, flight, limit)
        largest = int(jumps[np.argmax(step[jumps])])
        jump = Evidence(
            "position jumped against the receiver's own velocity",
            "gnss.lat",
            float(motion.t_us[largest] / 1e6),
            float(step[largest]),
            limit,
        )
        severity = (
            Severity.CRITICAL if left_m > self.serious_m and not is_back else Severity.WARNING
        )
        detail = "returned by itself" if is_back else ""
        yield self.finding(motion.t_us[onset], end_us, severity, [jump, *evidence], detail=detail)

    @staticmethod
    def _onset(motion: GnssMotion, first: int) -> int:
        """The first fix that carried a part of the jump."""
        size = np.hypot(motion.step_north, motion.step_east)
        i = first
        while i > 1 and size[i - 1] > 0.3 * size[first] and first - i < 5:
            i -= 1
        return i

    def _end(
        self, flight: Flight, motion: GnssMotion, offset: FloatArray, first: int
    ) -> tuple[int, bool]:
        """When the position came back, and whether it did."""
        last_us = flight.landing_us or flight.end_us
        inside = (motion.t_us >= motion.t_us[first]) & (motion.t_us <= last_us)
        near = offset < self.recovered * float(np.max(offset[inside]))
        stays = np.flatnonzero(~near & inside)
        if stays.size and stays[-1] + 1 < motion.t_us.size and motion.t_us[stays[-1] + 1] < last_us:
            return int(motion.t_us[stays[-1] + 1]), True
        return last_us, False
