"""Writing the tables so that a log is there with everything or not at all.

Under the store's lock a mark says that rows follow which do not count yet; the derived tables are
written, ``logs`` last, and the mark goes. A reader that sees the mark counts only rows for which
``logs`` vouches, and the next writer removes the others. So a kill at any instant loses nothing and
leaves nothing.

The lock of an object store can be lost to another writer (``flyoff.lake.lease``), so it is not
relied upon: a writer opens the tables when it has the lock, and each commit is refused that would
follow anything but what it has seen.
"""

import contextlib
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError

from flyoff.faults import step
from flyoff.lake.dead import remove_dead
from flyoff.lake.entry import LogEntry
from flyoff.lake.held import HeldTables
from flyoff.lake.journal import NAMES, note_names
from flyoff.lake.known import KnownLogs
from flyoff.lake.rows import tables
from flyoff.lake.schema import DERIVED, SCHEMAS
from flyoff.lake.staged import Staged, add, require
from flyoff.lake.store import Store, explained
from flyoff.lake.unchanged import append_unchanged
from flyoff.stages import stage

#: A batch is written when it holds this many logs, or is this old.
BATCH_LOGS = 256
BATCH_S = 5.0
#: … or this many rows of tracks, about 50 MB.
BATCH_ROWS = 500_000
#: A table of more files than this that are smaller than the second is compacted, for what opens or
#: extends it takes the longer the more it has.
COMPACT_FILES = 64
FILE_BYTES = 100_000_000
_RETRIES = 50


class Committer:
    """Collects judged logs and writes them in batches; the only writer of the tables.

    Parameters
    ----------
    store : Store
    replace : bool
        Logs that are in the store already are written anew (``rejudge``), else left out.

    Attributes
    ----------
    already : int
        Logs left out because another process had written them meanwhile.
    """

    def __init__(self, store: Store, *, replace: bool = False) -> None:
        self._store, self._replace = store, replace
        self.already = 0
        self._batch: dict[str, LogEntry] = {}
        self._rows = 0
        self._staged: list[tuple[Staged, set[str]]] = []
        self._since = time.monotonic()
        self._tables = HeldTables(store, tuple(SCHEMAS))
        self._known = KnownLogs(store)
        self._newest_us = 0
        self._mark = ""
        with store.locked(), explained(store.path):
            settle(store)
            if replace:
                self._newest_us = _newest_us(store)

    def add(self, entry: LogEntry) -> None:
        """Take one log; writes if the batch is large or old enough."""
        if not self._is_waiting:
            self._since = time.monotonic()
        if entry.log.sha256 not in self._batch:
            self._batch[entry.log.sha256] = entry
            self._rows += entry.track_rows
        is_old = time.monotonic() - self._since >= BATCH_S
        if is_old or len(self._batch) >= BATCH_LOGS or self._rows >= BATCH_ROWS:
            self.flush()

    def add_staged(self, batch: Staged, logs: Iterable[str]) -> None:
        """Take what a worker has written; writes as ``add`` does.

        Parameters
        ----------
        logs : iterable of str
            SHA-256 of those of the batch that shall count.
        """
        if not self._is_waiting:
            self._since = time.monotonic()
        self._staged.append((batch, set(logs)))
        is_old = time.monotonic() - self._since >= BATCH_S
        if is_old or sum(len(batch.logs) for batch, _ in self._staged) >= BATCH_LOGS:
            self.flush()

    @property
    def _is_waiting(self) -> bool:
        return bool(self._batch or self._staged)

    def flush(self) -> None:
        """Write what was collected."""
        if not self._is_waiting:
            return
        with stage("commit") as now:
            for attempt in range(_RETRIES):
                if self._flushed(is_last=attempt == _RETRIES - 1):
                    break
            now.note(logs=len(self._batch) + sum(len(logs) for _, logs in self._staged))
        self._batch.clear()
        self._staged.clear()
        self._rows = 0

    def _flushed(self, *, is_last: bool) -> bool:
        """Whether it could be written; not, if somebody else wrote to the tables meanwhile."""
        with self._store.locked(), explained(self._store.path):
            # now: whoever takes the lock over from here on moves the tables past these
            opened = self._tables.now()
            known = set() if self._replace else self._known_of(opened["logs"])
            entries = [entry for sha, entry in self._batch.items() if sha not in known]
            staged = [(batch, logs - known) for batch, logs in self._staged]
            try:
                if entries or any(logs for _, logs in staged):
                    self._write(entries, staged, opened)
            except CommitFailedError:
                self._tables.forget()
                if is_last:
                    raise
                return False
            asked = len(self._batch) + sum(len(logs) for _, logs in self._staged)
            self.already += asked - len(entries) - sum(len(logs) for _, logs in staged)
            with contextlib.suppress(CommitFailedError):  # whoever came between does it, too
                compact(opened)
        return True

    def _write(
        self,
        entries: Sequence[LogEntry],
        staged: Sequence[tuple[Staged, set[str]]],
        opened: Mapping[str, DeltaTable],
    ) -> None:
        """Append logs to all tables, between setting the mark and taking it away.

        The mark stays where rows are replaced or a worker wrote more than counts, which ``settle``
        removes later, and where a mark was there before, of a writer that was killed or overtaken:
        ``settle`` takes them all away.
        """
        # of a batch without a log that counts nothing is added
        counting = [(batch, logs) for batch, logs in staged if logs]
        require(self._store, [batch for batch, _ in counting])
        marks = self._store.home.marks()
        before, self._mark = self._mark, self._store.unsettle()
        if before in marks and before != self._mark:
            self._store.settle([before])  # the new one speaks for the same rows
        if entries:
            is_new = not self._replace
            write(self._store, entries, opened, after_us=self._newest_us, is_new=is_new)
        if counting:
            if not self._replace:  # else they were noted when they came
                rows = (row for b, logs in counting for row in b.logs if row["log_sha256"] in logs)
                note_names(self._store, rows)
            add(counting, opened, max(time.time_ns() // 1000, self._newest_us + 1))
        are_all_wanted = all(len(batch.logs) == len(logs) for batch, logs in counting)
        if not self._replace and not marks and are_all_wanted:
            self._store.settle([self._mark])

    def close(self) -> None:
        """Write the rest, drop what was replaced, compact tables of many small files."""
        self.flush()
        with stage("commit"), self._store.locked(), explained(self._store.path):
            settle(self._store)
            compact(self._tables.now())

    def _known_of(self, logs: DeltaTable) -> set[str]:
        """What is waiting here and in the store already: another process may have written it."""
        self._known.update(logs)
        staged = (sha256 for _, wanted in self._staged for sha256 in wanted)
        return self._known.among([*self._batch, *staged])


def write(
    store: Store,
    entries: Sequence[LogEntry],
    opened: Mapping[str, DeltaTable] | None = None,
    *,
    after_us: int = 0,
    is_new: bool = True,
) -> None:
    """Append logs to all tables, ``logs`` last; under the lock and with a mark.

    Parameters
    ----------
    opened : mapping of name to table, optional
        As it was when it was decided what to write; nothing is appended to one that is newer now.
        By default as it is now.
    after_us : int [µs, UNIX]
        The rows replace others of this time, whatever the clock says now.
    is_new : bool
        The logs were not in the store before: what their bytes do not say is noted.

    Raises
    ------
    CommitFailedError
        If one is newer now. What was appended until then does not count.
    """
    ingest_id = uuid.uuid4().hex
    opened = opened if opened is not None else {name: store.table(name) for name in SCHEMAS}
    made = tables(entries, ingest_id, max(time.time_ns() // 1000, after_us + 1))
    if is_new:  # else they were noted when they came
        note_names(store, made["logs"].select(NAMES).to_pylist())
    written = [name for name in DERIVED if made[name].num_rows]
    for name in (*written, "logs"):
        if made[name].num_rows:
            with stage("write", bytes=made[name].nbytes) as now:
                beside = {ingest_id: written} if name == "logs" else None
                append_unchanged(opened[name], made[name], [ingest_id], beside)
                now.note(table=name)
            step(f"commit.appended.{name}")


def settle(store: Store) -> None:
    """Remove the rows that ``logs`` does not vouch for; under the lock."""
    marks = store.home.marks()
    if not marks:
        return
    # ``logs`` first: what a writer that lost the lock has not committed by now, it never will
    for name in ("logs", *DERIVED):
        _fence(store, name)
    alive = live_pairs(store)
    for name in SCHEMAS:
        remove_dead(store, name, alive)
        step(f"commit.cleared.{name}")
    store.settle(marks)


def live_pairs(store: Store) -> set[tuple[str, str]]:
    """``(log_sha256, ingest_id)`` of the rows that count: the newest ingest of each log."""
    columns = ["log_sha256", "ingest_id", "ingested_us"]
    rows = store.table("logs").to_pyarrow_dataset().to_table(columns=columns).to_pylist()
    newest: dict[str, tuple[int, str]] = {}
    for row in rows:
        mine = (row["ingested_us"], row["ingest_id"])
        if mine > newest.get(row["log_sha256"], (-1, "")):
            newest[row["log_sha256"]] = mine
    return {(sha, ingest) for sha, (_, ingest) in newest.items()}


def _newest_us(store: Store) -> int:
    times = store.table("logs").to_pyarrow_dataset().to_table(columns=["ingested_us"])
    return max(times["ingested_us"].to_pylist(), default=0)


def optimise(store: Store) -> tuple[int, int]:
    """Join the files of each table, and delete files that no version of the last week needs.

    Returns
    -------
    before, after : int
        Files that the tables are made of.
    """
    before = after = 0
    with store.locked(), explained(store.path):
        settle(store)
        for name in SCHEMAS:
            table = store.table(name)
            before += len(table.file_uris())
            table.optimize.compact(target_size=FILE_BYTES)
            step(f"optimise.joined.{name}")
            table.create_checkpoint()
            step(f"optimise.pointed.{name}")
            # keeps a week: somebody may be reading an older version, or adding what lies beside it
            table.vacuum(dry_run=False, full=True)
            step(f"optimise.swept.{name}")
            after += len(table.file_uris())
    return before, after


def compact(tables: Mapping[str, DeltaTable]) -> None:
    """Join the small files of tables that have many; under the lock."""
    for name, table in tables.items():
        if _small_files(table) > COMPACT_FILES:
            table.optimize.compact(target_size=FILE_BYTES)
            step(f"commit.joined.{name}")


def _small_files(table: DeltaTable) -> int:
    sizes = pa.table(table.get_add_actions())["size_bytes"]
    return int(pc.sum(pc.less(sizes, FILE_BYTES)).as_py() or 0)


def _fence(store: Store, name: str) -> None:
    """An empty commit: who opened the table before it can append to it no more."""
    store.append(name, SCHEMAS[name].empty_table())
