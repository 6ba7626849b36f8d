"""Writing the tables so that a log is there with everything or not at all.

Under the store's lock a mark says that rows follow which do not count yet; the derived tables are
written, ``logs`` last, and the mark goes. A reader that sees the mark counts only rows for which
``logs`` vouches, and the next writer removes the others. So a kill at any instant loses nothing and
leaves nothing.
"""

import time
import uuid
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError

from flyoff.faults import step
from flyoff.lake.entry import LogEntry
from flyoff.lake.journal import NAMES, note_names
from flyoff.lake.rows import tables
from flyoff.lake.schema import DERIVED, SCHEMAS
from flyoff.lake.store import Store, explained

#: A batch is written when it holds this many logs, or is this old.
BATCH_LOGS = 64
BATCH_S = 5.0
#: … or this many rows of tracks, about 50 MB.
BATCH_ROWS = 500_000
#: A table of more files than this is compacted at the end of an ingest.
COMPACT_FILES = 64
_RETRIES = 50


def known_logs(store: Store) -> npt.NDArray[np.bytes_]:
    """SHA-256 of all logs in the store, sorted, bytes shape (n,)."""
    with explained(store.path):
        table = store.table("logs").to_pyarrow_dataset().to_table(columns=["log_sha256"])
    return np.unique(np.array(table["log_sha256"].to_pylist(), dtype="S64"))


def is_known(known: npt.NDArray[np.bytes_], sha256: str) -> bool:
    """Whether a SHA-256 is among the sorted ones."""
    wanted = np.bytes_(sha256.encode())
    at = int(np.searchsorted(known, wanted))
    return at < known.size and bool(known[at] == wanted)


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
        self._since = time.monotonic()
        self._known: set[str] = set()
        self._version = -1
        self._newest_us = 0
        with store.locked(), explained(store.path):
            settle(store)
            if replace:
                self._newest_us = _newest_us(store)

    def add(self, entry: LogEntry) -> None:
        """Take one log; writes if the batch is large or old enough."""
        if not self._batch:
            self._since = time.monotonic()
        self._batch.setdefault(entry.log.sha256, entry)
        rows = sum(e.track_rows for e in self._batch.values())
        is_old = time.monotonic() - self._since >= BATCH_S
        if is_old or len(self._batch) >= BATCH_LOGS or rows >= BATCH_ROWS:
            self.flush()

    def flush(self) -> None:
        """Write what was collected."""
        if not self._batch:
            return
        with self._store.locked(), explained(self._store.path):
            self._refresh()
            entries = [
                e for sha, e in self._batch.items() if self._replace or sha not in self._known
            ]
            self.already += len(self._batch) - len(entries)
            if entries:
                write(self._store, entries, keep_mark=self._replace, after_us=self._newest_us)
        self._batch.clear()

    def close(self) -> None:
        """Write the rest, drop what was replaced, compact tables of many small files."""
        self.flush()
        with self._store.locked(), explained(self._store.path):
            settle(self._store)
            compact(self._store)

    def _refresh(self) -> None:
        """Another process may have written the same logs since."""
        table = self._store.table("logs")
        if table.version() != self._version:
            self._known = {bytes(s).decode() for s in known_logs(self._store)}
            self._version = table.version()


def write(
    store: Store, entries: Sequence[LogEntry], *, keep_mark: bool = False, after_us: int = 0
) -> None:
    """Append logs to all tables; under the lock.

    Parameters
    ----------
    keep_mark : bool
        Rows that these replace are still there; ``settle`` removes them later.
    after_us : int [µs, UNIX]
        The rows replace others of this time, whatever the clock says now.
    """
    ingest_id = uuid.uuid4().hex
    made = tables(entries, ingest_id, max(time.time_ns() // 1000, after_us + 1))
    if not keep_mark:  # else they were noted when they came
        note_names(store, made["logs"].select(NAMES).to_pylist())
    store.unsettle()
    for name in (*DERIVED, "logs"):
        if made[name].num_rows:
            _append(store.tables / name, made[name])
            step(f"commit.appended.{name}")
    if not keep_mark:
        store.settle()


def settle(store: Store) -> None:
    """Remove the rows that ``logs`` does not vouch for; under the lock."""
    if store.is_settled:
        return
    alive = live_pairs(store)
    for name in SCHEMAS:
        table = store.table(name)
        _delete_dead(table, pairs(table), alive)
        step(f"commit.cleared.{name}")
    store.settle()


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


def pairs(table: DeltaTable) -> set[tuple[str, str]]:
    """All ``(log_sha256, ingest_id)`` in a table."""
    found: set[tuple[str, str]] = set()
    dataset = table.to_pyarrow_dataset()
    for batch in dataset.to_batches(columns=["log_sha256", "ingest_id"]):
        distinct = pa.table(batch).group_by(["log_sha256", "ingest_id"]).aggregate([])
        found.update(
            zip(distinct["log_sha256"].to_pylist(), distinct["ingest_id"].to_pylist(), strict=True)
        )
    return found


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
            table.optimize.compact()
            step(f"optimise.joined.{name}")
            table.create_checkpoint()
            step(f"optimise.pointed.{name}")
            table.vacuum(dry_run=False)  # keeps a week: somebody may be reading an older version
            step(f"optimise.swept.{name}")
            after += len(table.file_uris())
    return before, after


def compact(store: Store) -> None:
    """Join the small files of a table into large ones; under the lock."""
    for name in SCHEMAS:
        table = store.table(name)
        if len(table.file_uris()) > COMPACT_FILES:
            table.optimize.compact()
            step(f"commit.joined.{name}")


def _append(path: Path, rows: pa.Table) -> None:
    write_deltalake(
        str(path),
        rows,
        mode="append",
        commit_properties=CommitProperties(max_commit_retries=_RETRIES),
    )


def _delete_dead(
    table: DeltaTable, there: Iterable[tuple[str, str]], alive: set[tuple[str, str]]
) -> None:
    dead: dict[str, list[str]] = {}
    for sha, ingest in there:
        if (sha, ingest) not in alive:
            dead.setdefault(ingest, []).append(sha)
    partly = {ingest for _, ingest in alive}
    whole = [i for i in dead if i not in partly]
    if whole:
        _delete(table, f"ingest_id IN ({_quoted(whole)})")
    for ingest in dead:
        if ingest in partly:
            shas = _quoted(dead[ingest])
            _delete(table, f"ingest_id = '{ingest}' AND log_sha256 IN ({shas})")


def _delete(table: DeltaTable, predicate: str) -> None:
    """Delete rows; whoever appends at the same time makes the commit fail, so look again."""
    for attempt in range(_RETRIES):
        try:
            table.delete(predicate)
            return
        except CommitFailedError:
            if attempt == _RETRIES - 1:
                raise
            time.sleep(0.05)
            table.update_incremental()


def _quoted(words: Iterable[str]) -> str:
    """Hex digits only, so that nothing can end the quotes."""
    return ", ".join(f"'{word}'" for word in sorted(words) if word.isalnum())
