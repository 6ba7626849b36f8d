"""The barometer says a height that the satellites and their Doppler velocity contradict.

Pressure height and satellite height differ by a constant and a few per cent of the height climbed
(air is warmer or colder than the standard atmosphere). They part by metres more when the static
pressure is wrong: a blocked or icing port, light or propeller wash on the sensor, a weather front
in a long flight. Which of the two is wrong is decided by the receiver's vertical Doppler velocity:
it integrates to the satellite height if the barometer drifts, and to the barometer's if the
satellite height does. A second barometer decides as well. Channels: ``baro.height`` with
``gnss.alt_msl``, or two of ``baro.height``. Blind spots: errors below 6 m, and both barometers
wrong together where no satellites are received.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from flyoff.detectors.base import Detector, InsufficientData
from flyoff.detectors.gnss_reception import reception
from flyoff.detectors.windows import integral, kink, trailing_mean
from flyoff.model.channel import Channel
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.model.middle import median, nanmedian
from flyoff.model.span import spans
from flyoff.units import FloatArray, IntArray, Metres, Ratio, Seconds


@dataclass(frozen=True, slots=True)
class BaroFault(Detector):
    """Barometric height away from satellite height, and not by the satellites' doing."""

    kind: ClassVar[Kind] = Kind.BARO_FAULT
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("baro.height", "gnss.alt_msl"),
        ("baro.height", "baro.height[1]"),
    )
    apart_m: Metres = 6.0  # twice the worst of sound flights, simulated and real (3.6 m)
    accuracies: Ratio = 4.0  # of the receiver's own vertical accuracy estimate
    lapse: Ratio = 0.08  # of the height climbed: 25 K off the standard atmosphere
    doppler_share: Ratio = 0.5  # of the gap that the Doppler climb must lay on the barometer
    hold_s: Seconds = 1.0
    back_s: Seconds = 45.0
    serious_m: Metres = 20.0  # more than the ground clearance of ordinary legs

    def find(self, flight: Flight) -> Iterator[Finding]:
        baro = flight.get("baro.height")
        if baro is None or len(baro) < 20:
            raise InsufficientData("too few barometer samples")
        reference = self._satellite_height(flight, baro.t_us)
        known = np.isfinite(reference) & flight.mask_under_way(baro.t_us)
        second = flight.get("baro.height[1]")
        if known.sum() < 20 and second is None:
            raise InsufficientData("no satellite height under way, and one barometer only")
        if known.sum() >= 20:
            yield from self._against_satellites(flight, baro, reference)
        elif second is not None:
            yield from self._against_second(flight, baro, second)

    def _satellite_height(self, flight: Flight, t_us: IntArray) -> FloatArray:
        altitude, received = flight.get("gnss.alt_msl"), flight.once(reception)
        if altitude is None or received is None:
            return np.full(t_us.shape, np.nan)
        heard = altitude.interpolated(t_us, max_gap_s=2.0)
        return np.where(received.is_sound(t_us), heard, np.nan)

    def _against_satellites(
        self, flight: Flight, baro: Channel, reference: FloatArray
    ) -> Iterator[Finding]:
        t = baro.t_us
        gap = baro.values - reference
        start = self._usual(flight, t, gap)
        gap = gap - start
        vacc = flight.get("gnss.vacc")
        accuracy = 0.0
        if vacc is not None and np.isfinite(vacc.values).any():
            accuracy = nanmedian(vacc.at(t))
        climbed = np.abs(reference - self._usual(flight, t, reference))
        limit = np.maximum(self.apart_m, self.accuracies * accuracy) + self.lapse * climbed
        over = (np.abs(gap) > limit) & flight.mask_under_way(t)
        for span in spans(t, over, hold_s=self.hold_s, bridge_s=2.0):
            # a bend is a fault, a straight line since the launch is weather or temperature
            onset = kink(t, np.nan_to_num(gap), span.first, self.back_s)
            if not self._is_baro(flight, baro, reference, onset, span.first):
                continue
            inside = slice(span.first, span.last + 1)
            worst = span.first + int(np.nanargmax(np.abs(gap[inside])))
            yield self._finding(
                (int(t[onset]), span.end_us),
                "barometric minus satellite height",
                (int(t[worst]), float(gap[worst]), float(limit[worst])),
            )
            return

    def _is_baro(
        self, flight: Flight, baro: Channel, reference: FloatArray, onset: int, at: int
    ) -> bool:
        """Whether the Doppler climb, integrated from the onset, sides with the satellite height."""
        climb = flight.get("gnss.velocity_down")
        if climb is None:
            return True
        rise = integral(baro.t_us, -climb.interpolated(baro.t_us, max_gap_s=2.0))
        by_doppler = rise[at] - rise[onset]
        by_baro = baro.values[at] - baro.values[onset]
        gap = by_baro - (reference[at] - reference[onset])
        return bool(abs(by_baro - by_doppler) > self.doppler_share * abs(gap))

    def _against_second(self, flight: Flight, baro: Channel, second: Channel) -> Iterator[Finding]:
        t = baro.t_us
        gap = baro.values - second.interpolated(t)
        gap = trailing_mean(t, gap - self._usual(flight, t, gap), 1.0)
        over = (np.abs(gap) > self.apart_m) & flight.mask_under_way(t)
        for span in spans(t, over, hold_s=self.hold_s, bridge_s=2.0)[:1]:
            onset = kink(t, np.nan_to_num(gap), span.first, self.back_s)
            worst = span.first + int(np.nanargmax(np.abs(gap[span.first : span.last + 1])))
            yield self._finding(
                (int(t[onset]), span.end_us),
                "one barometer minus the other",
                (int(t[worst]), float(gap[worst]), self.apart_m),
            )

    def _finding(
        self, lasted_us: tuple[int, int], says: str, worst: tuple[int, float, float]
    ) -> Finding:
        t_us, value, limit = worst
        severity = Severity.CRITICAL if abs(value) > self.serious_m else Severity.WARNING
        evidence = [Evidence(says, "baro.height", t_us / 1e6, value, limit)]
        return self.finding(*lasted_us, severity, evidence)

    @staticmethod
    def _usual(flight: Flight, t_us: IntArray, values: FloatArray) -> float:
        """Median before take-off; the first five seconds where the log begins later."""
        takeoff_us = flight.takeoff_us or flight.start_us
        before = np.isfinite(values) & (t_us <= takeoff_us)
        if before.sum() < 5:
            known = np.flatnonzero(np.isfinite(values))
            before = np.isfinite(values) & (t_us <= t_us[known[0]] + 5_000_000)
        return median(values[before])
