"""The mission as far as a PX4 log has it: the items that were flown, never the whole plan."""

from typing import Final

import numpy as np

from flyoff.decoders.normalisation import Reader
from flyoff.decoders.ulog.position import home_settings
from flyoff.model.mission import Command, Mission, MissionItem
from flyoff.units import BoolArray, IntArray

_AUTO_MISSION: Final = 3
#: position_setpoint_triplet type to command. Source: PositionSetpoint.msg.
_SETPOINT: Final = {
    0: Command.WAYPOINT,
    2: Command.LOITER_UNLIMITED,
    3: Command.TAKEOFF,
    4: Command.LAND,
}


def mission_of(reader: Reader) -> Mission | None:
    """The items that the vehicle flew in mission mode, numbered as in a plan (home is item 0)."""
    _, (lat, lon, alt) = home_settings(reader)
    home = (float(lat[0]), float(lon[0]), float(alt[0])) if lat.size else None
    items = _executed(reader)
    source = "navigator_mission_item"
    if not items:
        items, source = _setpoints(reader), "position_setpoint_triplet"
    if not items:
        return None
    first = () if home is None else (MissionItem(0, Command.WAYPOINT, *home, frame=0),)
    return Mission((*first, *items), source, home, is_complete=False)


def _in_mission(reader: Reader, t_us: IntArray) -> BoolArray:
    at_us, (mode,) = reader.read("vehicle_status", ("nav_state",))
    if not at_us.size:
        return np.zeros(t_us.shape, dtype=bool)
    at = np.maximum(np.searchsorted(at_us, t_us, side="right") - 1, 0)
    return np.asarray(mode[at] == _AUTO_MISSION)


def _executed(reader: Reader) -> list[MissionItem]:
    topic = "navigator_mission_item"
    fields = (
        *("sequence_current", "nav_cmd", "latitude", "longitude", "altitude"),
        *("altitude_is_relative", "time_inside", "acceptance_radius", "yaw"),
    )
    if not reader.has(topic, *fields) or not reader.has("vehicle_status", "nav_state"):
        return []
    t_us, columns = reader.floats(topic, fields)
    rows = np.flatnonzero(_in_mission(reader, t_us))
    found: dict[int, MissionItem] = {}
    for row in rows:
        seq, command, lat, lon, alt, relative, hold, radius, yaw = (float(c[row]) for c in columns)
        # the first row of a sequence is the item; the navigator then writes its own steps under it
        if int(seq) not in found and command > 0:
            found[int(seq)] = MissionItem(
                int(seq) + 1,
                int(command),
                lat,
                lon,
                alt,
                frame=3 if relative else 0,
                params=(hold, radius, 0.0, yaw),
            )
    return [found[seq] for seq in sorted(found)]


def _setpoints(reader: Reader) -> list[MissionItem]:
    topic = "position_setpoint_triplet"
    fields = tuple(f"current.{name}" for name in ("lat", "lon", "alt", "type", "valid"))
    if not reader.has(topic, *fields) or not reader.has("vehicle_status", "nav_state"):
        return []
    t_us, columns = reader.floats(topic, fields)
    keep = _in_mission(reader, t_us) & (columns[4] != 0)
    items: list[MissionItem] = []
    for row in np.flatnonzero(keep):
        lat, lon, alt, kind = (float(column[row]) for column in columns[:4])
        command = _SETPOINT.get(int(kind))
        if command is None or not np.isfinite((lat, lon, alt)).all():
            continue
        last = items[-1] if items else None
        if last is None or not _same(last, command, lat, lon):
            items.append(MissionItem(len(items) + 1, command, lat, lon, alt, frame=0))
    return items


def _same(item: MissionItem, command: int, lat: float, lon: float) -> bool:
    near = abs(item.lat - lat) < 1e-7 and abs(item.lon - lon) < 1e-7
    # reaching a waypoint turns it into a loiter at the same place
    return near and (item.command == command or command == Command.LOITER_UNLIMITED)
