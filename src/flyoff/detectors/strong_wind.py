"""The wind was stronger than this kind of vehicle is meant to bear.

A multirotor that holds its speed balances the drag of the air with its lean: ``g·tan(lean)`` equals
drag coefficient times airspeed. The coefficient comes from the sortie itself: within short
stretches the wind is constant, so lean against ground speed gives the slope, and what is left over
is the wind. An aircraft on wings needs no model: airspeed and ground speed cannot differ by more
than the wind, and its estimator solves for the wind in turns; both end where the airspeed sensor
is found to fail (``airspeed_fault``). Channels: attitude and velocity
(``multirotor``), ``airspeed.indicated`` and ground speed, ``wind.north/east`` (wings). Blind spots:
gusts shorter than the averaging, a hovering multirotor in a wind that blew before take-off and that
never moves fast enough to calibrate (then a usual coefficient is taken).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from flyoff.detectors.airspeed_fault import AirspeedFault
from flyoff.detectors.base import FLYING_KINDS, Detector, InsufficientData
from flyoff.detectors.body_frame import body_frame
from flyoff.detectors.gnss_reception import reception
from flyoff.detectors.windows import change, first_of_run, trailing_count, trailing_mean
from flyoff.model.channel import Channel
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.model.middle import median, nanmedian
from flyoff.model.span import Span, spans
from flyoff.units import (
    GRAVITY,
    FloatArray,
    Hertz,
    IntArray,
    MetresPerSecond,
    Radians,
    Ratio,
    Seconds,
)


@dataclass(frozen=True, slots=True)
class StrongWind(Detector):
    """Mean wind above what small vehicles are specified for."""

    kind: ClassVar[Kind] = Kind.STRONG_WIND
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("attitude.roll", "attitude.pitch", "attitude.yaw", "velocity.north", "velocity.east"),
        ("wind.north", "wind.east"),
        ("airspeed.indicated", "gnss.speed"),
    )
    vehicles: ClassVar[frozenset[str]] = FLYING_KINDS
    # makers of small multirotors specify 8 … 12 m/s; drag is not quite linear: 8 may read as 9
    wind_ms: MetresPerSecond = 10.0
    wind_wing_ms: MetresPerSecond = 8.8  # near half the cruise speed of a small aircraft
    serious_ms: MetresPerSecond = 12.0
    # a wind that freshens to a multiple within one flight is not the one it was planned for: the
    # lower end of what makers specify counts then
    freshened_ms: MetresPerSecond = 8.0
    freshened_times: Ratio = 2.5  # gusts and drag that is not linear make 2 of a steady wind
    earlier_s: Seconds = 10.0  # the least time from which the earlier wind is known
    mean_s: Seconds = 4.0
    hold_s: Seconds = 4.0
    rate_hz: Hertz = 5.0
    block_s: Seconds = 10.0  # wind counts as constant over it when calibrating
    drag_usual: Ratio = 0.42  # 1/s; calibrated flights gave 0.3 … 0.55
    drag_low: Ratio = 0.25
    drag_high: Ratio = 0.65
    agrees: Ratio = 0.75  # correlation from which a stretch is believed for calibration
    moved_ms: MetresPerSecond = 0.7  # and the spread of ground speed in it
    error_angle: Radians = 0.26  # 15°: beyond it the lean is no answer to the wind
    thrust: Ratio = 0.05
    flying_ms: MetresPerSecond = 10.0
    before_s: Seconds = 20.0
    of_strongest: Ratio = 0.7
    blown_s: Seconds = 3.0
    straight: Radians = 0.2  # a gust shakes the wings, a turn holds the bank: 11° in the mean
    unknown_s: Seconds = 60.0  # how long a wind may stay unknown: the legs of a small mission
    risen: Ratio = 0.35  # of the way from the earlier level to the one detected

    def find(self, flight: Flight) -> Iterator[Finding]:
        wind = self._lean_wind(flight) if flight.vehicle.kind == "multirotor" else None
        if wind is None and flight.vehicle.kind != "multirotor":
            wind = self._wing_wind(flight)
        if wind is None:
            raise InsufficientData("nothing under way from which the wind can be told")
        limit = self.wind_wing_ms if flight.has_wings else self.wind_ms
        smooth = trailing_mean(wind.t_us, wind.values, self.mean_s)
        held = self._held(wind, smooth, limit)
        if not held and self.freshened_ms < limit:
            limit = self.freshened_ms
            held = [s for s in self._held(wind, smooth, limit) if self._freshened(wind, s, limit)]
        if held:
            # the wind that mattered is the strongest that held, not the breeze before it
            strongest = max(float(np.nanmax(smooth[x.first : x.last + 1])) for x in held)
            held = self._held(wind, smooth, max(limit, self.of_strongest * strongest)) or held
            yield self._finding(flight, wind, smooth, held, limit)

    def _freshened(self, wind: Channel, span: Span, limit: float) -> bool:
        """Whether the wind had been a fraction of it before."""
        before = wind.values[wind.t_us < span.start_us - int(self.hold_s * 1e6)]
        known = before[np.isfinite(before)]
        if known.size < self.earlier_s * self.rate_hz:
            return False
        return median(known) * self.freshened_times < limit

    def _held(self, wind: Channel, smooth: FloatArray, limit: float) -> list[Span]:
        return spans(wind.t_us, smooth > limit, hold_s=self.hold_s, bridge_s=5.0, max_gap_s=8.0)

    def _finding(
        self, flight: Flight, wind: Channel, smooth: FloatArray, held: list[Span], limit: float
    ) -> Finding:
        first, last = held[0].first, held[-1].last
        onset_us = int(wind.t_us[self._onset(wind, first)])
        strongest = first + int(np.nanargmax(smooth[first : last + 1]))
        value = float(smooth[strongest])
        if flight.has_wings:
            onset_us = self._blown(flight, onset_us, value)
        says = f"wind, mean over {self.mean_s:.0f} s ({wind.source})"
        at_s = float(wind.t_us[strongest] / 1e6)
        evidence = [Evidence(says, wind.name, at_s, value, limit)]
        severity = Severity.CRITICAL if value > self.serious_ms else Severity.WARNING
        return self.finding(onset_us, wind.t_us[last], severity, evidence, confidence=0.8)

    def _onset(self, wind: Channel, first: int) -> int:
        """Walk back to where the wind last was nearer to its earlier level than to this one."""
        t = wind.t_us
        ahead = wind.values[first : int(np.searchsorted(t, t[first] + self.hold_s * 1e6)) + 1]
        start = int(np.searchsorted(t, t[first] - self.before_s * 1e6))
        before = wind.values[start : first + 1]
        if before.size < 5:
            return first
        usual, now = float(np.nanpercentile(before, 25)), nanmedian(ahead)
        below = np.flatnonzero(before < usual + self.risen * (now - usual))
        return min(start + int(below[-1]) + 1, first) if below.size else start

    def _blown(self, flight: Flight, onset_us: int, wind_ms: float) -> int:
        """When the ground velocity last changed by the wind without a turn, before it was known.

        An estimator without an airspeed sensor learns the wind only in the next turn.
        """
        speed, tilted = flight.get("gnss.speed"), flight.tilt
        if speed is None or tilted is None or flight.get("airspeed.indicated") is not None:
            return onset_us
        t = speed.t_us
        velocity = _velocity(flight, t)
        blown = np.hypot(*(change(t, v, self.blown_s) for v in velocity)) > 0.5 * wind_ms
        straight = trailing_mean(t, tilted.interpolated(t), self.blown_s) < self.straight
        inside = (t < onset_us) & (t > onset_us - self.unknown_s * 1e6)
        at = np.flatnonzero(blown & straight & inside & flight.mask_under_way(t, shrink_s=10.0))
        if not at.size:
            return onset_us
        return int(
            t[first_of_run(blown & straight, int(at[-1]), t, 1.0)] - 0.5 * self.blown_s * 1e6
        )

    def _lean_wind(self, flight: Flight) -> Channel | None:
        takeoff_us, landing_us = flight.takeoff_us, flight.landing_us
        if takeoff_us is None or landing_us is None or flight.velocity is None:
            return None
        step_us = int(1e6 / self.rate_hz)
        t = np.arange(takeoff_us + 3_000_000, landing_us - 2_000_000, step_us)
        body = body_frame(flight, t)
        if t.size < self.block_s * self.rate_hz or body is None:
            return None
        pull = self._pull(body.world(np.zeros(t.size), np.zeros(t.size), np.ones(t.size)))
        speed = _velocity(flight, t)
        pull = [
            trailing_mean(t, p, 2.0) - change(t, v, 2.0) / 2.0
            for p, v in zip(pull, speed, strict=True)
        ]
        speed = [trailing_mean(t, v, 2.0) for v in speed]
        steady = self._steady(flight, t)
        drag = self._drag(pull, speed, steady)
        wind = np.hypot(*(v - p / drag for p, v in zip(pull, speed, strict=True)))
        source = f"lean, drag {drag:.2f} 1/s"
        return Channel("wind.speed", t[steady], wind[steady], source) if steady.sum() > 20 else None

    @staticmethod
    def _pull(down: tuple[FloatArray, FloatArray, FloatArray]) -> list[FloatArray]:
        """Level acceleration of a thrust that carries the weight [m/s²]: (north, east)."""
        upright = np.maximum(down[2], 0.5)
        return [-GRAVITY * down[0] / upright, -GRAVITY * down[1] / upright]

    def _steady(self, flight: Flight, t_us: IntArray) -> np.ndarray:
        """Where the vehicle answers its controls and knows its velocity."""
        steady = flight.mask_under_way(t_us)
        error = flight.lean_error
        if error is not None:
            off = error.interpolated(t_us) > self.error_angle
            steady &= trailing_count(t_us, off, 2.0) == 0
        throttle = flight.get("throttle.demand")
        if throttle is not None:  # without thrust the lean says nothing: a parachute, a fall
            steady &= ~(np.abs(throttle.interpolated(t_us)) < self.thrust)
        received = flight.once(reception)
        if received is not None and received.had_fix_at_launch:
            steady &= trailing_count(t_us, ~received.is_sound(t_us), 2.0) == 0
        return steady

    def _drag(self, pull: list[FloatArray], speed: list[FloatArray], steady: np.ndarray) -> float:
        """Slope of lean against speed within blocks of constant wind [1/s]."""
        size = int(self.block_s * self.rate_hz)
        slopes = []
        for start in range(0, steady.size - size + 1, size // 2):
            window = slice(start, start + size)
            if not steady[window].all():
                continue
            p = np.concatenate([x[window] - x[window].mean() for x in pull])
            v = np.concatenate([x[window] - x[window].mean() for x in speed])
            # a block in which the vehicle merely hovered, or the wind changed, teaches nothing
            power = float(np.sqrt((p * p).sum() * (v * v).sum()))
            if np.std(v) > self.moved_ms and (p * v).sum() > self.agrees * power:
                slopes.append(float((p * v).sum() / (v * v).sum()))
        # the median: a change of the wind beside a change of speed spoils a block unseen
        slope = median(slopes) if slopes else self.drag_usual
        return min(max(slope, self.drag_low), self.drag_high)

    def _wing_wind(self, flight: Flight) -> Channel | None:
        """The larger of the estimator's wind and what airspeed and ground speed leave over."""
        north, east = flight.get("wind.north"), flight.get("wind.east")
        air, ground = flight.get("airspeed.indicated"), flight.get("gnss.speed")
        base = air or north
        if base is None:
            return None
        t = base.t_us
        least = np.zeros(t.shape)
        if air is not None and ground is not None:
            speed = ground.interpolated(t, max_gap_s=2.0)
            # a reading that is about to repeat itself is stuck, not wind
            changes = np.concatenate((np.diff(air.values) != 0.0, [True]))
            soon = np.searchsorted(t, t + 1_500_000, side="right") - 1
            live = trailing_count(t, changes, 1.5)[soon] > 1
            true = air.values * _true_per_indicated(flight, t)
            flying = (air.values > self.flying_ms) & live
            received = flight.once(reception)
            if received is not None:
                flying &= received.is_sound(t)
            least = np.nan_to_num(np.where(flying, np.abs(speed - true), 0.0))
        if north is not None and east is not None:
            estimated = np.hypot(north.interpolated(t), east.interpolated(t))
            least = np.maximum(least, np.nan_to_num(estimated))
        inside = flight.mask_under_way(t, shrink_s=3.0) & (t < _airspeed_fails_us(flight))
        if inside.sum() < 20:
            return None
        return Channel("wind.speed", t[inside], least[inside], "airspeed against ground speed")


def _airspeed_fails_us(flight: Flight) -> float:
    """When the airspeed sensor begins to lie: what is told by it afterwards is no wind."""
    found = AirspeedFault().assess(flight).findings
    return min((1e6 * f.onset_s for f in found if f.severity is not Severity.INFO), default=np.inf)


def _velocity(flight: Flight, t_us: IntArray) -> list[FloatArray]:
    """Velocity over ground, (north, east) [m/s]: the receiver's, else the fused one."""
    speed, course = flight.get("gnss.speed"), flight.get("gnss.course")
    if speed is not None and course is not None and len(speed) > 20:
        c = course.at(speed.t_us)
        parts = [speed.values * np.cos(c), speed.values * np.sin(c)]
        return [Channel("", speed.t_us, v).interpolated(t_us, max_gap_s=2.0) for v in parts]
    assert flight.velocity is not None
    t, north, east, _ = flight.velocity
    return [Channel("", t, v).interpolated(t_us, max_gap_s=2.0) for v in (north, east)]


def _true_per_indicated(flight: Flight, t_us: IntArray) -> FloatArray:
    """True over indicated airspeed from the height above the sea, standard atmosphere."""
    altitude = flight.get("gnss.alt_msl") or flight.get("position.alt_msl")
    if altitude is None:
        return np.ones(t_us.shape)
    height = np.nan_to_num(altitude.interpolated(t_us))
    density = np.maximum(1.0 - 2.25577e-5 * height, 0.3) ** 4.2559  # ISO 2533, troposphere
    return np.asarray(1.0 / np.sqrt(density))
