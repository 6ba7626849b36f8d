"""Rows out of a store for people: sorties, findings, and whatever SQL asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from flyoff.errors import FlyoffError
from flyoff.lake.query import connect
from flyoff.lake.store import Store


@dataclass(frozen=True, slots=True)
class Result:
    """A table of plain values.

    Attributes
    ----------
    columns : tuple of str
    rows : list of tuple
    """

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]

    def dicts(self) -> list[dict[str, Any]]:
        """Each row by its column names."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


@dataclass(frozen=True, slots=True)
class Filters:
    """Which sorties or findings to list; None and empty take all.

    Attributes
    ----------
    outcome, cause, vehicle, kind, severity : sequence of str
    since, until : str or None
        ISO 8601; ``until`` is not included. Sorties without UTC do not match.
    limit : int or None
    """

    outcome: Sequence[str] = ()
    cause: Sequence[str] = ()
    vehicle: Sequence[str] = ()
    kind: Sequence[str] = ()
    severity: Sequence[str] = ()
    since: str | None = None
    until: str | None = None
    limit: int | None = None


_SORTIES = """
SELECT s.sortie_id, l.path, s.vehicle_id, s.vehicle_kind, s.start_utc, s.airborne_s, s.outcome,
       s.confidence, s.cause, s.evidence ->> '$[0].says' AS evidence
FROM counted_sorties s JOIN logs l USING (log_sha256)
{where}
ORDER BY s.start_utc NULLS LAST, l.path, s.start_s
{limit}
"""
_FINDINGS = """
SELECT f.sortie_id, l.path, s.vehicle_id, f.kind, f.severity, f.onset_s, f.end_s, f.confidence,
       f.detail, f.evidence ->> '$[0].says' AS evidence
FROM findings f JOIN sorties s USING (sortie_id) JOIN logs l ON l.log_sha256 = f.log_sha256
{where}
ORDER BY s.start_utc NULLS LAST, l.path, f.onset_s, f.kind
{limit}
"""


def sorties(store: str, filters: Filters) -> Result:
    """Sorties of a store, oldest first."""
    given = [("s.outcome", filters.outcome), ("s.cause", filters.cause)]
    return _listed(store, _SORTIES, [*given, ("s.vehicle_id", filters.vehicle)], filters)


def findings(store: str, filters: Filters) -> Result:
    """Findings of a store, by sortie and onset."""
    given = [("f.kind", filters.kind), ("f.severity", filters.severity)]
    return _listed(store, _FINDINGS, [*given, ("s.vehicle_id", filters.vehicle)], filters)


#: Rows that a query may give: they are held in memory before they are printed.
MAX_ROWS = 1_000_000


def sql(store: str, query: str) -> Result:
    """Run SQL over the tables of a store; nothing else can be read or written.

    Raises
    ------
    FlyoffError
        If the query is empty, DuckDB refuses it, or it gives more than ``MAX_ROWS`` rows.
    """
    with connect(Store(store)) as db:
        try:
            done = db.execute(query)
            if done is None:
                raise FlyoffError("sql: an empty query; write one, such as SELECT * FROM sorties")
            columns = tuple(d[0] for d in done.description or ())
            rows = done.fetchmany(MAX_ROWS + 1)
        except duckdb.Error as error:
            raise FlyoffError(f"sql: {' '.join(str(error).split())}") from error
        except RuntimeError as error:  # DuckDB turns Ctrl-C into this
            if "interrupted" not in str(error):
                raise
            raise KeyboardInterrupt from error
    if len(rows) > MAX_ROWS:
        raise FlyoffError(f"sql: more than {MAX_ROWS} rows; add a LIMIT, or aggregate")
    return Result(columns, rows)


def _listed(
    store: str, query: str, given: Sequence[tuple[str, Sequence[str]]], filters: Filters
) -> Result:
    conditions: list[str] = []
    values: list[Any] = []
    for column, wanted in given:
        if wanted:
            conditions.append(f"{column} IN ({', '.join('?' * len(wanted))})")
            values += wanted
    for bound, sign in ((filters.since, ">="), (filters.until, "<")):
        if bound is not None:
            conditions.append(f"s.start_utc {sign} ?")  # ISO 8601 in UTC sorts as text
            values.append(bound)
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    limit = f"LIMIT {int(filters.limit)}" if filters.limit is not None else ""
    with connect(Store(store)) as db:
        try:
            done = db.execute(query.format(where=where, limit=limit), values)
            return Result(tuple(d[0] for d in done.description or ()), done.fetchall())
        except duckdb.Error as error:  # the query is ours, so it is the tables that are not whole
            why = " ".join(str(error).split())
            raise FlyoffError(f"store {store}: its tables are damaged: {why}") from error
