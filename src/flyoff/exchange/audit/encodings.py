"""The forms in which a place, a name or a date may hide in bytes.

Numbers are looked for at every byte offset, little- and big-endian; a place counts as found where
its two coordinates stand near each other in one form.
"""

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pymap3d

from flyoff.units import RAD_PER_DEGREE, ByteArray

Place = tuple[float, float]
#: A number of fewer bytes that are not zero is met by chance.
_LEAST_BYTES: Final = 4
#: Binary forms of smaller numbers are half zeros, and are met by chance.
_LEAST_BINARY: Final = 1 << 20
_GEOHASH: Final = "0123456789bcdefghjkmnpqrstuvwxyz"
#: Letters of a geohash that name a cell of 1.2 km × 0.6 km.
GEOHASH_LETTERS: Final = 6


@dataclass(frozen=True, slots=True)
class Form:
    """One numeric form of a coordinate.

    Attributes
    ----------
    name : str
    dtype : numpy dtype
    scale : float
        What a value is divided by to be degrees; 0 for ECEF metres.
    """

    name: str
    dtype: np.dtype[Any]
    scale: float


def forms() -> Iterator[Form]:
    """Every numeric form of degrees that logs and tools use, both byte orders."""
    for order, word in (("<", "little-endian"), (">", "big-endian")):
        for code, width in (("i4", "int32"), ("i8", "int64")):
            yield Form(f"{width} of 1e-7 degrees, {word}", np.dtype(order + code), 1e7)
        yield Form(f"int32 of 1e-6 degrees, {word}", np.dtype(order + "i4"), 1e6)
        for code, width in (("f4", "float32"), ("f8", "float64")):
            dtype = np.dtype(order + code)
            yield Form(f"{width} degrees, {word}", dtype, 1.0)
            yield Form(f"{width} radians, {word}", dtype, RAD_PER_DEGREE)
            yield Form(f"{width} of 1e-7 degrees, {word}", dtype, 1e7)


def ecef_forms() -> Iterator[Form]:
    """Earth-centred metres and centimetres."""
    for order, word in (("<", "little-endian"), (">", "big-endian")):
        yield Form(f"ECEF float64 metres, {word}", np.dtype(order + "f8"), 1.0)
        yield Form(f"ECEF float32 metres, {word}", np.dtype(order + "f4"), 1.0)
        yield Form(f"ECEF int32 centimetres, {word}", np.dtype(order + "i4"), 100.0)


def ecef(place: Place, height_m: float) -> tuple[float, float, float]:
    """Earth-centred coordinates of a place [m]."""
    height = height_m if math.isfinite(height_m) else 0.0
    x, y, z = pymap3d.geodetic2ecef(place[0], place[1], height)
    return float(x), float(y), float(z)


def views(data: ByteArray, dtype: np.dtype[Any]) -> Iterator[tuple[int, np.ndarray[Any, Any]]]:
    """The bytes as numbers, from each offset below the width: ``(offset, values)``."""
    width = dtype.itemsize
    for shift in range(width):
        count = (data.size - shift) // width
        if count > 0:
            yield shift, data[shift : shift + count * width].view(dtype)


def geohash(place: Place, letters: int = GEOHASH_LETTERS) -> str:
    """Geohash of a place.

    Examples
    --------
    >>> geohash((57.64911, 10.40744), 8)
    'u4pruydq'
    """
    low, high = [-90.0, -180.0], [90.0, 180.0]
    out, bits, value, axis = "", 0, 0, 1
    while len(out) < letters:
        middle = (low[axis] + high[axis]) / 2
        is_above = place[axis] >= middle
        value = value << 1 | is_above
        (low if is_above else high)[axis] = middle
        axis ^= 1
        bits += 1
        if bits == 5:
            out, bits, value = out + _GEOHASH[value], 0, 0
    return out


def texts(name: str) -> Iterator[tuple[str, bytes]]:
    """A name as text of the usual encodings, and a number in hexadecimal as its bytes."""
    yield "text", name.encode("utf-8", "replace")
    yield "UTF-16, little-endian", name.encode("utf-16-le", "replace")
    yield "UTF-16, big-endian", name.encode("utf-16-be", "replace")
    compact = name.replace(" ", "").replace("-", "").replace(":", "")
    if len(compact) >= 8 and len(compact) % 2 == 0 and _is_hex(compact):
        raw = bytes.fromhex(compact)
        yield "text, without blanks", compact.encode()
        if sum(byte != 0 for byte in raw) < _LEAST_BYTES:
            return  # zeros are everywhere
        yield "bytes", raw
        yield "bytes, reversed", raw[::-1]
        if len(raw) % 4 == 0:
            words = [raw[i : i + 4][::-1] for i in range(0, len(raw), 4)]
            yield "bytes, words reversed", b"".join(words)


def numbers(number: int) -> Iterator[tuple[str, bytes]]:
    """A number as text, and in the binary forms that logs keep numbers in."""
    yield "decimal text", str(number).encode()
    yield "hexadecimal text", f"{number:X}".encode()
    yield "hexadecimal text, lower case", f"{number:x}".encode()
    size = 4 if number < 1 << 32 else 8
    for order, word in (("little", "little-endian"), ("big", "big-endian")):
        sign = "<" if order == "little" else ">"
        if number >= _LEAST_BINARY:
            yield f"{8 * size} bits, {word}", struct.pack(sign + "_IQ"[size // 4], number)
        if float(np.float32(number)) == number:
            yield f"float32, {word}", struct.pack(f"{sign}f", number)
        yield f"float64, {word}", struct.pack(f"{sign}d", number)


def _is_hex(text: str) -> bool:
    return all(letter in "0123456789abcdefABCDEF" for letter in text)


def decimals(place: Place) -> Iterator[bytes]:
    """A coordinate as decimal text, to the third digit: the first 100 m."""
    for value in place:
        yield f"{math.trunc(value * 1000) / 1000:.3f}".encode()
