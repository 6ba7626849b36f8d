"""A tlog rewritten: allowed messages, their fields moved, sealed with a new checksum, unsigned.

Signatures are left away, since they would not hold and carry the time to 10 µs. Frames keep their
sequence numbers: what is missing from them is told by the receipt of the original.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from flyoff.decoders.rawlog import RawLog
from flyoff.decoders.tlog.framing import SIGNED, V2
from flyoff.decoders.tlog.layout import Definition, dialect
from flyoff.decoders.tlog.systems import GROUND, survey
from flyoff.decoders.tlog.topic import TlogTopic
from flyoff.exchange.redaction import _kernels as kernels
from flyoff.exchange.redaction.block import Block, Cell, in_degrees
from flyoff.exchange.redaction.merge import Piece, merged
from flyoff.exchange.redaction.moves import Move, from_euler
from flyoff.exchange.redaction.rules import Rules
from flyoff.exchange.redaction.tables import Contents, table
from flyoff.exchange.redaction.treat import Attitude, apply
from flyoff.units import BoolArray, ByteArray, FloatArray, IntArray

FORMAT: Final = "tlog"
_STAMP: Final = 8
_CRC: Final = 2
_ABOVE_SEA_FRAMES: Final = (0, 5)
_AUTOPILOT_VERSION: Final = 148
_STATUSTEXT: Final = 253
_NOTICE: Final = 5
_FLIGHT_CONTROLLER: Final = 1


@dataclass(frozen=True, slots=True)
class Frames:
    """Frames of one message in one MAVLink version.

    Attributes
    ----------
    definition : Definition
    is_v1 : bool
    payloads, lengths : int64, shape (n,)
        Where each payload stands in the file, and its bytes there.
    stamps : int64, shape (n,) [µs since 1970]
        As recorded; 0 where the form has none.
    """

    definition: Definition
    is_v1: bool
    payloads: IntArray
    lengths: IntArray
    stamps: IntArray


@dataclass(frozen=True, slots=True)
class _Work:
    """What the rewriting of one log goes by.

    Attributes
    ----------
    systems : uint8, shape (256,)
        New number of each MAVLink system.
    """

    raw: RawLog
    move: Move
    rules: Rules
    attitude: Attitude
    systems: ByteArray


def rewrite(raw: RawLog, move: Move, rules: Rules) -> ByteArray:
    """The log's bytes after redaction, uint8 shape (size,)."""
    contents = table(FORMAT)
    work = _Work(raw, move, rules, attitude_of(raw), _numbers_of_systems(raw, rules))
    pieces: list[Piece] = []
    for frames in frames_of(raw):
        one = contents.get(frames.definition.name)
        if one is not None and rules.policy.allows_group(one.group):
            pieces.append(_piece(work, frames, one))
    if rules.pseudonym and not any(
        topic.definition.id == _AUTOPILOT_VERSION for topic in _topics(raw)
    ):
        pieces.append(_signature(work))
    return merged(pieces) if pieces else np.empty(0, dtype=np.uint8)


def attitude_of(raw: RawLog) -> Attitude:
    """How the vehicle stood, on the clock of the recording [µs since 1970]."""
    for topic in _topics(raw):
        if topic.name == "ATTITUDE" and len(topic):
            columns = topic.gather(("roll", "pitch", "yaw"))
            angles = [columns[name].astype(np.float64) for name in ("roll", "pitch", "yaw")]
            t_us = _stamps(topic).astype(np.float64)
            order = np.argsort(t_us, kind="stable")
            return Attitude(t_us[order], tuple(part[order] for part in from_euler(*angles)))
    none = np.empty(0)
    return Attitude(none, (none, none, none, none))


def _topics(raw: RawLog) -> Iterator[TlogTopic]:
    return (topic for topic in raw.topics.values() if isinstance(topic, TlogTopic))


def frames_of(raw: RawLog) -> Iterator[Frames]:
    """Give the frames of every message that MAVLink defines, by version."""
    by_message: dict[int, list[TlogTopic]] = {}
    for topic in _topics(raw):
        if topic.definition.id in dialect():
            by_message.setdefault(topic.definition.id, []).append(topic)
    for number, topics in by_message.items():
        codes = np.concatenate([topic.payloads for topic in topics])
        stamps = np.concatenate([_stamps(topic) for topic in topics])
        is_old = (codes & 0x100) > 0
        for is_v1 in (False, True):
            chosen = is_old == is_v1
            if chosen.any():
                yield Frames(
                    dialect().definition(number),
                    is_v1,
                    codes[chosen] >> 9,
                    codes[chosen] & 0xFF,
                    stamps[chosen],
                )


def _stamps(topic: TlogTopic) -> IntArray:
    return topic.recorded() if topic.time_field else np.zeros(len(topic), dtype=np.int64)


def _numbers_of_systems(raw: RawLog, rules: Rules) -> ByteArray:
    """A fleet numbers its vehicles: in the result they are 1, 2, … in the order that tools give."""
    numbers = np.arange(256, dtype=np.uint8)
    if rules.policy.identity == "keep":
        return numbers
    systems = survey(list(_topics(raw)))
    heard = sorted({system for system, _ in systems.frames})
    vehicles = [system for system, _ in systems.vehicles]
    named = [s for s in dict.fromkeys([*vehicles, *heard]) if 0 < s < GROUND.start]
    numbers[1 : GROUND.start] = GROUND.start - 1  # who is spoken to and never heard
    numbers[named] = np.arange(1, len(named) + 1)
    return numbers


def _piece(work: _Work, frames: Frames, contents: Contents) -> Piece:
    raw, move = work.raw, work.move
    header = 6 if frames.is_v1 else 10
    first = _STAMP + header
    size = frames.definition.size
    rows = np.empty((frames.payloads.size, first + size + _CRC), dtype=np.uint8)
    kernels.pick_frames(
        raw.source.data,
        frames.payloads,
        frames.lengths,
        _STAMP,
        header,
        work.systems,
        0xFF & ~SIGNED,
        rows,
    )
    _write_stamps(rows, frames.stamps, move)
    block = Block(rows, _cells(frames.definition, first, contents))
    mask = _treat(block, contents, work, frames.stamps.astype(np.float64))
    # MAVLink 1 has no payload but the whole one; an old sender may know fewer fields
    lengths = frames.lengths.copy() if frames.is_v1 else np.zeros(len(block), dtype=np.int64)
    kernels.seal(rows, _STAMP, header, lengths, int(_seed(frames.definition.id)))
    return Piece(frames.payloads[mask], rows[mask], lengths[mask])


def _seed(number: int) -> int:
    known = dialect()
    return int(known.seeds[known.numbers[number]])


def _write_stamps(rows: ByteArray, stamps: IntArray, move: Move) -> None:
    # float64 holds every microsecond until the year 2255
    moved = move.unix(stamps.astype(np.float64))
    rows[:, :_STAMP] = moved.astype(">i8").view(np.uint8).reshape(-1, _STAMP)


def _cells(definition: Definition, first: int, contents: Contents) -> dict[str, Cell]:
    cells: dict[str, Cell] = {}
    for field in definition.fields:
        at = first + field.at
        if not field.count:
            cells[field.name] = Cell(at, field.dtype)
            continue
        for i in range(field.count):
            cells[f"{field.name}[{i}]"] = Cell(at + i * field.dtype.itemsize, field.dtype)
    return in_degrees(cells, contents.groups["place"])


def _treat(block: Block, contents: Contents, work: _Work, t_us: FloatArray) -> BoolArray:
    """Redact in place; returns which frames stay."""
    move, rules = work.move, work.rules
    mask: BoolArray = np.ones(len(block), dtype=np.bool_)
    for name, cell in block.cells.items():
        if name.partition("[")[0] not in contents.bases:
            block.rows[:, cell.at : cell.end] = 0
    apply(block, contents, move, work.attitude, t_us)
    if block.has("target_system"):
        block.store("target_system", work.systems[block.raw("target_system")])
    height, frame = contents.special.get("height_by_frame", " ").split(" ")
    if block.has(height, frame):
        values = block.read(height)
        is_above_sea = np.isin(block.raw(frame), _ABOVE_SEA_FRAMES)
        block.write(height, np.where(is_above_sea, move.height(values), values))
    if "parameter" in contents.special:
        mask &= _per_text(block.raw("param_id"), rules.allows_parameter)
    for name in contents.single["text"]:
        mask &= _texts(block, name, rules)
    if block.has("mission_type"):
        mask &= block.raw("mission_type") == 0  # the shapes of fences and rally points are places
    if "vehicle_number" in contents.special:
        _number(block, rules)
    return mask


def _per_text(column: npt.NDArray[Any], allows: Callable[[str], bool]) -> BoolArray:
    names, which = np.unique(column, return_inverse=True)
    told = [allows(bytes(name).split(b"\0")[0].decode("latin-1")) for name in names]
    return np.array(told, dtype=np.bool_)[which.ravel()]


def _texts(block: Block, name: str, rules: Rules) -> BoolArray:
    cell = block.cells[name]
    lines = [bytes(line).split(b"\0")[0].decode("latin-1") for line in block.raw(name)]
    told = [t.encode("ascii", "replace") for t in rules.texts(lines, cell.dtype.itemsize)]
    block.store(name, np.array(told, dtype=cell.dtype))
    return np.array([bool(line) for line in told], dtype=np.bool_)


def _number(block: Block, rules: Rules) -> None:
    """The vehicle's pseudonym in place of the processor's number."""
    told = pseudonym_bytes(rules.pseudonym)
    for name, size in (("uid", 8), ("uid2", 18)):
        for i, cell in enumerate(block.named(name)):
            where = block.cells[cell]
            width = where.dtype.itemsize
            part = told[i * width : (i + 1) * width] if size > width else told[:size]
            block.rows[:, where.at : where.end] = np.frombuffer(
                part.ljust(width, b"\0"), dtype=np.uint8
            )


def pseudonym_bytes(name: str) -> bytes:
    """Bytes that are printed as the pseudonym: by ArduPilot in words, low byte first."""
    if len(name) > 24:  # PX4 writes its number byte by byte
        return bytes.fromhex(name)
    return b"".join(bytes.fromhex(name[i : i + 8])[::-1] for i in range(0, len(name), 8))


def _signature(work: _Work) -> Piece:
    """A text with the pseudonym, from the flight controller, where it never told its number."""
    topics = [topic for topic in _topics(work.raw) if len(topic)]
    own = [t for t in topics if t.stream.component == _FLIGHT_CONTROLLER] or topics
    first = min(own, key=lambda topic: int(topic.offsets[0]))
    definition = dialect().definition(_STATUSTEXT)
    header = 10
    rows = np.zeros((1, _STAMP + header + definition.size + _CRC), dtype=np.uint8)
    stream = first.stream
    head = (V2, 0, 0, 0, 0, work.systems[stream.system], stream.component, _STATUSTEXT, 0, 0)
    rows[0, _STAMP : _STAMP + header] = head
    _write_stamps(rows, _stamps(first)[:1], work.move)
    block = Block(rows, _cells(definition, _STAMP + header, table(FORMAT)["STATUSTEXT"]))
    block.store("severity", np.array([_NOTICE]))
    text = block.cells["text"].dtype
    block.store("text", np.array([work.rules.board_line(text.itemsize)], dtype=text))
    lengths = np.zeros(1, dtype=np.int64)
    kernels.seal(rows, _STAMP, header, lengths, _seed(_STATUSTEXT))
    return Piece(first.offsets[:1] - 1, rows, lengths)
