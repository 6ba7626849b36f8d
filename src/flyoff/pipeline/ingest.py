"""Logs into a store: raw files and judgements from N processes, one committer here."""

import functools
import hashlib
import time
import uuid
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from functools import partial
from os import PathLike
from pathlib import Path

import numpy as np
import numpy.typing as npt

from flyoff.errors import StoreError
from flyoff.faults import step
from flyoff.lake.commit import Committer, is_known, known_logs
from flyoff.lake.entry import LogEntry, RecordingEntry
from flyoff.lake.query import connect
from flyoff.lake.store import Store, explained
from flyoff.pipeline import contract, local, registry
from flyoff.pipeline.kept import keep, keep_plan, kept_size, kept_source
from flyoff.pipeline.lean import load_kernels
from flyoff.pipeline.linking import link_store
from flyoff.pipeline.local import Failed
from flyoff.pipeline.opening import open_source
from flyoff.pipeline.steps import JudgedLog, Planned, judge_source, planned_beside, planned_in
from flyoff.pipeline.walk import Found

#: What workers are copies of.
LOADED = "flyoff.pipeline.loaded.storing"


@dataclass(frozen=True, slots=True)
class Known:
    """A log that the store has already."""

    sha256: str


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """A log whose raw file is in the store, judged but not yet in the tables."""

    judged: JudgedLog
    plan_sha256: str | None


@dataclass(slots=True)
class Tally:
    """What an ingest has done so far.

    Attributes
    ----------
    logs, known, duplicates, failed, skipped : int
        New logs; those in the store already; files with the same bytes as another one of this
        run; files that could not be read; files of a walked folder that are no logs.
    sorties, bytes : int
        Of the new logs.
    started : float
        Monotonic clock [s].
    """

    logs: int = 0
    known: int = 0
    duplicates: int = 0
    failed: int = 0
    skipped: int = 0
    sorties: int = 0
    bytes: int = 0
    started: float = field(default_factory=time.monotonic)
    seen: set[str] = field(default_factory=set)

    def count(self, found: Found, result: "Known | Taken | Failed") -> bool:
        """Count one file; whether it is new to the store and to this run."""
        if isinstance(result, Failed):
            is_error = found.is_meant or result.is_bug
            self.failed, self.skipped = self.failed + is_error, self.skipped + (not is_error)
            return False
        sha256 = result.sha256 if isinstance(result, Known) else result.judged.log.sha256
        if sha256 in self.seen:
            self.duplicates += 1
            return False
        self.seen.add(sha256)
        if isinstance(result, Known):
            self.known += 1
            return False
        self.logs += 1
        self.sorties += len(result.judged.sorties)
        self.bytes += result.judged.log.bytes
        return True


def open_store(path: str | PathLike[str], *, create: bool = False) -> Store:
    """Open a store; StoreError if it is none, or one of a newer version, or cannot be made."""
    return Store(path, create=create)


def ingest(
    store: Store, files: Sequence[Found], *, jobs: int | None = None
) -> Generator[tuple[Found, Known | Taken | Failed, Tally], None, None]:
    """Take files into a store; may be killed at any instant and run again.

    Yields
    ------
    (file, what became of it, tally so far)
        A log counts as stored once the iterator is exhausted or closed.
    """
    with explained(store.path):
        store.home.sweep()
    tally, version = Tally(), rules_version()
    committer = Committer(store)
    work = partial(take, store=str(store), run=uuid.uuid4().hex)
    sizes = [f.size for f in files]
    count = local.jobs_for(sizes, jobs)
    try:
        for found, result in local.run(work, files, count, sizes=sizes, loaded=LOADED):
            if tally.count(found, result) and isinstance(result, Taken):
                committer.add(entry_of(result, version))
            if isinstance(result, Failed) and isinstance(result.error, StoreError):
                raise result.error  # a full disk fails every file: say it once
            step("ingest.taken")
            yield found, result, tally
    finally:
        committer.close()
        tally.logs, tally.known = tally.logs - committer.already, tally.known + committer.already
    step("ingest.closed")
    link_store(store)


def take(found: Found, store: str, run: str) -> Known | Taken:
    """Copy one log into the store and judge it; in a worker process."""
    load_kernels()
    lake = _opened(store, run)
    source = open_source(found.path)
    registry.choose(source)  # what is no log does not get in
    # the tables are asked only about logs whose raw file is there: it always comes first
    if kept_size(lake, source.sha256) and is_known(_known(store, run), source.sha256):
        return Known(source.sha256)
    planned = planned_beside(source.path)
    with explained(lake.path):
        copy = keep(lake, source)  # from here on it is read: the card may be pulled out
        plan_sha256 = _keep_plan(lake, planned.path)
    step("take.kept")
    return Taken(judge_source(copy, planned, with_tracks=True), plan_sha256)


@dataclass(frozen=True, slots=True)
class Kept:
    """A log of the store, to be judged again."""

    sha256: str
    path: str
    plan_sha256: str | None
    plan_path: str | None

    def __str__(self) -> str:
        return self.path


def rejudge(
    store: Store, *, jobs: int | None = None
) -> Generator[tuple[Kept, Taken | Failed, int], None, None]:
    """Rebuild every derived table from the raw logs; until then the old rows are read.

    Yields
    ------
    (log, what became of it, number of logs)
    """
    kept = kept_logs(store)
    sizes = [kept_size(store, k.sha256) for k in kept]
    committer, version = Committer(store, replace=True), rules_version()
    work, count = partial(take_again, store=str(store)), local.jobs_for(sizes, jobs)
    try:
        for log, result in local.run(work, kept, count, sizes=sizes, loaded=LOADED):
            if isinstance(result, Taken):
                committer.add(entry_of(result, version))
            step("rejudge.taken")
            yield log, result, len(kept)
    finally:
        committer.close()
    link_store(store)


def take_again(log: Kept, store: str) -> Taken:
    """Judge a log of the store anew; in a worker process."""
    lake = Store(store)
    copy = kept_source(lake, log.sha256, log.path)
    if copy.sha256 != log.sha256:
        raise StoreError(store, f"the raw file of {log.path} was altered: not its SHA-256 any more")
    planned = Planned()
    if log.plan_sha256:
        name = log.plan_path or log.plan_sha256
        planned = planned_in(kept_source(lake, log.plan_sha256, name), name)
    return Taken(judge_source(copy, planned, with_tracks=True), log.plan_sha256)


def kept_logs(store: Store) -> list[Kept]:
    """All logs of the store, ordered by path."""
    columns = "log_sha256, path, plan_sha256, plan_path"
    with connect(store) as db:
        rows = db.execute(f"SELECT {columns} FROM logs ORDER BY path, log_sha256").fetchall()
    return [Kept(*row) for row in rows]


def entry_of(taken: Taken, version: str) -> LogEntry:
    """What the lake stores of a judged log."""
    judged = taken.judged
    recordings = tuple(
        RecordingEntry(
            r.recording,
            r.channels,
            r.sorties,
            r.track.t_us if r.track else None,
            r.track.columns if r.track else {},
        )
        for r in judged.recordings
    )
    return LogEntry(
        judged.log,
        judged.receipt.decoded_bytes,
        judged.receipt.skipped_bytes,
        str(judged.receipt.status),
        contract.receipt_dict(judged.receipt),
        recordings,
        taken.plan_sha256,
        judged.plan or None,
        judged.warnings,
        version,
    )


@functools.cache
def rules_version() -> str:
    """Version of the rules and a digest of their source: two rules never share a name."""
    from flyoff.pipeline import judgement

    digest = hashlib.sha256()
    home = Path(judgement.__file__).parents[1]
    for room in ("model", "decoders", "detectors", "sorties", "measures"):
        for file in sorted((home / room).rglob("*.py")):
            digest.update(file.relative_to(home).as_posix().encode() + b"\0" + file.read_bytes())
    digest.update(Path(judgement.__file__).read_bytes())
    return f"{judgement.RULES_VERSION}+{digest.hexdigest()[:12]}"


@functools.cache
def _opened(store: str, run: str) -> Store:
    """The store; once a process and run."""
    del run
    return Store(store)


@functools.cache
def _known(store: str, run: str) -> npt.NDArray[np.bytes_]:
    """The logs that the store had when this run first asked."""
    return known_logs(_opened(store, run))


def _keep_plan(lake: Store, plan: str) -> str | None:
    if not plan:
        return None
    source = open_source(plan)
    keep_plan(lake, source)
    return source.sha256
