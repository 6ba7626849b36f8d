"""The table of sorties, and what was concluded of one."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from flyoff.model.finding import Kind
from flyoff.model.sortie import Outcome
from flyoff.server.problems import Refusal
from flyoff.server.routes.shapes import COLUMNS, CampaignName, SortieId, binary
from flyoff.server.schemas.people import Words as ClosedLists
from flyoff.server.schemas.sortie import (
    NewReview,
    Reviews,
    SimilarSorties,
    Sketches,
    SortieFilters,
    SortiePage,
    Sorties,
)
from flyoff.server.state import Now, Who

router = APIRouter(prefix="/api", tags=["sorties"])

Text = Annotated[str, Query(max_length=200)]
Texts = Annotated[
    list[Annotated[str, Query(max_length=200)]], Query(max_length=100, default_factory=list)
]
Sort = Literal[
    "start_utc",
    "vehicle",
    "candidate",
    "outcome",
    "cause",
    "airborne_s",
    "max_height_m",
    "distance_m",
    "confidence",
    "log_name",
]


@router.get("/words", name="words", response_model=ClosedLists, tags=["server"])
def words(request: Request, now: Now) -> Response:
    """Give the closed lists, and how people write their words."""
    raise Refusal(501, "words: not there yet")


@router.get("/sorties", name="sorties", response_model=Sorties)
def sorties(
    *,
    request: Request,
    now: Now,
    campaign: CampaignName = "",
    candidate: Texts,
    vehicle: Texts,
    kind: Annotated[list[Kind], Query(description="With such a finding.", default_factory=list)],
    outcome: Annotated[list[Outcome], Query(default_factory=list)],
    cause: Annotated[list[Kind], Query(default_factory=list)],
    since: Annotated[str, Query(max_length=40, description="Started at or after, UTC.")] = "",
    until: Annotated[str, Query(max_length=40, description="Started before, UTC.")] = "",
    text: Annotated[str, Query(max_length=200, description="In id, vehicle, card or log.")] = "",
    sort: Sort = "start_utc",
    order: Literal["ascending", "descending"] = "descending",
    after: Annotated[str, Query(max_length=600, description="``next`` of the page before.")] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """Give a page of the table; filters of one sort are alternatives, of several all hold."""
    raise Refusal(501, "sorties: not there yet")


@router.get("/sorties/filters", name="sortie_filters", response_model=SortieFilters)
def sortie_filters(request: Request, now: Now, campaign: CampaignName = "") -> Response:
    """Tell what the filters can take, with counts over all sorties."""
    raise Refusal(501, "sortie_filters: not there yet")


@router.get("/sorties/sketches", name="sketches", response_model=Sketches)
def sketches(
    request: Request,
    now: Now,
    id: Annotated[list[str], Query(min_length=1, max_length=200, description="Sorties.")],
) -> Response:
    """Give sparkline of height and thumbnail of the track for the lines in sight."""
    raise Refusal(501, "sketches: not there yet")


@router.get("/sorties/{sortie}", name="sortie", response_model=SortiePage)
def sortie(request: Request, now: Now, sortie: SortieId, campaign: CampaignName = "") -> Response:
    """Give everything that was concluded of a sortie."""
    raise Refusal(501, "sortie: not there yet")


@router.get(
    "/sorties/{sortie}/track",
    name="track",
    response_class=Response,
    responses=binary(COLUMNS, "Columns ``t_s``, ``lat`` … ``yaw`` at 5 Hz."),
)
def track(request: Request, now: Now, sortie: SortieId) -> Response:
    """Give where it flew and how it lay, at 5 Hz, on the log's own clock."""
    raise Refusal(501, "track: not there yet")


@router.get("/sorties/{sortie}/similar", name="similar", response_model=SimilarSorties)
def similar(
    request: Request,
    now: Now,
    sortie: SortieId,
    start_s: Annotated[float | None, Query(description="Stretch to compare.")] = None,
    end_s: float | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
) -> Response:
    """Find other sorties whose signals did the same thing."""
    raise Refusal(501, "similar: not there yet")


@router.get("/reviews", name="reviews", response_model=Reviews, tags=["reviews"])
def reviews(
    request: Request, now: Now, limit: Annotated[int, Query(ge=1, le=10_000)] = 1000
) -> Response:
    """Give the audit trail of all reviews, newest first."""
    raise Refusal(501, "reviews: not there yet")


@router.get(
    "/sorties/{sortie}/reviews", name="sortie_reviews", response_model=Reviews, tags=["reviews"]
)
def sortie_reviews(request: Request, now: Now, sortie: SortieId) -> Response:
    """Give one sortie's reviews; the ``ETag`` is needed to add one."""
    raise Refusal(501, "sortie_reviews: not there yet")


@router.post(
    "/sorties/{sortie}/reviews",
    name="add_review",
    response_model=Reviews,
    status_code=201,
    tags=["reviews"],
)
def add_review(
    request: Request, now: Now, who: Who, sortie: SortieId, review: NewReview
) -> Response:
    """Append a review; ``If-Match`` says which reviews its writer had seen."""
    raise Refusal(501, "add_review: not there yet")
