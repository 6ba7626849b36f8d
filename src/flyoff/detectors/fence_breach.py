"""The vehicle left the area or height that it was allowed.

As the autopilot reports it, with the mode that followed. A fence that is not set cannot be
breached. Blind spot: a breach that the autopilot did not notice because its position was wrong.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from flyoff.detectors.base import Detector
from flyoff.model.event import EventKind
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight


@dataclass(frozen=True, slots=True)
class FenceBreach(Detector):
    """The autopilot reports a breach of its fence."""

    kind: ClassVar[Kind] = Kind.FENCE_BREACH

    def find(self, flight: Flight) -> Iterator[Finding]:
        breaches = [
            e
            for e in flight.events(EventKind.FENCE_BREACH, EventKind.FAILSAFE)
            if (e.kind is EventKind.FENCE_BREACH or e.text == "fence")
            and flight.is_under_way(e.t_us)
        ]
        if not breaches:
            return
        first = breaches[0]
        evidence = [Evidence("autopilot: fence breached", first.source, first.t_s, first.value)]
        track = flight.track()
        radius = flight.param("FENCE_RADIUS", flight.param("GF_MAX_HOR_DIST", 0.0))
        if track is not None and radius > 0:
            t, north, east = track
            i = min(int(np.searchsorted(t, first.t_us)), t.size - 1)
            away = float(np.hypot(north[i], east[i]))
            evidence.append(
                Evidence("distance from the launch point", "position.lat", t[i] / 1e6, away, radius)
            )
        yield self.finding(first.t_us, breaches[-1].t_us, Severity.WARNING, evidence)
