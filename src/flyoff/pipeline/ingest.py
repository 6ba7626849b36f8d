"""Logs into a store: judged by N processes or a cluster, with one committer here."""

import time
import uuid
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from os import PathLike
from typing import Literal

from flyoff.errors import StoreError
from flyoff.faults import step
from flyoff.lake.commit import Committer
from flyoff.lake.home import resolved
from flyoff.lake.query import connect
from flyoff.lake.store import Store, explained
from flyoff.pipeline import local
from flyoff.pipeline.kept import kept_size
from flyoff.pipeline.local import Failed
from flyoff.pipeline.taking import (
    Batch,
    Kept,
    Known,
    Taken,
    entry_of,
    rules_version,
    take,
    take_again,
)
from flyoff.pipeline.walk import Found

#: Who does the work: this machine, or a cluster that Ray runs.
Engine = Literal["local", "ray"]
#: What workers are copies of.
LOADED = "flyoff.pipeline.loaded.storing"


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
    store: Store,
    files: Sequence[Found],
    *,
    jobs: int | None = None,
    engine: Engine = "local",
    address: str | None = None,
) -> Generator[tuple[Found, Known | Taken | Failed, Tally], None, None]:
    """Take files into a store; may be killed at any instant and run again.

    Parameters
    ----------
    jobs : int or None
        Processes on this machine; by default as many as the work is worth.
    engine : "local" or "ray"
        Who does the work.
    address : str or None
        Of Ray's head.

    Yields
    ------
    (file, what became of it, tally so far)
        A log counts as stored once the iterator is exhausted or closed.
    """
    with explained(store.path):
        store.home.sweep()
    tally = Tally()
    committer = Committer(store)
    if engine == "ray":
        from flyoff.pipeline.cluster import take_all

        batches = take_all(resolved(str(store)), files, address)
    else:
        batches = _taken_here(store, files, jobs)
    try:
        for batch in batches:
            _load_linking()
            _hand_over(batch, tally, committer)
            for found, result in batch.results:
                step("ingest.taken")
                yield found, result, tally
    finally:
        committer.close()
        tally.logs, tally.known = tally.logs - committer.already, tally.known + committer.already
    step("ingest.closed")
    _load_linking()(store)


def _load_linking() -> Callable[[Store], int]:
    """Linking, with SciPy's FFT: loaded once workers are at work, which need neither."""
    from flyoff.pipeline.linking import link_store

    return link_store


def _taken_here(store: Store, files: Sequence[Found], jobs: int | None) -> Iterator[Batch[Found]]:
    work = partial(take, store=str(store), run=uuid.uuid4().hex)
    sizes = [f.size for f in files]
    count = local.jobs_for(sizes, jobs)
    for found, result in local.run(work, files, count, sizes=sizes, loaded=LOADED):
        yield Batch(((found, result),))


def _hand_over(batch: Batch[Found], tally: Tally, committer: Committer) -> None:
    """Count what became of some files, and give what is new to the committer."""
    new = []
    for found, result in batch.results:
        if tally.count(found, result) and isinstance(result, Taken):
            new.append(result)
        if isinstance(result, Failed) and isinstance(result.error, StoreError):
            raise result.error  # a full disk fails every file: say it once
    if batch.staged is None:
        for taken in new:
            committer.add(entry_of(taken, rules_version()))
    elif new:
        committer.add_staged(batch.staged, [taken.judged.log.sha256 for taken in new])


def rejudge(
    store: Store,
    *,
    jobs: int | None = None,
    only: Sequence[Kept] | None = None,
    engine: Engine = "local",
    address: str | None = None,
) -> Generator[tuple[Kept, Known | Taken | Failed, int], None, None]:
    """Rebuild every derived table from the raw logs; until then the old rows are read.

    Parameters
    ----------
    store : Store
    jobs : int or None
        Processes; None decides by the work there is.
    only : sequence of Kept or None
        These logs alone, which the tables need not know.
    engine, address
        As of ``ingest``.

    Yields
    ------
    (log, what became of it, number of logs)
    """
    from flyoff.pipeline.linking import link_store

    kept = kept_logs(store) if only is None else only
    sizes = [kept_size(store, k.sha256) for k in kept]
    committer, version = Committer(store, replace=True), rules_version()
    batches: Iterator[Batch[Kept]]
    if engine == "ray":
        from flyoff.pipeline.cluster import take_all_again

        batches = take_all_again(resolved(str(store)), kept, sizes, address)
    else:
        batches = _again_here(store, kept, sizes, jobs)
    try:
        for batch in batches:
            taken = [result for _, result in batch.results if isinstance(result, Taken)]
            if batch.staged is not None:
                committer.add_staged(batch.staged, [one.judged.log.sha256 for one in taken])
            else:
                for one in taken:
                    committer.add(entry_of(one, version))
            for log, result in batch.results:
                step("rejudge.taken")
                yield log, result, len(kept)
    finally:
        committer.close()
    link_store(store)


def _again_here(
    store: Store, kept: Sequence[Kept], sizes: Sequence[int], jobs: int | None
) -> Iterator[Batch[Kept]]:
    work, count = partial(take_again, store=str(store)), local.jobs_for(sizes, jobs)
    for log, result in local.run(work, kept, count, sizes=sizes, loaded=LOADED):
        yield Batch(((log, result),))


def kept_logs(store: Store) -> list[Kept]:
    """All logs of the store, ordered by path."""
    columns = "log_sha256, path, plan_sha256, plan_path"
    with connect(store) as db:
        rows = db.execute(f"SELECT {columns} FROM logs ORDER BY path, log_sha256").fetchall()
    return [Kept(*row) for row in rows]
