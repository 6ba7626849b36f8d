"""The airspeed sensor is stuck, or leaves the ground speed without a reason in the air.

A pitot tube in flowing air is never silent: its reading changes from sample to sample. One value
repeated for seconds in flight is a blocked tube or a dead sensor. And where the reading jumps
within two seconds while the ground speed does not, the air would have had to change by as much: a
gust of 8 m/s that arrives at once and stays is no weather for a small aircraft, and it would move
the aircraft too. Channels: ``airspeed.indicated``, ground speed. Blind spots: a slow leak, and
sensors that were already wrong at launch.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from flyoff.detectors.base import WINGED_KINDS, Detector, InsufficientData, NotApplicable
from flyoff.detectors.gnss_reception import reception
from flyoff.detectors.windows import change, trailing_count
from flyoff.model.catalogue import instance_name
from flyoff.model.channel import Channel
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.model.span import spans
from flyoff.units import MetresPerSecond, Ratio, Seconds


@dataclass(frozen=True, slots=True)
class AirspeedFault(Detector):
    """A frozen airspeed, or one that jumps by itself."""

    kind: ClassVar[Kind] = Kind.AIRSPEED_FAULT
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (("airspeed.indicated",),)
    vehicles: ClassVar[frozenset[str]] = WINGED_KINDS
    freeze_s: Seconds = 2.0  # 20 samples at the usual 10 Hz without a digit of noise
    freeze_samples: float = 8.0  # and enough samples to say so at slower rates
    flow_ms: MetresPerSecond = 4.0  # 10 Pa: ten times the offset that a pitot sensor drifts by
    jump_ms: MetresPerSecond = 8.0
    jump_s: Seconds = 2.0
    ground_share: Ratio = 0.5  # of the jump that the ground speed may explain
    flying_ms: MetresPerSecond = 8.0  # below it no wing of ours flies, and pitot tubes say little
    stays_s: Seconds = 3.0
    unhealthy_s: Seconds = 2.0

    def find(self, flight: Flight) -> Iterator[Finding]:
        judged = 0
        for number, air in flight.instances("airspeed.indicated").items():
            inside = flight.mask_under_way(air.t_us, shrink_s=1.0)
            if inside.sum() < 20:
                continue
            if not np.nanmax(air.values[inside]) > self.flying_ms:
                continue  # never read a flying speed: not fitted, or flown on lift motors only
            judged += 1
            found = self._frozen(flight, air, inside) or self._jumped(flight, air, inside)
            found = found or self._unhealthy(flight, number)
            if found is not None:
                yield found
        if not judged:
            if len(flight.instances("airspeed.indicated")) and flight.vehicle.kind == "vtol":
                raise NotApplicable("never flew on its wings with the sensor working")
            raise InsufficientData("no airspeed above that of taxiing")

    def _frozen(self, flight: Flight, air: Channel, inside: np.ndarray) -> Finding | None:
        t, v = air.t_us, air.values
        inside = inside & self._in_flow(flight, air)
        if not inside.any():
            return None
        same = np.concatenate(([False], np.diff(v) == 0.0)) & inside
        if np.mean(same[inside]) > 0.5 and not self._moves(v[inside]):
            return None  # a coarse or derived channel that repeats itself all the time
        for span in spans(t, same, hold_s=self.freeze_s):
            if span.last - span.first < self.freeze_samples:
                continue
            first = max(span.first - 1, 0)
            held_s = (span.end_us - t[first]) / 1e6
            evidence = [
                Evidence(
                    "seconds without any change", air.name, span.end_us / 1e6, held_s, self.freeze_s
                ),
                Evidence(
                    "the value it repeats", air.name, span.start_us / 1e6, float(v[span.last])
                ),
            ]
            return self._finding(int(t[first]), span.end_us, evidence)
        return None

    def _in_flow(self, flight: Flight, air: Channel) -> np.ndarray:
        """Where air flows past the tube, by its own word or the ground speed's.

        Where it does not (on the ground, or in a hover in calm air) a driver that does not report
        less than nothing repeats its zero: that is no fault.
        """
        ground = flight.get("gnss.speed") or flight.speed
        flows = np.nan_to_num(air.values) > self.flow_ms
        if ground is not None:
            flows |= np.nan_to_num(ground.interpolated(air.t_us)) > self.flow_ms
        return np.asarray(flows)

    @staticmethod
    def _moves(values: np.ndarray) -> bool:
        """Whether it once changed nearly every sample: then repeating is news."""
        first = values[: max(20, values.size // 8)]
        return bool(np.mean(np.diff(first) == 0.0) < 0.2)

    def _jumped(self, flight: Flight, air: Channel, inside: np.ndarray) -> Finding | None:
        ground = flight.get("gnss.speed") or flight.speed
        if ground is None:
            return None
        t = air.t_us
        speed = ground.interpolated(t, max_gap_s=2.0)
        jump, moved = change(t, air.values, self.jump_s), change(t, speed, self.jump_s)
        flying = inside & (speed > self.flying_ms)
        received = flight.once(reception)
        if received is not None and received.had_fix_at_launch:
            flying &= received.is_sound(t)
        flying &= trailing_count(t, ~flying, self.stays_s) == 0
        odd = flying & (np.abs(jump) > self.jump_ms)
        odd &= np.abs(moved) < self.ground_share * np.abs(jump)
        for at in np.flatnonzero(odd):
            later = np.searchsorted(t, t[at] + int(self.stays_s * 1e6))
            before = np.searchsorted(t, t[at] - int(self.jump_s * 1e6))
            if later >= t.size or not abs(air.values[later] - air.values[before]) > self.jump_ms:
                continue
            steps = np.abs(np.diff(air.values[before : at + 1]))
            onset = before + int(np.flatnonzero(steps > 0.25 * steps.max())[0])
            says = f"airspeed changed within {self.jump_s:.0f} s, ground speed did not"
            evidence = [
                Evidence(says, air.name, float(t[at] / 1e6), float(jump[at]), self.jump_ms),
                Evidence(
                    "ground speed changed by", ground.name, float(t[at] / 1e6), float(moved[at])
                ),
            ]
            return self._finding(int(t[onset]), int(t[-1]), evidence)
        return None

    def _unhealthy(self, flight: Flight, number: int) -> Finding | None:
        health = flight.get(instance_name("airspeed.is_healthy", number))
        if health is None:
            return None
        bad = (health.values == 0.0) & flight.mask_under_way(health.t_us, shrink_s=1.0)
        for span in spans(health.t_us, bad, hold_s=self.unhealthy_s):
            says = "the autopilot flags the airspeed sensor as bad"
            evidence = [Evidence(says, health.name, span.start_us / 1e6, 0.0, 1.0)]
            # wind beyond what the estimator believed trips this flag too: worth knowing, no more
            return self.finding(span.start_us, span.end_us, Severity.INFO, evidence, confidence=0.5)
        return None

    def _finding(self, start_us: int, end_us: int, evidence: list[Evidence]) -> Finding:
        return self.finding(start_us, end_us, Severity.WARNING, evidence)
