"""Numba kernels of the DataFlash decoder: walk the frames, look for the next whole one.

Arrays in, arrays and counters out; nothing raises. A frame is believed if a header, or the end of
the file, follows it; where that fails, the next believed frame is one behind which others chain.
"""

import numba
import numpy as np

from flyoff.decoders._kernels import GARBAGE, ZEROS, all_zero, note_gap
from flyoff.units import ByteArray, IntArray

#: Headers that must follow a candidate, each where the one before it says, for it to count. A
#: header is three bytes of which about one in 100,000 random ones passes.
CHAIN = 3
#: One record in so many makes a length common.
COMMON = 32

# why the walk stopped
DONE, FULL, FORMAT = 0, 1, 2
# why bytes were skipped, beside ``GARBAGE`` and ``ZEROS``
UNKNOWN, CUT, TAIL = 2, 3, 4
# places in the walk's ``state``; ``note_gap`` counts in three of them, which stand together
AT, FILLED, GAPS, OMITTED, SKIPPED, RESYNCS = 0, 1, 2, 3, 4, 5
STATE_SIZE = 6


@numba.njit(nogil=True, cache=True)
def is_header(data: ByteArray, at: int) -> bool:
    """Whether the three bytes of a record's header can stand at ``at``.

    Unsigned indices save the test for "from the end"; ``at`` is never negative.
    """
    if at + 3 > data.size:
        return False
    return bool(data[np.uint64(at)] == 0xA3 and data[np.uint64(at + 1)] == 0x95)


@numba.njit(nogil=True, cache=True)
def chains(data: ByteArray, at: int, lengths: IntArray) -> bool:
    """Whether a known frame starts at ``at`` and ``CHAIN`` more headers follow, each in its place.

    The end of the data, a frame that reaches past it, or the header of a type not described (yet)
    ends the chain well once one whole frame has passed.
    """
    passed = 0
    while passed <= CHAIN:
        if at + 3 > data.size:
            return passed > 0
        if not is_header(data, at):
            return False
        length = lengths[data[at + 2]]
        if length == 0:
            return passed > 0
        if at + length > data.size:
            return passed > 0
        at += length
        passed += 1
    return True


@numba.njit(nogil=True, cache=True)
def next_chain(data: ByteArray, at: int, stop: int, lengths: IntArray) -> int:
    """Where the first frame starts in ``[at, stop)`` that others follow; -1 if there is none."""
    stop = min(stop, data.size - 2)
    while at < stop:
        if data[at] == 0xA3:
            if data[at + 1] == 0x95 and chains(data, at, lengths):
                return at
            at += 1
        elif data[at] == 0 and at + 64 <= data.size and _blank(data, at):
            at += 64
        else:
            at += 1
    return -1


@numba.njit(nogil=True, cache=True)
def _blank(data: ByteArray, at: int) -> bool:
    """Whether the 64 bytes at ``at`` are zero.

    No branch between them and unsigned indices, so that the compiler loads them as vectors.
    """
    seen = np.uint8(0)
    for i in range(64):
        seen |= data[np.uint64(at) + np.uint64(i)]
    return bool(seen == 0)


@numba.njit(nogil=True, cache=True)
def same_bytes(data: ByteArray, a: int, b: int, size: int) -> bool:
    """Whether the ``size`` bytes at ``a`` and at ``b`` agree."""
    for i in range(size):
        if data[a + i] != data[b + i]:
            return False
    return True


@numba.njit(nogil=True, cache=True)
def skip(
    data: ByteArray,
    at: int,
    reason: int,
    detail: int,
    lengths: IntArray,
    gaps: IntArray,
    state: IntArray,
) -> int:
    """Pass over bytes that no record explains; return where the next whole record starts."""
    found = next_chain(data, at + 1, data.size, lengths)
    stop = data.size if found < 0 else found
    if found < 0 and reason == GARBAGE:
        reason = TAIL
        if all_zero(data, at, stop):
            reason = ZEROS
    elif found >= 0:
        state[RESYNCS] += 1
        if reason == CUT:
            reason = GARBAGE
    note_gap(data, at, stop, reason, detail, gaps, state[GAPS : SKIPPED + 1])
    return stop


@numba.njit(nogil=True, cache=True)
def believed(data: ByteArray, at: int, end: int, lengths: IntArray, seen: IntArray) -> bool:
    """Whether the frame ``[at, end)`` is whole though no header follows it.

    Not if a chain of other frames starts inside it: then its header or its length was false, or
    the logger broke off in the middle of it. Nor if the next chain starts just so far behind that
    a common type fits between: then one altered type byte explains what is seen, and believing it
    would make up a record. Bytes that came in between may end so by chance: with the few lengths
    that make up ``COMMON`` of all records each, once in ten times or less.
    """
    found = next_chain(data, at + 1, at + 256, lengths)
    if found < 0:
        return True
    if found < end:
        return False
    total = 0
    fitting = 0
    for kind in range(256):
        total += seen[kind]
        if lengths[kind] == found - at:
            fitting += seen[kind]
    return fitting * COMMON <= total


@numba.njit(nogil=True, cache=True)
def walk(
    data: ByteArray,
    lengths: IntArray,
    slots: IntArray,
    formats: IntArray,
    offsets: IntArray,
    owners: IntArray,
    seen: IntArray,
    unknown: IntArray,
    gaps: IntArray,
    state: IntArray,
) -> int:
    """Go from frame to frame; stop where a FMT record brings news, or the buffers are full.

    Parameters
    ----------
    data : uint8, shape (size,)
    lengths, slots : int64, shape (256,)
        Length of a whole record of each type, 0 if not described; and the number of its table.
    formats : int64, shape (256,)
        Offset of the FMT record in force for each type, -1 if none; kept up to date.
    offsets, owners : int64 and uint16, shape (capacity,)
        Written: where each record starts, and the number of its table.
    seen : int64, shape (256,)
        Added to: records of each type.
    unknown : int64, shape (256,)
        Added to: headers of a type not described.
    gaps : int64, shape (capacity, 4)
        Written: offset, bytes, reason, type.
    state : int64, shape (STATE_SIZE,)
        Position and counters, kept between calls.

    Returns
    -------
    int
        ``DONE``, ``FULL``, or ``FORMAT``. Whatever it is, FMT records among those noted may differ
        from the ones in force before: ``slots`` and ``lengths`` want an update before the walk goes
        on. FMT records come in rows, and the walk stops once behind a row of them.
    """
    size = data.size
    at = state[AT]
    n = state[FILLED]
    reason = DONE
    news = False
    while at < size:
        if news and not (is_header(data, at) and data[np.uint64(at + 2)] == 0x80):
            reason = FORMAT
            break
        if not is_header(data, at):
            at = skip(data, at, GARBAGE, 0, lengths, gaps, state)
            continue
        kind = np.uint64(data[np.uint64(at + 2)])
        length = lengths[kind]
        if length == 0:
            unknown[kind] += 1
            at = skip(data, at, UNKNOWN, int(kind), lengths, gaps, state)
            continue
        end = at + length
        if end > size:
            at = skip(data, at, CUT, int(kind), lengths, gaps, state)
            continue
        follows = end + 3 > size or is_header(data, end)
        if not follows and not believed(data, at, end, lengths, seen):
            at = skip(data, at, GARBAGE, 0, lengths, gaps, state)
            continue
        if n == offsets.size:
            reason = FULL
            break
        offsets[np.uint64(n)] = at
        owners[np.uint64(n)] = slots[kind]
        seen[kind] += 1
        n += 1
        at = end
        if kind == 0x80:
            about = data[np.uint64(end - 86)]
            known = formats[about]
            if known < 0 or not same_bytes(data, known, end - 89, 89):
                formats[about] = end - 89
                news = True
    state[AT] = at
    state[FILLED] = n
    return reason


@numba.njit(nogil=True, cache=True)
def gather_bytes(data: ByteArray, offsets: IntArray, at: int, cut: bool, out: ByteArray) -> None:
    """Copy a wide field of scattered records.

    Parameters
    ----------
    at : int
        Byte offset of the field within its record; offset + at + width ≤ size.
    cut : bool
        Whether everything behind the first NUL is left-over memory, and becomes NUL.
    out : uint8, shape (n, width)
        Written.
    """
    width = out.shape[1]
    for row in range(offsets.size):
        start = offsets[row] + at
        live = True
        for i in range(width):
            byte = data[start + i]
            if cut and byte == 0:
                live = False
            out[row, i] = byte if live else 0
