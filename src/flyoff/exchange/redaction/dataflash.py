"""A DataFlash log rewritten: allowed records with their allowed fields, in the order of the file.

A field that is not allowed leaves its record's layout, and the FMT record that describes it: no
zero is left to be taken for a value.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from flyoff.decoders.dataflash.layout import (
    FMT_SIZE,
    FMT_TYPE,
    HEAD,
    Definition,
    Field,
    define,
    parse_fmt,
    text,
)
from flyoff.decoders.dataflash.topic import DataFlashTopic
from flyoff.decoders.rawlog import RawLog
from flyoff.exchange.redaction.block import Block, Cell
from flyoff.exchange.redaction.merge import Piece, merged, picked
from flyoff.exchange.redaction.moves import Move, from_euler
from flyoff.exchange.redaction.rules import Rules
from flyoff.exchange.redaction.tables import Contents, table
from flyoff.exchange.redaction.treat import Attitude, apply
from flyoff.units import BoolArray, ByteArray, FloatArray, IntArray

FORMAT: Final = "dataflash"
_HEADER: Final = 3
_STRUCTURE: Final = frozenset({"FMT", "FMTU", "UNIT", "MULT"})
STRUCTURE_TEXTS: Final = ("UnitIds", "MultIds", "Label")
_ABOVE_SEA_FRAMES: Final = (0, 5)  # MAV_FRAME_GLOBAL and its integer form
_MSG_BYTES: Final = 64


@dataclass(frozen=True, slots=True)
class Kept:
    """A kind of record that stays, as it was and as it will be."""

    kind: int
    old: Definition
    new: Definition
    offsets: IntArray

    @property
    def chosen(self) -> tuple[Field, ...]:
        """The fields of the old layout that stay, in the order of the new one."""
        places = {f.name: f for f in self.old.fields}
        return tuple(places[name] for name in self.new.names)


def rewrite(raw: RawLog, move: Move, rules: Rules) -> ByteArray:
    """The log's bytes after redaction.

    Parameters
    ----------
    raw : RawLog
        Of a DataFlash log.
    move : Move
    rules : Rules
        The policy, with the owner's secret.

    Returns
    -------
    uint8, shape (size,)
    """
    contents = {
        name: one for name, one in table(FORMAT).items() if rules.policy.allows_group(one.group)
    }
    data = raw.source.data
    kept = list(_kept(raw, contents))
    attitude = attitude_of(raw)
    blocks = {id(one): _block(data, one) for one in kept}
    turn_vectors_over_two({one.new.name: blocks[id(one)] for one in kept}, contents, move)
    pieces = [_formats(data, raw, kept)]
    for one in kept:
        block = blocks.pop(id(one))
        name = one.new.name
        mask = treat_block(block, name, contents[name], move, attitude, rules)
        pieces.append(Piece(one.offsets[mask], block.rows[mask]))
    pieces.append(_signature(kept, rules, raw))
    return merged(pieces)


def attitude_of(raw: RawLog) -> Attitude:
    """How the vehicle stood, from the estimator's own record."""
    topic = raw.topic("ATT") or raw.topic("AHR2")
    if topic is None or not {"Roll", "Pitch", "Yaw"} <= set(topic.fields):
        none = np.empty(0)
        return Attitude(none, (none, none, none, none))
    columns = topic.gather(("Roll", "Pitch", "Yaw"))
    angles = [np.radians(columns[name].astype(np.float64)) for name in ("Roll", "Pitch", "Yaw")]
    t_us = topic.time_us().astype(np.float64)
    order = np.argsort(t_us, kind="stable")
    return Attitude(t_us[order], tuple(part[order] for part in from_euler(*angles)))


def _kept(raw: RawLog, contents: Mapping[str, Contents]) -> Iterator[Kept]:
    data = raw.source.data
    found: dict[tuple[int, Definition], list[IntArray]] = {}
    for topic in raw.topics.values():
        if topic.name not in contents or not isinstance(topic, DataFlashTopic):
            continue
        for part in topic.parts:
            kinds = data[part.offsets + 2] if part.offsets.size else np.empty(0, np.uint8)
            for kind in np.unique(kinds).tolist():
                rows = part.offsets[kinds == kind]
                found.setdefault((kind, part.definition), []).append(rows)
    for (kind, old), offsets in found.items():
        new = _narrowed(old, contents[old.name])
        if new.fields:
            joined = offsets[0] if len(offsets) == 1 else np.sort(np.concatenate(offsets))
            yield Kept(kind, old, new, joined)


@lru_cache(maxsize=4096)  # every log of one firmware brings the same records again
def _narrowed(old: Definition, contents: Contents) -> Definition:
    texts = {*contents.single["text"], *STRUCTURE_TEXTS}
    if "parameter" in contents.special:
        texts.add("Name")
    # letters where the table speaks of a number, or the other way round, are something else
    fields = [
        f
        for f in old.fields
        if f.name in contents.fields
        and not f.code.shape
        and (f.code.dtype.kind == "S") == (f.name in texts)
    ]
    length = _HEADER + sum(f.code.width for f in fields)
    return define(
        old.name, length, "".join(f.char for f in fields), ",".join(f.name for f in fields)
    )


def _block(data: ByteArray, one: Kept) -> Block:
    fields = one.chosen
    stretches = [(0, _HEADER), *((f.at, f.code.width) for f in fields)]
    rows = picked(data, one.offsets, stretches)
    cells = {
        f.name: Cell(f.at, f.code.dtype, f.code.divisor) for f in one.new.fields if not f.code.shape
    }
    return Block(rows, cells)


def treat_block(
    block: Block,
    message: str,
    contents: Contents,
    move: Move,
    attitude: Attitude,
    rules: Rules,
) -> BoolArray:
    """Redact a block in place; returns which rows stay."""
    everything: BoolArray = np.ones(len(block), dtype=np.bool_)
    if message == "FMTU":
        return everything  # rewritten with the formats
    apply(block, contents, move, attitude, _time_us(block))
    alt, frame = contents.special.get("height_by_frame", " ").split(" ")
    if block.has(alt) and block.has(frame):
        is_above_sea = np.isin(block.raw(frame), _ABOVE_SEA_FRAMES)
        heights = block.read(alt)
        block.write(alt, np.where(is_above_sea, move.height(heights), heights))
    if "parameter" in contents.special and block.has("Name"):
        return _parameters(block, rules)
    for name, listed in contents.special.get("known", {}).items():
        if block.has(name):
            everything &= _known(block, name, listed.split())
    for name in contents.single.get("text", ()):
        if block.has(name):
            everything &= _texts(block, name, rules)
    return everything


def _parameters(block: Block, rules: Rules) -> BoolArray:
    names, which = np.unique(block.raw("Name"), return_inverse=True)
    allowed = np.array([rules.allows_parameter(text(bytes(n))) for n in names], dtype=np.bool_)
    return np.asarray(allowed[which.ravel()], dtype=np.bool_)


def _known(block: Block, name: str, listed: list[str]) -> BoolArray:
    """Rows whose unit or factor is one that firmware writes; any other may be a message."""
    column = block.raw(name)
    if column.dtype.kind == "S":
        return np.isin(column, [b"", *(word.encode() for word in listed)])
    factors = np.array([float(number) for number in listed])
    apart = np.abs(column.astype(np.float64)[:, np.newaxis] - factors)
    return np.asarray((apart <= 1e-6 * factors).any(axis=1), dtype=np.bool_)


def _texts(block: Block, name: str, rules: Rules) -> BoolArray:
    width = block.cells[name].dtype.itemsize
    lines = [text(bytes(line)) for line in block.raw(name)]
    told = [line.encode("ascii", "replace")[:width] for line in rules.texts(lines, width)]
    block.store(name, np.array(told, dtype=f"S{width}"))
    return np.array([bool(line) for line in told], dtype=np.bool_)


def turn_vectors_over_two(
    by_name: Mapping[str, Block], contents: Mapping[str, Contents], move: Move
) -> None:
    """Turn vectors whose north and east stand in two messages of one instant."""
    for name, one in contents.items():
        pair = one.special.get("north_of")
        if pair is None or name not in by_name or pair["message"] not in by_name:
            continue
        north, east = by_name[name], by_name[pair["message"]]
        count = min(len(north), len(east))
        same = count == len(north) == len(east) and np.array_equal(
            north.raw("TimeUS"), east.raw("TimeUS")
        )
        for first, second in (names.split() for names in pair["fields"].split(",")):
            if not north.has(first) or not east.has(second):
                continue
            a, b = north.read(first), east.read(second)
            # rows that have no partner cannot be turned, and so cannot stay
            turned = move.vector(a, b) if same else (np.full_like(a, np.nan),) * 2
            north.write(first, turned[0])
            east.write(second, turned[1] if same else np.full_like(b, np.nan))


def _time_us(block: Block) -> FloatArray:
    for name, factor in (("TimeUS", 1.0), ("T", 1000.0), ("TimeMS", 1000.0)):
        if block.has(name):
            return block.read(name) * factor
    return np.zeros(len(block))


def _formats(data: ByteArray, raw: RawLog, kept: list[Kept]) -> Piece:
    """FMT records of what stays, each where it stood; before its first record in any case."""
    by_key = {(one.kind, one.old): one for one in kept}
    by_name = {one.old.name: one for one in kept}
    rows: list[tuple[int, bytes]] = [(-1, _fmt(FMT_TYPE, _fmt_definition()))]
    for (kind, _), one in by_key.items():
        rows.append((-1, _fmt(kind, one.new)))
    topic = raw.topics.get(("FMT", 0))
    seen: dict[int, Definition] = {}
    for at in topic.offsets.tolist() if topic is not None else []:
        record = data[at : at + FMT_SIZE].tobytes()
        found = parse_fmt(record[4:])
        kind = record[3]
        if found is not None and (kind, found) in by_key:
            if seen.get(kind, found) != found:  # a type that came to mean something else
                rows.append((at, _fmt(kind, by_key[kind, found].new)))
            seen[kind] = found
    rows += _marks(data, raw, {one.kind: one for one in kept}, by_name.get("FMTU"))
    width = max(len(record) for _, record in rows)
    table_ = np.zeros((len(rows), width), dtype=np.uint8)
    for i, (_, record) in enumerate(rows):
        table_[i, : len(record)] = np.frombuffer(record, dtype=np.uint8)
    return Piece(
        np.array([at for at, _ in rows], dtype=np.int64),
        table_,
        np.array([len(record) for _, record in rows], dtype=np.int64),
    )


def _marks(
    data: ByteArray, raw: RawLog, by_kind: Mapping[int, Kept], marks: Kept | None
) -> Iterator[tuple[int, bytes]]:
    """FMTU records, whose characters name the unit of each field that stays."""
    topic = raw.topics.get(("FMTU", 0))
    if marks is None or topic is None:
        return
    cells = {f.name: f for f in marks.old.fields}
    if not {"FmtType", "UnitIds", "MultIds"} <= set(cells):
        return
    for at in topic.offsets.tolist():
        record = data[at : at + marks.old.length].tobytes()
        one = by_kind.get(record[cells["FmtType"].at])
        if one is None:
            continue
        order = {f.name: place for f, place in zip(one.old.fields, one.old.order, strict=True)}
        patched = bytearray(_HEADER) + b"".join(
            record[f.at : f.at + f.code.width] for f in marks.chosen
        )
        patched[:_HEADER] = record[:_HEADER]
        for f in marks.new.fields:
            if f.name in ("UnitIds", "MultIds"):
                old = cells[f.name]
                letters = record[old.at : old.at + old.code.width].ljust(old.code.width, b"\0")
                chosen = bytes(letters[order[name]] for name in one.new.names)
                patched[f.at : f.at + f.code.width] = chosen.ljust(f.code.width, b"\0")
        yield at, bytes(patched)


def _fmt(kind: int, definition: Definition) -> bytes:
    return (
        HEAD
        + bytes((FMT_TYPE, kind, definition.length))
        + definition.name.encode().ljust(4, b"\0")[:4]
        + definition.format.encode().ljust(16, b"\0")
        + definition.labels.encode().ljust(64, b"\0")
    )


def _fmt_definition() -> Definition:
    return define("FMT", FMT_SIZE, "BBnNZ", "Type,Length,Name,Format,Columns")


def _signature(kept: list[Kept], rules: Rules, raw: RawLog) -> Piece:
    """The vehicle's pseudonym in the line where the firmware prints the board's number."""
    message = next((one for one in kept if one.new.name == "MSG"), None)
    if message is None or not rules.pseudonym or "Message" not in message.new.names:
        return Piece(np.empty(0, dtype=np.int64), np.empty((0, 1), dtype=np.uint8))
    record = np.zeros((1, message.new.length), dtype=np.uint8)
    record[0, :_HEADER] = (*HEAD, message.kind)
    block = Block(
        record, {f.name: Cell(f.at, f.code.dtype, f.code.divisor) for f in message.new.fields}
    )
    first = raw.topics["MSG", 0]
    for name in ("TimeUS", "TimeMS"):
        if block.has(name):
            block.store(name, first.column(name)[:1])
    line = rules.board_line(_MSG_BYTES)
    block.store("Message", np.array([line], dtype=block.cells["Message"].dtype))
    return Piece(message.offsets[:1], record)
