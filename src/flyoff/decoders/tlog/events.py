"""Instants that telemetry reports: arming, modes, landing, mission, texts, commands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from flyoff.decoders.dataflash import texts as phrases
from flyoff.decoders.dataflash.modes import mode_name as ardupilot_mode
from flyoff.decoders.normalisation import Reader
from flyoff.decoders.rawlog import Message, ParameterChange
from flyoff.decoders.tlog.clock import BootClock
from flyoff.decoders.tlog.modes import nav_state
from flyoff.decoders.tlog.sender import heard
from flyoff.decoders.tlog.systems import ARDUPILOT, PX4
from flyoff.decoders.tlog.topic import TlogTopic
from flyoff.decoders.ulog.modes import mode_name as px4_mode
from flyoff.decoders.ulog.modes import printed_reason
from flyoff.model.event import Event, EventKind

_ARMED: Final = 128  # MAV_MODE_FLAG_SAFETY_ARMED
#: MAV_CMD of arming, and those by which an operator chooses how to fly.
_ARM: Final = 400
_MODES: Final = frozenset({16, 17, 20, 21, 22, 84, 85, 176, 192, 193, 195, 252, 300})
#: Requests for streams, messages and capabilities: a ground station's housekeeping.
_REQUESTS: Final = frozenset({410, 500, 511, 512, 519, 520, 521, 522, 527, 2504, 2505})
#: A heartbeat shows what happened since the one before; a second, or more over a bad link.
_BEAT_US: Final = 2_500_000
_COMMAND_US: Final = 3_000_000
_FAILSAFE_US: Final = 20_000_000
_SAME_US: Final = 2_000_000
_REASONS: Final = frozenset({"radio", "battery", "gcs", "ekf", "gnss", "fence", "terrain"})
#: MAV_LANDED_STATE on the ground.
_ON_GROUND: Final = 1
#: A hostile log may toggle without end; what matters is told by then.
_MOST: Final = 5000


@dataclass(frozen=True, slots=True)
class Told:
    """What the events are made of, besides the flight controller's topics.

    Attributes
    ----------
    texts : of Message
        Its texts, on the vehicle's clock.
    commands : of (t_us, MAV_CMD, first parameter)
        Sent to it by anybody.
    changes : of ParameterChange
    """

    kind: str
    autopilot: int
    texts: Sequence[Message]
    commands: Sequence[tuple[int, int, float]]
    changes: Sequence[ParameterChange]


def commands_to(
    topics: Sequence[TlogTopic], clocks: Sequence[BootClock], system: int
) -> list[tuple[int, int, float]]:
    """Commands that others sent to a system, (t_us, MAV_CMD, first parameter), by time."""
    found: list[tuple[int, int, float]] = []
    for topic in topics:
        if topic.stream.system == system:
            continue
        if topic.name in ("COMMAND_LONG", "COMMAND_INT"):
            columns = topic.gather(("target_system", "command", "param1"))
            rows = zip(*(c.tolist() for c in columns.values()), strict=True)
            picked = [(target, number, param) for target, number, param in rows]
        elif topic.name == "SET_MODE":
            columns = topic.gather(("target_system", "custom_mode"))
            rows = zip(*(c.tolist() for c in columns.values()), strict=True)
            picked = [(target, 176, float(mode)) for target, mode in rows]
        else:
            continue
        times = heard(topic, clocks).time_us().tolist()
        for t, (target, number, param) in zip(times, picked, strict=True):
            if target in (0, system) and number not in _REQUESTS:
                found.append((t, number, param))
    return sorted(found)[:_MOST]


def events_of(reader: Reader, told: Told) -> list[Event]:
    """All events of one boot, ordered by time."""
    found = [*_mission(reader, told.autopilot), *_fence(reader)]
    found += [Event(t, EventKind.HOME_SET, source="HOME_POSITION") for t in _homes(reader)]
    found += [
        Event(t, EventKind.COMMAND, f"MAV_CMD {number}", float(number), "operator", "COMMAND_LONG")
        for t, number, _ in told.commands
    ]
    found += [
        Event(c.t_us, EventKind.PARAMETER, c.name, c.value, source="PARAM_VALUE")
        for c in told.changes
    ]
    spoken = _spoken(told, found)
    found += spoken
    found += [e for e in _landing(reader) if not _is_told(e, spoken)]
    found += _arming(reader, told)
    failsafes = [e for e in found if e.kind is EventKind.FAILSAFE]
    found += _modes(reader, told, failsafes)
    return sorted(found, key=lambda e: e.t_us)


def _changes(values: np.ndarray) -> list[int]:
    return [int(i) for i in np.flatnonzero(values[1:] != values[:-1])[:_MOST] + 1]


def _arming(reader: Reader, told: Told) -> Iterator[Event]:
    """Heartbeats show the state; the text that tells the change gives its instant and reason."""
    t_us, (base,) = reader.read("HEARTBEAT", ("base_mode",))
    if not t_us.size:
        return
    armed = (base.astype(np.int64) & _ARMED) != 0
    for row in _changes(armed):
        is_armed, t = bool(armed[row]), int(t_us[row])
        since = max(int(t_us[row - 1]) - 100_000, t - _BEAT_US)
        text = _announcement(told.texts, is_armed, since, t + 1_000_000)
        at = min(t, text.t_us) if text else t
        reason = _arming_reason(told, is_armed, at, text)
        kind = EventKind.ARM if is_armed else EventKind.DISARM
        source = "STATUSTEXT" if text and text.t_us <= t else "HEARTBEAT.base_mode"
        yield Event(at, kind, reason=reason, source=source)


def _announcement(
    texts: Sequence[Message], is_armed: bool, first_us: int, last_us: int
) -> Message | None:
    for message in texts:
        if not first_us <= message.t_us <= last_us:
            continue
        text = message.text.lower()
        pattern = phrases.ARMING if is_armed else phrases.DISARMING
        if pattern.match(message.text) or text.startswith(
            "armed by" if is_armed else "disarmed by"
        ):
            return message
    return None


def _arming_reason(told: Told, is_armed: bool, t_us: int, text: Message | None) -> str:
    reason = printed_reason(text.text) if text else ""
    if reason and reason != "failsafe":
        return reason
    for t, number, param in told.commands:
        if number == _ARM and (param > 0) == is_armed and 0 <= t_us - t <= _COMMAND_US:
            return "operator"
    return "unknown"


def _modes(reader: Reader, told: Told, failsafes: Sequence[Event]) -> Iterator[Event]:
    t_us, (custom,) = reader.read("HEARTBEAT", ("custom_mode",))
    if not t_us.size:
        return
    numbers = custom.astype(np.int64)
    if told.autopilot == PX4:
        numbers = np.array([nav_state(n) for n in numbers.tolist()], dtype=np.int64)
    for row in [0, *_changes(numbers)]:
        number, t = int(numbers[row]), int(t_us[row])
        reason, source = "unknown", "HEARTBEAT.custom_mode"
        if row:
            reason = _mode_reason(told, failsafes, int(t_us[row - 1]), t)
        yield Event(t, EventKind.MODE, _mode_name(told, number), float(number), reason, source)


def _mode_name(told: Told, number: int) -> str:
    if told.autopilot == PX4:
        return px4_mode(number, is_new=True)
    if told.autopilot == ARDUPILOT:
        return ardupilot_mode(told.kind, number)
    return f"MODE {number}"


def _mode_reason(told: Told, failsafes: Sequence[Event], before_us: int, t_us: int) -> str:
    """Heartbeats carry no reason: a command just before, else a failsafe that is not yet over."""
    first = max(before_us, t_us - _BEAT_US) - _COMMAND_US
    if any(number in _MODES and first <= t <= t_us for t, number, _ in told.commands):
        return "operator"
    near = [e for e in failsafes if -_SAME_US <= t_us - e.t_us <= _FAILSAFE_US]
    if near:
        return near[-1].text if near[-1].text in _REASONS else "failure_detector"
    return "unknown"


def _landing(reader: Reader) -> Iterator[Event]:
    if not reader.has("EXTENDED_SYS_STATE", "landed_state"):
        return
    t_us, (state,) = reader.read("EXTENDED_SYS_STATE", ("landed_state",))
    known = state > 0
    t_us, landed = t_us[known], state[known] == _ON_GROUND
    for row in _changes(landed):
        kind = EventKind.LANDED if landed[row] else EventKind.TAKEOFF
        yield Event(int(t_us[row]), kind, source="EXTENDED_SYS_STATE.landed_state")


def _is_told(event: Event, spoken: Sequence[Event]) -> bool:
    """Whether a text told the same before the flag came round, once a second."""
    return any(e.kind is event.kind and 0 <= event.t_us - e.t_us <= _BEAT_US for e in spoken)


def _mission(reader: Reader, autopilot: int) -> Iterator[Event]:
    # numbered as in a plan, where home is item 0, which PX4 does not have
    shift = 1.0 if autopilot == PX4 else 0.0
    for topic, kind in (
        ("MISSION_CURRENT", EventKind.MISSION_CURRENT),
        ("MISSION_ITEM_REACHED", EventKind.MISSION_REACHED),
    ):
        if not reader.has(topic, "seq"):
            continue
        t_us, (seq,) = reader.read(topic, ("seq",))
        for row in [0, *_changes(seq)][: t_us.size]:
            if seq[row] < 65535:
                item = float(seq[row]) + shift
                yield Event(int(t_us[row]), kind, "", item, source=f"{topic}.seq")


def _fence(reader: Reader) -> Iterator[Event]:
    if not reader.has("FENCE_STATUS", "breach_status", "breach_type"):
        return
    t_us, (status, kind) = reader.read("FENCE_STATUS", ("breach_status", "breach_type"))
    for row in _changes(status > 0):
        if status[row]:
            source = "FENCE_STATUS.breach_status"
            yield Event(int(t_us[row]), EventKind.FENCE_BREACH, "", float(kind[row]), source=source)
            yield Event(int(t_us[row]), EventKind.FAILSAFE, "fence", source=source)


def _homes(reader: Reader) -> list[int]:
    """When home was set anew: the message repeats the same place all the time."""
    if not reader.has("HOME_POSITION", "latitude", "longitude"):
        return []
    t_us, (lat, lon) = reader.read("HOME_POSITION", ("latitude", "longitude"))
    if not t_us.size:
        return []
    return [int(t_us[i]) for i in sorted({0, *_changes(lat), *_changes(lon)})]


def _spoken(told: Told, known: Sequence[Event]) -> list[Event]:
    """Every text, and what a text reports unless a message of its own reports the same."""
    reached = [(e.t_us, e.value) for e in known if e.kind is EventKind.MISSION_REACHED]
    has_items = any(e.kind is EventKind.MISSION_CURRENT for e in known)
    found: list[Event] = []
    for message in told.texts:
        found.append(
            Event(
                message.t_us, EventKind.TEXT, message.text, float(message.level),
                source="STATUSTEXT",
            )
        )  # fmt: skip
        event = _meaning(message)
        if event is None or (event.kind is EventKind.MISSION_CURRENT and has_items):
            continue
        if event.kind is EventKind.MISSION_REACHED and any(
            v == event.value and abs(t - event.t_us) <= _SAME_US for t, v in reached
        ):
            continue
        found.append(event)
        if (event.kind, event.text) == (EventKind.FAILSAFE, "fence"):
            found.append(replace(event, kind=EventKind.FENCE_BREACH, text=""))
    return found


#: What PX4's commander and navigator say, to kind and text; the first that begins so decides.
_PX4: Final = (
    ("takeoff detected", EventKind.TAKEOFF, ""),
    ("landing detected", EventKind.LANDED, ""),
    ("mission finished", EventKind.OTHER, "mission_finished"),
    ("failsafe: ", EventKind.FAILSAFE, ""),
    ("failsafe activated", EventKind.FAILSAFE, ""),
    ("manual control lost", EventKind.FAILSAFE, "radio"),
    ("manual control signal lost", EventKind.FAILSAFE, "radio"),
    ("gcs connection lost", EventKind.FAILSAFE, "gcs"),
    ("connection to ground station lost", EventKind.FAILSAFE, "gcs"),
    ("data link lost", EventKind.FAILSAFE, "gcs"),
    ("gps fix lost", EventKind.ERROR, "gnss"),
    ("critical battery", EventKind.FAILSAFE, "battery"),
    ("low battery", EventKind.FAILSAFE, "battery"),
    ("geofence", EventKind.FAILSAFE, "fence"),
    ("failure detected", EventKind.ERROR, "failure_detector"),
)


def _meaning(message: Message) -> Event | None:
    found = phrases.recognise(message.t_us, message.text)
    if found is not None:
        return replace(found, source="STATUSTEXT")
    text = message.text.lower()
    for start, kind, name in _PX4:
        if text.startswith(start):
            return Event(message.t_us, kind, name or _subject(text, kind), source="STATUSTEXT")
    return None


def _subject(text: str, kind: EventKind) -> str:
    if kind is not EventKind.FAILSAFE:
        return ""
    for word, name in (
        ("manual", "radio"), ("rc", "radio"), ("gcs", "gcs"), ("data link", "gcs"),
        ("battery", "battery"), ("geofence", "fence"), ("position", "ekf"), ("gps", "gnss"),
    ):  # fmt: skip
        if word in text:
            return name
    return "other"
