"""Taking rows out of a table that no log vouches for.

Done here and not by Delta's own ``delete``: what that writes anew (deltalake 1.6) says in its files
that text is of Arrow's type ``string_view``, and no reader of Arrow can compare such a column with
a word, so that every question about the table would fail.
"""

import time

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pds
from deltalake import CommitProperties, DeltaTable
from deltalake.exceptions import CommitFailedError
from deltalake.transaction import AddAction, RemoveAction

from flyoff.lake.schema import SCHEMAS
from flyoff.lake.staged import file_action, written
from flyoff.lake.store import Store

_KEY = ["log_sha256", "ingest_id"]
_RETRIES = 50
Pairs = set[tuple[str, str]]
Actions = list[AddAction | RemoveAction]


def remove_dead(store: Store, name: str, alive: Pairs) -> None:
    """Leave only rows of some ``(log_sha256, ingest_id)``; in one commit.

    Raises
    ------
    CommitFailedError
        If others append to the table all the time.
    """
    table = store.table(name)
    for attempt in range(_RETRIES):
        try:
            _remove(store, name, table, alive)
            return
        except CommitFailedError:  # somebody appended: look again
            if attempt == _RETRIES - 1:
                raise
            time.sleep(0.05)
            table.update_incremental()


def _remove(store: Store, name: str, table: DeltaTable, alive: Pairs) -> None:
    told = pa.table(table.get_add_actions())
    sizes = dict(zip(told["path"].to_pylist(), told["size_bytes"].to_pylist(), strict=True))
    now_ms = time.time_ns() // 1_000_000
    actions: Actions = []
    dataset = table.to_pyarrow_dataset()
    for fragment in dataset.get_fragments():
        dead = _dead(fragment.to_table(schema=dataset.schema, columns=_KEY), alive)
        if not dead.any():
            continue
        actions.append(RemoveAction(fragment.path, True, now_ms, sizes[fragment.path], {}))
        if not dead.all():
            actions.append(_rest(store, name, fragment, dataset.schema, ~dead, now_ms))
    if actions:
        table.create_write_transaction(
            actions,
            "append",
            SCHEMAS[name],
            commit_properties=CommitProperties(max_commit_retries=0),
        )


def _rest(
    store: Store,
    name: str,
    fragment: pds.ParquetFileFragment,
    schema: pa.Schema,
    kept: "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]",
    now_ms: int,
) -> AddAction:
    rows = fragment.to_table(schema=schema).filter(pa.array(kept))
    return file_action(written(store, name, rows.cast(SCHEMAS[name])), now_ms)


def _dead(keys: pa.Table, alive: Pairs) -> "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]":
    """Which rows are of none of those."""
    distinct = keys.group_by(_KEY).aggregate([])
    there = set(zip(*(distinct[c].to_pylist() for c in _KEY), strict=True))
    dead = pa.array([f"{sha} {ingest}" for sha, ingest in there - alive], pa.string())
    if not len(dead):
        return np.zeros(len(keys), dtype=np.bool_)
    joined = pc.binary_join_element_wise(keys[_KEY[0]], keys[_KEY[1]], " ")
    return np.asarray(pc.is_in(joined, value_set=dead), dtype=np.bool_)
