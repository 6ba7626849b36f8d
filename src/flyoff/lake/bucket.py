"""A store in an object store: S3 and what speaks it, Google Cloud Storage, Azure.

Credentials, endpoint and region come from the usual environment (``AWS_ACCESS_KEY_ID``,
``AWS_ENDPOINT_URL``, …), for the raw files here and for the tables in Delta alike. An object
appears whole or not at all, so there is nothing to sweep.
"""

import contextlib
import errno
import functools
import hashlib
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    PermissionDeniedError,
    UnauthenticatedError,
)
from obstore.store import from_url

from flyoff.errors import SourceError, StoreError, reason_of
from flyoff.faults import step
from flyoff.lake.lease import Lease
from flyoff.lake.raw import key_of
from flyoff.lake.reached import delta_options, hint, is_plain

_LOCK = ".lock"
#: One object below it for each writer whose rows do not count yet.
_UNSETTLED = ".unsettled"
_CHUNK = 4 << 20
#: Questions that are asked at the same time.
_AT_ONCE = 16

P = ParamSpec("P")
R = TypeVar("R")


@contextlib.contextmanager
def _as_os_error() -> Iterator[None]:
    try:
        yield
    except (PermissionDeniedError, UnauthenticatedError) as error:
        raise PermissionError(errno.EACCES, _line(error)) from error
    except BaseError as error:
        if said := hint(str(error)):
            raise OSError(said) from error
        raise OSError(errno.EIO, _line(error)) from error


def _told(function: Callable[P, R]) -> Callable[P, R]:
    """What the object store raises becomes an OSError."""

    @functools.wraps(function)
    def told(*args: P.args, **kwargs: P.kwargs) -> R:
        with _as_os_error():
            return function(*args, **kwargs)

    return told


class Bucket:
    """A home (``flyoff.lake.home``) at a URL."""

    def __init__(self, url: str) -> None:
        self.path: Path | str = url
        self.options: dict[str, str] | None = delta_options(url)
        try:
            self._objects = from_url(url, client_options={"allow_http": is_plain(url)})
        except (BaseError, ValueError) as error:
            raise StoreError(url, f"cannot be reached: {_line(error)}") from error
        self._newest: dict[str, str] = {}
        self._asking = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="bucket")

    def uri(self, key: str) -> str:
        """What Delta opens a table by."""
        return f"{self.path}/{key}"

    def local(self, key: str) -> Path | None:
        """None: nothing here is a file of this machine."""
        return None

    @_told
    def claim(self, mark: str, content: bytes) -> None:
        """Begin a store under a prefix where nothing lies."""
        if self.size(mark) is not None:
            return
        first = next(iter(obstore.list(self._objects, chunk_size=1)), None)
        # or another process begins the same store at this moment
        if first and (key := str(first[0]["path"])) != mark and self.size(mark) is None:
            raise StoreError(
                str(self.path),
                f"there is no store here and something else is ({key!r}); name an unused prefix",
            )
        self.create(mark, content)

    @_told
    def read(self, key: str) -> bytes:
        """All bytes of an object."""
        return bytes(obstore.get(self._objects, key).bytes())

    def chunks(self, key: str) -> Iterator[bytes]:
        """The bytes of an object in pieces."""
        with _as_os_error():
            for chunk in obstore.get(self._objects, key).stream(min_chunk_size=_CHUNK):
                yield bytes(chunk)

    @_told
    def size(self, key: str) -> int | None:
        """How many bytes; None if there is no such object."""
        try:
            return int(obstore.head(self._objects, key)["size"])
        except FileNotFoundError:
            return None

    @_told
    def keys(self, prefix: str) -> Iterator[str]:
        """All objects below a prefix."""
        found = obstore.list(self._objects, prefix)
        return iter(sorted(str(meta["path"]) for some in found for meta in some))

    @_told
    def create(self, key: str, data: bytes | memoryview) -> None:
        """Write an object; one that is there stays."""
        with contextlib.suppress(AlreadyExistsError):
            # in one request: only that is refused as a whole where the object is there
            obstore.put(self._objects, key, bytes(data), mode="create", use_multipart=False)

    @_told
    def replace(self, key: str, data: bytes) -> None:
        """Write an object in the place of what is there."""
        obstore.put(self._objects, key, data, use_multipart=False)

    @_told
    def move(self, key: str, target: str) -> None:
        """Copy each object below a key, then delete it."""
        for one in [key] if self.size(key) is not None else list(self.keys(key)):
            obstore.copy(self._objects, one, f"{target}{one.removeprefix(key)}")
            step("bucket.copied")
            obstore.delete(self._objects, one)

    def keep(self, sha256: str, path: str, data: memoryview | None) -> Path | memoryview:
        """Put a raw file in; the bytes that are there now, so that nothing else is judged."""
        held = memoryview(_bytes_of(path)) if data is None else data
        if hashlib.sha256(held).hexdigest() != sha256:
            raise SourceError(path, "changed while it was being read; try again")
        key = key_of(sha256)
        if self.size(key) is None:
            self.create(key, held)
        step("raw.kept")
        return held

    def sweep(self) -> None:
        """Nothing to do: an object is never there by half."""

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the store's lease."""
        lease = Lease(self._objects, _LOCK)
        with _as_os_error(), contextlib.ExitStack() as stack:
            stack.enter_context(lease.held())
            yield

    @_told
    def marks(self) -> list[str]:
        """The marks of all writers, dead or alive."""
        return list(self.keys(_UNSETTLED))

    def mark(self) -> str:
        """Set a mark of one's own: who lost the lock takes away no other's."""
        name = f"{_UNSETTLED}/{uuid.uuid4().hex}"
        self.create(name, b"{}")
        return name

    @_told
    def unmark(self, names: Sequence[str]) -> None:
        """Take marks away."""
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                obstore.delete(self._objects, name)

    def newest_commits(self, tables: Sequence[str]) -> list[str]:
        """Name of the newest commit of each table, asked for at the same time."""
        return list(self._asking.map(self._newest_commit, tables))

    def identity(self, table: str) -> object:
        """Nothing tells: a prefix is not made anew in the place of another."""
        return 0

    @_told
    def _newest_commit(self, table: str) -> str:
        """Asks from the newest known one on, since a table's log may be long."""
        log = f"{table}/_delta_log"
        known = self._newest.get(table, "")
        found = self._commits(log, _just_before(f"{log}/{known}")) if known else []
        if known not in found:  # another table lies here now, or none was known
            found = self._commits(log, None)
        self._newest[table] = max(found, default="")
        return self._newest[table]

    def _commits(self, log: str, after: str | None) -> list[str]:
        listed = obstore.list(self._objects, log, offset=after)
        names = (str(meta["path"]).rpartition("/")[2] for some in listed for meta in some)
        return [n for n in names if n.endswith(".json") and n[:1].isdigit()]


def _just_before(key: str) -> str:
    """A key that sorts before this one and after all that sort before it, near enough."""
    return key[:-1]


def _bytes_of(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:  # the card, not the store
        why = reason_of(error)
        raise SourceError(path, f"cannot be read: {why}") from error


def _line(error: Exception) -> str:
    """The first sentence: what the server sends is a page of XML."""
    return hint(str(error)) or " ".join(str(error).partition("\n")[0].split())[:300]
