"""Mending a store's tables: what cannot be read is moved away, what is left is kept, all is told.

Nothing is deleted: damaged files go to ``damaged/``. What has to be judged again is written there
before anything is moved, so that a repair that is killed is taken up by the next one.
"""

import io
import json
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import write_deltalake

from flyoff.faults import step
from flyoff.lake.health import (
    DAMAGED,
    PENDING,
    UNCOUNTED,
    Look,
    altered_raw,
    look,
    lost_commits,
    unreadable,
    unvouched,
)
from flyoff.lake.journal import missing, noted
from flyoff.lake.linked import open_linked, write_linked
from flyoff.lake.query import connect
from flyoff.lake.raw import digest_of
from flyoff.lake.schema import DERIVED, IMPORTED, LINKED, PEOPLE, SCHEMAS
from flyoff.lake.store import Store, explained

_ENDS = ("min", "max")
#: Hex digits of a SHA-256.
_DIGITS = 64
_ALL_SCHEMAS: dict[str, pa.Schema] = {**SCHEMAS, **PEOPLE, **LINKED, **IMPORTED}


@dataclass(slots=True)
class Pending:
    """What a repair has to judge again.

    Attributes
    ----------
    is_all : bool
        Every log: nobody knows which rows were lost.
    logs : set of str
        SHA-256 of those whose rows may be lost.
    is_nameless : bool
        The table of logs itself lost rows: raw files that nothing names may be logs.
    tables : set of str
        Tables that were being mended: one of them that is not there was moved away.
    """

    is_all: bool = False
    logs: set[str] = field(default_factory=set)
    is_nameless: bool = False
    tables: set[str] = field(default_factory=set)

    def write(self, store: Store) -> None:
        """Note it, durably."""
        content = asdict(self) | {"logs": sorted(self.logs), "tables": sorted(self.tables)}
        store.home.replace(PENDING, json.dumps(content).encode())


def pending(store: Store) -> Pending:
    """What an earlier repair, that was broken off, had still to do."""
    try:
        content = json.loads(store.home.read(PENDING))
    except FileNotFoundError:
        return Pending()
    logs, tables = set(content["logs"]), set(content["tables"])
    return Pending(content["is_all"], logs, content["is_nameless"], tables)


def done(store: Store) -> None:
    """Say that everything was judged again."""
    store.home.unmark([PENDING])


def mend(store: Store) -> tuple[list[str], Pending]:
    """Make every table readable; under the lock.

    Returns
    -------
    told : list of str
        What was done, a line each.
    again : Pending
        What has to be judged again now.
    """
    with store.locked(), explained(store.path):
        told, again = list(_move_raw(store)), pending(store)
        for name in ("logs", *PEOPLE, *DERIVED, *LINKED, *IMPORTED):
            found = look(store, name)
            if name in again.tables and not _is_there(store, name):
                found = Look("was moved away by a repair that was broken off")
            if found.error or found.bad:
                _note_lost(store, name, found, again)
                told.append(_mend_table(store, name, found))
        told += _from_journal(store)
        for table in ("recordings", "sorties"):
            with connect(store) as db:
                rows = db.execute(UNCOUNTED.format(table=table)).fetchall()
            again.logs |= {row[0] for row in rows}
        for logs in lost_commits(store).values():
            again.logs |= logs
        again.is_nameless |= unvouched(store) > 0
        if again != Pending():
            again.write(store)
    return told, again


def _is_there(store: Store, name: str) -> bool:
    return any(True for _ in store.home.keys(f"tables/{name}"))


def _move_raw(store: Store) -> Iterator[str]:
    for key in list(altered_raw(store)):
        _move(store, key)
        yield f"{key}: not its SHA-256, moved away; ingest it again"


def _note_lost(store: Store, name: str, found: Look, again: Pending) -> None:
    """Say durably which logs have to be judged again, before anything is moved."""
    if name == "logs":
        again.is_nameless = True
    elif name in DERIVED:
        lost = _lost_logs(store, name, found)
        again.is_all |= lost is None
        again.logs |= lost or set()
    again.tables.add(name)
    again.write(store)
    step(f"mend.noted.{name}")


def _lost_logs(store: Store, name: str, found: Look) -> set[str] | None:
    """Logs that may have rows in the files that were lost; None if nobody knows."""
    if found.error:
        return None
    table = store.table(name)
    stated = {
        os.path.basename(row["path"]): row
        for row in pa.table(table.get_add_actions(flatten=True)).to_pylist()
    }
    logs = store.table("logs").to_pyarrow_table(columns=["log_sha256", "ingest_id"]).to_pylist()
    lost: set[str] = set()
    for key, _ in found.bad:
        said = stated.get(os.path.basename(key), {})
        bounds = [said.get(f"{end}.{c}") for c in ("log_sha256", "ingest_id") for end in _ENDS]
        if not all(bounds):
            return None
        low, high, first, last = (str(b) for b in bounds)
        lost |= {
            row["log_sha256"]
            for row in logs
            if low <= row["log_sha256"] <= high and first <= row["ingest_id"] <= last
        }
    return lost


def _mend_table(store: Store, name: str, found: Look) -> str:
    if found.error:
        rows = _salvaged(store, name) if name == "logs" or name not in SCHEMAS else None
        _move(store, f"tables/{name}")
        step(f"mend.moved.{name}")
        _make(store, name, rows)
        kept = f"; {rows.num_rows} rows were kept" if rows is not None else ""
        told = f"tables/{name}: could not be opened, made anew{kept}"
    else:
        for key, _ in found.bad:
            _move(store, key)
        step(f"mend.moved.{name}")
        store.table(name).repair()
        count = len(found.bad)
        told = f"tables/{name}: {count} file{'s'[: count > 1]} could not be read, taken out"
    if name in LINKED:
        write_linked(store, {linked: [] for linked in LINKED}, open_linked(store))
    step(f"mend.made.{name}")
    return told


def _make(store: Store, name: str, rows: pa.Table | None) -> None:
    """A table in one commit, so that it is never there without its rows."""
    if rows is None or not rows.num_rows:
        store.make_table(name, _ALL_SCHEMAS[name])
    else:
        options = store.home.options
        write_deltalake(store.uri(name), rows, mode="overwrite", storage_options=options)


def _salvaged(store: Store, name: str) -> pa.Table:
    """Distinct rows of all files that can be read; also of those that were moved away earlier.

    Right for tables that only grow. Of ``logs`` the newest row of each log counts anyway.
    """
    schema = _ALL_SCHEMAS[name]
    place = f"tables/{name}"
    moved = (key for key in store.home.keys(DAMAGED) if f"/{place}/" in key)
    files = [key for key in (*store.home.keys(place), *moved) if key.endswith(".parquet")]
    parts = [
        pq.read_table(store.home.local(key) or io.BytesIO(store.home.read(key)))
        .select(schema.names)
        .cast(schema)
        for key in files
        if "/_delta_log/" not in key and not unreadable(store, key)
    ]
    if not parts:
        return schema.empty_table()
    return pa.concat_tables(parts).group_by(schema.names, use_threads=False).aggregate([])


def _from_journal(store: Store) -> Iterator[str]:
    """Rows of people's tables that the journal has and the table has not."""
    for name, schema in PEOPLE.items():
        there = []
        if _is_there(store, name):
            there = store.table(name).to_pyarrow_table().to_pylist()
        lost = missing(noted(store, name), there)
        if lost:
            rows = pa.Table.from_pylist(lost, schema=schema)
            store.make_table(name, schema)
            store.append(name, rows)
            step(f"mend.brought.{name}")
            yield f"tables/{name}: {len(lost)} rows brought back from the journal"


def _move(store: Store, key: str) -> None:
    """Move a file or all of a table to ``damaged/``, under the place that it had."""
    store.home.move(key, f"{DAMAGED}/{time.time_ns()}/{key}")


def unnamed(store: Store, known: Iterable[str]) -> list[Mapping[str, Any]]:
    """Raw files that ``logs`` has no row of: name and plan from the journal, or none.

    A plan and a file that is no log are among them.
    """
    there = set(known)
    names = {row["log_sha256"]: row for row in noted(store, "logs")}
    plans = {row["plan_sha256"] for row in names.values()}
    found: list[Mapping[str, Any]] = []
    for key in store.home.keys("raw"):
        sha256 = digest_of(key)
        if len(sha256) == _DIGITS and sha256 not in there | plans:
            found.append(names.get(sha256, {"log_sha256": sha256, "path": ""}))
    return found
