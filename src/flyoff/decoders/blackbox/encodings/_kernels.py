"""Readers of the field encodings, of whole frames and of event frames.

Every reader takes the place to read at and the place to stop at, and gives the place after what it
read: -1 where the bytes are no such value, ``PAST_END`` where they pass ``stop``. Values are int64.

Source: the writers in Betaflight's and INAV's ``blackbox_encoding.c``. The Elias encodings, which
only experimental firmware wrote, follow blackbox-tools; their codes 10 and 11 collide with
Betaflight's 10, so the header's firmware decides (see ``program.py``).
"""

import numba
import numpy as np

from flyoff.units import ByteArray, IntArray

PAST_END = -2

# encodings as the header numbers them; from TAG2_3SVARIABLE on the numbers are ours
SIGNED_VB, UNSIGNED_VB, NEG_14BIT, DELTA_U32, DELTA_S32 = 0, 1, 3, 4, 5
TAG8_8SVB, TAG2_3S32, TAG8_4S16, NULL = 6, 7, 8, 9
TAG2_3SVARIABLE, GAMMA_U32, GAMMA_S32, TAG8_4S16_V1 = 10, 12, 13, 14

MASK = 0xFFFFFFFF
FLOAT_EVENT = 128
#: After ``End of log`` INAV adds its disarm reason, and every firmware a NUL.
END_TEXT = np.frombuffer(b"End of log", dtype=np.uint8)
END_TAIL = 48
NO_REASON = 0xFFFFFFFF


@numba.njit(nogil=True, cache=True)
def byte_at(data: ByteArray, at: int) -> int:
    """One byte as int64: unsigned bytes and signed numbers would meet as floats."""
    return int(np.int64(data[np.uint64(at)]))  # unsigned: spares the check for a negative index


@numba.njit(nogil=True, cache=True)
def unsigned_vb(data: ByteArray, at: int, stop: int) -> tuple[int, int]:
    """Base-128 number of at most 32 bits, low bits first: ``(value, after)``."""
    if at >= stop:
        return 0, PAST_END
    value = byte_at(data, at)
    if value < 0x80:  # most are
        return value, at + 1
    value &= 0x7F
    for i in range(1, 5):
        if at + i >= stop:
            return 0, PAST_END
        byte = byte_at(data, at + i)
        value |= (byte & 0x7F) << (7 * i)
        if byte < 0x80:
            return value & MASK, at + i + 1
    return 0, -1


@numba.njit(nogil=True, cache=True)
def zigzag(value: int) -> int:
    """Signed number that is stored with its sign in the lowest bit."""
    return (value >> 1) ^ -(value & 1)


@numba.njit(nogil=True, cache=True)
def extended(value: int, bits: int) -> int:
    """Take the low bits as a two's complement number."""
    value &= (1 << bits) - 1
    return value - ((value >> (bits - 1)) << bits)


@numba.njit(nogil=True, cache=True)
def little(data: ByteArray, at: int, size: int) -> int:
    """Signed little-endian integer of some bytes (at + size ≤ the array's)."""
    value = 0
    for i in range(size):
        value |= byte_at(data, at + i) << (8 * i)
    return extended(value, 8 * size)


@numba.njit(nogil=True, cache=True)
def tag8_8svb(data: ByteArray, at: int, stop: int, row: IntArray, first: int, count: int) -> int:
    """Up to eight signed numbers, of which a leading byte names those that are not zero."""
    if count == 1:
        value, at = unsigned_vb(data, at, stop)
        row[first] = zigzag(value)
        return at
    if at >= stop:
        return PAST_END
    present = byte_at(data, at)
    at += 1
    for i in range(count):
        row[first + i] = 0
        if present >> i & 1:
            value, at = unsigned_vb(data, at, stop)
            if at < 0:
                return at
            row[first + i] = zigzag(value)
    return at


@numba.njit(nogil=True, cache=True)
def three_long(data: ByteArray, at: int, stop: int, out: IntArray) -> int:
    """Three numbers of one to four bytes each; the leading byte at ``at`` holds their sizes."""
    sizes = byte_at(data, at)
    at += 1
    for i in range(3):
        size = (sizes >> (2 * i) & 3) + 1
        if at + size > stop:
            return PAST_END
        out[i] = little(data, at, size)
        at += size
    return at


@numba.njit(nogil=True, cache=True)
def tag2_3s32(data: ByteArray, at: int, stop: int, out: IntArray) -> int:
    """Three signed numbers of 2, 4 or 6 bits each, or of whole bytes."""
    if at >= stop:
        return PAST_END
    lead = byte_at(data, at)
    kind = lead >> 6
    if kind == 0:
        out[0], out[1], out[2] = extended(lead >> 4, 2), extended(lead >> 2, 2), extended(lead, 2)
        return at + 1
    if kind == 3:
        return three_long(data, at, stop, out)
    if at + kind + 1 > stop:
        return PAST_END
    if kind == 1:
        low = byte_at(data, at + 1)
        out[0], out[1], out[2] = extended(lead, 4), extended(low >> 4, 4), extended(low, 4)
        return at + 2
    for i in range(3):
        out[i] = extended(byte_at(data, at + i), 6)
    return at + 3


@numba.njit(nogil=True, cache=True)
def tag2_3svariable(data: ByteArray, at: int, stop: int, out: IntArray) -> int:
    """Three signed numbers of 2, of 5-5-4 or of 8-7-7 bits, or of whole bytes."""
    if at >= stop:
        return PAST_END
    lead = byte_at(data, at)
    kind = lead >> 6
    if kind == 0:
        out[0], out[1], out[2] = extended(lead >> 4, 2), extended(lead >> 2, 2), extended(lead, 2)
        return at + 1
    if kind == 3:
        return three_long(data, at, stop, out)
    if at + kind + 1 > stop:
        return PAST_END
    if kind == 1:
        word = lead << 8 | byte_at(data, at + 1)
        out[0], out[1], out[2] = extended(word >> 9, 5), extended(word >> 4, 5), extended(word, 4)
        return at + 2
    word = lead << 16 | byte_at(data, at + 1) << 8 | byte_at(data, at + 2)
    out[0], out[1], out[2] = extended(word >> 14, 8), extended(word >> 7, 7), extended(word, 7)
    return at + 3


@numba.njit(nogil=True, cache=True)
def tag8_4s16(data: ByteArray, at: int, stop: int, out: IntArray) -> int:
    """Four signed numbers of 0, 4, 8 or 16 bits, packed by nibbles, high nibble first."""
    if at >= stop:
        return PAST_END
    sizes = byte_at(data, at)
    nibble = 2 * (at + 1)
    for i in range(4):
        kind = sizes >> (2 * i) & 3
        count = kind if kind < 3 else 4
        if (nibble + count + 1) // 2 > stop:
            return PAST_END
        value = 0
        for _ in range(count):
            byte = byte_at(data, nibble >> 1)
            value = value << 4 | (byte & 15 if nibble & 1 else byte >> 4)
            nibble += 1
        out[i] = extended(value, 4 * count) if count else 0
    return (nibble + 1) // 2


@numba.njit(nogil=True, cache=True)
def tag8_4s16_v1(data: ByteArray, at: int, stop: int, out: IntArray) -> int:
    """As data version 1 packed it: whole bytes, but two neighbours of 4 bits share one."""
    if at >= stop:
        return PAST_END
    sizes = byte_at(data, at)
    at += 1
    i = 0
    while i < 4:
        kind = sizes >> (2 * i) & 3
        size = 0 if kind == 0 else (2 if kind == 3 else 1)
        if at + size > stop:
            return PAST_END
        if kind == 1:
            out[i] = extended(byte_at(data, at), 4)
            if i < 3:
                out[i + 1] = extended(byte_at(data, at) >> 4, 4)
            i += 1
        else:
            out[i] = little(data, at, size) if size else 0
        at += size
        i += 1
    return at


@numba.njit(nogil=True, cache=True)
def bits(data: ByteArray, bit: int, stop: int, count: int) -> int:
    """Some bits, high one first, from bit number ``bit``; -1 beyond ``8 · stop``."""
    if bit + count > 8 * stop:
        return -1
    value = 0
    for i in range(bit, bit + count):
        value = value << 1 | (byte_at(data, i >> 3) >> (7 - (i & 7)) & 1)
    return value


@numba.njit(nogil=True, cache=True)
def elias(data: ByteArray, bit: int, stop: int, is_delta: bool) -> tuple[int, int]:
    """One Elias delta or gamma number: ``(value, next bit)``, the bit negative where none is."""
    zeros = 0
    while zeros <= 32:
        one = bits(data, bit, stop, 1)
        if one < 0:
            return 0, PAST_END
        bit += 1
        if one:
            break
        zeros += 1
    low = bits(data, bit, stop, zeros) if is_delta and zeros < 6 else 0
    if low < 0:
        return 0, PAST_END
    length = (1 << zeros | low) - 1 if is_delta and zeros < 6 else zeros - 1
    bit += zeros if is_delta else 0
    if length < 0 or length > 31:
        return 0, -1
    value = bits(data, bit, stop, length)
    if value < 0:
        return 0, PAST_END
    bit += length
    value |= 1 << length
    if value == MASK:  # stands for itself or the number before it
        one = bits(data, bit, stop, 1)
        return (0, PAST_END) if one < 0 else (MASK - 1 + one, bit + 1)
    return value - 1, bit


@numba.njit(nogil=True, cache=True)
def elias_run(
    data: ByteArray, at: int, stop: int, row: IntArray, first: int, count: int, code: int
) -> int:
    """Neighbouring Elias fields share bytes; what follows them begins with a byte."""
    bit = 8 * at
    for i in range(count):
        value, bit = elias(data, bit, stop, code == DELTA_U32 or code == DELTA_S32)
        if bit < 0:
            return bit
        row[first + i] = value if code == DELTA_U32 or code == GAMMA_U32 else zigzag(value)
    return (bit + 7) // 8


@numba.njit(nogil=True, cache=True)
def read_group(
    data: ByteArray, at: int, stop: int, row: IntArray, first: int, count: int, code: int
) -> int:
    """Fields that are packed together; fewer than the encoding's own number at a frame's end."""
    if code == TAG8_8SVB:
        return tag8_8svb(data, at, stop, row, first, count)
    if code == TAG2_3S32:
        return tag2_3s32(data, at, stop, row[first:])
    if code == TAG8_4S16:
        return tag8_4s16(data, at, stop, row[first:])
    if code == TAG2_3SVARIABLE:
        return tag2_3svariable(data, at, stop, row[first:])
    if code == TAG8_4S16_V1:
        return tag8_4s16_v1(data, at, stop, row[first:])
    return elias_run(data, at, stop, row, first, count, code)


@numba.njit(nogil=True, cache=True)
def read_frame(
    data: ByteArray, at: int, stop: int, ops: IntArray, first: int, last: int, row: IntArray
) -> int:
    """Read the fields of a frame into ``row`` as they are encoded.

    Parameters
    ----------
    data : uint8, shape (size,)
    at, stop : int
    ops : int64, shape (ops, 3)
        Encoding, first field, number of fields; the rows ``first`` … ``last - 1`` make the frame.
    row : int64, shape (fields + 3,)
        Written; a group at the end may write up to three values more than there are fields.
    """
    for k in range(first, last):
        code, i, count = ops[k, 0], ops[k, 1], ops[k, 2]
        if code == SIGNED_VB or code == UNSIGNED_VB or code == NEG_14BIT:
            for j in range(i, i + count):
                value, at = unsigned_vb(data, at, stop)
                if at < 0:
                    return at
                if code == SIGNED_VB:
                    row[j] = zigzag(value)
                else:
                    row[j] = value if code == UNSIGNED_VB else -extended(value, 14)
        elif code == NULL:
            row[i : i + count] = 0
        else:
            at = read_group(data, at, stop, row, i, count, code)
            if at < 0:
                return at
    return at


@numba.njit(nogil=True, cache=True)
def read_end(data: ByteArray, at: int, stop: int, row: IntArray) -> int:
    """The text that ends a log, and the disarm reason that INAV writes into it."""
    for i in range(END_TEXT.size):
        if at + i >= stop:
            return PAST_END
        if data[at + i] != END_TEXT[i]:
            return -1
    at += END_TEXT.size
    row[1] = NO_REASON
    reason, known = 0, False
    for i in range(at, min(at + END_TAIL, stop)):
        byte = byte_at(data, i)
        if byte == 0:
            row[1] = reason if known else NO_REASON
            return i + 1
        if 48 <= byte <= 57:
            reason, known = min(reason, 1 << 20) * 10 + byte - 48, True
    return at


@numba.njit(nogil=True, cache=True)
def event_size(kind: int, is_inav: int) -> tuple[int, int]:
    """Bytes and variable-byte numbers that follow an event's number; (-1, 0) if it is unknown."""
    if kind == 0 or kind == 15 or 50 <= kind <= 52:  # beep, disarm; Rotorflight's states
        return 0, 1
    if kind == 14 or kind == 30:  # logging resume, flight mode
        return 0, 2
    if kind == 10:  # autotune: cycle start
        return 5, 0
    if kind == 11:
        return 4, 0
    if kind == 12:
        return 8, 0
    if kind == 40:  # INAV: failure of the IMU; others: a latency test
        return (0, 1) if is_inav else (5, 0)
    return -1, 0


@numba.njit(nogil=True, cache=True)
def read_event(data: ByteArray, at: int, stop: int, row: IntArray, is_inav: bool) -> int:
    """Read an event: its number and up to five values into ``row``, those absent zero."""
    if at >= stop:
        return PAST_END
    kind = byte_at(data, at)
    row[0] = kind
    row[1:6] = 0
    at += 1
    if kind == 255:
        return read_end(data, at, stop, row)
    if kind == 13 or kind == 20 or kind == 100 or kind == 101:
        return read_odd_event(data, at, stop, row)
    size, numbers = event_size(kind, is_inav)
    if size < 0 or at + size > stop:
        return -1 if size < 0 else PAST_END
    for i in range(min(size, 5)):
        row[1 + i] = byte_at(data, at + i)
    at += size
    for i in range(numbers):
        row[1 + i], at = unsigned_vb(data, at, stop)
        if at < 0:
            return at
    return at


@numba.njit(nogil=True, cache=True)
def read_odd_event(data: ByteArray, at: int, stop: int, row: IntArray) -> int:
    """Read an event of irregular form: adjustment, G-tune, Rotorflight's own data and text."""
    if at >= stop:
        return PAST_END
    row[1] = byte_at(data, at)
    at += 1
    if row[0] >= 100:  # a length, and so many bytes
        return at + row[1] if at + row[1] <= stop else PAST_END
    if row[0] == 13 and row[1] >= FLOAT_EVENT:
        if at + 4 > stop:
            return PAST_END
        row[2] = little(data, at, 4)
        return at + 4
    value, at = unsigned_vb(data, at, stop)
    row[2] = zigzag(value)
    if at >= 0 and row[0] == 20:
        if at + 2 > stop:
            return PAST_END
        row[3] = little(data, at, 2)
        at += 2
    return at
