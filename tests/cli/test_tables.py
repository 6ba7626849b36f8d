"""``flyoff sorties``, ``findings``, ``sql``: lists of a store."""

import contextlib
import shutil
from pathlib import Path

import pytest

from flyoff.lake.commit import Committer
from flyoff.lake.store import Store
from flyoff.model.sortie import Outcome
from flyoff.views import tables
from tests.cli.call import flyoff
from tests.lake.build import entry


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store")
    committer = Committer(Store(path, create=True))
    for number in range(6):
        committer.add(entry(number, Outcome.CRASHED if number < 2 else Outcome.COMPLETED))
    committer.close()
    return path


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ([], 6),
        (["--outcome", "crashed"], 2),
        (["--outcome", "crashed", "--outcome", "completed"], 6),
        (["--vehicle", "ap:0"], 2),
        (["--since", "2026-05-01T10:04:00Z"], 2),
        (["--until", "2026-05-01T10:04:00Z"], 4),
        (["--cause", "motor_failure", "--limit", "3"], 3),
        (["--outcome", "it's"], 0),
    ],
)
def test_sorties_are_filtered(store: Path, words: list[str], count: int) -> None:
    done = flyoff("sorties", "--store", store, "--json", *words)
    assert done.code == 0
    assert len(done.lines) == count
    starts = [line["start_utc"] for line in done.lines]
    assert starts == sorted(starts)


def test_the_table_is_for_people(store: Path) -> None:
    done = flyoff("sorties", "--store", store)
    assert done.code == 0
    assert "fell at 31 m/s" in done.out
    assert done.out.splitlines()[-1] == "6 rows"


def test_findings_are_filtered(store: Path) -> None:
    done = flyoff("findings", "--store", store, "--kind", "motor_failure", "--json")
    assert len(done.lines) == 6
    assert {line["detail"] for line in done.lines} == {"motor 3"}
    assert flyoff("findings", "--store", store, "--severity", "info", "--json").lines == []


def test_sql_answers_in_three_forms(store: Path) -> None:
    query = "SELECT outcome, count(*) AS n FROM sorties GROUP BY ALL ORDER BY n"
    words = ("sql", "--store", store, query)
    assert flyoff(*words, "--json").lines == [
        {"outcome": "crashed", "n": 2},
        {"outcome": "completed", "n": 4},
    ]
    assert flyoff(*words, "--csv").out == "outcome,n\ncrashed,2\ncompleted,4\n"
    assert "completed" in flyoff(*words).out


@pytest.mark.parametrize(
    "query", ["SELEKT", "SELECT * FROM nothing", "COPY sorties TO 'x.csv'", "", "/* nothing */"]
)
def test_sql_that_is_refused_is_one_line(store: Path, query: str) -> None:
    done = flyoff("sql", "--store", store, query)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("flyoff: sql: ")
    assert done.err.count("\n") == 1


def test_a_column_name_commands_no_terminal(store: Path) -> None:
    done = flyoff("sql", "--store", store, 'SELECT 1 AS "a\x1b[31mb", 2 AS "[red]c"')
    assert done.code == 0
    assert "\x1b" not in done.out
    assert "[red]c" in done.out


def test_a_query_that_would_fill_the_memory_is_one_line(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flyoff.views.tables.MAX_ROWS", 5)
    assert flyoff("sql", "--store", store, "SELECT * FROM sorties LIMIT 5").code == 0
    done = flyoff("sql", "--store", store, "SELECT * FROM sorties")
    assert (done.code, done.out) == (1, "")
    assert "LIMIT" in done.err


@pytest.mark.parametrize("command", ["sorties", "findings"])
def test_no_store_is_one_line(command: str, tmp_path: Path) -> None:
    done = flyoff(command, "--store", tmp_path)
    assert done.code == 1
    assert done.err == (
        f"flyoff: store {tmp_path}: there is no store here; make one with flyoff ingest\n"
    )


def test_a_table_that_lost_a_file_is_named_in_one_line(store: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged"
    shutil.copytree(store, damaged)
    for part in (damaged / "tables" / "sorties").rglob("*.parquet"):
        part.unlink()
    done = flyoff("sorties", "--store", damaged)
    assert done.code == 1
    assert done.err.startswith(f"flyoff: store {damaged}: its tables are damaged: ")
    assert done.err.count("\n") == 1


def test_a_query_that_is_interrupted_is_no_bug(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupted:
        def execute(self, query: str) -> None:
            raise RuntimeError("Query interrupted")

    monkeypatch.setattr(tables, "connect", lambda store: contextlib.nullcontext(Interrupted()))
    done = flyoff("sql", "--store", store, "SELECT 1")
    assert done.code == 130
    assert done.err == "flyoff: interrupted\n"
