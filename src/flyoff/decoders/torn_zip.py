"""Members of a zip that has lost its end, by the header in front of each of them."""

import struct
import zlib
from dataclasses import dataclass
from typing import Final

from flyoff.units import ByteArray

_SIGNATURE: Final = b"PK\x03\x04"
_HEADER: Final = struct.Struct("<4sHHHHHIIIHH")
_STORED, _DEFLATED = 0, 8
_ENCRYPTED, _SIZES_BEHIND, _UTF8 = 0x1, 0x8, 0x800
#: Members looked at.
_MOST: Final = 200_000


@dataclass(frozen=True, slots=True)
class TornMember:
    """A member as its own header tells: name, place and size of the packed bytes, real size."""

    name: str
    at: int
    packed: int
    size: int
    is_stored: bool
    crc: int

    def read(self, data: ByteArray, limit: int) -> bytes:
        """Unpack it, at most ``limit`` bytes; ValueError if it is not what its header says."""
        part = data[self.at : self.at + self.packed].tobytes()
        if not self.is_stored:
            part = zlib.decompressobj(-zlib.MAX_WBITS).decompress(part, limit + 1)
        if len(part) != self.size or zlib.crc32(part) != self.crc:
            raise ValueError("bytes do not match the member's check sum")
        return part


def torn_members(data: ByteArray) -> list[TornMember]:
    """Whole members, up to the first that is cut or whose sizes are not in its header."""
    found: list[TornMember] = []
    at = 0
    while at + _HEADER.size <= data.size and len(found) < _MOST:
        fields = _HEADER.unpack(data[at : at + _HEADER.size].tobytes())
        signature, _, flags, method, _, _, crc, packed, size, name_size, extra = fields
        start = at + _HEADER.size + name_size + extra
        if signature != _SIGNATURE or flags & _SIZES_BEHIND or start + packed > data.size:
            break
        raw = data[at + _HEADER.size : at + _HEADER.size + name_size].tobytes()
        name = raw.decode("utf-8" if flags & _UTF8 else "cp437", "replace")
        at = start + packed
        if name.endswith("/") or flags & _ENCRYPTED or method not in (_STORED, _DEFLATED):
            continue
        found.append(TornMember(name, start, packed, size, method == _STORED, crc))
    return found
