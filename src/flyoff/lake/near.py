"""The few rows of a store that concern one sortie, as a small database of the same shape.

A view of a sortie asks a dozen questions, some of which join whole tables: over a million sorties
that takes seconds. Here each table is read once, filtered by a value that its files' statistics
know, and everything else is asked of what was found.
"""

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import duckdb

from flyoff.lake.query import counted_views
from flyoff.lake.schema import LINKED, PEOPLE, SCHEMAS

#: Sorties that are one flight with it, as other logs tell it.
_SAME = """
SELECT DISTINCT unnest([sortie_id, counted_as]) AS sortie_id FROM same_sorties
WHERE counted_as = ? OR sortie_id = ?
   OR counted_as IN (SELECT counted_as FROM same_sorties WHERE sortie_id = ?)
"""
_LOG = "SELECT log_sha256 FROM sorties WHERE sortie_id = ?"
_RECORDINGS = "SELECT recording_id FROM recordings WHERE log_sha256 = ?"
_OTHERS = """
SELECT second_recording AS other FROM links WHERE first_recording = ?
UNION SELECT first_recording FROM links WHERE second_recording = ?
"""
_LOG_OF = "SELECT log_sha256 FROM recordings WHERE recording_id = ?"
#: Tables with a row for each log, recording or sortie; tracks, with five a second, are not needed.
_BY_LOG = ("logs", "recordings", "sorties", "findings")


@contextlib.contextmanager
def near(lake: duckdb.DuckDBPyConnection, sortie_id: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables of a store with only the rows of a sortie, its logs, and the logs linked to them.

    Parameters
    ----------
    lake : duckdb.DuckDBPyConnection
        As ``flyoff.lake.query.connect`` yields it.
    sortie_id : str

    Yields
    ------
    duckdb.DuckDBPyConnection
        With the same views. ``tracks`` is empty.
    """
    ids = _column(lake, _SAME, [sortie_id] * 3) or [sortie_id]
    logs = _logs(lake, ids)
    small = lake.cursor()  # of the same instance, whose making takes longest; names are its own
    try:
        for name in _BY_LOG:
            small.register(f"_{name}", _rows(lake, f"SELECT * FROM {name}", "log_sha256", logs))
        measures = "SELECT sortie_id, measure, value, unit FROM measures"
        small.register("_measures", _rows(lake, measures, "sortie_id", ids))
        small.register("_tracks", SCHEMAS["tracks"].empty_table())
        for name in (*PEOPLE, *LINKED):
            if name == "reviews":
                found = _rows(lake, "SELECT * FROM reviews", "sortie_id", ids)
            elif name == "same_sorties":
                found = _rows(lake, "SELECT * FROM same_sorties", "sortie_id", ids)
            elif name == "links":
                found = lake.sql("SELECT * FROM links").to_arrow_table()
            else:
                found = {**PEOPLE, **LINKED}[name].empty_table()
            small.register(f"_{name}", found)
        counted_views(small, is_settled=True)
        yield small
    finally:
        small.close()


def _logs(lake: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> list[str]:
    """The logs of some sorties, and those whose recordings are linked to theirs."""
    own = [log for one in ids for log in _column(lake, _LOG, [one])]
    found = dict.fromkeys(own)
    if _column(lake, "SELECT 1 FROM links LIMIT 1", []):
        for log in own:
            for recording in _column(lake, _RECORDINGS, [log]):
                for other in _column(lake, _OTHERS, [recording, recording]):
                    found |= dict.fromkeys(_column(lake, _LOG_OF, [other]))
    return list(found)


def _rows(lake: duckdb.DuckDBPyConnection, query: str, key: str, values: Sequence[str]) -> Any:
    """Rows with one of some values, each looked for by itself, since only that filters files."""
    parts = [f"{query} WHERE {key} = ?" for _ in values] or [f"{query} LIMIT 0"]
    return lake.sql(" UNION ALL ".join(parts), params=list(values)).to_arrow_table()


def _column(lake: duckdb.DuckDBPyConnection, query: str, values: Sequence[str]) -> list[Any]:
    return [row[0] for row in lake.execute(query, list(values)).fetchall()]
