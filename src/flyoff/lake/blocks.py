"""Columns of some logs' sorties, read from a store or from the files that its commits added."""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pds
import pyarrow.parquet as pq

from flyoff.lake.held import version_of
from flyoff.lake.schema import SCHEMAS
from flyoff.lake.store import Store
from flyoff.units import BoolArray, FloatArray

#: Satellite navigation is denied by these.
_DENIED = "'gnss_loss', 'gnss_jamming', 'gnss_spoofing'"
_COLUMNS = {
    "logs": ("log_sha256", "path"),
    "sorties": (
        "sortie_id",
        "log_sha256",
        "vehicle_id",
        "outcome",
        "airborne_s",
        "cause_class",
        "start_utc",
    ),
}
_WORDS = ("vehicle_id", "outcome", "cause_class")
# found by a number made of the id instead of joined by the id: nothing is held but one batch and
# the numbers, of which two that are alike send all of them through the join
_NUMBERS = "SELECT row, hash(sortie_id) AS key FROM _order"
_VALUES = """
SELECT hash(m.sortie_id) AS key, {which} AS which, m.value
FROM measures m WHERE m.measure IN ({names}) AND m.value IS NOT NULL
"""
_JOINED = """
SELECT o.row, {which} AS which, m.value
FROM measures m JOIN _order o USING (sortie_id)
WHERE m.measure IN ({names}) AND m.value IS NOT NULL
"""
_DENIED_ROWS = f"""
SELECT DISTINCT o.row FROM findings f JOIN _order o USING (sortie_id) WHERE f.kind IN ({_DENIED})
"""
_BATCH = 100_000
#: Gives memory back; what Arrow takes by default keeps what reading needed, twice the columns.
_POOL = pa.system_memory_pool()
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


def block_of(
    db: duckdb.DuckDBPyConnection,
    names: Sequence[str],
    whole: Mapping[str, pds.Dataset] | None = None,
) -> Block:
    """Read the columns out of ``logs``, ``sorties``, ``measures`` and ``findings``.

    Parameters
    ----------
    db : duckdb.DuckDBPyConnection
    names : sequence of str
        Measures.
    whole : mapping of name to dataset, optional
        ``logs`` and ``sorties`` themselves, where every row of them counts: DuckDB asks Arrow for
        many batches ahead, which are hundreds of megabytes.
    """
    sorties, logs = (_read(db, name, whole) for name in ("sorties", "logs"))
    name = pc.replace_substring_regex(logs["path"], r"^.*[/\\]", "")
    logs = logs.append_column("name", name)
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
        pc.take(block.sorties, found, memory_pool=_POOL),
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


def _read(
    db: duckdb.DuckDBPyConnection, table: str, whole: Mapping[str, pds.Dataset] | None
) -> pa.Table:
    """Some columns, those of words as dictionaries, made so piece by piece."""
    columns = list(_COLUMNS[table])
    if whole is not None:
        reader = (
            whole[table]
            .scanner(
                columns=columns,
                batch_size=_BATCH,
                batch_readahead=1,
                fragment_readahead=1,
                memory_pool=_POOL,
            )
            .to_reader()
        )
    else:
        reader = db.sql(f"SELECT {', '.join(columns)} FROM {table}").to_arrow_reader(_BATCH)
    pieces = []
    for batch in _batches(reader):
        piece = pa.table(batch)
        for word in _WORDS:
            if word in columns:
                at = piece.schema.get_field_index(word)
                piece = piece.set_column(at, word, piece[word].dictionary_encode())
        pieces.append(piece)
    return pa.concat_tables(pieces).unify_dictionaries()


def _batches(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """Those of a reader, after an empty one, so that there is one."""
    yield pa.RecordBatch.from_pylist([], schema=reader.schema)
    yield from reader


def _one(first: pa.Table, second: pa.Table) -> pa.Table:
    both = pa.concat_tables([first, second]).unify_dictionaries()
    return both.combine_chunks() if both[0].num_chunks > _MOST_PIECES else both


def _values(
    db: duckdb.DuckDBPyConnection, names: Sequence[str], size: int
) -> dict[str, FloatArray]:
    """Measures of every sortie, NaN where it has none; of two values the larger one."""
    values = np.full((len(names), size), np.nan)
    if not names:
        return {}
    cases = " ".join(f"WHEN '{name}' THEN {i}" for i, name in enumerate(names))
    parts = {
        "which": f"CAST(CASE m.measure {cases} END AS TINYINT)",
        "names": ", ".join(f"'{name}'" for name in names),
    }
    found = db.sql(_NUMBERS).fetchnumpy()
    order = np.argsort(found["key"])
    keys, rows = found["key"][order], found["row"][order]
    if bool((keys[1:] == keys[:-1]).any()):
        for batch in db.sql(_JOINED.format(**parts)).to_arrow_reader(_BATCH):
            at = (np.asarray(batch["which"]), np.asarray(batch["row"]))
            np.fmax.at(values, at, np.asarray(batch["value"]))
        return dict(zip(names, values, strict=True))
    for batch in db.sql(_VALUES.format(**parts)).to_arrow_reader(_BATCH):
        wanted = np.asarray(batch["key"])
        place = np.minimum(np.searchsorted(keys, wanted), max(size - 1, 0))
        hit = keys[place] == wanted if size else np.zeros(wanted.size, dtype=np.bool_)
        at = (np.asarray(batch["which"])[hit], rows[place[hit]])
        np.fmax.at(values, at, np.asarray(batch["value"])[hit])
    return dict(zip(names, values, strict=True))
