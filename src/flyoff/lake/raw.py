"""Raw files by their SHA-256: written whole or not at all."""

import contextlib
import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from flyoff.errors import SourceError, reason_of
from flyoff.faults import step

#: Files under way; one that nobody holds a lock on was left behind by a process that was killed.
INCOMING = ".incoming"
_CHUNK = 4 << 20


def key_of(sha256: str) -> str:
    """Where in a store a file with this SHA-256 lies: ``raw/ab/cdef…``."""
    return f"raw/{sha256[:2]}/{sha256[2:]}"


def digest_of(key: str) -> str:
    """The SHA-256 that `key_of` made a key of; longer for what lies beside a raw file."""
    return "".join(key.split("/")[1:])


def columns_key(sha256: str) -> str:
    """Where what a CSV's columns mean lies: beside it, for without nobody could judge it again."""
    return f"{key_of(sha256)}.columns.toml"


def put(raw: Path, path: str, sha256: str, data: memoryview | None = None) -> Path:
    """Copy a file in, under its SHA-256.

    Parameters
    ----------
    raw : Path
        The store's folder ``raw``.
    path : str
        The file to copy.
    sha256 : str
        What its bytes were when they were read.
    data : memoryview or None
        The bytes themselves, where no file holds them as they are (a log in an archive).

    Returns
    -------
    Path
        Where it lies now. Already being there is fine.

    Raises
    ------
    SourceError
        If the bytes are no longer those.
    """
    target = raw.parent / key_of(sha256)
    if target.exists():
        return target
    incoming = raw / INCOMING
    incoming.mkdir(parents=True, exist_ok=True)
    target.parent.mkdir(exist_ok=True)
    handle, name = _begin(incoming)
    try:
        step("raw.begun")
        copied = _copy(_chunks(path) if data is None else _pieces(data), handle)
        if copied != sha256:
            raise SourceError(path, "changed while it was being read; try again")
        os.fchmod(handle, 0o444)  # evidence: nobody should write it by mistake
        os.fsync(handle)
        step("raw.written")
        os.rename(name, target)
        step("raw.named")
    except BaseException:  # an interrupt too leaves no half a file behind; it goes on up
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
    finally:
        os.close(handle)
    sync_folder(target.parent)
    step("raw.kept")
    return target


def sweep(raw: Path) -> None:
    """Remove what killed processes left half written."""
    incoming = raw / INCOMING
    for left in incoming.iterdir() if incoming.is_dir() else ():
        try:
            with left.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                left.unlink()
        except OSError:  # somebody is writing it, or has just finished
            continue


def _begin(incoming: Path) -> tuple[int, str]:
    """A locked new file; a sweep that came between its making and its locking may have it."""
    while True:
        handle, name = tempfile.mkstemp(dir=incoming)
        fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_nlink:
            return handle, name
        os.close(handle)


def _copy(chunks: Iterator[memoryview], handle: int) -> str:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
        while chunk:
            chunk = chunk[os.write(handle, chunk) :]
    return digest.hexdigest()


def _pieces(data: memoryview) -> Iterator[memoryview]:
    for at in range(0, len(data), _CHUNK):
        yield data[at : at + _CHUNK]


def _chunks(path: str) -> Iterator[memoryview]:
    try:
        with open(path, "rb", buffering=0) as file:
            while chunk := file.read(_CHUNK):
                yield memoryview(chunk)
    except OSError as error:  # the card, not the store
        why = reason_of(error)
        raise SourceError(path, f"cannot be read: {why}") from error


def sync_folder(folder: Path) -> None:
    """Make what was renamed or made in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
