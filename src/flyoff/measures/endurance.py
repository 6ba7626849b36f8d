"""How long it was under way."""

from flyoff.model.flight import Flight


def under_way_s(flight: Flight) -> float | None:
    """Time off the ground, or moving for a boat or rover [s]."""
    return flight.under_way_s
