"""Several sorties at once: compare, replay, fleet."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from flyoff.server.problems import Refusal
from flyoff.server.routes.shapes import COLUMNS, CampaignName, binary
from flyoff.server.schemas.fleet import FleetPage, ReplayDays, SideBySide
from flyoff.server.state import Now
from flyoff.views.campaign_page import campaign_of
from flyoff.views.heat_map import fleet_facts
from flyoff.views.one_sortie import sortie_facts
from flyoff.views.replay import Window, instant
from flyoff.views.replay import replay as tracks_of
from flyoff.views.replay import replay_days as days_to_replay
from flyoff.views.side_by_side import side_by_side

router = APIRouter(prefix="/api", tags=["fleet"])

Ids = Annotated[
    list[Annotated[str, Query(max_length=80)]], Query(max_length=500, default_factory=list)
]
Instant = Annotated[str, Query(max_length=40, description="UTC, ISO 8601.")]


@router.get("/compare", name="compare", response_model=SideBySide)
def compare(
    request: Request,
    now: Now,
    id: Annotated[list[str], Query(min_length=2, max_length=8, description="Sorties.")],
    align: Annotated[
        str,
        Query(pattern=r"^(arming|takeoff|finding:[a-z_]{1,40})$", description="What is at 0 s."),
    ] = "arming",
    campaign: CampaignName = "",
) -> Response:
    """Lay 2 to 8 sorties on one axis; series and tracks come from each sortie's own routes."""
    folder = now.campaign_or_none(campaign)
    if len(set(id)) != len(id):
        raise Refusal(422, "a sortie is compared with others, not with itself")

    def make() -> SideBySide:
        shown = campaign_of(folder)
        facts, channels, parameters = [], [], []
        for sortie in id:
            place = now.shelf.place(sortie)
            found = sortie_facts(now.store, shown, sortie)
            if found is not None:
                recording = now.shelf.log(place)[0].recording(place.boot)
                facts.append(found)
                channels.append(list(recording))
                parameters.append(recording.params)
        return SideBySide.model_validate(side_by_side(facts, channels, parameters, align))

    return now.answer(request, make)


@router.get("/replay/days", name="replay_days", response_model=ReplayDays)
def replay_days(request: Request, now: Now) -> Response:
    """List the days that can be replayed."""
    return now.answer(request, lambda: ReplayDays.model_validate(days_to_replay(now.store)))


@router.get(
    "/replay",
    name="replay",
    response_class=Response,
    responses=binary("Of each vehicle ``i`` columns ``t/i``, ``lat/i`` …", COLUMNS),
)
def replay(
    *,
    request: Request,
    now: Now,
    start: Instant = "",
    end: Instant = "",
    id: Ids,
    campaign: CampaignName = "",
    rate_hz: Annotated[float, Query(ge=0.1, le=5.0)] = 1.0,
) -> Response:
    """Give every vehicle of a window on one UTC clock, with the smallest separation over time."""
    folder = now.campaign_or_none(campaign)
    if not (id or (start and end)):
        raise Refusal(422, "say what to replay: start and end, or ids of sorties")
    window = Window(
        instant(start) if start else None, instant(end) if end else None, tuple(id), rate_hz
    )
    return now.answer(request, lambda: tracks_of(now.store, campaign_of(folder), window), COLUMNS)


@router.get("/fleet", name="fleet", response_model=FleetPage)
def fleet(
    request: Request,
    now: Now,
    campaign: CampaignName = "",
    least: Annotated[int, Query(ge=3, le=10_000)] = 8,
    beyond: Annotated[float, Query(gt=0, le=1000)] = 5.0,
) -> Response:
    """Show findings by vehicle, what is usual, and which sorties are unlike their own kind."""
    folder = now.campaign_or_none(campaign)
    return now.answer(
        request,
        lambda: FleetPage.model_validate(
            fleet_facts(now.store, campaign_of(folder), least, beyond)
        ),
    )
