"""Rows of a query as mappings, and the JSON that some columns hold."""

import json
from collections.abc import Sequence
from typing import Any

import duckdb

from flyoff.lake.query import dicts
from flyoff.model.finding import Evidence


def rows(
    db: duckdb.DuckDBPyConnection, query: str, values: Sequence[Any] = ()
) -> list[dict[str, Any]]:
    """All rows of a query, each as a mapping of column to value."""
    return dicts(db.execute(query, list(values)))


def evidence_of(text: str | None) -> tuple[Evidence, ...]:
    """The evidence that a column holds as JSON."""
    return tuple(Evidence(**e) for e in from_json(text, []))


def from_json(text: str | None, default: Any) -> Any:
    """What a column holds as JSON; the default where it is empty."""
    return json.loads(text) if text else default
