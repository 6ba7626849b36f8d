"""What a tlog says of itself as a whole: texts, parameters, boots, and whose clock it keeps."""

from collections.abc import Iterator, Mapping
from functools import cached_property

import numpy as np

from flyoff.decoders.normalisation import Reader
from flyoff.decoders.rawlog import Message, RawLog
from flyoff.decoders.tlog.clock import REBOOT_US
from flyoff.decoders.tlog.links import heard_by
from flyoff.decoders.tlog.params import read_params
from flyoff.decoders.tlog.systems import HEARTBEAT, Systems
from flyoff.decoders.tlog.texts import joined
from flyoff.decoders.tlog.topic import TlogTopic
from flyoff.decoders.tlog.utc import EARLIEST_US, LATEST_US

Topics = Mapping[tuple[str, int], TlogTopic]


class Params(Mapping[str, float]):
    """The primary flight controller's parameters as first reported, read when first asked for."""

    def __init__(self, raw: RawLog, autopilot: int) -> None:
        self._raw = raw
        self._autopilot = autopilot

    @cached_property
    def _values(self) -> dict[str, float]:
        return read_params(Reader(self._raw), self._autopilot)[0]

    def __getitem__(self, name: str) -> float:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return repr(self._values)


def messages_of(topics: Topics) -> list[Message]:
    """Texts of the primary flight controller, on the ground station's clock."""
    topic = topics.get(("STATUSTEXT", 0))
    if topic is None:
        return []
    names = [n for n in ("severity", "text", "id", "chunk_seq") if n in topic.definition.names]
    columns = topic.gather(names)
    times = topic.recorded() if topic.time_field else np.zeros(len(topic), dtype=np.int64)
    return joined(times, list(columns.values()))


def autopilot_of(topics: Topics, systems: Systems) -> int:
    """MAV_AUTOPILOT of the primary flight controller, -1 without a heartbeat."""
    beats = topics.get(("HEARTBEAT", 0))
    if beats is None or systems.primary is None or beats.stream.message != HEARTBEAT:
        return -1
    return int(np.bincount(beats.column("autopilot")).argmax())


def boots_of(topics: Topics, size: int) -> tuple[tuple[int, int], ...]:
    """Byte ranges of the primary flight controller's boots."""
    for name in ("SYSTEM_TIME", "ATTITUDE", "GLOBAL_POSITION_INT"):
        topic = topics.get((name, 0))
        if topic is not None:
            times = topic.column("time_boot_ms").astype(np.int64) * 1000
            if (np.diff(times) < -REBOOT_US).any():
                own = [t for (_, number), t in topics.items() if number < 256]
                return tuple((c.first, c.last) for c in heard_by(own, size).main)
            break
    return ((0, size),)


def clock_of(topics: Topics) -> str:
    """Whose clock the stamps are, and how it stands to the vehicle's."""
    topic = topics.get(("SYSTEM_TIME", 0))
    if topic is None:
        stamped = any(t.time_field for t in topics.values())
        return "the ground station's clock, not checked" if stamped else ""
    unix = topic.column("time_unix_usec")
    good = (unix > EARLIEST_US) & (unix < LATEST_US)
    if not good.any():
        return "the ground station's clock, not checked" if topic.time_field else ""
    source = "SYSTEM_TIME.time_unix_usec of the vehicle ± 0.2 s"
    if not topic.time_field:
        return source
    ahead = np.sort((topic.recorded() - unix.astype(np.int64))[good])
    middle_s = int(ahead[ahead.size // 2]) / 1e6
    return f"{source}; the ground station's clock is {middle_s:+.1f} s ahead of it"
