"""A campaign's sorties out of a store, and the evaluation that page and command line share."""

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from flyoff.campaign.flown import (
    CODE,
    EXCLUDED,
    NO_TEST,
    NONE,
    VALID,
    Codes,
    Flown,
    Label,
    outcome_code,
    stored_measures,
)
from flyoff.campaign.folder import Campaign, read_campaign
from flyoff.campaign.problems import meant
from flyoff.campaign.report import as_bytes, evaluate
from flyoff.campaign.requirement import CAUSE_CLASSES
from flyoff.errors import CampaignError
from flyoff.lake.query import connect
from flyoff.lake.store import Store
from flyoff.units import BoolArray, FloatArray
from flyoff.views.included import included
from flyoff.views.matching import Matches, match

_DENIED = ("gnss_loss", "gnss_jamming", "gnss_spoofing")
_DISPOSITION = {"valid": VALID, "no-test": NO_TEST, "excluded": EXCLUDED}
_ROWS = """
WITH latest AS (
  SELECT sortie_id,
         max_by(outcome, reviewed_us) FILTER (outcome IS NOT NULL) AS outcome,
         max_by(cause_class, reviewed_us) FILTER (cause_class IS NOT NULL) AS cause_class
  FROM reviews GROUP BY sortie_id
), cards_only AS (SELECT card, 'card:' || name AS sortie_id, start FROM _cards_only),
flown AS (
  SELECT s.sortie_id, coalesce(d.card, {of_log}) AS card, s.vehicle_id, s.outcome,
         coalesce(s.airborne_s, 0) > 0 AS flew, s.airborne_s, s.cause_class, s.start_utc
  FROM counted_sorties s {by_log}
  LEFT JOIN _card_of_sortie d USING (sortie_id)
  UNION ALL
  SELECT sortie_id, card, '', NULL, NULL, NULL, NULL, start FROM cards_only
)
SELECT f.start_utc, f.sortie_id, CAST(f.card AS INTEGER) AS card, f.vehicle_id,
       {outcome} AS outcome, f.flew, f.airborne_s, {reviewed} AS reviewed, {whose} AS whose
FROM flown f LEFT JOIN latest r USING (sortie_id)
"""
_TALLY = """
SELECT '' AS sortie_id, card, vehicle_id, outcome, flew, CAST(NULL AS DOUBLE) AS airborne_s,
       reviewed, CAST(-1 AS TINYINT) AS whose, count(*) AS n
FROM ({rows}) GROUP BY card, vehicle_id, outcome, flew, reviewed ORDER BY ALL
"""
# joined to the rows' numbers instead of grouped: nothing is held but one batch and the numbers
_VALUES = """
SELECT o.row, {which} AS which, m.value
FROM measures m JOIN _order o USING (sortie_id)
WHERE m.measure IN ({names}) AND m.value IS NOT NULL
"""
_IS_DENIED = (
    "SELECT DISTINCT o.row FROM findings f JOIN _order o USING (sortie_id) WHERE f.kind IN "
)
_BATCH = 100_000


def evaluate_campaign(
    store: str, folder: str | PathLike[str], include: Sequence[str] = ()
) -> dict[str, Any]:
    """Evaluate a campaign folder against a store; the document of ``schema/evaluation.json``.

    Parameters
    ----------
    store : str
    folder : path
    include : sequence of str
        Origins whose imported evidence is shown beside, apart and pooled.
    """
    campaign, flown, document = evaluated_campaign(store, folder)
    if include:
        document["included"] = included(store, campaign, flown, include)
    return document


def evaluated_campaign(
    store: str, folder: str | PathLike[str]
) -> tuple[Campaign, Flown, dict[str, Any]]:
    """The campaign, its sorties and the evaluation of them."""
    campaign = read_campaign(folder)
    flown, matches = read_flown(store, campaign)
    return campaign, flown, evaluate(campaign, flown, tuple(matches.notes))


def evaluation_json(document: Mapping[str, Any]) -> bytes:
    """The document as it is printed: the same bytes for the same input."""
    return as_bytes(document)


def first_attempts(store: str, folder: str | PathLike[str], candidate: str) -> tuple[int, int, int]:
    """Count vehicles by their first attempt: tested, failed, undetermined.

    Raises
    ------
    CampaignError
        If the campaign has no such candidate.
    """
    campaign = read_campaign(folder)
    names = [c.name for c in campaign.candidates]
    if candidate not in names:
        raise CampaignError(f"candidate {candidate!r} is unknown{meant(candidate, names)}")
    flown, _ = read_flown(store, campaign)
    mine = flown.of(names.index(candidate))
    rows = np.flatnonzero(mine.attempts)
    _, first = np.unique(mine.vehicle[rows], return_index=True)
    outcome = mine.outcome[rows[first]]
    unknown = int((outcome == CODE["undetermined"]).sum())
    failed = int((outcome != CODE["completed"]).sum()) - unknown
    return int(first.size), failed, unknown


def read_flown(store: str, campaign: Campaign) -> tuple[Flown, Matches]:
    """Read a campaign's sorties; sorties without a card and cards without a log included."""
    names = sorted(
        {m for r in campaign.requirements for m in stored_measures(r)} | {"wind_mean_ms"}
    )
    needs_gnss = any(r.measure == "gnss_denied_survival" for r in campaign.requirements)
    with connect(Store(store)) as db:
        matches = match(db, campaign)
        _register(db, campaign, matches)
        table = _in_order(db.sql(_query(bool(matches.of_log))).to_arrow_table())
        rows = pa.array(np.arange(len(table), dtype=np.int32))
        db.register("_order", pa.table({"sortie_id": table["sortie_id"], "row": rows}))
        measures = _values(db, names, len(table))
        denied = _denied(db, len(table)) if needs_gnss else np.zeros(0, dtype=np.bool_)
    return _flown(table, campaign, measures, denied), matches


def tally(store: str, campaign: Campaign) -> tuple[Flown, Codes, Matches]:
    """Sorties that are alike in all that a leaderboard asks for, and how many each stands for.

    Returns
    -------
    flown : Flown
        One row for each kind of sortie: card, vehicle, outcome, whether it flew.
    count : int64, shape (n,)
    matches : Matches
    """
    with connect(Store(store)) as db:
        matches = match(db, campaign)
        _register(db, campaign, matches)
        table = db.sql(_TALLY.format(rows=_query(bool(matches.of_log)))).to_arrow_table()
    flown = _flown(table, campaign, {}, np.zeros(0, dtype=np.bool_))
    return flown, _integers(table["n"]), matches


def _query(is_logged: bool) -> str:
    """The sorties with words as codes; logs are joined only for cards."""
    return _ROWS.format(
        of_log="c.card, -1" if is_logged else "-1",
        by_log="LEFT JOIN _card_of_log c USING (log_sha256)" if is_logged else "",
        outcome=_as_code("f.outcome", CODE),
        reviewed=_as_code("r.outcome", CODE),
        whose=_as_code(
            "coalesce(r.cause_class, f.cause_class)", {c: i for i, c in enumerate(CAUSE_CLASSES)}
        ),
    )


def _as_code(column: str, codes: Mapping[str, int]) -> str:
    """SQL that turns our own words into their codes; -1 for null and for words that are unknown."""
    cases = " ".join(f"WHEN '{word}' THEN {code}" for word, code in codes.items())
    return f"CAST(CASE {column} {cases} ELSE {NONE} END AS TINYINT)"


def _in_order(table: pa.Table) -> pa.Table:
    """By time, those without one last; sorted here because Arrow needs half of DuckDB's memory."""
    order = pc.sort_indices(table, [("start_utc", "ascending"), ("sortie_id", "ascending")])
    return table.drop_columns(["start_utc"]).take(order)


def _values(
    db: duckdb.DuckDBPyConnection, names: Sequence[str], size: int
) -> dict[str, FloatArray]:
    """Measures of every sortie, NaN where it has none; of two values the larger one."""
    values = np.full((len(names), size), np.nan)
    wanted = ", ".join(f"'{name}'" for name in names)
    which = _as_code("m.measure", {name: i for i, name in enumerate(names)})
    found = db.sql(_VALUES.format(which=which, names=wanted))
    for batch in found.to_arrow_reader(_BATCH):
        at = (np.asarray(batch["which"]), np.asarray(batch["row"]))
        np.fmax.at(values, at, np.asarray(batch["value"]))
    return dict(zip(names, values, strict=True))


def _denied(db: duckdb.DuckDBPyConnection, size: int) -> BoolArray:
    """Which sorties had satellite navigation lost, jammed or spoofed."""
    denied = np.zeros(size, dtype=np.bool_)
    kinds = ", ".join(f"'{kind}'" for kind in _DENIED)
    rows = db.execute(f"{_IS_DENIED} ({kinds})").fetchall()
    denied[[row for (row,) in rows]] = True
    return denied


def _register(db: duckdb.DuckDBPyConnection, campaign: Campaign, matches: Matches) -> None:
    pairs = sorted(matches.of_sortie.items())
    db.register(
        "_card_of_sortie",
        pa.table(
            {
                "sortie_id": pa.array([s for s, _ in pairs], pa.string()),
                "card": pa.array([c for _, c in pairs], pa.int64()),
            }
        ),
    )
    alone = [(i, campaign.cards[i]) for i in matches.without_log]
    starts = [f"{c.date}T{c.time}" if c.time else c.date for _, c in alone]
    db.register(
        "_cards_only",
        pa.table(
            {
                "card": pa.array([i for i, _ in alone], pa.int64()),
                "name": pa.array([c.card for _, c in alone], pa.string()),
                "start": pa.array([s or None for s in starts], pa.string()),
            }
        ),
    )


def _flown(
    table: pa.Table, campaign: Campaign, measures: Mapping[str, FloatArray], denied: BoolArray
) -> Flown:
    card = _integers(table["card"])
    vehicle, vehicles = _vehicles(table["vehicle_id"], card, campaign)
    told = _of_cards(card, [outcome_code(c.result) for c in campaign.cards])
    judged = _integers(table["outcome"])
    disposition = _of_cards(card, [_DISPOSITION[c.disposition] for c in campaign.cards])
    labels = {
        by: _label(card, [getattr(c, by) for c in campaign.cards])
        for by in ("operator", "site", "configuration", "card")
    }
    aside = {
        int(row): f"{campaign.cards[card[row]].disposition} by "
        f"{campaign.cards[card[row]].disposition_by}: "
        f"{campaign.cards[card[row]].disposition_because}"
        for row in np.flatnonzero((card != NONE) & (disposition != VALID) & (disposition != NONE))
    }
    # a card without a log tells that it flew only by how it says the sortie ended
    told_flown = (judged == NONE) & (told != NONE)
    grounded = [CODE[w] for w in ("failed_launch", "not_flown", "aborted", "undetermined")]
    flew = _truths(table["flew"]) | (told_flown & ~np.isin(told, grounded))
    return Flown(
        ids=_Ids(table["sortie_id"]),
        candidate=_candidates(card, vehicle, vehicles, campaign),
        vehicle=vehicle,
        vehicles=vehicles,
        judged=judged,
        told=told,
        reviewed=_integers(table["reviewed"]),
        flew=flew,
        airborne_s=_numbers(table["airborne_s"]),
        cause=_integers(table["whose"]),
        disposition=np.where(disposition == NONE, VALID, disposition),
        set_aside=aside,
        gnss_denied=denied,
        labels=labels,
        measures=measures,
    )


def _vehicles(
    ids: pa.ChunkedArray, card: Codes, campaign: Campaign
) -> tuple[Codes, tuple[str, ...]]:
    """The vehicle of each sortie: as its card names it, else by its id."""
    encoded = ids.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    stored = [str(v) for v in encoded.dictionary.to_pylist()]
    names = sorted({*stored, *(c.vehicle for c in campaign.cards)})
    place = {name: i for i, name in enumerate(names)}
    by_id = np.array([place[v] for v in stored] or [0], dtype=np.int32)
    codes = by_id[np.asarray(encoded.indices, dtype=np.int64)] if len(ids) else _none(0)
    by_card = _of_cards(card, [place[c.vehicle] if c.vehicle else NONE for c in campaign.cards])
    return np.where(by_card != NONE, by_card, codes), tuple(names)


def _candidates(
    card: Codes, vehicle: Codes, vehicles: tuple[str, ...], campaign: Campaign
) -> Codes:
    """A card decides, else the vehicle."""
    names = {c.name: i for i, c in enumerate(campaign.candidates)}
    owner = {v: i for i, c in enumerate(campaign.candidates) for v in c.vehicles}
    by_vehicle = np.array([owner.get(v, NONE) for v in vehicles] or [NONE], dtype=np.int32)
    by_card = _of_cards(card, [names[c.candidate] for c in campaign.cards])
    return np.where(by_card != NONE, by_card, by_vehicle[vehicle])


def _of_cards(card: Codes, values: Sequence[int]) -> Codes:
    """A card's value for each sortie; -1 where there is no card."""
    table = np.array([*values, NONE], dtype=np.int32)
    return table[card]  # -1 takes the last


def _label(card: Codes, words: Sequence[str]) -> Label:
    names = sorted({w for w in words if w})
    place = {name: i for i, name in enumerate(names)}
    return Label(_of_cards(card, [place.get(w, NONE) for w in words]), tuple(names))


def _integers(column: pa.ChunkedArray) -> Codes:
    return np.asarray(column.to_numpy())


def _numbers(column: pa.ChunkedArray) -> FloatArray:
    return np.asarray(column.cast(pa.float64()).to_numpy(), dtype=np.float64)


def _truths(column: pa.ChunkedArray) -> BoolArray:
    return np.asarray(column.cast(pa.bool_()).fill_null(False).to_numpy(), dtype=np.bool_)


def _none(size: int) -> Codes:
    return np.full(size, NONE, dtype=np.int32)


class _Ids(Sequence[str]):
    """Ids that stay Arrow's until somebody asks for one."""

    def __init__(self, column: pa.ChunkedArray) -> None:
        self._column = column

    def __len__(self) -> int:
        return len(self._column)

    def __getitem__(self, row: Any) -> Any:
        if isinstance(row, slice):
            return self._column[row].to_pylist()
        return self._column[row].as_py()
