"""A ULog rewritten: allowed topics with their allowed fields, parameters, texts and drop-outs.

The result is a plain ULog of one section: formats, subscriptions and what the log says of itself
first, then the data in the order of the file with texts and parameter changes between them.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from flyoff.decoders.rawlog import RawLog
from flyoff.decoders.ulog.layout import HEADER_BYTES, MAGIC, Field
from flyoff.decoders.ulog.topic import ULogTopic
from flyoff.errors import ExchangeError
from flyoff.exchange.redaction.block import Block, Cell, in_degrees
from flyoff.exchange.redaction.merge import Piece, merged, picked
from flyoff.exchange.redaction.moves import UNIX_FROM_US, Move
from flyoff.exchange.redaction.rules import Rules
from flyoff.exchange.redaction.tables import Contents, table
from flyoff.exchange.redaction.treat import Attitude, apply
from flyoff.exchange.redaction.ulog_layout import Narrowed, common_fields, narrowed
from flyoff.units import ByteArray, FloatArray, IntArray

FORMAT: Final = "ulog"
_MESSAGE: Final = 3  # size and type
_DATA: Final = _MESSAGE + 2  # and the message id
_MOST_KEYS: Final = 1 << 16
_NO_FLAGS: Final = bytes(40)
_UINTS: Final = frozenset({"ver_sw_release", "ver_data_format"})
#: Times enough to know which are usual.
_ENOUGH: Final = 20_000
#: The busiest topics are written all the time, and tell when each place of the file was written.
_STEADY: Final = 3
_DROPOUT_MS: Final = 0xFFFF


@dataclass(slots=True)
class _Written:
    """What of a log is written so far."""

    common: dict[str, frozenset[Field]]
    formats: dict[str, str]
    subscriptions: list[bytes]
    pieces: list[Piece]


def rewrite(raw: RawLog, move: Move, rules: Rules) -> ByteArray:
    """The log's bytes after redaction, uint8 shape (size,)."""
    contents = {
        name: one for name, one in table(FORMAT).items() if rules.policy.allows_group(one.group)
    }
    topics = [t for _, t in sorted(raw.topics.items()) if isinstance(t, ULogTopic)]
    layouts = [s.layout for topic in topics for s in topic.segments if s.offsets.size]
    written = _Written(common_fields(layouts), {}, [], [])
    attitude = attitude_of(raw)
    for topic in topics:
        if topic.name in contents:
            _write_topic(raw, topic, contents, move, attitude, written)
    clock = _clock(raw)
    start = b"".join(
        [
            _header(raw, move),
            _message("B", _NO_FLAGS),
            *_told(raw, rules),
            *(_message("F", text.encode()) for text in written.formats.values()),
            *written.subscriptions,
        ]
    )
    first = Piece(np.array([-1], dtype=np.int64), np.frombuffer(start, dtype=np.uint8)[np.newaxis])
    return merged([first, *written.pieces, *_between(raw, move, rules, *clock)])


def attitude_of(raw: RawLog) -> Attitude:
    """How the vehicle stood, from the estimator's own record."""
    topic = raw.topic("vehicle_attitude")
    names = [f"q[{i}]" for i in range(4)]
    if topic is None or not set(names) <= set(topic.fields):
        none = np.empty(0)
        return Attitude(none, (none, none, none, none))
    columns = topic.gather((*names, "timestamp"))
    t_us = columns["timestamp"].astype(np.float64)
    order = np.argsort(t_us, kind="stable")
    return Attitude(t_us[order], tuple(columns[n].astype(np.float64)[order] for n in names))


def _write_topic(
    raw: RawLog,
    topic: ULogTopic,
    contents: Mapping[str, Contents],
    move: Move,
    attitude: Attitude,
    written: _Written,
) -> None:
    for segment in topic.segments:
        if not segment.offsets.size:
            continue
        layout = narrowed(segment.layout, contents, written.common)
        if layout is None:
            continue
        if any(written.formats.get(name, text) != text for name, text in layout.formats):
            raise ExchangeError(
                f"{raw.path}: topic {topic.name!r} changes the order of its fields within the log, "
                "which redaction cannot write; cut the log at the change"
            )
        key = len(written.subscriptions)
        if key >= _MOST_KEYS:
            raise ExchangeError(f"{raw.path}: more than {_MOST_KEYS} subscriptions")
        written.formats.update(layout.formats)
        told = struct.pack("<BH", topic.instance & 0xFF, key) + topic.name.encode()
        written.subscriptions.append(_message("A", told))
        block = _block(raw.source.data, segment.offsets, layout, key)
        t_us = _moved_stamps(block, layout, move)
        for prefix, one in layout.treated:
            part = _within(block, prefix)
            part.cells = in_degrees(part.cells, one.groups["place"])
            apply(part, one, move, attitude, t_us)
        written.pieces.append(Piece(segment.offsets, block.rows))


def _block(data: ByteArray, offsets: IntArray, layout: Narrowed, key: int) -> Block:
    stretches = [(0, _DATA), *((at + _DATA, width) for at, width in layout.stretches)]
    rows = picked(data, offsets, stretches)
    head = struct.pack("<HBH", layout.width + 2, ord("D"), key)
    rows[:, :_DATA] = np.frombuffer(head, dtype=np.uint8)
    cells = {n: Cell(c.at + _DATA, c.dtype, c.divisor) for n, c in layout.cells.items()}
    return Block(rows, cells)


def _moved_stamps(block: Block, layout: Narrowed, move: Move) -> FloatArray:
    """When each record was written [µs]; a simulator's clock counts from 1970 and is shifted."""
    t_us = block.read("timestamp") if block.has("timestamp") else np.zeros(len(block))
    dates = {prefix + n for prefix, one in layout.treated for n in one.single["unix_us"]}
    for name, cell in block.cells.items():
        if name in dates:
            continue  # moved with the other contents
        # times of arming, of records within records: on the same clock, under many names
        if cell.dtype == np.uint64 and int(block.raw(name).max(initial=0)) > UNIX_FROM_US:
            block.write(name, move.unix(block.read(name)))
    return t_us


def _within(block: Block, prefix: str) -> Block:
    """The cells of one nested record, under their own names; the bytes are shared."""
    cells = {n.removeprefix(prefix): c for n, c in block.cells.items() if n.startswith(prefix)}
    return Block(block.rows, cells)


def _header(raw: RawLog, move: Move) -> bytes:
    head = raw.source.head(HEADER_BYTES)
    version, (stamp,) = head[len(MAGIC) : -8], struct.unpack("<Q", head[-8:])
    return MAGIC + version + struct.pack("<Q", _moved(stamp, move))


def _moved(t_us: int, move: Move) -> int:
    """One time of the log's own clock."""
    return max(int(move.unix(np.array(t_us, dtype=np.float64))), 0)


def _message(kind: str, payload: bytes) -> bytes:
    return struct.pack("<HB", len(payload), ord(kind)) + payload


def _keyed(kind: str, name: str, value: bytes) -> bytes:
    key = f"{kind} {name}".encode()
    return bytes((len(key),)) + key + value


def _told(raw: RawLog, rules: Rules) -> Iterator[bytes]:
    """What the log says of itself, and its parameters."""
    told = rules.info(raw.info)
    if rules.pseudonym:
        told["sys_uuid"] = rules.pseudonym.lower()
    for key, value in told.items():
        if key in _UINTS and value.isdigit():
            yield _message("I", _keyed("uint32_t", key, struct.pack("<I", int(value))))
        elif "\n" not in value:
            text = value.encode()[:200]
            yield _message("I", _keyed(f"char[{len(text)}]", key, text))
    for name, number in raw.params.items():
        if rules.allows_parameter(name):
            yield _message("P", _parameter(name, number))


def _parameter(name: str, number: float) -> bytes:
    if isinstance(number, int):
        return _keyed("int32_t", name, struct.pack("<i", number))
    return _keyed("float", name, struct.pack("<f", number))


def _clock(raw: RawLog) -> tuple[IntArray, FloatArray]:
    """Offsets of steady data, ascending, and the latest time up to each."""
    offsets, times = [np.empty(0, dtype=np.int64)], [np.empty(0)]
    timed = [topic for topic in raw.topics.values() if "timestamp" in topic.time_field]
    for topic in sorted(timed, key=len, reverse=True)[:_STEADY]:
        offsets.append(topic.offsets)
        times.append(topic.time_us().astype(np.float64))
    at = np.concatenate(offsets)
    order = np.argsort(at, kind="stable")
    # one wild stamp must not pull all texts behind it
    when = np.concatenate(times)[order]
    some = when[:: max(1, when.size // _ENOUGH)]
    sane = np.where(when <= np.quantile(some, 0.999) * 1.01, when, 0.0) if when.size else when
    return at[order], np.maximum.accumulate(sane) if sane.size else sane


def _between(
    raw: RawLog, move: Move, rules: Rules, offsets: IntArray, latest_us: FloatArray
) -> Iterator[Piece]:
    """Texts, parameter changes and drop-outs, behind the data that came before them."""
    found: list[tuple[float, bytes]] = []
    for one in raw.messages:
        told = rules.text(one.text.rstrip("\n\t ")).encode("ascii", "replace")
        if told:
            head = bytes((ord("0") + one.level,)) + struct.pack("<Q", _moved(one.t_us, move))
            found.append((float(one.t_us), _message("L", head + told)))
    for change in raw.parameter_changes:
        if rules.allows_parameter(change.name):
            payload = _parameter(change.name, change.value)
            found.append((float(change.t_us), _message("P", payload)))
    for gap in raw.receipt.dropouts:
        milliseconds = min(gap.duration_us // 1000, _DROPOUT_MS)
        found.append((float(gap.t_us), _message("O", struct.pack("<H", milliseconds))))
    for t_us, message in found:
        place = int(np.searchsorted(latest_us, t_us, side="right")) - 1
        at = offsets[max(place, 0)] if offsets.size else 0
        yield Piece(
            np.array([at], dtype=np.int64), np.frombuffer(message, dtype=np.uint8)[np.newaxis, :]
        )
