"""A text DataFlash log rewritten as text, by the same table and treatment as the binary one.

Every line is written anew: numbers by what they are worth, modes by their number, texts by their
template. A line that no FMT line describes is not in the result.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from flyoff.decoders.dataflash.layout import CODES
from flyoff.decoders.dataflash_text.decode import MAX_GREETING
from flyoff.decoders.dataflash_text.topic import NUMBERS, Layout, TextTopic
from flyoff.decoders.rawlog import RawLog
from flyoff.exchange.redaction.block import Block, Cell
from flyoff.exchange.redaction.dataflash import (
    STRUCTURE_TEXTS,
    attitude_of,
    treat_block,
    turn_vectors_over_two,
)
from flyoff.exchange.redaction.moves import Move
from flyoff.exchange.redaction.rules import Rules
from flyoff.exchange.redaction.tables import Contents, table
from flyoff.units import BoolArray, ByteArray, IntArray

FORMAT: Final = "dataflash_text"
_FMT: Final = "FMT, 128, 89, FMT, BBnNZ, Type,Length,Name,Format,Columns"
_TEXT_BYTES: Final = 64
_HEADER: Final = 3
#: Decimals in which the loggers print scaled fields.
_DECIMALS: Final[Mapping[str, str]] = {"L": ".7f", **dict.fromkeys("cCeE", ".2f")}
Line = tuple[int, str]


@dataclass(slots=True)
class _Kept:
    """Rows of one message of one instance under one description.

    Attributes
    ----------
    layout : Layout
        As it was.
    names : tuple of str
        Fields that stay, in its order.
    block : Block
        Their values, numbers as float64.
    before : mapping of field name to its values as they were
    offsets : int64, shape (n,)
    """

    layout: Layout
    names: tuple[str, ...]
    block: Block
    before: dict[str, Any]
    offsets: IntArray


def rewrite(raw: RawLog, move: Move, rules: Rules) -> ByteArray:
    """The log's bytes after redaction, uint8 shape (size,)."""
    contents = {
        name: one for name, one in table(FORMAT).items() if rules.policy.allows_group(one.group)
    }
    attitude = attitude_of(raw)
    kept = [k for topic in _topics(raw) if topic.name in contents for k in _kept(topic, contents)]
    turn_vectors_over_two({one.layout.name: one.block for one in kept}, contents, move)
    lines: list[Line] = [(-2, line) for line in _greeting(raw, rules)] + [(-1, _FMT)]
    described: set[tuple[int, str]] = set()
    for one in sorted(kept, key=lambda k: int(k.offsets[0])):
        line = _described(one)
        if (one.layout.kind, line) not in described:
            described.add((one.layout.kind, line))
            is_first = not any(
                kind == one.layout.kind for kind, _ in described - {(one.layout.kind, line)}
            )
            lines.append((-1 if is_first else int(one.offsets[0]), line))
    for one in kept:
        mask = treat_block(
            one.block, one.layout.name, contents[one.layout.name], move, attitude, rules
        )
        if one.layout.name == "FMTU":
            lines += _marks(one, kept)
        else:
            lines += _written(one, mask)
    lines += _signature(kept, rules)
    text = "\n".join(line for _, line in sorted(lines, key=lambda line: line[0])) + "\n"
    return np.frombuffer(text.encode("ascii", "replace"), dtype=np.uint8)


def _topics(raw: RawLog) -> Iterator[TextTopic]:
    return (t for t in raw.topics.values() if isinstance(t, TextTopic) and len(t))


def _kept(topic: TextTopic, contents: Mapping[str, Contents]) -> Iterator[_Kept]:
    for part in topic.parts:
        names = tuple(_allowed(part.layout, contents[topic.name]))
        if not names or not part.rows.size:
            continue
        here = np.isin(topic.rows, part.rows)
        columns = {name: column[here] for name, column in topic.gather(names).items()}
        block = _block(columns)
        before = {name: block.raw(name).copy() for name in names}
        yield _Kept(part.layout, names, block, before, topic.offsets[here])


def _allowed(layout: Layout, contents: Contents) -> Iterator[str]:
    texts = {*contents.single["text"], *STRUCTURE_TEXTS}
    if "parameter" in contents.special:
        texts.add("Name")
    for name, place in layout.places.items():
        character = layout.characters[place]
        code = CODES.get(character)
        if name not in contents.fields or code is None or code.shape:
            continue
        # letters where the table speaks of a number, or the other way round, are something else
        if (character not in NUMBERS) == (name in texts):
            yield name


def _block(columns: Mapping[str, Any]) -> Block:
    """Columns as cells: numbers as float64, which holds each whole number that a log counts to."""
    cells: dict[str, Cell] = {}
    parts, at = [], 0
    for name, column in columns.items():
        if column.dtype.kind == "S":
            held = column.astype(f"S{max(_TEXT_BYTES, column.dtype.itemsize)}")
        else:
            held = column.astype(np.float64)
        cells[name] = Cell(at, held.dtype)
        at += held.dtype.itemsize
        parts.append(np.ascontiguousarray(held).view(np.uint8).reshape(held.size, -1))
    return Block(np.concatenate(parts, axis=1), cells)


def _descriptions(kept: Sequence[_Kept]) -> Iterator[Line]:
    """A FMT line before the first row that it describes; the first one of each name at the top."""
    last: dict[str, str] = {}
    for one in sorted(kept, key=lambda k: int(k.offsets[0])):
        name, line = one.layout.name, _described(one)
        if last.get(name) != line:
            yield (int(one.offsets[0]) if name in last else -1), line
        last[name] = line


def _described(one: _Kept) -> str:
    characters = "".join(one.layout.characters[one.layout.places[name]] for name in one.names)
    size = _HEADER + sum(CODES[character].width for character in characters)
    head = f"FMT, {one.layout.kind}, {min(size, 255)}, {one.layout.name}, {characters}"
    return f"{head}, {','.join(one.names)}"


def _written(one: _Kept, mask: BoolArray) -> Iterator[Line]:
    cells = [_cells(one, name) for name in one.names]
    for at, stays, *row in zip(one.offsets.tolist(), mask.tolist(), *cells, strict=True):
        if stays:
            yield at, f"{one.layout.name}, {', '.join(row)}"


def _cells(one: _Kept, name: str) -> list[str]:
    character = one.layout.characters[one.layout.places[name]]
    values = one.block.raw(name)
    if values.dtype.kind == "S":
        return [bytes(value).split(b"\0")[0].decode("ascii", "replace") for value in values]
    is_same = np.array_equal(values, one.before[name], equal_nan=True)
    code = CODES[character]
    if code.dtype.kind in "iu" and not code.divisor:
        return [_whole(value) for value in values.tolist()]
    if is_same:
        return [repr(value) for value in values.tolist()]
    form = _DECIMALS.get(character, ".8g")
    return [format(value, form) for value in values.tolist()]


def _whole(value: float) -> str:
    """A whole number; a fraction in such a field stands as it is, and what was none as ``nan``."""
    return str(int(value)) if value.is_integer() else repr(value)


def _greeting(raw: RawLog, rules: Rules) -> list[str]:
    """What an early board says of itself before the first record."""
    said = [m.text for m in raw.messages[:MAX_GREETING] if not m.t_us and "," not in m.text]
    return [told for line in said if (told := rules.text(line))][:1]


def _marks(one: _Kept, kept: Sequence[_Kept]) -> Iterator[Line]:
    """FMTU lines, whose letters name the unit of each field that stays."""
    by_kind = {other.layout.kind: other for other in kept}
    if not {"FmtType", "UnitIds", "MultIds"} <= set(one.names):
        return
    columns = [one.block.raw(name).tolist() for name in ("FmtType", "UnitIds", "MultIds")]
    for row, (kind, *letters) in enumerate(zip(*columns, strict=True)):
        other = by_kind.get(int(kind))
        if other is None:
            continue
        places = [other.layout.places[name] for name in other.names]
        width = len(other.layout.characters)
        chosen = ["".join(chr(text.ljust(width)[at]) for at in places) for text in letters]
        told = dict(zip(("UnitIds", "MultIds"), chosen, strict=True)) | {"FmtType": str(int(kind))}
        cells = [told.get(name) or _cells(one, name)[row] for name in one.names]
        yield int(one.offsets[row]), f"FMTU, {', '.join(cells)}"


def _signature(kept: Sequence[_Kept], rules: Rules) -> Iterator[Line]:
    """The vehicle's pseudonym in the line where the firmware prints the board's number."""
    message = next((one for one in kept if one.layout.name == "MSG"), None)
    if message is None or not rules.pseudonym or "Message" not in message.names:
        return
    told = rules.board_line(_TEXT_BYTES).decode("ascii")
    cells = [told if name == "Message" else _cells(message, name)[0] for name in message.names]
    yield int(message.offsets[0]), f"MSG, {', '.join(cells)}"
