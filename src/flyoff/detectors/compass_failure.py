"""A compass stopped: no more samples, the same sample again and again, or its own health flag.

A magnetometer has noise, so values that do not change at all while the vehicle turns are no
measurement. Samples that cease while the other sensors of the same log go on mean a driver or a
cable. Channels: ``mag.x/y/z``, ``mag.is_healthy``, ``gyro.z`` or ``attitude.yaw``. Blind spots: a
logger that writes a compass only now and then; a failed compass that the firmware replaces without
a trace.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from flyoff.detectors.base import Detector, InsufficientData
from flyoff.model.catalogue import instance_name
from flyoff.model.channel import Channel
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.model.middle import median, nanmedian
from flyoff.model.span import spans
from flyoff.units import Radians, Ratio, Seconds


@dataclass(frozen=True, slots=True)
class CompassFailure(Detector):
    """Compass samples cease, freeze, or are flagged bad."""

    kind: ClassVar[Kind] = Kind.COMPASS_FAILURE
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (("mag.x", "mag.y", "mag.z"),)
    silence_s: Seconds = 2.0  # ArduPilot calls a compass unhealthy after 0.5 s, PX4 after 1 s
    silence_times: Ratio = 6.0  # and a logger writes at most every sixth sample
    freeze_s: Seconds = 3.0
    turned: Radians = 0.35  # 20° of turning while frozen: more than any noise floor hides
    unhealthy_s: Seconds = 0.5

    def find(self, flight: Flight) -> Iterator[Finding]:
        judged = 0
        for number, x in flight.instances("mag.x").items():
            inside = flight.mask_under_way(x.t_us)
            if inside.sum() < 5 or len(x) < 10:
                continue
            judged += 1
            found = (
                self._ceased(flight, x, number)
                or self._frozen(flight, x, number)
                or self._unhealthy(flight, number)
            )
            if found is not None:
                yield found
        if not judged:
            raise InsufficientData("too few compass samples under way")

    def _ceased(self, flight: Flight, x: Channel, number: int) -> Finding | None:
        usual_us = median(np.diff(x.t_us))
        limit_us = max(self.silence_s * 1e6, self.silence_times * usual_us)
        last_us = flight.landing_us or flight.end_us
        other = flight.get("attitude.roll") or flight.get("accel.x")
        if other is None:
            return None
        ends = np.append(x.t_us[1:], last_us)
        gaps = (ends - x.t_us > limit_us) & flight.mask_under_way(x.t_us)
        for i in np.flatnonzero(gaps):
            heard = other.between(int(x.t_us[i]), int(ends[i]))
            # the logger itself paused if the others are silent as well
            if len(heard) < 5 or np.max(np.diff(heard.t_us)) > 0.5 * (ends[i] - x.t_us[i]):
                continue
            silent_s = float(ends[i] - x.t_us[i]) / 1e6
            says = "seconds without a sample of this compass"
            evidence = [Evidence(says, x.name, float(ends[i]) / 1e6, silent_s, limit_us / 1e6)]
            onset_us = float(x.t_us[i]) + usual_us
            return self._finding(onset_us, float(ends[i]), evidence, number)
        return None

    def _frozen(self, flight: Flight, x: Channel, number: int) -> Finding | None:
        y, z = (flight.get(instance_name(f"mag.{a}", number)) for a in "yz")
        yaw = flight.get("attitude.yaw")
        if y is None or z is None or yaw is None or y.t_us.size != x.t_us.size != z.t_us.size:
            return None
        same = np.concatenate(
            (
                [False],
                (np.diff(x.values) == 0) & (np.diff(y.values) == 0) & (np.diff(z.values) == 0),
            )
        )
        held = spans(x.t_us, same & flight.mask_under_way(x.t_us), hold_s=self.freeze_s)
        for span in held:
            during = yaw.between(span.start_us, span.end_us).values
            during = np.unwrap(during[np.isfinite(during)])
            if during.size and float(np.ptp(during)) > self.turned:
                says = "turned [rad] while this compass repeated one value"
                turned = float(np.ptp(during))
                evidence = [Evidence(says, x.name, span.end_us / 1e6, turned, self.turned)]
                return self._finding(span.start_us, span.end_us, evidence, number)
        return None

    def _unhealthy(self, flight: Flight, number: int) -> Finding | None:
        health = flight.get(instance_name("mag.is_healthy", number))
        if health is None:
            return None
        before = health.values[health.t_us <= (flight.takeoff_us or flight.start_us)]
        if before.size and nanmedian(before) == 0.0:
            return None  # never was healthy: not fitted, or not used
        bad = (health.values == 0.0) & flight.mask_under_way(health.t_us)
        for span in spans(health.t_us, bad, hold_s=self.unhealthy_s):
            says = "the autopilot flags this compass as bad"
            evidence = [Evidence(says, health.name, span.start_us / 1e6, 0.0, 1.0)]
            return self._finding(span.start_us, span.end_us, evidence, number)
        return None

    def _finding(
        self, start_us: float, end_us: float, evidence: list[Evidence], number: int
    ) -> Finding:
        detail = f"compass {number}"
        return self.finding(start_us, end_us, Severity.WARNING, evidence, detail=detail)
