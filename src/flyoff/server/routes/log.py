"""What is in a sortie's log: topics, series, texts, parameters, receipt; and what to take away."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from flyoff.server.problems import Refusal
from flyoff.server.routes.shapes import COLUMNS, SortieId, binary
from flyoff.server.schemas.log import Messages, Parameters, Plots, Receipt, Story, Topics
from flyoff.server.state import Now

router = APIRouter(prefix="/api/sorties/{sortie}", tags=["logs"])

Seconds = Annotated[float | None, Query(description="On the log's own clock.")]


@router.get("/topics", name="topics", response_model=Topics)
def topics(request: Request, now: Now, sortie: SortieId) -> Response:
    """List everything of the log that can be plotted: its own tables and catalogue channels."""
    raise Refusal(501, "topics: not there yet")


@router.get("/plots", name="plots", response_model=Plots)
def plots(request: Request, now: Now, sortie: SortieId) -> Response:
    """Tell which plots to show first: those that the evidence names, then what all have."""
    raise Refusal(501, "plots: not there yet")


@router.get(
    "/series",
    name="series",
    response_class=Response,
    responses=binary(COLUMNS, "For each series ``i`` the columns ``t/i`` and ``v/i``."),
)
def series(
    request: Request,
    now: Now,
    sortie: SortieId,
    series: Annotated[
        list[Annotated[str, Query(max_length=300)]],
        Query(min_length=1, max_length=32, description="``channel:NAME`` or ``topic:T/I/FIELD``."),
    ],
    start_s: Seconds = None,
    end_s: Seconds = None,
    width: Annotated[int, Query(ge=16, le=8192, description="Pixels of the plot.")] = 1024,
    by: Annotated[
        Literal["minmax", "lttb"], Query(description="Extremes of each pixel, or shape.")
    ] = "minmax",
) -> Response:
    """Give series over a stretch of time, decimated to the width; by default the whole sortie."""
    raise Refusal(501, "series: not there yet")


@router.get("/story", name="story", response_model=Story)
def story(request: Request, now: Now, sortie: SortieId) -> Response:
    """Tell the sortie in words, by time."""
    raise Refusal(501, "story: not there yet")


@router.get("/messages", name="messages", response_model=Messages)
def messages(request: Request, now: Now, sortie: SortieId) -> Response:
    """Give texts and events of the log during the sortie."""
    raise Refusal(501, "messages: not there yet")


@router.get("/parameters", name="parameters", response_model=Parameters)
def parameters(
    request: Request,
    now: Now,
    sortie: SortieId,
    against: Annotated[str, Query(max_length=80, description="Another sortie.")] = "",
) -> Response:
    """Give the parameters at the start, beside those of another sortie."""
    raise Refusal(501, "parameters: not there yet")


@router.get("/receipt", name="receipt", response_model=Receipt)
def receipt(request: Request, now: Now, sortie: SortieId) -> Response:
    """Give the account of every byte of the log."""
    raise Refusal(501, "receipt: not there yet")


@router.get(
    "/raw",
    name="raw",
    response_class=Response,
    responses=binary("application/octet-stream", "The log as it was received."),
)
def raw(request: Request, now: Now, sortie: SortieId) -> Response:
    """Give the log as it was received."""
    raise Refusal(501, "raw: not there yet")


@router.get(
    "/export",
    name="export",
    response_class=Response,
    responses=binary("application/zip", "One file, or several in an archive."),
)
def export(
    *,
    request: Request,
    now: Now,
    sortie: SortieId,
    to: Literal["parquet", "csv", "geojson", "kml", "gpx"],
    topic: Annotated[
        list[Annotated[str, Query(max_length=200)]],
        Query(
            max_length=100,
            description="Tables of the log; by default all channels.",
            default_factory=list,
        ),
    ],
) -> Response:
    """Give channels, raw topics or the track as files that other tools read."""
    raise Refusal(501, "export: not there yet")
