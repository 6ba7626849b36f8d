"""Value for value against pyulog.

Where the two differ on purpose, ``ACCEPTED`` says so with the reason; a difference that it does not
name is a failure.
"""

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from pyulog import ULog
from pyulog.core import ULogException

from flyoff.decoders.rawlog import RawLog
from flyoff.decoders.receipt import Status
from flyoff.decoders.source import Source
from flyoff.decoders.ulog import DECODER
from flyoff.errors import DecodeError

#: What may differ, and why pyulog is the one that is wrong (measured with pyulog 1.3.0).
ACCEPTED = {
    "appended": "pyulog drops its subscriptions after the first section: data in an appended "
    "section are lost, and the file is called corrupt",
    "resubscribed": "pyulog overwrites a subscription when its id is used again: the rows before "
    "are gone, with file_corruption False",
    "unsubscribed": "pyulog does not know the message type R, and reads on under the old format",
    "padded": "pyulog takes the padding off before it computes the greatest size: a data message "
    "that carries the padding is refused",
    "garbage-time": "pyulog keeps the greatest time ever seen: after one garbage timestamp every "
    "drop-out and parameter change carries it; ours ignores jumps above a day",
}


def is_clean(path: Path) -> bool:
    """Whether both readers call the file undamaged (a cut tail is no damage to pyulog).

    Behind damage the two go on by different rules, so damaged files are not compared.
    """
    try:
        raw = DECODER.decode(Source(str(path)))
        return raw.receipt.status is not Status.MALFORMED and not _reference(path).file_corruption
    except (DecodeError, ULogException):
        return False


def compare(path: Path) -> list[str]:
    """Differences between the two readings that ``ACCEPTED`` does not explain."""
    raw = DECODER.decode(Source(str(path)))
    peer = _reference(path)
    return [
        *_topics(raw, peer),
        *_parameters(raw, peer),
        *_messages(raw, peer),
        *_information(raw, peer),
    ]


def _reference(path: Path) -> ULog:
    with contextlib.redirect_stdout(io.StringIO()):
        return ULog(str(path))


def _topics(raw: RawLog, peer: ULog) -> Iterator[str]:
    theirs = {(one.name, one.multi_id): one.data for one in peer.data_list}
    ours = {key for key, topic in raw.topics.items() if len(topic)}
    for key in sorted(ours ^ set(theirs)):
        yield f"{key}: only {'ours' if key in ours else 'theirs'}"
    for key in sorted(ours & set(theirs)):
        yield from _columns(key, raw.topics[key].columns(), theirs[key])


def _columns(
    key: tuple[str, int], ours: dict[str, np.ndarray], theirs: dict[str, np.ndarray]
) -> Iterator[str]:
    if list(ours) != list(theirs):
        yield f"{key}: fields {sorted(set(ours) ^ set(theirs))[:5]} or their order"
    for name in set(ours) & set(theirs):
        a, b = ours[name], theirs[name]
        if a.dtype != b.dtype:
            yield f"{key} {name}: {a.dtype}, expected {b.dtype}"
        elif not np.array_equal(a, b, equal_nan=a.dtype.kind == "f"):
            yield f"{key} {name}: values of {a.size} rows, expected those of {b.size}"


def _parameters(raw: RawLog, peer: ULog) -> Iterator[str]:
    if not _same(dict(raw.params), peer.initial_parameters):
        yield "parameters at the start"
    for which, name in enumerate(("system", "airframe")):
        defaults = raw.defaults.get(name, {})
        if not _same(dict(defaults), peer.get_default_parameters(which)):
            yield f"{name} defaults"
    changes = [(one.t_us, one.name, one.value) for one in raw.parameter_changes]
    if repr(changes) != repr(peer.changed_parameters):
        yield f"parameter changes: {len(changes)}, expected {len(peer.changed_parameters)}"


def _same(ours: dict[str, float], theirs: dict[str, float]) -> bool:
    return list(ours) == list(theirs) and repr(ours) == repr(dict(theirs))


def _messages(raw: RawLog, peer: ULog) -> Iterator[str]:
    tagged = [one for group in peer.logged_messages_tagged.values() for one in group]
    theirs = [(m.timestamp, m.log_level - 48, m.message) for m in [*peer.logged_messages, *tagged]]
    ours = [(m.t_us, m.level, m.text.replace("\ufffd", "")) for m in raw.messages]
    if sorted(ours) != sorted(theirs):
        yield f"messages: {len(ours)}, expected {len(theirs)}"
    drops = [(one.t_us, one.duration_us) for one in raw.receipt.dropouts]
    if drops != [(one.timestamp, one.duration * 1000) for one in peer.dropouts]:
        yield f"drop-outs: {len(drops)}, expected {len(peer.dropouts)}"


def _information(raw: RawLog, peer: ULog) -> Iterator[str]:
    for key, value in peer.msg_info_dict.items():
        theirs = value.hex() if isinstance(value, bytes) else str(value).rstrip("\0")
        if raw.info.get(key, "").replace("\ufffd", "") != theirs:
            yield f"info {key}: {raw.info.get(key)!r}, expected {theirs!r}"
    for key, entries in peer.msg_info_multiple_dict.items():
        lines = ["".join(p.hex() if isinstance(p, bytes) else p for p in one) for one in entries]
        if raw.info.get(key, "").replace("\ufffd", "") != "\n".join(lines):
            yield f"info {key}: the joined parts differ"
