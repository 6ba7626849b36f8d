"""The track left the legs of the mission that the vehicle was following.

Cross-track distance while in a mission mode, beyond what corners, loiters and wind explain. The
route includes both the plan and what was uploaded, so a wrong upload is another finding.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from flyoff.detectors.base import Detector, InsufficientData
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.model.intent import MISSION_MODES, mode_changes
from flyoff.model.route import distance_from_route
from flyoff.model.span import spans
from flyoff.units import BoolArray, IntArray, Metres, Seconds


@dataclass(frozen=True, slots=True)
class MissionDeviation(Detector):
    """Far from every leg while in a mission mode."""

    kind: ClassVar[Kind] = Kind.MISSION_DEVIATION
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (("position.lat", "position.lon"),)
    off_m: Metres = 25.0  # multirotors and boats hold a leg to a few metres
    off_wing_m: Metres = 200.0  # turn radius and overshoot of a small wing
    hold_s: Seconds = 5.0

    def find(self, flight: Flight) -> Iterator[Finding]:
        away = distance_from_route(flight)
        if away is None:
            raise InsufficientData("no plan and no uploaded mission")
        limit = self.off_wing_m if flight.has_wings else self.off_m
        off = self._in_mission(flight, away.t_us) & (away.values > limit)
        for span in spans(away.t_us, off, hold_s=self.hold_s):
            part = away.values[span.first : span.last + 1]
            worst = span.first + int(np.argmax(part))
            yield self.finding(
                span.start_us,
                span.end_us,
                Severity.WARNING,
                [
                    Evidence(
                        "distance from every leg",
                        "position.lat",
                        away.t_us[worst] / 1e6,
                        float(part.max()),
                        limit,
                    )
                ],
            )
            return

    def _in_mission(self, flight: Flight, t_us: IntArray) -> BoolArray:
        mask: BoolArray = np.full(t_us.shape, flight.mode_at(flight.start_us) in MISSION_MODES)
        for event, _ in mode_changes(flight):
            mask[t_us >= event.t_us] = event.text in MISSION_MODES
        mask &= flight.mask_under_way(t_us)
        return mask
