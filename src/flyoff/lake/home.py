"""Where a store lies: a folder of this machine, or a bucket of an object store.

Everything in a store has a key, such as ``raw/ab/cdef…`` or ``tables/logs``, and nothing above this
knows of paths or URLs. Whatever goes wrong below is an ``OSError``.
"""

import contextlib
import functools
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from flyoff.errors import StoreError

#: What a URL of an object store begins with, as obstore and Delta know them.
SCHEMES = ("s3", "s3a", "gs", "az", "azure", "adl", "abfs", "abfss")
#: How people name a store: a folder or a URL.
StoreName = str | os.PathLike[str]
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")


class Home(Protocol):
    """A place for a store.

    Attributes
    ----------
    path : Path or str
        The folder, or the URL, as it was named.
    options : dict or None
        What Delta has to know beyond the usual environment.
    """

    path: Path | str
    options: dict[str, str] | None

    def uri(self, key: str) -> str:
        """What Delta opens a table by."""
        ...

    def local(self, key: str) -> Path | None:
        """The file of this machine that holds what has this key; None where there is none."""
        ...

    def claim(self, mark: str, content: bytes) -> None:
        """Begin a store by writing its mark, unless it is there.

        Raises
        ------
        StoreError
            If something else lies here.
        """
        ...

    def read(self, key: str) -> bytes:
        """All bytes; FileNotFoundError if there is nothing under this key."""
        ...

    def chunks(self, key: str) -> Iterator[bytes]:
        """The bytes in pieces."""
        ...

    def size(self, key: str) -> int | None:
        """How many bytes; None if there is nothing under this key."""
        ...

    def keys(self, prefix: str) -> Iterator[str]:
        """All keys below a prefix, sorted; what is half written is not among them."""
        ...

    def create(self, key: str, data: bytes | memoryview) -> None:
        """Write whole or not at all, and durably; what is there already stays as it is."""
        ...

    def replace(self, key: str, data: bytes) -> None:
        """Write whole or not at all, and durably, in the place of what is there."""
        ...

    def move(self, key: str, target: str) -> None:
        """Move what is under a key, or everything below it; nothing if there is nothing.

        In an object store one after the other and in the order of their names, so that of a table
        whose log is half moved no version is left but the newest.
        """
        ...

    def keep(self, sha256: str, path: str, data: memoryview | None) -> Path | memoryview:
        """Put a raw file in, under its SHA-256.

        Returns
        -------
        Path or memoryview
            The store's copy, or the bytes that are in it now.
        """
        ...

    def sweep(self) -> None:
        """Remove raw files that killed processes left half written."""
        ...

    def locked(self) -> contextlib.AbstractContextManager[None]:
        """Only one process at a time writes to the tables; its death gives the lock back."""
        ...

    def marks(self) -> list[str]:
        """Names of the marks which say that the tables may hold rows that do not count."""
        ...

    def mark(self) -> str:
        """Set such a mark, durably; its name."""
        ...

    def unmark(self, names: Sequence[str]) -> None:
        """Take marks away."""
        ...

    def newest_commits(self, tables: Sequence[str]) -> list[str]:
        """Name of the newest commit of each table, empty where there is no table.

        Names of one table grow in order.
        """
        ...

    def identity(self, table: str) -> object:
        """Tells a table from another one that was put in its place."""
        ...


def is_url(path: StoreName) -> bool:
    """Whether a store's name is a URL.

    Examples
    --------
    >>> is_url("s3://bucket/trial"), is_url("trial/"), is_url("C:/trial")
    (True, False, False)
    """
    return _URL.match(os.fspath(path)) is not None


def resolved(path: StoreName) -> str:
    """A store's name that holds from any working folder."""
    return os.fspath(path) if is_url(path) else str(Path(path).resolve())


def home_of(path: StoreName) -> Home:
    """The place that a store's name means.

    Raises
    ------
    StoreError
        If it is a URL of a kind that is not known.
    """
    name = os.fspath(path)
    url = _URL.match(name)
    if url is None:
        from flyoff.lake.folder import Folder

        return Folder(Path(name))
    if url[1].lower() not in SCHEMES:
        known = ", ".join(f"{s}://" for s in SCHEMES)
        raise StoreError(name, f"no store can lie at {url[0]}; a folder can, or {known}")
    return _bucket(name.rstrip("/"))


@functools.lru_cache(maxsize=16)
def _bucket(url: str) -> Home:
    """One for each URL and process: it keeps its connections open."""
    from flyoff.lake.bucket import Bucket

    return Bucket(url)
