"""Commits to a table that is still as it was seen: else they are refused, and nothing is written.

Each names the ingests that it is part of. An object store may lose the answer to a commit and then
refuse the same request sent again; such a commit is recognised by those names.
"""

import json
from collections.abc import Mapping, Sequence

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake
from deltalake.exceptions import CommitFailedError
from deltalake.transaction import AddAction, RemoveAction

#: What of a commit to ``logs`` says which tables its ingests have rows in.
_TABLES = "flyoffTables"


def append_unchanged(
    table: DeltaTable,
    rows: pa.Table,
    ingest_ids: Sequence[str],
    beside: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Append rows.

    Parameters
    ----------
    beside : mapping of ingest to names of tables, optional
        Where else it has rows: should one of those commits be lost, it will be known.

    Raises
    ------
    CommitFailedError
        If anybody has committed to the table since it was opened.
    """
    try:
        write_deltalake(table, rows, mode="append", commit_properties=_once(ingest_ids, beside))
    except CommitFailedError:
        if not _is_done(table, ingest_ids):
            raise


def add_unchanged(
    table: DeltaTable, files: Sequence[AddAction], schema: pa.Schema, ingest_ids: Sequence[str]
) -> None:
    """Make files that lie beside a table part of it; raises as ``append_unchanged`` does."""
    actions: list[AddAction | RemoveAction] = [*files]
    properties = _once(ingest_ids)
    try:
        table.create_write_transaction(actions, "append", schema, commit_properties=properties)
    except CommitFailedError:
        if not _is_done(table, ingest_ids):
            raise


def said_beside(logs: DeltaTable) -> dict[str, list[str]]:
    """Of each ingest, as far back as the log of ``logs`` goes, the tables that it has rows in."""
    said: dict[str, list[str]] = {}
    for entry in logs.history():
        said |= json.loads(entry.get(_TABLES, "{}"))
    return said


def _once(
    ingest_ids: Sequence[str], beside: Mapping[str, Sequence[str]] | None = None
) -> CommitProperties:
    done = [Transaction(own, 1) for own in ingest_ids]
    said = {_TABLES: json.dumps(dict(beside))} if beside else None
    return CommitProperties(custom_metadata=said, max_commit_retries=0, app_transactions=done)


def _is_done(table: DeltaTable, ingest_ids: Sequence[str]) -> bool:
    table.update_incremental()
    return all(table.transaction_version(own) is not None for own in ingest_ids)
