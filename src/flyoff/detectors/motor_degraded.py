"""A lift motor gives less thrust than its fellows.

The same sign as a dead motor, but small and lasting: one command, always the same one, stands a
little above the next for seconds, through all manoeuvres. How far goes with the number of motors
that share the work. A step against the flight's own beginning is a fault that arose; a
constant offset is an uneven airframe, and is reported only when large.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from flyoff.detectors.base import LIFT_MOTOR_KINDS, Detector
from flyoff.detectors.motor_failure import MotorFailure
from flyoff.detectors.motors import MotorGap, comparable
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.model.middle import median
from flyoff.model.span import Span, spans
from flyoff.units import BoolArray, FloatArray, Ratio, Seconds


@dataclass(frozen=True, slots=True)
class MotorDegraded(Detector):
    """One motor driven above all others for seconds."""

    kind: ClassVar[Kind] = Kind.MOTOR_DEGRADED
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (("motor.command[*]",),)
    vehicles: ClassVar[frozenset[str]] = LIFT_MOTOR_KINDS
    window_s: Seconds = 2.0
    # over two seconds manoeuvres average out to gaps below 0.05 on four motors
    rise: Ratio = 0.06
    motors: float = 4.0  # of that many: the same loss on m motors parts them by 4/m of it
    hold_s: Seconds = 4.0
    always: Ratio = 0.15  # apart all along: far beyond an uneven load

    def find(self, flight: Flight) -> Iterator[Finding]:
        motors = comparable(flight)
        if next(iter(MotorFailure().find(flight)), None) is not None:
            return
        smooth = motors.smoothed(self.window_s)
        apart = MotorGap.gap(smooth)
        usual = median(apart[motors.carrying][: max(5, motors.carrying.sum() // 6)])
        rise = self.rise * min(self.motors / len(motors.numbers), 1.0)
        limit = min(usual + rise, self.always) if usual < self.always else self.always
        held = self._held(motors, smooth, apart > limit)
        if not held:
            return
        span = held[0]
        part = slice(span.first, span.last + 1)
        which = int(np.argmax(np.median(smooth[:, part], axis=1)))
        number = motors.numbers[which]
        yield self.finding(
            span.start_us + int(self.window_s * 0.25e6),
            held[-1].end_us,
            Severity.WARNING,
            [
                Evidence(
                    f"motor {number} driven above the next strongest by",
                    f"motor.command[{number}]",
                    span.start_us / 1e6,
                    median(apart[part]),
                    limit,
                ),
                Evidence("the same gap at the beginning of the flight", None, None, usual),
            ],
            detail=f"motor {number}",
        )

    def _held(self, motors: MotorGap, smooth: FloatArray, above: BoolArray) -> list[Span]:
        """Spans in which one and the same motor stands apart, by time."""
        top = np.argmax(smooth, axis=0)
        held = [
            span
            for which in range(len(motors.numbers))
            for span in spans(
                motors.t_us,
                motors.carrying & above & (top == which),
                hold_s=self.hold_s,
                bridge_s=1.0,
            )
        ]
        return sorted(held, key=lambda s: s.start_us)
