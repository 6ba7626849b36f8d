"""Which recordings are of one flight: read what linking needs, write what it found.

The tables of ``LINKED`` are small and written whole, each in one commit, ``examined`` last: a kill
in between leaves recordings that count as not examined, and the next run does them again.
"""

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError

from flyoff.faults import step
from flyoff.lake.query import dicts
from flyoff.lake.schema import LINKED
from flyoff.lake.store import Store, explained
from flyoff.units import FloatArray, IntArray

_RECORDINGS = """
SELECT r.recording_id, ingest_id, r.vehicle_id, r.start_us, r.end_us, r.utc_offset_us,
       r.utc_uncertainty_s, r.channels, l.format, l.path, e.recording_id IS NOT NULL AS examined
FROM recordings r JOIN logs l USING (log_sha256, ingest_id)
LEFT JOIN examined e USING (recording_id, ingest_id)
ORDER BY l.ingested_us, l.path, r.boot, r.recording_id
"""
TRACK_COLUMNS = "lat lon velocity_north velocity_east velocity_down roll pitch yaw height".split()
_TRACKS = f"""
SELECT place, t_us, {", ".join(TRACK_COLUMNS)} FROM tracks JOIN _wanted USING (recording_id)
ORDER BY place, t_us
"""
_SORTIES = """
SELECT * FROM {table} WHERE regexp_replace(sortie_id, '-[0-9]+$', '')
    IN (SELECT recording_id FROM _wanted) ORDER BY ALL
"""


@dataclass(frozen=True, slots=True)
class StoredRecording:
    """A recording as far as linking looks at it; `examined` says that it was linked before."""

    recording_id: str
    ingest_id: str
    vehicle_id: str
    start_us: int
    end_us: int
    utc_offset_us: int | None
    utc_uncertainty_s: float | None
    channels: int
    format: str
    path: str
    examined: bool


def stored_recordings(lake: duckdb.DuckDBPyConnection) -> list[StoredRecording]:
    """All recordings, in the order in which they came."""
    return [StoredRecording(*row) for row in lake.execute(_RECORDINGS).fetchall()]


def stored_tracks(
    lake: duckdb.DuckDBPyConnection, recordings: Iterable[str]
) -> dict[str, tuple[IntArray, dict[str, FloatArray]]]:
    """Of each recording its instants [µs] and the columns of ``tracks``."""
    wanted = sorted(recordings)
    with _wanted(lake, wanted):
        rows = lake.execute(_TRACKS).fetchnumpy()
    columns: dict[str, FloatArray] = {
        c: np.ma.filled(np.ma.asarray(rows[c], dtype=float), np.nan) for c in TRACK_COLUMNS
    }
    t_us = np.asarray(rows["t_us"], dtype=np.int64)
    cuts = np.searchsorted(np.asarray(rows["place"]), np.arange(len(wanted) + 1))
    return {
        recording: (t_us[first:last], {c: v[first:last] for c, v in columns.items()})
        for recording, first, last in zip(wanted, cuts[:-1], cuts[1:], strict=True)
        if first < last
    }


def stored_rows(
    lake: duckdb.DuckDBPyConnection, table: str, recordings: Iterable[str]
) -> list[dict[str, Any]]:
    """The rows of ``sorties``, ``findings`` or ``measures`` that belong to some recordings."""
    with _wanted(lake, sorted(recordings)):
        return dicts(lake.execute(_SORTIES.format(table=table)))


def linked_rows(lake: duckdb.DuckDBPyConnection, table: str) -> list[dict[str, Any]]:
    """All rows of a table of ``LINKED``."""
    return dicts(lake.execute(f"SELECT * FROM {table}"))


Opened = dict[str, DeltaTable | None]


def open_linked(store: Store) -> Opened:
    """The tables of ``LINKED`` as they are now; None for one that is not there yet."""
    there = store.newest_commits(list(LINKED))
    return {
        name: store.table(name) if commit else None
        for name, commit in zip(LINKED, there, strict=True)
    }


def write_linked(
    store: Store, rows: Mapping[str, Sequence[Mapping[str, Any]]], before: Opened
) -> bool:
    """Replace the tables of ``LINKED``; under the lock.

    Parameters
    ----------
    before : mapping of name to table
        As they were when it was decided what to write.

    Returns
    -------
    bool
        False if another process has written one since: then decide anew.
    """
    with explained(store.path):
        for name, schema in LINKED.items():
            made = pa.Table.from_pylist([dict(r) for r in rows[name]], schema=schema)
            if not _is_replaced(store, name, before[name], made):
                return False
            step(f"linked.{name}")
    return True


def _is_replaced(store: Store, name: str, table: DeltaTable | None, rows: pa.Table) -> bool:
    if table is None:
        store.make_table(name, LINKED[name])
        table = store.table(name)
        if table.version() > 0:
            return False
    properties = CommitProperties(max_commit_retries=0)
    try:
        write_deltalake(table, rows, mode="overwrite", commit_properties=properties)
    except CommitFailedError:
        return False
    return True


@contextlib.contextmanager
def _wanted(lake: duckdb.DuckDBPyConnection, recordings: Sequence[str]) -> Iterator[None]:
    """Recordings as a table of their ids and places, for the queries above."""
    places = pa.array(range(len(recordings)), pa.int32())
    ids = pa.array(recordings, pa.string())
    lake.register("_wanted", pa.table({"recording_id": ids, "place": places}))
    try:
        yield
    finally:
        lake.unregister("_wanted")
