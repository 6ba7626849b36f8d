"""The engine or drive motor gave up.

Throttle is demanded and the motor draws no current, or does not turn, although it did before. Holds
for a wing's or boat's single drive. Without current or speed the energy of the flight tells, which
is the thrust shortfall's business.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from flyoff.detectors.base import SURFACE_KINDS, WINGED_KINDS, Detector, InsufficientData
from flyoff.model.channel import Channel
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.model.middle import median
from flyoff.model.span import spans
from flyoff.units import Ratio, Seconds


@dataclass(frozen=True, slots=True)
class EngineFailure(Detector):
    """Throttle without current or revolutions."""

    kind: ClassVar[Kind] = Kind.ENGINE_FAILURE
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("throttle.demand", "battery.current"),
        ("throttle.demand", "esc.rpm[*]"),
        ("throttle.demand", "engine.rpm"),
    )
    vehicles: ClassVar[frozenset[str]] = WINGED_KINDS | SURFACE_KINDS
    needs_under_way: ClassVar[bool] = False
    demand: Ratio = 0.3  # a running motor draws clearly more than idle at a third of throttle
    share: Ratio = 0.25  # of what it drew, or turned, at such throttle before
    hold_s: Seconds = 1.0
    scatters: Ratio = 6.0  # times the usual step from sample to sample

    def find(self, flight: Flight) -> Iterator[Finding]:
        demand = flight.get("throttle.demand")
        if demand is None or not flight.is_armed:
            return
        witnesses = [(c, n) for c, n in self._witnesses(flight)]
        if not witnesses:
            raise InsufficientData("neither current nor motor speed is measured")
        for witness, name in witnesses:
            found = self._compare(flight, demand, witness, name)
            if found is not None:
                yield found
                return

    def _witnesses(self, flight: Flight) -> Iterator[tuple[Channel, str]]:
        for name in ("engine.rpm", "battery.current"):
            channel = flight.get(name)
            if channel is not None and np.nanmax(channel.values, initial=0.0) > 0.5:
                yield channel, name
        turning = flight.instances("esc.rpm")
        if len(turning) == 1:
            number, channel = next(iter(turning.items()))
            if np.nanmax(channel.values, initial=0.0) > 100:
                yield channel, f"esc.rpm[{number}]"

    def _compare(
        self, flight: Flight, demand: Channel, witness: Channel, name: str
    ) -> Finding | None:
        t = demand.t_us
        asked = np.abs(np.nan_to_num(demand.values))
        got = np.nan_to_num(witness.at(t))
        inside = (t >= flight.start_us) & (t <= flight.end_us)
        hover = flight.get("vtol.is_hovering")
        if hover is not None:  # in hover the current is the lift motors', whatever it teaches
            inside &= np.nan_to_num(hover.at(t), nan=0.0) < 0.5
        asked_for = inside & (asked > self.demand)
        working = inside & (asked > 0.1) & (got > 0)
        if working.sum() < 20:
            return None
        ratio = got[working] / asked[working]
        # of the first half too: an engine that died early leaves more samples dead than alive
        per_throttle = float(max(median(ratio), median(ratio[: ratio.size // 2])))
        usual = per_throttle * asked
        # a current that scatters by what the drive should draw shows nothing of it
        dead = asked_for & (got < self.share * usual) & (usual > self.scatters * _scatter(witness))
        held = spans(t, dead, hold_s=self.hold_s, bridge_s=0.3)
        if not held:
            return None
        i = held[0].last
        at_s, least = t[i] / 1e6, float(self.share * usual[i])
        evidence = [
            Evidence("throttle demanded", "throttle.demand", at_s, float(asked[i]), self.demand),
            Evidence("obtained", name, at_s, float(got[i]), least),
        ]
        return self.finding(held[0].start_us, held[-1].end_us, Severity.CRITICAL, evidence)


def _scatter(witness: Channel) -> float:
    """The usual step from sample to sample, in the witness's own unit."""
    steps = np.diff(witness.values[np.isfinite(witness.values)])
    return median(np.abs(steps)) if steps.size else 0.0
