"""The counted sorties of a store as columns in memory, extended by what commits have added.

A campaign over a million sorties asks the same few columns of all of them each time. Here they are
kept while the process lives, for a state of the store. Of a newer state only the files are read
that its commits added; where one took rows away (a rejudge, a repair), everything is read anew.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from flyoff.lake.blocks import Block, added_files, block_of, joined, read_added
from flyoff.lake.held import place_of
from flyoff.lake.opened import opened
from flyoff.lake.query import connect
from flyoff.lake.store import Store
from flyoff.units import BoolArray, FloatArray

#: Tables that only grow, from which blocks are made; and the one that says what is counted once.
GROWING = ("logs", "sorties", "measures", "findings")
_SAME = "same_sorties"
_SAME_ROWS = "SELECT sortie_id, counted_as, outcome, cause_class, airborne_s FROM same_sorties"
#: Stores that are kept: about 250 bytes for a sortie.
_KEPT = 2

_kept: OrderedDict[str, "_Held"] = OrderedDict()
_lock = threading.Lock()

Rows = npt.NDArray[np.int64]
#: Of each table its newest commit, and where it lies.
_State = Mapping[str, tuple[str, int]]


@dataclass(frozen=True, slots=True, eq=False)
class SortieColumns:
    """Every counted sortie, in the order of time, those without one last.

    Attributes
    ----------
    sorties : pa.Table
        ``sortie_id``, ``log_sha256``, ``vehicle_id``, ``outcome``, ``airborne_s``, ``cause_class``,
        ``start_utc``; words as dictionaries.
    logs : pa.Table
        ``log_sha256``, ``path`` and ``name``, which is the path's last part.
    values : mapping of measure to float64, shape (n,)
        NaN where it has none; of two values the larger one.
    denied : bool, shape (n,)
        Whether satellite navigation was lost, jammed or spoofed.
    """

    sorties: pa.Table
    logs: pa.Table
    values: Mapping[str, FloatArray]
    denied: BoolArray

    @property
    def size(self) -> int:
        """How many sorties."""
        return len(self.sorties)


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    """What is kept of a store, for one state of it."""

    state: "_State"
    names: frozenset[str]
    block: Block
    columns: SortieColumns


def sortie_columns(store: Store, names: Sequence[str]) -> SortieColumns:
    """The columns of a store as it is now.

    Parameters
    ----------
    store : Store
    names : sequence of str
        Measures that are wanted; more may be there.
    """
    key = store.uri("")
    with _lock:
        held = _kept.get(key)
    state = _settled(store)
    if held is not None and held.names.issuperset(names) and state:
        if held.state == state:
            return held.columns
        block = _extended(store, held, state)
        if block is not None:
            return _keep(key, _made(store, state, held.names, block, held)).columns
    wanted = frozenset(names) | (held.names if held is not None else frozenset())
    return _anew(store, key, state, wanted)


def _anew(store: Store, key: str, state: _State, names: frozenset[str]) -> SortieColumns:
    """Read everything; kept only if nobody wrote meanwhile."""
    with connect(store) as db:
        whole = {n: opened(store, n, state[n][0]) for n in ("logs", "sorties")} if state else None
        block = block_of(db, sorted(names), whole)
        columns = _counted(block, db.sql(_SAME_ROWS).to_arrow_table())
    if state and _settled(store) == state:
        _keep(key, _Held(state, names, block, columns))
    return columns


def _made(store: Store, state: _State, names: frozenset[str], block: Block, before: _Held) -> _Held:
    if block is before.block and state[_SAME] == before.state[_SAME]:
        return replace(before, state=state)
    same = store.table(_SAME).to_pyarrow_table() if state[_SAME][0] else None
    return _Held(state, names, block, _counted(block, same))


def _keep(key: str, held: _Held) -> _Held:
    with _lock:
        _kept[key] = held
        _kept.move_to_end(key)
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
    return held


def _settled(store: Store) -> dict[str, tuple[str, int]]:
    """The state of a store; empty while somebody writes, for then not every row counts."""
    names = (*GROWING, _SAME)
    found = store.newest_commits(names)
    if not store.is_settled or store.newest_commits(names) != found or not all(found[:-1]):
        return {}
    return {n: (commit, place_of(store, n)) for n, commit in zip(names, found, strict=True)}


def _extended(store: Store, held: _Held, state: _State) -> Block | None:
    """What was kept and what was added since; None if rows were taken away."""
    new = {}
    for name in GROWING:
        (before, place), (now, place_now) = held.state[name], state[name]
        files = added_files(store, name, before, now) if place == place_now else None
        if files is None:
            return None
        new[name] = files
    if not any(new.values()):
        return held.block
    with duckdb.connect(":memory:") as db:
        for name, files in new.items():
            db.register(name, read_added(store, name, files))
        return joined(held.block, block_of(db, sorted(held.names)))


def _counted(block: Block, same: pa.Table | None) -> SortieColumns:
    """Each sortie once, with what all its recordings together say."""
    if same is None or not len(same):
        return SortieColumns(block.sorties, block.logs, block.values, block.denied)
    sorties, shown = _told(block.sorties, same)
    return SortieColumns(
        sorties.filter(pa.array(shown)),
        block.logs,
        {name: values[shown] for name, values in block.values.items()},
        block.denied[shown],
    )


def _told(sorties: pa.Table, same: pa.Table) -> tuple[pa.Table, BoolArray]:
    """What ``counted_sorties`` of ``flyoff.lake.query`` says, and which rows it has."""
    ids = sorties["sortie_id"]
    at = pc.index_in(same["counted_as"], value_set=ids)
    there = at.is_valid()
    same, rows = same.filter(there), np.asarray(at.drop_null(), dtype=np.int64)
    shown = ~np.asarray(pc.is_in(ids, value_set=same["sortie_id"]), dtype=np.bool_)
    return (
        _replaced(
            _replaced(
                _replaced(sorties, "outcome", rows, same["outcome"], keep=True),
                "airborne_s", rows, same["airborne_s"], keep=True,
            ),
            "cause_class", rows, same["cause_class"], keep=False,
        ),
        shown,
    )  # fmt: skip


def _replaced(
    sorties: pa.Table, name: str, rows: Rows, told: pa.ChunkedArray, *, keep: bool
) -> pa.Table:
    """With other values in some rows; ``keep``: what is null replaces nothing."""
    own = sorties[name]
    is_word = pa.types.is_dictionary(own.type)
    values: npt.NDArray[Any] = np.asarray(
        (own.cast(pa.string()) if is_word else own).to_numpy(zero_copy_only=False)
    ).copy()
    fresh = told.to_numpy(zero_copy_only=False)
    used = ~np.asarray(told.is_null(), dtype=np.bool_) if keep else np.ones(rows.size, np.bool_)
    values[rows[used]] = fresh[used]
    made = pa.array(values, pa.string() if is_word else own.type, from_pandas=True)
    return sorties.set_column(
        sorties.schema.get_field_index(name),
        name,
        pa.chunked_array([made.dictionary_encode() if is_word else made]),
    )


def forget() -> None:
    """Keep nothing any more."""
    with _lock:
        _kept.clear()


__all__ = ["SortieColumns", "forget", "sortie_columns"]
