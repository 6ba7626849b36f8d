"""A lock in an object store: an object that says who holds it, changed only by its holder.

The holder writes a new version of it every few seconds; whoever has seen the same version for
``EXPIRES_S`` on an own clock takes it over. No two clocks are compared. A holder that slept through
this does not know that it lost the lock: what it writes then is refused by the tables themselves
(``flyoff.lake.commit``), so the lease keeps writers out of each other's way and nothing more.
"""

import contextlib
import json
import random
import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any, NamedTuple

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError

#: A holder is taken for dead after this long without a sign of life, and gives one this often [s].
EXPIRES_S = 30.0
BEAT_S = 5.0
_LOOK_S = (0.02, 0.2)


class _Tag(NamedTuple):
    """Of one version of an object: S3 and Azure know it by its tag, Google by its generation."""

    e_tag: str | None = None
    version: str | None = None


class _Seen(NamedTuple):
    tag: _Tag
    owner: str


class Lease:
    """The lock of one store, for one holding of it.

    Parameters
    ----------
    objects : obstore's store
    key : str
    """

    def __init__(self, objects: Any, key: str) -> None:
        self._objects, self._key = objects, key
        self._own = uuid.uuid4().hex
        self._tag = _Tag()
        self._ends = threading.Event()

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Wait until it is free or its holder is dead, hold it, and give it back."""
        self._tag = self._acquire()
        beating = threading.Thread(target=self._beat, daemon=True)
        beating.start()
        try:
            yield
        finally:
            self._ends.set()
            beating.join()
            with contextlib.suppress(BaseError, OSError):  # then it expires
                self._write("", self._tag)

    def _acquire(self) -> _Tag:
        last, since = _Seen(_Tag(), ""), time.monotonic()
        while True:
            now = self._look()
            if now is not None and now.owner == self._own:  # a write whose answer was lost
                return now.tag
            if now is not None and now.tag != last.tag:
                last, since = now, time.monotonic()
            is_free = now is None or not now.owner or time.monotonic() - since > EXPIRES_S
            if is_free and (tag := self._take(now)):
                return tag
            time.sleep(random.uniform(*_LOOK_S))

    def _look(self) -> _Seen | None:
        try:
            found = obstore.get(self._objects, self._key)
            tag = _Tag(found.meta["e_tag"], found.meta["version"])
            return _Seen(tag, str(json.loads(bytes(found.bytes()))["owner"]))
        except FileNotFoundError:
            return None

    def _take(self, seen: _Seen | None) -> _Tag | None:
        with contextlib.suppress(AlreadyExistsError, PreconditionError):
            return self._write(self._own, None if seen is None else seen.tag)
        return None

    def _write(self, owner: str, instead_of: _Tag | None) -> _Tag:
        """Each version differs from every other, so that a tag is never met again."""
        content = json.dumps({"owner": owner, "version": uuid.uuid4().hex}).encode()
        known = instead_of._asdict() if instead_of is not None else {}
        mode: Any = {k: v for k, v in known.items() if v is not None} or "create"
        made = obstore.put(self._objects, self._key, content, mode=mode)
        return _Tag(made["e_tag"], made["version"])

    def _beat(self) -> None:
        while not self._ends.wait(BEAT_S):
            try:
                self._tag = self._write(self._own, self._tag)
            except PreconditionError:
                now = self._look_again()
                if now is not None and now.owner != self._own:
                    return
                self._tag = now.tag if now is not None else self._tag
            except (BaseError, OSError):
                continue  # the server may come back before the lease expires

    def _look_again(self) -> _Seen | None:
        with contextlib.suppress(BaseError, OSError):
            return self._look()
        return None
