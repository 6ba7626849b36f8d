"""Lines of a text, and the cells between their delimiters, without a Python object for each."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from flyoff.units import BoolArray, ByteArray, IntArray

KeyArray = npt.NDArray[np.uint64]

COMMA, SPACE, RETURN, NEWLINE, QUOTE = 44, 32, 13, 10, 34
#: A record's name stands in so many bytes, comma included; the binary form gives it four.
NAME_BYTES = 8
#: Blanks around a cell that are passed over; a line of a million of them must not cost a million
#: sweeps.
MAX_BLANKS = 32
#: Bytes of lines that are cut into cells at once: bounds the memory that cutting takes.
PIECE = 4 << 20


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """Where each line lies; blanks at its end and its line break belong to no cell.

    Attributes
    ----------
    starts, ends, nexts : int64, shape (n,) [byte]
        First byte, byte behind the last that is no blank, first byte of the next line.
    keys : uint64, shape (n,)
        The bytes before the first comma, the first one highest; 0 where there is none.
    """

    starts: IntArray
    ends: IntArray
    nexts: IntArray
    keys: KeyArray

    def __len__(self) -> int:
        return int(self.starts.size)


def key_of(name: str) -> int:
    """The key of lines that begin with this name; 0 if a line cannot.

    Examples
    --------
    >>> hex(key_of("GPS"))
    '0x475053'
    """
    raw = name.encode("latin-1", "replace")
    return int.from_bytes(raw, "big") if len(raw) < NAME_BYTES else 0


def split_lines(data: ByteArray) -> Lines:
    """Find the lines of a text and what each begins with."""
    breaks = np.flatnonzero(data == NEWLINE)
    nexts = breaks + 1
    if not nexts.size or nexts[-1] < data.size:
        nexts = np.append(nexts, data.size)
    starts = np.concatenate([[0], nexts[:-1]]).astype(np.int64)
    ends = nexts.copy()
    for _ in range(MAX_BLANKS):
        last = data[np.maximum(ends - 1, 0)]
        blank = (ends > starts) & ((last == NEWLINE) | (last == RETURN) | (last == SPACE))
        if not blank.any():
            break
        ends[blank] -= 1
    return Lines(starts, ends, nexts, _keys(data, starts, ends))


def _keys(data: ByteArray, starts: IntArray, ends: IntArray) -> KeyArray:
    keys = np.zeros(starts.size, dtype=np.uint64)
    found: BoolArray = np.zeros(starts.size, dtype=np.bool_)
    for i in range(NAME_BYTES):
        byte = data[np.minimum(starts + i, max(data.size - 1, 0))]
        inside = ~found & (starts + i < ends)
        comma = inside & (byte == COMMA)
        found |= comma
        more = inside & ~comma
        keys[more] = (keys[more] << np.uint64(8)) | byte[more]
    keys[~found] = 0
    return keys


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """The cells of some lines.

    Attributes
    ----------
    text : uint8, shape (m,)
        The lines one behind the other.
    stops : int64, shape (n,)
        End of each line in ``text``.
    marks : int64, shape (k,)
        Delimiters in ``text``.
    first : int64, shape (n + 1,)
        Place in ``marks`` of each line's first delimiter.
    """

    text: ByteArray
    stops: IntArray
    marks: IntArray
    first: IntArray

    @property
    def counts(self) -> IntArray:
        """Cells of each line behind its name, int64 shape (n,)."""
        return np.diff(self.first)

    def bounds(self, place: int, *, takes_rest: bool) -> tuple[IntArray, IntArray]:
        """First byte and end of one cell of every line, blanks around it left out.

        Parameters
        ----------
        place : int
            0 is the cell behind the name. Every line must have it.
        takes_rest : bool
            The last cell of a line may hold delimiters itself.
        """
        begin = self.marks[self.first[:-1] + place] + 1
        end = self.stops.copy()
        if not takes_rest:
            more = self.counts > place + 1
            end[more] = self.marks[self.first[:-1][more] + place + 1]
        return _stripped(self.text, begin, end)


def _stripped(text: ByteArray, begin: IntArray, end: IntArray) -> tuple[IntArray, IntArray]:
    top = max(text.size - 1, 0)
    for _ in range(MAX_BLANKS):
        before = (begin < end) & (text[np.minimum(begin, top)] == SPACE)
        begin = begin + before
        behind = (begin < end) & (text[np.maximum(end - 1, 0)] == SPACE)
        end = end - behind
        if not (before | behind).any():
            break
    return begin, end


def cut(
    data: ByteArray, starts: IntArray, ends: IntArray, *, spaced: bool = False, mark: int = COMMA
) -> Cells:
    """Cut lines into cells; a delimiter between quotation marks is none.

    Parameters
    ----------
    spaced : bool
        The delimiter is a comma and a blank; a comma alone belongs to a text, and so do quotes.
    mark : int
        The delimiter.
    """
    lengths = ends - starts
    stops = np.cumsum(lengths)
    begin = stops - lengths
    text = data[np.repeat(starts - begin, lengths) + np.arange(int(stops[-1]) if stops.size else 0)]
    is_mark = text == mark
    if not spaced and (text == QUOTE).any():
        quotes = np.cumsum(text == QUOTE)
        before = np.where(begin > 0, quotes[np.maximum(begin - 1, 0)], 0)
        is_mark &= (quotes - np.repeat(before, lengths)) % 2 == 0
    if spaced:
        follows = np.zeros_like(is_mark)
        follows[:-1] = text[1:] == SPACE
        follows[stops[lengths > 0] - 1] = True  # the blank at the end of the line is stripped
        is_mark &= follows
    marks = np.flatnonzero(is_mark)
    first = np.append(np.searchsorted(marks, begin), marks.size)
    return Cells(text, stops, marks, first)


def pieces(starts: IntArray, ends: IntArray) -> Iterator[slice]:
    """Runs of lines of at most ``PIECE`` bytes each, or of a single line."""
    grown = np.cumsum(ends - starts)
    at = 0
    while at < starts.size:
        before = int(grown[at - 1]) if at else 0
        stop = max(at + 1, int(np.searchsorted(grown, before + PIECE, side="right")))
        yield slice(at, stop)
        at = stop


def _quoted(text: ByteArray, marks: IntArray, begin: IntArray) -> BoolArray:
    """Which delimiters stand between quotation marks of their line, as ``cut`` sees it."""
    is_quote = text == QUOTE
    if not is_quote.any():
        return np.zeros(marks.size, dtype=np.bool_)
    quotes = np.cumsum(is_quote)
    before = np.where(begin > 0, quotes[np.maximum(begin - 1, 0)], 0)
    line = np.searchsorted(begin, marks, side="right") - 1
    found: BoolArray = (quotes[marks] - before[line]) % 2 == 1
    return found


def count_marks(data: ByteArray, lines: Lines, *, spaced: bool) -> IntArray:
    """Delimiters in each line, int64 shape (n,)."""
    counts = np.zeros(len(lines), dtype=np.int64)
    for run in pieces(lines.starts, lines.nexts):
        first, last = int(lines.starts[run][0]), int(lines.nexts[run][-1])
        text = data[first:last]
        is_mark = text == COMMA
        if spaced:
            follows = np.append(text[1:] == SPACE, False)
            ends = lines.ends[run] - first
            follows[ends[ends > lines.starts[run] - first] - 1] = True  # as ``cut`` sees it
            is_mark &= follows
        marks = np.flatnonzero(is_mark)
        if not spaced:
            marks = marks[~_quoted(text, marks, lines.starts[run] - first)]
        marks += first
        counts[run] = np.searchsorted(marks, lines.ends[run]) - np.searchsorted(
            marks, lines.starts[run]
        )
    return counts
