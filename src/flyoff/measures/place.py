"""How exactly it came down, and how much of the plan it flew, as the estimator believed.

A pulled satellite position makes these as wrong as the belief; the outcome corrects for it, these
do not: they are the raw distances, and the finding says what to think of them.
"""

import math

from flyoff.model.flight import Flight
from flyoff.model.mission import Mission
from flyoff.model.progress import Progress, end_position, place_offset, progress


def _mission(flight: Flight) -> Mission | None:
    return flight.plan or flight.recording.mission


def _landed(flight: Flight) -> bool:
    return flight.landing_us is not None and not flight.ends_under_way


def touchdown_descent_ms(flight: Flight) -> float | None:
    """Descent just before the last contact with the ground [m/s]."""
    return flight.contacts[-1].descent if flight.contacts else None


def landing_error_m(flight: Flight) -> float | None:
    """Distance of the resting place from the planned landing place [m]; None without a plan."""
    mission, end = _mission(flight), end_position(flight)
    if mission is None or mission.destination is None or end is None or not _landed(flight):
        return None
    place = place_offset(flight, mission.destination)
    return None if place is None else math.hypot(end[0] - place[0], end[1] - place[1])


def arrival_error_m(flight: Flight) -> float | None:
    """Closest approach to the last planned waypoint [m]; None without a plan."""
    done = _progress(flight)
    return done.nearest_m[-1] if done is not None and done.nearest_m else None


def return_error_m(flight: Flight) -> float | None:
    """Distance of the resting place from the launch point [m]."""
    end = end_position(flight)
    return math.hypot(*end) if end is not None and _landed(flight) else None


def waypoints_passed(flight: Flight) -> float | None:
    """Planned waypoints that the track passed."""
    done = _progress(flight)
    return None if done is None else float(done.passed)


def waypoints_planned(flight: Flight) -> float | None:
    """Waypoints that the plan asks to pass."""
    mission = _mission(flight)
    return None if mission is None else float(len(mission.waypoints))


def _progress(flight: Flight) -> Progress | None:
    mission = _mission(flight)
    return None if mission is None or not flight.under_way else progress(flight, mission)
