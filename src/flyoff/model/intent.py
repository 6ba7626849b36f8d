"""What was meant: whether the vehicle was told to fly, and who broke the flight off.

Read from modes, their reasons and the actuators, so that judges need not know an autopilot's mode
numbers: normalisation has already turned them into names.
"""

import re
from dataclasses import dataclass

import numpy as np

from flyoff.model.event import Event, EventKind
from flyoff.model.finding import Evidence
from flyoff.model.flight import Flight
from flyoff.model.span import spans

#: Modes in which the autopilot flies a mission, or takes off for one.
MISSION_MODES = frozenset({"AUTO", "AUTO_MISSION", "MISSION", "AUTO_TAKEOFF", "TAKEOFF"})
#: Modes that end a flight by themselves.
ENDING_MODES = frozenset(
    {
        "RTL",
        "SMART_RTL",
        "SMARTRTL",
        "AUTO_RTL",
        "AUTORTL",
        "AUTO_LAND",
        "LAND",
        "QLAND",
        "QRTL",
        "DESCEND",
        "AUTO_PRECLAND",
        "TERMINATION",
        "HOLD",
        "BRAKE",
        "AUTO_LOITER",
        "LOITER",
    }
)
#: Reasons of a mode change that are a person's will.
OPERATOR_REASONS = frozenset({"operator"})
#: Reasons that are part of the mission, or say nothing.
NEUTRAL_REASONS = frozenset({"mission", "unknown", "system", "landed", "", "timeout"})
#: Thrust demanded of the motors that no vehicle shows while it only idles, share of full.
FLYING_THRUST = 0.2
_HOLD_S = 0.7


#: What autopilots say when arming was asked for and refused (ArduPilot "Arm: …" in answer to a
#: request, as opposed to "PreArm: …" which it repeats by itself; PX4 "Arming denied …").
_REFUSAL = re.compile(
    r"^(\[\w+\] *)?(arm: |arming denied|arm refused|not ready to arm|arming failed)", re.IGNORECASE
)


def is_refusal(text: str) -> bool:
    """Whether a text is the answer to a request to arm that was not granted.

    Examples
    --------
    >>> is_refusal("Arm: Compass not healthy"), is_refusal("PreArm: Compass not healthy")
    (True, False)
    >>> is_refusal("[commander] Arming denied: Resolve system health failures first")
    True
    """
    return bool(_REFUSAL.match(text.strip()))


@dataclass(frozen=True, slots=True)
class BreakOff:
    """The instant at which a flight stopped following its plan.

    Attributes
    ----------
    t_us : int
    by : str
        ``operator`` or ``failsafe``.
    reason : str
        As the log gives it: ``radio``, ``battery``, ``gcs``, ``ekf``, ``fence`` …
    from_mode, to_mode : str
    """

    t_us: int
    by: str
    reason: str
    from_mode: str
    to_mode: str


def mode_changes(flight: Flight) -> list[tuple[Event, str]]:
    """Mode changes within the sortie, each with the name of the mode before it."""
    found: list[tuple[Event, str]] = []
    before = flight.mode_at(flight.start_us - 1)
    for event in flight.recording.events_between(flight.start_us, flight.end_us, EventKind.MODE):
        if event.text != before:
            found.append((event, before))
        before = event.text
    return found


def break_offs(flight: Flight) -> list[BreakOff]:
    """Mode changes under way that left what was being flown, by a person or by a failsafe."""
    found: list[BreakOff] = []
    failsafes = flight.events(EventKind.FAILSAFE)
    for event, before in mode_changes(flight):
        if not flight.is_under_way(event.t_us) or event.text in MISSION_MODES:
            continue
        reason = event.reason
        near = [f for f in failsafes if -300_000 <= event.t_us - f.t_us <= 6_000_000]
        if reason in NEUTRAL_REASONS and near:
            reason = near[-1].text
        if reason in OPERATOR_REASONS:
            if before in MISSION_MODES:
                found.append(BreakOff(event.t_us, "operator", reason, before, event.text))
        elif reason not in NEUTRAL_REASONS:
            found.append(BreakOff(event.t_us, "failsafe", reason, before, event.text))
    return found


def mission_is_done(flight: Flight, t_us: int) -> bool:
    """Whether the uploaded or planned mission's last waypoint had been reached by an instant."""
    reached = [
        e
        for e in flight.events(EventKind.MISSION_REACHED)
        if e.t_us <= t_us and e.value is not None
    ]
    mission = flight.recording.mission or flight.plan
    if mission is None or not mission.waypoints:
        return False
    last = mission.waypoints[-1].seq
    return any(e.value is not None and e.value >= last for e in reached)


def was_in_mission(flight: Flight) -> bool:
    """Whether a mission mode was in force at any time while armed."""
    if flight.mode_at(flight.start_us) in MISSION_MODES:
        return True
    return any(event.text in MISSION_MODES for event, _ in mode_changes(flight))


def told_to_fly(flight: Flight) -> Evidence | None:
    """The evidence that the vehicle was told to fly, or None.

    Thrust well above idle, held; a mission mode entered while armed; or the operator's throttle
    raised. A vehicle that is armed and only idles was not told to fly.
    """
    if not flight.is_armed:
        return None
    # a motor's output may rest far from its idle value (servos, reversed motors): what is demanded
    # of the mixer is the better witness wherever it is logged
    name = "throttle.demand" if flight.get("throttle.demand") is not None else "motor.command"
    found = _thrust(flight, name)
    if found is not None:
        return found
    armed_us = flight.start_us
    for event, _ in [*mode_changes(flight)]:
        if event.text in MISSION_MODES and event.t_us >= armed_us:
            return Evidence(f"mode {event.text} entered while armed", "mode.number", event.t_s)
    if flight.mode_at(armed_us) in MISSION_MODES:
        return Evidence(
            f"armed in mode {flight.mode_at(armed_us)}", "mode.number", flight.start_us / 1e6
        )
    return None


def _thrust(flight: Flight, name: str) -> Evidence | None:
    if name == "motor.command":
        motors = flight.instances(name)
        if not motors:
            return None
        first = next(iter(motors.values()))
        t = first.t_us
        values = np.nanmean(np.vstack([np.nan_to_num(m.at(t)) for m in motors.values()]), axis=0)
    else:
        channel = flight.get(name)
        if channel is None:
            return None
        t, values = channel.t_us, np.abs(np.nan_to_num(channel.values))
    inside = (t >= flight.start_us) & (t <= flight.end_us)
    held = spans(t, inside & (values > FLYING_THRUST), hold_s=_HOLD_S)
    if not held:
        return None
    at = held[0]
    peak = float(values[at.first : at.last + 1].max())
    return Evidence("thrust was demanded above idle", name, at.start_us / 1e6, peak, FLYING_THRUST)
