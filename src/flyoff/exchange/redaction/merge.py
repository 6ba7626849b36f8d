"""Pieces of a rewritten log, put back into the order in which they were written."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from flyoff.exchange.redaction import _kernels as kernels
from flyoff.units import ByteArray, IntArray


@dataclass(frozen=True, slots=True)
class Piece:
    """Records of one layout.

    Attributes
    ----------
    offsets : int64, shape (n,)
        Where each stood in the original; those of one place keep the order of the pieces.
    rows : uint8, shape (n, width)
        Or shape (size,), each record behind the one before.
    lengths : int64, shape (n,), optional
        Bytes of each row that count; all of them without it.
    """

    offsets: IntArray
    rows: ByteArray
    lengths: IntArray | None = None

    @property
    def sizes(self) -> IntArray:
        """Bytes of each record, int64 shape (n,)."""
        if self.lengths is not None:
            return self.lengths
        return np.full(self.offsets.size, self.rows.shape[1], dtype=np.int64)

    @property
    def starts(self) -> IntArray:
        """Where each record begins in the rows laid end to end, int64 shape (n,)."""
        if self.rows.ndim == 1:
            sizes = self.sizes
            starts: IntArray = np.cumsum(sizes) - sizes
            return starts
        width = int(self.rows.shape[1])
        return np.arange(0, self.offsets.size * width, width, dtype=np.int64)


def merged(pieces: Sequence[Piece]) -> ByteArray:
    """All records in the order of their original offsets, uint8 shape (size,)."""
    offsets = np.concatenate([piece.offsets for piece in pieces])
    sizes = np.concatenate([piece.sizes for piece in pieces])
    order = np.argsort(offsets, kind="stable")
    ends = np.cumsum(sizes[order])
    positions = np.empty(offsets.size, dtype=np.int64)
    positions[order] = ends - sizes[order]
    out = np.empty(int(ends[-1]) if ends.size else 0, dtype=np.uint8)
    first = 0
    for piece in pieces:
        last = first + piece.offsets.size
        kernels.put(
            piece.rows.reshape(-1), piece.starts, positions[first:last], sizes[first:last], out
        )
        first = last
    return out


def picked(data: ByteArray, offsets: IntArray, stretches: Sequence[tuple[int, int]]) -> ByteArray:
    """Chosen stretches of each record, side by side.

    Parameters
    ----------
    data : uint8, shape (size,)
    offsets : int64, shape (n,)
    stretches : of (start, width) [byte]

    Returns
    -------
    uint8, shape (n, sum of widths)
    """
    joined: list[list[int]] = []
    for start, width in stretches:
        if joined and sum(joined[-1]) == start:
            joined[-1][1] += width  # neighbours are copied at once
        else:
            joined.append([start, width])
    starts, widths = (np.array(part, dtype=np.int64) for part in zip(*joined, strict=True))
    rows = np.empty((offsets.size, int(widths.sum())), dtype=np.uint8)
    kernels.pick(data, offsets, starts, widths, rows)
    return rows
