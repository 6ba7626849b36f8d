"""A control surface no longer turns the wing as it should.

The surface is driven to its stop and the lean in its axis stays far from what is asked, at flying
speed and before it met the ground: the deflection has no effect. A wing that has lost its speed
does not answer either, and is another finding. Channels: surface outputs, demanded and obtained
attitude, airspeed or ground speed. Blind spot: a wing without logged surface outputs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from flyoff.detectors.base import WINGED_KINDS, Detector
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.model.frames import wrap_pi
from flyoff.model.middle import median
from flyoff.model.span import spans
from flyoff.units import RAD_PER_DEGREE, BoolArray, IntArray, Radians, Ratio, Seconds

#: What a flare and the first touch do to the surfaces is no failure of theirs [µs].
BEFORE_GROUND_US = 500_000
_AXES = (("surface.aileron", "roll"), ("surface.elevator", "pitch"))


@dataclass(frozen=True, slots=True)
class ControlSurfaceFailure(Detector):
    """A surface at its stop, and the axis far from where it should be."""

    kind: ClassVar[Kind] = Kind.CONTROL_SURFACE_FAILURE
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("surface.aileron", "attitude.roll", "attitude_demand.roll"),
        ("surface.elevator", "attitude.pitch", "attitude_demand.pitch"),
    )
    vehicles: ClassVar[frozenset[str]] = WINGED_KINDS
    stop: Ratio = 0.9
    error_rad: Radians = 20 * RAD_PER_DEGREE
    hold_s: Seconds = 0.8  # full deflection turns a small wing by that angle in a fraction of it
    onset_rad: Radians = 8 * RAD_PER_DEGREE
    # of the usual speed: half the lift at the same angle, twenty per cent above an ordinary stall
    flying: Ratio = 0.7

    def find(self, flight: Flight) -> Iterator[Finding]:
        for surface, axis in _AXES:
            output = flight.get(surface)
            got, wanted = flight.get(f"attitude.{axis}"), flight.get(f"attitude_demand.{axis}")
            if output is None or got is None or wanted is None:
                continue
            t = got.t_us
            error = np.abs(wrap_pi(np.nan_to_num(wanted.interpolated(t) - got.values)))
            driven = np.abs(np.nan_to_num(output.at(t)))
            helpless = self._on_wing(flight, t) & (driven > self.stop) & (error > self.error_rad)
            held = spans(t, helpless, hold_s=self.hold_s, bridge_s=0.4)
            if not held:
                continue
            span = held[0]
            i = span.first
            while i > 0 and error[i - 1] > self.onset_rad:
                i -= 1
            at_s, most = span.start_us / 1e6, float(error[span.first : span.last + 1].max())
            says, deflection = "surface driven to its stop", float(driven[span.first])
            yield self.finding(
                int(t[i]),
                held[-1].end_us,
                Severity.CRITICAL,
                [
                    Evidence(says, surface, at_s, deflection, self.stop),
                    Evidence(
                        f"error in {axis} [rad]", f"attitude.{axis}", at_s, most, self.error_rad
                    ),
                ],
                detail=surface.partition(".")[2],
            )
            return

    def _on_wing(self, flight: Flight, t_us: IntArray) -> BoolArray:
        """Where the wing carries the vehicle, well clear of take-off and landing."""
        aloft = flight.mask_under_way(t_us, shrink_s=1.0)
        hover = flight.get("vtol.is_hovering")
        if hover is not None:
            aloft &= np.nan_to_num(hover.at(t_us), nan=0.0) < 0.5
        hard = [c.t_us for c in flight.contacts if c.stopped_by_ground]
        if hard:
            aloft &= t_us < hard[0] - BEFORE_GROUND_US
        return aloft & self._flying(flight, t_us, aloft)

    def _flying(self, flight: Flight, t_us: IntArray, aloft: BoolArray) -> BoolArray:
        """Where air flows over the surfaces; everywhere, if nothing tells the speed."""
        fast = np.zeros(t_us.shape, dtype=bool)
        told = False
        for speed in (flight.get("airspeed.indicated"), flight.speed):
            if speed is None:
                continue
            v = np.nan_to_num(speed.interpolated(t_us))
            usual = median(v[aloft])
            if usual > 1.0:
                told = True
                # a dead pitot tube, or a head wind, hides one of them
                fast |= v > self.flying * usual
        return fast if told else np.ones(t_us.shape, dtype=bool)
