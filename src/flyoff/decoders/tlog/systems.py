"""Who talks in a log: vehicles, their companions and gimbals, ground stations.

Source: MAVLink common.xml, MAV_TYPE, MAV_AUTOPILOT, and the ids that routing reserves.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from flyoff.decoders.tlog.topic import TlogTopic

Sender = tuple[int, int]

HEARTBEAT: Final = 0
#: MAV_AUTOPILOT_INVALID: no flight controller (ground station, camera, gimbal, companion …).
NO_AUTOPILOT: Final = 8
#: MAV_AUTOPILOT values that we know the modes of.
ARDUPILOT, PX4 = 3, 12
#: MAV_COMP_ID_AUTOPILOT1: the component of a flight controller.
AUTOPILOT: Final = 1
#: System ids that ground stations take.
GROUND: Final = range(240, 256)
#: MAV_TYPE of what does not fly or drive itself: antenna tracker, ground station, onboard
#: controller, gimbal, ADS-B, camera, charging station, FLARM, servo, remote id, battery, parachute,
#: log, OSD, IMU, GPS, winch.
NOT_VEHICLES: Final = frozenset({5, 6, 18, 26, 27, 30, 31, 32, 33, 34, 36, 37, 38, 39, 40, 41, 42})


@dataclass(frozen=True, slots=True)
class Systems:
    """Senders of a log.

    Attributes
    ----------
    vehicles : tuple of (system, component)
        Flight controllers, the one that sent most first.
    frames : dict of (system, component) to how many frames it sent
    """

    vehicles: tuple[Sender, ...]
    frames: dict[Sender, int]

    @property
    def primary(self) -> Sender | None:
        """The flight controller whose topics carry their messages' own instance numbers.

        To those of any other sender ``(system * 256 + component) * 256`` is added.
        """
        return self.vehicles[0] if self.vehicles else None

    @property
    def notes(self) -> tuple[str, ...]:
        """Who else is in the log, for its receipt."""
        if not self.vehicles:
            return ("no flight controller is heard",)
        others = [
            f"{system}/{component} ({self.frames[system, component]} frames)"
            for system, component in sorted(self.frames)
            if (system, component) != self.primary
        ]
        return (f"further senders: {', '.join(others[:20])}",) if others else ()


def survey(topics: Sequence[TlogTopic]) -> Systems:
    """Find out who is who, by heartbeats where there are any."""
    frames: Counter[Sender] = Counter()
    for topic in topics:
        frames[topic.stream.system, topic.stream.component] += len(topic)
    vehicles = {sender for sender in _flight_controllers(topics) if sender in frames}
    if not vehicles:
        # a file cut down to some messages, or a link that was heard one way only
        vehicles = {s for s in frames if s[1] == AUTOPILOT and s[0] not in GROUND and s[0]}
    ordered = sorted(vehicles, key=lambda s: (-frames[s], s))
    return Systems(tuple(ordered), dict(frames))


def _flight_controllers(topics: Iterable[TlogTopic]) -> Iterable[Sender]:
    for topic in topics:
        if topic.stream.message != HEARTBEAT:
            continue
        columns = topic.gather(("type", "autopilot"))
        kind, autopilot = (int(np.bincount(columns[n]).argmax()) for n in ("type", "autopilot"))
        if autopilot != NO_AUTOPILOT and kind not in NOT_VEHICLES:
            yield topic.stream.system, topic.stream.component
