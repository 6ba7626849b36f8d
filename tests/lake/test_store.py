"""A store opens, or says why not and what to do."""

import json
import resource
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from flyoff.errors import StoreError
from flyoff.lake.commit import Committer
from flyoff.lake.query import connect
from flyoff.lake.schema import SCHEMAS
from flyoff.lake.store import FORMAT_VERSION, Store
from tests.lake.build import entry
from tests.lake.powerless import without_power


def test_a_new_store_has_every_table(tmp_path: Path) -> None:
    store = Store(tmp_path / "a" / "store", create=True)
    for name, schema in SCHEMAS.items():
        assert store.table(name).to_pyarrow_table().schema.names == schema.names
    assert json.loads((store.path / "flyoff.json").read_text())["version"] == FORMAT_VERSION


def test_opening_it_again_changes_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "store", create=True)
    before = {p: p.stat().st_mtime_ns for p in store.path.rglob("*") if p.is_file()}
    Store(store.path, create=True)
    assert {p: p.stat().st_mtime_ns for p in store.path.rglob("*") if p.is_file()} == before


def test_a_store_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    store = Store(tmp_path, create=True)
    newer = FORMAT_VERSION + 1
    (store.path / "flyoff.json").write_text(json.dumps({"format": "x", "version": newer}))
    for create in (False, True):
        with pytest.raises(StoreError, match=f"format version {newer} .*update Flyoff"):
            Store(tmp_path, create=create)


def test_a_damaged_mark_is_refused(tmp_path: Path) -> None:
    Store(tmp_path, create=True)
    (tmp_path / "flyoff.json").write_text("{")
    with pytest.raises(StoreError, match="damaged"):
        Store(tmp_path)


def test_a_damaged_entry_of_a_table_is_told_in_one_line(tmp_path: Path) -> None:
    """Delta adds the calls that it was in, a dozen of them."""
    store = Store(tmp_path, create=True)
    (first,) = (tmp_path / "tables" / "sorties" / "_delta_log").glob("*.json")
    first.write_bytes(b"\xff" * 200)
    with pytest.raises(StoreError) as told, connect(store):
        pass
    assert "unknown" not in str(told.value)
    assert f"flyoff store check {tmp_path}" in str(told.value)


def test_a_folder_without_a_store_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store here"):
        Store(tmp_path)


def test_a_folder_with_other_things_is_not_made_a_store(tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").write_text("precious")
    with pytest.raises(StoreError, match=r"thesis\.odt"):
        Store(tmp_path, create=True)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.odt"]


def test_a_creation_that_was_killed_is_finished(tmp_path: Path) -> None:
    store = Store(tmp_path, create=True)
    for table in (tmp_path / "tables").iterdir():
        for file in (table / "_delta_log").iterdir():
            file.unlink()
    (tmp_path / "flyoff.json").rename(tmp_path / "flyoff.json.123")
    store = Store(tmp_path, create=True)
    assert store.table("logs").version() == 0


@pytest.fixture
def powerless() -> Iterator[Path]:
    with without_power() as folder:
        yield folder


def test_a_read_only_store_is_read_and_not_written(powerless: Path) -> None:
    store = Store(powerless / "store", create=True)
    for path in sorted((store.path, *store.path.rglob("*")), reverse=True):
        path.chmod(0o555 if path.is_dir() else 0o444)
    with pytest.raises(StoreError, match="read only or no permission"):
        Committer(store).add(entry(1))
    with connect(Store(store.path)) as db:
        assert db.execute("SELECT count(*) FROM sorties").fetchone() == (0,)


def test_a_store_cannot_be_made_where_nothing_can(powerless: Path) -> None:
    powerless.chmod(0o555)
    with pytest.raises(StoreError, match="read only or no permission"):
        Store(powerless / "store", create=True)


def test_a_full_disk_says_so_and_loses_nothing(
    tmp_path: Path,
) -> None:
    store = Store(tmp_path / "store", create=True)
    committer = Committer(store)
    committer.add(entry(1))
    committer.flush()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # the smallest disk that a test can have: no file may grow beyond a few bytes
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, hard))
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        committer.add(entry(2))
        with pytest.raises(StoreError, match=r"the disk is full.*run the same command again"):
            committer.flush()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    again = Committer(store)
    again.add(entry(2))
    again.close()
    with connect(store) as db:
        assert db.execute("SELECT count(*) FROM sorties").fetchone() == (2,)
        assert db.execute("SELECT count(*) FROM findings").fetchone() == (4,)
