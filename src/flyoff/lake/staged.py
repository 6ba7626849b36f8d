"""Rows that a worker has written already, as Parquet files that no table knows of yet.

A worker of a cluster writes the files of its batch straight to where the tables lie, under names
that nobody else has, and gives back a list of them. Whether they count is for the one committer to
say: it adds the files to the tables in one commit each, and the rows of ``logs``. What a worker
wrote that was killed, or asked for twice, belongs to no table; ``flyoff store optimise`` removes it
when it is a week old.
"""

import io
import json
import math
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.transaction import AddAction

from flyoff import stages
from flyoff.errors import StoreError
from flyoff.faults import step
from flyoff.lake.entry import LogEntry
from flyoff.lake.rows import tables
from flyoff.lake.schema import DERIVED, SCHEMAS
from flyoff.lake.store import Store
from flyoff.lake.unchanged import add_unchanged, append_unchanged

_NAMES = {"log_sha256", "ingest_id", "recording_id", "sortie_id", "measure", "kind", "start_utc"}


@dataclass(frozen=True, slots=True)
class StagedFile:
    """One Parquet file of one table.

    Attributes
    ----------
    table : str
    name : str
        Relative to the table.
    size : int [byte]
    rows : int
    stats : str
        As Delta's log has it.
    """

    table: str
    name: str
    size: int
    rows: int
    stats: str


@dataclass(frozen=True, slots=True)
class Staged:
    """What a batch of logs has become: files, and the rows of ``logs`` that may vouch for them."""

    ingest_id: str
    files: tuple[StagedFile, ...]
    logs: tuple[Mapping[str, Any], ...]

    @property
    def rows(self) -> int:
        """Of all files."""
        return sum(file.rows for file in self.files)


def stage(store: Store, entries: Sequence[LogEntry]) -> Staged:
    """Write the derived rows of some logs beside the tables; they belong to none yet."""
    ingest_id = uuid.uuid4().hex
    made = tables(entries, ingest_id, 0)
    with stages.stage("write", bytes=sum(made[name].nbytes for name in DERIVED)):
        files = [written(store, name, made[name]) for name in DERIVED if made[name].num_rows]
    step("stage.written")
    return Staged(ingest_id, tuple(files), tuple(made["logs"].to_pylist()))


def require(store: Store, batches: Sequence[Staged]) -> None:
    """Look whether the files of some batches are still there, before a table is said to have them.

    They belong to no table yet, so an ``optimise`` takes them for what a dead worker has left as
    soon as a clock says that they are a week old: one that jumps says so at once.

    Raises
    ------
    StoreError
        If one is gone; nothing was changed.
    """
    for file in (file for batch in batches for file in batch.files):
        key = f"tables/{file.table}/{file.name}"
        if store.home.size(key) != file.size:
            raise StoreError(
                str(store),
                f"{key}, which a worker wrote, is gone; run the same command again, "
                "what was stored until now is safe",
            )


def add(
    batches: Sequence[tuple[Staged, set[str]]], opened: Mapping[str, DeltaTable], now_us: int
) -> None:
    """Add staged files to the tables, ``logs`` last; under the lock and with a mark.

    Parameters
    ----------
    batches : sequence of (Staged, set of str)
        With the SHA-256 of those logs that shall count; rows of others are there and do not.
    opened : mapping of name to table
        As it was when that was decided.
    now_us : int [µs, UNIX]

    Raises
    ------
    CommitFailedError
        If a table is newer now.
    """
    ids = [batch.ingest_id for batch, _ in batches]
    for name in DERIVED:
        files = [file for batch, _ in batches for file in batch.files if file.table == name]
        if files:
            add_unchanged(
                opened[name], [file_action(f, now_us // 1000) for f in files], SCHEMAS[name], ids
            )
            step(f"commit.appended.{name}")
    rows = [
        {**row, "ingested_us": now_us}
        for batch, wanted in batches
        for row in batch.logs
        if row["log_sha256"] in wanted
    ]
    made = pa.Table.from_pylist(rows, schema=SCHEMAS["logs"])
    beside = {b.ingest_id: sorted({file.table for file in b.files}) for b, _ in batches}
    append_unchanged(opened["logs"], made, ids, beside)
    step("commit.appended.logs")


def file_action(file: StagedFile, now_ms: int) -> AddAction:
    """What makes a file part of a table."""
    return AddAction(file.name, file.size, {}, now_ms, True, file.stats)


def written(store: Store, name: str, rows: pa.Table) -> StagedFile:
    """Write rows beside a table."""
    out = io.BytesIO()
    pq.write_table(rows, out, compression="snappy")
    data = out.getbuffer()
    file = f"part-{uuid.uuid4().hex}.snappy.parquet"
    store.home.create(f"tables/{name}/{file}", data)
    return StagedFile(name, file, len(data), rows.num_rows, _stats(rows))


def _is_finite(value: object) -> bool:
    return not isinstance(value, float) or math.isfinite(value)


def _stats(rows: pa.Table) -> str:
    """Smallest and largest values, of numbers and of what names things, so that readers skip files.

    Nested text has none: no reader asks for a range of it.
    """
    least, most, nulls = {}, {}, {}
    for field in rows.schema:
        is_name = pa.types.is_string(field.type) and field.name in _NAMES
        if not (is_name or pa.types.is_integer(field.type) or pa.types.is_floating(field.type)):
            continue
        column = rows[field.name]
        nulls[field.name] = column.null_count
        ends = pc.min_max(column).as_py()
        if ends["min"] is not None and _is_finite(ends["min"]) and _is_finite(ends["max"]):
            least[field.name], most[field.name] = ends["min"], ends["max"]
    made = {"numRecords": rows.num_rows, "minValues": least, "maxValues": most, "nullCount": nulls}
    return json.dumps(made)
