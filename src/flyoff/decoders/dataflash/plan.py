"""The mission as it was in the autopilot: CMD messages, and home from ORGN."""

from typing import Final

from flyoff.decoders.normalisation import Reader
from flyoff.model.mission import Mission, MissionItem

_ORIGIN_HOME: Final = 1  # ORGN.Type
#: Without a Frame field (until 3.6) mission heights are above home: MAV_FRAME_GLOBAL_RELATIVE_ALT.
_ABOVE_HOME: Final = 3
_NEEDED: Final = ("CTot", "CNum", "CId", "Lat", "Lng", "Alt")
_PARAMS: Final = ("Prm1", "Prm2", "Prm3", "Prm4")

Home = tuple[float, float, float]


def homes(reader: Reader) -> list[tuple[int, Home]]:
    """When home was set, and where: (t_us, (lat, lon [deg], alt [m MSL])), ordered by time.

    The type is a column that FMTU marks as an instance in new firmware, and only a column in old.
    """
    found: list[tuple[int, Home]] = []
    for instance in reader.instances("ORGN"):
        rows = reader.records("ORGN", ("Type", "Lat", "Lng", "Alt"), instance)
        for t, kind, lat, lon, alt in rows:
            if kind == _ORIGIN_HOME and (lat, lon) != (0.0, 0.0):
                found.append((int(t), (lat, lon, alt)))
    return sorted(found)


def mission(reader: Reader, until_us: int, home: Home | None) -> Mission | None:
    """The list as it stood at an instant, from the items logged up to it.

    All items are logged when a log starts and when a mission is uploaded; old firmware logs an item
    again when it is begun. A change of the total starts a new list.
    """
    fields = [*_NEEDED, *(f for f in (*_PARAMS, "Frame") if reader.has("CMD", f))]
    rows = reader.records("CMD", fields)
    early = [row for row in rows if row[0] <= until_us]
    items: dict[int, MissionItem] = {}
    total = -1
    for row in early or rows:
        values = dict(zip(fields, row[1:], strict=True))
        if int(values["CTot"]) != total:
            total = int(values["CTot"])
            items.clear()
        items[int(values["CNum"])] = _item(values)
    if not items:
        return None
    ordered = tuple(items[k] for k in sorted(items))
    first = items.get(0)
    if home is None and first is not None and first.has_position:
        home = (first.lat, first.lon, first.alt)
    return Mission(ordered, "CMD", home, is_complete=len(ordered) == total)


def _item(values: dict[str, float]) -> MissionItem:
    lat, lon = values["Lat"], values["Lng"]
    if (lat, lon) == (0.0, 0.0):
        lat = lon = float("nan")
    one, two, three, four = (values.get(name, 0.0) for name in _PARAMS)
    return MissionItem(
        seq=int(values["CNum"]),
        command=int(values["CId"]),
        lat=lat,
        lon=lon,
        alt=values["Alt"],
        frame=int(values.get("Frame", _ABOVE_HOME)),
        params=(one, two, three, four),
    )
