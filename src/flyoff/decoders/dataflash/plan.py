"""The mission as it was in the autopilot: CMD messages, and home from ORGN."""

from typing import Final

import numpy as np

from flyoff.decoders.normalisation import Reader
from flyoff.model.mission import Mission, MissionItem
from flyoff.units import IntArray

_ORIGIN_HOME: Final = 1  # ORGN.Type
#: Without a Frame field (until 3.6) mission heights are above home: MAV_FRAME_GLOBAL_RELATIVE_ALT.
_ABOVE_HOME: Final = 3
_PARAMS: Final = ("Prm1", "Prm2", "Prm3", "Prm4")

Home = tuple[float, float, float]


def homes(reader: Reader) -> list[tuple[int, Home]]:
    """When home was set, and where: (t_us, (lat, lon [deg], alt [m MSL])), ordered by time.

    The type is a column that FMTU marks as an instance in new firmware, and only a column in old.
    """
    found: list[tuple[int, Home]] = []
    for instance in reader.instances("ORGN"):
        if not reader.has("ORGN", "Type", "Lat", "Lng", "Alt", instance=instance):
            continue
        t_us, columns = reader.floats("ORGN", ("Type", "Lat", "Lng", "Alt"), instance)
        for t, kind, lat, lon, alt in zip(
            t_us.tolist(), *(c.tolist() for c in columns), strict=True
        ):
            if kind == _ORIGIN_HOME and (lat, lon) != (0.0, 0.0):
                found.append((t, (lat, lon, alt)))
    return sorted(found)


def mission(reader: Reader, until_us: int, home: Home | None) -> Mission | None:
    """The list as it stood at an instant, from the items logged up to it.

    All items are logged when a log starts and when a mission is uploaded; old firmware logs an item
    again when it is begun. A change of the total starts a new list.
    """
    if not reader.has("CMD", "CTot", "CNum", "CId", "Lat", "Lng", "Alt"):
        return None
    fields = ["CTot", "CNum", "CId", "Lat", "Lng", "Alt", *_PARAMS]
    if reader.has("CMD", "Frame"):
        fields.append("Frame")
    t_us, columns = reader.floats("CMD", fields)
    rows = _before(t_us, until_us)
    items: dict[int, MissionItem] = {}
    total = 0
    for row in np.stack(columns, axis=1)[rows].tolist():
        if int(row[0]) != total:
            total = int(row[0])
            items.clear()
        items[int(row[1])] = _item(row)
    if not items:
        return None
    ordered = tuple(items[k] for k in sorted(items))
    first = items.get(0)
    if home is None and first is not None and first.has_position:
        home = (first.lat, first.lon, first.alt)
    return Mission(ordered, "CMD", home, is_complete=len(ordered) == total)


def _before(t_us: IntArray, until_us: int) -> slice:
    """Rows up to an instant; all of them if there are none so early."""
    count = int(np.searchsorted(t_us, until_us, side="right"))
    return slice(0, count or t_us.size)


def _item(row: list[float]) -> MissionItem:
    number, command, lat, lon, alt = int(row[1]), int(row[2]), row[3], row[4], row[5]
    if (lat, lon) == (0.0, 0.0):
        lat = lon = float("nan")
    frame = int(row[10]) if len(row) > 10 else _ABOVE_HOME
    first, second, third, fourth = row[6:10]
    return MissionItem(number, command, lat, lon, alt, frame, (first, second, third, fourth))
