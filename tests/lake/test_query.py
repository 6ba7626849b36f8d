"""SQL reads the tables and reaches nothing else."""

from pathlib import Path

import duckdb
import pytest

from flyoff.lake.commit import Committer
from flyoff.lake.query import connect
from flyoff.lake.store import Store
from tests.lake.build import entry


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "store", create=True)
    committer = Committer(store)
    committer.add(entry(1))
    committer.close()
    (tmp_path / "secret.csv").write_text("password\nswordfish\n")
    return store


def test_tables_answer(store: Store) -> None:
    query = """
        SELECT s.outcome, f.kind, m.value FROM sorties s
        JOIN findings f USING (sortie_id) JOIN measures m USING (sortie_id)
        WHERE m.measure = 'distance_m' ORDER BY f.kind
    """
    with connect(store) as db:
        assert db.execute(query).fetchall() == [
            ("crashed", "impact", 812.0),
            ("crashed", "motor_failure", 812.0),
        ]


@pytest.mark.parametrize(
    "attack",
    [
        "SELECT * FROM read_csv('{dir}/secret.csv')",
        "SELECT * FROM '{dir}/secret.csv'",
        "SELECT * FROM read_text('{dir}/secret.csv')",
        "SELECT * FROM glob('{dir}/*')",
        "COPY sorties TO '{dir}/stolen.csv'",
        "ATTACH '{dir}/other.db'",
        "EXPORT DATABASE '{dir}/dump'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "RESET enable_external_access",
        "SELECT * FROM store",
    ],
)
def test_nothing_else_can_be_reached(store: Store, tmp_path: Path, attack: str) -> None:
    before = sorted(p.name for p in tmp_path.iterdir())
    with connect(store) as db, pytest.raises(duckdb.Error):
        db.execute(attack.format(dir=tmp_path)).fetchall()
    assert sorted(p.name for p in tmp_path.iterdir()) == before


def test_the_tables_cannot_be_changed(store: Store) -> None:
    with connect(store) as db:
        with pytest.raises(duckdb.Error):
            db.execute("DELETE FROM sorties")
        db.execute("DROP VIEW sorties")  # a person may ruin their own session
    with connect(store) as db:
        assert db.execute("SELECT count(*) FROM sorties").fetchone() == (1,)
