"""Campaigns, candidates and cards."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from flyoff.server.problems import Refusal
from flyoff.server.schemas.campaign import CampaignPage, Campaigns
from flyoff.server.schemas.candidate import CandidatePage
from flyoff.server.schemas.cards import CardChanges, Cards
from flyoff.server.schemas.days import Changes, Timeline
from flyoff.server.state import Now

router = APIRouter(prefix="/api/campaigns", tags=["campaigns"])

Day = Annotated[str, Query(pattern=r"^(\d{4}-\d{2}-\d{2})?$", description="UTC day; empty: all.")]
Instant = Annotated[
    str, Query(max_length=40, description="UTC, ISO 8601; empty: the last day that brought news.")
]


@router.get("", name="campaigns", response_model=Campaigns)
def campaigns(request: Request, now: Now) -> Response:
    """List the campaigns that this server shows."""
    raise Refusal(501, "campaigns: not there yet")


@router.get("/{campaign}", name="campaign", response_model=CampaignPage)
def campaign(request: Request, now: Now, campaign: str) -> Response:
    """Give the campaign's first view: forests, leaderboard, comparisons, what is not counted."""
    raise Refusal(501, "campaign: not there yet")


@router.get(
    "/{campaign}/evaluation",
    name="evaluation",
    response_class=Response,
    responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
)
def evaluation(request: Request, now: Now, campaign: str) -> Response:
    """Give the document that ``flyoff campaign evaluate --json`` prints, byte for byte."""
    raise Refusal(501, "evaluation: not there yet")


@router.get("/{campaign}/timeline", name="timeline", response_model=Timeline)
def timeline(request: Request, now: Now, campaign: str, day: Day = "") -> Response:
    """Give a swim lane for each vehicle, with a mark for each sortie."""
    raise Refusal(501, "timeline: not there yet")


@router.get("/{campaign}/changes", name="changes", response_model=Changes)
def changes(request: Request, now: Now, campaign: str, since: Instant = "") -> Response:
    """Tell what is otherwise than at an instant: sorties, reviews, verdicts."""
    raise Refusal(501, "changes: not there yet")


@router.get("/{campaign}/candidates/{candidate}", name="candidate", response_model=CandidatePage)
def candidate(request: Request, now: Now, campaign: str, candidate: str) -> Response:
    """Give one candidate's view."""
    raise Refusal(501, "candidate: not there yet")


@router.get("/{campaign}/cards", name="cards", response_model=Cards)
def cards(request: Request, now: Now, campaign: str) -> Response:
    """Give the table of cards; its ``ETag`` is needed to change it."""
    raise Refusal(501, "cards: not there yet")


@router.patch("/{campaign}/cards", name="change_cards", response_model=Cards)
def change_cards(request: Request, now: Now, campaign: str, wanted: CardChanges) -> Response:
    """Write cells and new lines into ``cards.csv``; ``If-Match`` says which table was seen."""
    raise Refusal(501, "change_cards: not there yet")
