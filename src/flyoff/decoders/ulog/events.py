"""Instants that a PX4 log reports: the small topics, texts and parameter changes, as events."""

import re
from collections.abc import Iterator
from typing import Final

import numpy as np

from flyoff.decoders.normalisation import Reader
from flyoff.decoders.rawlog import RawLog
from flyoff.decoders.ulog.causes import Causes
from flyoff.decoders.ulog.flags import edges
from flyoff.decoders.ulog.position import home_settings
from flyoff.decoders.ulog.status import status_events
from flyoff.model.event import Event, EventKind

_COLOUR: Final = re.compile(r"\x1b?\[[0-9;]*m")
#: Commands that change the flight, by MAV_CMD; the rest is cameras, gimbals and housekeeping.
_COMMANDS: Final = {
    16: "NAV_WAYPOINT",
    20: "NAV_RETURN_TO_LAUNCH",
    21: "NAV_LAND",
    22: "NAV_TAKEOFF",
    84: "NAV_VTOL_TAKEOFF",
    85: "NAV_VTOL_LAND",
    92: "NAV_GUIDED_ENABLE",
    176: "DO_SET_MODE",
    178: "DO_CHANGE_SPEED",
    179: "DO_SET_HOME",
    185: "DO_FLIGHTTERMINATION",
    192: "DO_REPOSITION",
    193: "DO_PAUSE_CONTINUE",
    207: "DO_FENCE_ENABLE",
    208: "DO_PARACHUTE",
    211: "DO_GRIPPER",
    252: "OVERRIDE_GOTO",
    300: "MISSION_START",
    310: "ACTUATOR_TEST",
    400: "COMPONENT_ARM_DISARM",
    420: "INJECT_FAILURE",
    3000: "DO_VTOL_TRANSITION",
}
#: A hostile log may toggle without end; what matters is told by then.
_MOST: Final = 5000


def events_of(raw: RawLog, reader: Reader) -> tuple[Event, ...]:
    """Every event of the log, ordered by time."""
    flags = edges(reader)[:_MOST]
    causes = Causes(raw, reader, flags)
    found = status_events(raw, reader, causes)
    for edge in flags:
        kind = EventKind.ERROR if edge.is_set else EventKind.ERROR_CLEARED
        found.append(Event(edge.t_us, kind, edge.subsystem, edge.value, source=edge.source))
        if edge.subsystem == "fence" and edge.is_set:
            found.append(Event(edge.t_us, EventKind.FENCE_BREACH, source=edge.source))
    for part in (_landing, _mission, _home, _resets, _commands, _fence, _switches):
        found.extend(part(reader))
    found.extend(_told(raw))
    return tuple(sorted(found, key=lambda event: event.t_us))


def _rises(reader: Reader, topic: str, field: str) -> list[int]:
    if not reader.has(topic, field):
        return []
    t_us, (values,) = reader.read(topic, (field,))
    return [int(t) for t in t_us[1:][(values[1:] != 0) & (values[:-1] == 0)][:_MOST]]


def _landing(reader: Reader) -> Iterator[Event]:
    topic, field = "vehicle_land_detected", "landed"
    if not reader.has(topic, field):
        return
    t_us, (landed,) = reader.read(topic, (field,))
    for row in np.flatnonzero(landed[1:] != landed[:-1])[:_MOST] + 1:
        kind = EventKind.LANDED if landed[row] else EventKind.TAKEOFF
        yield Event(int(t_us[row]), kind, source=f"{topic}.{field}")


def _mission(reader: Reader) -> Iterator[Event]:
    topic = "mission_result"
    fields = ("seq_reached", "seq_current", "finished", "failure")
    if not reader.has(topic, *fields):
        return
    t_us, (reached, current, finished, failure) = reader.read(topic, fields)
    for row in range(min(t_us.size, _MOST)):
        t = int(t_us[row])
        # numbered as in a plan, where home is item 0
        if reached[row] >= 0 and (row == 0 or reached[row] != reached[row - 1]):
            item = float(reached[row]) + 1
            source = f"{topic}.seq_reached + 1"
            yield Event(t, EventKind.MISSION_REACHED, value=item, source=source)
        if row == 0 or current[row] != current[row - 1]:
            item = float(current[row]) + 1
            source = f"{topic}.seq_current + 1"
            yield Event(t, EventKind.MISSION_CURRENT, value=item, source=source)
        for name, flag in (("mission_finished", finished), ("mission_failure", failure)):
            if flag[row] and (row == 0 or not flag[row - 1]):
                yield Event(t, EventKind.OTHER, name, source=topic)


def _home(reader: Reader) -> Iterator[Event]:
    for t in home_settings(reader)[0][:_MOST]:
        yield Event(int(t), EventKind.HOME_SET, source="home_position")


def _resets(reader: Reader) -> Iterator[Event]:
    topic = "vehicle_local_position"
    for name, counter, parts in (
        ("position", "xy_reset_counter", ("delta_xy[0]", "delta_xy[1]")),
        ("height", "z_reset_counter", ("delta_z",)),
    ):
        if not reader.has(topic, counter, *parts):
            continue
        t_us, (count, *delta) = reader.read(topic, (counter, *parts))
        for row in np.flatnonzero(count[1:] != count[:-1])[:_MOST] + 1:
            size = float(np.sqrt(sum(float(part[row]) ** 2 for part in delta)))
            t = int(t_us[row])
            yield Event(t, EventKind.ESTIMATOR_RESET, name, size, source=f"{topic}.{counter}")


def _commands(reader: Reader) -> Iterator[Event]:
    topic = "vehicle_command"
    if not reader.has(topic, "command", "param1"):
        return
    t_us, (command, param1) = reader.read(topic, ("command", "param1"))
    outside = (
        reader.read(topic, ("from_external",))[1][0]
        if reader.has(topic, "from_external")
        else np.zeros(t_us.size)
    )
    known = [row for row, number in enumerate(command.tolist()) if number in _COMMANDS]
    for row in known[:_MOST]:
        number = int(command[row])
        reason = "operator" if outside[row] else ""
        source = f"{topic}.param1={float(param1[row]):g}"
        name = _COMMANDS[number]
        yield Event(int(t_us[row]), EventKind.COMMAND, name, float(number), reason, source)
        if number == 208 and float(param1[row]) == 2.0:  # PARACHUTE_RELEASE
            yield Event(int(t_us[row]), EventKind.OTHER, "parachute", source=topic)


def _fence(reader: Reader) -> Iterator[Event]:
    topic = "geofence_result"
    for field in (
        "geofence_violated",
        "primary_geofence_breached",
        "max_altitude_exceeded",
        "max_distance_exceeded",
        "geofence_max_dist_triggered",
        "geofence_max_alt_triggered",
        "geofence_custom_fence_triggered",
    ):
        for t in _rises(reader, topic, field):
            yield Event(t, EventKind.FENCE_BREACH, field, source=f"{topic}.{field}")


def _switches(reader: Reader) -> Iterator[Event]:
    for field, name in (
        ("manual_lockdown", "kill"),
        ("kill", "kill"),
        ("force_failsafe", "termination"),
        ("termination", "termination"),
    ):
        for t in _rises(reader, "actuator_armed", field):
            yield Event(t, EventKind.OTHER, name, source=f"actuator_armed.{field}")


def _told(raw: RawLog) -> Iterator[Event]:
    for message in raw.messages:
        text = _COLOUR.sub("", message.text).strip()
        yield Event(message.t_us, EventKind.TEXT, text, float(message.level), source="text")
    for change in raw.parameter_changes:
        yield Event(change.t_us, EventKind.PARAMETER, change.name, change.value, source="parameter")
    for dropout in raw.receipt.dropouts:
        length_s = dropout.duration_us / 1e6
        yield Event(dropout.t_us, EventKind.DROPOUT, value=length_s, source="dropout")
