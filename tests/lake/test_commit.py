"""A log is in the store with everything or not at all, whoever is killed when."""

import multiprocessing
import os
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake.exceptions import CommitFailedError

from flyoff.lake import commit
from flyoff.lake.commit import Committer
from flyoff.lake.known import is_known, known_logs
from flyoff.lake.query import connect
from flyoff.lake.schema import SCHEMAS
from flyoff.lake.store import Store
from flyoff.model.sortie import Outcome
from tests.lake.build import TRACK_ROWS, entry, sha

#: Columns that differ between two ingests of the same logs.
_OWN = ["ingest_id", "ingested_us"]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store", create=True)


def _ingest(store: Store, *numbers: int, outcome: Outcome = Outcome.CRASHED) -> None:
    committer = Committer(store)
    for number in numbers:
        committer.add(entry(number, outcome))
    committer.close()


def content(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """What any reader of Delta sees, without the columns that name the ingest, sorted."""
    found = {}
    for name in SCHEMAS:
        table: pa.Table = store.table(name).to_pyarrow_table()
        keep = [c for c in table.column_names if c not in _OWN]
        rows = table.select(keep).to_pylist()
        found[name] = sorted((tuple(r.values()) for r in rows), key=repr)
    return found


def visible(store: Store) -> dict[str, int]:
    """How many rows Flyoff's own readers count."""
    with connect(store) as db:
        counts = {n: db.execute(f"SELECT count(*) FROM {n}").fetchone() for n in SCHEMAS}
    return {n: c[0] for n, c in counts.items() if c}


def _expected(logs: int) -> dict[str, int]:
    one = {"logs": 1, "recordings": 1, "sorties": 1, "findings": 2, "measures": 3}
    return {n: c * logs for n, c in (one | {"tracks": TRACK_ROWS}).items()}


def test_every_row_arrives(store: Store) -> None:
    _ingest(store, 1, 2)
    assert visible(store) == _expected(2)
    row = store.table("sorties").to_pyarrow_table().to_pylist()[0]
    assert (row["outcome"], row["cause"], row["airborne_s"]) == ("crashed", "motor_failure", 70.0)
    measures = {r["measure"]: r for r in store.table("measures").to_pyarrow_table().to_pylist()}
    assert (measures["distance_m"]["value"], measures["distance_m"]["unit"]) == (812.0, "m")
    assert measures["energy_wh"]["value"] is None  # NaN was measured: nothing


def test_a_log_is_taken_once(store: Store) -> None:
    _ingest(store, 1, 2, 1)
    _ingest(store, 2, 3)
    assert visible(store) == _expected(3)
    assert content(store)["logs"] != []


def test_known_logs_are_known(store: Store) -> None:
    _ingest(store, 1, 2)
    known = known_logs(store)
    assert [is_known(known, sha(n)) for n in (1, 2, 3)] == [True, True, False]


_KILLED = """
import os, signal, sys
from flyoff.lake import commit, unchanged
from flyoff.lake.store import Store
from tests.lake.build import entry

real, calls = unchanged.write_deltalake, []
def write(*args, **kwargs):
    if len(calls) == {at} and not {after}:
        os.kill(os.getpid(), signal.SIGKILL)
    real(*args, **kwargs)
    calls.append(1)
    if len(calls) == {at} + 1 and {after}:
        os.kill(os.getpid(), signal.SIGKILL)
unchanged.write_deltalake = write
committer = commit.Committer(Store(sys.argv[1]))
committer.add(entry(2))
committer.close()
"""


@pytest.mark.parametrize(
    ("at", "after"), [(0, False), (1, False), (4, True), (5, False), (5, True)]
)
def test_a_kill_between_tables_leaves_nothing(store: Store, at: int, after: bool) -> None:
    _ingest(store, 1)
    code = _KILLED.format(at=at, after=after)
    paths = os.pathsep.join(p for p in sys.path if p)
    died = subprocess.run(
        [sys.executable, "-c", code, str(store.path)],
        env={**os.environ, "PYTHONPATH": paths},
        timeout=600,
        check=False,
    )
    assert died.returncode == -signal.SIGKILL
    is_whole = (at, after) == (5, True)  # ``logs`` was written
    assert visible(store) == _expected(2 if is_whole else 1)

    _ingest(store, 2)
    other = Store(store.path.with_name("undisturbed"), create=True)
    _ingest(other, 1, 2)
    assert visible(store) == _expected(2)
    assert content(store) == content(other)
    assert store.is_settled


def _ingest_many(path: str, first: int, last: int) -> None:
    store = Store(path)
    for number in range(first, last):
        _ingest(store, number)


def test_two_ingests_at_once_lose_and_double_nothing(store: Store) -> None:
    context = multiprocessing.get_context("spawn")
    spans = ((0, 6), (3, 9))
    running = [context.Process(target=_ingest_many, args=(str(store.path), *s)) for s in spans]
    for process in running:
        process.start()
    for process in running:
        process.join()
        assert process.exitcode == 0
    assert visible(store) == _expected(9)
    assert {n: len(rows) for n, rows in content(store).items()} == _expected(9)


def test_doubled_rows_of_another_writer_count_once(store: Store) -> None:
    """A writer that knows no lock, such as one on another machine."""
    _ingest(store, 1)
    with store.locked():
        opened = {name: store.table(name) for name in SCHEMAS}
        store.unsettle()
        commit.write(store, [entry(1, Outcome.ABORTED)], opened)
    assert visible(store) == _expected(1)
    with connect(store) as db:
        assert db.execute("SELECT outcome FROM sorties").fetchall() == [("aborted",)]


def _leave_by_half(store: Store, number: int) -> None:
    """As a writer does that is killed before ``logs`` is written."""
    with store.locked():
        opened = {name: store.table(name) for name in SCHEMAS}
        store.unsettle()
        with pytest.raises(KeyError):
            commit.write(store, [entry(number)], {k: t for k, t in opened.items() if k != "logs"})


def test_a_writer_leaves_the_mark_of_one_that_was_killed_beside_it(store: Store) -> None:
    """Its rows are still there when the other has written its own; they must not count."""
    committer = Committer(store)
    committer.add(entry(1))
    _leave_by_half(store, 2)
    committer.flush()
    assert visible(store) == _expected(1)
    committer.close()
    assert store.is_settled
    assert {n: len(rows) for n, rows in content(store).items()} == _expected(1)


def test_an_ingest_beside_a_rejudge_leaves_its_mark(store: Store) -> None:
    _ingest(store, 1)
    rejudging = Committer(store, replace=True)
    rejudging.add(entry(1, Outcome.ABORTED))
    rejudging.flush()
    ingesting = Committer(store)
    ingesting.add(entry(2))
    ingesting.flush()
    assert visible(store) == _expected(2)
    rejudging.close()
    ingesting.close()
    assert store.is_settled
    assert {n: len(rows) for n, rows in content(store).items()} == _expected(2)


def test_who_lost_the_lock_writes_nothing_that_counts(store: Store) -> None:
    """The tables were opened with the lock; then another took it over, settled and wrote."""
    opened = {name: store.table(name) for name in SCHEMAS}
    store.unsettle()
    _ingest(store, 1)
    with pytest.raises(CommitFailedError):
        commit.write(store, [entry(1, Outcome.ABORTED)], opened)
    assert visible(store) == _expected(1)


def test_who_lost_the_lock_between_two_tables_writes_nothing_that_counts(store: Store) -> None:
    opened = {name: store.table(name) for name in SCHEMAS}
    store.unsettle()

    class Interrupted(dict):
        """Another writer comes when half of the tables are written."""

        def __getitem__(self, name):
            if name == "measures":
                _ingest(store, 1)
            return super().__getitem__(name)

    with pytest.raises(CommitFailedError):
        commit.write(store, [entry(1, Outcome.ABORTED)], Interrupted(opened))
    assert {n: len(rows) for n, rows in content(store).items()} == _expected(1)


def test_replacing_keeps_the_newest(store: Store) -> None:
    _ingest(store, 1, 2)
    committer = Committer(store, replace=True)
    committer.add(entry(1, Outcome.RETURNED))
    committer.close()
    assert visible(store) == _expected(2)
    rows = store.table("sorties").to_pyarrow_table().to_pylist()
    assert sorted(r["outcome"] for r in rows) == ["crashed", "returned"]


def test_what_is_left_of_a_file_can_be_asked_for_by_its_words(store: Store) -> None:
    """Delta's own deletion leaves text in a form that no filter can be laid over."""
    _ingest(store, 1, 2, 3)
    committer = Committer(store, replace=True)
    committer.add(entry(1, Outcome.RETURNED))
    committer.close()
    with connect(store) as db:
        for outcome, count in (("crashed", 2), ("returned", 1)):
            asked = "SELECT count(*) FROM sorties WHERE outcome = ?"
            assert db.execute(asked, [outcome]).fetchone() == (count,)
        named = "SELECT value FROM measures WHERE measure = 'distance_m'"
        assert db.execute(named).fetchall() == [(812.0,)] * 3
    assert len(store.table("tracks").to_pyarrow_table()) == 3 * TRACK_ROWS


def test_many_small_files_are_joined(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commit, "COMPACT_FILES", 3)
    for number in range(5):
        _ingest(store, number)
    assert len(store.table("sorties").file_uris()) <= 4
    assert visible(store) == _expected(5)
