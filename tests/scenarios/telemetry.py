"""Real telemetry as it might have been recorded: cut, thinned, without clock, with a wrong one."""

from collections.abc import Iterable, Iterator

from flyoff.decoders.tlog.framing import STAMPED, frame_bytes

#: Message id of SYSTEM_TIME.
SYSTEM_TIME = 2
Record = tuple[int, int, bytes]


def records(data: bytes) -> Iterator[Record]:
    """Stamp [µs], message id and frame of each record of a whole tlog."""
    at = 0
    while at + STAMPED.stamp < len(data):
        start = at + STAMPED.stamp
        end = start + frame_bytes(data[start : start + 4], 0)
        frame = data[start:end]
        number = frame[5] if frame[0] == 0xFE else int.from_bytes(frame[7:10], "little")
        yield int.from_bytes(data[at:start], "big"), number, frame
        at = end


def written(found: Iterable[Record]) -> bytes:
    """The records as a tlog."""
    return b"".join(stamp.to_bytes(8, "big") + frame for stamp, _, frame in found)


def moved(found: Iterable[Record], by_s: float) -> list[Record]:
    """Recorded by a computer whose clock is wrong."""
    return [(stamp + round(by_s * 1e6), number, frame) for stamp, number, frame in found]


def without(found: Iterable[Record], *numbers: int) -> list[Record]:
    """Without some messages."""
    return [r for r in found if r[1] not in numbers]


def part(found: Iterable[Record], first: float, last: float) -> list[Record]:
    """A part of the time, as shares of the whole."""
    rows = list(found)
    start, end = rows[0][0], rows[-1][0]
    low, high = (start + share * (end - start) for share in (first, last))
    return [r for r in rows if low <= r[0] <= high]


def thinned(found: Iterable[Record], every_s: float) -> list[Record]:
    """Each message of each sender at most so often."""
    last: dict[tuple[int, bytes], int] = {}
    kept = []
    for stamp, number, frame in found:
        sender = frame[3:5] if frame[0] == 0xFE else frame[5:7]
        key = number, sender
        # texts, parameters and commands are not sent at a rate
        if number in (22, 44, 47, 73, 76, 77, 253) or stamp - last.get(key, 0) >= every_s * 1e6:
            last[key] = stamp
            kept.append((stamp, number, frame))
    return kept
