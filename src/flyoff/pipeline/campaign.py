"""What people start on a campaign: a new folder, a check, a review, a plan, a decision on a lot."""

import difflib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from flyoff.campaign.folder import CARDS, CONFIGURATION, Campaign, examine, read_campaign
from flyoff.campaign.lot import decide_lot, plan_lot
from flyoff.campaign.plan import Planned, plan_requirement
from flyoff.campaign.problems import Problem, meant
from flyoff.campaign.report import plain
from flyoff.campaign.review import Review
from flyoff.campaign.schedule import Design, schedule
from flyoff.campaign.template import write_template
from flyoff.errors import CampaignError, reason_of
from flyoff.lake.home import StoreName
from flyoff.lake.people import (
    RecordedCampaign,
    append_campaign,
    append_reviews,
    known_sorties,
    log_names,
)
from flyoff.lake.store import Store
from flyoff.model.finding import Kind
from flyoff.sorties.cause import origin_of


class Schedule(Protocol):
    """What a flight schedule is made of, besides candidates."""

    @property
    def operators(self) -> tuple[str, ...]: ...
    @property
    def conditions(self) -> tuple[str, ...]: ...
    @property
    def start(self) -> str: ...
    @property
    def per_day(self) -> int: ...
    @property
    def seed(self) -> int: ...


def init(folder: Path) -> tuple[Path, Path]:
    """Write the commented template; overwrites nothing."""
    return write_template(folder)


def check(folder: Path, store: StoreName | None = None) -> tuple[Campaign, list[Problem]]:
    """Tell every inconsistency of a campaign folder, and which cards' logs are missing."""
    campaign, problems = examine(folder)
    return campaign, [*problems, *_missing_logs(folder, campaign, store)]


def _missing_logs(folder: Path, campaign: Campaign, store: StoreName | None) -> list[Problem]:
    """Cards that name a log which is not in the store or, without one, not in the folder."""
    named = [c for c in campaign.cards if c.log]
    if store is None:
        gone = [
            c
            for c in named
            if not c.log_sha256
            and not any((folder / (c.log.replace("\\", "/") + end)).exists() for end in ("", ".xz"))
        ]
        where = "is not in the folder; with --store it is looked for in a store"
    else:
        there = log_names(Store(store))
        gone = [c for c in named if (c.log_sha256 or c.log_name) not in there]
        where = f"is not in the store {store}"
    text = "log {!r} {}; it counts as a sortie without a log"
    return [Problem(CARDS, c.line, text.format(c.log, where), "warning") for c in gone]


def review_sortie(
    store: StoreName,
    sortie: str,
    outcome: str,
    cause: str,
    cause_class: str,
    by: str,
    because: str,
) -> tuple[Review, str]:
    """Append a review to a store.

    Returns
    -------
    review : Review
    judged : str
        The outcome that the program had judged.

    Raises
    ------
    CampaignError
        If the store has no such sortie, or the review is not complete.
    """
    lake = Store(store)
    judged = known_sorties(lake)
    if sortie not in judged:
        near = difflib.get_close_matches(sortie, judged, n=1)
        hint = f"; did you mean {near[0]}?" if near else "; flyoff sorties lists them"
        raise CampaignError(f"store {store}: no sortie {sortie!r}{hint}")
    word = cause.strip().lower().replace(" ", "_")
    if word and not cause_class and word in list(Kind):
        cause_class = origin_of(Kind(word))
    outcome = outcome.strip().lower().replace(" ", "_")
    made = Review(sortie, outcome, word, cause_class, by, because)
    append_reviews(lake, [made])
    return made, judged[sortie]


def record_campaign(
    store: StoreName, folder: Path, evaluate: Callable[[], bytes]
) -> tuple[str, bool]:
    """Put a campaign, its cards and what they are evaluated to into a store.

    Parameters
    ----------
    store, folder : Path
    evaluate : callable
        Gives the evaluation's bytes.

    Returns
    -------
    sha256 : str
        Names this version.
    is_new : bool
        Whether it was not there yet.

    Raises
    ------
    CampaignError
        If the folder cannot be read, or was changed while it was being evaluated.
    """
    before, campaign = _contents(folder), read_campaign(folder)
    evaluation = evaluate()
    if _contents(folder) != before:
        raise CampaignError(f"{folder}: changed while it was being evaluated; run it again")
    made = RecordedCampaign(campaign.name, *before, campaign.cards, evaluation)
    return made.sha256, append_campaign(Store(store), made)


def _contents(folder: Path) -> tuple[bytes, bytes]:
    try:
        cards = folder / CARDS
        return (folder / CONFIGURATION).read_bytes(), cards.read_bytes() if cards.exists() else b""
    except OSError as error:
        why = reason_of(error)
        raise CampaignError(f"{folder}: cannot be read: {why}") from None


def plan_campaign(
    folder: Path, only: Sequence[str], producer_risk: float, vehicles: int, correlation: float
) -> tuple[Campaign, list[Planned], list[str]]:
    """Plan all requirements, or only some; those that cannot be planned are told why."""
    campaign = read_campaign(folder)
    ids = [r.id for r in campaign.requirements]
    for word in only:
        if word not in ids:
            raise CampaignError(f"no requirement {word!r}{meant(word, ids)}")
    plans, skipped = [], []
    for requirement in campaign.requirements:
        if only and requirement.id not in only:
            continue
        try:
            plans.append(
                plan_requirement(
                    requirement, producer=producer_risk, vehicles=vehicles, icc=correlation
                )
            )
        except CampaignError as error:
            skipped.append(str(error))
    return campaign, plans, skipped


def write_cards(campaign: Campaign, path: Path, sorties: int, wanted: Schedule) -> None:
    """Write a flight schedule into a new file."""
    if path.exists():
        raise CampaignError(f"{path}: is there already; nothing was written")
    design = Design(
        sorties, wanted.operators, wanted.conditions, wanted.start, wanted.per_day, wanted.seed
    )
    try:
        path.write_text(schedule(campaign.candidates, design), encoding="utf-8")
    except OSError as error:
        reason = reason_of(error)
        raise CampaignError(f"{path}: cannot be written: {reason}") from None


__all__ = [
    "Planned",
    "check",
    "decide_lot",
    "init",
    "plain",
    "plan_campaign",
    "plan_lot",
    "record_campaign",
    "review_sortie",
    "write_cards",
]
