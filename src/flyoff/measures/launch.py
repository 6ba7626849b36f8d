"""How the launch went."""

from flyoff.model.flight import Flight


def arming_to_airborne_s(flight: Flight) -> float | None:
    """Time from arming to the first instant under way [s]; None if either is not in the log."""
    if flight.takeoff_us is None or not flight.is_armed or flight.starts_armed:
        return None
    return (flight.takeoff_us - flight.start_us) / 1e6
