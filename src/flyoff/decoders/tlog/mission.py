"""The mission as it went over the link: uploaded by the ground station, or read back by it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from flyoff.decoders.tlog.clock import BootClock
from flyoff.decoders.tlog.sender import heard
from flyoff.decoders.tlog.systems import PX4, Sender
from flyoff.decoders.tlog.topic import TlogTopic
from flyoff.model.mission import Command, Mission, MissionItem

Home = tuple[float, float, float]

_FLOWN: Final = 0  # MAV_MISSION_TYPE_MISSION; others are fences and rally points
#: Rows of the mission protocol that are looked at; no mission needs more.
_MOST: Final = 20_000


@dataclass(slots=True)
class _Transfer:
    total: int
    items: dict[int, MissionItem] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        return self.total > 0 and all(seq in self.items for seq in range(self.total))


def mission_of(
    topics: Sequence[TlogTopic],
    clocks: Sequence[BootClock],
    vehicle: Sender,
    autopilot: int,
    until_us: int,
    home: Home | None,
) -> Mission | None:
    """The last whole mission transferred up to an instant.

    Parameters
    ----------
    topics : of TlogTopic
        Of all senders: the ground station uploads.
    clocks : of BootClock
    vehicle : (system, component)
    until_us : int [µs since boot]
    home : (lat, lon [deg], alt [m MSL]) or None
    """
    transfers = [t for t in _transfers(topics, clocks, vehicle, until_us) if t.items]
    if not transfers:
        return None
    whole = [t for t in transfers if t.is_complete]
    chosen = (whole or transfers)[-1]
    items = [chosen.items[seq] for seq in sorted(chosen.items)]
    if autopilot == PX4:
        # its missions have no home in front; numbered as in a plan, where home is item 0
        first = [] if home is None else [MissionItem(0, Command.WAYPOINT, *home, frame=0)]
        items = [*first, *(_moved(item) for item in items)]
    elif home is None and items[0].seq == 0 and items[0].has_position:
        home = (items[0].lat, items[0].lon, items[0].alt)
    return Mission(tuple(items), "MISSION_ITEM_INT", home, is_complete=chosen.is_complete)


def _moved(item: MissionItem) -> MissionItem:
    return MissionItem(
        item.seq + 1, item.command, item.lat, item.lon, item.alt, item.frame, item.params
    )


def _transfers(
    topics: Sequence[TlogTopic], clocks: Sequence[BootClock], vehicle: Sender, until_us: int
) -> list[_Transfer]:
    rows: list[tuple[int, int, MissionItem | None]] = []
    for topic in topics:
        if topic.name not in ("MISSION_COUNT", "MISSION_ITEM_INT", "MISSION_ITEM"):
            continue
        columns = topic.columns()
        times = heard(topic, clocks).time_us().tolist()
        lists = {name: column.tolist() for name, column in columns.items()}
        offsets = topic.offsets.tolist()
        for i in range(min(len(times), _MOST)):
            row = {name: values[i] for name, values in lists.items()}
            is_ours = topic.stream.system == vehicle[0] or row["target_system"] in (0, vehicle[0])
            if times[i] > until_us or not is_ours or row.get("mission_type", _FLOWN) != _FLOWN:
                continue
            at = offsets[i]
            if topic.name == "MISSION_COUNT":
                rows.append((at, int(row["count"]), None))
            else:
                rows.append((at, 0, _item(row, topic.name)))
    found = [_Transfer(0)]
    for _, total, item in sorted(rows, key=lambda r: r[0]):
        if item is None:
            found.append(_Transfer(total))
        else:
            found[-1].items[item.seq] = item
    return found


def _item(row: dict[str, float], name: str) -> MissionItem:
    scale = 1e-7 if name == "MISSION_ITEM_INT" else 1.0
    lat, lon = row["x"] * scale, row["y"] * scale
    if (lat, lon) == (0.0, 0.0) or not (abs(lat) <= 90 and abs(lon) <= 180):
        lat = lon = float("nan")
    # MAV_FRAME_GLOBAL_INT, _RELATIVE_ALT_INT and _TERRAIN_ALT_INT are the frames 0, 3 and 10
    frame = {5: 0, 6: 3, 11: 10}.get(int(row["frame"]), int(row["frame"]))
    one, two, three, four = (float(row[f"param{i}"]) for i in range(1, 5))
    return MissionItem(
        int(row["seq"]), int(row["command"]), lat, lon, row["z"], frame, (one, two, three, four)
    )
