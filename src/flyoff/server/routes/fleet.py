"""Several sorties at once: compare, replay, fleet."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from flyoff.server.problems import Refusal
from flyoff.server.routes.shapes import COLUMNS, CampaignName, binary
from flyoff.server.schemas.fleet import FleetPage, ReplayDays, SideBySide
from flyoff.server.state import Now

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
    raise Refusal(501, "compare: not there yet")


@router.get("/replay/days", name="replay_days", response_model=ReplayDays)
def replay_days(request: Request, now: Now) -> Response:
    """List the days that can be replayed."""
    raise Refusal(501, "replay_days: not there yet")


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
    raise Refusal(501, "replay: not there yet")


@router.get("/fleet", name="fleet", response_model=FleetPage)
def fleet(
    request: Request,
    now: Now,
    campaign: CampaignName = "",
    least: Annotated[int, Query(ge=3, le=10_000)] = 8,
    beyond: Annotated[float, Query(gt=0, le=1000)] = 5.0,
) -> Response:
    """Show findings by vehicle, what is usual, and which sorties are unlike their own kind."""
    raise Refusal(501, "fleet: not there yet")
