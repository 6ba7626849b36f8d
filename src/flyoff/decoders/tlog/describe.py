"""What a tlog says of itself as a whole: texts, parameters, boots, and whose clock it keeps."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from flyoff.decoders.normalisation import Reader
from flyoff.decoders.rawlog import Message, RawLog
from flyoff.decoders.tlog.clock import REBOOT_US, Witnesses
from flyoff.decoders.tlog.links import main_witnesses
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


@dataclass(frozen=True, slots=True, eq=False)
class Boots:
    """Boots of the primary flight controller: how many, and where each is when that is asked.

    Attributes
    ----------
    size : int [byte]
        Of the file.
    seen : Witnesses or None
        Of more than one boot; None of one.
    """

    size: int
    seen: Witnesses | None = None

    def __len__(self) -> int:
        return self.seen.boots if self.seen is not None else 1

    def ranges(self) -> tuple[tuple[int, int], ...]:
        """Their parts of the file."""
        return tuple(pairwise(self.seen.edges(self.size) if self.seen else (0, self.size)))


def boots_of(topics: Topics, size: int) -> Boots:
    """Boots of the primary flight controller, in a file of so many bytes."""
    for name in ("SYSTEM_TIME", "ATTITUDE", "GLOBAL_POSITION_INT"):
        topic = topics.get((name, 0))
        if topic is not None:
            times = topic.column("time_boot_ms").astype(np.int64) * 1000
            if (np.diff(times) < -REBOOT_US).any():
                own = [t for (_, number), t in topics.items() if number < 256]
                return Boots(size, main_witnesses(own))
            break
    return Boots(size)


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
