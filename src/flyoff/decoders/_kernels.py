"""Numba primitives that every binary format shares: little-endian loads, grouping, gathering.

Arrays in, arrays and counters out; nothing raises and nothing allocates. Callers guarantee the
bounds that a docstring names, because an index out of range reads other memory silently.
"""

from typing import Any

import numba
import numpy as np
import numpy.typing as npt

from flyoff.units import ByteArray, IntArray

SlotArray = npt.NDArray[Any]  # integers of any width

#: Rows that one sweep of ``gather`` keeps in cache while it goes through the fields.
BLOCK = 128
#: Records whose wanted fields span more bytes than this are not loaded ahead whole.
TOUCH = 256
#: Why a walk skipped bytes: the two reasons that ``note_gap`` tells apart.
GARBAGE, ZEROS = 0, 1


# An unsigned index spares the check for a negative one, and lets the compiler turn the bytes that
# are put together here into one load: measured, 3.8 times faster gathering.
_1, _2, _3, _4, _5, _6, _7 = (np.uint64(i) for i in range(1, 8))
_63, _LOW_63 = np.uint64(63), np.uint64((1 << 63) - 1)


@numba.njit(nogil=True, cache=True)
def u16(data: ByteArray, at: int) -> int:
    """Little-endian unsigned 16-bit integer at ``at`` (at + 2 ≤ size)."""
    p = np.uint64(at)
    return int(data[p]) | (int(data[p + _1]) << 8)


@numba.njit(nogil=True, cache=True)
def _load2(data: ByteArray, p: np.uint64) -> np.uint16:
    return np.uint16(data[p]) | (np.uint16(data[p + _1]) << np.uint16(8))


@numba.njit(nogil=True, cache=True)
def _load4(data: ByteArray, p: np.uint64) -> np.uint32:
    return (
        np.uint32(data[p])
        | (np.uint32(data[p + _1]) << np.uint32(8))
        | (np.uint32(data[p + _2]) << np.uint32(16))
        | (np.uint32(data[p + _3]) << np.uint32(24))
    )


@numba.njit(nogil=True, cache=True)
def _load8(data: ByteArray, p: np.uint64) -> np.uint64:
    return (
        np.uint64(data[p])
        | (np.uint64(data[p + _1]) << np.uint64(8))
        | (np.uint64(data[p + _2]) << np.uint64(16))
        | (np.uint64(data[p + _3]) << np.uint64(24))
        | (np.uint64(data[p + _4]) << np.uint64(32))
        | (np.uint64(data[p + _5]) << np.uint64(40))
        | (np.uint64(data[p + _6]) << np.uint64(48))
        | (np.uint64(data[p + _7]) << np.uint64(56))
    )


@numba.njit(nogil=True, cache=True)
def i64(data: ByteArray, at: int) -> int:
    """Little-endian 64-bit integer at ``at`` as int64; values from 2^63 on come out negative."""
    value = np.uint64(_load8(data, np.uint64(at)))
    return int(np.int64(value & _LOW_63) | (np.int64(value >> _63) << np.int64(63)))


@numba.njit(nogil=True, cache=True)
def zeros_end(data: ByteArray, at: int, stop: int) -> int:
    """First byte in [at, stop) that is not zero, or ``stop`` (stop ≤ size)."""
    p, end = np.uint64(at), np.uint64(stop)
    while p + _7 < end and _load8(data, p) == np.uint64(0):
        p += np.uint64(8)
    while p < end and data[p] == 0:
        p += _1
    return int(p)


@numba.njit(nogil=True, cache=True)
def is_nearly_zero(data: ByteArray, at: int, stop: int, most: int) -> bool:
    """Whether at most so many bytes of [at, stop) are not zero (stop ≤ size)."""
    at = zeros_end(data, at, stop)
    while at < stop and most > 0:
        most -= 1
        at = zeros_end(data, at + 1, stop)
    return at == stop


@numba.njit(nogil=True, cache=True)
def all_zero(data: ByteArray, start: int, stop: int) -> bool:
    """Whether ``data[start:stop]`` holds nothing but zeros (start ≤ stop ≤ size)."""
    return zeros_end(data, start, stop) == stop


@numba.njit(nogil=True, cache=True)
def note_gap(
    data: ByteArray,
    start: int,
    stop: int,
    reason: int,
    detail: int,
    gaps: IntArray,
    counts: IntArray,
) -> None:
    """Account for skipped bytes; beyond the capacity of ``gaps`` they are only counted.

    Parameters
    ----------
    reason, detail : int
        The walk's own numbers, but for ``GARBAGE``, which turns to ``ZEROS`` where it is nothing
        else.
    gaps : int64, shape (capacity, 4)
        Written: offset, bytes, reason, detail.
    counts : int64, shape (3,)
        Added to: gaps noted, gaps omitted, bytes skipped.
    """
    if reason == GARBAGE and all_zero(data, start, stop):
        reason = ZEROS
    counts[2] += stop - start
    n = counts[0]
    if n == gaps.shape[0]:
        counts[1] += 1
        return
    gaps[n, 0] = start
    gaps[n, 1] = stop - start
    gaps[n, 2] = reason
    gaps[n, 3] = detail
    counts[0] = n + 1


@numba.njit(nogil=True, cache=True)
def count_slots(slots: SlotArray, counts: IntArray) -> None:
    """Add to ``counts[s]`` how often slot ``s`` stands in ``slots`` (all below ``counts.size``)."""
    for i in range(slots.size):
        counts[slots[i]] += 1


@numba.njit(nogil=True, cache=True)
def scatter_slots(offsets: IntArray, slots: SlotArray, cursor: IntArray, grouped: IntArray) -> None:
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
        slot = np.uint64(slots[np.uint64(i)])  # unsigned, see below
        place = cursor[slot]
        grouped[np.uint64(place)] = offsets[np.uint64(i)]
        cursor[slot] = place + 1


@numba.njit(nogil=True, cache=True)
def touch(data: ByteArray, offsets: IntArray, lo: int, hi: int, first: int, last: int) -> np.uint8:
    """Load every cache line of ``[offset + first, offset + last]`` for rows ``lo`` … ``hi``.

    The loads of this pass depend on nothing, so many misses are under way at once; without it the
    second line of a record is missed late and alone. The result only keeps the loads alive.
    """
    seen = np.uint8(0)
    for row in range(lo, hi):
        at = np.uint64(offsets[row])
        for step in range(first, last, 64):
            seen |= data[at + np.uint64(step)]
        seen |= data[at + np.uint64(last)]
    return seen


@numba.njit(nogil=True, cache=True)
def _gather1(
    data: ByteArray, offsets: IntArray, lo: int, hi: int, at: IntArray, out: SlotArray
) -> None:
    for f in range(at.size):
        shift, column = np.uint64(at[f]), out[f]
        for row in range(lo, hi):
            column[np.uint64(row)] = data[np.uint64(offsets[row]) + shift]


@numba.njit(nogil=True, cache=True)
def _gather2(
    data: ByteArray, offsets: IntArray, lo: int, hi: int, at: IntArray, out: SlotArray
) -> None:
    for f in range(at.size):
        shift, column = np.uint64(at[f]), out[f]
        for row in range(lo, hi):
            column[np.uint64(row)] = _load2(data, np.uint64(offsets[row]) + shift)


@numba.njit(nogil=True, cache=True)
def _gather4(
    data: ByteArray, offsets: IntArray, lo: int, hi: int, at: IntArray, out: SlotArray
) -> None:
    for f in range(at.size):
        shift, column = np.uint64(at[f]), out[f]
        for row in range(lo, hi):
            column[np.uint64(row)] = _load4(data, np.uint64(offsets[row]) + shift)


@numba.njit(nogil=True, cache=True)
def _gather8(
    data: ByteArray, offsets: IntArray, lo: int, hi: int, at: IntArray, out: SlotArray
) -> None:
    for f in range(at.size):
        shift, column = np.uint64(at[f]), out[f]
        for row in range(lo, hi):
            column[np.uint64(row)] = _load8(data, np.uint64(offsets[row]) + shift)


@numba.njit(nogil=True, cache=True)
def gather(
    data: ByteArray,
    offsets: IntArray,
    at1: IntArray,
    out1: SlotArray,
    at2: IntArray,
    out2: SlotArray,
    at4: IntArray,
    out4: SlotArray,
    at8: IntArray,
    out8: SlotArray,
) -> np.uint8:
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

    Returns
    -------
    uint8
        Of no meaning.
    """
    first, last = 1 << 30, 0
    for at, width in ((at1, 1), (at2, 2), (at4, 4), (at8, 8)):
        for f in range(at.size):
            first = min(first, at[f])
            last = max(last, at[f] + width - 1)
    seen = np.uint8(0)
    for lo in range(0, offsets.size, BLOCK):
        hi = min(lo + BLOCK, offsets.size)
        if first < last <= first + TOUCH:
            seen |= touch(data, offsets, lo, hi, first, last)
        _gather8(data, offsets, lo, hi, at8, out8)
        _gather4(data, offsets, lo, hi, at4, out4)
        _gather2(data, offsets, lo, hi, at2, out2)
        _gather1(data, offsets, lo, hi, at1, out1)
    return seen


@numba.njit(nogil=True, cache=True)
def gather_packed(
    data: ByteArray, offsets: IntArray, at: IntArray, counts: IntArray, packed: SlotArray
) -> np.uint8:
    """``gather`` into one piece of memory, for topics so small that every argument costs time.

    Parameters
    ----------
    data : uint8, shape (size,)
    offsets : int64, shape (n,)
        Where each record starts; offset + at + width ≤ size for every field.
    at : int64, shape (k,)
        Byte offset of each field within its record, those of 8 bytes first, then 4, 2, 1.
    counts : int64, shape (4,)
        How many fields there are of each width; they add up to k.
    packed : uint8, shape (n · (8, 4, 2, 1) @ counts,)
        Written: one column behind the other, aligned to its width.
    """
    n = offsets.size
    end8 = counts[0]
    end4 = end8 + counts[1]
    end2 = end4 + counts[2]
    to8 = 8 * n * counts[0]
    to4 = to8 + 4 * n * counts[1]
    to2 = to4 + 2 * n * counts[2]
    return gather(
        data,
        offsets,
        at[end2:],
        packed[to2:].reshape((counts[3], n)),
        at[end4:end2],
        packed[to4:to2].view(np.uint16).reshape((counts[2], n)),
        at[end8:end4],
        packed[to8:to4].view(np.uint32).reshape((counts[1], n)),
        at[:end8],
        packed[:to8].view(np.uint64).reshape((counts[0], n)),
    )
