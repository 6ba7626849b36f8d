"""Records out of a log and back into one: copies of chosen bytes, no interpretation.

Arrays in, arrays out; nothing raises. Callers guarantee the bounds that a docstring names.
"""

import numba
import numpy as np

from flyoff.decoders.blackbox._kernels import Table
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
def put(
    flat: ByteArray, starts: IntArray, positions: IntArray, lengths: IntArray, out: ByteArray
) -> None:
    """Write records to their places.

    Parameters
    ----------
    flat : uint8, shape (size,)
    starts, lengths : int64, shape (n,)
        Of each record in it; start + length ≤ flat.size.
    positions : int64, shape (n,)
        Where each goes; position + length ≤ out.size.
    out : uint8, shape (out.size,)
        Written.
    """
    for i in range(positions.size):
        at, start = np.uint64(positions[i]), np.uint64(starts[i])
        for b in range(lengths[i]):
            out[at + np.uint64(b)] = flat[start + np.uint64(b)]


@numba.njit(nogil=True, cache=True)
def pick_frames(
    data: ByteArray,
    payloads: IntArray,
    lengths: IntArray,
    stamp: int,
    header: int,
    systems: ByteArray,
    unsigned: int,
    rows: ByteArray,
) -> None:
    """Copy MAVLink frames, each into a row: header and payload, zeros behind a short one.

    Parameters
    ----------
    data : uint8, shape (size,)
    payloads, lengths : int64, shape (n,)
        header ≤ payload; payload + length ≤ size.
    stamp, header : int [byte]
        Before the frame, left for the caller, and of its header: 6 for MAVLink 1, 10 for 2.
    systems : uint8, shape (256,)
        New number of each sender.
    unsigned : int
        What stays of the third header byte of MAVLink 2, which says whether a frame is signed.
    rows : uint8, shape (n, stamp + header + payload + 2)
        Written, but for stamp, length and checksum.
    """
    width = rows.shape[1]
    flat = rows.reshape(rows.size)
    first = stamp + header
    size = width - first - 2
    for i in range(payloads.size):
        taken = min(lengths[i], size)
        at, to = np.uint64(payloads[i] - header), np.uint64(i * width + stamp)
        for b in range(header + taken):
            flat[to + np.uint64(b)] = data[at + np.uint64(b)]
        for b in range(first + taken, width):
            rows[i, b] = 0
        if header == 6:
            rows[i, stamp + 3] = systems[rows[i, stamp + 3]]
        else:
            rows[i, stamp + 2] &= unsigned
            rows[i, stamp + 5] = systems[rows[i, stamp + 5]]


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
def _put_vb(out: ByteArray, at: int, value: int) -> int:
    """Write an unsigned number of 32 bits in base 128, low bits first; gives the place after it."""
    left = value & 0xFFFFFFFF
    while left >= 0x80:
        out[at] = (left & 0x7F) | 0x80
        left >>= 7
        at += 1
    out[at] = left
    return at + 1


@numba.njit(nogil=True, cache=True)
def pack_frames(
    patterns: Table,
    signed: BoolArray,
    letter: int,
    interval: int,
    out: ByteArray,
    lengths: IntArray,
) -> int:
    """Write blackbox frames: absolute ones, and between them differences to the frame before.

    Parameters
    ----------
    patterns : uint32, shape (fields, n)
        Values as 32 bits, the way that readers add them up.
    signed : bool, shape (fields,)
        Which absolute values may be negative.
    letter : int
        Of an absolute frame; one of differences is ``P``.
    interval : int
        Every so many frames one is absolute.
    out : uint8, shape (at least n · (1 + 5 · fields),)
        Written, a frame behind the other.
    lengths : int64, shape (n,)
        Written: bytes of each frame.

    Returns
    -------
    int
        Bytes of all frames.
    """
    at = 0
    for i in range(patterns.shape[1]):
        begin = at
        absolute = i % interval == 0
        out[at] = letter if absolute else 80
        at += 1
        for j in range(patterns.shape[0]):
            value = int(np.int64(patterns[j, i]))
            if not absolute:
                value -= int(np.int64(patterns[j, i - 1]))
            if signed[j] or not absolute:
                value = ((value + 0x80000000) & 0xFFFFFFFF) - 0x80000000
                value = (value << 1) ^ (value >> 63)
            at = _put_vb(out, at, value)
        lengths[i] = at - begin
    return at
