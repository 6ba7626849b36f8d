"""Bytes out of compressed streams, never more of them than a limit.

What was compressed by more than ``RATIO`` is no flight log but a bomb, or a log of nothing: DEFLATE
cannot reach it with sensor noise, and xz, bz2 and zstd can go a thousand times further.
"""

import bz2
import gzip
import io
import lzma
import mmap
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final, Protocol

from flyoff.units import ByteArray

#: Unpacked to packed size at most, once there is more than ``FREE`` bytes of it.
RATIO: Final = 250
FREE: Final = 16 << 20
#: One member at most [byte].
LARGEST: Final = 4 << 30
#: What is larger is kept in a file without a name, which vanishes with the process.
IN_MEMORY: Final = 32 << 20
_CHUNK: Final = 1 << 20

#: What unpacking damaged bytes raises, in the five libraries.
BROKEN: Final = (
    EOFError, OSError, zlib.error, lzma.LZMAError, ValueError, NotImplementedError,
    zipfile.BadZipFile,
)  # fmt: skip

#: First bytes of each kind of compressed stream.
STREAMS: Final = {
    "gz": b"\x1f\x8b\x08",
    "xz": b"\xfd7zXZ\x00",
    "bz2": b"BZh",
    "zst": b"\x28\xb5\x2f\xfd",
}


class Stream(Protocol):
    """An open file of unpacked bytes."""

    def read(self, size: int = ..., /) -> bytes:
        """So many bytes, fewer at the end."""
        ...

    def read1(self, size: int = ..., /) -> bytes:
        """What is at hand, at most so many bytes; none at the end."""
        ...

    def close(self) -> None:
        """Give it back."""
        ...


class View(io.RawIOBase):
    """Bytes in memory, or in a mapped file, as a file; nothing is copied before it is read."""

    def __init__(self, data: ByteArray) -> None:
        self._data: memoryview
        self._data, self._at = data.data, 0

    def readable(self) -> bool:
        """Whether it can be read."""
        return True

    def seekable(self) -> bool:
        """Whether it can be sought."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a place and give it."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self._data)}[whence]
        if start + offset < 0:
            raise OSError("seek before the start")
        self._at = start + offset
        return self._at

    def tell(self) -> int:
        """Where it stands."""
        return self._at

    def readinto(self, buffer: Any) -> int:  # any writable buffer: no name for it before 3.12
        """Read as much as the buffer takes."""
        room = memoryview(buffer).cast("B")
        part = self._data[self._at : self._at + len(room)]
        room[: len(part)] = part
        self._at += len(part)
        return len(part)


def limit_of(packed: int) -> int:
    """Bytes that may come out of so many packed ones.

    Examples
    --------
    >>> limit_of(1000) == FREE, limit_of(1 << 20) == RATIO << 20
    (True, True)
    """
    return min(LARGEST, max(FREE, RATIO * packed))


def open_stream(kind: str, data: ByteArray) -> Stream:
    """A compressed stream as a file of what is in it; several streams in a row are one."""
    file = io.BufferedReader(View(data))
    if kind == "gz":
        return gzip.open(file)
    if kind == "xz":
        return lzma.LZMAFile(file)
    if kind == "bz2":
        return bz2.BZ2File(file)
    from zstandard import ZstdDecompressor

    # the window that a stream asks for is memory: 128 MB is what zstd itself allows unasked
    plain = ZstdDecompressor(max_window_size=1 << 27)
    reader: Stream = plain.stream_reader(file, read_across_frames=True)
    return reader


def first_bytes(kind: str, data: ByteArray, size: int = 512) -> bytes:
    """What a compressed stream begins with; empty where it is damaged."""
    try:
        with closing(open_stream(kind, data)) as stream:
            return stream.read(size)
    except _errors():
        return b""


@dataclass(frozen=True, slots=True, eq=False)
class Unpacked:
    """What came out of a stream.

    Attributes
    ----------
    data : bytes, or a mapped file that has no name
    problem : str
        Why there is no more of it; empty if it is whole.
    """

    data: "bytes | mmap.mmap"
    problem: str = ""


def unpack(open_: Callable[[], Stream], packed: int) -> Unpacked:
    """Read a stream to its end, or to where it is damaged or grows beyond the limit.

    Parameters
    ----------
    open_ : function that opens the stream
    packed : int [byte]
        Its size as it is stored.
    """
    limit, got, problem = limit_of(packed), 0, ""
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as spool:
        try:
            with closing(open_()) as stream:
                for chunk in _chunks(stream):
                    if got + len(chunk) > limit:
                        problem = _too_much(packed, limit)
                        break
                    got += len(chunk)
                    spool.write(chunk)
        except _errors() as error:
            problem = _damaged(error, got)
        return Unpacked(_kept(spool, got), problem)


def _chunks(stream: Stream) -> Iterator[bytes]:
    while chunk := stream.read1(_CHUNK):  # all that comes before an error is still given
        yield chunk


def _kept(spool: tempfile.SpooledTemporaryFile[bytes], size: int) -> "bytes | mmap.mmap":
    if size <= IN_MEMORY:
        spool.seek(0)
        return spool.read()
    spool.flush()
    return mmap.mmap(spool.fileno(), size, access=mmap.ACCESS_READ)


def _too_much(packed: int, limit: int) -> str:
    return (
        f"unpacks to more than {limit} bytes from {packed}: no log is that empty; "
        "unpack it yourself if you trust it"
    )


def _damaged(error: BaseException, got: int) -> str:
    if isinstance(error, EOFError):
        return f"the archive is cut: it ends after {got} unpacked bytes; copy it again"
    why = " ".join(str(error).split()) or type(error).__name__
    return f"cannot be unpacked after {got} bytes: {why.lower()}"


def _errors() -> tuple[type[BaseException], ...]:
    """All of ``BROKEN``, and what zstandard raises once it is loaded."""
    try:
        from zstandard import ZstdError
    except ImportError:
        return BROKEN
    return (*BROKEN, ZstdError)
