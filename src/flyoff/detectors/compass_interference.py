"""A compass sees a field that is not the Earth's: iron, a magnet, or current close by.

The Earth's field has, at one place, one strength and one dip. With roll and pitch taken out, a
compass must show the same level and vertical parts on every heading; no heading enters, so a
compass that has already pulled the heading along cannot hide. What the field was is taken on the
ground and again just after take-off, and the nearer of the two counts: concrete with steel under
the pad, and a motor's current that calibration has missed, are then no events. Measured on sound
flights the parts stay within 6 µT; an injected offset moves them by 20 µT and more. Channels:
``mag.x/y/z`` of each compass with ``attitude.roll``, ``attitude.pitch``. Blind spots: interference
that was there before take-off and stayed; offsets below about a third of the field.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from flyoff.detectors.base import Detector, InsufficientData
from flyoff.detectors.body_frame import body_frame
from flyoff.detectors.windows import kink, trailing_mean
from flyoff.model.catalogue import instance_name
from flyoff.model.channel import Channel
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.model.middle import median, nanmedian
from flyoff.model.span import spans
from flyoff.units import FloatArray, IntArray, Radians, Ratio, Seconds


@dataclass(frozen=True, slots=True)
class CompassInterference(Detector):
    """Level and vertical parts of the field away from what they were at launch."""

    kind: ClassVar[Kind] = Kind.COMPASS_INTERFERENCE
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("mag.x", "mag.y", "mag.z", "attitude.roll", "attitude.pitch", "attitude.yaw"),
    )
    off_ut: float = 14.0  # µT; twice what sound flights show
    off_share: Ratio = 0.3  # of the field; compass checks of autopilots: 0.25 … 0.35
    alone_ut: float = 8.0  # µT; where another compass shows nothing of it
    alone_share: Ratio = 0.16
    quiet: Ratio = 0.4  # of this compass's deviation: the other one shows nothing of it
    smooth_s: Seconds = 1.0
    hold_s: Seconds = 2.0
    launch_s: Seconds = 6.0
    tilt: Radians = 1.05  # beyond 60° a small attitude error tips the dip over
    back_s: Seconds = 12.0

    def find(self, flight: Flight) -> Iterator[Finding]:
        seen = {n: self._deviation(flight, n) for n in flight.instances("mag.x")}
        judged = {n: d for n, d in seen.items() if d is not None}
        if not judged:
            raise InsufficientData("too few compass samples around take-off and under way")
        found = []
        for number, (deviation, strength) in judged.items():
            others = [d for n, (d, _) in judged.items() if n != number]
            finding = self._judge(
                flight, number, deviation, self._limit(deviation, strength, others)
            )
            if finding is not None:
                found.append(finding)
        yield from sorted(found, key=lambda f: f.onset_s)

    def _limit(self, deviation: Channel, strength: float, others: list[Channel]) -> FloatArray:
        """What counts as interference at each sample [µT].

        A wrong attitude tips the field of all compasses alike. Where another one stays where it
        was, that excuse is gone, and less is enough.
        """
        limit = np.full(len(deviation), max(self.off_ut, self.off_share * strength))
        alone = max(self.alone_ut, self.alone_share * strength)
        for other in others:
            quiet = other.interpolated(deviation.t_us) < self.quiet * deviation.values
            limit = np.where(quiet, np.minimum(limit, alone), limit)
        return limit

    def _deviation(self, flight: Flight, number: int) -> tuple[Channel, float] | None:
        """How far the two parts are from those at launch [µT], and the field's strength."""
        x, y, z = (flight.get(instance_name(f"mag.{a}", number)) for a in "xyz")
        takeoff_us = flight.takeoff_us
        if x is None or y is None or z is None or takeoff_us is None:
            return None
        t = x.t_us
        body = body_frame(flight, t)
        if body is None or y.t_us.size != t.size or z.t_us.size != t.size:
            return None
        ahead, right, down = body.level(x.values, y.values, z.values)
        level = np.hypot(ahead, right)
        ground = (t <= takeoff_us) & (t >= flight.start_us - flight.margin_us)
        launch = (t > takeoff_us) & (t <= takeoff_us + int(self.launch_s * 1e6))
        if launch.sum() < 3:
            return None
        off = [
            np.hypot(level - nanmedian(level[w]), down - nanmedian(down[w]))
            for w in (ground, launch)
            if w.sum() >= 3
        ]
        strength = nanmedian(np.hypot(level[launch], down[launch]))
        nearer = trailing_mean(t, np.minimum.reduce(off), self.smooth_s)
        return Channel(x.name.replace(".x", ".field"), t, nearer, x.source), strength

    def _judge(
        self, flight: Flight, number: int, deviation: Channel, limit: FloatArray
    ) -> Finding | None:
        t = deviation.t_us
        over = (deviation.values > limit) & flight.mask_under_way(t, shrink_s=0.5)
        tilted = flight.tilt
        if tilted is not None:
            over &= ~(tilted.at(t) > self.tilt)
        held = spans(t, over, hold_s=self.hold_s, bridge_s=2.0)
        if not held:
            return None
        span = held[0]
        onset = self._onset(flight, number, deviation, span.first)
        window = slice(span.first, span.last + 1)
        worst = span.first + int(np.nanargmax(deviation.values[window]))
        evidence = [
            Evidence(
                "magnetic field away from what it was at launch",
                instance_name("mag.x", number),
                float(t[worst] / 1e6),
                float(deviation.values[worst]),
                float(limit[worst]),
            )
        ]
        detail = f"compass {number}"
        return self.finding(t[onset], held[-1].end_us, Severity.WARNING, evidence, detail=detail)

    def _onset(self, flight: Flight, number: int, deviation: Channel, first: int) -> int:
        """Where it began; another compass shows it on any heading, so it is asked first."""
        apart = self._from_twin(flight, number, deviation.t_us)
        signal = deviation.values if apart is None else apart
        return kink(deviation.t_us, np.nan_to_num(signal), first, self.back_s)

    @staticmethod
    def _from_twin(flight: Flight, number: int, t_us: IntArray) -> FloatArray | None:
        """How far this compass is from where it was relative to another [µT]."""
        others = [n for n in flight.instances("mag.x") if n != number]
        if not others:
            return None
        before = t_us <= (flight.takeoff_us or flight.start_us)
        total = np.zeros(t_us.shape)
        for axis in "xyz":
            own = flight.get(instance_name(f"mag.{axis}", number))
            other = flight.get(instance_name(f"mag.{axis}", others[0]))
            if own is None or other is None:
                return None
            gap = own.values - other.interpolated(t_us)
            usual = gap[before & np.isfinite(gap)]
            total += (gap - (median(usual) if usual.size else 0.0)) ** 2
        return np.sqrt(total)
