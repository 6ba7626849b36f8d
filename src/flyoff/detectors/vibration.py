"""The airframe shakes its inertial sensors harder than they can bear, or harder than it used to.

ArduPilot logs a level (acceleration above 5 Hz, root mean square over half a second), PX4 a metric
of its own; makers give limits for both. A level that jumps to several times its own earlier value
in the same flight is a fault as well (a cut propeller, a loose arm), though it stays below the
makers' limits. Channels: ``vibration.x/y/z`` or ``vibration.metric``. Blind spots: vibration above
the sampling rate that the sensor's own filter removed; see ``imu_clipping`` for what saturates it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from flyoff.detectors.base import Detector, InsufficientData
from flyoff.detectors.windows import trailing_mean
from flyoff.model.channel import Channel
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.model.middle import nanmedian
from flyoff.model.span import Span, spans
from flyoff.units import MetresPerSecond2, Ratio, Seconds


@dataclass(frozen=True, slots=True)
class Vibration(Detector):
    """A vibration level held above its limit, or a multiple of its own earlier level."""

    kind: ClassVar[Kind] = Kind.VIBRATION
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("vibration.x", "vibration.y", "vibration.z"),
        ("vibration.metric",),
    )
    level: MetresPerSecond2 = 25.0  # ArduPilot's manual: above 30 is trouble, above 60 a crash
    level_bad: MetresPerSecond2 = 60.0
    metric: MetresPerSecond2 = 9.81  # PX4's check: 4.905 high, 9.81 critical
    metric_bad: MetresPerSecond2 = 19.62
    risen_times: Ratio = 4.0  # of the level earlier in the same flight
    risen_level: MetresPerSecond2 = 12.0
    risen_metric: MetresPerSecond2 = 6.0
    hold_s: Seconds = 4.0  # longer than a touchdown, a gust or a transition shakes
    earlier_s: Seconds = 15.0
    smooth_s: Seconds = 1.0

    def find(self, flight: Flight) -> Iterator[Finding]:
        levels = [flight.instances(f"vibration.{a}") for a in "xyz"]
        by_level = [c for axis in levels for c in axis.values()]
        metrics = list(flight.instances("vibration.metric").values())
        channels = [(c, self.level, self.level_bad, self.risen_level) for c in by_level]
        for c in metrics:
            # PX4 until 1.11 logs the estimator's own metric, comparable with a level
            old = c.source.startswith("estimator_status")
            limits = (self.level, self.level_bad) if old else (self.metric, self.metric_bad)
            channels.append((c, *limits, self.risen_level if old else self.risen_metric))
        judged = [self._worst(flight, *c) for c in channels]
        if not any(flight.mask_under_way(c[0].t_us, shrink_s=1.0).sum() > 3 for c in channels):
            raise InsufficientData("too few vibration samples under way")
        found = [j for j in judged if j is not None]
        if found:
            yield max(found, key=lambda f: (f.severity is Severity.WARNING, -f.onset_s))

    def _worst(
        self, flight: Flight, channel: Channel, limit: float, bad: float, risen: float
    ) -> Finding | None:
        t = channel.t_us
        inside = flight.mask_under_way(t, shrink_s=1.0)
        if inside.sum() <= 3:
            return None
        smooth = trailing_mean(t, channel.values, self.smooth_s)
        earlier = self._earlier(channel, smooth, inside)
        high = smooth > limit
        # risen: what the flight itself showed to be usual for this airframe, times a few
        high |= (smooth > risen) & (smooth > self.risen_times * earlier)
        held = spans(t, high & inside, hold_s=self.hold_s, bridge_s=1.0)
        if not held:
            return None
        return self._finding(channel, held[0], limit, bad, earlier)

    def _earlier(self, channel: Channel, smooth: np.ndarray, inside: np.ndarray) -> float:
        first = int(np.flatnonzero(inside)[0])
        until = np.searchsorted(channel.t_us, channel.t_us[first] + int(self.earlier_s * 1e6))
        return nanmedian(smooth[first : max(int(until), first + 1)])

    def _finding(
        self, channel: Channel, span: Span, limit: float, bad: float, earlier: float
    ) -> Finding:
        window = slice(span.first, span.last + 1)
        worst = span.first + int(np.nanargmax(channel.values[window]))
        value = float(channel.values[worst])
        onset = span.first
        # the level is a filter's output and rises over its time constant: the cause came before
        while onset > 0 and channel.values[onset - 1] > 1.5 * earlier + 0.5:
            onset -= 1
        evidence = [
            Evidence(
                "vibration level", channel.name, float(channel.t_us[worst] / 1e6), value, limit
            ),
            Evidence("its level earlier in the flight", channel.name, None, earlier),
        ]
        severity = Severity.INFO
        if value > limit:
            severity = Severity.CRITICAL if value > bad else Severity.WARNING
        return self.finding(channel.t_us[onset], span.end_us, severity, evidence)
