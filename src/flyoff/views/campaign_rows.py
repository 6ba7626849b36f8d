"""Every sortie of a store and every card of a campaign as one row, in the order of time."""

import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, overload

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from flyoff.campaign.flown import CODE, NONE, Codes
from flyoff.campaign.folder import Campaign
from flyoff.campaign.requirement import CAUSE_CLASSES
from flyoff.lake.columns import SortieColumns, sortie_columns
from flyoff.lake.opened import opened
from flyoff.lake.schema import PEOPLE
from flyoff.lake.store import Store
from flyoff.units import BoolArray, FloatArray
from flyoff.views.matching import Matches, match

_CLASSES = {name: i for i, name in enumerate(CAUSE_CLASSES)}
_LATEST = """
SELECT sortie_id,
       max_by(outcome, reviewed_us) FILTER (outcome IS NOT NULL) AS outcome,
       max_by(cause_class, reviewed_us) FILTER (cause_class IS NOT NULL) AS cause_class
FROM reviews GROUP BY sortie_id
"""


@dataclass(frozen=True, slots=True, eq=False)
class CampaignRows:
    """What a store and a campaign's folder say of each sortie; words as codes, -1 for none.

    Attributes
    ----------
    ids : sequence of str
        ``sortie_id``, or ``card:C001`` for a card without a log.
    card : integer, shape (n,)
        Index into the campaign's cards.
    vehicle : integer, shape (n,)
        Index into `vehicles`.
    vehicles : tuple of str
    outcome, reviewed, whose : integer, shape (n,)
        Outcome as judged and as reviewed; class of the cause.
    flew : bool, shape (n,)
    airborne_s : float64, shape (n,) [s]
    values : mapping of measure to float64, shape (n,)
    denied : bool, shape (n,)
    """

    ids: Sequence[str]
    card: Codes
    vehicle: Codes
    vehicles: tuple[str, ...]
    outcome: Codes
    reviewed: Codes
    whose: Codes
    flew: BoolArray
    airborne_s: FloatArray
    values: Mapping[str, FloatArray]
    denied: BoolArray

    @property
    def size(self) -> int:
        """How many."""
        return int(self.card.size)


def campaign_rows(
    store: str, campaign: Campaign, names: Sequence[str]
) -> tuple[CampaignRows, Matches]:
    """Match a campaign's cards, and tell of each sortie what belongs to it."""
    lake = Store(store)
    columns = sortie_columns(lake, names)
    with duckdb.connect(":memory:") as db:
        _register(db, columns, campaign)
        matches = match(db, campaign)
        db.register("reviews", _reviews(lake))
        latest = db.sql(_LATEST).to_arrow_table()
    rows = _of_store(columns, matches, latest, names)
    return _with_cards(rows, columns, campaign, matches), matches


def _register(db: duckdb.DuckDBPyConnection, columns: SortieColumns, campaign: Campaign) -> None:
    """What matching asks: of the logs and their sorties only those that a card may mean."""
    named = [c for c in campaign.cards if c.log]
    logs, sorties = columns.logs, columns.sorties
    meant = pc.match_substring(logs["path"], "!")  # out of an archive: it has several names
    for column, words in (
        ("log_sha256", {c.log_sha256 for c in named if c.log_sha256}),
        ("name", {c.log_name for c in named if not c.log_sha256}),
    ):
        if words:
            wanted = pa.array(sorted(words), pa.string())
            meant = pc.or_(meant, pc.is_in(logs[column], value_set=wanted))
    near = logs.filter(meant).select(["log_sha256", "path"])
    db.register("logs", near)
    own = pc.is_in(sorties["log_sha256"], value_set=near["log_sha256"])
    db.register("sorties", sorties.filter(own))
    db.register("counted_sorties", sorties)


def _reviews(lake: Store) -> Any:
    (commit,) = lake.newest_commits(["reviews"])
    return opened(lake, "reviews", commit) if commit else PEOPLE["reviews"].empty_table()


def _of_store(
    columns: SortieColumns, matches: Matches, latest: pa.Table, names: Sequence[str]
) -> CampaignRows:
    sorties = columns.sorties
    card = np.full(columns.size, NONE, dtype=np.int32)
    for of, column in ((matches.of_log, "log_sha256"), (matches.of_sortie, "sortie_id")):
        rows, at = _found(sorties[column], pa.array(list(of), pa.string()))
        card[rows] = np.array([*of.values()], dtype=np.int32)[at]
    reviewed = np.full(columns.size, NONE, dtype=np.int8)
    whose = _coded(sorties["cause_class"], _CLASSES)
    rows, at = _found(sorties["sortie_id"], latest["sortie_id"])
    reviewed[rows] = _words(latest["outcome"], CODE)[at]
    said = _words(latest["cause_class"], _CLASSES)[at]
    is_said = ~np.asarray(latest["cause_class"].is_null(), dtype=np.bool_)[at]
    whose[rows[is_said]] = said[is_said]
    airborne_s = np.asarray(sorties["airborne_s"].to_numpy(), dtype=np.float64)
    vehicles = _one(sorties["vehicle_id"])
    codes = pc.fill_null(vehicles.indices, 0).to_numpy(zero_copy_only=False).astype(np.int32)
    return CampaignRows(
        _Ids(sorties["sortie_id"]),
        card,
        codes,
        tuple(str(v) for v in vehicles.dictionary.to_pylist()),
        _coded(sorties["outcome"], CODE),
        reviewed,
        whose,
        np.nan_to_num(airborne_s) > 0.0,
        airborne_s,
        {name: columns.values[name] for name in names},
        columns.denied,
    )


def _with_cards(
    rows: CampaignRows, columns: SortieColumns, campaign: Campaign, matches: Matches
) -> CampaignRows:
    """With the cards that no sortie belongs to, each at its time."""
    if not matches.without_log:
        return rows
    cards = [(i, campaign.cards[i]) for i in matches.without_log]
    starts = [(f"{c.date}T{c.time}" if c.time else c.date) or None for _, c in cards]
    keys = sorted(
        (start is None, start or "", f"card:{c.card}", i)
        for (i, c), start in zip(cards, starts, strict=True)
    )
    times = _Times(columns.sorties)
    at = np.array([bisect.bisect_left(times, key[:3]) for key in keys], dtype=np.int64)
    index = np.insert(np.arange(rows.size), at, rows.size + np.arange(len(keys)))
    ids = pa.chunked_array([*_chunks(rows.ids), pa.array([key[2] for key in keys], pa.string())])
    nobody = len(rows.vehicles)
    return CampaignRows(
        _Ids(ids.combine_chunks(), index),
        np.insert(rows.card, at, [key[3] for key in keys]),
        np.insert(rows.vehicle, at, nobody),
        (*rows.vehicles, ""),
        np.insert(rows.outcome, at, NONE),
        np.insert(rows.reviewed, at, NONE),
        np.insert(rows.whose, at, NONE),
        np.insert(rows.flew, at, False),
        np.insert(rows.airborne_s, at, np.nan),
        {name: np.insert(values, at, np.nan) for name, values in rows.values.items()},
        np.insert(rows.denied, at, False),
    )


def alike(rows: CampaignRows) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Of rows alike in card, vehicle, outcomes and whether they flew the first, and how many."""
    key = rows.card.astype(np.int64) + 1
    for codes, size in (
        (rows.vehicle, len(rows.vehicles)),
        (rows.outcome + 1, len(CODE) + 1),
        (rows.reviewed + 1, len(CODE) + 1),
        (rows.flew, 2),
    ):
        key = key * size + codes
    _, first, count = np.unique(key, return_index=True, return_counts=True)
    return first, count


def _found(
    column: pa.ChunkedArray, wanted: pa.Array
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Rows of a column that hold one of some words, and which."""
    if not len(wanted):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    at = pc.index_in(column, value_set=wanted)
    rows = np.flatnonzero(np.asarray(at.is_valid(), dtype=np.bool_))
    return rows, np.asarray(at.drop_null(), dtype=np.int64)


def _one(column: pa.ChunkedArray) -> pa.DictionaryArray:
    """A column of words in one piece."""
    made = column.unify_dictionaries().combine_chunks()
    return made.combine_chunks() if isinstance(made, pa.ChunkedArray) else made


def _coded(column: pa.ChunkedArray, codes: Mapping[str, int]) -> npt.NDArray[np.int8]:
    """Our own words as their codes; -1 for null and for words that are unknown."""
    words = _one(column)
    table = np.array([*(codes.get(w, NONE) for w in words.dictionary.to_pylist()), NONE], np.int8)
    at = pc.fill_null(words.indices, len(words.dictionary)).to_numpy(zero_copy_only=False)
    coded: npt.NDArray[np.int8] = table[at]
    return coded


def _words(column: pa.ChunkedArray, codes: Mapping[str, int]) -> npt.NDArray[np.int8]:
    return np.array([codes.get(w, NONE) for w in column.to_pylist()], dtype=np.int8)


def _chunks(ids: Sequence[str]) -> list[pa.Array]:
    assert isinstance(ids, _Ids)
    chunks: list[pa.Array] = ids.column.chunks
    return chunks


class _Times(Sequence[tuple[bool, str, str]]):
    """What sorties are ordered by."""

    def __init__(self, sorties: pa.Table) -> None:
        self._start, self._ids = sorties["start_utc"], sorties["sortie_id"]

    def __len__(self) -> int:
        return len(self._ids)

    def __getitem__(self, row: Any) -> Any:
        start = self._start[row].as_py()
        return start is None, start or "", self._ids[row].as_py()


class _Ids(Sequence[str]):
    """Ids that stay Arrow's until somebody asks for one."""

    def __init__(self, column: pa.ChunkedArray, at: npt.NDArray[np.int64] | None = None) -> None:
        self.column = column
        self._at = at

    def __len__(self) -> int:
        return len(self.column)

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> list[str]: ...
    def __getitem__(self, row: Any) -> Any:
        if isinstance(row, slice):
            return [self[i] for i in range(*row.indices(len(self)))]
        return self.column[row if self._at is None else int(self._at[row])].as_py()
