"""Rows that workers wrote: they count once, when the committer says so, and never otherwise."""

import os
from pathlib import Path

import pytest

from flyoff.errors import StoreError
from flyoff.lake.commit import Committer, optimise
from flyoff.lake.query import connect
from flyoff.lake.staged import stage
from flyoff.lake.store import Store
from flyoff.model.sortie import Outcome
from tests.lake.build import entry, sha
from tests.lake.test_commit import _expected, _ingest, content, visible


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store", create=True)


def test_staged_rows_are_those_that_the_committer_would_write(store: Store, tmp_path: Path) -> None:
    committer = Committer(store)
    committer.add_staged(stage(store, [entry(1), entry(2)]), [sha(1), sha(2)])
    committer.add_staged(stage(store, [entry(3)]), [sha(3)])
    assert visible(store) == _expected(0)
    committer.close()
    other = Store(tmp_path / "other", create=True)
    _ingest(other, 1, 2, 3)
    assert content(store) == content(other)
    assert store.is_settled


def test_what_was_written_twice_counts_once(store: Store) -> None:
    """A worker was thought dead, and its batch was done again; or another ingest was faster."""
    committer = Committer(store)
    stage(store, [entry(1), entry(2)])
    again = stage(store, [entry(1), entry(2)])
    _ingest(store, 1)
    committer.add_staged(again, [sha(1), sha(2)])
    committer.flush()
    assert visible(store) == _expected(2)
    committer.close()
    assert committer.already == 1
    assert {n: len(rows) for n, rows in content(store).items()} == _expected(2)
    assert store.is_settled


def test_a_log_in_two_batches_counts_as_in_the_first(store: Store) -> None:
    committer = Committer(store)
    committer.add_staged(stage(store, [entry(1)]), [sha(1)])
    second = [entry(1, Outcome.ABORTED), entry(2)]
    committer.add_staged(stage(store, second), [sha(2)])
    committer.close()
    assert {n: len(rows) for n, rows in content(store).items()} == _expected(2)
    with connect(store) as db:
        found = db.execute("SELECT outcome FROM sorties WHERE log_sha256 = ?", [sha(1)])
        assert found.fetchall() == [("crashed",)]


def test_files_that_are_gone_are_never_made_part_of_a_table(store: Store) -> None:
    """A clock that jumped a year ahead makes them old, and ``optimise`` sweeps old files away."""
    _ingest(store, 3)
    batch = stage(store, [entry(1)])
    for file in batch.files:
        path = Path(store.uri(file.table)) / file.name
        os.utime(path, (0, 0))
    optimise(store)
    committer = Committer(store)
    committer.add_staged(batch, [sha(1)])
    with pytest.raises(StoreError, match="which a worker wrote, is gone; run the same command"):
        committer.flush()
    assert {n: len(rows) for n, rows in content(store).items()} == _expected(1)
    assert store.is_settled
    _ingest(store, 1)
    assert {n: len(rows) for n, rows in content(store).items()} == _expected(2)


def test_readers_skip_files_by_what_stands_in_them(store: Store) -> None:
    committer = Committer(store)
    for number in (1, 2):
        committer.add_staged(stage(store, [entry(number)]), [sha(number)])
    committer.close()
    actions = store.table("sorties").get_add_actions(flatten=True)
    named = dict(zip(actions.column_names, actions.columns, strict=True))
    assert sorted(named["min.log_sha256"].to_pylist()) == sorted([sha(1), sha(2)])
    assert named["num_records"].to_pylist() == [1, 1]


def test_what_no_table_knows_is_removed_when_it_is_old(store: Store) -> None:
    left = stage(store, [entry(1)])
    _ingest(store, 2)
    table = store.table("sorties")
    orphan = next(f.name for f in left.files if f.table == "sorties")
    assert orphan not in table.vacuum(dry_run=True, full=True)  # somebody may be adding it now
    old = table.vacuum(0, dry_run=True, full=True, enforce_retention_duration=False)
    assert orphan in old


def test_rows_of_workers_are_found_beside_those_of_the_committer(store: Store) -> None:
    """Workers state no bounds of some columns, the committer does: neither is passed over."""
    committer = Committer(store)
    committer.add_staged(stage(store, [entry(1), entry(2)]), [sha(1), sha(2)])
    committer.close()
    _ingest(store, 3)
    with connect(store) as db:
        for condition in ("outcome = 'crashed'", "outcome >= 'a'", "airborne_s = 70.0"):
            found = db.execute(f"SELECT count(*) FROM sorties WHERE {condition}").fetchone()
            assert found == (3,), condition
        some = "SELECT sortie_id FROM sorties WHERE log_sha256 = ?"
        assert db.execute(some, [sha(2)]).fetchall() == [(f"{sha(2)[:16]}-0-0",)]
