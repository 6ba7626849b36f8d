"""An inertial sensor lies: it contradicts the satellites' Doppler velocity, or its own twin.

What an accelerometer feels, turned into the world by the attitude and freed of gravity, must add up
to the change of velocity that the receiver measures on its own. Over three seconds the two agree to
a few tenths of a m/s² on sound flights (1.8 on wings in steep turns); a bias of 5 m/s² stands far
above. This needs no second sensor, so it also finds what befalls all of them together. Two sensors
of one kind must agree with each other as well, and the autopilot's own health flags and words are
heard. Single samples of a vibrating frame scatter, and their mean over the window by so much less
as there are more of them: three standard errors of it are added to the limits. Channels:
``accel.*`` at 5 Hz and more (wings 15), ``attitude.*``, ``gnss.*`` velocity (or the fused one).
Blind spots: logs with slower accelerometer samples, lies below 2.5 m/s², and gyroscopes that lie
alike, unless the log says so.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from flyoff.detectors.base import Detector, InsufficientData
from flyoff.detectors.body_frame import BodyFrame, body_frame
from flyoff.detectors.gnss_reception import reception
from flyoff.detectors.windows import earlier, integral, kink, trailing_count
from flyoff.model.channel import Channel
from flyoff.model.event import EventKind
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.model.middle import middle_half, nanmedian
from flyoff.model.span import spans
from flyoff.units import (
    GRAVITY,
    BoolArray,
    FloatArray,
    Hertz,
    IntArray,
    MetresPerSecond2,
    Radians,
    RadiansPerSecond,
    Ratio,
    Seconds,
)

_SAID = re.compile(
    r"\b(gyro|accel|accelerometer|imu)s?\b.*\b(attack|fail\w*|inconsistent|unhealthy|timeout)\b",
    re.IGNORECASE,
)
#: So many steps from sample to sample tell the scatter as well as all of them.
_MANY = 20_000
Velocity = tuple[IntArray, tuple[FloatArray, FloatArray, FloatArray], BoolArray]


@dataclass(frozen=True, slots=True)
class ImuFailure(Detector):
    """Acceleration felt and acceleration measured from outside do not agree."""

    kind: ClassVar[Kind] = Kind.IMU_FAILURE
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("accel.x", "accel.y", "accel.z", "attitude.roll", "attitude.pitch", "attitude.yaw"),
    )
    off: MetresPerSecond2 = 2.5
    off_level: MetresPerSecond2 = 3.0  # heading errors and gusts add to the level parts
    window_s: Seconds = 3.0
    hold_s: Seconds = 1.5
    back_s: Seconds = 8.0
    twins_accel: MetresPerSecond2 = 2.0  # LogAnalyzer failed 1.5 after 5 s of filtering
    twins_gyro: RadiansPerSecond = 0.15  # 9 °/s held: ten times a consumer gyro's bias
    twins_s: Seconds = 2.0
    rate_hz: Hertz = 5.0  # between slower samples a vehicle turns and brakes
    rate_wing_hz: Hertz = 15.0  # wings roll into a steep turn within a fifth of a second
    errors: Ratio = 3.0  # standard errors of the mean that scattered samples may be off by
    twins_rate_hz: Hertz = 15.0  # slower samples of two clocks are not of the same instant
    tilt: Radians = 1.05  # beyond 60° attitude errors of a tumble dominate
    unhealthy_s: Seconds = 0.5

    def find(self, flight: Flight) -> Iterator[Finding]:
        accel = flight.get("accel.x")
        body = body_frame(flight)
        if accel is None or body is None:
            raise InsufficientData("no attitude with the accelerations")
        found = [*self._said(flight), *self._unhealthy(flight), *self._twins(flight)]
        if not accel.rate_hz >= (self.rate_wing_hz if flight.has_wings else self.rate_hz):
            if not found:
                raise InsufficientData(f"acceleration logged at {accel.rate_hz:.0f} Hz only")
        else:
            found += self._against_velocity(flight, body)
        yield from sorted(found, key=lambda f: f.onset_s)[:3]

    def _against_velocity(self, flight: Flight, body: BodyFrame) -> list[Finding]:
        measured = _velocity(flight)
        if measured is None:
            return []
        t, velocity, trusted = measured
        trusted = trusted & flight.mask_under_way(t, shrink_s=1.0)
        trusted &= trailing_count(t, self._tumbles(flight, t), self.window_s) == 0
        if trusted.sum() < 10:
            return []
        # the first sensor alone: what only another one shows, the comparison of the twins finds
        felt = self._felt(flight, body)
        if felt is None:
            return []
        gaps = [np.interp(t, body.t_us, f) - v for f, v in zip(felt, velocity, strict=True)]
        finding = self._judge(t, gaps, trusted, self._unsure(flight))
        return [] if finding is None else [finding]

    def _felt(
        self, flight: Flight, body: BodyFrame
    ) -> tuple[FloatArray, FloatArray, FloatArray] | None:
        """Velocity as the accelerometer adds it up, at the attitude's instants."""
        steps = []
        for axis in "xyz":  # one at a time: a fast log's sums are large
            summed = _sum(flight.get(f"accel.{axis}"))
            if summed is None:
                return None
            at = np.interp(body.t_us, *summed)
            steps.append(np.diff(at, prepend=at[0]))
        north, east, down = body.world(steps[0], steps[1], steps[2])
        fall = GRAVITY * np.diff(body.t_us, prepend=body.t_us[0]) / 1e6
        return np.cumsum(north), np.cumsum(east), np.cumsum(down + fall)

    def _unsure(self, flight: Flight) -> float:
        """What the scatter of single samples may add to a mean over the window [m/s²]."""
        felt = [flight.get(f"accel.{axis}") for axis in "xyz"]
        return self.errors * max(_standard_error(c, flight, self.window_s) for c in felt)

    def _judge(
        self, t_us: IntArray, gaps: list[FloatArray], trusted: BoolArray, unsure: float
    ) -> Finding | None:
        i = earlier(t_us, self.window_s)
        dt = np.maximum((t_us - t_us[i]) / 1e6, 0.5 * self.window_s)
        errors = [(g - g[i]) / dt for g in gaps]
        level = np.hypot(errors[0], errors[1])
        trusted = trusted & trusted[i]
        off, off_level = self.off + unsure, self.off_level + unsure
        over = ((np.abs(errors[2]) > off) | (level > off_level)) & trusted
        held = spans(t_us, over, hold_s=self.hold_s, bridge_s=0.5, max_gap_s=2.0)
        if not held:
            return None
        first, last = held[0].first, held[-1].last
        upright = abs(errors[2][first]) > level[first] * off / off_level
        size = np.abs(errors[2]) if upright else level
        worst = first + int(np.nanargmax(np.where(over, size, 0.0)[first : last + 1]))
        along = gaps[2] if upright else self._along(gaps, i[first], first)
        onset = kink(t_us, along, first, self.back_s)
        limit = off if upright else off_level
        way = "downward" if upright else "level"
        says = f"{way} acceleration felt minus that of the velocity measured [m/s²]"
        channel = "accel.z" if upright else "accel.x"
        evidence = [
            Evidence(says, channel, float(t_us[worst] / 1e6), float(size[worst]), float(limit))
        ]
        return self.finding(
            t_us[onset], t_us[last], Severity.CRITICAL, evidence, detail="accelerometer 0"
        )

    @staticmethod
    def _along(gaps: list[FloatArray], start: int, end: int) -> FloatArray:
        north, east = gaps[0][end] - gaps[0][start], gaps[1][end] - gaps[1][start]
        return np.asarray(gaps[0] * north + gaps[1] * east)

    def _tumbles(self, flight: Flight, t_us: IntArray) -> BoolArray:
        tilted = flight.tilt
        return np.zeros(t_us.shape, dtype=bool) if tilted is None else tilted.at(t_us) > self.tilt

    def _twins(self, flight: Flight) -> Iterator[Finding]:
        for group, limit in (("accel", self.twins_accel), ("gyro", self.twins_gyro)):
            x, twin = flight.get(f"{group}.x"), flight.get(f"{group}.x[1]")
            if x is None or twin is None or len(x) < 10 or len(twin) < 10:
                continue
            if not min(x.rate_hz, twin.rate_hz) >= self.twins_rate_hz:
                continue
            t = np.arange(x.t_us[0], x.t_us[-1], 500_000)
            i = earlier(t, self.twins_s)
            dt = np.maximum((t - t[i]) / 1e6, 0.5)
            total, unsure = np.zeros(t.shape), 0.0
            for axis in "xyz":  # one at a time: a fast log's sums are large
                one = _sum(flight.get(f"{group}.{axis}"))
                two = _sum(flight.get(f"{group}.{axis}[1]"))
                if one is None or two is None:
                    continue
                gap = np.interp(t, *one) - np.interp(t, *two)
                total += ((gap - gap[i]) / dt) ** 2
                for name in (f"{group}.{axis}", f"{group}.{axis}[1]"):
                    unsure += _standard_error(flight.get(name), flight, self.twins_s) ** 2
            apart, least = np.sqrt(total), float(limit + self.errors * np.sqrt(unsure))
            over = (apart > least) & flight.mask_under_way(t, shrink_s=2.0)
            for span in spans(t, over, hold_s=1.0)[:1]:
                worst = span.first + int(np.argmax(apart[span.first : span.last + 1]))
                says = f"two {group}s apart, mean over {self.twins_s:.0f} s"
                seen = float(apart[worst])
                evidence = [Evidence(says, f"{group}.x[1]", float(t[worst] / 1e6), seen, least)]
                onset_us = span.start_us - 0.5 * self.twins_s * 1e6
                yield self.finding(onset_us, span.end_us, Severity.WARNING, evidence)

    def _unhealthy(self, flight: Flight) -> Iterator[Finding]:
        for health in flight.instances("imu.is_healthy").values():
            before = health.values[health.t_us <= (flight.takeoff_us or flight.start_us)]
            if before.size and nanmedian(before) == 0.0:
                continue  # never was: not fitted, or not used
            bad = (health.values == 0.0) & flight.mask_under_way(health.t_us, shrink_s=0.5)
            for span in spans(health.t_us, bad, hold_s=self.unhealthy_s)[:1]:
                says = "the autopilot flags this IMU as bad"
                evidence = [Evidence(says, health.name, span.start_us / 1e6, 0.0, 1.0)]
                yield self.finding(span.start_us, span.end_us, Severity.WARNING, evidence)

    def _said(self, flight: Flight) -> Iterator[Finding]:
        for event in flight.events(EventKind.TEXT):
            if flight.is_under_way(event.t_us) and _SAID.search(event.text):
                evidence = [Evidence(f"the log says: {event.text.strip()}", None, event.t_s)]
                yield self.finding(
                    event.t_us, event.t_us, Severity.WARNING, evidence, confidence=0.9
                )
                return


def _sum(channel: Channel | None) -> tuple[FloatArray, FloatArray] | None:
    if channel is None or len(channel) < 10:
        return None
    return channel.t_us.astype(np.float64), integral(channel.t_us, channel.values)


def _standard_error(channel: Channel | None, flight: Flight, window_s: float) -> float:
    """Of a mean over a window, from the scatter of the samples in flight."""
    if channel is None or len(channel) < 10:
        return 0.0
    every = max(channel.values.size // _MANY, 1)
    steps = channel.values[1::every] - channel.values[:-1:every]
    steps = steps[flight.mask_under_way(channel.t_us[1::every]) & np.isfinite(steps)]
    if not steps.size:
        return 0.0
    # the middle half's width, as a standard deviation; a step is the difference of two samples
    scatter = middle_half(steps) / 1.349 / np.sqrt(2.0)
    return float(scatter / np.sqrt(max(window_s * channel.rate_hz, 1.0)))


def _velocity(flight: Flight) -> Velocity | None:
    """Velocity from outside the inertial sensors: the receiver's, else the fused one."""
    speed, course = flight.get("gnss.speed"), flight.get("gnss.course")
    down, received = flight.get("gnss.velocity_down"), flight.once(reception)
    if speed is not None and course is not None and down is not None and received is not None:
        t = speed.t_us
        v, c = speed.values, course.at(t)
        trusted = received.is_sound(t) & np.isfinite(v)
        if trusted.sum() >= 10:
            return t, (v * np.cos(c), v * np.sin(c), down.at(t)), trusted
    if flight.velocity is None:
        return None
    t, north, east, sink = flight.velocity
    trusted = np.isfinite(north) & np.isfinite(sink)
    # an estimator that has lost its aiding walks off with the sensor: no witness against it
    followed = flight.trusted_speed
    if followed is not None:
        trusted &= np.isfinite(followed.values)
    return t, (north, east, sink), trusted
