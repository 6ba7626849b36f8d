"""The part of a recording that belongs to one sortie: what its judges look at, cut out once."""

from flyoff.model.channel import Channel
from flyoff.model.event import Event, EventKind
from flyoff.model.recording import Recording
from flyoff.units import IntArray


class Excerpt:
    """Channels and events of a recording between two instants, each cut out when first asked for.

    Channels on one clock in the recording are on one clock here too, as the same array: who asks
    whether two of them were sampled together need not compare their times.

    Parameters
    ----------
    recording : Recording
    start_us, end_us : int [µs], both included
    """

    def __init__(self, recording: Recording, start_us: int, end_us: int) -> None:
        self.recording = recording
        self.start_us, self.end_us = start_us, end_us
        self._channels: dict[str, Channel | None] = {}
        self._clocks: dict[int, tuple[IntArray, int, int, IntArray]] = {}
        self._events: dict[tuple[EventKind, ...], list[Event]] = {}

    def get(self, name: str) -> Channel | None:
        """A channel within the bounds, or None if it has no sample there."""
        if name not in self._channels:
            whole = self.recording.get(name)
            self._channels[name] = None if whole is None else self._cut(whole)
        return self._channels[name]

    def instances(self, name: str) -> dict[int, Channel]:
        """All instances of a quantity that have samples there, ``{number: channel}``, ascending."""
        found = {n: self.get(key) for n, key in self.recording.numbered(name).items()}
        return {n: channel for n, channel in found.items() if channel is not None}

    def events(self, kinds: tuple[EventKind, ...]) -> list[Event]:
        """Events within the bounds, of the given kinds (all if none given)."""
        if kinds not in self._events:
            found = self.recording.events_between(self.start_us, self.end_us, *kinds)
            self._events[kinds] = list(found)
        return self._events[kinds]

    def forget_dropped(self) -> None:
        """Let go of what the recording has let go of."""
        for name in [n for n in self._channels if n not in self.recording.decoded]:
            del self._channels[name]
        self._clocks.clear()

    def _cut(self, whole: Channel) -> Channel | None:
        clock = self._clocks.get(id(whole.t_us))
        if clock is None:
            a, b = whole.within(self.start_us, self.end_us)
            clock = self._clocks[id(whole.t_us)] = (whole.t_us, a, b, whole.t_us[a:b])
        _, a, b, t_us = clock
        return Channel(whole.name, t_us, whole.values[a:b], whole.source) if b > a else None
