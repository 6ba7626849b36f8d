"""Campaigns, candidates and cards."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from flyoff.pipeline.cards import CellChange, StaleCards, cards_table
from flyoff.pipeline.cards import change_cards as written
from flyoff.server.problems import Refusal
from flyoff.server.schemas.campaign import CampaignPage, Campaigns
from flyoff.server.schemas.candidate import CandidatePage
from flyoff.server.schemas.cards import CardChanges, Cards
from flyoff.server.schemas.days import Changes, Timeline
from flyoff.server.state import Now, State
from flyoff.views.campaign_page import campaign_facts, campaign_line, campaign_of
from flyoff.views.candidate_page import candidate_facts
from flyoff.views.changes import changes as changes_since
from flyoff.views.trial_days import timeline as lanes

router = APIRouter(prefix="/api/campaigns", tags=["campaigns"])

Day = Annotated[
    str,
    Query(pattern=r"^(\d{4}-\d{2}-\d{2}|all)?$", description="UTC; empty: the last one flown."),
]
Instant = Annotated[
    str, Query(max_length=40, description="UTC, ISO 8601; empty: the last day that brought news.")
]


@router.get("", name="campaigns", response_model=Campaigns)
def campaigns(request: Request, now: Now) -> Response:
    """List the campaigns that this server shows."""
    return now.answer(
        request,
        lambda: Campaigns.model_validate(
            {"campaigns": [campaign_line(name, path) for name, path in now.campaigns.items()]}
        ),
    )


@router.get("/{campaign}", name="campaign", response_model=CampaignPage)
def campaign(request: Request, now: Now, campaign: str) -> Response:
    """Give the campaign's first view: forests, leaderboard, comparisons, what is not counted."""
    folder = now.campaign(campaign)

    def make() -> CampaignPage:
        document = now.kept.document(folder, now.stamp())
        return CampaignPage.model_validate(campaign_facts(now.store, campaign, folder, document))

    return now.answer(request, make)


@router.get(
    "/{campaign}/evaluation",
    name="evaluation",
    response_class=Response,
    responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
)
def evaluation(request: Request, now: Now, campaign: str) -> Response:
    """Give the document that ``flyoff campaign evaluate --json`` prints, byte for byte."""
    folder = now.campaign(campaign)
    return now.answer(request, lambda: now.kept.document_bytes(folder, now.stamp()))


@router.get("/{campaign}/timeline", name="timeline", response_model=Timeline)
def timeline(request: Request, now: Now, campaign: str, day: Day = "") -> Response:
    """Give a swim lane for each vehicle, with a mark for each sortie."""
    folder = now.campaign(campaign)
    return now.answer(
        request, lambda: Timeline.model_validate(lanes(now.store, campaign_of(folder), day))
    )


@router.get("/{campaign}/changes", name="changes", response_model=Changes)
def changes(request: Request, now: Now, campaign: str, since: Instant = "") -> Response:
    """Tell what is otherwise than at an instant: sorties, reviews, verdicts."""
    folder = now.campaign(campaign)

    def make() -> Changes:
        document = now.kept.document(folder, now.stamp())
        return Changes.model_validate(changes_since(now.store, folder, document, since))

    return now.answer(request, make)


@router.get("/{campaign}/candidates/{candidate}", name="candidate", response_model=CandidatePage)
def candidate(request: Request, now: Now, campaign: str, candidate: str) -> Response:
    """Give one candidate's view."""
    folder = now.campaign(campaign)
    if candidate not in [c.name for c in campaign_of(folder).candidates]:
        raise Refusal(404, f"campaign {campaign!r} has no candidate {candidate!r}")

    def make() -> CandidatePage:
        document = now.kept.document(folder, now.stamp())
        return CandidatePage.model_validate(
            candidate_facts(now.store, campaign, folder, candidate, document)
        )

    return now.answer(request, make)


@router.get("/{campaign}/cards", name="cards", response_model=Cards)
def cards(request: Request, now: Now, campaign: str) -> Response:
    """Give the table of cards; its ``ETag`` is needed to change it."""
    return table_of(now, campaign)


@router.patch("/{campaign}/cards", name="change_cards", response_model=Cards)
def change_cards(request: Request, now: Now, campaign: str, wanted: CardChanges) -> Response:
    """Write cells and new lines into ``cards.csv``; ``If-Match`` says which table was seen."""
    folder = now.campaign(campaign)
    now.require_writable()
    seen = request.headers.get("if-match")
    if seen is None:
        raise Refusal(428, "If-Match is missing: it says which table the writer had seen")
    changes = [CellChange(c.line, c.column, c.value) for c in wanted.changes]
    try:
        written(folder, seen.strip('"'), changes, wanted.added)
    except StaleCards as error:
        raise Refusal(412, str(error)) from None
    now.shown.must_be_new()
    return table_of(now, campaign)


def table_of(now: State, campaign: str) -> Response:
    """The table of cards with the mark that a change needs."""
    facts, mark = cards_table(now.campaign(campaign))
    facts["is_writable"] = facts["is_writable"] and not now.settings.read_only
    body = Cards.model_validate(facts).model_dump_json()
    return Response(
        body, 200, {"ETag": f'"{mark}"', "Cache-Control": "no-store"}, "application/json"
    )
