"""The pack's voltage gives way under load more than a healthy one does.

Voltage against current over the flight: the slope is the internal resistance, and a pack that drops
a large share of its voltage at the currents it is asked for is too small, cold or worn. Needs
voltage and current that both vary; a pack that is not measured says nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from flyoff.detectors.base import Detector, InsufficientData
from flyoff.model.channel import Channel
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.model.middle import median
from flyoff.units import Amperes, FloatArray, Ratio, Volts


@dataclass(frozen=True, slots=True)
class BatterySag(Detector):
    """Voltage lost to the internal resistance at the load of the flight."""

    kind: ClassVar[Kind] = Kind.BATTERY_SAG
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (("battery.voltage", "battery.current"),)
    share: Ratio = 0.15  # of the pack's voltage lost at the 95th percentile of the current
    spread_a: Amperes = 3.0  # the current has to vary for a slope to be known
    sensed_v: Volts = 2.0
    correlated: Ratio = 0.7

    def find(self, flight: Flight) -> Iterator[Finding]:
        volts, amperes = flight.get("battery.voltage"), flight.get("battery.current")
        if volts is None or amperes is None:
            return
        v, a = self._measured(flight, volts, amperes)
        resistance, r = self._slope(v, a)
        high = float(np.quantile(a, 0.95))
        lost = resistance * high / median(v)
        if r > -self.correlated or lost < self.share:
            return
        start, end = flight.under_way[0][0], flight.under_way[-1][1]
        says = "share of the voltage lost at high load"
        yield self.finding(
            start,
            end,
            Severity.WARNING,
            [
                Evidence(says, "battery.voltage", None, lost, self.share),
                Evidence("internal resistance [ohm]", "battery.current", None, resistance),
            ],
        )

    def _measured(
        self, flight: Flight, volts: Channel, amperes: Channel
    ) -> tuple[FloatArray, FloatArray]:
        """Voltage and current at the same instants under way, both finite."""
        inside = flight.mask_under_way(volts.t_us)
        v = volts.values[inside]
        a = amperes.interpolated(volts.t_us)[inside]
        good = np.isfinite(v) & np.isfinite(a)
        v, a = v[good], a[good]
        if v.size < 50 or median(v) < self.sensed_v:
            raise InsufficientData("the pack's voltage is not measured")
        if float(np.std(a)) < self.spread_a:
            raise InsufficientData("the current varies too little to tell the resistance")
        return v, a

    def _slope(self, v: FloatArray, a: FloatArray) -> tuple[float, float]:
        """Internal resistance [ohm], and how well voltage and current correlate."""
        # discharge lowers the voltage too: both are taken out by a straight line in time
        x = np.linspace(-1.0, 1.0, v.size)
        design = np.column_stack([np.ones_like(x), x, a])
        fit = np.linalg.lstsq(design, v, rcond=None)[0]
        resistance = -float(fit[2])
        rest = v - design[:, :2] @ fit[:2]
        if float(np.std(rest)) < 1e-6:
            raise InsufficientData("the voltage does not vary at all: it is not a measurement")
        return resistance, float(np.corrcoef(rest, a)[0, 1])
