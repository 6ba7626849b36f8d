"""The vehicle left the planned area and kept going.

Distance of the track from everything that it could rightly follow (the plan, what was uploaded, the
launch point), and whether that distance still grows when the log ends; or it came down far off.
Without a route nothing can be said. Blind spot: a flight by hand has no route.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from flyoff.detectors.base import Detector, InsufficientData
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.model.route import distance_from_route
from flyoff.units import Metres, MetresPerSecond, Seconds


@dataclass(frozen=True, slots=True)
class Flyaway(Detector):
    """Far from route and home, and still leaving."""

    kind: ClassVar[Kind] = Kind.FLYAWAY
    needs: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("position.lat", "position.lon"),
        ("gnss.lat", "gnss.lon"),
    )
    off_m: Metres = 60.0  # several turn radii of a multirotor or boat
    off_wing_m: Metres = 200.0  # a wing needs room to turn around
    lost_m: Metres = 500.0  # that far off, it did not come down where anybody meant it to
    over_s: Seconds = 8.0  # growing for this long at the end
    left_m: Metres = 20.0
    sinking_ms: MetresPerSecond = 0.3  # on its way down: where it ends is about to be decided

    def find(self, flight: Flight) -> Iterator[Finding]:
        away = distance_from_route(flight)
        if away is None:
            raise InsufficientData("no plan and no uploaded mission: where it should be is unknown")
        t, far = away.t_us, away.values
        limit = self.off_wing_m if flight.has_wings else self.off_m
        end = float(far[-1])
        before = float(away.at(np.array([t[-1] - int(self.over_s * 1e6)], dtype=np.int64))[0])
        leaving = flight.ends_under_way and end > limit and end - before > 0.5 * self.over_s
        if end < self.lost_m and (not leaving or self._comes_down(flight)):
            return
        inside = np.flatnonzero(far < self.left_m)
        i = int(inside[-1]) if inside.size else 0
        onset_us = int(t[i])
        says = "distance from the planned route and the launch point"
        yield self.finding(
            onset_us,
            int(t[-1]),
            Severity.CRITICAL,
            [
                Evidence(says, "position.lat", t[-1] / 1e6, end, limit),
                Evidence(
                    "growing over the last seconds [m]", "position.lat", t[-1] / 1e6, end - before
                ),
            ],
        )

    def _comes_down(self, flight: Flight) -> bool:
        climb = flight.climb
        if climb is None or not flight.flies:
            return False
        last = climb.between(flight.end_us - int(self.over_s * 1e6), flight.end_us).values
        last = last[np.isfinite(last)]
        return last.size > 2 and float(last.mean()) < -self.sinking_ms
