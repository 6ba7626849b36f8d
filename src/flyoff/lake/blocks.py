"""Columns of some logs' sorties, read from a store or from the files that its commits added."""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flyoff.lake.held import version_of
from flyoff.lake.schema import SCHEMAS
from flyoff.lake.store import Store
from flyoff.units import BoolArray, FloatArray

#: Satellite navigation is denied by these.
_DENIED = "'gnss_loss', 'gnss_jamming', 'gnss_spoofing'"
_LOGS = """
SELECT log_sha256, path, parse_filename(path, false, 'both_slash') AS name FROM logs
"""
_SORTIES = """
SELECT sortie_id, log_sha256, vehicle_id, outcome, airborne_s, cause_class, start_utc FROM sorties
"""
_WORDS = ("vehicle_id", "outcome", "cause_class")
# joined to the rows' numbers instead of grouped: nothing is held but one batch and the numbers
_VALUES = """
SELECT o.row, {which} AS which, m.value
FROM measures m JOIN _order o USING (sortie_id)
WHERE m.measure IN ({names}) AND m.value IS NOT NULL
"""
_DENIED_ROWS = f"""
SELECT DISTINCT o.row FROM findings f JOIN _order o USING (sortie_id) WHERE f.kind IN ({_DENIED})
"""
_BATCH = 100_000
#: Of more commits than this, reading everything is as quick.
_MOST_COMMITS = 1_000
#: More pieces than this are laid together.
_MOST_PIECES = 64


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """All sorties in the order of time, each with its numbers; see ``columns.SortieColumns``."""

    sorties: pa.Table
    logs: pa.Table
    values: Mapping[str, FloatArray]
    denied: BoolArray


def block_of(db: duckdb.DuckDBPyConnection, names: Sequence[str]) -> Block:
    """Read the columns out of ``logs``, ``sorties``, ``measures`` and ``findings``."""
    sorties = _read(db, _SORTIES, _WORDS)
    logs = _read(db, _LOGS, ("name",))
    rows = pa.array(np.arange(len(sorties), dtype=np.int32))
    db.register("_order", pa.table({"sortie_id": sorties["sortie_id"], "row": rows}))
    values = _values(db, names, len(sorties))
    denied = np.zeros(len(sorties), dtype=np.bool_)
    denied[[row for (row,) in db.execute(_DENIED_ROWS).fetchall()]] = True
    db.unregister("_order")
    return in_order(Block(sorties, logs, values, denied))


def joined(first: Block, second: Block) -> Block:
    """The rows of both."""
    names = set(first.values) & set(second.values)
    return in_order(
        Block(
            _one(first.sorties, second.sorties),
            _one(first.logs, second.logs),
            {n: np.concatenate((first.values[n], second.values[n])) for n in names},
            np.concatenate((first.denied, second.denied)),
        )
    )


def in_order(block: Block) -> Block:
    """By time, those without one last; the block itself if it is so already."""
    keys = [("start_utc", "ascending"), ("sortie_id", "ascending")]
    found = pc.sort_indices(block.sorties, keys)
    order = np.asarray(found, dtype=np.int64)
    if np.array_equal(order, np.arange(order.size)):
        return block
    return Block(
        block.sorties.take(found),
        block.logs,
        {name: values[order] for name, values in block.values.items()},
        block.denied[order],
    )


def added_files(store: Store, name: str, before: str, now: str) -> list[str] | None:
    """Files with rows that a table has now and had not; None if rows were taken away, or who knows.

    Joining small files changes no row, and says so.
    """
    first, last = version_of(before) + 1, version_of(now)
    if last < first - 1 or last - first > _MOST_COMMITS:
        return None
    found: list[str] = []
    for version in range(first, last + 1):
        try:
            text = store.home.read(f"tables/{name}/_delta_log/{version:020}.json")
        except FileNotFoundError:
            return None
        for action in map(json.loads, text.splitlines()):
            kind, told = next(iter(action.items()))
            if kind == "add" and told["dataChange"]:
                found.append(told["path"])
            elif kind in ("metaData", "protocol") or (kind == "remove" and told["dataChange"]):
                return None
    return found


def read_added(store: Store, name: str, files: Sequence[str]) -> pa.Table:
    """The rows of some files of a table."""
    schema = SCHEMAS[name]
    parts = [
        pq.read_table(io.BytesIO(store.home.read(f"tables/{name}/{file}"))).select(schema.names)
        for file in files
    ]
    return pa.concat_tables([schema.empty_table(), *(p.cast(schema) for p in parts)])


def _read(db: duckdb.DuckDBPyConnection, query: str, words: Sequence[str]) -> pa.Table:
    """Some columns, those of words as dictionaries, made so piece by piece."""
    reader = db.sql(query).to_arrow_reader(_BATCH)
    pieces = []
    for batch in reader:
        piece = pa.table(batch)
        for word in words:
            at = piece.schema.get_field_index(word)
            piece = piece.set_column(at, word, piece[word].dictionary_encode())
        pieces.append(piece)
    if not pieces:
        empty = reader.schema.empty_table()
        pieces = [
            pa.table({n: c.dictionary_encode() if n in words else c
                      for n, c in zip(empty.column_names, empty.columns, strict=True)})
        ]  # fmt: skip
    return pa.concat_tables(pieces).unify_dictionaries()


def _one(first: pa.Table, second: pa.Table) -> pa.Table:
    both = pa.concat_tables([first, second]).unify_dictionaries()
    return both.combine_chunks() if both[0].num_chunks > _MOST_PIECES else both


def _values(
    db: duckdb.DuckDBPyConnection, names: Sequence[str], size: int
) -> dict[str, FloatArray]:
    """Measures of every sortie, NaN where it has none; of two values the larger one."""
    values = np.full((len(names), size), np.nan)
    if names:
        cases = " ".join(f"WHEN '{name}' THEN {i}" for i, name in enumerate(names))
        wanted = ", ".join(f"'{name}'" for name in names)
        query = _VALUES.format(which=f"CAST(CASE m.measure {cases} END AS TINYINT)", names=wanted)
        for batch in db.sql(query).to_arrow_reader(_BATCH):
            at = (np.asarray(batch["which"]), np.asarray(batch["row"]))
            np.fmax.at(values, at, np.asarray(batch["value"]))
    return dict(zip(names, values, strict=True))
