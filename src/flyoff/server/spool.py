"""What people bring, on disk until it is in the store: batches of files, and what became of each.

``uploads/BATCH/batch.json`` says everything; ``files/`` holds what was received whole, under the
names it came with, ``incoming/`` what is under way, under names of ours. A server that is killed
finds all of it again.
"""

import contextlib
import hashlib
import json
import os
import re
import shutil
import threading
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool

from flyoff.errors import reason_of
from flyoff.server.problems import Refusal
from flyoff.server.settings import UploadLimits
from flyoff.server.tokens import now

Facts = dict[str, Any]

#: Batches that are remembered once they are done.
MOST_DONE = 200
#: Folders in a path, and bytes of one name.
_DEEPEST, _LONGEST = 16, 255
_FINISHED = frozenset({"stored", "known", "skipped", "failed"})
_DRIVE = re.compile(r"^[A-Za-z]:$")


class Spool:
    """Batches of uploads.

    Parameters
    ----------
    folder : Path
        Made when the first batch comes.
    limits : UploadLimits
    """

    def __init__(self, folder: Path, limits: UploadLimits) -> None:
        self.folder, self.limits = folder, limits
        self._lock = threading.Lock()

    def open(self, by: str) -> Facts:
        """A new batch; refuses one too many."""
        with self._lock:
            open_ones = [b for b in self._all() if b["state"] != "done"]
            if len(open_ones) >= self.limits.waiting_batches:
                raise Refusal(429, f"{len(open_ones)} batches wait already; try again later",
                              {"Retry-After": "60"})  # fmt: skip
            batch: Facts = {"id": uuid.uuid4().hex, "by": by, "state": "open", "created_utc": now(),
                     "files": [], "problem": None, "attempts": 0}  # fmt: skip
            home = self.home(batch["id"])
            (home / "files").mkdir(parents=True)
            (home / "incoming").mkdir()
            self._write(batch)
        return batch

    def batches(self) -> list[Facts]:
        """All batches, newest first."""
        return sorted(self._all(), key=lambda b: (b["created_utc"], b["id"]), reverse=True)

    def batch(self, batch_id: str) -> Facts:
        """One batch; refuses an id that there is not."""
        try:
            found: Facts = json.loads((self.home(batch_id) / "batch.json").read_text())
        except (OSError, ValueError):
            raise Refusal(404, f"there is no batch {batch_id}") from None
        return found

    async def receive(self, batch_id: str, path: str, chunks: AsyncIterator[bytes]) -> Facts:
        """Take one file in, whole or not at all.

        Raises
        ------
        Refusal
            If the batch is closed, the path is a trick, or the file is too large.
        """
        name = safe_path(path)
        before = await run_in_threadpool(self._room, batch_id, name)
        part = self.home(batch_id) / "incoming" / uuid.uuid4().hex
        size, digest = 0, hashlib.sha256()
        try:
            with part.open("xb") as file:
                async for chunk in chunks:
                    size += len(chunk)
                    self._check_size(size, before + size)
                    digest.update(chunk)
                    await run_in_threadpool(file.write, chunk)
            return await run_in_threadpool(
                self._received, batch_id, name, part, size, digest.hexdigest()
            )
        except OSError as error:
            raise Refusal(507, f"the file cannot be kept: {reason_of(error)}") from None
        finally:
            part.unlink(missing_ok=True)

    def close(self, batch_id: str) -> Facts:
        """Have a batch judged; again, if it ended with a problem."""

        def change(batch: Facts) -> None:
            again = batch["state"] == "done" and batch["problem"] is not None
            if batch["state"] != "open" and not again:
                raise Refusal(409, f"the batch is {batch['state']} already")
            if not batch["files"]:
                raise Refusal(409, "the batch holds no file yet")
            if not (self.home(batch_id) / "files").is_dir():
                raise Refusal(409, "the batch's files are no longer here; bring them again")
            batch |= {"state": "queued", "problem": None, "attempts": 0}
            for file in batch["files"]:
                if file["state"] not in _FINISHED:
                    file["state"] = "queued"

        return self.change(batch_id, change)

    def drop(self, batch_id: str) -> None:
        """Throw a batch away; refuses one that is being judged."""
        with self._lock:
            if self.batch(batch_id)["state"] in ("queued", "judging"):
                raise Refusal(409, "the batch is being judged; wait until it is done")
            shutil.rmtree(self.home(batch_id), ignore_errors=True)

    def change(self, batch_id: str, how: Callable[[Facts], None]) -> Facts:
        """Change a batch, durably."""
        with self._lock:
            batch = self.batch(batch_id)
            how(batch)
            self._write(batch)
        return batch

    def finish(self, batch_id: str, problem: str | None) -> Facts:
        """Say that nothing more is done with a batch; its files go unless something went wrong."""

        def change(batch: Facts) -> None:
            batch |= {"state": "done", "problem": problem}
            for file in batch["files"]:
                if problem is None and file["state"] not in _FINISHED:
                    said = "no log; used where it is the plan or the columns of a log beside it"
                    file |= {"state": "skipped", "problem": said}

        batch = self.change(batch_id, change)
        if problem is None:
            shutil.rmtree(self.home(batch_id) / "files", ignore_errors=True)
        for old in [b for b in self.batches() if b["state"] == "done"][MOST_DONE:]:
            shutil.rmtree(self.home(old["id"]), ignore_errors=True)
        return batch

    def home(self, batch_id: str) -> Path:
        """A batch's own folder."""
        return self.folder / batch_id

    def _room(self, batch_id: str, name: str) -> int:
        """How much the batch holds beside this file; refuses a file too many."""
        batch = self.batch(batch_id)
        if batch["state"] != "open":
            raise Refusal(409, f"the batch is {batch['state']}; open another one")
        others = [f for f in batch["files"] if f["path"] != name]
        if len(others) >= self.limits.files:
            raise Refusal(413, f"a batch holds at most {self.limits.files} files")
        return sum(f["bytes"] for f in others)

    def _check_size(self, file: int, batch: int) -> None:
        if file > self.limits.file_bytes:
            raise Refusal(413, f"a file has at most {self.limits.file_bytes} bytes")
        if batch > self.limits.batch_bytes:
            raise Refusal(413, f"a batch has at most {self.limits.batch_bytes} bytes")

    def _received(self, batch_id: str, name: str, part: Path, size: int, sha256: str) -> Facts:
        """Give a whole file its own name and note it."""
        target = self.home(batch_id) / "files" / name
        with self._lock:
            batch = self.batch(batch_id)
            if batch["state"] != "open":
                raise Refusal(409, f"the batch is {batch['state']}; open another one")
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                os.replace(part, target)
            except (FileExistsError, NotADirectoryError, IsADirectoryError):
                raise Refusal(409, f"{name!r} is a file and a folder in one batch") from None
            file = {"path": name, "bytes": size, "sha256": sha256, "state": "received",
                    "problem": None, "sorties": [], "receipt": None}  # fmt: skip
            batch["files"] = [f for f in batch["files"] if f["path"] != name] + [file]
            self._write(batch)
        return file

    def _all(self) -> list[Facts]:
        found = []
        for home in self.folder.iterdir() if self.folder.is_dir() else ():
            with contextlib.suppress(Refusal):  # a batch that is just being made or dropped
                found.append(self.batch(home.name))
        return found

    def _write(self, batch: Facts) -> None:
        write_whole(self.home(batch["id"]) / "batch.json", batch)


def shown(batch: Facts) -> Facts:
    """A batch as people see it."""
    kept = {k: batch[k] for k in ("id", "by", "state", "created_utc", "files", "problem")}
    return kept | {"done": sum(f["state"] in _FINISHED for f in batch["files"])}


def write_whole(path: Path, content: object) -> None:
    """Write JSON whole or not at all."""
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with part.open("x", encoding="utf-8") as file:
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def safe_path(path: str) -> str:
    r"""A relative path of ordinary names; refuses every trick with them.

    Examples
    --------
    >>> safe_path("card 1\\a.BIN"), safe_path("a/b.ulg")
    ('card 1/a.BIN', 'a/b.ulg')
    >>> safe_path("../../etc/passwd")
    Traceback (most recent call last):
    flyoff.server.problems.Refusal: path '../../etc/passwd': '..' is no name of a file
    """
    names = path.replace("\\", "/").split("/")
    if len(names) > _DEEPEST:
        raise Refusal(422, f"path: more than {_DEEPEST} folders deep")
    for name in names:
        plain = name.isprintable() and len(name.encode(errors="replace")) <= _LONGEST
        if not plain or not name.strip() or name.startswith(".") or _DRIVE.match(name):
            raise Refusal(422, f"path {path[:200]!r}: {name[:100]!r} is no name of a file")
        if any(0xD800 <= ord(c) <= 0xDFFF for c in name):
            raise Refusal(422, "path: is no text")
    return "/".join(names)
