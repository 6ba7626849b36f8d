"""Which recordings are of one flight: read what linking needs, write what it found.

The tables of ``LINKED`` are small and written whole, each in one commit, ``examined`` last: a kill
in between leaves recordings that count as not examined, and the next run does them again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, write_deltalake
from deltalake.exceptions import CommitFailedError

from flyoff.faults import step
from flyoff.lake.query import connect, dicts
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
SELECT recording_id, t_us, {", ".join(TRACK_COLUMNS)} FROM tracks
WHERE recording_id IN (SELECT recording_id FROM _wanted) ORDER BY recording_id, t_us
"""
_SORTIES = """
SELECT * FROM {table} WHERE regexp_replace(sortie_id, '-[0-9]+$', '')
    IN (SELECT recording_id FROM _wanted) ORDER BY sortie_id
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


def stored_recordings(store: Store) -> list[StoredRecording]:
    """All recordings, in the order in which they came."""
    with connect(store) as db:
        return [StoredRecording(*row) for row in db.execute(_RECORDINGS).fetchall()]


def stored_tracks(
    store: Store, recordings: Iterable[str]
) -> dict[str, tuple[IntArray, dict[str, FloatArray]]]:
    """Of each recording its instants [µs] and the columns of ``tracks``."""
    with connect(store) as db:
        db.register("_wanted", _ids(recordings))
        rows = db.execute(_TRACKS).fetchnumpy()
    ids = np.asarray(rows["recording_id"], dtype=np.str_)
    columns: dict[str, FloatArray] = {
        c: np.ma.filled(np.ma.asarray(rows[c], dtype=float), np.nan) for c in TRACK_COLUMNS
    }
    t_us = np.asarray(rows["t_us"], dtype=np.int64)
    changes = np.concatenate(([True], ids[1:] != ids[:-1])) if ids.size else np.zeros(0, np.bool_)
    cuts = [int(i) for i in np.flatnonzero(changes)]
    found = {}
    for first, last in zip(cuts, [*cuts[1:], ids.size], strict=True):
        own = {c: v[first:last] for c, v in columns.items()}
        found[str(ids[first])] = (t_us[first:last], own)
    return found


def stored_rows(store: Store, table: str, recordings: Iterable[str]) -> list[dict[str, Any]]:
    """The rows of ``sorties``, ``findings`` or ``measures`` that belong to some recordings."""
    with connect(store) as db:
        db.register("_wanted", _ids(recordings))
        return dicts(db.execute(_SORTIES.format(table=table)))


def linked_rows(store: Store, table: str) -> list[dict[str, Any]]:
    """All rows of a table of ``LINKED``."""
    with connect(store) as db:
        return dicts(db.execute(f"SELECT * FROM {table}"))


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


def _ids(recordings: Iterable[str]) -> pa.Table:
    return pa.table({"recording_id": pa.array(sorted(recordings), pa.string())})
