"""Whole sorties told by a few points of the way: what flies, where it is when, and what breaks.

A ``Story`` is turned into a recording whose channels follow from one motion, so that outcome and
cause are judged on flights in which only the told fault is wrong. ``moved`` gives the same story
elsewhere on the Earth and later on the clock: nothing that is concluded may depend on either.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from flyoff.model.event import Event, EventKind
from flyoff.model.mission import Mission, MissionItem
from flyoff.model.recording import Recording
from flyoff.model.sortie import Sortie
from flyoff.pipeline.judgement import judge_recording
from tests.scenarios.flights import DRAG, GRAVITY, Channels, moved_by, recording

#: (time [s], north, east, height [m])
Point = tuple[float, float, float, float]
#: What a channel becomes: its instants [s] and usual values (zeros if it is new) to new values.
Change = Callable[[np.ndarray, np.ndarray], np.ndarray]
Place = tuple[float, float]

STEP_S = 0.04
#: Motion is rounded over this long; a collision is not.
ROUNDED_S = 0.8
WAYPOINT, RETURN, LAND, TAKEOFF = 16, 20, 21, 22


@dataclass(frozen=True)
class Story:
    """One recording in the making.

    Attributes
    ----------
    way : points of the way, between which it moves evenly
    armed : spans (from, to) [s]; a span that is open at the end of the log has no ``to``
    end_s : float [s]
        Last sample of the log.
    impact_s : float or None [s]
        From two seconds before this on the motion is not rounded.
    events : of the log, besides arming
    changed : what differs from a sound vehicle, by channel
    missing : beginnings of names of channels that the log does not carry
    uploaded, planned : waypoints (north, east) [m] of the mission on board and of the plan
    ends_with : MAV_CMD
        How both end: with RETURN or with LAND at the last waypoint.
    """

    way: tuple[Point, ...]
    kind: str = "multirotor"
    armed: tuple[tuple[float, float | None], ...] = ((5.0, 84.0),)
    end_s: float = 86.0
    impact_s: float | None = None
    events: tuple[Event, ...] = ()
    changed: Mapping[str, Change] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    uploaded: tuple[Place, ...] = ()
    planned: tuple[Place, ...] = ()
    ends_with: int = RETURN
    params: Mapping[str, float] = field(default_factory=dict)
    lat: float = 47.0
    lon: float = 8.0
    shift_s: float = 0.0

    def but(self, **changes: object) -> "Story":
        """The same story, but for some of its parts."""
        return replace(self, **changes)

    def with_channels(self, **changes: Change) -> "Story":
        """The same story with channels changed; ``__`` stands for the dot of their names."""
        named = {name.replace("__", "."): change for name, change in changes.items()}
        return replace(self, changed={**self.changed, **named})

    def with_events(self, *events: Event) -> "Story":
        return replace(self, events=(*self.events, *events))

    def cut(self, at_s: float) -> "Story":
        """The same story, its log cut at an instant."""
        armed = tuple((a, b if b is not None and b < at_s else None) for a, b in self.armed)
        return replace(
            self,
            end_s=at_s,
            armed=tuple(s for s in armed if s[0] < at_s),
            events=tuple(e for e in self.events if e.t_s < at_s),
        )

    def moved(self, lat: float, lon: float, shift_s: float) -> "Story":
        return replace(self, lat=lat, lon=lon, shift_s=shift_s)

    def mission(self, places: tuple[Place, ...], source: str) -> Mission | None:
        if not places:
            return None
        north, east = np.array(places, dtype=np.float64).T
        at = moved_by({}, north, north, east, self.lat, self.lon)
        lat, lon = at["gnss.lat"][1], at["gnss.lon"][1]
        items = [MissionItem(0, WAYPOINT, self.lat, self.lon, 0.0)]
        items.append(MissionItem(1, TAKEOFF, np.nan, np.nan, 10.0))
        for seq, (y, x) in enumerate(zip(lat, lon, strict=True), 2):
            items.append(MissionItem(seq, WAYPOINT, float(y), float(x), 10.0))
        items.append(MissionItem(len(items), self.ends_with, np.nan, np.nan, 0.0))
        return Mission(tuple(items), source)

    def recording(self) -> Recording:
        """The log of the story."""
        channels = channels_of(self)
        for name, change in self.changed.items():
            t, usual = channels.get(name, (instants(self), np.zeros(instants(self).size)))
            channels[name] = (t, change(t, usual))
        kept = {
            name: (t + self.shift_s, values)
            for name, (t, values) in channels.items()
            if not name.startswith(self.missing)
        }
        return recording(
            kept,
            [replace(e, t_us=e.t_us + round(self.shift_s * 1e6)) for e in self._events()],
            self.kind,
            params=self.params,
            mission=self.mission(self.uploaded, "log"),
        )

    def judged(self) -> list[Sortie]:
        return judge_recording(self.recording(), self.mission(self.planned, "plan"))

    def sortie(self) -> Sortie:
        """The only sortie of the story."""
        (only,) = self.judged()
        return only

    def _events(self) -> list[Event]:
        arming = [at(a, EventKind.ARM, reason="operator") for a, _ in self.armed]
        arming += [at(b, EventKind.DISARM) for _, b in self.armed if b is not None]
        return [*arming, *self.events]


def at(
    t_s: float, kind: EventKind, text: str = "", *, reason: str = "", value: float | None = None
) -> Event:
    """An event at an instant [s]."""
    return Event(round(t_s * 1e6), kind, text, value, reason, f"built.{kind}")


def mode(t_s: float, name: str, reason: str = "operator") -> Event:
    """A change of the mode."""
    return at(t_s, EventKind.MODE, name, reason=reason)


def failsafe(t_s: float, what: str) -> Event:
    """The autopilot says that a failsafe acts."""
    return at(t_s, EventKind.FAILSAFE, what)


def after(t_s: float, value: float) -> Change:
    """A constant from an instant on."""
    return lambda t, usual: np.where(t >= t_s, value, usual)


def within(a_s: float, b_s: float, value: float) -> Change:
    """A constant between two instants."""
    return lambda t, usual: np.where((t >= a_s) & (t < b_s), value, usual)


def instants(story: Story) -> np.ndarray:
    return np.arange(0.0, story.end_s + STEP_S / 2, STEP_S)


def channels_of(story: Story) -> Channels:
    """The channels of a sound vehicle on this way."""
    t = instants(story)
    rng = np.random.default_rng(7)
    north, east, height = (_rounded(story, t, axis) for axis in (1, 2, 3))
    velocity = [np.gradient(p, t) for p in (north, east, -height)]
    pulls = [np.clip(np.gradient(v, t) + DRAG * v, -4.0, 4.0) for v in velocity[:2]]
    flies = story.kind not in ("boat", "rover")
    aloft = height > 0.05 if flies else np.hypot(*velocity[:2]) > 0.3
    lean = story.kind == "multirotor"
    pitch = np.where(aloft & lean, -np.arctan2(pulls[0], GRAVITY), 0.0)
    roll = np.where(aloft & lean, np.arctan2(pulls[1], GRAVITY), 0.0)
    power = np.where(aloft, 0.45, 0.0) + rng.normal(0.0, 0.004, t.size) * aloft
    place = moved_by({}, t, north, east, story.lat, story.lon)
    out: Channels = {
        "position.lat": place["gnss.lat"],
        "position.lon": place["gnss.lon"],
        "position.down": (t, -height),
        "attitude.roll": (t, roll),
        "attitude.pitch": (t, pitch),
        "attitude.yaw": (t, np.arctan2(velocity[1], velocity[0]) if not lean else 0.0 * t),
        "attitude_demand.roll": (t, roll),
        "attitude_demand.pitch": (t, pitch),
        "throttle.demand": (t, power),
        "battery.voltage": (t, 16.4 - 0.004 * t - 1.2 * power + rng.normal(0, 0.01, t.size)),
        "battery.current": (t, 0.4 + 40.0 * power + rng.normal(0, 0.05, t.size)),
        "gnss.fix": (t[::5], np.full(t[::5].size, 3.0)),
    }
    for name, v in zip(("north", "east", "down"), velocity, strict=True):
        out[f"velocity.{name}"] = (t, v)
    for name in ("lat", "lon"):
        out[f"gnss.{name}"] = (t[::5], place[f"gnss.{name}"][1][::5])
    if story.kind in ("multirotor", "vtol"):
        for number in range(1, 5):
            noise = rng.normal(0.0, 0.01, t.size) * aloft
            out[f"motor.command[{number}]"] = (t, power + noise)
    return out


def _rounded(story: Story, t: np.ndarray, axis: int) -> np.ndarray:
    known = np.array([point[0] for point in story.way])
    plain = np.interp(t, known, np.array([point[axis] for point in story.way]))
    width = round(ROUNDED_S / STEP_S) | 1
    padded = np.pad(plain, width // 2, mode="edge")
    smooth = np.convolve(padded, np.ones(width) / width, mode="valid")
    if story.impact_s is None:
        return smooth
    return np.where(t >= story.impact_s - 2.0, plain, smooth)
