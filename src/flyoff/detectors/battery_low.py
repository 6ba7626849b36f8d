"""The battery ran low in flight.

The autopilot says so (a battery failsafe, a warning level), its own low threshold is passed, or the
cells fall below what lithium cells can give under load. The onset is where the voltage left the
level it had, not where the threshold was passed. A pack that is not measured says nothing, but an
autopilot that acts on its battery has measured it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from flyoff.detectors.base import Detector, InsufficientData
from flyoff.model.channel import Channel
from flyoff.model.event import EventKind
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.model.middle import median, nanmedian
from flyoff.model.span import spans
from flyoff.units import Ratio, Seconds, Volts


@dataclass(frozen=True, slots=True)
class BatteryLow(Detector):
    """A warning level, a low threshold, or cells below their floor."""

    kind: ClassVar[Kind] = Kind.BATTERY_LOW
    needs: ClassVar[tuple[tuple[str, ...], ...]] = ()
    cell_v: Volts = 3.3  # lithium-polymer under load (SIGNALS C: 3.3 V/cell critical)
    full_cell_v: Volts = 4.2
    remaining: Ratio = 0.15  # PX4 BAT_LOW_THR
    hold_s: Seconds = 2.0
    sensed_v: Volts = 2.0
    left: Ratio = 0.01  # of the voltage: where it left its level

    def find(self, flight: Flight) -> Iterator[Finding]:
        volts = self._sensed(flight.get("battery.voltage"))
        signs = [
            *self._reported(flight),
            *self._low_voltage(flight, volts),
            *self._low_charge(flight),
        ]
        if not signs and volts is None and flight.get("battery.remaining") is None:
            raise InsufficientData("the pack is not measured")
        if not signs:
            return
        signs.sort(key=lambda s: s.t_s or 0.0)
        at_us = int((signs[0].t_s or 0.0) * 1e6)
        acted = any(e.text == "battery" for e in flight.events(EventKind.FAILSAFE))
        yield self.finding(
            self._onset(volts, flight, at_us),
            flight.end_us,
            Severity.WARNING,
            signs[:4],
            confidence=0.95 if acted else 0.8,
        )

    def _sensed(self, volts: Channel | None) -> Channel | None:
        if volts is None or not np.isfinite(volts.values).any():
            return None
        return volts if nanmedian(volts.values) > self.sensed_v else None

    def _reported(self, flight: Flight) -> list[Evidence]:
        found = [
            Evidence("autopilot: battery failsafe", e.source, e.t_s)
            for e in flight.events(EventKind.FAILSAFE)
            if e.text == "battery" and flight.is_under_way(e.t_us)
        ]
        warning = flight.get("battery.warning")
        if warning is not None:
            raised = flight.mask_under_way(warning.t_us) & (warning.values >= 1)
            for span in spans(warning.t_us, raised)[:1]:
                level = float(warning.values[span.first : span.last + 1].max())
                found.append(
                    Evidence(
                        "autopilot's warning level",
                        "battery.warning",
                        span.start_us / 1e6,
                        level,
                        1.0,
                    )
                )
        return found[:2]

    def _low_voltage(self, flight: Flight, volts: Channel | None) -> list[Evidence]:
        if volts is None:
            return []
        start = volts.values[volts.t_us <= flight.start_us + 5_000_000]
        full = float(np.nanmax(start)) if start.size else float(np.nanmax(volts.values))
        cells = max(1, round(full / (self.full_cell_v - 0.15)))
        floor = flight.param("BATT_LOW_VOLT", 0.0) or self.cell_v * cells
        if floor > 0.97 * full:  # a threshold above the full pack is a setting, not a low battery
            return []
        below = flight.mask_under_way(volts.t_us) & (volts.values < floor)
        return [
            Evidence(
                "pack voltage [V]",
                "battery.voltage",
                s.start_us / 1e6,
                float(volts.values[s.first : s.last + 1].min()),
                floor,
            )
            for s in spans(volts.t_us, below, hold_s=self.hold_s)[:1]
        ]

    def _low_charge(self, flight: Flight) -> list[Evidence]:
        left = flight.get("battery.remaining")
        if left is None or not (np.nan_to_num(left.values) > self.remaining).any():
            return []
        below = flight.mask_under_way(left.t_us) & (left.values < self.remaining)
        return [
            Evidence(
                "charge left",
                "battery.remaining",
                s.start_us / 1e6,
                float(left.values[s.first]),
                self.remaining,
            )
            for s in spans(left.t_us, below, hold_s=self.hold_s)[:1]
        ]

    def _onset(self, volts: Channel | None, flight: Flight, at_us: int) -> int:
        """Walk back along the falling voltage to where it left its level."""
        if volts is None:
            return at_us
        part = volts.between(flight.takeoff_us or flight.start_us, at_us)
        if len(part) < 20:
            return at_us
        step_s = median(np.diff(part.t_us)) / 1e6
        width = max(1, round(1.0 / max(step_s, 1e-3)))
        kernel = np.ones(width) / width
        smooth = np.convolve(np.nan_to_num(part.values), kernel, mode="valid")
        t = part.t_us[width - 1 :]
        level = median(smooth[: max(3, smooth.size // 2)])
        near = np.flatnonzero(smooth > level * (1 - self.left))
        return int(t[near[-1]]) if near.size else at_us
