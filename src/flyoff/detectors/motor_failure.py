"""A lift motor stopped giving thrust.

The controller drives the dead corner's motor to its limit and throttles back the opposite one: a
single command stands far above the next (see ``motors``). The more motors there are, the less each
has to do for the lost one: with six and more, what counts is the share of thrust that the strongest
must lack for the others to be in balance with it. It has to last: what jolts a vehicle, or throws
it over, parts the commands for a moment, and a controller that has lost the attitude already drives
the motors anyhow. What the moment demanded does to the attitude is the second witness: a healthy
vehicle rights itself within half a second of it, one with a dead corner goes over all the same.
Where that is seen, half the gap is enough, and so are commands that are logged too slowly to tell a
lasting gap from the alias of an oscillation. Channels: motor commands, lean demanded and obtained.
Blind spot: a coaxial pair, where the partner takes over and both are driven alike.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from flyoff.detectors.base import LIFT_MOTOR_KINDS, Detector, InsufficientData
from flyoff.detectors.motors import SLOWEST_HZ, MotorGap, comparable, motor_gap
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.model.span import Span, spans
from flyoff.units import RAD_PER_DEGREE, FloatArray, Radians, Ratio, Seconds


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
    # where it goes over against the moment demanded: manoeuvres part the commands by less than 0.05
    # over half a second, the dead motors of quadrotors by 0.2 and more
    thrown_apart: Ratio = 0.1
    thrown_s: Seconds = 0.6  # it is over within a second; what flails drives another corner by then
    # commands every half a second show that gap three times before the ground; a sound vehicle
    # rights itself within half a second on a moment of that size
    slow_s: Seconds = 0.8

    def find(self, flight: Flight) -> Iterator[Finding]:
        motors = flight.once(motor_gap)
        if motors is None or motors.rate_hz >= SLOWEST_HZ:
            motors = comparable(flight)
        smooth = motors.smoothed(self.window_s)
        apart = MotorGap.gap(smooth)
        low = smooth.mean(axis=0) - smooth.min(axis=0)
        thrown = self._goes_over(flight, motors, smooth, low)
        held = list(thrown)
        if motors.rate_hz >= SLOWEST_HZ:
            held += self._apart(motors, smooth, apart, low)
        elif not held:
            raise InsufficientData(f"motor commands logged at {motors.rate_hz:.1f} Hz only")
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
        limit, less = self._limits(len(motors.numbers), span in thrown)
        yield self.finding(
            self._began(motors, span.first, which),
            max(s.end_us for s in held),
            Severity.CRITICAL,
            [
                Evidence(says, name, at_s, float(apart[peak]), limit),
                Evidence(f"command of motor {number}", name, at_s, float(smooth[which, peak])),
                Evidence(below, f"motor.command[{weakest}]", at_s, float(low[peak]), less),
                *self._lean(flight, span),
            ],
            detail=f"motor {number}",
        )

    def _apart(
        self, motors: MotorGap, smooth: FloatArray, apart: FloatArray, low: FloatArray
    ) -> list[Span]:
        """Where the commands alone convict."""
        wide = motors.carrying & (apart > self.apart) & (low > self.below_mean)
        held = spans(motors.t_us, wide, hold_s=self.hold_s, bridge_s=1.0)
        if len(motors.numbers) >= self.many:
            lacking = (motors.lost(smooth) > self.lost) & (apart > self.lost_apart)
            held += spans(motors.t_us, motors.carrying & lacking, hold_s=self.lost_s, bridge_s=0.5)
        return held

    def _goes_over(
        self, flight: Flight, motors: MotorGap, smooth: FloatArray, low: FloatArray
    ) -> list[Span]:
        """Where one motor is driven apart and the vehicle goes over against its moment."""
        error = flight.lean_error
        if error is None:
            return []
        is_slow = motors.rate_hz < SLOWEST_HZ
        parted = motors.carrying & (MotorGap.gap(smooth) > self.thrown_apart)
        parted &= low > self.thrown_apart
        # the dead corner's moment is about one axis: the same motor is strongest, the same weakest
        # (single samples a second apart catch the others' work about the other axes as well)
        weakest = 0 if is_slow else np.argmin(smooth, axis=0)
        pair = np.argmax(smooth, axis=0) * len(motors.numbers) + weakest
        found = []
        for which in np.unique(pair[parted]):
            hold_s = self.slow_s if is_slow else self.thrown_s
            for span in spans(motors.t_us, parted & (pair == which), hold_s=hold_s):
                lean = error.between(span.start_us, span.end_us).values
                led = is_slow or (lean.size > 0 and lean[0] < self.over_rad)
                enough = span.last - span.first >= 2  # two samples are no course of events
                if enough and led and lean.size and np.mean(lean > self.over_rad) > 0.5:
                    found.append(span)
        return found

    def _thrown_over(self, flight: Flight, t_us: int) -> bool:
        """Whether the attitude had been lost for a while: then the controller flails by itself."""
        error = flight.lean_error
        if error is None:
            return False
        before = error.between(t_us - int(3 * self.flails_s * 1e6), t_us - int(self.flails_s * 1e6))
        return bool(np.any(before.values > self.over_rad))

    def _limits(self, motors: int, is_thrown: bool) -> tuple[float, float]:
        """What the gap above the next, and that below the mean, were held against."""
        if is_thrown:
            return self.thrown_apart, self.thrown_apart
        return self.lost_apart if motors >= self.many else self.apart, self.below_mean

    def _lean(self, flight: Flight, span: Span) -> list[Evidence]:
        """How far it leaned against its demand meanwhile; empty if it held its attitude."""
        error = flight.lean_error
        if error is None:
            return []
        part = error.between(span.start_us, span.end_us)
        if not len(part) or not float(part.values.max()) > self.over_rad:
            return []
        i = int(np.argmax(part.values))
        says = "lean against the demand meanwhile [rad]"
        seen, at_s = float(part.values[i]), float(part.t_us[i] / 1e6)
        return [Evidence(says, "attitude.roll", at_s, seen, self.over_rad)]

    def _began(self, motors: MotorGap, i: int, which: int) -> int:
        """Walk back over the samples in which this motor already stood apart."""
        raw = MotorGap.gap(motors.commands)
        strongest = np.argmax(motors.commands, axis=0)
        while i > 0 and raw[i - 1] > self.onset_apart and strongest[i - 1] == which:
            i -= 1
        return int(motors.t_us[i])
