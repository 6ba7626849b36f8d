"""The tables as others read them: by Delta's protocol alone, by Polars, by Spark where it is."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import polars
import pytest

from flyoff.lake.query import connect
from flyoff.lake.schema import SCHEMAS
from flyoff.lake.store import Store
from tests.cli.call import flyoff
from tests.pipeline.flights import card

#: What docs/how-to/read-with-other-engines.md tells to type, each table's rows that count.
COUNTING = "SELECT t.* FROM {table} t SEMI JOIN logs l USING (log_sha256, ingest_id)"
ASKED = """
SELECT outcome, count(*) AS sorties, round(sum(airborne_s), 3) AS airborne_s
FROM sorties GROUP BY outcome ORDER BY outcome
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Taken in three times, judged again and joined: the logs of its tables have a history."""
    folder = tmp_path_factory.mktemp("lake")
    logs, store = card(folder / "card", 6), folder / "store"
    for first in (0, 2, 4):
        assert flyoff("ingest", *logs[first : first + 2], "--store", store).code == 0
    assert flyoff("rejudge", "--store", store).code == 0
    assert flyoff("store", "optimise", store).code == 0
    assert flyoff("ingest", *card(folder / "more", 7)[6:], "--store", store).code == 0
    return store


def _files(table: Path) -> list[str]:
    """A table's files by Delta's protocol: what its log adds and does not remove again."""
    there: dict[str, None] = {}
    for entry in sorted((table / "_delta_log").glob("*.json")):
        for line in entry.read_text().splitlines():
            action: Mapping[str, Any] = json.loads(line)
            if "add" in action:
                there[action["add"]["path"]] = None
            if "remove" in action:
                del there[action["remove"]["path"]]
    return [str(table / name) for name in there]


def _ours(store: Path, query: str) -> list[tuple[Any, ...]]:
    with connect(Store(store)) as db:
        return db.execute(query).fetchall()


@pytest.mark.parametrize("name", SCHEMAS)
def test_nothing_but_the_oldest_protocol_is_needed(name: str, store: Path) -> None:
    """Every reader knows version 1: no deletion vectors, no column mapping, no new types."""
    table = Store(store).table(name)
    protocol = table.protocol()
    assert (protocol.min_reader_version, protocol.min_writer_version) == (1, 2)
    assert not protocol.reader_features
    assert not table.metadata().configuration


def test_by_the_protocol_alone_the_rows_are_the_same(store: Path) -> None:
    """Without any library of Delta's: its log by hand, its files by DuckDB's own reader."""
    db = duckdb.connect()
    for name in SCHEMAS:
        db.execute(
            f"CREATE VIEW {name} AS SELECT * FROM read_parquet({_files(store / 'tables' / name)})"
        )
    for name in SCHEMAS:
        mine = db.execute(f"SELECT count(*) FROM ({COUNTING.format(table=name)})").fetchone()
        assert mine == _ours(store, f"SELECT count(*) FROM {name}")[0]
        assert mine != (0,)
    assert db.execute(ASKED).fetchall() == _ours(store, ASKED)


@pytest.mark.parametrize("name", SCHEMAS)
def test_polars_reads_the_same(name: str, store: Path) -> None:
    mine = polars.scan_delta(str(store / "tables" / name)).collect()
    assert mine.height == _ours(store, f"SELECT count(*) FROM {name}")[0][0]
    assert mine.columns == SCHEMAS[name].names


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    sql = pytest.importorskip("pyspark.sql", reason="Spark is not installed: pip install pyspark")
    session = sql.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    session = session.config("spark.driver.bindAddress", "127.0.0.1").getOrCreate()
    yield session
    session.stop()


@pytest.mark.slow
def test_spark_reads_the_same(spark: Any, store: Path) -> None:
    """Its reader of Delta is a jar that no Python index has: here Spark reads the files alone."""
    for name in SCHEMAS:
        files = _files(store / "tables" / name)
        spark.read.parquet(*files).createOrReplaceTempView(name)
    for name in SCHEMAS:
        counting = COUNTING.format(table=name).replace("SEMI JOIN", "LEFT SEMI JOIN")
        (row,) = spark.sql(f"SELECT count(*) AS n FROM ({counting})").collect()
        assert row.n == _ours(store, f"SELECT count(*) FROM {name}")[0][0]
    assert [tuple(row) for row in spark.sql(ASKED).collect()] == _ours(store, ASKED)
