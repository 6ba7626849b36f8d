"""The table of sorties, and what was concluded of one."""

from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from flyoff.model.finding import Kind
from flyoff.model.sortie import Outcome
from flyoff.pipeline.campaign import review_sortie
from flyoff.pipeline.contract import measure_names
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
from flyoff.server.state import Now, State, Who
from flyoff.views.audit import is_known, review_trail, sortie_trail, trail_mark
from flyoff.views.campaign_page import campaign_of
from flyoff.views.closed_lists import closed_lists
from flyoff.views.listing import Wanted
from flyoff.views.one_sortie import sortie_facts
from flyoff.views.similar import similar as alike
from flyoff.views.tracks import sketches as drawn_small
from flyoff.views.tracks import track_bytes

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
    return now.answer(
        request, lambda: ClosedLists.model_validate(closed_lists(tuple(measure_names())))
    )


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
    offset: Annotated[int, Query(ge=0, le=100_000_000, description="Lines passed over.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """Give a page of the table; filters of one sort are alternatives, of several all hold."""
    wanted = Wanted(
        outcome=outcome,
        cause=cause,
        candidate=candidate,
        vehicle=vehicle,
        kind=kind,
        since=since,
        until=until,
        text=text,
        sort=sort,
        is_descending=order == "descending",
    )
    folder = now.campaign_or_none(campaign)

    def make() -> Sorties:
        listing = now.kept.listing(folder, now.stamp())
        page = listing.page(wanted, after=after, offset=offset, limit=limit)
        return Sorties.model_validate(
            {"rows": page.rows, "next": page.next, "total": listing.count(wanted)}
        )

    return now.answer(request, make)


@router.get("/sorties/filters", name="sortie_filters", response_model=SortieFilters)
def sortie_filters(request: Request, now: Now, campaign: CampaignName = "") -> Response:
    """Tell what the filters can take, with counts over all sorties."""
    folder = now.campaign_or_none(campaign)

    def make() -> SortieFilters:
        listing = now.kept.listing(folder, now.stamp())
        found = {
            name: [{"value": value, "count": count} for value, count in own]
            for name, own in listing.choices().items()
        }
        return SortieFilters.model_validate({"total": listing.size, **found})

    return now.answer(request, make)


@router.get("/sorties/sketches", name="sketches", response_model=Sketches)
def sketches(
    request: Request,
    now: Now,
    id: Annotated[list[str], Query(min_length=1, max_length=200, description="Sorties.")],
) -> Response:
    """Give sparkline of height and thumbnail of the track for the lines in sight."""
    return now.answer(
        request, lambda: Sketches.model_validate({"sketches": drawn_small(now.store, id)})
    )


@router.get("/sorties/{sortie}", name="sortie", response_model=SortiePage)
def sortie(request: Request, now: Now, sortie: SortieId, campaign: CampaignName = "") -> Response:
    """Give everything that was concluded of a sortie."""
    folder = now.campaign_or_none(campaign)

    def make() -> SortiePage:
        facts = sortie_facts(now.store, campaign_of(folder), sortie)
        if facts is None:
            raise unknown(sortie)
        return SortiePage.model_validate(facts)

    return now.answer(request, make, mark=lambda: now.sortie_mark(folder, sortie))


@router.get(
    "/sorties/{sortie}/track",
    name="track",
    response_class=Response,
    responses=binary("Columns ``t_s``, ``lat`` … ``yaw`` at 5 Hz.", COLUMNS),
)
def track(request: Request, now: Now, sortie: SortieId) -> Response:
    """Give where it flew and how it lay, at 5 Hz, on the log's own clock."""

    def make() -> bytes:
        found = track_bytes(now.store, sortie)
        if found is None:
            raise unknown(sortie)
        return found

    return now.answer(request, make, COLUMNS, lambda: now.shelf.mark(sortie))


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
    if (start_s is None) != (end_s is None):
        raise Refusal(422, "start_s and end_s go together")
    span = (start_s, end_s) if start_s is not None and end_s is not None else None
    require_known(now, sortie)

    def make() -> SimilarSorties:
        found = asdict(alike(now.store, sortie, span, limit=limit))
        for other in found["nearest"]:
            other["log_name"] = other.pop("path").replace("\\", "/").rpartition("/")[2]
        return SimilarSorties.model_validate(found)

    return now.answer(request, make)


@router.get("/reviews", name="reviews", response_model=Reviews, tags=["reviews"])
def reviews(
    request: Request, now: Now, limit: Annotated[int, Query(ge=1, le=10_000)] = 1000
) -> Response:
    """Give the audit trail of all reviews, newest first."""
    return now.answer(
        request, lambda: Reviews.model_validate({"reviews": review_trail(now.store, limit)})
    )


@router.get(
    "/sorties/{sortie}/reviews", name="sortie_reviews", response_model=Reviews, tags=["reviews"]
)
def sortie_reviews(request: Request, now: Now, sortie: SortieId) -> Response:
    """Give one sortie's reviews; the ``ETag`` is needed to add one."""
    require_known(now, sortie)
    return trail_of(now, sortie, 200)


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
    now.require_writable()
    require_known(now, sortie)
    seen = request.headers.get("if-match")
    if seen is None:
        raise Refusal(428, "If-Match is missing: it says which reviews the writer had seen")
    with now.reviewing:
        if seen.strip('"') != trail_mark(sortie_trail(now.store, sortie)):
            raise Refusal(412, "somebody else has reviewed this sortie meanwhile; look at it again")
        review_sortie(
            now.settings.store,
            sortie,
            review.outcome or "",
            review.cause or "",
            review.cause_class or "",
            who.name if now.settings.is_team else review.by or who.name,
            review.because,
        )
    now.shown.must_be_new()
    return trail_of(now, sortie, 201)


def unknown(sortie: str) -> Refusal:
    """The refusal for an id that the store does not have."""
    return Refusal(404, f"the store has no sortie {sortie}")


def require_known(now: State, sortie: str) -> None:
    """Refuse an id that the store does not have."""
    if not is_known(now.store, sortie):
        raise unknown(sortie)


def trail_of(now: State, sortie: str, status: int) -> Response:
    """A sortie's reviews, with the mark that the next one needs."""
    trail = sortie_trail(now.store, sortie)
    body = Reviews.model_validate({"reviews": trail}).model_dump_json()
    headers = {"ETag": f'"{trail_mark(trail)}"', "Cache-Control": "no-store"}
    return Response(body, status, headers, "application/json")
