"""Numba kernels of the tlog decoder's columns: pad trimmed payloads, gather fields, read stamps.

Arrays in, arrays and counters out; nothing raises. Payloads are given as the walk notes them: where
one starts << 9 | MAVLink 1 << 8 | its length.
"""

import numba
import numpy as np
import numpy.typing as npt

from flyoff.decoders._kernels import _gather1, _gather2, _gather4, _gather8, _load8
from flyoff.units import ByteArray, IntArray

WordArray = npt.NDArray[np.uint64]

#: Rows that are padded and gathered at a time.
BLOCK = 64
_1, _8 = np.uint64(1), np.uint64(8)


@numba.njit(nogil=True, cache=True)
def stamps(data: ByteArray, payloads: IntArray, stamp: int, out: IntArray) -> None:
    """Read the time stamp before each frame [µs since 1970] (``stamp`` 8 or 21)."""
    for row in range(payloads.size):
        packed = payloads[row]
        at = (packed >> 9) - (6 if packed & 0x100 else 10) - stamp
        value = 0
        if stamp == 8:
            # the first byte signed, so that no stamp leaves 64 bits, compiled or not
            value = int(data[np.uint64(at)])
            if value >= 128:
                value -= 256
            for i in range(1, 8):
                value = (value << 8) | int(data[np.uint64(at + i)])
            out[row] = value
        else:
            for i in range(1, 20):
                value = value * 10 + int(data[np.uint64(at + i)]) - 48
            # the ticks with the sign bit set: -(2^63 - ticks)
            ticks = (9223372036854775807 - value) + 1
            out[row] = ticks // 10 - 62135596800000000


@numba.njit(nogil=True, cache=True)
def pad(data: ByteArray, payloads: IntArray, lo: int, hi: int, words: int, out: WordArray) -> None:
    """Copy payloads ``lo`` … ``hi`` into rows of 64-bit words, zeros behind their ends."""
    last = data.size - 8
    for row in range(lo, hi):
        packed = payloads[row]
        start = packed >> 9
        length = min(packed & 0xFF, words * 8)
        to = (row - lo) * words
        whole = length >> 3
        for k in range(whole):
            out[np.uint64(to + k)] = _load8(data, np.uint64(start + 8 * k))
        rest = length & 7
        if rest:
            at = start + 8 * whole
            if at <= last:
                mask = (_1 << np.uint64(8 * rest)) - _1
                out[np.uint64(to + whole)] = _load8(data, np.uint64(at)) & mask
            else:
                word = np.uint64(0)
                for i in range(rest):
                    word |= np.uint64(data[np.uint64(at + i)]) << np.uint64(8 * i)
                out[np.uint64(to + whole)] = word
            whole += 1
        for k in range(whole, words):
            out[np.uint64(to + k)] = np.uint64(0)


@numba.njit(nogil=True, cache=True)
def gather_padded(
    data: ByteArray,
    payloads: IntArray,
    stamp: int,
    words: int,
    at: IntArray,
    counts: IntArray,
    packed: ByteArray,
) -> None:
    """Copy fields of scattered payloads into contiguous columns, trimmed ones padded with zeros.

    Parameters
    ----------
    data : uint8, shape (size,)
    payloads : int64, shape (n,)
        As ``walk`` writes them.
    stamp : int
        Bytes of the time stamp before each frame if the stamps are wanted, else 0.
    words : int
        64-bit words that hold a whole payload.
    at : int64, shape (k,)
        Byte offset of each field within the payload, those of 8 bytes first, then 4, 2, 1.
    counts : int64, shape (4,)
        How many fields there are of each width; they add up to k.
    packed : uint8, shape (n · (8, 4, 2, 1) @ counts,), and 8 n more for the stamps
        Written: one column behind the other, aligned to its width, the stamps [µs] first.
    """
    n = payloads.size
    if stamp:
        stamps(data, payloads, stamp, packed[: 8 * n].view(np.int64))
        packed = packed[8 * n :]
    if at.size == 0:
        return
    end8 = counts[0]
    end4 = end8 + counts[1]
    end2 = end4 + counts[2]
    to8 = 8 * n * counts[0]
    to4 = to8 + 4 * n * counts[1]
    to2 = to4 + 2 * n * counts[2]
    out8 = packed[:to8].view(np.uint64).reshape((counts[0], n))
    out4 = packed[to8:to4].view(np.uint32).reshape((counts[1], n))
    out2 = packed[to4:to2].view(np.uint16).reshape((counts[2], n))
    out1 = packed[to2:].reshape((counts[3], n))
    rows = np.empty(BLOCK * words, dtype=np.uint64)
    flat = rows.view(np.uint8)
    starts = np.arange(BLOCK) * (words * 8)
    for lo in range(0, n, BLOCK):
        hi = min(lo + BLOCK, n)
        pad(data, payloads, lo, hi, words, rows)
        many = hi - lo
        _gather8(flat, starts, 0, many, at[:end8], out8[:, lo:hi])
        _gather4(flat, starts, 0, many, at[end8:end4], out4[:, lo:hi])
        _gather2(flat, starts, 0, many, at[end4:end2], out2[:, lo:hi])
        _gather1(flat, starts, 0, many, at[end2:], out1[:, lo:hi])


@numba.njit(nogil=True, cache=True)
def gather_text(data: ByteArray, payloads: IntArray, at: int, cut: bool, out: ByteArray) -> None:
    """Copy a text field, zeros behind a trimmed payload's end.

    Parameters
    ----------
    at : int
        Byte offset of the field within the payload.
    cut : bool
        Whether the text ends at its first NUL, whatever stands behind it.
    out : uint8, shape (n, width)
        Written.
    """
    width = out.shape[1]
    for row in range(payloads.size):
        start = (payloads[row] >> 9) + at
        there = min((payloads[row] & 0xFF) - at, width)
        live = True
        for i in range(width):
            byte = data[start + i] if live and i < there else np.uint8(0)
            if cut and byte == 0:
                live = False
            out[row, i] = byte


@numba.njit(nogil=True, cache=True)
def reboots(times_us: IntArray, step_us: int, found: IntArray) -> int:
    """Rows from which on a clock has gone back for good, not for a straggler's moment.

    Parameters
    ----------
    times_us : int64, shape (n,)
        In file order.
    step_us : int [µs]
        By how much it has to go back; the next four rows have to say the same.
    found : int64, shape (capacity,)
        Written, as far as it holds.

    Returns
    -------
    int
        How many there are in ``found``.
    """
    count = 0
    highest = times_us[0]
    for row in range(times_us.size):
        if times_us[row] >= highest - step_us:
            highest = max(highest, times_us[row])
            continue
        back = True
        for later in range(row + 1, min(row + 5, times_us.size)):
            back = back and times_us[later] < highest - step_us
        if back:
            if count == found.size:
                break
            found[count] = row
            count += 1
            highest = times_us[row]
    return count
