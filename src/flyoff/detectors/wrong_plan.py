"""The vehicle carried another mission than the one planned.

Item by item, by position: what the log says was uploaded (or what it was sent to, one target after
the other) against the plan beside the log. The vehicle may fly perfectly; it flies to the wrong
places. Needs a plan: the log alone cannot know.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from flyoff.detectors.base import Detector, InsufficientData, NotApplicable
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.model.frames import to_local
from flyoff.model.intent import was_in_mission
from flyoff.units import Metres


@dataclass(frozen=True, slots=True)
class WrongPlan(Detector):
    """Uploaded waypoints that are in no planned place."""

    kind: ClassVar[Kind] = Kind.WRONG_PLAN
    needs_under_way: ClassVar[bool] = False
    apart_m: Metres = 5.0  # files round to 1e-7 deg (1 cm); nobody means the same place 5 m off

    def find(self, flight: Flight) -> Iterator[Finding]:
        plan, carried = flight.plan, flight.recording.mission
        if plan is None:
            raise NotApplicable("no plan beside the log")
        if not plan.waypoints or not was_in_mission(flight):
            raise NotApplicable("no mission was planned or flown")
        if carried is None or not carried.waypoints:
            raise InsufficientData("the log does not carry the uploaded mission")
        lat = np.array([item.lat for item in carried.waypoints])
        lon = np.array([item.lon for item in carried.waypoints])
        apart = [np.hypot(*to_local(lat, lon, (w.lat, w.lon))) for w in plan.waypoints]
        nearest = np.minimum.reduce(apart).tolist()
        items = zip(carried.waypoints, nearest, strict=True)
        strange = [(item.seq, far) for item, far in items if far > self.apart_m]
        if not strange:
            return
        worst = max(strange, key=lambda s: s[1])
        yield self.finding(
            flight.start_us,
            flight.end_us,
            Severity.WARNING,
            [
                Evidence(
                    f"uploaded item {worst[0]} lies in no planned place, nearest one [m]",
                    "mission.item",
                    flight.start_us / 1e6,
                    float(np.round(worst[1], 1)),
                    self.apart_m,
                ),
                Evidence("uploaded waypoints in no planned place", None, None, float(len(strange))),
            ],
            detail=f"{len(strange)} of {len(carried.waypoints)} waypoints",
        )
