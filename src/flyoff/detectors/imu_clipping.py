"""An accelerometer was driven into its end stop: what it says while it clips is false.

A clipped peak is not averaged out: it biases the mean, the estimator's velocity walks away, and the
height with it. Autopilots count clippings since boot. A few at a touchdown or in a crash are
normal; a stream of them in flight is not. Channel: ``vibration.clips`` (ArduPilot VIBE.Clip, PX4
vehicle_imu_status.accel_clipping). Blind spots: firmware that does not count.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from flyoff.detectors.base import Detector, InsufficientData
from flyoff.detectors.windows import earlier
from flyoff.model.channel import Channel
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.units import Ratio, Seconds


@dataclass(frozen=True, slots=True)
class ImuClipping(Detector):
    """Clippings in flight, spread over more than one bump."""

    kind: ClassVar[Kind] = Kind.IMU_CLIPPING
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (("vibration.clips",),)
    count: float = 10.0  # within the window; a single bump gives a handful
    window_s: Seconds = 5.0
    bumps: Ratio = 3.0  # so many separate samples of the counter must have risen
    serious: float = 100.0  # ArduPilot's manual: hundreds lose the height
    shrink_s: Seconds = 2.0  # take-off and touchdown

    def find(self, flight: Flight) -> Iterator[Finding]:
        counters = flight.instances("vibration.clips")
        enough = False
        for channel in counters.values():
            inside = flight.mask_under_way(channel.t_us, shrink_s=self.shrink_s)
            enough |= bool(inside.sum() > 3)
            if inside.sum() > 3:
                finding = self._judge(channel, inside)
                if finding is not None:
                    yield finding
                    return
        if not enough:
            raise InsufficientData("too few samples of the clipping counter under way")

    def _judge(self, channel: Channel, inside: np.ndarray) -> Finding | None:
        t, values = channel.t_us[inside], channel.values[inside]
        rises = np.concatenate(([0.0], np.maximum(np.diff(values), 0.0)))
        total, events = np.cumsum(rises), np.cumsum(rises > 0)
        i = earlier(t, self.window_s)
        many = (total - total[i] + rises[i] >= self.count) & (events - events[i] >= self.bumps)
        if not many.any():
            return None
        at = int(np.flatnonzero(many)[0])
        first = i[at] + int(np.flatnonzero(rises[i[at] : at + 1] > 0)[0])
        last = int(np.flatnonzero(rises > 0)[-1])
        clipped = float(total[last] - total[first] + rises[first])
        severity = Severity.CRITICAL if clipped >= self.serious else Severity.WARNING
        says = "accelerometer clippings in flight"
        evidence = [Evidence(says, channel.name, float(t[last] / 1e6), clipped, self.count)]
        return self.finding(t[first], t[last], severity, evidence)
