"""Records out of a log and back into one: copies of chosen bytes, no interpretation.

Arrays in, arrays out; nothing raises. Callers guarantee the bounds that a docstring names.
"""

import numba
import numpy as np

from flyoff.decoders.tlog._kernels import checksum
from flyoff.units import BoolArray, ByteArray, IntArray


@numba.njit(nogil=True, cache=True)
def pick(
    data: ByteArray, offsets: IntArray, starts: IntArray, widths: IntArray, rows: ByteArray
) -> None:
    """Copy chosen stretches of each record side by side.

    Parameters
    ----------
    data : uint8, shape (size,)
    offsets : int64, shape (n,)
        Where each record begins; offset + start + width ≤ size for every stretch.
    starts, widths : int64, shape (k,)
    rows : uint8, shape (n, sum of widths)
        Written.
    """
    flat = rows.reshape(rows.size)
    for i in range(offsets.size):
        # unsigned places: a loop whose index may be negative is not copied by whole words
        to = np.uint64(i * rows.shape[1])
        for j in range(starts.size):
            at = np.uint64(offsets[i] + starts[j])
            for b in range(widths[j]):
                flat[to + np.uint64(b)] = data[at + np.uint64(b)]
            to += np.uint64(widths[j])


@numba.njit(nogil=True, cache=True)
def put(rows: ByteArray, positions: IntArray, lengths: IntArray, out: ByteArray) -> None:
    """Write the first bytes of each row to its place.

    Parameters
    ----------
    rows : uint8, shape (n, width)
    positions : int64, shape (n,)
        Where each row goes; position + length ≤ out.size.
    lengths : int64, shape (n,)
        Bytes of each row that count, at most ``width``.
    out : uint8, shape (size,)
        Written.
    """
    flat = rows.reshape(rows.size)
    for i in range(positions.size):
        at, start = np.uint64(positions[i]), np.uint64(i * rows.shape[1])
        for b in range(lengths[i]):
            out[at + np.uint64(b)] = flat[start + np.uint64(b)]


@numba.njit(nogil=True, cache=True)
def pick_padded(data: ByteArray, starts: IntArray, lengths: IntArray, rows: ByteArray) -> None:
    """Copy stretches of different lengths, each into a row of its own, zeros behind.

    Parameters
    ----------
    data : uint8, shape (size,)
    starts, lengths : int64, shape (n,)
        start + length ≤ size.
    rows : uint8, shape (n, width)
        Written.
    """
    width = rows.shape[1]
    for i in range(starts.size):
        taken = min(lengths[i], width)
        at = np.uint64(starts[i])
        for b in range(taken):
            rows[i, b] = data[at + np.uint64(b)]
        for b in range(taken, width):
            rows[i, b] = 0


@numba.njit(nogil=True, cache=True)
def seal(rows: ByteArray, stamp: int, header: int, fixed: IntArray, seed: int) -> None:
    """Give each MAVLink frame its length and checksum.

    Parameters
    ----------
    rows : uint8, shape (n, stamp + header + payload + 2)
        Frames whose payloads are padded with zeros; length and checksum are written.
    stamp, header : int [byte]
        Before the frame, and of its header: 6 for MAVLink 1, 10 for MAVLink 2.
    fixed : int64, shape (n,)
        In: length of each payload, or 0 to leave zeros at its end away. Out: bytes of the row.
    seed : int
        CRC_EXTRA of the message.
    """
    first = stamp + header
    for i in range(rows.shape[0]):
        length = fixed[i]
        if length == 0:
            length = rows.shape[1] - first - 2
            while length > 1 and rows[i, first + length - 1] == 0:
                length -= 1
        rows[i, stamp + 1] = length
        crc = checksum(rows[i], stamp + 1, first + length, seed)
        rows[i, first + length] = crc & 0xFF
        rows[i, first + length + 1] = crc >> 8
        fixed[i] = first + length + 2


@numba.njit(nogil=True, cache=True)
def _put_vb(row: ByteArray, at: int, value: int) -> int:
    """Write an unsigned number of 32 bits in base 128, low bits first; gives the place after it."""
    left = value & 0xFFFFFFFF
    while left >= 0x80:
        row[at] = (left & 0x7F) | 0x80
        left >>= 7
        at += 1
    row[at] = left
    return at + 1


@numba.njit(nogil=True, cache=True)
def pack_frames(
    values: IntArray,
    signed: BoolArray,
    letter: int,
    interval: int,
    rows: ByteArray,
    lengths: IntArray,
) -> None:
    """Write blackbox frames: absolute ones, and between them differences to the frame before.

    Parameters
    ----------
    values : int64, shape (n, fields)
    signed : bool, shape (fields,)
        Which absolute values may be negative.
    letter : int
        Of an absolute frame; one of differences is ``P``.
    interval : int
        Every so many frames one is absolute.
    rows : uint8, shape (n, 1 + 5 · fields)
        Written.
    lengths : int64, shape (n,)
        Written: bytes of each row.
    """
    for i in range(values.shape[0]):
        absolute = i % interval == 0
        rows[i, 0] = letter if absolute else 80
        at = 1
        for j in range(values.shape[1]):
            value = values[i, j] if absolute else values[i, j] - values[i - 1, j]
            if signed[j] or not absolute:
                # as 32 bits, the way that readers add them up
                value = ((value + 0x80000000) & 0xFFFFFFFF) - 0x80000000
                at = _put_vb(rows[i], at, (value << 1) ^ (value >> 63))
            else:
                at = _put_vb(rows[i], at, value)
        lengths[i] = at
