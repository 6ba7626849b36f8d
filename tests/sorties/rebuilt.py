"""A recording with every channel changed when asked for, a mission with every place moved."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from flyoff.model.channel import Channel
from flyoff.model.mission import Mission
from flyoff.model.recording import Recording

Altered = tuple[Recording, Mission | None]
Variant = Callable[[Recording, Mission | None], Altered]


def rebuilt(recording: Recording, change: Callable[[Channel], Channel], **more: Any) -> Recording:
    """The recording with every channel changed when it is asked for."""
    loaders = {name: partial(_changed, load, change) for name, load in recording.loaders.items()}
    facts = {
        name: getattr(recording, name)
        for name in ("start_us", "end_us", "events", "mission", "utc", "gaps")
    } | more
    return Recording(
        recording.log,
        recording.vehicle,
        facts["start_us"],
        facts["end_us"],
        loaders,
        facts["events"],
        recording.params,
        facts["mission"],
        facts["utc"],
        recording.boot,
        facts["gaps"],
        recording.notes,
        recording.ends_cut,
    )


def _changed(load: Callable[[], Channel], change: Callable[[Channel], Channel]) -> Channel:
    return change(load())


def carried(
    mission: Mission | None, place: Callable[[Any, Any], tuple[Any, Any]]
) -> Mission | None:
    """The mission with every place in it moved."""
    if mission is None:
        return None
    items = []
    for item in mission.items:
        there = place(item.lat, item.lon) if item.has_position else (item.lat, item.lon)
        items.append(replace(item, lat=float(there[0]), lon=float(there[1])))
    home = (*place(*mission.home[:2]), mission.home[2]) if mission.home else None
    return replace(mission, items=tuple(items), home=home)
