"""What a writer keeps open and remembers is what the store holds, whoever else writes to it."""

from collections import Counter
from pathlib import Path

import pytest

from flyoff.lake import commit
from flyoff.lake.commit import Committer
from flyoff.lake.held import HeldTables
from flyoff.lake.known import KnownLogs
from flyoff.lake.schema import SCHEMAS
from flyoff.lake.store import Store
from tests.lake.build import entry, sha


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store", create=True)


def _write(store: Store, *numbers: int) -> None:
    with store.locked():
        commit.write(store, [entry(n) for n in numbers])


def test_a_table_is_opened_once_however_many_batches_come(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: Counter[str] = Counter()
    table = Store.table

    def counted(self: Store, name: str):
        opened[name] += 1
        return table(self, name)

    monkeypatch.setattr(Store, "table", counted)
    committer = Committer(store)
    for number in range(6):
        committer.add(entry(number))
        committer.flush()
    assert opened == dict.fromkeys(SCHEMAS, 1)
    assert len(store.table("logs").to_pyarrow_table()) == 6


def test_a_held_table_is_as_new_as_the_store(store: Store) -> None:
    held = HeldTables(store, ["logs", "sorties"])
    assert [t.version() for t in held.now().values()] == [0, 0]
    _write(store, 1)
    first = held.now()
    assert [t.version() for t in first.values()] == [1, 1]
    assert held.now()["logs"] is first["logs"]
    held.forget()
    assert held.now()["logs"] is not first["logs"]


def test_a_table_in_the_place_of_a_held_one_is_opened(store: Store, tmp_path: Path) -> None:
    """As a repair does: by its number of commits alone nobody could tell them apart."""
    held = HeldTables(store, ["logs"])
    _write(store, 1)
    assert len(held.now()["logs"].to_pyarrow_table()) == 1
    (tmp_path / "store" / "tables" / "logs").rename(tmp_path / "damaged")
    store.make_table("logs", SCHEMAS["logs"])
    assert held.now()["logs"].version() == 0
    _write(store, 2, 3)
    assert len(held.now()["logs"].to_pyarrow_table()) == 2


def test_logs_of_other_writers_are_known(store: Store) -> None:
    known = KnownLogs(store)
    wanted = [sha(n) for n in range(20)]

    def there() -> list[int]:
        known.update(store.table("logs"))
        found = known.among(wanted)
        return [n for n in range(20) if sha(n) in found]

    assert there() == []
    _write(store, 1, 2)
    assert there() == [1, 2]  # all of the table
    _write(store, 3)
    assert there() == [1, 2, 3]  # its new file
    for number in range(4, 15):
        _write(store, number)
    assert there() == list(range(1, 15))  # more new files than are read one by one
    store.table("logs").optimize.compact()
    _write(store, 15)
    assert there() == list(range(1, 16))
    store.table("logs").delete(f"log_sha256 = '{sha(2)}'")
    assert there() == [n for n in range(1, 16) if n != 2]


def test_a_long_ingest_joins_its_files_as_it_goes(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commit, "COMPACT_FILES", 3)
    committer = Committer(store)
    for number in range(9):
        committer.add(entry(number))
        committer.flush()
        assert len(store.table("measures").file_uris()) <= 4
    assert len(store.table("logs").to_pyarrow_table()) == 9
    committer.close()


def test_large_files_are_left_as_they_are(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else each batch would write the whole table anew."""
    monkeypatch.setattr(commit, "COMPACT_FILES", 1)
    monkeypatch.setattr(commit, "FILE_BYTES", 1)
    for number in range(3):
        _write(store, number)
    Committer(store).close()
    assert len(store.table("logs").file_uris()) == 3
