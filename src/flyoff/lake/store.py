"""A store: a folder with raw logs and the tables made of them."""

import contextlib
import errno
import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from flyoff.errors import StoreError
from flyoff.faults import step
from flyoff.lake.raw import sync_folder
from flyoff.lake.schema import DERIVED, FORMAT_VERSION, SCHEMAS

_MARK = "flyoff.json"
_LOCK = ".lock"
#: Is there while the tables may hold rows that ``logs`` does not vouch for.
_UNSETTLED = ".unsettled"


class Store:
    """A folder with ``flyoff.json``, ``raw/`` and ``tables/``.

    Parameters
    ----------
    path : str or path-like
    create : bool
        Make what is missing; False refuses a folder that is no store.

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
        self.path = Path(path)
        self.raw = self.path / "raw"
        self.tables = self.path / "tables"
        with explained(self.path):
            if create:
                self._create()
            self.version = self._check()

    def __str__(self) -> str:
        return str(self.path)

    def table(self, name: str) -> DeltaTable:
        """A table at its newest version."""
        with explained(self.path):
            return DeltaTable(str(self.tables / name))

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Only one process at a time writes to the tables; its death gives the lock back."""
        with explained(self.path):
            handle = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                yield
            finally:
                os.close(handle)

    @property
    def is_settled(self) -> bool:
        """Whether every row in the tables is vouched for by ``logs``."""
        return not (self.path / _UNSETTLED).exists()

    def unsettle(self) -> None:
        """Say, durably, that rows follow which do not count yet."""
        (self.path / _UNSETTLED).touch()
        sync_folder(self.path)
        step("store.unsettled")

    def settle(self) -> None:
        """Say that every row counts again."""
        (self.path / _UNSETTLED).unlink(missing_ok=True)
        step("store.settled")

    def _create(self) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        mark = self.path / _MARK
        if not mark.exists():
            self._refuse_foreign()
            self.raw.mkdir(exist_ok=True)
            self._write_mark()
        self._check()
        # all tables before anybody fans out: two first writers of one table would collide
        # ``logs`` last: where it is, all are
        names = (*DERIVED, "logs")
        missing = [n for n in names if not DeltaTable.is_deltatable(str(self.tables / n))]
        if missing:
            with self.locked():
                for name in missing:
                    make_table(self.tables / name, SCHEMAS[name])
                    step(f"store.made.{name}")

    def renew(self) -> None:
        """Say that the store is of the newest format now."""
        self._write_mark()
        self.version = FORMAT_VERSION

    def _write_mark(self) -> None:
        handle = self.path / f"{_MARK}.{os.getpid()}"
        with handle.open("w") as out:
            json.dump({"format": "flyoff store", "version": FORMAT_VERSION}, out)
            out.flush()
            os.fsync(out.fileno())
        step("store.written")
        os.replace(handle, self.path / _MARK)
        sync_folder(self.path)
        step("store.marked")

    def _refuse_foreign(self) -> None:
        strange = [p.name for p in self.path.iterdir() if not p.name.startswith(_MARK)]
        if set(strange) - {"raw", "tables", _LOCK}:
            raise StoreError(
                str(self.path),
                f"the folder is no store and not empty (it holds {sorted(strange)[0]!r}); "
                "name an empty or a new folder",
            )

    def _check(self) -> int:
        """The version of the store's format, if this program knows it."""
        mark = self.path / _MARK
        try:
            content = json.loads(mark.read_text())
            version = int(content["version"])
        except FileNotFoundError:
            raise StoreError(
                str(self.path), "there is no store here; make one with flyoff ingest"
            ) from None
        except (ValueError, KeyError, TypeError):
            raise StoreError(
                str(self.path),
                f"{_MARK} is damaged; its content should be like "
                f'{{"format": "flyoff store", "version": {FORMAT_VERSION}}}',
            ) from None
        if version > FORMAT_VERSION:
            raise StoreError(
                str(self.path),
                f"it has format version {version} and this Flyoff knows up to {FORMAT_VERSION}; "
                "update Flyoff, nothing was changed",
            )
        return version


def make_table(path: Path, schema: pa.Schema) -> None:
    """Create an empty Delta table, unless it is there."""
    path.mkdir(parents=True, exist_ok=True)
    DeltaTable.create(str(path), schema=schema, mode="ignore")


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what the system and Delta raise into a StoreError that says what to do."""
    try:
        yield
    except StoreError:
        raise
    except OSError as error:
        raise StoreError(str(path), _why(error, path)) from error
    except DeltaError as error:
        raise StoreError(str(path), _why_delta(str(error), path)) from error


def _why(error: OSError, path: Path) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return _full(path)
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return "it cannot be written (read only or no permission); nothing was changed"
    where = f" ({error.filename})" if error.filename else ""
    return f"{(error.strerror or str(error)).lower()}{where}"


def _why_delta(text: str, path: Path) -> str:
    lower = text.lower()
    if "no space left" in lower or "os error 28" in lower or "file too large" in lower:
        return _full(path)
    if "read-only file system" in lower or "permission denied" in lower:
        return "it cannot be written (read only or no permission); nothing was changed"
    return f"a table cannot be read or written: {' '.join(text.split())}"


def _full(path: Path) -> str:
    try:
        free = f", {shutil.disk_usage(path).free / 1e6:.0f} MB are free"
    except OSError:
        free = ""
    return (
        f"the disk is full{free}; make room and run the same command again, "
        "what was stored until now is safe"
    )
