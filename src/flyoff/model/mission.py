"""What was planned, or uploaded: an ordered list of items, by position."""

from dataclasses import dataclass
from enum import IntEnum


class Command(IntEnum):
    """MAV_CMD numbers that judging understands (MAVLink common.xml)."""

    WAYPOINT = 16
    LOITER_UNLIMITED = 17
    LOITER_TURNS = 18
    LOITER_TIME = 19
    RETURN_TO_LAUNCH = 20
    LAND = 21
    TAKEOFF = 22
    LOITER_TO_ALT = 31
    SPLINE_WAYPOINT = 82
    VTOL_TAKEOFF = 84
    VTOL_LAND = 85
    DELAY = 93
    PAYLOAD_PLACE = 94
    DO_JUMP = 177
    DO_CHANGE_SPEED = 178
    DO_LAND_START = 189


#: Commands that fly to the position they carry.
NAVIGATES = frozenset({16, 17, 18, 19, 21, 31, 82, 85, 94})
#: Commands that end the flight at the position they carry (or where the vehicle is, if none).
LANDS = frozenset({21, 85})


@dataclass(frozen=True, slots=True)
class MissionItem:
    """One mission item.

    Attributes
    ----------
    seq : int
        0 is home in ArduPilot's convention.
    command : int
        MAV_CMD number.
    lat, lon : float [deg]
        NaN where the command has no position (0, 0 in the file).
    alt : float [m]
        In ``frame``.
    frame : int
        MAV_FRAME: 0 above mean sea level, 3 above home, 10 above terrain.
    params : tuple of float, length 4
    """

    seq: int
    command: int
    lat: float
    lon: float
    alt: float
    frame: int = 3
    params: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)

    @property
    def has_position(self) -> bool:
        """Whether the item carries a place of its own."""
        return self.lat == self.lat and self.lon == self.lon

    @property
    def navigates(self) -> bool:
        """Whether the vehicle has to pass this item's position."""
        return self.command in NAVIGATES and self.has_position


@dataclass(frozen=True, slots=True)
class Mission:
    """An ordered list of mission items and where it was read.

    Attributes
    ----------
    items : tuple of MissionItem
    source : str
        File name, or the topic that carried it.
    home : tuple (lat [deg], lon [deg], alt [m MSL]) or None
    is_complete : bool
        False where the log carried only a part of it.
    """

    items: tuple[MissionItem, ...]
    source: str
    home: tuple[float, float, float] | None = None
    is_complete: bool = True

    @property
    def waypoints(self) -> tuple[MissionItem, ...]:
        """The items whose position has to be passed, home excluded."""
        return tuple(i for i in self.items if i.navigates and i.seq > 0)

    @property
    def destination(self) -> tuple[float, float] | None:
        """Where the vehicle should come down: (lat, lon) [deg], None if the plan does not end.

        The last command that ends the flight decides: land at its position, land where the last
        waypoint was, or return to launch. Source: MAVLink mission protocol; ArduPilot's rule that
        item 0 is home.
        """
        last: tuple[float, float] | None = None
        takeoff = self.home[:2] if self.home else None
        for item in self.items:
            if item.seq == 0 and item.has_position and takeoff is None:
                takeoff = (item.lat, item.lon)
            if item.command == Command.RETURN_TO_LAUNCH:
                return takeoff
            if item.command in LANDS:
                return (item.lat, item.lon) if item.has_position else last
            if item.navigates and item.seq > 0:
                last = (item.lat, item.lon)
        return None
