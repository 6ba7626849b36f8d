"""A campaign's sorties out of a store, and the evaluation that page and command line share."""

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

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
  SELECT s.sortie_id, coalesce(d.card, c.card, -1) AS card, s.vehicle_id, s.outcome,
         coalesce(s.airborne_s, 0) > 0 AS flew, s.airborne_s, s.cause_class, s.start_utc
  FROM counted_sorties s
  LEFT JOIN _card_of_log c USING (log_sha256)
  LEFT JOIN _card_of_sortie d USING (sortie_id)
  UNION ALL
  SELECT sortie_id, card, '', NULL, NULL, NULL, NULL, start FROM cards_only
)
SELECT f.*, r.outcome AS reviewed, coalesce(r.cause_class, f.cause_class) AS whose {columns}
FROM flown f LEFT JOIN latest r USING (sortie_id) {joins}
ORDER BY f.start_utc NULLS LAST, f.sortie_id
"""


def evaluate_campaign(store: str, folder: str | PathLike[str]) -> dict[str, Any]:
    """Evaluate a campaign folder against a store; the document of ``schema/evaluation.json``."""
    campaign = read_campaign(folder)
    flown, matches = read_flown(store, campaign)
    return evaluate(campaign, flown, tuple(matches.notes))


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
        table = db.sql(_query(names, needs_gnss)).to_arrow_table()
    return _flown(table, campaign, names), matches


def _query(names: Sequence[str], needs_gnss: bool) -> str:
    """One pass over the measures, whatever their number; the names are our own words."""
    columns = "".join(f", m.{name}" for name in names)
    each = ", ".join(f"max(value) FILTER (measure = '{name}') AS {name}" for name in names)
    wanted = ", ".join(f"'{name}'" for name in names)
    joins = (
        f"LEFT JOIN (SELECT sortie_id, {each} FROM measures WHERE measure IN ({wanted}) "
        "GROUP BY sortie_id) m USING (sortie_id)"
    )
    if needs_gnss:
        kinds = ", ".join(f"'{kind}'" for kind in _DENIED)
        columns += ", g.sortie_id IS NOT NULL AS gnss_denied"
        joins += (
            f" LEFT JOIN (SELECT DISTINCT sortie_id FROM findings WHERE kind IN ({kinds})) g "
            "USING (sortie_id)"
        )
    return _ROWS.format(columns=columns, joins=joins)


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


def _flown(table: pa.Table, campaign: Campaign, names: Sequence[str]) -> Flown:
    card = _integers(table["card"])
    vehicle, vehicles = _vehicles(table["vehicle_id"], card, campaign)
    told = _of_cards(card, [outcome_code(c.result) for c in campaign.cards])
    judged = _coded(table["outcome"], CODE)
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
        reviewed=_coded(table["reviewed"], CODE),
        flew=flew,
        airborne_s=_numbers(table["airborne_s"]),
        cause=_coded(table["whose"], {c: i for i, c in enumerate(CAUSE_CLASSES)}),
        disposition=np.where(disposition == NONE, VALID, disposition),
        set_aside=aside,
        gnss_denied=_truths(table["gnss_denied"])
        if "gnss_denied" in table.column_names
        else np.zeros(0, dtype=np.bool_),
        labels=labels,
        measures={name: _numbers(table[name]) for name in names},
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
    by_id = np.array([place[v] for v in stored] or [0], dtype=np.int64)
    codes = by_id[np.asarray(encoded.indices, dtype=np.int64)] if len(ids) else _none(0)
    by_card = _of_cards(card, [place[c.vehicle] if c.vehicle else NONE for c in campaign.cards])
    return np.where(by_card != NONE, by_card, codes), tuple(names)


def _candidates(
    card: Codes, vehicle: Codes, vehicles: tuple[str, ...], campaign: Campaign
) -> Codes:
    """A card decides, else the vehicle."""
    names = {c.name: i for i, c in enumerate(campaign.candidates)}
    owner = {v: i for i, c in enumerate(campaign.candidates) for v in c.vehicles}
    by_vehicle = np.array([owner.get(v, NONE) for v in vehicles] or [NONE], dtype=np.int64)
    by_card = _of_cards(card, [names[c.candidate] for c in campaign.cards])
    return np.where(by_card != NONE, by_card, by_vehicle[vehicle])


def _of_cards(card: Codes, values: Sequence[int]) -> Codes:
    """A card's value for each sortie; -1 where there is no card."""
    table = np.array([*values, NONE], dtype=np.int64)
    return table[card]  # -1 takes the last


def _label(card: Codes, words: Sequence[str]) -> Label:
    names = sorted({w for w in words if w})
    place = {name: i for i, name in enumerate(names)}
    return Label(_of_cards(card, [place.get(w, NONE) for w in words]), tuple(names))


def _coded(column: pa.ChunkedArray, codes: Mapping[str, int]) -> Codes:
    """Words as their codes; -1 for null and for words that are unknown."""
    encoded = column.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    table = np.array([*(codes.get(w, NONE) for w in encoded.dictionary.to_pylist()), NONE])
    at = encoded.indices.fill_null(len(encoded.dictionary))
    return table.astype(np.int64)[np.asarray(at, dtype=np.int64)]


def _integers(column: pa.ChunkedArray) -> Codes:
    return np.asarray(column.to_numpy(), dtype=np.int64)


def _numbers(column: pa.ChunkedArray) -> "np.ndarray[tuple[int, ...], np.dtype[np.float64]]":
    return np.asarray(column.cast(pa.float64()).to_numpy(), dtype=np.float64)


def _truths(column: pa.ChunkedArray) -> "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]":
    return np.asarray(column.cast(pa.bool_()).fill_null(False).to_numpy(), dtype=np.bool_)


def _none(size: int) -> Codes:
    return np.full(size, NONE, dtype=np.int64)


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
