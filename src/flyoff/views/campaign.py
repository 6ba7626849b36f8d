"""A campaign's sorties out of a store, and the evaluation that page and command line share."""

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any

import numpy as np

from flyoff.campaign.flown import (
    CODE,
    EXCLUDED,
    NO_TEST,
    NONE,
    VALID,
    Codes,
    Flown,
    Label,
    one_of,
    outcome_code,
    stored_measures,
)
from flyoff.campaign.folder import Campaign, read_campaign
from flyoff.campaign.problems import meant
from flyoff.campaign.report import as_bytes, evaluate
from flyoff.errors import CampaignError
from flyoff.views.campaign_rows import CampaignRows, alike, campaign_rows
from flyoff.views.included import included
from flyoff.views.matching import Matches

_DISPOSITION = {"valid": VALID, "no-test": NO_TEST, "excluded": EXCLUDED}


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
    rows, matches = campaign_rows(store, campaign, names)
    return _flown(rows, campaign), matches


def tally(store: str, campaign: Campaign) -> tuple[Flown, Codes, Matches]:
    """Sorties that are alike in all that a leaderboard asks for, and how many each stands for.

    Returns
    -------
    flown : Flown
        One row for each kind of sortie: card, vehicle, outcome, whether it flew.
    count : int64, shape (n,)
    matches : Matches
    """
    rows, matches = campaign_rows(store, campaign, ())
    first, count = alike(rows)
    return _flown(rows, campaign).rows(first), count, matches


def _flown(rows: CampaignRows, campaign: Campaign) -> Flown:
    card, judged = rows.card, rows.outcome
    vehicle, vehicles = _vehicles(rows, campaign)
    told = _of_cards(card, [outcome_code(c.result) for c in campaign.cards]).astype(np.int8)
    disposition = _of_cards(card, [_DISPOSITION[c.disposition] for c in campaign.cards])
    disposition = disposition.astype(np.int8)
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
    grounded = ("failed_launch", "not_flown", "aborted", "undetermined")
    flew = rows.flew | (told_flown & ~one_of(told, grounded))
    return Flown(
        ids=rows.ids,
        candidate=_candidates(card, vehicle, vehicles, campaign),
        vehicle=vehicle,
        vehicles=vehicles,
        judged=judged,
        told=told,
        reviewed=rows.reviewed,
        flew=flew,
        airborne_s=rows.airborne_s,
        cause=rows.whose,
        disposition=np.where(disposition == NONE, VALID, disposition),
        set_aside=aside,
        gnss_denied=rows.denied,
        labels=labels,
        measures=rows.values,
    )


def _vehicles(rows: CampaignRows, campaign: Campaign) -> tuple[Codes, tuple[str, ...]]:
    """The vehicle of each sortie: as its card names it, else by its id."""
    names = sorted({*rows.vehicles, *(c.vehicle for c in campaign.cards)})
    place = {name: i for i, name in enumerate(names)}
    by_id = np.array([place[v] for v in rows.vehicles] or [0], dtype=np.int32)[rows.vehicle]
    by_card = [place[c.vehicle] if c.vehicle else NONE for c in campaign.cards]
    told = _of_cards(rows.card, by_card)
    return np.where(told != NONE, told, by_id), tuple(names)


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
