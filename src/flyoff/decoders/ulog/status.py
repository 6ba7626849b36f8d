"""Arming, modes and failsafes out of ``vehicle_status``, each with its reason."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from flyoff.decoders.normalisation import Reader
from flyoff.decoders.rawlog import Column, RawLog
from flyoff.decoders.ulog.causes import Causes
from flyoff.decoders.ulog.modes import AUTOMATIC, arming_reason, mode_name, printed_reason
from flyoff.model.event import Event, EventKind
from flyoff.units import BoolArray, IntArray

_ARMED: Final = 2
_MISSION, _LOITER = 3, 4
_TAKEOFFS: Final = frozenset({17, 22})
#: Commands by which an operator or a computer changes the mode.
_MODE_COMMANDS: Final = frozenset({16, 17, 20, 21, 22, 84, 85, 176, 192, 195, 300, 400})
_ARM_COMMAND: Final = 400
_TEXT_NEAR_US: Final = 500_000
#: The model knows fewer words for reasons than for subsystems.
_AS_REASON: Final = {
    "motor": "failure_detector",
    "vtol": "failure_detector",
    "offboard": "gcs",
    "sensor": "ekf",
    "dead_reckoning": "ekf",
    "wind": "system",
    "parachute": "system",
    "failsafe": "unknown",
}
_NOT_A_FAULT: Final = frozenset({"operator", "system", "mission", "unknown", "landed"})


@dataclass(frozen=True, slots=True)
class _Status:
    """``vehicle_status`` as far as this needs it; arrays of one length."""

    t_us: IntArray
    arming: Column
    mode: Column
    failsafe: Column
    intention: Column | None
    arm_reason: Column | None
    disarm_reason: Column | None


def status_events(raw: RawLog, reader: Reader, causes: Causes) -> list[Event]:
    """Arm, disarm, mode and failsafe events with their reasons.

    Parameters
    ----------
    raw : RawLog
    reader : Reader
    causes : Causes
    """
    status = _read(reader)
    if status is None or not status.t_us.size:
        return []
    found = list(_arming(raw, reader, status, causes))
    modes = list(_modes(reader, status, causes))
    return found + modes + list(_failsafes(status, causes, modes))


def _read(reader: Reader) -> _Status | None:
    topic = "vehicle_status"
    if not reader.has(topic, "arming_state", "nav_state"):
        return None
    optional = (
        "failsafe",
        "nav_state_user_intention",
        "latest_arming_reason",
        "latest_disarming_reason",
    )
    fields = [name for name in optional if reader.has(topic, name)]
    t_us, columns = reader.read(topic, ("arming_state", "nav_state", *fields))
    by_name = dict(zip(fields, columns[2:], strict=True))
    return _Status(
        t_us,
        columns[0],
        columns[1],
        by_name.get("failsafe", np.zeros(t_us.size, dtype=np.uint8)),
        *(by_name.get(name) for name in optional[1:]),
    )


def _changes(values: Column) -> list[int]:
    return [int(i) for i in np.flatnonzero(values[1:] != values[:-1]) + 1]


def _arming(raw: RawLog, reader: Reader, status: _Status, causes: Causes) -> Iterator[Event]:
    armed = status.arming == _ARMED
    commands = _commands(reader, frozenset({_ARM_COMMAND}))
    for row in ([0] if armed[0] else []) + _changes(armed):
        t_us, is_armed = int(status.t_us[row]), bool(armed[row])
        kind = EventKind.ARM if is_armed else EventKind.DISARM
        reason = _printed(raw, t_us, is_armed) or _numbered(status, row, is_armed)
        if not reason and is_armed:
            # before 1.10 nothing says who armed; nobody but the operator and a command could
            reason = _commanded(commands, t_us) or ("operator" if _has_sticks(reader) else "")
        if not reason and _just_landed(raw, reader, t_us):
            reason = "landed"
        if reason == "failsafe":
            reason = causes.at(t_us)
        reason = _AS_REASON.get(reason, reason) or "unknown"
        yield Event(t_us, kind, reason=reason, source="vehicle_status.arming_state")


def _numbered(status: _Status, row: int, is_armed: bool) -> str:
    column = status.arm_reason if is_armed else status.disarm_reason
    if column is None:
        return ""
    return arming_reason(int(column[row]), is_new=status.intention is not None)


def _printed(raw: RawLog, t_us: int, is_armed: bool) -> str:
    for message in raw.messages:
        if abs(message.t_us - t_us) <= _TEXT_NEAR_US:
            if ("disarmed by" in message.text.lower()) != is_armed:
                reason = printed_reason(message.text)
                if reason:
                    return reason
    return ""


def _just_landed(raw: RawLog, reader: Reader, t_us: int) -> bool:
    """Whether the vehicle disarmed itself as it does after landing (firmware before 1.10)."""
    wait_s = float(raw.params.get("COM_DISARM_LAND", -1.0))
    if wait_s <= 0 or not reader.has("vehicle_land_detected", "landed"):
        return False
    at_us, (landed,) = reader.read("vehicle_land_detected", ("landed",))
    falls = at_us[1:][(landed[1:] != 0) & (landed[:-1] == 0)]
    falls = falls[falls <= t_us]
    return bool(falls.size and t_us - falls[-1] <= (wait_s + 1.5) * 1e6)


def _modes(reader: Reader, status: _Status, causes: Causes) -> Iterator[Event]:
    is_new = status.intention is not None
    commands = _commands(reader, _MODE_COMMANDS)
    finished_us = _finished(reader)
    for row in [0, *_changes(status.mode)]:
        if not np.isfinite(status.mode[row]):
            continue  # a format that lost the field half way
        t_us, number = int(status.t_us[row]), int(status.mode[row])
        if row == 0:
            reason = "unknown"
        elif _ended(status, row, t_us, finished_us):
            reason = "mission"
        elif _is_own_step(status, row) or _disarms(status, row):
            reason = "system"
        elif is_new:
            reason = _reason_new(status, row, causes)
        else:
            reason = _reason_old(reader, status, row, causes, commands)
        name = mode_name(number, is_new=is_new)
        reason = _AS_REASON.get(reason, reason)
        yield Event(t_us, EventKind.MODE, name, float(number), reason, "vehicle_status.nav_state")


def _is_own_step(status: _Status, row: int) -> bool:
    """After its take-off the autopilot holds or starts the mission by itself."""
    before, now = int(status.mode[row - 1]), int(status.mode[row])
    return before in _TAKEOFFS and now in (_LOITER, _MISSION) and not status.failsafe[row]


def _disarms(status: _Status, row: int) -> bool:
    """With disarming, the autopilot leaves the mode that brought it down."""
    return bool(status.arming[row - 1] == _ARMED and status.arming[row] != _ARMED)


def _ended(status: _Status, row: int, t_us: int, finished_us: IntArray) -> bool:
    before, now = int(status.mode[row - 1]), int(status.mode[row])
    near = np.abs(finished_us - t_us) < 2_000_000
    return before == _MISSION and now == _LOITER and bool(near.any())


def _reason_new(status: _Status, row: int, causes: Causes) -> str:
    assert status.intention is not None
    wanted, wanted_before = int(status.intention[row]), int(status.intention[row - 1])
    if status.failsafe[row] and int(status.mode[row]) != wanted:
        return causes.at(int(status.t_us[row]))
    # without a new wish the autopilot went back to the operator's mode by itself
    return "operator" if wanted != wanted_before else "system"


def _reason_old(
    reader: Reader,
    status: _Status,
    row: int,
    causes: Causes,
    commands: tuple[IntArray, BoolArray],
) -> str:
    t_us = int(status.t_us[row])
    if status.failsafe[row]:
        return causes.at(t_us)
    who = _commanded(commands, t_us)
    if who == "operator":
        return who
    if int(status.mode[row]) in AUTOMATIC or int(status.mode[row]) == _LOITER:
        # battery and fence actions of that time changed the mode without the failsafe flag
        printed = causes.printed(t_us)
        if printed:
            return printed
    return who or ("operator" if _has_sticks(reader) else "unknown")


def _has_sticks(reader: Reader) -> bool:
    return bool(reader.instances("input_rc") or reader.instances("manual_control_setpoint"))


def _commands(reader: Reader, numbers: frozenset[int]) -> tuple[IntArray, BoolArray]:
    """When such commands came, and whether from outside; all of them before that was logged."""
    topic = "vehicle_command"
    if not reader.has(topic, "command"):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=bool)
    outside = ("from_external",) if reader.has(topic, "from_external") else ()
    t_us, (command, *external) = reader.read(topic, ("command", *outside))
    rows = [i for i, number in enumerate(command.tolist()) if number in numbers]
    is_external = external[0][rows] != 0 if external else np.ones(len(rows), dtype=bool)
    return t_us[rows], np.asarray(is_external, dtype=bool)


def _commanded(commands: tuple[IntArray, BoolArray], t_us: int) -> str:
    """Who commanded what happens at this instant: ``operator``, ``system`` or nobody."""
    age = t_us - commands[0]
    near = (age >= -200_000) & (age <= 1_500_000)
    if not near.any():
        return ""
    return "operator" if commands[1][near].any() else "system"


def _finished(reader: Reader) -> IntArray:
    if not reader.has("mission_result", "finished"):
        return np.zeros(0, dtype=np.int64)
    t_us, (finished,) = reader.read("mission_result", ("finished",))
    return np.asarray(t_us[finished != 0])


def _failsafes(status: _Status, causes: Causes, modes: list[Event]) -> Iterator[Event]:
    active = (status.failsafe != 0) & (status.arming == _ARMED)
    said: list[tuple[int, str]] = []
    for row in ([0] if active[0] else []) + _changes(active):
        t_us = int(status.t_us[row])
        source = "vehicle_status.failsafe"
        if active[row]:
            said.append((t_us, causes.at(t_us)))
            yield Event(t_us, EventKind.FAILSAFE, said[-1][1], source=source)
        else:
            yield Event(
                t_us, EventKind.FAILSAFE_CLEARED, said[-1][1] if said else "", source=source
            )
    for mode in modes:
        # an action for another reason, or one of firmware that set no flag
        if mode.reason not in _NOT_A_FAULT and not any(
            abs(t_us - mode.t_us) < 20_000_000 and _AS_REASON.get(cause, cause) == mode.reason
            for t_us, cause in said
        ):
            said.append((mode.t_us, mode.reason))
            yield Event(mode.t_us, EventKind.FAILSAFE, mode.reason, source=mode.source)
