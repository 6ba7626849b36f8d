"""A store: raw logs and the tables made of them, in one home.

Arrow and Delta are loaded with the first table: a worker only keeps raw files, and would start a
fifth of a second later.
"""

import contextlib
import errno
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from flyoff.errors import StoreError, reason_of
from flyoff.faults import step
from flyoff.lake.home import home_of

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import DeltaTable

#: Version of the format; a store of a newer one is refused. 2: there is a journal.
FORMAT_VERSION = 2
#: What lies in every store and says which version it is.
MARK = "flyoff.json"
_RETRIES = 50

#: What a terminal takes for a colour.
#: The calls that Delta was in, from the line of the first to the end.
_FRAMES = re.compile(r"\n\s+0: .*", re.DOTALL)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_NOT_PERMITTED = (
    "it cannot be read, or cannot be written (read only or no permission); nothing was changed"
)


class Store:
    """What holds ``flyoff.json``, ``raw/`` and ``tables/``: a folder, or a prefix of a bucket.

    Parameters
    ----------
    path : str or path-like
        A folder, or a URL such as ``s3://bucket/trial``.
    create : bool
        Make what is missing; False refuses a place where there is no store.

    Attributes
    ----------
    version : int
        Of the format that it has, which may be older than this program's.

    Raises
    ------
    StoreError
        If it is no store, or one of a newer version, or cannot be made.
    """

    def __init__(self, path: str | os.PathLike[str], *, create: bool = False) -> None:
        self.home = home_of(path)
        self.path = self.home.path
        with explained(self.path):
            if create:
                self._create()
            self.version = self._check()

    def __str__(self) -> str:
        return str(self.path)

    def uri(self, name: str) -> str:
        """What Delta opens a table by."""
        return self.home.uri(f"tables/{name}")

    def table(self, name: str) -> "DeltaTable":
        """A table at its newest version."""
        from deltalake import DeltaTable

        with explained(self.path):
            return DeltaTable(self.uri(name), storage_options=self.home.options)

    def make_table(self, name: str, schema: "pa.Schema") -> None:
        """Create an empty table, unless it is there."""
        from deltalake import DeltaTable

        uri, options = self.uri(name), self.home.options
        if self.home.local("") is not None:
            os.makedirs(uri, exist_ok=True)
        DeltaTable.create(uri, schema=schema, mode="ignore", storage_options=options)

    def append(self, name: str, rows: "pa.Table") -> None:
        """Append rows to a table, however many others do so at the same time."""
        from deltalake import CommitProperties, write_deltalake

        write_deltalake(
            self.uri(name),
            rows,
            mode="append",
            commit_properties=CommitProperties(max_commit_retries=_RETRIES),
            storage_options=self.home.options,
        )

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Only one process at a time writes to the tables; its death gives the lock back."""
        with explained(self.path), self.home.locked():
            yield

    @property
    def is_settled(self) -> bool:
        """Whether every row in the tables is vouched for by ``logs``."""
        return not self.home.marks()

    def unsettle(self) -> str:
        """Say, durably, that rows follow which do not count yet; the name of the mark."""
        mark = self.home.mark()
        step("store.unsettled")
        return mark

    def settle(self, marks: Sequence[str]) -> None:
        """Take marks away: what they spoke of counts now, or is gone."""
        self.home.unmark(marks)
        step("store.settled")

    def newest_commits(self, names: Sequence[str]) -> list[str]:
        """Name of the newest commit of each table, empty where there is none."""
        return self.home.newest_commits([f"tables/{name}" for name in names])

    def _create(self) -> None:
        from flyoff.lake.schema import DERIVED, SCHEMAS

        self.home.claim(MARK, _mark())
        step("store.marked")
        self._check()
        # all tables before anybody fans out: two first writers of one table would collide
        # ``logs`` last: where it is, all are
        names = (*DERIVED, "logs")
        there = zip(names, self.newest_commits(names), strict=True)
        missing = [name for name, commit in there if not commit]
        if missing:
            with self.locked():
                for name in missing:
                    self.make_table(name, SCHEMAS[name])
                    step(f"store.made.{name}")

    def renew(self) -> None:
        """Say that the store is of the newest format now."""
        self.home.replace(MARK, _mark())
        self.version = FORMAT_VERSION

    def _check(self) -> int:
        """The version of the store's format, if this program knows it."""
        try:
            content = json.loads(self.home.read(MARK))
            version = int(content["version"])
        except FileNotFoundError:
            raise StoreError(
                str(self.path), "there is no store here; make one with flyoff ingest"
            ) from None
        except (ValueError, KeyError, TypeError):
            raise StoreError(
                str(self.path),
                f"{MARK} is damaged; its content should be like "
                f'{{"format": "flyoff store", "version": {FORMAT_VERSION}}}',
            ) from None
        if version > FORMAT_VERSION:
            raise StoreError(
                str(self.path),
                f"it has format version {version} and this Flyoff knows up to {FORMAT_VERSION}; "
                "update Flyoff, nothing was changed",
            )
        return version


def _mark() -> bytes:
    return json.dumps({"format": "flyoff store", "version": FORMAT_VERSION}).encode()


@contextlib.contextmanager
def explained(path: Path | str) -> Iterator[None]:
    """Turn what the system and Delta raise into a StoreError that says what to do."""
    try:
        yield
    except StoreError:
        raise
    except OSError as error:
        raise StoreError(str(path), _why(error, path)) from error
    except Exception as error:
        if not _is_of_delta(error):
            raise
        raise StoreError(str(path), _why_delta(str(error), path)) from error


def _is_of_delta(error: Exception) -> bool:
    loaded = sys.modules.get("deltalake.exceptions")  # else it raises nothing
    return loaded is not None and isinstance(error, loaded.DeltaError)


def _why(error: OSError, path: Path | str) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return _full(path)
    where = f" ({error.filename})" if error.filename else ""
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return f"{_NOT_PERMITTED}{where}"
    if error.errno is None:  # Delta's own reason, not the system's
        text = _plain(str(error))
        return _known(text, path) or text
    return f"{reason_of(error)}{where}"


def _plain(text: str) -> str:
    """On one line and without colours."""
    return " ".join(_COLOUR.sub("", text).split())


def _known(text: str, path: Path | str) -> str:
    """What we say of a reason that Delta gives in words; empty where it is another."""
    lower = text.lower()
    if "no space left" in lower or "os error 28" in lower or "file too large" in lower:
        return _full(path)
    if "read-only file system" in lower or "permission denied" in lower:
        return _NOT_PERMITTED
    return ""


def _why_delta(text: str, path: Path | str) -> str:
    said = _plain(_FRAMES.sub("", text))
    return _known(said, path) or (
        f"a table cannot be read or written: {said}; "
        f"what is damaged says: flyoff store check {path}"
    )


def _full(path: Path | str) -> str:
    try:
        free = f", {shutil.disk_usage(path).free / 1e6:.0f} MB are free"
    except OSError:
        free = ""
    return (
        f"the disk is full{free}; make room and run the same command again, "
        "what was stored until now is safe"
    )
