"""How far the links carried: operator's input and ground station, as the vehicle heard them."""

import numpy as np

from flyoff.model.flight import Flight
from flyoff.model.span import spans

#: Four missed heartbeats; a ground station sends one a second.
SILENT_S = 4.0
#: A flag that is up for less is a flicker, not a loss.
HOLD_S = 0.5
#: What says that a link is lost, and above which value.
_LINKS = {"rc.is_lost": 0.5, "link.is_lost": 0.5, "link.gcs_age": SILENT_S}


def link_held_m(flight: Flight) -> float | None:
    """Greatest distance from the launch point with every link heard [m], until one was lost.

    A link counts if it was heard before the vehicle was under way. Where none is lost this is how
    far the vehicle went, and says only that the links carry at least so far.
    """
    track, heard = flight.track("position") or flight.track("gnss"), _heard(flight)
    if track is None or not heard:
        return None
    t, north, east = track
    lost_us = _lost_us(flight, heard)
    inside = flight.mask_under_way(t)
    if lost_us is not None:
        inside = inside & (t <= lost_us)
    far = np.hypot(north[inside], east[inside])
    far = far[np.isfinite(far)]
    return float(far.max()) if far.size else None


def link_lost_m(flight: Flight) -> float | None:
    """Distance from the launch point at which a link was first lost [m]."""
    track, lost_us = flight.track("position") or flight.track("gnss"), None
    if track is not None:
        lost_us = _lost_us(flight, _heard(flight))
    if track is None or lost_us is None:
        return None
    t, north, east = track
    far = np.hypot(north, east)
    known = np.isfinite(far)
    return float(np.interp(lost_us, t[known], far[known])) if known.any() else None


def _heard(flight: Flight) -> list[str]:
    """Links that were heard before the vehicle was under way."""
    heard = []
    for name, limit in _LINKS.items():
        channel = flight.get(name)
        if channel is None or not flight.under_way:
            continue
        before = channel.values[channel.t_us <= flight.under_way[0][0]]
        if (before <= limit).any():
            heard.append(name)
    return heard


def _lost_us(flight: Flight, heard: list[str]) -> int | None:
    """When the first of the links was lost while under way; None if none was."""
    first: list[int] = []
    for name in heard:
        channel = flight.get(name)
        if channel is None:
            continue
        limit = _LINKS[name]
        is_age = name == "link.gcs_age"
        deaf = flight.mask_under_way(channel.t_us) & (channel.values > limit)
        found = spans(channel.t_us, deaf, hold_s=0.0 if is_age else HOLD_S)
        if found:
            silent_us = int(channel.values[found[0].first] * 1e6) if is_age else 0
            first.append(max(found[0].start_us - silent_us, flight.start_us))
    return min(first, default=None)
