"""What is in a sortie's log: topics, series, texts, parameters, receipt; and what to take away."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from flyoff.pipeline.inspection import receipt_facts
from flyoff.pipeline.stored import stored_plan
from flyoff.server.problems import Refusal
from flyoff.server.routes.shapes import COLUMNS, SortieId, binary
from flyoff.server.schemas.log import Messages, Parameters, Plan, Plots, Receipt, Story, Topics
from flyoff.server.state import Now
from flyoff.server.taking import exported, raw_file
from flyoff.server.telling import listed_topics, parameter_facts, planned, texts, told
from flyoff.views.campaign_page import nobody
from flyoff.views.drawing import drawn
from flyoff.views.one_sortie import sortie_facts
from flyoff.views.plot_choice import plot_choice

router = APIRouter(prefix="/api/sorties/{sortie}", tags=["logs"])

Seconds = Annotated[float | None, Query(description="On the log's own clock.")]


@router.get("/topics", name="topics", response_model=Topics)
def topics(request: Request, now: Now, sortie: SortieId) -> Response:
    """List everything of the log that can be plotted: its own tables and catalogue channels."""

    def make() -> Topics:
        place = now.shelf.place(sortie)
        log, _ = now.shelf.log(place)
        return Topics.model_validate({"topics": listed_topics(log, place.boot)})

    return now.answer(request, make, mark=lambda: now.shelf.mark(sortie))


@router.get("/plots", name="plots", response_model=Plots)
def plots(request: Request, now: Now, sortie: SortieId) -> Response:
    """Tell which plots to show first: those that the evidence names, then what all have."""

    def make() -> Plots:
        place = now.shelf.place(sortie)
        log, _ = now.shelf.log(place)
        facts = sortie_facts(now.store, nobody(), sortie)
        if facts is None:
            raise Refusal(404, f"the store has no sortie {sortie}")
        chosen = plot_choice(
            facts, log.recording(place.boot), lambda name, t_s: now.shelf.near(place, name, t_s)
        )
        return Plots.model_validate({"plots": chosen})

    return now.answer(request, make)


@router.get(
    "/series",
    name="series",
    response_class=Response,
    responses=binary("For each series ``i`` the columns ``t/i`` and ``v/i``.", COLUMNS),
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

    def make() -> bytes:
        place = now.shelf.place(sortie)
        first = place.start_s if start_s is None else start_s
        last = place.end_s if end_s is None else end_s
        if not first < last:
            raise Refusal(422, f"start_s {first:g} is not before end_s {last:g}")
        found = [(name, now.shelf.series(place, name)) for name in dict.fromkeys(series)]
        return drawn(found, first, last, width, by)

    return now.answer(request, make, COLUMNS, lambda: now.shelf.mark(sortie))


@router.get("/story", name="story", response_model=Story)
def story(request: Request, now: Now, sortie: SortieId) -> Response:
    """Tell the sortie in words, by time."""

    def make() -> Story:
        place = now.shelf.place(sortie)
        log, lock = now.shelf.log(place)
        with lock:
            return Story.model_validate(told(now.store, log, place, sortie))

    return now.answer(request, make)


@router.get("/messages", name="messages", response_model=Messages)
def messages(request: Request, now: Now, sortie: SortieId) -> Response:
    """Give texts and events of the log during the sortie."""

    def make() -> Messages:
        place = now.shelf.place(sortie)
        log, _ = now.shelf.log(place)
        return Messages.model_validate(texts(log, place))

    return now.answer(request, make, mark=lambda: now.shelf.mark(sortie))


@router.get("/parameters", name="parameters", response_model=Parameters)
def parameters(
    request: Request,
    now: Now,
    sortie: SortieId,
    against: Annotated[str, Query(max_length=80, description="Another sortie.")] = "",
) -> Response:
    """Give the parameters at the start, beside those of another sortie."""

    def make() -> Parameters:
        place = now.shelf.place(sortie)
        log, _ = now.shelf.log(place)
        other = None
        if against:
            beside = now.shelf.place(against)
            other = now.shelf.log(beside)[0].recording(beside.boot).params
        facts = parameter_facts(log, place.boot, other)
        return Parameters.model_validate({"against": against or None, **facts})

    def mark() -> str:
        return now.shelf.mark(sortie) + (now.shelf.mark(against) if against else "")

    return now.answer(request, make, mark=mark)


@router.get("/plan", name="plan", response_model=Plan)
def plan(request: Request, now: Now, sortie: SortieId) -> Response:
    """Give the places that were planned."""

    def make() -> Plan:
        place = now.shelf.place(sortie)
        mission = stored_plan(now.store, place.plan_sha256)
        if mission is None:
            mission = now.shelf.log(place)[0].recording(place.boot).mission
        return Plan.model_validate(planned(mission))

    return now.answer(request, make, mark=lambda: now.shelf.mark(sortie))


@router.get("/receipt", name="receipt", response_model=Receipt)
def receipt(request: Request, now: Now, sortie: SortieId) -> Response:
    """Give the account of every byte of the log."""

    def make() -> Receipt:
        log, _ = now.shelf.log(now.shelf.place(sortie))
        return Receipt.model_validate(receipt_facts(log.raw.receipt))

    return now.answer(request, make, mark=lambda: now.shelf.mark(sortie))


@router.get(
    "/raw",
    name="raw",
    response_class=Response,
    responses=binary("The log as it was received.", "application/octet-stream"),
)
def raw(request: Request, now: Now, sortie: SortieId) -> Response:
    """Give the log as it was received."""
    log, _ = now.shelf.log(now.shelf.place(sortie))
    return raw_file(log)


@router.get(
    "/export",
    name="export",
    response_class=Response,
    responses=binary(
        "One file, or several in an archive.", "application/zip", "application/octet-stream"
    ),
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
    place = now.shelf.place(sortie)
    log, lock = now.shelf.log(place)
    with lock:
        return exported(log, place, to, topic)
