"""Cells to values: what ``float()`` and ``int()`` would give, thousands at a time.

A decimal of at most 15 digits is an integer below 2**53 over a power of ten below 10**22; both are
exact doubles, so one division gives the correctly rounded value. All else is left to Python.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from flyoff.decoders.rawlog import Column
from flyoff.decoders.text_lines import MAX_BLANKS
from flyoff.units import BoolArray, ByteArray, FloatArray, IntArray

#: A number takes no more bytes than this; what is longer is none.
NUMBER_BYTES = 40
#: A text is cut here; the binary form holds 64.
TEXT_BYTES = 256
_EXACT_FLOAT, _EXACT_INT = 15, 18
_ZERO, _PLUS, _MINUS, _POINT, _BLANK, _QUOTE = 48, 43, 45, 46, 32, 34


def matrix(
    text: ByteArray, begin: IntArray, end: IntArray, limit: int
) -> tuple[ByteArray, IntArray]:
    """Cells side by side: uint8 shape (width, n), zeros behind each; and their lengths."""
    lengths = np.clip(end - begin, 0, limit)
    width = int(lengths.max()) if lengths.size else 0
    out = np.zeros((width, begin.size), dtype=np.uint8)
    top = max(text.size - 1, 0)
    for i in range(width):
        live = i < lengths
        out[i] = np.where(live, text[np.minimum(begin + i, top)], 0)
    return out, lengths


def as_text(text: ByteArray, begin: IntArray, end: IntArray) -> Column:
    """Cells as bytes, ``S<width>``, shape (n,)."""
    cells, _ = matrix(text, begin, end, TEXT_BYTES)
    width = max(cells.shape[0], 1)
    rows = np.zeros((begin.size, width), dtype=np.uint8)
    rows[:, : cells.shape[0]] = cells.T
    return rows.reshape(-1).view(f"S{width}") if begin.size else np.zeros(0, dtype="S1")


@dataclass(frozen=True, slots=True, eq=False)
class _Decimals:
    """Digits read as one integer, how many stand behind the point, and which cells are so plain."""

    digits: IntArray
    behind: IntArray
    count: IntArray
    is_negative: BoolArray
    is_plain: BoolArray


def _decimals(cells: ByteArray, lengths: IntArray) -> _Decimals:
    n = lengths.size
    value, behind, count = (np.zeros(n, dtype=np.int64) for _ in range(3))
    point: BoolArray = np.zeros(n, dtype=np.bool_)
    plain = lengths > 0
    for i in range(cells.shape[0]):
        byte, live = cells[i], i < lengths
        digit = (byte >= _ZERO) & (byte <= _ZERO + 9)
        mark = (byte == _POINT) & ~point
        sign = ((byte == _PLUS) | (byte == _MINUS)) if i == 0 else np.False_
        plain &= ~live | digit | mark | sign
        value = np.where(digit, value * 10 + byte - _ZERO, value)
        count += digit
        behind += digit & point
        point |= live & mark
    negative = (cells[0] == _MINUS) if cells.shape[0] else np.zeros(n, dtype=np.bool_)
    return _Decimals(value, behind, count, negative, plain & (count > 0))


def as_floats(text: ByteArray, begin: IntArray, end: IntArray) -> FloatArray:
    """Cells as float64, shape (n,); NaN where a cell is no number."""
    cells, lengths = matrix(text, begin, end, NUMBER_BYTES)
    read = _decimals(cells, lengths)
    good = read.is_plain & (read.count <= _EXACT_FLOAT)
    values = np.where(good, read.digits, 0) / 10.0 ** np.where(good, read.behind, 0)
    values = np.where(read.is_negative, -values, values)
    for row in np.flatnonzero(~good):
        values[row] = _float(cells[:, row].tobytes())
    return values


def as_integers(text: ByteArray, begin: IntArray, end: IntArray, dtype: np.dtype[Any]) -> Column:
    """Cells as integers of the given type, of a wider one, or as float64 where some are none."""
    cells, lengths = matrix(text, begin, end, NUMBER_BYTES)
    read = _decimals(cells, lengths)
    good = read.is_plain & (read.count <= _EXACT_INT) & ~(cells == _POINT).any(axis=0)
    values = np.where(read.is_negative, -read.digits, read.digits)
    odd = np.flatnonzero(~good)
    others = [_number(cells[:, row].tobytes()) for row in odd]
    if any(isinstance(other, float) or abs(other) >= 1 << 63 for other in others):
        floats = values.astype(np.float64)
        floats[odd] = others
        return floats
    values[odd] = others
    info = np.iinfo(dtype)
    if values.size and not (info.min <= values.min() and values.max() <= info.max):
        return values
    return values.astype(dtype)


def _number(raw: bytes) -> int | float:
    try:
        return int(raw.rstrip(b"\0"))
    except ValueError:
        return _float(raw)


def _float(raw: bytes) -> float:
    try:
        return float(raw.rstrip(b"\0"))
    except ValueError:
        return float("nan")


def unquoted(
    text: ByteArray, begin: IntArray, end: IntArray
) -> tuple[ByteArray, IntArray, IntArray]:
    """Cells without the blanks and the quotation marks around them."""
    top = max(text.size - 1, 0)
    for around in (_BLANK, _QUOTE, _BLANK):
        for _ in range(1 if around == _QUOTE else MAX_BLANKS):
            before = (begin < end) & (text[np.minimum(begin, top)] == around)
            behind = (begin + before < end) & (text[np.maximum(end - 1, 0)] == around)
            if around == _QUOTE:
                before = behind = before & behind
            begin, end = begin + before, end - behind
            if not (before | behind).any():
                break
    return text, begin, end
