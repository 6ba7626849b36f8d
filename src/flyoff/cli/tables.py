"""``flyoff sorties``, ``findings`` and ``sql``: rows of a store."""

import csv
import io
import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

from flyoff.cli.guard import OK
from flyoff.cli.terminal import (
    OUTCOME_STYLE,
    SEVERITY_STYLE,
    cell,
    counted,
    log_names,
    print_table,
    seconds,
)
from flyoff.pipeline.contract import finite
from flyoff.views import tables
from flyoff.views.tables import Filters, Result

Words = Sequence[str] | None


def run_sorties(
    store: str,
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
    return _print(tables.sorties(str(store), filters), as_json, _SORTIES)


def run_findings(
    store: str, kind: Words, severity: Words, vehicle: Words, limit: int | None, as_json: bool
) -> int:
    """List findings; returns the exit code."""
    filters = Filters(kind=kind or (), severity=severity or (), vehicle=vehicle or (), limit=limit)
    return _print(tables.findings(str(store), filters), as_json, _FINDINGS)


def run_sql(store: str, query: str, as_csv: bool, as_json: bool) -> int:
    """Run a query; returns the exit code."""
    result = tables.sql(str(store), query)
    if as_csv:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")  # a table for programs, whatever the locale
        writer = csv.writer(sys.stdout)
        writer.writerow(result.columns)
        writer.writerows(result.rows)
        return OK
    return _print(result, as_json)


def _print(
    result: Result, as_json: bool, shown: dict[str, Callable[[Any], str]] | None = None
) -> int:
    """Print all columns, or only those that are to be shown, as people read them."""
    if as_json:
        for row in result.dicts():
            print(json.dumps(finite(row), allow_nan=False, default=str))
        return OK
    styles = {**OUTCOME_STYLE, **SEVERITY_STYLE}
    formats = shown if shown is not None else dict.fromkeys(result.columns, _short)
    if shown is not None:
        formats = formats | {"path": log_names(row["path"] for row in result.dicts()).__getitem__}
    rows = [
        tuple(
            cell(form(row[name]), styles.get(row[name], "") if isinstance(row[name], str) else "")
            for name, form in formats.items()
        )
        for row in result.dicts()
    ]
    heads = [name.replace("_", " ") for name in formats] if shown else result.columns
    print_table(heads, rows, below=_BELOW if shown else ())
    print(counted(len(rows), "row"))
    return OK


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return "" if value is None else str(value)


def _words(value: str | None) -> str:
    return (value or "").replace("_", " ")


def _moment(value: str | None) -> str:
    return (value or "")[:19].replace("T", " ")


#: What a person sees of a list, and how; ``--json`` gives every column.
_SORTIES: dict[str, Callable[[Any], str]] = {
    "start_utc": _moment,
    "path": _short,
    "vehicle_kind": _words,
    "vehicle_id": _short,
    "airborne_s": seconds,
    "outcome": _words,
    "cause": _words,
    "evidence": _short,
}
_FINDINGS: dict[str, Callable[[Any], str]] = {
    "path": _short,
    "kind": _words,
    "severity": _words,
    "onset_s": _short,
    "end_s": _short,
    "detail": _short,
    "evidence": _short,
}
#: What gives way on a narrow terminal; file name and outcome, or kind, never do.
_BELOW = ("evidence", "detail", "vehicle id", "vehicle kind", "start utc", "cause")
