"""DuckDB over a store's tables: only rows that count, and no way out of them."""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import duckdb

from flyoff.lake.opened import opened
from flyoff.lake.schema import IMPORTED, IMPORTED_FROM, LINKED, PEOPLE, SCHEMAS
from flyoff.lake.store import Store, explained

#: The newest ingest of each log: whom ``logs`` vouches for.
_ALIVE = """
CREATE TEMP VIEW _alive AS
SELECT log_sha256, max_by(ingest_id, (ingested_us, ingest_id)) AS ingest_id
FROM _logs GROUP BY log_sha256
"""
_COUNTING = """
CREATE TEMP VIEW {name} AS
SELECT * FROM _{name} SEMI JOIN _alive USING (log_sha256, ingest_id)
"""
_ALL = "CREATE TEMP VIEW {name} AS SELECT * FROM _{name}"
#: The newest bundle of a campaign of an origin counts, and its rows.
_IMPORTS = """
CREATE TEMP VIEW imports AS
SELECT DISTINCT ON (origin, campaign) * FROM _imports
ORDER BY origin, campaign, created_utc DESC, imported_us DESC
"""
_OF_IMPORTS = """
CREATE TEMP VIEW {name} AS
SELECT DISTINCT * FROM _{name} SEMI JOIN imports USING (origin, bundle_sha256)
"""

#: Each sortie once, however many logs tell of it, with what all of them together say. A row that
#: names a sortie which is not there (any more) hides nothing.
_COUNTED = """
CREATE TEMP VIEW counted_sorties AS
WITH same AS (
    SELECT m.* FROM same_sorties m SEMI JOIN sorties p ON p.sortie_id = m.counted_as
), told AS (SELECT DISTINCT ON (counted_as) * FROM same)
SELECT s.* REPLACE (
    coalesce(t.outcome, s.outcome) AS outcome,
    coalesce(t.confidence, s.confidence) AS confidence,
    CASE WHEN t.counted_as IS NULL THEN s.cause ELSE t.cause END AS cause,
    CASE WHEN t.counted_as IS NULL THEN s.cause_class ELSE t.cause_class END AS cause_class,
    CASE WHEN t.counted_as IS NULL THEN s.cause_onset_s ELSE t.cause_onset_s END AS cause_onset_s,
    CASE WHEN t.counted_as IS NULL THEN s.cause_confidence ELSE t.cause_confidence END
        AS cause_confidence,
    coalesce(t.end_s, s.end_s) AS end_s,
    coalesce(t.airborne_s, s.airborne_s) AS airborne_s,
    coalesce(t.evidence, s.evidence) AS evidence
)
FROM sorties s LEFT JOIN told t ON t.counted_as = s.sortie_id
WHERE s.sortie_id NOT IN (SELECT sortie_id FROM same)
"""


#: All that is registered.
TABLES = {**SCHEMAS, **PEOPLE, **LINKED, **IMPORTED}


@contextlib.contextmanager
def connect(store: Store) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB in memory with the store's tables as views, locked in: no files, no settings.

    Yields
    ------
    duckdb.DuckDBPyConnection
        What is written into it is lost with it; the store's tables cannot be changed.
    """
    connection = connected(store)
    try:
        yield connection
    finally:
        connection.close()


def connected(store: Store) -> duckdb.DuckDBPyConnection:
    """As ``connect``, for who closes it later."""
    connection = duckdb.connect(":memory:")
    try:
        with explained(store.path):
            settled = _register(connection, store)
        counted_views(connection, is_settled=settled)
        # evidence of others, under names of its own: no query of the own tables meets it
        connection.execute(_IMPORTS)
        for name in IMPORTED_FROM:
            connection.execute(_OF_IMPORTS.format(name=f"imported_{name}"))
        # a bar on standard output would stand in the middle of somebody's JSON
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
    except BaseException:
        connection.close()
        raise
    return connection


def dicts(done: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """All rows of what was asked, each as a mapping of column to value."""
    names = [d[0] for d in done.description or ()]
    return [dict(zip(names, row, strict=True)) for row in done.fetchall()]


def counted_views(connection: duckdb.DuckDBPyConnection, *, is_settled: bool) -> None:
    """Over tables registered as ``_NAME`` the views that everybody asks.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
    is_settled : bool
        Whether every row counts; else only those of each log's newest ingest do.
    """
    for name in (*PEOPLE, *LINKED):
        connection.execute(_ALL.format(name=name))
    if not is_settled:
        connection.execute(_ALIVE)
    for name in SCHEMAS:
        connection.execute((_ALL if is_settled else _COUNTING).format(name=name))
    connection.execute(_COUNTED)


def _register(connection: duckdb.DuckDBPyConnection, store: Store) -> bool:
    """Register every table; whether all rows of those made of logs count.

    The tables are opened one after the other, so another process may commit between two of them:
    then ``logs`` is newer at the end than at the start, or the mark is there.
    """
    before = store.newest_commits(["logs"])
    commits = dict(zip(TABLES, store.newest_commits(list(TABLES)), strict=True))
    is_new = not commits["logs"] and _is_being_made([commits[name] for name in SCHEMAS])
    for name, schema in TABLES.items():
        is_absent = not commits[name] and (is_new or name not in SCHEMAS)
        table = schema.empty_table() if is_absent else opened(store, name, commits[name])
        connection.register(f"_{name}", table)
    return store.is_settled and store.newest_commits(["logs"]) == before


def _is_being_made(commits: Sequence[str]) -> bool:
    """Whether no table was ever written to: somebody makes the store now, or was killed there."""
    return all(not name or int(name.partition(".")[0]) == 0 for name in commits)
