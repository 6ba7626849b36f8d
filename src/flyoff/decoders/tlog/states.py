"""Channels that are states: armed, landed, mode, mission item."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from flyoff.decoders.dataflash.states import steps
from flyoff.decoders.normalisation import Reader
from flyoff.decoders.tlog.systems import ARDUPILOT
from flyoff.model.channel import Channel
from flyoff.model.event import Event, EventKind
from flyoff.model.recording import Loader
from flyoff.units import BoolArray, IntArray

_ARMED: Final = 128  # MAV_MODE_FLAG_SAFETY_ARMED
#: MAV_LANDED_STATE: 0 says nothing.
_UNDEFINED, _ON_GROUND = 0, 1
#: HEARTBEAT.system_status: Copter and Plane say ACTIVE while they believe that they fly, STANDBY
#: while not, and in a failsafe or after a crash (CRITICAL, EMERGENCY) neither.
_STANDBY, _ACTIVE = 3, 4
_FLYING: Final = frozenset({"multirotor", "helicopter", "fixed_wing", "vtol"})


def state_loaders(
    reader: Reader,
    autopilot: int,
    kind: str,
    events: Sequence[Event],
    bounds: tuple[int, int],
) -> dict[str, Loader]:
    """Loaders of the states of one boot.

    Parameters
    ----------
    reader : Reader
    autopilot : int
        MAV_AUTOPILOT.
    kind : str
        Of the vehicle.
    events : of Event
        They are more precise than flags that come once a second.
    bounds : (start_us, end_us)
    """
    found: dict[str, Loader] = {}
    if reader.count("HEARTBEAT"):
        found["arm.is_armed"] = lambda: _armed(reader)
    if reader.has("EXTENDED_SYS_STATE", "landed_state"):
        found["land.is_landed"] = lambda: _landed(reader, events)
    elif autopilot == ARDUPILOT and kind in _FLYING and reader.count("HEARTBEAT"):
        found["land.is_landed"] = lambda: _not_active(reader, events)
    for name, event_kind in (
        ("mode.number", EventKind.MODE),
        ("mission.item", EventKind.MISSION_CURRENT),
    ):
        points = [(e.t_us, e.value) for e in events if e.kind is event_kind and e.value is not None]
        if points:
            source = next(e.source for e in events if e.kind is event_kind)
            found[name] = _constant(steps(name, points, bounds[1], source))
    return found


def _constant(channel: Channel) -> Loader:
    return lambda: channel


def _armed(reader: Reader) -> Channel:
    t_us, (base,) = reader.read("HEARTBEAT", ("base_mode",))
    armed = (base.astype(np.int64) & _ARMED != 0).astype(np.float64)
    return Channel("arm.is_armed", t_us, armed, "HEARTBEAT.base_mode")


def _landed(reader: Reader, events: Sequence[Event]) -> Channel:
    t_us, (state,) = reader.read("EXTENDED_SYS_STATE", ("landed_state",))
    known = state != _UNDEFINED
    source = "EXTENDED_SYS_STATE.landed_state"
    return _with_events(t_us[known], state[known] == _ON_GROUND, events, source)


def _not_active(reader: Reader, events: Sequence[Event]) -> Channel:
    t_us, (state,) = reader.read("HEARTBEAT", ("system_status",))
    known = (state == _STANDBY) | (state == _ACTIVE)
    source = "HEARTBEAT.system_status"
    return _with_events(t_us[known], state[known] == _STANDBY, events, source)


def _with_events(
    t_us: IntArray, landed: BoolArray, events: Sequence[Event], source: str
) -> Channel:
    """The flag, and the instants at which a text tells the same before it comes round."""
    told = [
        (e.t_us, e.kind is not EventKind.TAKEOFF)
        for e in events
        if e.kind in (EventKind.TAKEOFF, EventKind.LANDED)
        or (e.kind is EventKind.DISARM and e.reason == "landed")
    ]
    times = np.concatenate([t_us, np.array([t for t, _ in told], dtype=np.int64)])
    values = np.concatenate([landed, np.array([v for _, v in told], dtype=bool)])
    order = np.argsort(times, kind="stable")
    return Channel("land.is_landed", times[order], values[order].astype(np.float64), source)
