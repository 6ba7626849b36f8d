"""The text form: a line ``QGC WPL 110``, then one item of twelve columns a line.

Columns, separated by tabs or blanks: sequence number, current, frame, command, four parameters,
latitude, longitude, altitude, autocontinue. In version 110 the first item is home; version 120
(old QGroundControl) has no home. Lines that begin with ``#`` and blank lines are comments.

The sequence numbers of the file are not trusted: Mission Planner, MAVProxy and QGroundControl
number the items by their order when they upload them, and hand-edited files repeat or skip numbers.
"""

import math
from pathlib import Path

from flyoff.decoders.plans.positions import MSL_FRAMES, position
from flyoff.errors import PlanError
from flyoff.model.mission import Command, Mission, MissionItem

MAGIC = b"QGC WPL"
VERSIONS = ("110", "120")
COLUMNS = (
    *("sequence number", "current", "frame", "command", "param1", "param2", "param3", "param4"),
    *("latitude", "longitude", "altitude", "autocontinue"),
)
#: Columns that hold whole numbers, and the largest each can be in a MISSION_ITEM message.
WHOLE = {0: 65535, 2: 255, 3: 65535}
#: A mission item's number is a uint16 on the wire.
MAX_ITEMS = 65536


def parse(path: str, data: bytes) -> Mission:
    """Read the text form.

    Parameters
    ----------
    path : str
        Named in errors; its last part is the mission's source.
    data : bytes

    Raises
    ------
    PlanError
    """
    # comments may be in any encoding; every column is ASCII, so nothing that counts can be lost
    lines = data.decode("utf-8-sig", errors="replace").splitlines()
    start = next(i for i, line in enumerate(lines) if line.strip())
    has_home = _version(path, start + 1, lines[start]) == "110"
    items: list[MissionItem] = []
    for number, line in enumerate(lines[start + 1 :], start=start + 2):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if len(items) == MAX_ITEMS:
            raise PlanError(path, number, f"more than {MAX_ITEMS} items, no vehicle can hold them")
        items.append(_item(path, number, line, len(items) + (not has_home)))
    if not items:
        raise PlanError(path, len(lines), "no item after the header, expected at least one")
    return Mission(tuple(items), Path(path).name, _home(items[0]) if has_home else None)


def _version(path: str, number: int, header: str) -> str:
    words = header.split()
    if words[:2] != ["QGC", "WPL"] or len(words) != 3 or words[2] not in VERSIONS:
        raise PlanError(
            path, number, f"header {header[:40].strip()!r}, expected 'QGC WPL 110' or 'QGC WPL 120'"
        )
    return words[2]


def _item(path: str, number: int, line: str, seq: int) -> MissionItem:
    cells = line.split()
    if len(cells) != len(COLUMNS):
        raise PlanError(path, number, f"{len(cells)} columns, expected {len(COLUMNS)}")
    values = [_number(path, number, column, cell) for column, cell in enumerate(cells)]
    command, frame = int(values[3]), int(values[2])
    if seq == 0 and command == 0:
        command = Command.WAYPOINT  # Mission Planner writes home as command 0
    try:
        lat, lon = position(command, frame, values[8], values[9])
    except ValueError as error:
        raise PlanError(path, number, str(error)) from error
    params = (values[4], values[5], values[6], values[7])
    return MissionItem(seq, command, lat, lon, values[10], frame, params)


def _number(path: str, number: int, column: int, cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = math.inf  # refused below, together with an overflow such as 1e999
    if math.isinf(value) or "_" in cell:
        raise PlanError(path, number, f"{COLUMNS[column]} {cell[:40]!r}, expected a number")
    largest = WHOLE.get(column)
    if largest is not None and not (value.is_integer() and 0 <= value <= largest):
        raise PlanError(
            path, number, f"{COLUMNS[column]} {cell[:40]!r}, expected an integer in 0…{largest}"
        )
    return value


def _home(first: MissionItem) -> tuple[float, float, float] | None:
    """Home as the first item gives it; a fence or rally file of the same format has none.

    The vehicle takes the altitude of item 0 as above mean sea level, yet files that were written
    with a relative frame hold a height above home there: that is no altitude of home, hence NaN.
    """
    if first.command != Command.WAYPOINT or not first.has_position:
        return None
    return first.lat, first.lon, first.alt if first.frame in MSL_FRAMES else math.nan
