"""The application: routes, and around them the gate and the journal."""

import contextlib
import threading
from collections.abc import AsyncIterator
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request

from flyoff import __version__
from flyoff.errors import FlyoffError
from flyoff.server.basemap import check as check_basemap
from flyoff.server.gate import Gate
from flyoff.server.journal import Journal
from flyoff.server.metrics import Metrics
from flyoff.server.problems import MEDIA_TYPE, answer_error
from flyoff.server.routes import campaigns, fleet, log, oidc, server, sorties, trials, uploads
from flyoff.server.schemas.base import Problem
from flyoff.server.settings import Settings
from flyoff.server.state import State

#: How long the end of the server waits for what is made ahead of the first visitor [s].
WARMING_S = 5.0

ROUTERS = (
    campaigns.router,
    sorties.router,
    log.router,
    fleet.router,
    trials.router,
    uploads.router,
    oidc.router,
    server.router,
)


def create_app(settings: Settings) -> FastAPI:
    """Make the application.

    Parameters
    ----------
    settings : Settings

    Raises
    ------
    FlyoffError
        If what was asked for would be unsafe, or there is no store.
    """
    settings.check()
    if settings.basemap is not None:
        check_basemap(settings.basemap)
    # FastAPI's own pages of documentation load from another host: there are none
    state = State(settings)
    app = FastAPI(
        lifespan=lambda _: running(state),
        dependencies=[Depends(agreed)],
        title="Flyoff",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        separate_input_output_schemas=False,
    )
    for router in ROUTERS:
        app.include_router(router)
    for kind in (FlyoffError, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, answer_error)
    app.state.flyoff = state
    app.state.metrics = Metrics()
    app.add_middleware(Gate, state=state, routes=[r for one in ROUTERS for r in one.routes])
    app.add_middleware(Journal, metrics=app.state.metrics, is_tls=settings.is_tls)
    return app


async def agreed(request: Request) -> None:
    """Refuse to answer by another route than the one whose role was looked up."""
    name = getattr(request.scope.get("route"), "name", None)
    if name != request.scope.get("route_name"):
        raise RuntimeError(f"the gate let {request.scope.get('route_name')!r} in, not {name!r}")


@contextlib.asynccontextmanager
async def running(state: State) -> AsyncIterator[None]:
    """What runs beside the requests: the watcher of the store, and the worker."""
    state.shown.start()
    await state.hub.start()
    if not state.settings.read_only:
        state.worker.start()
    stopped = threading.Event()
    warming = threading.Thread(target=state.warm_up, args=[stopped], name="warm up", daemon=True)
    warming.start()
    yield
    stopped.set()
    # a thread that is inside a library when the interpreter ends leaves its objects to be told of
    await run_in_threadpool(warming.join, WARMING_S)
    await run_in_threadpool(state.shown.stop)
    await run_in_threadpool(state.worker.stop)
    await state.hub.stop()


def schema(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document: what FastAPI derives, and problems for everything that is refused."""
    made = get_openapi(
        title=app.title,
        version="1",
        routes=app.routes,
        description="The numbers of Flyoff's views.",
        separate_input_output_schemas=False,
    )
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = Problem.model_json_schema()
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    refused = {
        "description": "What went wrong.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for path in made["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None)
            operation["responses"] |= {"4XX": refused, "5XX": refused}
            if operation["operationId"]:
                operation["operationId"] = operation["summary"].lower().replace(" ", "_")
    return made
