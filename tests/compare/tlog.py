"""Value for value against pymavlink, for every message and field of a tlog.

pymavlink reads from front to back with ``robust_parsing``; it takes damaged and foreign frames as
BAD_DATA, which count on neither side.
"""

import contextlib
import io
import struct
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from flyoff.decoders.rawlog import Topic
from flyoff.decoders.receipt import Status
from flyoff.decoders.source import Source
from flyoff.decoders.tlog import DECODER
from flyoff.decoders.tlog.topic import TIME, TlogTopic

#: Where we differ on purpose, and why.
ACCEPTED = {
    "UNKNOWN": "pymavlink gives a message it does not know no sender, and its whole frame as data; "
    "ours has the sender, and the payload up to its last byte that is not zero",
    "float": "pymavlink widens singles to doubles; ours stay singles, compared bit for bit",
    "text": "pymavlink hands out text as str, replacing bytes that are no UTF-8; ours are bytes",
}

Key = tuple[str, int, int]
Rows = dict[Key, dict[str, list[Any]]]


def is_clean(path: Path) -> bool:
    """Whether the peer reads the log to its end: frames with a wrong checksum do not stop it."""
    receipt = DECODER.decode(Source(str(path))).receipt
    whole = all("checksum" in gap.reason for gap in receipt.gaps)
    return receipt.status is Status.COMPLETE or (whole and not receipt.gaps_omitted)


def compare(path: Path) -> list[str]:
    """Every difference between our reading and pymavlink's, in words; empty if there is none."""
    theirs = peer_rows(path)
    ours: dict[Key, list[Topic]] = defaultdict(list)
    for topic in DECODER.decode(Source(str(path))).topics.values():
        assert isinstance(topic, TlogTopic)
        sender = (0, 0) if topic.name.startswith("UNKNOWN_") else (topic.stream.system,)
        system, component = (*sender, topic.stream.component)[:2]
        ours[topic.name, system, component].append(topic)
    problems = [f"{key}: only pymavlink has it" for key in theirs.keys() - ours.keys()]
    problems += [f"{key}: only we have it" for key in ours.keys() - theirs.keys()]
    for key in sorted(ours.keys() & theirs.keys()):
        problems += [f"{key}: {problem}" for problem in _columns(ours[key], theirs[key])]
    return problems


def peer_rows(path: Path) -> Rows:
    """What pymavlink reads: columns of each message of each sender as lists."""
    rows: Rows = defaultdict(lambda: defaultdict(list))
    for message in peer_messages(path):
        name = message.get_type()
        if name == "BAD_DATA":
            continue
        columns = rows[name, message.get_srcSystem(), message.get_srcComponent()]
        for field in message.get_fieldnames() or ["data"]:
            columns[field].append(getattr(message, field))
        columns[TIME].append(message._timestamp)
    return rows


def peer_messages(path: Path) -> Iterator[Any]:
    """Messages as pymavlink gives them, with all dialects."""
    from pymavlink import mavutil

    with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
        log = mavutil.mavlink_connection(str(path), robust_parsing=True, dialect="all")
        while (message := log.recv_msg()) is not None:
            yield message
        log.close()


def _columns(topics: list[Topic], theirs: dict[str, list[Any]]) -> Iterator[str]:
    order = np.argsort(np.concatenate([topic.offsets for topic in topics]), kind="stable")
    columns = [topic.columns() for topic in topics]
    if order.size != len(theirs[TIME]):
        yield f"{order.size} rows, pymavlink {len(theirs[TIME])}"
        return
    if set(columns[0]) != set(theirs):
        yield f"fields {sorted(columns[0])}, pymavlink {sorted(theirs)}"
        return
    for field, expected in theirs.items():
        ours = np.concatenate([c[field] for c in columns])[order]
        for row, (a, b) in enumerate(zip(ours, expected, strict=True)):
            if not _same(field, a, b):
                yield f"{field}: row {row} is {a!r}, pymavlink {b!r}"
                break


def _same(field: str, ours: Any, theirs: Any) -> bool:
    if field == TIME:
        return int(ours) == round(theirs * 1e6)
    if isinstance(ours, bytes):
        if isinstance(theirs, str):
            return ours.decode("utf-8", errors="replace") == theirs
        header = 6 if theirs[0] == 0xFE else 10
        return ours == bytes(theirs[header : header + theirs[1]]).rstrip(b"\0")
    if isinstance(ours, np.ndarray):
        return len(ours) == len(theirs) and all(map(_equal, ours, theirs))
    return _equal(ours, theirs)


def _equal(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, np.float32):
        return struct.pack("<f", ours) == struct.pack("<f", theirs) or bool(ours != ours)
    return bool(ours == theirs) or (ours != ours and theirs != theirs)
