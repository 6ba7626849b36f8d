"""A store in a folder of this machine, or one that all machines of a cluster see."""

import contextlib
import fcntl
import os
import re
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

from flyoff.errors import StoreError
from flyoff.faults import step
from flyoff.lake import raw
from flyoff.lake.raw import sync_folder

_LOCK = ".lock"
#: Is there while the tables may hold rows that ``logs`` does not vouch for.
_UNSETTLED = ".unsettled"
_CHUNK = 4 << 20


#: What Delta's URLs of a folder cannot hold, or change on the way: tried one by one.
_UNNAMEABLE = re.compile(r"[\[\]^|\\\x00-\x1f\x7f\udc80-\udcff]|%[0-9A-Fa-f]{2}")


class Folder:
    """A home (``flyoff.lake.home``) in a folder."""

    options: dict[str, str] | None = None

    def __init__(self, path: Path) -> None:
        _refuse_unnameable(path)
        self.path: Path | str = path
        self._root = path

    def uri(self, key: str) -> str:
        """What Delta opens a table by."""
        return str(self._root / key)

    def local(self, key: str) -> Path | None:
        """The file with this key, whether it is there or not."""
        return self._root / key

    def claim(self, mark: str, content: bytes) -> None:
        """Begin a store in a new or an empty folder."""
        self._root.mkdir(parents=True, exist_ok=True)
        if (self._root / mark).exists():
            return
        names = {p.name for p in self._root.iterdir() if not p.name.lstrip(".").startswith(mark)}
        if strange := names - {"raw", "tables", _LOCK}:
            raise StoreError(
                str(self.path),
                f"the folder is no store and not empty (it holds {min(strange)!r}); "
                "name an empty or a new folder",
            )
        (self._root / "raw").mkdir(exist_ok=True)
        self._replace(mark, content)

    def read(self, key: str) -> bytes:
        """All bytes of a file."""
        return (self._root / key).read_bytes()

    def chunks(self, key: str) -> Iterator[bytes]:
        """The bytes of a file in pieces."""
        with (self._root / key).open("rb", buffering=0) as file:
            while chunk := file.read(_CHUNK):
                yield chunk

    def size(self, key: str) -> int | None:
        """How many bytes; None if there is no such file."""
        try:
            return (self._root / key).stat().st_size
        except FileNotFoundError:
            return None

    def keys(self, prefix: str) -> Iterator[str]:
        """All files below a folder; hidden folders hold what is under way."""
        for folder, inner, files in os.walk(self._root / prefix):
            inner[:] = sorted(name for name in inner if not name.startswith("."))
            yield from (
                (Path(folder) / f).relative_to(self._root).as_posix() for f in sorted(files)
            )

    def create(self, key: str, data: bytes | memoryview) -> None:
        """Write a file whole or not at all; one that is there stays."""
        if not (self._root / key).exists():
            self._replace(key, data)

    def replace(self, key: str, data: bytes) -> None:
        """Write a file whole or not at all, in the place of what is there."""
        self._replace(key, data)

    def move(self, key: str, target: str) -> None:
        """Move a file, or a folder with all that is in it, at once."""
        source, place = self._root / key, self._root / target
        if not source.exists():
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        os.rename(source, place)
        sync_folder(source.parent)

    def keep(self, sha256: str, path: str, data: memoryview | None) -> Path | memoryview:
        """Copy a raw file in."""
        return raw.put(self._root / "raw", path, sha256, data)

    def sweep(self) -> None:
        """Remove raw files that killed processes left half written."""
        raw.sweep(self._root / "raw")

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the store's lock; the death of a process gives it back."""
        handle = os.open(self._root / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def marks(self) -> list[str]:
        """The one mark that there is, if it is set; who writes holds the lock."""
        return [_UNSETTLED] if (self._root / _UNSETTLED).exists() else []

    def mark(self) -> str:
        """Say, durably, that rows follow which do not count yet."""
        (self._root / _UNSETTLED).touch()
        sync_folder(self._root)
        return _UNSETTLED

    def unmark(self, names: Sequence[str]) -> None:
        """Say that every row counts again."""
        for name in names:
            (self._root / name).unlink(missing_ok=True)

    def newest_commits(self, tables: Sequence[str]) -> list[str]:
        """Name of the newest commit of each table."""
        return [self._newest(table) for table in tables]

    def identity(self, table: str) -> object:
        """Of the table's log the inode, which is used again, and when it was written to."""
        try:
            found = (self._root / table / "_delta_log").stat()
        except OSError:
            return (0, 0)
        return (found.st_ino, found.st_mtime_ns)

    def _newest(self, table: str) -> str:
        try:
            with os.scandir(self._root / table / "_delta_log") as found:
                names = (e.name for e in found if e.name.endswith(".json"))
                return max((n for n in names if n[:1].isdigit()), default="")
        except FileNotFoundError:
            return ""

    def _replace(self, key: str, data: bytes | memoryview) -> None:
        place = self._root / key
        place.parent.mkdir(parents=True, exist_ok=True)
        part = place.with_name(f".{place.name}.{uuid.uuid4().hex}")
        with part.open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        step("home.written")
        os.replace(part, place)
        sync_folder(place.parent)
        step("home.named")


def _refuse_unnameable(path: Path) -> None:
    """Refuse a folder that Delta cannot open, before anything is written there."""
    if found := _UNNAMEABLE.search(os.path.realpath(path)):
        what = ascii(found[0])
        raise StoreError(
            str(path), f"no table can be opened below a folder whose name has {what}; rename it"
        )
