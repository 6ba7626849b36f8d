"""Where the bytes come from: a memory-mapped file, or bytes in memory."""

import hashlib
import mmap
import os
import stat
from pathlib import Path

import numpy as np

from flyoff.errors import SourceError, reason_of
from flyoff.stages import stage
from flyoff.units import ByteArray


class Source:
    """The bytes of one log, and their name.

    Parameters
    ----------
    path : str
        The file, or a name for bytes in memory.
    data : bytes-like or None
        None maps the file into memory (read only).

    Raises
    ------
    SourceError
        If the path is no regular file or cannot be opened.
    """

    def __init__(self, path: str, data: bytes | memoryview | None = None) -> None:
        self.path = str(path)
        #: Whether a file of this name holds the bytes.
        self.is_file = data is None
        #: What the columns of a CSV mean, where that came with it and lies in no file beside it.
        self.columns: bytes | None = None
        self.data: ByteArray
        if data is None:
            self.data = _map(self.path)
        else:
            self.data = np.frombuffer(data, dtype=np.uint8)
        self._sha256: str | None = None

    def __len__(self) -> int:
        return int(self.data.size)

    def head(self, size: int = 4096) -> bytes:
        """The first bytes, for sniffing."""
        return self.data[:size].tobytes()

    @property
    def sha256(self) -> str:
        """SHA-256 of all bytes, hex; computed once."""
        if self._sha256 is None:
            with stage("digest", bytes=len(self)):
                self._sha256 = hashlib.sha256(self.data.data).hexdigest()
        return self._sha256


def _map(path: str) -> ByteArray:
    try:
        # O_NONBLOCK: a FIFO must not hang us before we can refuse it
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_CLOEXEC", 0))
    except OSError as error:
        raise SourceError(path, f"cannot be opened: {reason_of(error)}") from error
    try:
        mode = os.fstat(handle).st_mode
        if not stat.S_ISREG(mode):
            kind = {stat.S_IFDIR: "a directory", stat.S_IFIFO: "a FIFO", stat.S_IFSOCK: "a socket"}
            raise SourceError(
                path, f"is {kind.get(stat.S_IFMT(mode), 'a device')}, expected a regular file"
            )
        size = os.fstat(handle).st_size
        if size == 0:
            return np.empty(0, dtype=np.uint8)
        return np.frombuffer(mmap.mmap(handle, size, access=mmap.ACCESS_READ), dtype=np.uint8)
    except OSError as error:
        raise SourceError(path, f"cannot be read: {reason_of(error)}") from error
    finally:
        os.close(handle)


def is_log_name(path: Path) -> bool:
    """Whether a file found while walking a folder is worth opening (not a plan or a note)."""
    name = path.name
    return (
        path.suffix.lower() not in NOT_LOGS and not name.startswith(".") and name != "LASTLOG.TXT"
    )


#: Companions of logs that a walk passes over without a word.
NOT_LOGS = frozenset(
    {".waypoints", ".plan", ".json", ".toml", ".md", ".param", ".parm", ".png", ".jpg", ".html"}
    | {".pdf", ".yaml", ".yml", ".xml", ".kml", ".gpx", ".sha256", ".fpk"}
    # archives by their bytes, never of logs
    | {".docx", ".xlsx", ".pptx", ".odt", ".ods", ".kmz", ".jar", ".apk", ".whl"}
)

#: Endings that vehicles and ground stations give their logs: such a file, found in a folder, is
#: meant to be a log, and that it cannot be read is an error.
LOG_SUFFIXES = frozenset({".bin", ".ulg", ".ulog", ".log", ".tlog", ".bbl", ".bfl", ".px4log"})
