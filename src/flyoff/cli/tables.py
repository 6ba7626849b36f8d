"""``flyoff sorties``, ``findings`` and ``sql``: rows of a store."""

import csv
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from flyoff.cli.guard import OK
from flyoff.cli.terminal import OUTCOME_STYLE, SEVERITY_STYLE, cell, print_table
from flyoff.pipeline.contract import finite
from flyoff.views import tables
from flyoff.views.tables import Filters, Result

Words = Sequence[str] | None


def run_sorties(
    store: Path,
    outcome: Words,
    vehicle: Words,
    cause: Words,
    since: str | None,
    until: str | None,
    limit: int | None,
    as_json: bool,
) -> int:
    """List sorties; returns the exit code."""
    filters = Filters(
        outcome=outcome or (),
        vehicle=vehicle or (),
        cause=cause or (),
        since=since,
        until=until,
        limit=limit,
    )
    return _print(tables.sorties(str(store), filters), as_json)


def run_findings(
    store: Path, kind: Words, severity: Words, vehicle: Words, limit: int | None, as_json: bool
) -> int:
    """List findings; returns the exit code."""
    filters = Filters(kind=kind or (), severity=severity or (), vehicle=vehicle or (), limit=limit)
    return _print(tables.findings(str(store), filters), as_json)


def run_sql(store: Path, query: str, as_csv: bool, as_json: bool) -> int:
    """Run a query; returns the exit code."""
    result = tables.sql(str(store), query)
    if as_csv:
        writer = csv.writer(sys.stdout)
        writer.writerow(result.columns)
        writer.writerows(result.rows)
        return OK
    return _print(result, as_json)


def _print(result: Result, as_json: bool) -> int:
    if as_json:
        for row in result.dicts():
            print(json.dumps(finite(row), allow_nan=False, default=str))
        return OK
    styles = {**OUTCOME_STYLE, **SEVERITY_STYLE}
    rows = [
        tuple(cell(_short(v), styles.get(v, "") if isinstance(v, str) else "") for v in row)
        for row in result.rows
    ]
    print_table(result.columns, rows)
    count = len(rows)
    print(f"{count} {'row' if count == 1 else 'rows'}")
    return OK


def _short(value: object) -> object:
    return f"{value:.6g}" if isinstance(value, float) else value
