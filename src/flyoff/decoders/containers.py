"""What is inside archives: members listed, and read one at a time into memory.

Nothing is ever written under a member's own name, so no name can lead outside. Bounds: ``DEPTH``
archives inside one another, ``MEMBERS`` members, and the limits of ``packing``. Archive formats are
known by their first bytes; zip, tar, and gz, xz, bz2 and zst around one file or around a tar.
"""

import io
import posixpath
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Final, Protocol, cast

from flyoff.decoders.packing import (
    BROKEN,
    STREAMS,
    Stream,
    View,
    first_bytes,
    limit_of,
    open_stream,
    unpack,
)
from flyoff.decoders.source import Source
from flyoff.decoders.torn_zip import TornMember, torn_members
from flyoff.errors import DecodeError

#: Archives inside one another, the outermost included.
DEPTH: Final = 4
#: Members of one archive and of all inside it that are looked at.
MEMBERS: Final = 200_000
#: All members together may be as large as this, or ``packing.RATIO`` times the archive [byte].
TOTAL: Final = 1 << 30
#: A zip's table of contents costs ten times its size in memory [byte].
CONTENTS: Final = 32 << 20
#: Between an archive and a member in the name of a log.
MARK: Final = "!"

_TAR_AT, _TAR = 257, b"ustar"
_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
#: Endings of compressed files, and what is left of a name without them.
ENDINGS: Final = {
    ".gz": "", ".xz": "", ".bz2": "", ".zst": "",
    ".tgz": ".tar", ".txz": ".tar", ".tbz2": ".tar", ".tbz": ".tar", ".tzst": ".tar",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Member:
    """A file in an archive.

    Attributes
    ----------
    name : str
        Cleaned: no root, no way up; a name met again gets ``#2``.
    size : int [byte]
        As the archive states it; where it states none, as stored.
    problem : str
        Why it cannot be read; empty if it may be tried.
    """

    name: str
    size: int
    problem: str = ""


class Container(Protocol):
    """An open archive."""

    members: Mapping[str, Member]
    #: What is wrong with the archive itself; its members may still be good.
    problem: str

    def open(self, name: str) -> Source:
        """Read a member whole; DecodeError if it is damaged, encrypted or too large."""
        ...

    def head(self, name: str) -> bytes:
        """The first bytes of a member, empty where they cannot be read."""
        ...


def kind_of(head: bytes) -> str:
    r"""Which kind of archive begins like this; empty if none does.

    Examples
    --------
    >>> kind_of(b"PK\x03\x04..."), kind_of(b"\xa3\x95\x80")
    ('zip', '')
    """
    if head.startswith(_ZIP):
        return "zip"
    if head[_TAR_AT : _TAR_AT + len(_TAR)] == _TAR:
        return "tar"
    return next((kind for kind, start in STREAMS.items() if head.startswith(start)), "")


def open_container(source: Source) -> Container | None:
    """Open an archive; None if the bytes are none.

    Raises
    ------
    DecodeError
        If the archive as a whole cannot be read.
    """
    kind = kind_of(source.head(512))
    if kind == "zip":
        return Zip(source)
    if kind == "tar":
        return Tar(source)
    if not kind:
        return None
    if kind_of(first_bytes(kind, source.data)) != "tar":
        return Packed(source, kind)
    inner = unpack(lambda: open_stream(kind, source.data), len(source))
    return Tar(Source(source.path, memoryview(inner.data)), inner.problem)


def inner_name(name: str) -> str:
    """Name of the file in a compressed one.

    Examples
    --------
    >>> inner_name("a/1.BIN.gz"), inner_name("b.tgz"), inner_name("c")
    ('1.BIN', 'b.tar', 'c')
    """
    name = posixpath.basename(name.replace("\\", "/"))
    stem, dot, ending = name.rpartition(".")
    left = ENDINGS.get((dot + ending).lower())
    return stem + left if left is not None and stem else name


class Packed:
    """One compressed file."""

    def __init__(self, source: Source, kind: str) -> None:
        self._source, self._kind, self.problem = source, kind, ""
        name = inner_name(source.path.rpartition(MARK)[2])
        self.members: Mapping[str, Member] = {name: Member(name, len(source))}

    def open(self, name: str) -> Source:
        """Unpack it."""
        del name
        source, kind = self._source, self._kind
        (only,) = self.members
        return _whole(
            f"{source.path}{MARK}{only}", lambda: open_stream(kind, source.data), len(source)
        )

    def head(self, name: str) -> bytes:
        """Its first bytes, without unpacking the rest."""
        del name
        return first_bytes(self._kind, self._source.data)


class Zip:
    """A zip file. One whose table of contents is missing is read by its members' own headers."""

    def __init__(self, source: Source) -> None:
        self._source, self.problem = source, ""
        self._infos: dict[str, zipfile.ZipInfo] = {}
        self.members: Mapping[str, Member] = {}
        self._torn: Mapping[str, TornMember] = {}
        _check_contents(source)
        try:
            self._file = zipfile.ZipFile(io.BufferedReader(View(source.data)))
        except (zipfile.BadZipFile, *BROKEN) as error:
            self._read_torn(error)
            return
        # zipfile asks an empty name for its last character
        infos = [i for i in self._file.infolist() if not i.filename or not i.is_dir()]
        if sum(i.compress_size for i in infos) > len(source):
            raise DecodeError(source.path, 0, "members of this zip overlap: a zip bomb, not read")
        names = unique(i.filename for i in infos)
        self._infos = dict(zip(names, infos, strict=True))
        self.members = {n: Member(n, i.file_size, _zip_problem(i)) for n, i in self._infos.items()}

    def _read_torn(self, error: Exception) -> None:
        found = torn_members(self._source.data)
        self.problem = (
            "the zip is cut or damaged: no table of contents; "
            f"{len(found)} members are read by their own headers, others are lost"
        )
        if not found:
            why = " ".join(str(error).split()).lower()
            raise DecodeError(self._source.path, 0, f"cannot be read as a zip: {why}") from error
        self._torn = dict(zip(unique(t.name for t in found), found, strict=True))
        self.members = {
            n: Member(n, t.size, _size_problem(t.size, t.packed)) for n, t in self._torn.items()
        }

    def open(self, name: str) -> Source:
        """Unpack a member."""
        path = f"{self._source.path}{MARK}{name}"
        if self.members[name].problem:
            raise DecodeError(path, 0, self.members[name].problem)
        return _whole(path, lambda: self._stream(name), self._packed(name))

    def _stream(self, name: str) -> Stream:
        if name in self._torn:
            torn = self._torn[name]
            return io.BytesIO(torn.read(self._source.data, limit_of(torn.packed)))
        try:
            return cast(Stream, self._file.open(self._infos[name]))
        except (zipfile.BadZipFile, RuntimeError) as error:
            raise ValueError(str(error)) from error

    def _packed(self, name: str) -> int:
        return self._torn[name].packed if name in self._torn else self._infos[name].compress_size

    def head(self, name: str) -> bytes:
        """Its first bytes."""
        try:
            with closing(self._stream(name)) as stream:
                return stream.read(512)
        except (zipfile.BadZipFile, *BROKEN):
            return b""


def _whole(path: str, open_: Callable[[], Stream], packed: int) -> Source:
    """A member to its last byte: half of one would get an identity that no other copy has."""
    inner = unpack(open_, packed)
    if inner.problem:
        raise DecodeError(path, 0, inner.problem)
    return Source(path, memoryview(inner.data))


class Tar:
    """A tar file; members are views of its bytes."""

    def __init__(self, source: Source, problem: str = "") -> None:
        self._source, self.problem = source, ""
        infos = list(self._walk())
        self.problem = problem or self.problem
        self._infos = dict(zip(unique(i.name for i in infos), infos, strict=True))
        self.members: Mapping[str, Member] = {
            n: Member(n, i.size, _tar_problem(i, len(source))) for n, i in self._infos.items()
        }

    def _walk(self) -> Iterator[tarfile.TarInfo]:
        last, count = -1, 0
        try:
            file = tarfile.open(fileobj=io.BufferedReader(View(self._source.data)), mode="r:")
            while (info := file.next()) is not None:
                file.members = []  # type: ignore[attr-defined]  # not published; it would keep every one
                if info.offset_data <= last or info.size < 0:
                    self.problem = f"damaged at byte {max(last, 0)}: a header points back"
                    return
                last, count = info.offset_data, count + 1
                if count > MEMBERS:
                    self.problem = f"more than {MEMBERS} members; only the first ones are read"
                    return
                if not info.isdir():
                    yield info
        except (tarfile.TarError, *BROKEN, OverflowError, RecursionError) as error:
            why = " ".join(str(error).split()).lower()
            self.problem = f"the tar is cut or damaged after byte {max(last, 0)}: {why}"

    def open(self, name: str) -> Source:
        """Give a member's bytes."""
        path = f"{self._source.path}{MARK}{name}"
        if self.members[name].problem:
            raise DecodeError(path, 0, self.members[name].problem)
        at, size = self._infos[name].offset_data, self._infos[name].size
        return Source(path, self._source.data[at : at + size].data)

    def head(self, name: str) -> bytes:
        """Its first bytes."""
        info = self._infos[name]
        return self._source.data[
            info.offset_data : info.offset_data + min(info.size, 512)
        ].tobytes()


def unique(names: Iterable[str]) -> Iterator[str]:
    """Names without root and ways up, each once.

    Examples
    --------
    >>> list(unique(["../../a", "/a", "b/./c"]))
    ['a', 'a#2', 'b/c']
    """
    seen: dict[str, int] = {}
    for name in names:
        cleaned = posixpath.normpath("/" + name.replace("\\", "/")).lstrip("/") or "unnamed"
        seen[cleaned] = count = seen.get(cleaned, 0) + 1
        yield cleaned if count == 1 else f"{cleaned}#{count}"


def _check_contents(source: Source) -> None:
    """Refuse a table of contents that alone would fill the memory."""
    tail = source.data[-65_600:].tobytes()
    end, end64 = tail.rfind(b"PK\x05\x06"), tail.rfind(b"PK\x06\x06")
    size = int.from_bytes(tail[end + 12 : end + 16], "little") if end >= 0 else 0
    if end64 >= 0 and size == 0xFFFFFFFF:
        size = int.from_bytes(tail[end64 + 40 : end64 + 48], "little")
    if size > CONTENTS:
        problem = f"its table of contents has {size} bytes, at most {CONTENTS} are read; split it"
        raise DecodeError(source.path, 0, problem)


def _zip_problem(info: zipfile.ZipInfo) -> str:
    if info.flag_bits & 0x1:
        return "is encrypted; unpack it with its password first"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "is a symbolic link, not followed"
    return _size_problem(info.file_size, info.compress_size)


def _tar_problem(info: tarfile.TarInfo, size: int) -> str:
    if info.issym() or info.islnk():
        return "is a link, not followed"
    if not info.isreg():
        return "is no regular file"
    if info.issparse():
        return "is stored sparsely; unpack it first"
    if info.offset_data + info.size > size:
        return "the archive is cut inside it; copy it again"
    return ""


def _size_problem(size: int, packed: int) -> str:
    if size > limit_of(packed):
        return (
            f"unpacks to {size} bytes from {packed}: no log is that empty; "
            "unpack it yourself if you trust it"
        )
    return ""
