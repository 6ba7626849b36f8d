"""DataFlash text to topics and a receipt: every byte belongs to a line, every line to a record.

Format reference: what Mission Planner, MAVProxy and the console of early boards write; DFReader of
pymavlink reads the same. Known gaps: several boots joined into one text are read as one; the 32
samples of an ``a`` field are handed out as text.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from flyoff.decoders.dataflash.describe import clock_of, info_of, messages_of, params_of, unread
from flyoff.decoders.dataflash.layout import text as plain_text
from flyoff.decoders.dataflash.topic import Legend, Meaning
from flyoff.decoders.dataflash_text.clock import LineClock, line_clock
from flyoff.decoders.dataflash_text.topic import (
    Layout,
    Part,
    Text,
    TextTopic,
    layout,
    mode_names,
)
from flyoff.decoders.rawlog import Message, RawLog
from flyoff.decoders.receipt import MAX_GAPS_LISTED, Gap, Receipt, Status
from flyoff.decoders.source import Source
from flyoff.decoders.text_lines import (
    Lines,
    count_marks,
    cut,
    key_of,
    split_lines,
)
from flyoff.errors import DecodeError
from flyoff.units import BoolArray, ByteArray, IntArray

Topics = dict[tuple[str, int], TextTopic]

FMT = layout("FMT", 0x80, "BBnNZ", "Type,Length,Name,Format,Columns")
#: Descriptions of one log at most; a firmware has below 256.
MAX_LAYOUTS = 4096
#: Instances of one message, and topics of one log, at most.
MAX_INSTANCES, MAX_TOPICS = 256, 4096
CUT = "file ends inside a line"
#: Lines of greeting that are looked at.
MAX_GREETING = 50


def decode(source: Source) -> RawLog:
    """Index a whole text log.

    Raises
    ------
    DecodeError
        If it has no FMT line.
    """
    data = source.data
    lines = split_lines(data) if data.size else None
    fmt_rows = np.flatnonzero(lines.keys == key_of("FMT")) if lines else np.zeros(0, np.int64)
    if lines is None or not fmt_rows.size:
        raise DecodeError(source.path, 0, "not a text DataFlash log: no line begins with 'FMT,'")
    at = int(lines.starts[fmt_rows[0]])
    spaced = data[at : at + 5].tobytes() == b"FMT, "
    counts = count_marks(data, lines, spaced=spaced)
    greeting = _greeting(source, lines, int(fmt_rows[0]))
    text = Text(data, lines, spaced, {})
    described, notes = _layouts(text, fmt_rows[counts[fmt_rows] >= len(FMT.characters)])
    plain, is_read = _plain_topics(text, described, counts)
    text = Text(data, lines, spaced, _modes(plain, greeting))
    clock = line_clock(plain)
    topics = _topics(text, plain, clock)
    params, changes = params_of(topics)
    messages = messages_of(topics)
    messages = [Message(0, 6, line) for line in greeting] + messages
    known = clock_of(topics, ((0, data.size),))
    said = [*notes, *unread(topics)]
    lost = _Lost(lines, ~is_read, np.isin(lines.keys, [key_of(name) for name in described]))
    receipt = _receipt(lost, int(fmt_rows[0]), known or clock.source, said)
    return RawLog(
        "dataflash_text", source, receipt, topics, params, messages,
        info_of(topics, messages), changes, ((0, data.size),),
    )  # fmt: skip


def _greeting(source: Source, lines: Lines, before: int) -> list[str]:
    """What an early board says of itself before the first record."""
    rows = range(min(before, MAX_GREETING))
    said = (source.data[lines.starts[i] : lines.ends[i]][:256].tobytes() for i in rows)
    return [plain_text(line).strip() for line in said if line.strip()]


def _layouts(text: Text, rows: IntArray) -> tuple[dict[str, list[tuple[int, Layout]]], list[str]]:
    """What the FMT lines say: for each name the line from which on each description holds."""
    found: dict[str, list[tuple[int, Layout]]] = {"FMT": [(-1, FMT)]}
    notes: list[str] = []
    for row in rows[:MAX_LAYOUTS].tolist():
        cells = cut(text.data, text.lines.starts[[row]], text.lines.ends[[row]], spaced=text.spaced)
        kind, _, name, characters, labels = (
            _cell(cells.text, *cells.bounds(i, takes_rest=i == 4)) for i in range(5)
        )
        if name == "FMT":
            continue  # early logs leave its last label out; all write it the same
        if not key_of(name) or not kind.isdecimal():
            notes.append(f"FMT in line {row + 1} names no record, not believed")
            continue
        said = layout(name, int(kind), characters, labels)
        history = found.setdefault(name, [])
        if not history or history[-1][1] != said:
            history.append((row, said))
    if rows.size > MAX_LAYOUTS:
        notes.append(f"{rows.size} FMT lines, {MAX_LAYOUTS} believed")
    return found, notes[:100]


def _cell(text: ByteArray, begin: IntArray, end: IntArray) -> str:
    return plain_text(text[int(begin[0]) : int(end[0])].tobytes())


def _plain_topics(
    text: Text, described: dict[str, list[tuple[int, Layout]]], counts: IntArray
) -> tuple[list[TextTopic], BoolArray]:
    """A topic for each message, instances together; and which lines are whole records."""
    is_read: BoolArray = np.zeros(len(text.lines), dtype=np.bool_)
    order = np.argsort(text.lines.keys, kind="stable")
    keys = text.lines.keys[order]
    topics = []
    for name, history in described.items():
        first, last = np.searchsorted(keys, [np.uint64(key_of(name)), np.uint64(key_of(name) + 1)])
        rows = order[first:last]
        since = np.array([row for row, _ in history])
        # what stands before its description is read by the first one
        edges = np.searchsorted(rows, since[1:]).tolist()
        parts = []
        for (_, said), mine in zip(history, np.split(rows, edges), strict=True):
            mine = mine[counts[mine] >= max(len(said.characters), 1)]
            if mine.size:
                is_read[mine] = True
                parts.append(Part(said, mine))
        if parts:
            topics.append(TextTopic(text, 0, tuple(parts)))
    return topics, is_read


def _modes(topics: list[TextTopic], greeting: list[str]) -> dict[str, int]:
    """Names of the modes of the firmware that greets, or that the first texts name."""
    said = list(greeting)
    for topic in topics:
        if topic.name == "MSG" and "Message" in topic.fields:
            said += [plain_text(bytes(m)) for m in topic.column("Message")[:200]]
    return next((names for line in said if (names := mode_names(line))), {})


def _topics(text: Text, plain: list[TextTopic], clock: LineClock) -> Topics:
    said = _meanings(plain)
    topics: Topics = {}
    for topic in plain:
        meaning = said.get(topic.parts[-1].layout.kind)
        for instance, parts in _split(topic, meaning):
            if len(topics) < MAX_TOPICS:
                topics[topic.name, instance] = TextTopic(text, instance, parts, meaning, clock)
    return topics


def _split(topic: TextTopic, meaning: Meaning | None) -> Iterator[tuple[int, tuple[Part, ...]]]:
    """Rows of each instance, where FMTU marks a field that numbers them."""
    place = meaning.unit_ids.find("#") if meaning is not None else -1
    last = topic.parts[-1].layout
    mark = next((n for n, at in last.places.items() if at == place), "")
    values = topic.column(mark) if mark else np.zeros(0)
    numbers = np.unique(values) if values.dtype.kind in "iu" else values[:0]
    if not 0 < numbers.size <= MAX_INSTANCES:
        yield 0, topic.parts
        return
    for number in numbers.tolist():
        rows = topic.rows[values == number]
        parts = (Part(p.layout, np.intersect1d(p.rows, rows, True)) for p in topic.parts)
        yield int(number), tuple(p for p in parts if p.rows.size)


def _meanings(topics: list[TextTopic]) -> dict[int, Meaning]:
    """FMTU of each type; an instance mark once given is not taken away by a later one."""
    by_name = {t.name: t for t in topics}
    labels = _pairs(by_name.get("UNIT"), "Label", "S")
    factors = _pairs(by_name.get("MULT"), "Mult", "f")
    legend = Legend(
        {k: plain_text(v) for k, v in labels.items()},
        # doubles that were singles once: seven digits are what the firmware meant
        {k: float(f"{v:.7g}") for k, v in factors.items()},
    )
    found: dict[int, Meaning] = {}
    fmtu = by_name.get("FMTU")
    if fmtu is None or not {"FmtType", "UnitIds", "MultIds"} <= set(fmtu.fields):
        return found
    columns = fmtu.gather(("FmtType", "UnitIds", "MultIds"))
    if [c.dtype.kind == "S" for c in columns.values()] != [False, True, True]:
        return found
    for kind, units, factors_of in zip(*(c.tolist() for c in columns.values()), strict=True):
        said = plain_text(units)
        if kind not in found or "#" in said or "#" not in found[kind].unit_ids:
            found[kind] = Meaning(said, plain_text(factors_of), legend)
    return found


def _pairs(topic: TextTopic | None, field: str, kind: str) -> dict[str, Any]:
    """What each character of UNIT or MULT stands for."""
    if topic is None or not {"Id", field} <= set(topic.fields):
        return {}
    columns = topic.gather(("Id", field))
    if columns["Id"].dtype.kind not in "iu" or columns[field].dtype.kind != kind:
        return {}
    pairs = zip(columns["Id"].tolist(), columns[field].tolist(), strict=True)
    return {chr(i & 0xFF): value for i, value in pairs}


@dataclass(frozen=True, slots=True, eq=False)
class _Lost:
    """Lines that are no whole record, and lines whose message a FMT line describes."""

    lines: Lines
    is_lost: BoolArray
    is_described: BoolArray


def _receipt(found: _Lost, first_fmt: int, clock: str, notes: list[str]) -> Receipt:
    """Account for the lines; neighbours that are not understood for one reason make one gap."""
    lines = found.lines
    greeting = np.arange(len(lines)) < min(first_fmt, MAX_GREETING)
    lost = np.flatnonzero(found.is_lost & (lines.starts < lines.ends) & ~greeting)
    size, described = int(lines.nexts[-1]), found.is_described[lost].astype(np.int8)
    edges = np.flatnonzero((np.diff(lost) != 1) | (np.diff(described) != 0)) + 1
    gaps = []
    for group in np.split(lost, edges)[:MAX_GAPS_LISTED] if lost.size else ():
        offset, end = int(lines.starts[group[0]]), int(lines.nexts[group[-1]])
        gaps.append(Gap(offset, end - offset, _reason(found, group)))
    total = edges.size + 1 if lost.size else 0
    status = Status.MALFORMED if gaps else Status.COMPLETE
    if total == 1 and gaps[0].reason == CUT:
        status = Status.TRUNCATED
    skipped = int((lines.nexts[lost] - lines.starts[lost]).sum())
    return Receipt(
        bytes=size,
        decoded_bytes=size - skipped,
        skipped_bytes=skipped,
        status=status,
        gaps=tuple(gaps),
        gaps_omitted=total - len(gaps),
        resyncs=total,
        messages=int(np.count_nonzero(~found.is_lost)),
        clock=clock,
        notes=tuple(notes),
    )


def _reason(found: _Lost, group: IntArray) -> str:
    last = int(group[-1]) == len(found.lines) - 1
    if not found.is_described[group[0]]:
        return CUT if last and group.size == 1 else "no FMT line describes it"
    return CUT if last and group.size == 1 else "too few cells"
