"""CSV to one topic and a receipt. A line break between quotation marks is not read through."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from flyoff.decoders import text_cells as cells
from flyoff.decoders.csv.header import Header, find_header
from flyoff.decoders.csv.mapping import Columns as Meanings
from flyoff.decoders.csv.meaning import mapping_of
from flyoff.decoders.rawlog import Column, Columns, RawLog, Topic
from flyoff.decoders.receipt import MAX_GAPS_LISTED, Gap, Receipt, Status
from flyoff.decoders.source import Source
from flyoff.decoders.text_lines import Cells, Lines, cut, pieces, split_lines
from flyoff.errors import DecodeError
from flyoff.units import ByteArray, IntArray

NAME = "csv"
#: Words, and a dash, that tables have where a number is missing.
NOTHING = frozenset({b"nan", b"null", b"none", b"n/a", b"-"})
#: Cells of a file up to this size are kept between columns: some three times its bytes [byte].
SMALL = 32 << 20


@dataclass(frozen=True, slots=True)
class Table:
    """A CSV's header and what its columns mean."""

    header: Header
    meanings: Meanings


def describe(source: Source) -> Table:
    """Find header and mapping.

    Raises
    ------
    DecodeError
        If there is no header, or nobody says what the columns mean.
    """
    header = find_header(source.head())
    if header is None:
        raise DecodeError(source.path, 0, "no CSV: no header of three names or more above a row")
    return Table(header, mapping_of(source, header.names))


class CsvTopic(Topic):
    """The rows of a CSV."""

    def __init__(
        self, data: ByteArray, lines: Lines, rows: IntArray, header: Header, decimal: str
    ) -> None:
        self._data, self._lines, self._rows, self._decimal = data, lines, rows, decimal
        self._mark = ord(header.delimiter)
        self._kept: list[Cells] | None = None
        self.name, self.instance, self.time_field = NAME, 0, ""
        self.fields, self.units = header.names, {}

    def __len__(self) -> int:
        return int(self._rows.size)

    @property
    def offsets(self) -> IntArray:
        """Where each row starts, ascending."""
        return self._lines.starts[self._rows]

    def texts(self, name: str) -> Column:
        """A column as it is written, without quotation marks, ``S<n>`` shape (n,)."""
        return self._read((name,), as_text=True)[name]

    def gather(self, fields: Iterable[str]) -> Columns:
        """Columns as float64, or as bytes where a cell is neither a number nor empty."""
        return self._read(tuple(fields), as_text=False)

    def _read(self, names: tuple[str, ...], *, as_text: bool) -> Columns:
        for name in names:
            if name not in self.fields:
                raise KeyError(f"no column {name!r}, only {', '.join(self.fields)}")
        parts: dict[str, list[Column]] = {name: [] for name in names}
        for found in self._cut():
            for name in names:
                begin, end = _bounds(found.marks, found.first, found.stops, self._place(name))
                parts[name].append(cells.as_text(*cells.unquoted(found.text, begin, end)))
        joined = {n: np.concatenate(p) if p else np.zeros(0, "S1") for n, p in parts.items()}
        return joined if as_text else {n: self._numbers(c) for n, c in joined.items()}

    def _cut(self) -> Iterable[Cells]:
        """The rows in cells; kept for the next column where that costs little memory."""
        if self._kept is not None:
            return self._kept
        starts, ends = self.offsets, self._lines.ends[self._rows]
        found = (
            cut(self._data, starts[run], ends[run], mark=self._mark) for run in pieces(starts, ends)
        )
        if self._data.size > SMALL:
            return found
        self._kept = list(found)
        return self._kept

    def _place(self, name: str) -> int:
        return self.fields.index(name)

    def _numbers(self, texts: Column) -> Column:
        if not texts.size:
            return np.zeros(0)
        plain = texts if self._decimal == "." else np.strings.replace(texts, b",", b".")
        width = plain.dtype.itemsize
        flat = np.ascontiguousarray(plain).view(np.uint8)
        begin = np.arange(plain.size, dtype=np.int64) * width
        lengths = np.strings.str_len(plain).astype(np.int64)
        numbers = cells.as_floats(flat, begin, begin + lengths)
        strange = np.isnan(numbers) & (lengths > 0)
        said = np.unique(plain[strange])  # words for "nothing" are no text
        return texts if (set(np.strings.lower(said).tolist()) - NOTHING) else numbers


def _bounds(
    marks: IntArray, first: IntArray, stops: IntArray, place: int
) -> tuple[IntArray, IntArray]:
    """One cell of every line; the cell before the first delimiter is number 0."""
    begins = np.concatenate([[0], stops[:-1]])
    begin = begins if place == 0 else marks[first[:-1] + place - 1] + 1
    end = stops.copy()
    more = np.diff(first) > place
    end[more] = marks[first[:-1][more] + place]
    return begin.astype(np.int64), end


def decode(source: Source) -> RawLog:
    """Index a CSV: its rows, and which lines are none."""
    table = describe(source)
    data, header = source.data, table.header
    lines = split_lines(data)
    counts = np.concatenate(
        [
            np.diff(cut(data, lines.starts[r], lines.ends[r], mark=ord(header.delimiter)).first)
            for r in pieces(lines.starts, lines.nexts)
        ]
    )
    number = np.arange(len(lines))
    opening = number <= header.line
    is_row = ~opening & (counts >= len(header.names) - 1)
    lost = np.flatnonzero(~is_row & ~opening & (lines.starts < lines.ends))
    rows = np.flatnonzero(is_row)
    topic = CsvTopic(data, lines, rows, header, table.meanings.decimal)
    raw = RawLog(NAME, source, _receipt(lines, rows.size, lost), {(NAME, 0): topic})
    raw.info = {"columns": table.meanings.source}
    return raw


def _receipt(lines: Lines, rows: int, lost: IntArray) -> Receipt:
    size, skipped = int(lines.nexts[-1]), int((lines.nexts[lost] - lines.starts[lost]).sum())
    edges = np.flatnonzero(np.diff(lost) != 1) + 1
    groups = np.split(lost, edges) if lost.size else []
    gaps = []
    for group in groups[:MAX_GAPS_LISTED]:
        at, end = int(lines.starts[group[0]]), int(lines.nexts[group[-1]])
        is_cut = end == size and group.size == 1
        gaps.append(Gap(at, end - at, "file ends inside a row" if is_cut else "too few cells"))
    is_cut = len(gaps) == 1 and gaps[0].reason.startswith("file ends")
    status = Status.TRUNCATED if is_cut else Status.MALFORMED
    return Receipt(
        bytes=size,
        decoded_bytes=size - skipped,
        skipped_bytes=skipped,
        status=status if gaps else Status.COMPLETE,
        gaps=tuple(gaps),
        gaps_omitted=len(groups) - len(gaps),
        messages=rows,
    )
