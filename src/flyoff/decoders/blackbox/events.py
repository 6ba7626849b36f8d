"""Arming, disarming with its reason, modes and failsafes of one log.

A log begins with arming and ends with disarming; where the flags tell the instant, they are heard.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

import numpy as np

from flyoff.decoders.blackbox.firmware import Firmware
from flyoff.decoders.blackbox.modes import (
    ARM_BIT,
    Names,
    active_names,
    has_arm_bit,
    mode_name,
    mode_names,
    piloted_names,
)
from flyoff.decoders.blackbox.navigation import navigation_modes
from flyoff.decoders.normalisation import Reader
from flyoff.model.event import Event, EventKind

#: Source: Betaflight's ``flightLogDisarmReason_e``.
_BETAFLIGHT: Final = {
    0: ("system", "arming disabled"),
    1: ("radio", "failsafe"),
    2: ("timeout", "throttle timeout"),
    3: ("operator", "sticks"),
    4: ("operator", "switch"),
    5: ("crash", "crash protection"),
    6: ("system", "runaway take-off"),
    7: ("system", "GPS rescue"),
    8: ("gcs", "serial command"),
    9: ("landed", "landing"),
    10: ("operator", "crash flip"),
    255: ("system", "system"),
}
#: Source: INAV's ``disarmReason_t``.
_INAV: Final = {
    1: ("timeout", "timeout"),
    2: ("operator", "sticks"),
    3: ("operator", "switch, 3D"),
    4: ("operator", "switch"),
    5: ("kill", "kill switch"),
    6: ("radio", "failsafe"),
    7: ("landed", "navigation"),
    8: ("landed", "landing"),
}
_DISARM, _FLIGHT_MODE, _END = 15, 30, 255
_NO_REASON: Final = 0xFFFFFFFF
_PHASES: Final = ("idle", "signal lost", "landing", "landed", "monitoring", "recovered", "rescue")
_PHASES_INAV: Final = (
    "idle", "signal lost", "signal lost, idle", "return to home", "landing", "landed",
    "monitoring", "recovered",
)  # fmt: skip

Change = tuple[int, int]  # time [µs], flags
Mode = tuple[int, str, int, str]  # time [µs], name, flags, source


@dataclass(frozen=True, slots=True)
class Told:
    """What the slow and event frames tell of one log."""

    events: tuple[Event, ...]
    modes: tuple[Change, ...]
    armed: tuple[tuple[int, float], ...]


def told_of(reader: Reader, firmware: Firmware, bounds: tuple[int, int]) -> Told:
    """Events in order of time, mode flags and arming as they changed."""
    boxes = _changes(reader, "flightModeFlags", bounds[0])
    if firmware.family != "inav":
        boxes = sorted({*boxes, *_mode_events(reader)})
    flown = _changes(reader, "activeFlightModeFlags", bounds[0]) or boxes
    phases = _changes(reader, "failsafePhase", bounds[0])
    events = [*_arming(reader, firmware, boxes, bounds), *_failsafes(phases, firmware)]
    events += _modes(_flown_modes(reader, firmware, flown, bounds[0]), phases)
    armed = [
        (e.t_us, float(e.kind is EventKind.ARM))
        for e in events
        if e.kind in (EventKind.ARM, EventKind.DISARM)
    ]
    ordered = sorted(events, key=lambda e: e.t_us)
    return Told(tuple(ordered), tuple(flown), tuple(sorted(armed)))


def _changes(reader: Reader, field: str, start_us: int, topic: str = "slow") -> list[Change]:
    """When a field changed; slow frames before the first main frame open the log."""
    if not reader.has(topic, field):
        return []
    t_us, (column,) = reader.read(topic, (field,))
    rows = np.flatnonzero(np.diff(column, prepend=column[:1] + 1) != 0)
    return [(max(int(t_us[i]), start_us), int(column[i])) for i in rows]


def _mode_events(reader: Reader) -> list[Change]:
    rows = reader.records("event", ("event", "data[0]"))
    return [(int(t), int(flags)) for t, kind, flags in rows if kind == _FLIGHT_MODE]


def _arming(
    reader: Reader, firmware: Firmware, boxes: list[Change], bounds: tuple[int, int]
) -> list[Event]:
    """Armed from the log's start unless the flags say later; without an arm bit, always so."""
    start_us, end_us = bounds
    armed_us: int | None = start_us
    source = "log start"
    if has_arm_bit(firmware) and boxes and not boxes[0][1] & ARM_BIT:
        armed_us = next((t for t, flags in boxes if flags & ARM_BIT), None)
        source = "slow.flightModeFlags"
    disarm = _disarm(reader, firmware, end_us)
    if armed_us is None and disarm is not None and disarm.value is not None:
        armed_us, source = start_us, "log start"  # disarmed, so it was armed whatever the flags say
    if armed_us is None:
        return []  # a test of the motors logs without arming
    arm = Event(armed_us, EventKind.ARM, reason="operator", source=source)
    return [arm] if disarm is None else [arm, disarm]


def _disarm(reader: Reader, firmware: Firmware, end_us: int) -> Event | None:
    """The disarming that the log tells; a log that was closed without a word ended with one."""
    ended: Event | None = None
    for t, kind, code in reader.records("event", ("event", "data[0]")):
        if kind == _DISARM:
            return _disarmed(int(t), int(code), _BETAFLIGHT, "event.disarm")
        if kind == _END and code != _NO_REASON:
            ended = _disarmed(int(t), int(code), _INAV, "end of log")
        elif kind == _END:
            ended = Event(end_us, EventKind.DISARM, reason="unknown", source="end of log")
    return ended


def _disarmed(t_us: int, code: int, reasons: dict[int, tuple[str, str]], source: str) -> Event:
    reason, text = reasons.get(code, ("unknown", ""))
    return Event(t_us, EventKind.DISARM, text, float(code), reason, f"{source}={code}")


def _failsafes(phases: list[Change], firmware: Firmware) -> list[Event]:
    """The receiver's failsafe began, or is over; its phases in between are no new one."""
    names = _PHASES_INAV if firmware.family == "inav" else _PHASES
    events: list[Event] = []
    active = False
    for t_us, phase in phases:
        if (phase != 0) != active:
            active = phase != 0
            kind = EventKind.FAILSAFE if active else EventKind.FAILSAFE_CLEARED
            printed = names[phase] if 0 <= phase < len(names) else str(phase)
            source = f"slow.failsafePhase={phase} ({printed})"
            events.append(Event(t_us, kind, "radio", float(phase), "radio", source))
    return events


def _flown_modes(
    reader: Reader, firmware: Firmware, flown: list[Change], start_us: int
) -> list[Mode]:
    """Time, mode, flags and source wherever flags or the state of navigation changed."""
    if reader.has("slow", "activeFlightModeFlags") and active_names(firmware) is not None:
        return _named(flown, active_names(firmware), "slow.activeFlightModeFlags")
    boxes = _named(flown, mode_names(firmware), "slow.flightModeFlags")
    if piloted_names(firmware) is None or not reader.has("main", "navState"):
        return boxes
    navigated = list(navigation_modes(_changes(reader, "navState", start_us, "main")))
    piloted = _named(flown, piloted_names(firmware), "slow.flightModeFlags")
    found = []
    for t_us in sorted({t for t, *_ in piloted} | {t for t, _ in navigated}):
        mode, box = _at(navigated, t_us), _at(piloted, t_us)
        if mode >= 0 and navigated[mode][1]:
            flags = piloted[box][2] if box >= 0 else 0
            found.append((t_us, navigated[mode][1], flags, "main.navState"))
        elif box >= 0:
            found.append((t_us, *piloted[box][1:]))
    return found


def _at(changes: Sequence[Change] | Sequence[Mode] | Sequence[tuple[int, str]], t_us: int) -> int:
    """Index of the last of some changes, in order of time, that is not later; -1 if none is."""
    return bisect_right(changes, t_us, key=itemgetter(0)) - 1


def _named(changes: list[Change], names: Names | None, field: str) -> list[Mode]:
    return [(t, mode_name(flags, names), flags, f"{field}={flags:#x}") for t, flags in changes]


def _modes(named: list[Mode], phases: list[Change]) -> list[Event]:
    events: list[Event] = []
    before = ""
    for t_us, text, flags, source in named:
        if text == before:
            continue
        phase = _at(phases, t_us)
        reason = "radio" if phase >= 0 and phases[phase][1] else "operator"
        events.append(Event(t_us, EventKind.MODE, text, float(flags), reason, source))
        before = text
    return events
