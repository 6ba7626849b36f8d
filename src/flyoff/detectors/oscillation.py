"""The vehicle shakes itself: an attitude loop that oscillates.

Body rates that swing regularly, fast and wide, while the demanded rates do not: a control loop with
too much gain. Measured as the rate's spread against the demand's, and how regular its changes of
sign are. Slow swings of the flight path are another matter.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from flyoff.detectors.base import FLYING_KINDS, Detector, InsufficientData
from flyoff.model.channel import Channel
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.units import FloatArray, Hertz, IntArray, RadiansPerSecond, Ratio, Seconds


@dataclass(frozen=True, slots=True)
class Oscillation(Detector):
    """Wide, regular swings of a body rate that nobody asked for."""

    kind: ClassVar[Kind] = Kind.OSCILLATION
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (("rate.roll", "rate.pitch"),)
    vehicles: ClassVar[frozenset[str]] = FLYING_KINDS
    window_s: Seconds = 3.0
    swing_rads: RadiansPerSecond = 1.0  # standard deviation: ± 80°/s, far beyond gust response
    demand_share: Ratio = 0.5
    slowest_hz: Hertz = 1.5
    regular: Ratio = 0.35  # spread of the half periods over their mean
    least_rate_hz: Hertz = 9.0

    def find(self, flight: Flight) -> Iterator[Finding]:
        assessed = False
        for axis in ("roll", "pitch"):
            rate = flight.get(f"rate.{axis}")
            if rate is None or not rate.rate_hz > self.least_rate_hz:
                continue
            assessed = True
            found = self._axis(flight, axis, rate, flight.get(f"rate_demand.{axis}"))
            if found is not None:
                yield found
                return
        if not assessed:
            raise InsufficientData("rates are logged too slowly to show an oscillation")

    def _axis(
        self, flight: Flight, axis: str, rate: Channel, demand: Channel | None
    ) -> Finding | None:
        t = rate.t_us
        values = np.where(flight.mask_under_way(t, shrink_s=1.0), np.nan_to_num(rate.values), 0.0)
        asked = np.nan_to_num(demand.interpolated(t)) if demand is not None else np.zeros(t.size)
        width = max(4, round(self.window_s * rate.rate_hz))
        swings = _spread(values, width)
        wide = np.flatnonzero(swings > self.swing_rads)
        at = np.unique(wide // max(1, width // 2)) * max(1, width // 2)
        for a in at[at + width <= t.size].tolist():
            part = values[a : a + width]
            swing = float(np.std(part))
            if swing < self.swing_rads or np.std(asked[a : a + width]) > self.demand_share * swing:
                continue
            frequency = self._frequency(t[a : a + width], part - part.mean())
            if frequency > self.slowest_hz:
                return self.finding(
                    int(t[a]),
                    int(t[a + width - 1]),
                    Severity.WARNING,
                    [
                        Evidence(
                            f"spread of the {axis} rate [rad/s]",
                            f"rate.{axis}",
                            t[a] / 1e6,
                            swing,
                            self.swing_rads,
                        ),
                        Evidence(
                            "frequency [Hz]", f"rate.{axis}", t[a] / 1e6, frequency, self.slowest_hz
                        ),
                    ],
                    detail=axis,
                )
        return None

    def _frequency(self, t: IntArray, values: FloatArray) -> float:
        """Frequency of a regular swing [Hz]; 0 if it is not regular."""
        turns = np.flatnonzero(np.diff(np.signbit(values).astype(np.int8)) != 0)
        if turns.size < 6:
            return 0.0
        halves = np.diff(t[turns]) / 1e6
        if float(np.std(halves)) > self.regular * float(np.mean(halves)):
            return 0.0
        return 0.5 / float(np.mean(halves))


def _spread(values: FloatArray, width: int) -> FloatArray:
    """Standard deviation of each window of ``width`` samples, shape (n - width + 1,)."""
    if values.size < width:
        return np.empty(0)
    total = np.cumsum(np.concatenate(([0.0], values)))
    square = np.cumsum(np.concatenate(([0.0], values * values)))
    mean = (total[width:] - total[:-width]) / width
    return np.asarray(
        np.sqrt(np.maximum((square[width:] - square[:-width]) / width - mean * mean, 0.0))
    )
