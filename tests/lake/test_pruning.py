"""A question reads the files that may hold its answer: all others are spoilt, and it answers."""

import os
from collections.abc import Sequence
from pathlib import Path

import pyarrow.dataset
import pytest

from flyoff.lake.query import connect
from flyoff.lake.schema import SCHEMAS
from flyoff.lake.store import Store
from tests.cli.call import flyoff
from tests.lake.test_commit import _ingest

LOGS = 6


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A file of each table for each log."""
    store = Store(tmp_path / "store", create=True)
    for number in range(LOGS):
        _ingest(store, number)
    return store


def _sorties(store: Store) -> list[str]:
    with connect(store) as db:
        rows = db.execute("SELECT sortie_id FROM sorties ORDER BY log_sha256").fetchall()
    return [row[0] for row in rows]


def _spoil(store: Store, tables: Sequence[str], sortie: str) -> int:
    """Overwrite every file that has no row of a sortie; how many those are."""
    count = 0
    for name in tables:
        for uri in store.table(name).file_uris():
            path = Path(uri.removeprefix("file://"))
            found = pyarrow.dataset.dataset(path).to_table(columns=["sortie_id"])
            if sortie not in found["sortie_id"].to_pylist():
                path.write_bytes(b"x" * os.path.getsize(path))
                count += 1
    return count


#: Of ``counted_sorties`` all ids are read: a row that names a sortie which is gone hides nothing.
QUESTIONS = [
    "SELECT count(*) FROM sorties WHERE sortie_id = '{sortie}'",
    "SELECT count(*) FROM measures WHERE sortie_id = '{sortie}' AND measure = 'distance_m'",
    "SELECT count(DISTINCT sortie_id) FROM findings WHERE sortie_id = '{sortie}'",
    "SELECT count(*) FROM sorties s JOIN findings f USING (sortie_id) "
    "WHERE s.sortie_id = '{sortie}' AND f.sortie_id = '{sortie}' AND f.kind = 'impact'",
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_for_one_sortie_opens_its_files_alone(question: str, store: Store) -> None:
    sortie = _sorties(store)[LOGS // 2]
    assert _spoil(store, ("sorties", "measures", "findings"), sortie) == 3 * (LOGS - 1)
    asked = flyoff("sql", "--store", store, question.format(sortie=sortie), "--json")
    assert (asked.code, list(asked.lines[0].values())) == (0, [1])
    blind = flyoff("sql", "--store", store, "SELECT sum(airborne_s) FROM sorties", "--json")
    assert blind.code == 1, "a question that needs every file meets those that were spoilt"


def test_a_plan_says_what_is_asked_of_the_files(store: Store) -> None:
    """The condition goes down to the scan of the files, columns that nobody asked for do not."""
    sortie = _sorties(store)[0]
    with connect(store) as db:
        rows = db.execute(
            f"EXPLAIN SELECT outcome FROM sorties WHERE sortie_id = '{sortie}'"
        ).fetchall()
    plan = "".join(row[1] for row in rows)
    scan = plan[plan.index("ARROW_SCAN") :]
    assert "sortie_id" in scan
    assert "evidence" not in scan
    assert "FILTER" not in plan.replace("Filters", "").upper().replace("FILTERS", "")


@pytest.mark.parametrize("name", ["sorties", "findings", "measures", "tracks", "logs"])
def test_files_say_what_is_in_them(name: str, store: Store) -> None:
    """Without statistics nothing can be passed over; those of a key are exact."""
    key = "sortie_id" if "sortie_id" in SCHEMAS[name].names else "log_sha256"
    files = pyarrow.table(store.table(name).get_add_actions(flatten=True)).to_pylist()
    assert len(files) == LOGS
    for file in files:
        path = Path(store.uri(name)) / file["path"]
        there = pyarrow.dataset.dataset(path).to_table(columns=[key])[key].to_pylist()
        assert (file[f"min.{key}"], file[f"max.{key}"]) == (min(there), max(there))
