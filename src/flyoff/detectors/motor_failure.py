"""A lift motor stopped giving thrust.

The controller drives the dead corner's motor to its limit and throttles back the opposite one: a
single command stands far above the next (see ``motors``). The more motors there are, the less each
has to do for the lost one: with six and more, what counts is the share of thrust that the strongest
must lack for the others to be in balance with it. It has to last: what jolts a vehicle, or throws
it over, parts the commands for a moment, and a controller that has lost the attitude already drives
the motors anyhow. Channels: motor commands, lean demanded and obtained. Blind spot: a coaxial pair,
where the partner takes over and both are driven alike.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from flyoff.detectors.base import LIFT_MOTOR_KINDS, Detector
from flyoff.detectors.motors import MotorGap, comparable
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.model.span import spans
from flyoff.units import RAD_PER_DEGREE, Radians, Ratio, Seconds


@dataclass(frozen=True, slots=True)
class MotorFailure(Detector):
    """One motor driven far above all others, its opposite throttled back."""

    kind: ClassVar[Kind] = Kind.MOTOR_FAILURE
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (("motor.command[*]",),)
    vehicles: ClassVar[frozenset[str]] = LIFT_MOTOR_KINDS
    window_s: Seconds = 0.5
    # manoeuvres part the strongest two by less than 0.1 over half a second, a dead motor by 0.25+
    apart: Ratio = 0.18
    below_mean: Ratio = 0.15  # the opposite motor is throttled back as far
    # a motor that is gone stays gone: 1.1 s and more to the ground; a jolt at full thrust, or the
    # kick of a vehicle thrown over, parts the commands for 0.3 s
    hold_s: Seconds = 0.4
    # an attitude lost so long before cannot have been lost by this motor, which tips it at once
    flails_s: Seconds = 1.0
    over_rad: Radians = 30 * RAD_PER_DEGREE
    onset_apart: Ratio = 0.06
    many: float = 6.0  # motors from which on the vehicle flies on, in balance
    lost: Ratio = 0.65  # of its thrust; a motor on half its command lacks 0.5
    lost_apart: Ratio = 0.08  # manoeuvres of frames with many motors part them by less than 0.05
    lost_s: Seconds = 1.0

    def find(self, flight: Flight) -> Iterator[Finding]:
        motors = comparable(flight)
        smooth = motors.smoothed(self.window_s)
        apart = MotorGap.gap(smooth)
        low = smooth.mean(axis=0) - smooth.min(axis=0)
        held = spans(
            motors.t_us,
            motors.carrying & (apart > self.apart) & (low > self.below_mean),
            hold_s=self.hold_s,
            bridge_s=1.0,
        )
        if len(motors.numbers) >= self.many:
            lacking = (motors.lost(smooth) > self.lost) & (apart > self.lost_apart)
            held += spans(motors.t_us, motors.carrying & lacking, hold_s=self.lost_s, bridge_s=0.5)
        held = [span for span in held if not self._thrown_over(flight, span.start_us)]
        if not held:
            return
        span = min(held, key=lambda s: s.start_us)
        part = slice(span.first, span.last + 1)
        peak = span.first + int(np.argmax(apart[part]))
        which = int(np.argmax(smooth[:, peak]))
        number = motors.numbers[which]
        weakest = motors.numbers[int(np.argmin(smooth[:, peak]))]
        name, at_s = f"motor.command[{number}]", motors.t_us[peak] / 1e6
        says = f"motor {number} driven above the next strongest by"
        below = "command of the weakest, below the mean by"
        yield self.finding(
            self._began(motors, span.first, which),
            max(s.end_us for s in held),
            Severity.CRITICAL,
            [
                Evidence(says, name, at_s, float(apart[peak]), self._limit(len(motors.numbers))),
                Evidence(f"command of motor {number}", name, at_s, float(smooth[which, peak])),
                Evidence(
                    below, f"motor.command[{weakest}]", at_s, float(low[peak]), self.below_mean
                ),
            ],
            detail=f"motor {number}",
        )

    def _thrown_over(self, flight: Flight, t_us: int) -> bool:
        """Whether the attitude had been lost for a while: then the controller flails by itself."""
        error = flight.lean_error
        if error is None:
            return False
        before = error.between(t_us - int(3 * self.flails_s * 1e6), t_us - int(self.flails_s * 1e6))
        return bool(np.any(before.values > self.over_rad))

    def _limit(self, motors: int) -> float:
        return self.lost_apart if motors >= self.many else self.apart

    def _began(self, motors: MotorGap, i: int, which: int) -> int:
        """Walk back over the samples in which this motor already stood apart."""
        raw = MotorGap.gap(motors.commands)
        strongest = np.argmax(motors.commands, axis=0)
        while i > 0 and raw[i - 1] > self.onset_apart and strongest[i - 1] == which:
            i -= 1
        return int(motors.t_us[i])
