"""Rows of a query as mappings, and the JSON that some columns hold."""

import json
from collections.abc import Sequence
from typing import Any

import duckdb

from flyoff.model.finding import Evidence


def rows(
    db: duckdb.DuckDBPyConnection, query: str, values: Sequence[Any] = ()
) -> list[dict[str, Any]]:
    """All rows of a query, each as a mapping of column to value."""
    done = db.execute(query, list(values))
    names = [d[0] for d in done.description or ()]
    return [dict(zip(names, row, strict=True)) for row in done.fetchall()]


def evidence_of(text: str | None) -> tuple[Evidence, ...]:
    """The evidence that a column holds as JSON."""
    return tuple(Evidence(**e) for e in from_json(text, []))


def from_json(text: str | None, default: Any) -> Any:
    """What a column holds as JSON; the default where it is empty."""
    return json.loads(text) if text else default
