"""Columns of scattered records, gathered in one sweep into one piece of memory.

A ``Plan`` says where the wanted fields lie; it is made once for each layout and set of fields, and
kept, since logs of one firmware share their layouts and the same fields are asked for again.
"""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from flyoff.decoders._kernels import gather_packed
from flyoff.decoders.rawlog import Column
from flyoff.units import ByteArray, IntArray

#: The dtypes, ordered by width so that a sort by code is a sort by width too.
DTYPES: Final = tuple(
    np.dtype(code)
    for code in ("<i1", "<u1", "<i2", "<u2", "<f2", "<i4", "<u4", "<f4", "<i8", "<u8", "<f8")
)
#: Index into DTYPES of each dtype.
CODE_OF: Final = {dtype: code for code, dtype in enumerate(DTYPES)}
#: Sets of fields of one layout whose plan is kept.
MAX_PLANS: Final = 64
WIDTHS: Final[npt.NDArray[np.int64]] = np.array([d.itemsize for d in DTYPES], dtype=np.int64)


class Plan:
    """Which fields to gather, ordered by width and type, so that each type is one block.

    Parameters
    ----------
    names : tuple of str, in the order in which they are asked for
    codes : int64, shape (fields,)
        Index into DTYPES.
    at : int64, shape (fields,) [byte]
        Offset of each field from the record's start.
    """

    def __init__(self, names: tuple[str, ...], codes: IntArray, at: IntArray) -> None:
        self.names = names
        order = np.argsort(-codes, kind="stable")  # widest first, so that every column is aligned
        self._places: list[int] = np.argsort(order, kind="stable").tolist()
        self._at = at[order]
        self._counts = np.array(
            [np.count_nonzero(WIDTHS[codes] == w) for w in (8, 4, 2, 1)], dtype=np.int64
        )
        self._row_bytes = 0
        self._parts: list[tuple[int, np.dtype[Any], int]] = []  # fields, dtype, row bytes before
        counts = np.bincount(codes, minlength=len(DTYPES)).tolist()
        for dtype, count in zip(reversed(DTYPES), reversed(counts), strict=True):
            if count:
                self._parts.append((count, dtype, self._row_bytes))
                self._row_bytes += count * dtype.itemsize
        self._empty: dict[str, Column] | None = None

    def gather(self, data: ByteArray, offsets: IntArray) -> dict[str, Column]:
        """Columns by name, in the order of ``names``, shape (n,).

        Parameters
        ----------
        data : uint8, shape (size,)
        offsets : int64, shape (n,)
            Where each record starts; it is whole.
        """
        rows = offsets.size
        if not rows:
            if self._empty is None:
                self._empty = self._columns(np.empty(0, dtype=np.uint8), 0)
            return self._empty.copy()
        packed = np.empty(self._row_bytes * rows, dtype=np.uint8)
        if self.names:
            gather_packed(data, offsets, self._at, self._counts, packed)
        return self._columns(packed, rows)

    def _columns(self, packed: ByteArray, rows: int) -> dict[str, Column]:
        typed: list[Column] = []
        for count, dtype, before in self._parts:
            typed.extend(np.ndarray((count, rows), dtype, packed, before * rows))
        return dict(zip(self.names, [typed[place] for place in self._places], strict=True))
