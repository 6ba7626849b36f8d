"""A ZIP in one form only: for the same files there is exactly one archive.

Every file is stored, not deflated, under the fixed date 1980-01-01, in the order of its name;
nothing stands before, between or behind. So every bit of the archive follows from the names and the
contents, which are signed; the reader computes each header and refuses any other. Nothing has to be
unpacked before it is verified, and nothing can grow while it is.

References
----------
PKWARE APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 and 4.3.16.
"""

import re
import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final

from flyoff.errors import ExchangeError

#: Files in a bundle, and bytes of it: what fits without the 64-bit extension.
MOST_FILES: Final = 20_000
MOST_BYTES: Final = (1 << 32) - 2
_LOCAL: Final = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL: Final = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END: Final = struct.Struct("<4sHHHHIIH")
_MADE_BY: Final = 3 << 8 | 20  # Unix, version 2.0
_NEEDS: Final = 20
_DATE: Final = 1 << 5 | 1  # 1980-01-01
_MODE: Final = 0o100644 << 16  # a regular file
_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
_MOST_NAME: Final = 200
_ENCRYPTED: Final = 1


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    crc: int
    size: int
    offset: int

    def local(self) -> bytes:
        name = self.name.encode()
        return (
            _LOCAL.pack(
                b"PK\3\4", _NEEDS, 0, 0, 0, _DATE, self.crc, self.size, self.size, len(name), 0
            )
            + name
        )

    def central(self) -> bytes:
        name = self.name.encode()
        fixed = (b"PK\1\2", _MADE_BY, _NEEDS, 0, 0, 0, _DATE, self.crc, self.size, self.size)
        return _CENTRAL.pack(*fixed, len(name), 0, 0, 0, 0, _MODE, self.offset) + name


def write(files: Iterable[tuple[str, bytes]], out: BinaryIO) -> None:
    """Write files, given in the order of their names.

    Raises
    ------
    ExchangeError
        If a name is not in order or not plain, or there are too many files or bytes.
    """
    entries: list[_Entry] = []
    at = 0
    for name, content in files:
        _require_name(name, entries[-1].name if entries else "")
        entry = _Entry(name, zlib.crc32(content), len(content), at)
        head = entry.local()
        at += len(head) + len(content)
        if at > MOST_BYTES or len(entries) >= MOST_FILES:
            raise ExchangeError(
                f"more than {MOST_FILES} files or {MOST_BYTES} bytes: hand over digests instead of "
                "logs, or split the campaign"
            )
        out.write(head)
        out.write(content)
        entries.append(entry)
    central = b"".join(entry.central() for entry in entries)
    out.write(central)
    count = len(entries)
    out.write(_END.pack(b"PK\5\6", 0, 0, count, count, len(central), at, 0))


def read(data: memoryview) -> Mapping[str, memoryview]:
    """Read an archive of the one form; the contents are parts of `data`, not copies.

    Raises
    ------
    ExchangeError
        If any bit is not as `write` would have it.
    """
    names = _central(data)
    _refuse_look_alikes(names)
    found: dict[str, memoryview] = {}
    at = 0
    for entry in names:
        expected = entry.local()
        body = at + len(expected)
        if entry.offset != at or data[at:body] != expected:
            raise ExchangeError(
                f"{entry.name!r}: the header before the file says otherwise than the directory at "
                "the end, or something stands between"
            )
        content = data[body : body + entry.size]
        if zlib.crc32(content) != entry.crc:
            raise ExchangeError(f"{entry.name!r}: its content is damaged (CRC-32)")
        found[entry.name] = content
        at = body + entry.size
    return found


def _central(data: memoryview) -> list[_Entry]:
    """The directory at the end, every byte of it as it has to be."""
    if len(data) < _END.size or len(data) > MOST_BYTES + (64 << 20):
        raise ExchangeError(f"no bundle: {len(data)} bytes are too few or too many")
    end = len(data) - _END.size
    mark, disk, first, here, count, size, start, comment = _END.unpack_from(data, end)
    if mark != b"PK\5\6" or disk or first or comment:
        raise ExchangeError("no bundle: its end is not that of a ZIP archive, or it was cut short")
    if count != here or not 0 < count <= MOST_FILES:
        raise ExchangeError(f"{count} files in it, expected 1 to {MOST_FILES}")
    if start + size != end:
        raise ExchangeError("something stands before, between or behind the files of the archive")
    entries: list[_Entry] = []
    at = start
    for _ in range(count):
        entry, at = _central_entry(data, at, end, entries[-1].name if entries else "")
        entries.append(entry)
    last = entries[-1]
    files_end = last.offset + len(last.local()) + last.size
    if at != end or files_end != start:
        raise ExchangeError("something stands between the files and the directory of the archive")
    return entries


def _central_entry(data: memoryview, at: int, end: int, before: str) -> tuple[_Entry, int]:
    if at + _CENTRAL.size > end:
        raise ExchangeError("the directory of the archive is cut short")
    fields = _CENTRAL.unpack_from(data, at)
    flags, method, crc, packed, size = fields[3], fields[4], fields[7], fields[8], fields[9]
    length, mode, offset = fields[10], fields[15], fields[16]
    raw = bytes(data[at + _CENTRAL.size : min(at + _CENTRAL.size + length, end)])
    name = raw.decode("latin-1")
    _require_name(name, before)
    if flags & _ENCRYPTED:
        raise ExchangeError(f"{name!r} is encrypted")
    if method or packed != size:
        raise ExchangeError(f"{name!r} is compressed; a bundle's files are stored as they are")
    if mode != _MODE:
        raise ExchangeError(f"{name!r} is no regular file (a link or a folder)")
    entry = _Entry(name, crc, size, offset)
    after = at + _CENTRAL.size + length
    if data[at:after] != entry.central():
        raise ExchangeError(f"{name!r}: its line in the directory is not in the one form allowed")
    return entry, after


def _require_name(name: str, before: str) -> None:
    """Plain names only, each once, in order: nothing leads out of a folder."""
    if len(name) > _MOST_NAME or not _NAME.fullmatch(name):
        raise ExchangeError(f"file name {name[:_MOST_NAME]!r} is not allowed in a bundle")
    if name == before:
        raise ExchangeError(f"file {name!r} is in it twice")
    if name < before:
        raise ExchangeError(f"file {name!r} is not in the order of names")


def _refuse_look_alikes(entries: Iterable[_Entry]) -> None:
    """Names that one disk tells apart and another does not; a file that is a folder elsewhere."""
    seen: dict[str, str] = {}
    folders: set[str] = set()
    for entry in entries:
        low = entry.name.lower()
        if low in seen:
            raise ExchangeError(f"{entry.name!r} and {seen[low]!r} are one file on many disks")
        seen[low] = entry.name
        parts = low.split("/")
        folders.update("/".join(parts[:n]) for n in range(1, len(parts)))
    if both := folders & set(seen):
        raise ExchangeError(f"{min(both)!r} is both a file and a folder")
