"""Numba primitives that every binary format shares: little-endian loads, grouping, gathering.

Arrays in, arrays and counters out; nothing raises and nothing allocates. Callers guarantee the
bounds that a docstring names, because an index out of range reads other memory silently.
"""

import numba
import numpy as np

from flyoff.units import ByteArray, IntArray

#: Rows that one sweep of ``gather`` keeps in cache while it goes through the fields.
BLOCK = 128


@numba.njit(nogil=True, cache=True)
def u16(data: ByteArray, at: int) -> int:
    """Little-endian unsigned 16-bit integer at ``at`` (at + 2 ≤ size)."""
    return int(data[at]) | (int(data[at + 1]) << 8)


@numba.njit(nogil=True, cache=True)
def i64(data: ByteArray, at: int) -> int:
    """Little-endian 64-bit integer at ``at`` as int64; values from 2^63 on come out negative."""
    value = 0
    for i in range(8):
        value |= int(data[at + i]) << (8 * i)
    return value


@numba.njit(nogil=True, cache=True)
def count_slots(slots: IntArray, counts: IntArray) -> None:
    """Add to ``counts[s]`` how often slot ``s`` stands in ``slots`` (all below ``counts.size``)."""
    for i in range(slots.size):
        counts[slots[i]] += 1


@numba.njit(nogil=True, cache=True)
def scatter_slots(offsets: IntArray, slots: IntArray, cursor: IntArray, grouped: IntArray) -> None:
    """Put each offset behind its slot's ``cursor``: a counting sort that keeps file order.

    Parameters
    ----------
    offsets, slots : shape (n,)
    cursor : shape (slots,)
        Where the next offset of a slot goes; moved on.
    grouped : int64, shape (total,)
        Written.
    """
    for i in range(offsets.size):
        slot = slots[i]
        grouped[cursor[slot]] = offsets[i]
        cursor[slot] += 1


@numba.njit(nogil=True, cache=True)
def _gather1(data, offsets, lo, hi, at, out):  # type: ignore[no-untyped-def]
    for f in range(at.size):
        shift = at[f]
        for row in range(lo, hi):
            out[f, row] = data[offsets[row] + shift]


@numba.njit(nogil=True, cache=True)
def _gather2(data, offsets, lo, hi, at, out):  # type: ignore[no-untyped-def]
    for f in range(at.size):
        shift = at[f]
        for row in range(lo, hi):
            p = offsets[row] + shift
            out[f, row] = np.uint16(data[p]) | (np.uint16(data[p + 1]) << np.uint16(8))


@numba.njit(nogil=True, cache=True)
def _gather4(data, offsets, lo, hi, at, out):  # type: ignore[no-untyped-def]
    for f in range(at.size):
        shift = at[f]
        for row in range(lo, hi):
            p = offsets[row] + shift
            out[f, row] = (
                np.uint32(data[p])
                | (np.uint32(data[p + 1]) << np.uint32(8))
                | (np.uint32(data[p + 2]) << np.uint32(16))
                | (np.uint32(data[p + 3]) << np.uint32(24))
            )


@numba.njit(nogil=True, cache=True)
def _gather8(data, offsets, lo, hi, at, out):  # type: ignore[no-untyped-def]
    for f in range(at.size):
        shift = at[f]
        for row in range(lo, hi):
            p = offsets[row] + shift
            out[f, row] = (
                np.uint64(data[p])
                | (np.uint64(data[p + 1]) << np.uint64(8))
                | (np.uint64(data[p + 2]) << np.uint64(16))
                | (np.uint64(data[p + 3]) << np.uint64(24))
                | (np.uint64(data[p + 4]) << np.uint64(32))
                | (np.uint64(data[p + 5]) << np.uint64(40))
                | (np.uint64(data[p + 6]) << np.uint64(48))
                | (np.uint64(data[p + 7]) << np.uint64(56))
            )


@numba.njit(nogil=True, cache=True)
def gather(data, offsets, at1, out1, at2, out2, at4, out4, at8, out8):  # type: ignore[no-untyped-def]
    """Copy fields of scattered records into contiguous columns, in one sweep over the file.

    Fields come in four classes, by width; a block of rows stays in cache while every class and
    field goes over it, and each column is written in order.

    Parameters
    ----------
    data : uint8, shape (size,)
    offsets : int64, shape (n,)
        Where each record starts; offset + at + width ≤ size for every field.
    at1, at2, at4, at8 : int64, shape (k,)
        Byte offset of each field of that width within its record.
    out1, out2, out4, out8 : uint8, uint16, uint32, uint64, shape (k, n)
        Written.
    """
    for lo in range(0, offsets.size, BLOCK):
        hi = min(lo + BLOCK, offsets.size)
        _gather8(data, offsets, lo, hi, at8, out8)
        _gather4(data, offsets, lo, hi, at4, out4)
        _gather2(data, offsets, lo, hi, at2, out2)
        _gather1(data, offsets, lo, hi, at1, out1)
