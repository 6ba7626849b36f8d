"""tlog bytes to topics and a receipt.

Format references: MAVLink developer guide, "Packet Serialization", "Message Signing" and "Telemetry
logs". Known gaps: signatures are stepped over, not verified; MAVLink 0.9 frames (``U``) are unread.
"""

from typing import Final

from flyoff.decoders._kernels import GARBAGE, ZEROS
from flyoff.decoders.rawlog import DeferredLog, RawLog
from flyoff.decoders.receipt import Gap, Receipt, Status
from flyoff.decoders.source import Source
from flyoff.decoders.tlog import _kernels as kernels
from flyoff.decoders.tlog.describe import (
    Params,
    autopilot_of,
    boots_of,
    clock_of,
    messages_of,
)
from flyoff.decoders.tlog.framing import STAMPED
from flyoff.decoders.tlog.index import SEARCH, Index, find_form, index
from flyoff.decoders.tlog.layout import Dialect, dialect
from flyoff.decoders.tlog.systems import Systems, survey
from flyoff.decoders.tlog.topic import TlogTopic
from flyoff.errors import DecodeError

Topics = dict[tuple[str, int], TlogTopic]

_REASONS: Final = {
    GARBAGE: "garbage",
    ZEROS: "zero run",
    kernels.CUT: "file ends inside a record",
    kernels.CROWDED: f"more than {kernels.MAX_TABLES} streams",
}


def decode(source: Source) -> RawLog:
    """Index a whole tlog.

    Raises
    ------
    DecodeError
        If no MAVLink frame with a right checksum stands near the start.
    """
    data = source.data
    known = dialect()
    form = find_form(data, known)
    if form is None:
        raise DecodeError(source.path, 0, _refusal(source.head(16), data.size))
    found = index(data, form, known)
    topics, systems = _topics(source, found, known)
    notes = systems.notes
    if found.form is not STAMPED:
        notes = (*notes, f"frames are stored with {found.form.name}")
    boots = boots_of(topics, data.size)
    receipt = _receipt(found, data.size, len(boots), clock_of(topics), notes)
    raw = DeferredLog(
        {"messages": lambda: messages_of(topics), "boots": boots.ranges},
        format="tlog", source=source, receipt=receipt, topics=topics,
    )  # fmt: skip
    raw.params = Params(raw, autopilot_of(topics, systems))
    return raw


def _refusal(head: bytes, size: int) -> str:
    if not head:
        return "not a tlog: the file is empty, expected MAVLink frames behind time stamps"
    return (
        f"not a tlog: {size} bytes begin with {head.hex(' ')}, and the first {SEARCH >> 20} MiB "
        "hold no MAVLink frame (fd or fe) with a right checksum"
    )


def _topics(source: Source, found: Index, known: Dialect) -> tuple[Topics, Systems]:
    definitions = [known.definition(s.message, found.is_old) for s in found.streams]
    plain = [
        TlogTopic(source.data, found.form, definition, stream, stream.instance, payloads)
        for definition, stream, payloads in zip(
            definitions, found.streams, found.payloads, strict=True
        )
    ]
    systems = survey(plain)
    topics: Topics = {}
    primary = systems.primary
    for topic in plain:
        stream = topic.stream
        if (stream.system, stream.component) != primary:
            topic.instance += (stream.system << 16) + (stream.component << 8)
        topics[topic.name, topic.instance] = topic
    return topics, systems


def _receipt(found: Index, size: int, boots: int, clock: str, notes: tuple[str, ...]) -> Receipt:
    gaps = tuple(Gap(at, n, _reason(why, kind)) for at, n, why, kind in found.gaps.tolist())
    unknown: dict[str, int] = {}
    known = dialect().ids
    for stream, payloads in zip(found.streams, found.payloads, strict=True):
        if stream.message not in known:
            name = str(stream.message)
            unknown[name] = unknown.get(name, 0) + payloads.size
    return Receipt(
        bytes=size,
        decoded_bytes=size - found.skipped,
        skipped_bytes=found.skipped,
        status=_status(found, size),
        gaps=gaps,
        gaps_omitted=found.omitted,
        resyncs=found.resyncs,
        unknown_ids=unknown,
        messages=found.messages,
        boots=boots,
        clock=clock,
        notes=notes,
    )


def _reason(why: int, kind: int) -> str:
    if why == kernels.CHECKSUM:
        return f"wrong checksum of message {kind}"
    return _REASONS[why]


def _status(found: Index, size: int) -> Status:
    if not found.gaps.size:
        return Status.COMPLETE
    is_only_cut = found.gaps.shape[0] == 1 and bool(found.gaps[0, 2] == kernels.CUT)
    return Status.TRUNCATED if is_only_cut else Status.MALFORMED
