"""Numba kernels of the tlog decoder: walk the frames and prove their checksums.

Arrays in, arrays and counters out; nothing raises. A frame of a known message counts if its
checksum is right; of an unknown one, whose checksum needs a seed that nobody told, if the next
frame stands where it ends.
"""

import numba
import numpy as np
import numpy.typing as npt

from flyoff.decoders._kernels import GARBAGE, _load8, note_gap
from flyoff.units import ByteArray, IntArray

ShortArray = npt.NDArray[np.int16]

# why bytes were skipped, beside ``GARBAGE`` and ``ZEROS``
CHECKSUM, CUT, CROWDED = 2, 3, 4
# places in the walk's ``state``; ``note_gap`` counts in three of them, which stand together
FILLED, GAPS, OMITTED, SKIPPED, RESYNCS, TABLES, OLD = 0, 1, 2, 3, 4, 5, 6
STATE_SIZE = 7

#: Places of the table that finds a stream's number; it never gets half full.
PLACES = 8192
#: Streams (message × system × component × instance) of one log at most.
MAX_TABLES = 4000
#: Frames of an unknown message that may follow one another before a known one proves the chain.
CHAIN = 8


def _slices() -> npt.NDArray[np.uint16]:
    """Tables of CRC-16/MCRF4XX (MAVLink's X.25 checksum), for sixteen bytes at a time."""
    one = np.arange(256, dtype=np.uint16)
    for _ in range(8):
        one = np.where(one & 1, (one >> 1) ^ 0x8408, one >> 1).astype(np.uint16)
    tables = np.empty((16, 256), dtype=np.uint16)
    tables[0] = one
    for i in range(1, 16):
        tables[i] = (tables[i - 1] >> 8) ^ one[tables[i - 1] & 0xFF]
    return tables.reshape(-1)


_CRC = _slices()
_0, _1, _2, _3, _4, _5, _6, _7, _8 = (np.uint64(i) for i in range(9))
_LOW = np.uint64(0xFF)


@numba.njit(nogil=True, cache=True)
def _fold(word: np.uint64) -> np.uint64:
    """Checksum of eight bytes, the first of them lowest, from state 0."""
    return np.uint64(
        _CRC[np.uint64(1792) + (word & _LOW)]
        ^ _CRC[np.uint64(1536) + ((word >> np.uint64(8)) & _LOW)]
        ^ _CRC[np.uint64(1280) + ((word >> np.uint64(16)) & _LOW)]
        ^ _CRC[np.uint64(1024) + ((word >> np.uint64(24)) & _LOW)]
        ^ _CRC[np.uint64(768) + ((word >> np.uint64(32)) & _LOW)]
        ^ _CRC[np.uint64(512) + ((word >> np.uint64(40)) & _LOW)]
        ^ _CRC[np.uint64(256) + ((word >> np.uint64(48)) & _LOW)]
        ^ _CRC[word >> np.uint64(56)]
    )


@numba.njit(nogil=True, cache=True)
def _fold_far(word: np.uint64) -> np.uint64:
    """The same with eight zeros behind them: the share of the first half of sixteen bytes."""
    return np.uint64(
        _CRC[np.uint64(3840) + (word & _LOW)]
        ^ _CRC[np.uint64(3584) + ((word >> np.uint64(8)) & _LOW)]
        ^ _CRC[np.uint64(3328) + ((word >> np.uint64(16)) & _LOW)]
        ^ _CRC[np.uint64(3072) + ((word >> np.uint64(24)) & _LOW)]
        ^ _CRC[np.uint64(2816) + ((word >> np.uint64(32)) & _LOW)]
        ^ _CRC[np.uint64(2560) + ((word >> np.uint64(40)) & _LOW)]
        ^ _CRC[np.uint64(2304) + ((word >> np.uint64(48)) & _LOW)]
        ^ _CRC[np.uint64(2048) + (word >> np.uint64(56))]
    )


@numba.njit(nogil=True, cache=True)
def checksum(data: ByteArray, start: int, stop: int, seed: int) -> int:
    """CRC-16/MCRF4XX of ``data[start:stop]`` and the seed byte (start + 2 ≤ stop).

    The state of all ones that it begins with is the same as inverting the first two bytes, and
    zeros before a state of 0 change nothing: so what is over a multiple of eight goes first, with
    zeros in front of it, and no byte needs a step of its own.
    """
    at = np.uint64(start)
    end = np.uint64(stop)
    odd = (end - at) & _7
    crc = np.uint64(0xFFFF)
    if at + _8 > end or odd == 1:  # a payload of none or few bytes
        while odd > 0:
            crc = (crc >> _8) ^ np.uint64(_CRC[(crc ^ np.uint64(data[at])) & _LOW])
            at += _1
            odd -= _1
    elif odd > 1:
        crc = _fold((_load8(data, at) ^ crc) << (np.uint64(64) - (odd << _3)))
        at += odd
    if (end - at) & _8:
        crc = _fold(_load8(data, at) ^ crc)
        at += _8
    while at < end:
        crc = _fold_far(_load8(data, at) ^ crc) ^ _fold(_load8(data, at + _8))
        at += _8 + _8
    return int((crc >> _8) ^ np.uint64(_CRC[(crc ^ np.uint64(seed)) & _LOW]))


@numba.njit(nogil=True, cache=True)
def frame_end(data: ByteArray, at: int) -> int:
    """Where a frame that starts at ``at`` ends; 0 if none can start there, -1 if it is cut."""
    size = data.size
    if at >= size:
        return -1
    magic = data[np.uint64(at)]
    if magic == 0xFE:
        end = at + 8 + int(data[np.uint64(at + 1)]) if at + 8 <= size else size + 1
    elif magic == 0xFD:
        if at + 12 > size:
            return -1
        flags = data[np.uint64(at + 2)]
        if flags > 1:
            return 0
        end = at + 12 + int(data[np.uint64(at + 1)]) + 13 * int(flags)
    else:
        return 0
    return end if end <= size else -1


@numba.njit(nogil=True, cache=True)
def message_id(data: ByteArray, at: int) -> int:
    """Message id of the frame at ``at``, which is whole."""
    p = np.uint64(at)
    if data[p] == 0xFE:
        return int(data[p + _5])
    return int(data[p + _7]) | (int(data[p + _8]) << 8) | (int(data[p + np.uint64(9)]) << 16)


@numba.njit(nogil=True, cache=True)
def proof(data: ByteArray, at: int, numbers: ShortArray, seeds: ByteArray) -> int:
    """Of the whole frame at ``at``: 1 if its checksum is right, 0 if wrong, -1 if nobody knows."""
    kind = message_id(data, at)
    number = int(numbers[np.uint64(kind)]) if kind < numbers.size else -1
    if number < 0:
        return -1
    length = int(data[np.uint64(at + 1)])
    stop = at + (6 if data[np.uint64(at)] == 0xFE else 10) + length
    found = int(data[np.uint64(stop)]) | (int(data[np.uint64(stop + 1)]) << 8)
    return 1 if checksum(data, at + 1, stop, int(seeds[np.uint64(number)])) == found else 0


@numba.njit(nogil=True, cache=True)
def plausible(data: ByteArray, at: int, stamp: int) -> bool:
    """Whether a believable time stamp of ``stamp`` bytes stands at ``at``."""
    if at + stamp > data.size:
        return False
    if stamp == 8:
        return bool(data[at] == 0 and data[at + 1] < 16)
    if stamp == 21:
        if data[at] != 0x2D or data[at + 20] != 0x3A:
            return False
        for i in range(1, 20):
            if data[at + i] < 0x30 or data[at + i] > 0x39:
                return False
    return True


@numba.njit(nogil=True, cache=True)
def follows(
    data: ByteArray, at: int, stamp: int, trail: int, numbers: ShortArray, seeds: ByteArray
) -> bool:
    """Whether what stands at ``at`` bears out the frame before it.

    That is a record whose checksum is right, or the end of the data, behind a few records of
    unknown messages at most.
    """
    for _ in range(CHAIN):
        if at >= data.size:
            return True
        end = frame_end(data, at + stamp)
        if end <= 0:
            # a cut last record bears it out if its stamp does
            return end < 0 and stamp > 0 and (at + stamp >= data.size or plausible(data, at, stamp))
        proved = proof(data, at + stamp, numbers, seeds)
        if proved >= 0:
            return proved > 0
        at = end + trail
    return True


@numba.njit(nogil=True, cache=True)
def next_record(
    data: ByteArray,
    at: int,
    stop: int,
    stamp: int,
    trail: int,
    numbers: ShortArray,
    seeds: ByteArray,
) -> int:
    """Where the first record starts in ``[at, stop)`` that counts; -1 if there is none."""
    stop = min(stop, data.size - stamp - 8)
    while at <= stop:
        magic = data[np.uint64(at + stamp)]
        if (magic == 0xFD or magic == 0xFE) and plausible(data, at, stamp):
            end = frame_end(data, at + stamp)
            if end > 0:
                proved = proof(data, at + stamp, numbers, seeds)
                if proved > 0:
                    return at
                chained = end + trail < data.size
                if (
                    proved < 0
                    and chained
                    and follows(data, end + trail, stamp, trail, numbers, seeds)
                ):
                    return at
        at += 1
    return -1


@numba.njit(nogil=True, cache=True)
def table_of(key: int, places: ShortArray, keys: IntArray, state: IntArray) -> int:
    """Number of the stream ``key``, given to it when it is first met; -1 if there are too many."""
    place = np.uint64((np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(51))
    while True:
        number = places[place]
        if number < 0:
            break
        if keys[np.uint64(number)] == key:
            return int(number)
        place = (place + _1) & np.uint64(PLACES - 1)
    number = state[TABLES]
    if number == keys.size:
        return -1
    places[place] = number
    keys[number] = key
    state[TABLES] = number + 1
    return int(number)


@numba.njit(nogil=True, cache=True)
def lost(
    data: ByteArray,
    at: int,
    end: int,
    proved: int,
    stamp: int,
    trail: int,
    numbers: ShortArray,
    seeds: ByteArray,
    gaps: IntArray,
    state: IntArray,
) -> int:
    """Pass over what is no whole record at ``at``; return where the next one starts.

    A frame with a wrong checksum, behind which the next one stands in its place, is a frame of
    another dialect or a damaged one: it alone is left out.
    """
    counts = state[GAPS : SKIPPED + 1]
    if end > 0 and proved == 0:
        after = end + trail
        if after < data.size and follows(data, after, stamp, trail, numbers, seeds):
            note_gap(data, at, after, CHECKSUM, message_id(data, at + stamp), gaps, counts)
            return after
    found = next_record(data, at + 1, data.size, stamp, trail, numbers, seeds)
    if found >= 0:
        state[RESYNCS] += 1
        note_gap(data, at, found, GARBAGE, 0, gaps, counts)
        return found
    is_cut = end < 0 and (at + stamp >= data.size or plausible(data, at, stamp))
    note_gap(data, at, data.size, CUT if is_cut else GARBAGE, 0, gaps, counts)
    return data.size


@numba.njit(nogil=True, cache=True)
def walk(
    data: ByteArray,
    stamp: int,
    trail: int,
    numbers: ShortArray,
    seeds: ByteArray,
    instance_at: IntArray,
    places: ShortArray,
    keys: IntArray,
    counts: IntArray,
    payloads: IntArray,
    owners: npt.NDArray[np.uint16],
    gaps: IntArray,
    state: IntArray,
) -> None:
    """Go from frame to frame over the whole data.

    Parameters
    ----------
    data : uint8, shape (size,)
    stamp, trail : int [byte]
        Before and behind each frame.
    numbers, seeds, instance_at
        Of the dialect, see ``layout.Dialect``.
    places : int16, shape (PLACES,)
        All -1; used to find a stream's number.
    keys, counts : int64, shape (MAX_TABLES,)
        Written: message id << 24 | system << 16 | component << 8 | instance of each stream, and
        how many frames it has.
    payloads, owners : int64 and uint16, shape (capacity,)
        Written, in file order: where a payload starts << 9 | MAVLink 1 << 8 | its length; and the
        number of its stream. No record is shorter than ``stamp + 8 + trail``.
    gaps : int64, shape (capacity, 4)
        Written: offset, bytes, reason, message id.
    state : int64, shape (STATE_SIZE,)
        Written: counters.
    """
    size = data.size
    at = 0
    n = 0
    while at < size:
        frame = at + stamp
        end = frame_end(data, frame)
        proved = 0
        if end > 0:
            proved = proof(data, frame, numbers, seeds)
            if proved < 0 and follows(data, end + trail, stamp, trail, numbers, seeds):
                proved = 2
        if proved <= 0:
            at = lost(data, at, end, proved, stamp, trail, numbers, seeds, gaps, state)
            continue
        p = np.uint64(frame)
        old = 1 if data[p] == 0xFE else 0
        length = int(data[p + _1])
        source = p + (_3 if old else _5)
        payload = frame + (6 if old else 10)
        kind = message_id(data, frame)
        key = (kind << 24) | (int(data[source]) << 16) | (int(data[source + _1]) << 8)
        if proved == 1:
            place = instance_at[np.uint64(numbers[np.uint64(kind)])]
            if 0 <= place < length:
                key |= int(data[np.uint64(payload + place)])
        table = table_of(key, places, keys, state)
        after = min(end + trail, size)
        if table < 0:
            note_gap(data, at, after, CROWDED, kind, gaps, state[GAPS : SKIPPED + 1])
        else:
            payloads[np.uint64(n)] = (payload << 9) | (old << 8) | length
            owners[np.uint64(n)] = table
            counts[np.uint64(table)] += 1
            state[OLD] += old
            n += 1
        at = after
    state[FILLED] = n
