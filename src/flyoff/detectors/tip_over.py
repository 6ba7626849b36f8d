"""The vehicle tipped over on or near the ground.

A vehicle that leans far while it is still at the ground has gone over: on launch because a motor or
propeller is wrong, or its feet were held; on landing because it touched while moving. In the air
the same lean is a loss of control and another finding.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from flyoff.detectors.base import LIFT_MOTOR_KINDS, Detector
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.model.span import spans
from flyoff.units import RAD_PER_DEGREE, Metres, Radians, Seconds


@dataclass(frozen=True, slots=True)
class TipOver(Detector):
    """Large lean within reach of the ground, held longer than an estimator's twitch."""

    kind: ClassVar[Kind] = Kind.TIP_OVER
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (("attitude.roll", "attitude.pitch"),)
    vehicles: ClassVar[frozenset[str]] = LIFT_MOTOR_KINDS
    needs_under_way: ClassVar[bool] = False
    # beyond this the weight acts outside the feet of any usual frame
    tilt_rad: Radians = 40 * RAD_PER_DEGREE
    reach_m: Metres = 1.5  # a propeller's reach: higher, it is a loss of control in the air
    hold_s: Seconds = 0.15

    def find(self, flight: Flight) -> Iterator[Finding]:
        tilt, height = flight.tilt, flight.height
        if tilt is None or not flight.is_armed:
            return
        part = tilt.between(flight.start_us, flight.end_us)
        low = np.ones(len(part), dtype=bool)
        if height is not None:
            low = np.nan_to_num(height.at(part.t_us)) < self.reach_m
            flew_us = height.t_us[
                (height.values > 2 * self.reach_m) & (height.t_us >= flight.start_us)
            ]
            if flew_us.size:  # once it has flown, a lean at the ground belongs to how it came down
                low &= part.t_us < flew_us[0]
        over = spans(
            part.t_us, low & (part.values > self.tilt_rad), hold_s=self.hold_s, bridge_s=0.5
        )
        if not over:
            return
        span = over[0]
        peak = float(part.values[span.first : span.last + 1].max())
        yield self.finding(
            self._began(part.t_us, part.values, span.first),
            span.end_us,
            Severity.CRITICAL,
            [
                Evidence(
                    "lean at the ground [rad]",
                    "attitude.roll",
                    span.start_us / 1e6,
                    peak,
                    self.tilt_rad,
                )
            ],
        )

    def _began(self, t_us: np.ndarray, tilt: np.ndarray, i: int) -> int:
        while i > 0 and tilt[i - 1] > 0.15:
            i -= 1
        return int(t_us[i])
