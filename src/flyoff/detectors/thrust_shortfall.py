"""Much thrust is demanded and little acceleration comes of it.

On the ground: the lift motors are near full for seconds and the vehicle does not rise. In the air:
they are near full and it falls, with far less than its own weight of specific force. One dead motor
tilts the vehicle instead and is another finding; so is a supply that collapses. For a wing: full
throttle for seconds while the sum of height and speed energy falls.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from flyoff.detectors.base import FLYING_KINDS, Detector
from flyoff.model.channel import Channel
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.model.middle import median
from flyoff.model.span import Span, spans
from flyoff.units import GRAVITY, Metres, MetresPerSecond, Ratio, Seconds


@dataclass(frozen=True, slots=True)
class ThrustShortfall(Detector):
    """Near full thrust without the lift that it should give."""

    kind: ClassVar[Kind] = Kind.THRUST_SHORTFALL
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (("throttle.demand",),)
    vehicles: ClassVar[frozenset[str]] = FLYING_KINDS
    needs_under_way: ClassVar[bool] = False
    full: Ratio = 0.85  # ArduPilot's thrust-loss check uses 0.9; hover is 0.2 … 0.6
    ground_s: Seconds = 3.0  # a healthy one leaves the ground within a second of full thrust
    risen_m: Metres = 1.2
    falling_ms: MetresPerSecond = 1.5
    air_s: Seconds = 0.5
    share: Ratio = 0.75  # specific force obtained at full thrust, of the vehicle's own weight
    wing_s: Seconds = 3.0
    losing_ms: MetresPerSecond = 1.5  # rate of energy loss, as height per second

    def find(self, flight: Flight) -> Iterator[Finding]:
        demand = flight.get("throttle.demand")
        if demand is None or not flight.is_armed:
            return
        if flight.vehicle.kind == "fixed_wing":
            yield from self._wing(flight, demand)
            return
        found = self._on_ground(flight, demand) or self._in_air(flight, demand)
        if found is not None:
            yield found

    def _on_ground(self, flight: Flight, demand: Channel) -> Finding | None:
        height = flight.height
        if height is None:
            return None
        t = demand.t_us
        inside = (t >= flight.start_us) & (t <= flight.end_us)
        low = np.nan_to_num(height.interpolated(t), nan=0.0) < self.risen_m
        until = flight.takeoff_us
        if (
            until is not None
            and height.values[height.t_us <= flight.end_us].max() > 2 * self.risen_m
        ):
            inside &= t < until
        for span in spans(
            t, inside & low & (demand.values > self.full), hold_s=self.ground_s, bridge_s=0.5
        ):
            top = float(height.between(span.start_us, span.end_us).values.max())
            return self.finding(
                span.start_us,
                span.end_us,
                Severity.CRITICAL,
                [
                    Evidence(
                        "thrust demanded, for seconds",
                        "throttle.demand",
                        span.start_us / 1e6,
                        float(demand.values[span.first : span.last + 1].max()),
                        self.full,
                    ),
                    Evidence(
                        "greatest height meanwhile [m]",
                        height.source,
                        span.end_us / 1e6,
                        top,
                        self.risen_m,
                    ),
                ],
                detail="does not lift",
            )
        return None

    def _in_air(self, flight: Flight, demand: Channel) -> Finding | None:
        climb, tilt = flight.climb, flight.tilt
        if climb is None or not flight.under_way:
            return None
        t = demand.t_us
        falling = np.nan_to_num(climb.interpolated(t)) < -self.falling_ms
        weak = flight.mask_under_way(t) & (demand.values > self.full) & falling
        if tilt is not None:  # thrust that points sideways does not lift
            weak &= np.nan_to_num(tilt.interpolated(t)) < 1.0
        hard = [c.t_us for c in flight.contacts if c.stopped_by_ground]
        if hard:
            weak &= t < hard[0]
        for span in spans(t, weak, hold_s=self.air_s, bridge_s=0.3):
            force = _mean_force(flight, span)
            if force is not None and force > self.share * GRAVITY:
                continue  # it brakes a fast descent
            most = float(demand.values[span.first : span.last + 1].max())
            fall = float(-np.nanmin(climb.interpolated(t[span.first : span.last + 1])))
            at_s, end_s = span.start_us / 1e6, span.end_us / 1e6
            evidence = [
                Evidence("thrust demanded", "throttle.demand", at_s, most, self.full),
                Evidence("falling meanwhile [m/s]", "velocity.down", end_s, fall, self.falling_ms),
            ]
            if force is not None:
                says, least = "specific force obtained [m/s²]", self.share * GRAVITY
                evidence.append(Evidence(says, "accel.z", end_s, force, least))
            return self.finding(
                self._began(demand, span.first),
                span.end_us,
                Severity.CRITICAL,
                evidence,
                detail="falls on full thrust",
            )
        return None

    def _began(self, demand: Channel, i: int) -> int:
        """Back to where the demand left its usual level."""
        usual = median(demand.values[max(0, i - 100) : max(i - 10, 1)])
        while i > 0 and demand.values[i - 1] > usual + 0.1:
            i -= 1
        return int(demand.t_us[i])

    def _wing(self, flight: Flight, demand: Channel) -> Iterator[Finding]:
        height, speed = flight.height, flight.get("airspeed.indicated") or flight.speed
        if height is None or speed is None or not flight.under_way:
            return
        t = demand.t_us
        v = speed.interpolated(t)
        energy_m = height.interpolated(t) + v * v / (2 * GRAVITY)
        full = flight.mask_under_way(t, shrink_s=1.0) & (demand.values > self.full)
        for span in spans(t, full, hold_s=self.wing_s):
            first, last = energy_m[span.first], energy_m[span.last]
            rate = (last - first) / span.duration_s
            if not rate < -self.losing_ms:
                continue
            yield self.finding(
                span.start_us,
                span.end_us,
                Severity.CRITICAL,
                [
                    Evidence(
                        "throttle demanded, for seconds",
                        "throttle.demand",
                        span.start_us / 1e6,
                        float(demand.values[span.first]),
                        self.full,
                    ),
                    Evidence(
                        "energy changes meanwhile, as height per second [m/s]",
                        height.source,
                        span.end_us / 1e6,
                        float(rate),
                        -self.losing_ms,
                    ),
                ],
                detail="sinks on full throttle",
            )
            return


def _mean_force(flight: Flight, span: Span) -> float | None:
    """Size of the mean specific force over a span [m/s²]: vibration, unlike thrust, has no mean."""
    means = []
    for axis in "xyz":
        felt = flight.get(f"accel.{axis}")
        part = felt.between(span.start_us, span.end_us).values if felt is not None else None
        if part is None or not np.isfinite(part).any():
            return None
        means.append(float(np.nanmean(part)))
    return float(np.linalg.norm(means))
