"""Where a sortie ended against where it should have, and how much of the plan was flown.

The vehicle's belief is corrected by what the satellite navigation detectors found: where the
position was pulled away and nobody noticed, the believed place is off by that much.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from flyoff.model.finding import Evidence, Finding, Kind
from flyoff.model.flight import Flight
from flyoff.model.intent import BreakOff, break_offs, mission_is_done, was_in_mission
from flyoff.model.mission import Mission
from flyoff.model.progress import (
    Progress,
    arrived_radius,
    end_position,
    place_offset,
    progress,
)

#: "At the launch point" for the word returned [m]; wings and boats stop less exactly.
RETURNED_M = {"fixed_wing": 150.0, "vtol": 30.0, "rover": 15.0, "boat": 15.0}
RETURNED_DEFAULT_M = 10.0


@dataclass(frozen=True, slots=True)
class Arrival:
    """The end of a sortie in relation to its plan.

    Attributes
    ----------
    mission : Mission or None
        The plan, or what the log says was uploaded.
    is_planned : bool
        It is the plan from beside the log, not the log's own.
    progress : Progress or None
    destination : (north, east) [m] from the launch point, or None if no place is known
    end : (north, east) [m], corrected for a pulled position; None without a track
    offset_m : float [m]
        How far the believed position was pulled at the end.
    farthest_m : float [m]
        Greatest distance from the launch point; NaN without a track.
    from_destination_m, from_launch_m : float [m], NaN where unknown
    is_at_destination, is_at_launch : bool
    is_flown : bool
        All waypoints were passed, by position.
    is_finished : bool
        The autopilot reported the last waypoint reached.
    ended_by_itself : bool
        In a mission to the end, with no break-off.
    broken_off : BreakOff or None
        First break-off before the mission was done.
    """

    mission: Mission | None
    is_planned: bool
    progress: Progress | None
    destination: tuple[float, float] | None
    end: tuple[float, float] | None
    offset_m: float
    farthest_m: float
    from_destination_m: float
    from_launch_m: float
    radius_m: float
    is_at_destination: bool
    is_at_launch: bool
    is_flown: bool
    is_finished: bool
    ended_by_itself: bool
    broken_off: BreakOff | None

    def place_evidence(self) -> list[Evidence]:
        """Distances of the end, as evidence."""
        found = []
        if math.isfinite(self.from_destination_m):
            says = "distance of the end from the planned place"
            if self.offset_m > 0:
                says += f", with the pulled position ({self.offset_m:.0f} m) put right"
            found.append(
                Evidence(says, "position.lat", None, self.from_destination_m, self.radius_m)
            )
        if math.isfinite(self.from_launch_m):
            says = "distance of the end from the launch point"
            found.append(Evidence(says, "position.lat", None, self.from_launch_m))
        return found

    def progress_evidence(self) -> list[Evidence]:
        """Waypoints passed, as evidence."""
        if self.progress is None or not self.progress.planned:
            return []
        whose = "planned" if self.is_planned else "uploaded (no plan beside the log)"
        says = f"{self.progress.passed} of {self.progress.planned} {whose} waypoints passed"
        return [
            Evidence(
                says,
                "position.lat",
                None,
                float(self.progress.passed),
                float(self.progress.planned),
            )
        ]


def arrival(flight: Flight, findings: Sequence[Finding]) -> Arrival:
    """Compare the end of a sortie with its plan."""
    mission = flight.plan or (flight.recording.mission if was_in_mission(flight) else None)
    done = progress(flight, mission) if mission is not None else None
    end, offset_m = _true_end(flight, findings)
    wanted = _destination(flight, mission)
    destination = place_offset(flight, wanted) if wanted is not None else None
    from_destination = _distance(end, destination)
    from_launch = _distance(end, (0.0, 0.0))
    radius = arrived_radius(flight)
    breaks = [b for b in break_offs(flight) if not mission_is_done(flight, b.t_us)]
    # a failsafe counts even when the mission was all but done: it decided where the flight ended
    breaks += [b for b in break_offs(flight) if b.by == "failsafe" and b not in breaks]
    breaks.sort(key=lambda b: b.t_us)
    return Arrival(
        mission=mission,
        is_planned=flight.plan is not None,
        progress=done,
        destination=destination,
        end=end,
        offset_m=offset_m,
        farthest_m=_farthest(flight),
        from_destination_m=from_destination,
        from_launch_m=from_launch,
        radius_m=radius,
        is_at_destination=from_destination <= radius,
        is_at_launch=from_launch <= RETURNED_M.get(flight.vehicle.kind, RETURNED_DEFAULT_M),
        is_flown=done is not None and done.is_complete,
        is_finished=mission_is_done(flight, flight.end_us),
        ended_by_itself=was_in_mission(flight) and not breaks,
        broken_off=breaks[0] if breaks else None,
    )


def _destination(flight: Flight, mission: Mission | None) -> tuple[float, float] | None:
    """Where the plan ends; a boat or rover simply stops at its last waypoint."""
    if mission is None:
        return None
    if mission.destination is None and not flight.flies and mission.waypoints:
        last = mission.waypoints[-1]
        return last.lat, last.lon
    return mission.destination


def _true_end(
    flight: Flight, findings: Sequence[Finding]
) -> tuple[tuple[float, float] | None, float]:
    """Where it really ended: the believed end less what the position was pulled by."""
    end = end_position(flight, "position") or end_position(flight, "gnss")
    if end is None:
        return None, 0.0
    north, east = pulled(findings)
    return (end[0] - north, end[1] - east), math.hypot(north, east)


def pulled(findings: Sequence[Finding]) -> tuple[float, float]:
    """Offset of the believed position at the end, metres (north, east), from the findings.

    A pull that two detectors see is one pull: the larger offset is taken, not the sum.
    """
    worst = (0.0, 0.0)
    for finding in findings:
        if finding.kind not in (Kind.GNSS_SPOOFING, Kind.GNSS_GLITCH):
            continue
        named = {e.channel: e.value for e in finding.evidence if e.value is not None}
        offset = (named.get("gnss.offset.north", 0.0), named.get("gnss.offset.east", 0.0))
        worst = max(worst, offset, key=lambda o: math.hypot(*o))
    return worst


def _distance(a: tuple[float, float] | None, b: tuple[float, float] | None) -> float:
    if a is None or b is None:
        return float("nan")
    return math.hypot(a[0] - b[0], a[1] - b[1])


def _farthest(flight: Flight) -> float:
    track = flight.track("position") or flight.track("gnss")
    if track is None:
        return float("nan")
    t, north, east = track
    inside = (t >= flight.start_us) & (t <= flight.end_us)
    if not inside.any():
        return float("nan")
    return float(np.hypot(north[inside] - north[inside][0], east[inside] - east[inside][0]).max())
