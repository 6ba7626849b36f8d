"""Blackbox bytes to topics and a receipt.

One file holds many logs, each from arming to disarming; the number of the log is the instance of
its topics: ``main`` (I and P frames), ``slow``, ``gps``, ``home``, ``event``. Format reference: the
firmware's ``blackbox.c`` and the readers blackbox-tools and blackbox-log-viewer. Known gaps: the
autotune events of Cleanflight are handed out as bytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from flyoff.decoders.blackbox import _kernels as k
from flyoff.decoders.blackbox.layout import PRODUCT, read_header
from flyoff.decoders.blackbox.parameters import parameters_of
from flyoff.decoders.blackbox.topic import BlackboxTopic
from flyoff.decoders.blackbox.walk import TABLES, Log, read_log
from flyoff.decoders.rawlog import RawLog, Topic
from flyoff.decoders.receipt import MAX_GAPS_LISTED, Gap, Receipt, Status
from flyoff.decoders.source import Source
from flyoff.errors import DecodeError
from flyoff.units import ByteArray

#: A product line has to come this early; no transfer puts more than that before a log.
SEARCH: Final = 16 << 20
MAX_LOGS: Final = 10_000
_CHUNK: Final = 16 << 20
_REASONS: Final = {
    k.DAMAGED: "damaged frames",
    k.ORPHAN: "P frames without the I frame before them",
    k.JUMP: "frame jumps in time or iteration",
    k.CUT: "log ends inside a frame",
    k.ERASED: "erased flash",
    k.AFTER_END: "bytes behind the end of a log",
}
_BLANK: Final = "blank bytes behind the end of a log"
_HARMLESS: Final = frozenset({_REASONS[k.ERASED], _BLANK})
_CUTS: Final = frozenset({_REASONS[k.CUT]})


@dataclass(slots=True, eq=False, repr=False)
class BlackboxLog(RawLog):
    """A decoded file; ``logs`` are what its topics were made of, in their order."""

    logs: tuple[Log, ...] = ()


def decode(source: Source) -> BlackboxLog:
    """Read every log of a file.

    Raises
    ------
    DecodeError
        If no product line stands in the first ``SEARCH`` bytes.
    """
    data = source.data
    first = source.head(SEARCH).find(PRODUCT)
    if first < 0:
        begin = source.head(16).hex(" ") or "nothing: the file is empty"
        expected = PRODUCT.decode()
        raise DecodeError(source.path, 0, f"begins with {begin}, expected {expected!r} …")
    logs, gaps = _logs(data, first)
    topics: dict[tuple[str, int], Topic] = {}
    for instance, log in enumerate(logs):
        for number, name in enumerate(TABLES):
            if log.blocks[number] or number == k.MAIN_TABLE:
                topics[name, instance] = BlackboxTopic(data, log, number, instance)
    raw = BlackboxLog("blackbox", source, _receipt(data.size, logs, gaps), topics)
    raw.params = parameters_of(logs[0].header.text)
    raw.info = logs[0].header.text
    raw.boots = tuple((log.header.start, log.bound) for log in logs)
    raw.logs = tuple(logs)
    return raw


def _logs(data: ByteArray, first: int) -> tuple[list[Log], list[Gap]]:
    gaps = [Gap(0, first, "bytes before the first log")] if first else []
    logs: list[Log] = []
    starts = _starts(data, first)
    start: int | None = next(starts)
    while start is not None:
        header = read_header(data, start, data.size)
        gaps += [Gap(at, length, "header cut") for at, length in header.cuts]
        # a product line inside the header repeats it, and is no log of its own
        start = next((s for s in starts if s >= header.end), None)
        if len(logs) == MAX_LOGS - 1:
            start = None
        log = read_log(data, header, data.size if start is None else start)
        logs.append(log)
        gaps += _gaps_of(data, log)
    return logs, gaps


def _starts(data: ByteArray, first: int) -> Iterator[int]:
    """Offsets of the product lines, found piece by piece: a file need not fit into memory."""
    overlap = len(PRODUCT) - 1
    for low in range(first, data.size, _CHUNK):
        piece = data[low : low + _CHUNK + overlap].tobytes()
        at = piece.find(PRODUCT)
        while at >= 0:
            yield low + at
            at = piece.find(PRODUCT, at + 1)


def _gaps_of(data: ByteArray, log: Log) -> list[Gap]:
    found = [Gap(int(a), int(n), _REASONS[int(why)]) for a, n, why in log.gaps]
    if log.header.is_cut:
        # the line that breaks off is looked through for frames like any damage
        found = [
            Gap(g.offset, g.bytes, "header cut") if g.offset == log.header.end else g for g in found
        ]
    if log.end < log.bound:
        found.append(Gap(log.end, log.bound - log.end, _rest(data[log.end : log.bound])))
    return found


def _rest(piece: ByteArray) -> str:
    """What stands between the end of a log and the next: pages that were never written, mostly."""
    for value, reason in ((0xFF, _REASONS[k.ERASED]), (0, _BLANK)):
        if piece[0] == value and np.all(piece == value):
            return reason
    return _REASONS[k.AFTER_END]


def _receipt(size: int, logs: list[Log], gaps: list[Gap]) -> Receipt:
    outside = sum(g.bytes for g in gaps) - sum(int(n) for log in logs for n in log.gaps[:, 1])
    skipped = outside + sum(log.skipped for log in logs)
    notes = [f"log {i}: {note}" for i, log in enumerate(logs) for note in log.program.notes]
    notes += [f"log {i} has no end marker" for i, log in enumerate(logs) if not log.is_closed]
    notes += [
        f"log {i} does not say which firmware wrote it: what has its units is left out"
        for i, log in enumerate(logs)
        if not log.header.firmware
    ]
    if any(log.header.is_cut or log.header.cuts for log in logs):
        notes.append("a header is damaged: what it says of units may be missing")
    return Receipt(
        bytes=size,
        decoded_bytes=size - skipped,
        skipped_bytes=skipped,
        status=_status(logs, gaps),
        gaps=tuple(gaps[:MAX_GAPS_LISTED]),
        gaps_omitted=max(0, len(gaps) - MAX_GAPS_LISTED) + sum(log.omitted for log in logs),
        resyncs=sum(log.resyncs for log in logs),
        messages=sum(log.frames for log in logs),
        boots=len(logs),
        notes=tuple(notes),
    )


def _status(logs: list[Log], gaps: list[Gap]) -> Status:
    reasons = {g.reason for g in gaps} - _HARMLESS
    if reasons - _CUTS or any(log.omitted for log in logs):
        return Status.MALFORMED
    if reasons or not all(log.is_closed for log in logs):
        return Status.TRUNCATED
    return Status.COMPLETE
