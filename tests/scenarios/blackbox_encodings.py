"""Writes integers as blackbox packs them: the other half of the decoder's readers.

Written from the description of the format, not from the decoder, so that the two can disagree.
"""

from collections.abc import Sequence


def unsigned_vb(value: int) -> bytes:
    """Seven bits a byte, low ones first, of a 32-bit number."""
    value &= 0xFFFFFFFF
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def zigzag(value: int) -> int:
    """Sign in the lowest bit; the value taken modulo 2³² first."""
    value = (value + 2**31) % 2**32 - 2**31
    return 2 * value if value >= 0 else -2 * value - 1


def signed_vb(value: int) -> bytes:
    return unsigned_vb(zigzag(value))


def neg_14bit(value: int) -> bytes:
    """The negated value's low 14 bits."""
    return unsigned_vb(-value & 0x3FFF)


def tag8_8svb(values: Sequence[int]) -> bytes:
    if len(values) == 1:
        return signed_vb(values[0])
    header = sum(1 << i for i, value in enumerate(values) if value)
    return bytes([header]) + b"".join(signed_vb(v) for v in values if v)


def _fits(value: int, bits: int) -> bool:
    return -(1 << (bits - 1)) <= value < 1 << (bits - 1)


def _long(values: Sequence[int]) -> bytes:
    """Two bits of size for each value, then the bytes of each, low ones first."""
    sizes = [next(n for n in (1, 2, 3, 4) if _fits(v, 8 * n)) for v in values]
    lead = 0xC0 | sum((n - 1) << (2 * i) for i, n in enumerate(sizes))
    return bytes([lead]) + b"".join(
        v.to_bytes(n, "little", signed=True) for v, n in zip(values, sizes, strict=True)
    )


def tag2_3s32(values: Sequence[int]) -> bytes:
    a, b, c = values
    if all(_fits(v, 2) for v in values):
        return bytes([(a & 3) << 4 | (b & 3) << 2 | c & 3])
    if all(_fits(v, 4) for v in values):
        return bytes([0x40 | a & 15, (b & 15) << 4 | c & 15])
    if all(_fits(v, 6) for v in values):
        return bytes([0x80 | a & 63, b & 63, c & 63])
    return _long(values)


def tag2_3svariable(values: Sequence[int]) -> bytes:
    a, b, c = values
    if all(_fits(v, 2) for v in values):
        return bytes([(a & 3) << 4 | (b & 3) << 2 | c & 3])
    if _fits(a, 5) and _fits(b, 5) and _fits(c, 4):
        word = 1 << 14 | (a & 31) << 9 | (b & 31) << 4 | c & 15
        return word.to_bytes(2, "big")
    if _fits(a, 8) and _fits(b, 7) and _fits(c, 7):
        word = 2 << 22 | (a & 255) << 14 | (b & 127) << 7 | c & 127
        return word.to_bytes(3, "big")
    return _long(values)


def tag8_4s16(values: Sequence[int]) -> bytes:
    """Nibbles, high one first; the last byte is filled up with a zero nibble."""
    sizes = [
        next(n for n in (0, 1, 2, 4) if (not v if n == 0 else _fits(v, 4 * n))) for v in values
    ]
    lead = sum((0, 1, 2, 3, 3)[n] << (2 * i) for i, n in enumerate(sizes))
    nibbles = "".join(
        f"{v & (1 << 4 * n) - 1:0{n}x}" for v, n in zip(values, sizes, strict=True) if n
    )
    return bytes([lead]) + bytes.fromhex(nibbles + "0" * (len(nibbles) % 2))


def tag8_4s16_v1(values: Sequence[int]) -> bytes:
    """Whole bytes; a value of 4 bits takes its neighbour into the byte's high half."""
    lead, out, i = 0, bytearray(), 0
    while i < 4:
        v = values[i]
        if v == 0:
            i += 1
        elif i < 3 and _fits(v, 4) and _fits(values[i + 1], 4):
            lead |= 1 << (2 * i) | 1 << (2 * i + 2)
            out.append(v & 15 | (values[i + 1] & 15) << 4)
            i += 2
        else:
            size = 1 if _fits(v, 8) else 2
            lead |= (1 + size) << (2 * i)
            out += v.to_bytes(size, "little", signed=True)
            i += 1
    return bytes([lead, *out])


def _delta(value: int) -> str:
    number = min(value + 1, 0xFFFFFFFF)
    length = number.bit_length()
    low = f"{number:b}"[1:]
    prefix = "0" * (length.bit_length() - 1) + f"{length:b}"
    return prefix + low + ("" if number < 0xFFFFFFFF else str(value - 0xFFFFFFFE))


def _gamma(value: int) -> str:
    number = min(value + 1, 0xFFFFFFFF)
    digits = f"{number:b}"
    last = "" if number < 0xFFFFFFFF else str(value - 0xFFFFFFFE)
    return "0" * len(digits) + digits + last


def elias(values: Sequence[int], *, delta: bool, signed: bool) -> bytes:
    """Neighbours share bytes; the last byte is filled up with zeros."""
    numbers = [zigzag(v) if signed else v & 0xFFFFFFFF for v in values]
    text = "".join((_delta if delta else _gamma)(n) for n in numbers)
    text += "0" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8, "big")


#: How many fields an encoding packs at most.
GROUPS = {6: 8, 7: 3, 8: 4}


def pack(code: int, values: Sequence[int], *, gamma: bool, version: int) -> bytes:
    """Write neighbouring fields of one encoding; ``gamma`` says what 10 and 11 mean."""
    if code == 9:
        return b""
    if code == 6:
        return tag8_8svb(values)
    if code in (4, 5) or (gamma and code in (10, 11)):
        return elias(values, delta=code < 6, signed=code in (5, 11))
    if code in (7, 8, 10):
        padded = [*values, 0, 0, 0][: 4 if code == 8 else 3]
        four = tag8_4s16 if version >= 2 else tag8_4s16_v1
        return {7: tag2_3s32, 8: four, 10: tag2_3svariable}[code](padded)
    single = {0: signed_vb, 1: unsigned_vb, 3: neg_14bit}[code]
    return b"".join(single(v) for v in values)
