"""Columns kept in memory say what the store's own view of counted sorties says, at every state."""

from pathlib import Path

import pytest

from flyoff.lake import columns, commit
from flyoff.lake.blocks import added_files
from flyoff.lake.columns import SortieColumns, sortie_columns
from flyoff.lake.commit import Committer
from flyoff.lake.linked import open_linked, write_linked
from flyoff.lake.query import connect
from flyoff.lake.store import Store
from flyoff.model.sortie import Outcome
from tests.lake.build import entry, sha

_VIEW = """
SELECT s.sortie_id, s.log_sha256, s.vehicle_id, s.outcome, s.airborne_s, s.cause_class, s.start_utc,
       m.value FROM counted_sorties s
LEFT JOIN measures m ON m.sortie_id = s.sortie_id AND m.measure = 'distance_m'
ORDER BY s.start_utc NULLS LAST, s.sortie_id
"""


@pytest.fixture
def store(tmp_path: Path) -> Store:
    columns.forget()
    return Store(tmp_path / "store", create=True)


def _write(store: Store, *numbers: int, outcome: Outcome = Outcome.CRASHED) -> None:
    with store.locked():
        commit.write(store, [entry(n, outcome) for n in numbers])


def _rows(found: SortieColumns) -> list[tuple[object, ...]]:
    told = [tuple(row.values()) for row in found.sorties.to_pylist()]
    return [(*row, value) for row, value in zip(told, found.values["distance_m"], strict=True)]


def _is_as_viewed(store: Store) -> bool:
    with connect(store) as db:
        wanted = db.execute(_VIEW).fetchall()
        logs = db.execute("SELECT count(*) FROM logs").fetchone()
    found = sortie_columns(store, ["distance_m"])
    return _rows(found) == wanted and (len(found.logs),) == logs


def _same(store: Store, number: int, counted_as: int) -> None:
    """Say that a sortie is told by two logs, and another outcome of both."""
    row = {
        "sortie_id": f"{sha(number)[:16]}-0-0",
        "counted_as": f"{sha(counted_as)[:16]}-0-0",
        "offset_us": 0,
        "uncertainty_s": 0.0,
        "outcome": "returned",
        "confidence": 0.5,
        "end_s": 1.0,
        "airborne_s": 0.5,
        "evidence": "[]",
        "combined": "{}",
    }
    assert write_linked(
        store, {"links": [], "same_sorties": [row], "examined": []}, open_linked(store)
    )


def test_every_state_is_as_the_store_is_seen(store: Store) -> None:
    assert _is_as_viewed(store)
    _write(store, *range(5))
    assert _is_as_viewed(store)
    _same(store, 1, 2)
    assert _is_as_viewed(store)
    _write(store, 5, 6)
    assert _is_as_viewed(store)
    _same(store, 6, 99)  # one that is not there hides nothing
    assert _is_as_viewed(store)
    committer = Committer(store, replace=True)
    committer.add(entry(3, Outcome.ABORTED))
    committer.close()
    assert _is_as_viewed(store)


def test_rows_that_do_not_count_are_left_out(store: Store) -> None:
    _write(store, 1, 2)
    assert _is_as_viewed(store)
    store.unsettle()  # a rejudge that was killed: both states of a log are there
    _write(store, 1, outcome=Outcome.ABORTED)
    assert _is_as_viewed(store)
    assert sortie_columns(store, ["distance_m"]).size == 2


def test_of_a_new_commit_only_its_own_files_are_read(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(store, *range(5))
    first = sortie_columns(store, ["distance_m"])
    read: list[int] = []
    block_of = columns.block_of

    def counted(*given):
        made = block_of(*given)
        read.append(len(made.sorties))
        return made

    monkeypatch.setattr(columns, "block_of", counted)
    assert sortie_columns(store, ["distance_m"]) is first
    assert read == []
    _write(store, 5, 6)
    store.table("sorties").optimize.compact()  # takes no row away, nor brings one
    assert sortie_columns(store, ["distance_m"]).size == 7
    assert read == [2]
    _write(store, 7)
    assert _is_as_viewed(store)
    assert read == [2, 1]
    store.table("sorties").delete(f"log_sha256 = '{sha(7)}'")
    assert _is_as_viewed(store)
    assert read == [2, 1, 7]


def test_a_measure_that_was_not_asked_for_before_is_read(store: Store) -> None:
    _write(store, 1)
    assert sortie_columns(store, []).size == 1
    assert sortie_columns(store, ["distance_m"]).values["distance_m"].tolist() == [812.0]


def test_nobody_knows_what_lost_commits_added(store: Store) -> None:
    _write(store, 1)
    _write(store, 2)
    first, second = (f"{n:020}.json" for n in (0, 2))
    assert len(added_files(store, "logs", first, second) or ()) == 2
    assert added_files(store, "logs", second, second) == []
    assert added_files(store, "logs", second, first) is None  # another table lies here
    Path(store.uri("logs"), "_delta_log", f"{1:020}.json").unlink()
    assert added_files(store, "logs", first, second) is None
