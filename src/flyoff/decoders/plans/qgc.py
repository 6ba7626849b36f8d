"""The JSON form of QGroundControl: ``.plan``, file version 1, mission version 2.

Items are numbered from 1 in their order, since home stands apart (``plannedHomePosition``).
Complex items are flown as the simple items that the ground station derived from them:

* survey and corridor scan hold these under ``TransectStyleComplexItem.Items`` (since their
  version 4 and 1); older files, and files without them, are refused;
* landing patterns of fixed wings and VTOLs hold two points, of which the three items follow;
* a structure scan holds its outline only. What is flown stays with the ground station, so the
  mission is marked as not complete.

Known gap: fences and rally points are not part of a mission and are passed over.
"""

import json
import math
from pathlib import Path
from typing import Any, NoReturn

from flyoff.decoders.plans.positions import FRAME_MISSION, position
from flyoff.errors import PlanError
from flyoff.model.mission import Command, Mission, MissionItem

#: Versions of each complex item whose layout is known.
COMPLEX = {
    "survey": frozenset({4, 5}),
    "CorridorScan": frozenset({1, 2}),
    "StructureScan": frozenset({1, 2, 3}),
    "fwLandingPattern": frozenset({1, 2}),
    "vtolLandingPattern": frozenset({1, 2}),
}
MAX_ITEMS = 65535
_SAVE_AGAIN = "open the plan in a current QGroundControl and save it again"


class _Malformed(Exception):
    """Something in the tree is not as expected; the message says where."""


def parse(path: str, data: bytes) -> Mission:
    """Read the JSON form.

    Parameters
    ----------
    path : str
        Named in errors; its last part is the mission's source.
    data : bytes

    Raises
    ------
    PlanError
    """
    tree = _load(path, data)
    try:
        return _mission(path, tree)
    except _Malformed as error:
        raise PlanError(path, 0, str(error)) from None


def _load(path: str, data: bytes) -> object:
    try:
        return json.loads(data.decode("utf-8-sig"), parse_constant=_refuse, parse_float=_finite)
    except json.JSONDecodeError as error:
        raise PlanError(path, error.lineno, f"not JSON: {error.msg.lower()}") from None
    except UnicodeDecodeError as error:
        raise PlanError(path, 0, f"byte {error.start} is not utf-8, expected JSON") from None
    except RecursionError:
        raise PlanError(path, 0, "nested too deeply, expected a plan of a few levels") from None
    except (ValueError, OverflowError) as error:
        raise PlanError(path, 0, str(error).lower().split(";")[0]) from None


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"number {word}, expected a finite one (or null)")


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        _refuse(text[:40])
    return value


def _mission(path: str, tree: object) -> Mission:
    plan = _object(tree, "plan")
    if plan.get("fileType") != "Plan":
        raise _Malformed(f"fileType {_short(plan.get('fileType'))}, expected 'Plan'")
    _expect_version(plan, "plan", frozenset({1}))
    mission = _object(plan.get("mission"), "mission")
    _expect_version(mission, "mission", frozenset({2}))
    items: list[MissionItem] = []
    jumps: dict[int, int] = {}
    is_complete = True
    for index, entry in enumerate(_list(mission.get("items"), "mission.items")):
        where = f"mission.items[{index}]"
        is_complete &= _append(_object(entry, where), where, items, jumps)
        if len(items) > MAX_ITEMS:
            raise _Malformed(f"{where}: more than {MAX_ITEMS} items, no vehicle can hold them")
    home = _home(mission.get("plannedHomePosition"))
    return Mission(tuple(_resolved(i, jumps) for i in items), Path(path).name, home, is_complete)


def _append(
    entry: dict[str, Any], where: str, items: list[MissionItem], jumps: dict[int, int]
) -> bool:
    """Append what an entry flies; return whether the file holds all of it."""
    kind = entry.get("type")
    if kind == "SimpleItem":
        items.append(_simple(entry, where, len(items) + 1, jumps))
        return True
    if kind != "ComplexItem":
        raise _Malformed(f"{where}: type {_short(kind)}, expected 'SimpleItem' or 'ComplexItem'")
    name = entry.get("complexItemType")
    if not isinstance(name, str) or name not in COMPLEX:
        expected = ", ".join(sorted(COMPLEX))
        raise _Malformed(f"{where}: complexItemType {_short(name)}, expected one of {expected}")
    _expect_version(entry, f"{where} ({name})", COMPLEX[name])
    if name == "StructureScan":
        return False
    if name.endswith("LandingPattern"):
        items.extend(_landing(entry, where, len(items) + 1))
        return True
    transect = _object(entry.get("TransectStyleComplexItem"), f"{where}.TransectStyleComplexItem")
    inner = f"{where}.TransectStyleComplexItem.Items"
    if "Items" not in transect:
        raise _Malformed(f"{inner}: nothing, expected the items that are flown; {_SAVE_AGAIN}")
    for index, item in enumerate(_list(transect.get("Items"), inner)):
        at = f"{inner}[{index}]"
        items.append(_simple(_object(item, at), at, len(items) + 1, jumps))
    return True


def _simple(entry: dict[str, Any], where: str, seq: int, jumps: dict[int, int]) -> MissionItem:
    command = _whole(entry.get("command"), f"{where}.command", 65535)
    frame = _whole(entry.get("frame"), f"{where}.frame", 255)
    params = _list(entry.get("params"), f"{where}.params")
    if len(params) != 7:
        raise _Malformed(f"{where}.params: {len(params)} numbers, expected 7")
    p1, p2, p3, p4, x, y, z = (_real(v, f"{where}.params[{i}]") for i, v in enumerate(params))
    if entry.get("doJumpId") is not None:
        jumps[_whole(entry["doJumpId"], f"{where}.doJumpId", 1 << 31)] = seq
    lat, lon = _position(command, frame, x, y, where)
    return MissionItem(seq, command, lat, lon, z, frame, (p1, p2, p3, p4))


def _landing(entry: dict[str, Any], where: str, seq: int) -> list[MissionItem]:
    """The items a landing pattern is uploaded as: start of the landing, approach, touch-down."""
    is_vtol = entry["complexItemType"] == "vtolLandingPattern"
    # version 1 named the two frames apart and called the approach a loiter
    is_relative = bool(entry.get("altitudesAreRelative", entry.get("landAltitudeRelative", True)))
    frame = 3 if is_relative else 0
    is_old = "landingApproachCoordinate" not in entry
    key = "loiterCoordinate" if is_old else "landingApproachCoordinate"
    approach = _point(entry.get(key), f"{where}.{key}")
    land = _point(entry.get("landCoordinate"), f"{where}.landCoordinate")
    loiters = bool(entry.get("useLoiterToAlt", True))
    radius = _real(entry.get("loiterRadius", 0), f"{where}.loiterRadius")
    turn = radius if entry.get("loiterClockwise", True) else -radius
    return [
        MissionItem(seq, Command.DO_LAND_START, math.nan, math.nan, 0.0, FRAME_MISSION),
        MissionItem(
            seq + 1,
            Command.LOITER_TO_ALT if loiters else Command.WAYPOINT,
            *approach,
            frame,
            (1.0, turn, 0.0, 1.0) if loiters else (0.0, 0.0, 0.0, math.nan),
        ),
        MissionItem(seq + 2, Command.VTOL_LAND if is_vtol else Command.LAND, *land, frame),
    ]


def _resolved(item: MissionItem, jumps: dict[int, int]) -> MissionItem:
    """A jump names its target by ``doJumpId``; the vehicle, and we, by number in the mission."""
    if item.command != Command.DO_JUMP:
        return item
    target = jumps.get(int(item.params[0])) if math.isfinite(item.params[0]) else None
    if target is None:
        raise _Malformed(f"item {item.seq} jumps to doJumpId {item.params[0]:g}, which no item has")
    params = (float(target), *item.params[1:])
    return MissionItem(item.seq, item.command, item.lat, item.lon, item.alt, item.frame, params)


def _home(value: object) -> tuple[float, float, float] | None:
    if value is None:
        return None
    lat, lon, alt = _point(value, "mission.plannedHomePosition")
    return None if math.isnan(lat) else (lat, lon, alt)


def _point(value: object, where: str) -> tuple[float, float, float]:
    numbers = _list(value, where)
    if len(numbers) not in (2, 3):
        raise _Malformed(f"{where}: {len(numbers)} numbers, expected latitude, longitude, altitude")
    lat, lon, *alt = (_real(v, f"{where}[{i}]") for i, v in enumerate(numbers))
    return *_position(Command.WAYPOINT, 0, lat, lon, where), alt[0] if alt else math.nan


def _position(command: int, frame: int, lat: float, lon: float, where: str) -> tuple[float, float]:
    try:
        return position(command, frame, lat, lon)
    except ValueError as error:
        raise _Malformed(f"{where}: {error}") from None


def _expect_version(node: dict[str, Any], where: str, known: frozenset[int]) -> None:
    version = node.get("version")
    if isinstance(version, bool) or not isinstance(version, int) or version not in known:
        expected = " or ".join(str(v) for v in sorted(known))
        raise _Malformed(f"{where}: version {_short(version)}, expected {expected}; {_SAVE_AGAIN}")


def _object(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _Malformed(f"{where}: {_short(value)}, expected an object")
    return value


def _list(value: object, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise _Malformed(f"{where}: {_short(value)}, expected a list")
    return value


def _real(value: object, where: str) -> float:
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Malformed(f"{where}: {_short(value)}, expected a number or null")
    try:
        return float(value)
    except OverflowError:
        raise _Malformed(f"{where}: {_short(value)}, expected a finite number") from None


def _whole(value: object, where: str, largest: int) -> int:
    number = value if isinstance(value, int) and not isinstance(value, bool) else -1
    if isinstance(value, float) and value.is_integer():
        number = int(value)
    if not 0 <= number <= largest:
        raise _Malformed(f"{where}: {_short(value)}, expected an integer in 0…{largest}")
    return number


def _short(value: object) -> str:
    """A value for a message, cut to a length that can be read."""
    if value is None:
        return "nothing"
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    if isinstance(value, int) and abs(value) >= 1 << 64:
        return "a huge number"  # its decimal text may be refused, or take seconds
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "…"
