"""A store opens, or says why not and what to do."""

import json
import os
from pathlib import Path

import pytest

from flyoff.errors import StoreError
from flyoff.lake.commit import Committer
from flyoff.lake.schema import FORMAT_VERSION, SCHEMAS
from flyoff.lake.store import Store
from tests.lake.build import entry


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


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_store_says_so(tmp_path: Path) -> None:
    store = Store(tmp_path / "store", create=True)
    _chmod(store.path, 0o555, 0o444)
    try:
        with pytest.raises(StoreError, match="read only"):
            Committer(store).add(entry(1))
    finally:
        _chmod(store.path, 0o755, 0o644)


def _chmod(root: Path, folders: int, files: int) -> None:
    for path in (root, *root.rglob("*")):
        path.chmod(0o755)
    for path in sorted((root, *root.rglob("*")), reverse=True):
        path.chmod(folders if path.is_dir() else files)
