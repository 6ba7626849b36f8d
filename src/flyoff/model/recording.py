"""One boot of one vehicle from one log, normalised: channels and events on one clock."""

import difflib
import html
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING

from flyoff.errors import UnknownChannel
from flyoff.model.arrow import in_group, table_of
from flyoff.model.catalogue import CATALOGUE, base_name
from flyoff.model.channel import Channel
from flyoff.model.event import Event, EventKind
from flyoff.model.mission import Mission
from flyoff.stages import piece

if TYPE_CHECKING:
    import pyarrow

#: Kinds of vehicle that judging knows.
VEHICLE_KINDS = (
    "multirotor",
    "helicopter",
    "fixed_wing",
    "vtol",
    "rover",
    "boat",
    "sub",
    "airship",
    "unknown",
)


@dataclass(frozen=True, slots=True)
class Vehicle:
    """What the log says of the vehicle that wrote it.

    Attributes
    ----------
    id : str
        Stable identity of the airframe's flight controller, prefixed by its autopilot
        (``"ap:3A002B…"``, ``"px4:0001…"``); ``"unknown"`` where the log names none.
    kind : str
        One of ``VEHICLE_KINDS``.
    autopilot : str
        ``px4``, ``ardupilot``, ``betaflight``, ``inav`` …
    firmware : str
        As the log prints it, such as ``"ArduCopter 4.7.0"``.
    version : tuple of int
        (major, minor, patch); (0, 0, 0) where unknown.
    frame : str
        ``quad``, ``hexa``, ``octa`` … or ``""``.
    board : str
    motors : int
        Number of lift or drive motors; 0 where unknown.
    is_simulated : bool
    """

    id: str = "unknown"
    kind: str = "unknown"
    autopilot: str = "unknown"
    firmware: str = ""
    version: tuple[int, int, int] = (0, 0, 0)
    frame: str = ""
    board: str = ""
    motors: int = 0
    is_simulated: bool = False


@dataclass(frozen=True, slots=True)
class LogReference:
    """Which log a recording was read from."""

    path: str
    sha256: str
    format: str
    bytes: int


@dataclass(frozen=True, slots=True)
class UtcClock:
    """How the log's own clock maps to UTC.

    Attributes
    ----------
    offset_us : int [µs]
        ``utc_us = t_us + offset_us`` (UNIX time, leap seconds taken out).
    uncertainty_s : float [s]
    source : str
        ``"GPS.GWk/GMS"``, ``"sensor_gps.time_utc_usec"`` …
    """

    offset_us: int
    uncertainty_s: float
    source: str


#: Channels of a smaller log may all stay decoded while it is judged [byte].
LARGE_LOG_BYTES = 32 << 20

Loader = Callable[[], Channel]


@dataclass(slots=True, eq=False)
class Recording:
    """One boot of one vehicle from one log; channels are decoded when first asked for.

    Attributes
    ----------
    log : LogReference
    vehicle : Vehicle
    start_us, end_us : int [µs on the log's own clock]
        First and last trustworthy time stamp.
    loaders : mapping of channel name to a function that decodes it
    events : tuple of Event, ordered by time
    params : mapping of parameter name to value at the start
    mission : Mission or None
        As far as the log carries it (what was uploaded).
    utc : UtcClock or None
    boot : int
        Which boot of the log, from 0.
    gaps : tuple of (start_us, end_us)
        Spans in which the logger wrote nothing although it should have.
    notes : tuple of str
        What a reader of the log should know (crash dump appended, encrypted section …).
    ends_cut : bool
        The bytes stop in the middle of a record: the log was cut, not closed.

    Examples
    --------
    >>> recording = Recording(LogReference("x", "", "built", 0), Vehicle(), 0, 10, {})
    >>> "battery.voltage" in recording
    False
    """

    log: LogReference
    vehicle: Vehicle
    start_us: int
    end_us: int
    loaders: Mapping[str, Loader]
    events: tuple[Event, ...] = ()
    params: Mapping[str, float] = field(default_factory=dict)
    mission: Mission | None = None
    utc: UtcClock | None = None
    boot: int = 0
    gaps: tuple[tuple[int, int], ...] = ()
    notes: tuple[str, ...] = ()
    ends_cut: bool = False
    _cache: dict[str, Channel] = field(default_factory=dict, repr=False)
    _numbers: dict[str, dict[int, str]] = field(default_factory=dict, repr=False)
    _timelines: dict[tuple[EventKind, ...], tuple[Sequence[int], Sequence[Event]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __contains__(self, name: str) -> bool:
        return name in self.loaders

    def __iter__(self) -> Iterator[str]:
        return iter(self.loaders)

    def __getitem__(self, name: str) -> Channel:
        """Return a channel, decoding it on first use.

        Raises
        ------
        UnknownChannel
            If the recording does not carry it.
        """
        found = self._cache.get(name)
        if found is None:
            if name not in self.loaders:
                raise UnknownChannel(name, self._hint(name))
            with piece("decode"):
                found = self._cache[name] = self.loaders[name]()
        return found

    def get(self, name: str) -> Channel | None:
        """Return a channel, or None if the recording does not carry it or it has no sample."""
        if name not in self.loaders:
            return None
        channel = self[name]
        return channel if len(channel) else None

    def numbered(self, name: str) -> Mapping[int, str]:
        """Name of the channel of each instance of a quantity, ``{number: name}``, ascending."""
        if not self._numbers:
            for key in self.loaders:
                base = base_name(key)
                number = int(key[len(base) + 1 : -1]) if key != base else 0
                self._numbers.setdefault(base, {})[number] = key
            for base, keys in self._numbers.items():
                self._numbers[base] = dict(sorted(keys.items()))
        return self._numbers.get(name, {})

    def instances(self, name: str) -> dict[int, Channel]:
        """All instances of a quantity, ``{number: channel}``, those without samples left out."""
        found = {number: self[key] for number, key in self.numbered(name).items()}
        return {number: channel for number, channel in found.items() if len(channel)}

    def stream(self, group: str) -> "pyarrow.Table":
        """Channels as one Arrow table, which polars, pandas and DuckDB take as it is.

        Rows are the instants at which any of them was sampled; null is no sample of that instant.

        Parameters
        ----------
        group : str
            ``"battery"``, one quantity of all instances (``"gnss.fix"``) or one channel.

        Raises
        ------
        UnknownChannel
            If the recording carries none of them.
        """
        names = in_group(list(self.loaders), group)
        if not names:
            raise UnknownChannel(group, self._hint(group))
        return table_of([self[n] for n in names])

    def events_of(self, *kinds: EventKind) -> list[Event]:
        """The events of the given kinds, ordered by time."""
        return list(self.timeline(*kinds)[1])

    def timeline(self, *kinds: EventKind) -> tuple[Sequence[int], Sequence[Event]]:
        """Times [µs] and events of the given kinds (all if none given), made once.

        A log may hold thousands of sorties: who asks for one of them looks its part up in the
        times, and does not go through the events of all.
        """
        if kinds not in self._timelines:
            found = [e for e in self.events if e.kind in kinds] if kinds else list(self.events)
            found.sort(key=attrgetter("t_us"))
            self._timelines[kinds] = [e.t_us for e in found], found
        return self._timelines[kinds]

    def events_between(self, start_us: int, end_us: int, *kinds: EventKind) -> Sequence[Event]:
        """The events of the given kinds between two instants, both included."""
        times, events = self.timeline(*kinds)
        return events[bisect_left(times, start_us) : bisect_right(times, end_us)]

    @property
    def is_large(self) -> bool:
        """Whether the log's channels, all decoded, could matter to a laptop's memory."""
        return self.log.bytes > LARGE_LOG_BYTES

    def trim(self, most_bytes: int, large_bytes: int = 1 << 20) -> None:
        """Drop large decoded channels once all together take more than ``most_bytes``."""
        if sum(c.values.nbytes for c in self._cache.values()) > most_bytes:
            for name in [n for n, c in self._cache.items() if c.values.nbytes >= large_bytes]:
                del self._cache[name]

    @property
    def decoded(self) -> Mapping[str, Channel]:
        """The channels that are decoded now."""
        return self._cache

    def forget(self) -> None:
        """Drop decoded channels, to give their memory back; they are decoded again when asked."""
        self._cache.clear()

    @property
    def duration_s(self) -> float:
        """Length of the recording [s]."""
        return (self.end_us - self.start_us) / 1e6

    def _hint(self, name: str) -> str:
        if base_name(name) not in CATALOGUE:
            near = difflib.get_close_matches(name, dict.fromkeys((*self.loaders, *CATALOGUE)), n=3)
            return f"; did you mean {', '.join(near)}?" if near else ""
        return " (it is in the catalogue, but this log does not carry it)"

    def _repr_html_(self) -> str:
        v, utc = self.vehicle, self.utc
        facts = {
            "log": self.log.path,
            "vehicle": f"{v.kind} {v.id}",
            "firmware": v.firmware or v.autopilot,
            "length": f"{self.duration_s:.1f} s",
            "clock": f"UTC ± {utc.uncertainty_s:g} s from {utc.source}" if utc else "no UTC",
            "channels": ", ".join(self.loaders),
            "events": str(len(self.events)),
        }
        rows = (f"<tr><th>{k}</th><td>{html.escape(t)}</td></tr>" for k, t in facts.items())
        return f"<table>{''.join(rows)}</table>"

    def __repr__(self) -> str:
        v = self.vehicle
        return (
            f"<Recording {v.firmware or v.autopilot} {v.kind} {v.id}, {self.duration_s:.1f} s, "
            f"{len(self.loaders)} channels, {len(self.events)} events, from {self.log.path}>"
        )
