"""Channels that are states between events: armed, landed, mode, mission item, fence, home."""

from collections.abc import Iterator, Sequence

import numpy as np

from flyoff.decoders.dataflash.plan import Home
from flyoff.decoders.normalisation import Reader
from flyoff.model.channel import Channel
from flyoff.model.event import Event, EventKind
from flyoff.model.recording import Loader

_ARMING = "ARM, EV, STAT, MSG"
_LDET_LANDED = 1  # bit 0 of LDET.Flags


def steps(name: str, points: Sequence[tuple[int, float]], end_us: int, source: str) -> Channel:
    """A state from its changes, held to the end of the recording."""
    held = [*points, (max(end_us, points[-1][0]), points[-1][1])]
    t_us = np.array([t for t, _ in held], dtype=np.int64)
    return Channel(name, t_us, np.array([v for _, v in held], dtype=np.float64), source)


def _constant(channel: Channel) -> Loader:
    return lambda: channel


Points = list[tuple[int, float]]


def state_loaders(
    reader: Reader,
    events: Sequence[Event],
    homes: Sequence[tuple[int, Home]],
    armed_at_start: bool | None,
    bounds: tuple[int, int],
) -> dict[str, Loader]:
    """Loaders of what the events tell; the channels are small and made at once."""
    start_us, end_us = bounds
    loaders = {
        name: _constant(steps(name, points, end_us, source))
        for name, points, source in _told(events, homes, armed_at_start, start_us)
        if points
    }
    landed = _landed(reader, events, bounds)
    return loaders | ({"land.is_landed": landed} if landed else {})


def _told(
    events: Sequence[Event],
    homes: Sequence[tuple[int, Home]],
    armed_at_start: bool | None,
    start_us: int,
) -> Iterator[tuple[str, Points, str]]:
    """Each state's name, its changes, and who told them."""
    first = [] if armed_at_start is None else [(start_us, float(armed_at_start))]
    yield "arm.is_armed", first + _between(events, EventKind.ARM, EventKind.DISARM), _ARMING
    yield "mode.number", _values(events, EventKind.MODE), "MODE"
    yield "mission.item", _values(events, EventKind.MISSION_CURRENT), "MISE, CMD, MSG"
    for name, subsystem in (("rc.is_lost", "radio"), ("link.is_lost", "gcs")):
        own = [e for e in events if e.text == subsystem]
        lost = _between(own, EventKind.FAILSAFE, EventKind.FAILSAFE_CLEARED)
        yield name, [(start_us, 0.0), *lost] if lost else [], "ERR, MSG"
    fence = [
        # a breach told in words alone has no bits: 1 stands for it
        (e.t_us, (e.value or 1.0) if e.kind is EventKind.FENCE_BREACH else 0.0)
        for e in events
        if e.kind is EventKind.FENCE_BREACH
        or (e.kind is EventKind.FAILSAFE_CLEARED and e.text == "fence")
    ]
    yield "fence.breach", [(start_us, 0.0), *fence] if fence else [], "ERR, MSG"
    for i, name in enumerate(("home.lat", "home.lon", "home.alt_msl")):
        yield name, [(t, home[i]) for t, home in homes], "ORGN"


def _between(events: Sequence[Event], on: EventKind, off: EventKind) -> Points:
    return [(e.t_us, float(e.kind is on)) for e in events if e.kind in (on, off)]


def _values(events: Sequence[Event], kind: EventKind) -> Points:
    return [(e.t_us, e.value) for e in events if e.kind is kind and e.value is not None]


def _landed(reader: Reader, events: Sequence[Event], bounds: tuple[int, int]) -> Loader | None:
    """Copter's land detector reports changes (EV, LDET); Plane's STAT says whether it flies."""
    changes = [
        (e.t_us, float(e.kind is EventKind.LANDED))
        for e in events
        if e.source in ("EV.Id=18", "EV.Id=28")
    ]
    if changes:
        before = (bounds[0], 1.0 - changes[0][1])
        return _constant(steps("land.is_landed", [before, *changes], bounds[1], "EV.Id"))
    if reader.has("STAT", "isFlying"):
        return lambda: _of_column(reader, "STAT", "isFlying", "STAT.isFlying")
    if reader.has("LDET", "Flags"):
        return lambda: _of_column(reader, "LDET", "Flags", "LDET.Flags")
    return None


def _of_column(reader: Reader, topic: str, field: str, source: str) -> Channel:
    t_us, (values,) = reader.read(topic, (field,))
    if topic == "LDET":
        landed = (values.astype(np.int64) & _LDET_LANDED).astype(np.float64)
    else:
        landed = (values == 0).astype(np.float64)
    return Channel("land.is_landed", t_us, landed, source)
