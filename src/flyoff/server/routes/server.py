"""The server itself: who is there, tokens, health, metrics, events."""

from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Path
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from flyoff import __version__
from flyoff.errors import FlyoffError
from flyoff.pipeline.machine import doctor as examine
from flyoff.pipeline.taking import rules_version
from flyoff.server.access import Principal
from flyoff.server.basemap import part_of
from flyoff.server.metrics import MEDIA_TYPE, Metrics
from flyoff.server.problems import Refusal
from flyoff.server.routes.shapes import binary
from flyoff.server.schemas.people import (
    About,
    Check,
    Doctor,
    Health,
    Login,
    MadeToken,
    NewToken,
    Token,
    Tokens,
    UploadLimits,
    WhoAmI,
)
from flyoff.server.sessions import COOKIE, LASTS_S
from flyoff.server.state import Now, State, Who
from flyoff.server.static import has_page
from flyoff.server.static import page as file_of_page
from flyoff.server.tokens import Token as Kept

router = APIRouter(tags=["server"])

TokenId = Annotated[str, Path(pattern=r"^[0-9a-f]{8}$")]


@router.get("/healthz", name="healthz", response_model=Health)
def healthz(now: Now) -> Response:
    """Tell whether server and store answer; 503 if the store does not."""
    try:
        now.stamp()
    except FlyoffError:
        return fresh(Health(status="store unreachable"), 503)
    return fresh(Health(status="ok"))


@router.get(
    "/metrics",
    name="metrics",
    response_class=Response,
    responses=binary("In the form that Prometheus reads.", "text/plain"),
)
def metrics(request: Request, now: Now) -> Response:
    """Give counts and times."""
    logs, series = now.shelf.bytes
    gauges = {
        "flyoff_listeners": ("Pages that listen for events.", float(now.hub.listeners)),
        "flyoff_waiting_batches": ("Batches to be judged.", float(now.worker.waiting())),
        "flyoff_worker_alive": ("Whether the worker runs.", float(now.worker.is_alive)),
        "flyoff_answers_bytes": ("Answers kept.", float(now.answers.bytes)),
        "flyoff_logs_bytes": ("Indexes of logs kept.", float(logs)),
        "flyoff_series_bytes": ("Decoded series kept.", float(series)),
        "flyoff_listings_bytes": ("Tables of sorties kept.", float(now.kept.listed_bytes)),
    }
    counted: Metrics = request.app.state.metrics
    return Response(counted.text(gauges), media_type=MEDIA_TYPE)


@router.get("/api/about", name="about", response_model=About)
def about(now: Now) -> Response:
    """Tell what this server is."""
    sorties, trouble, stamp = None, None, ""
    try:
        stamp = now.stamp()
        sorties = now.kept.listing(now.campaign_or_none(""), stamp).size
    except FlyoffError as error:
        trouble = now.without_paths(str(error))
    limits = now.settings.limits
    return fresh(
        About(
            version=__version__,
            rules_version=rules_version(),
            mode="team" if now.settings.is_team else "this machine",
            has_page=has_page(),
            campaigns=len(now.campaigns),
            sorties=sorties,
            store_problem=trouble,
            upload=None if now.settings.read_only else UploadLimits(**asdict(limits)),
            basemap=now.settings.basemap.name if now.settings.basemap else None,
            store_stamp=stamp,
        )
    )


@router.get(
    "/api/basemap",
    name="basemap",
    response_class=Response,
    responses={
        200: {"content": {"application/vnd.pmtiles": {}}, "description": "The whole file."},
        206: {"content": {"application/vnd.pmtiles": {}}, "description": "The part asked for."},
    },
)
def basemap(request: Request, now: Now) -> Response:
    """Give the basemap, or by ``Range`` the part of it that a map needs."""
    return part_of(now.settings.basemap, request.headers.get("range"))


@router.get("/api/doctor", name="doctor", response_model=Doctor)
def doctor(now: Now) -> Response:
    """Tell what this machine can and cannot do."""
    checks = [
        Check(name=c.name, is_ok=c.state == "ok", found=c.found, mend=c.mend) for c in examine()
    ]
    alive = now.worker.says if now.worker.is_alive else "does not run"
    return fresh(Doctor(checks=checks, worker=alive, waiting=now.worker.waiting()))


@router.get("/api/whoami", name="whoami", response_model=WhoAmI)
def whoami(now: Now, who: Who) -> Response:
    """Tell who is logged in and what they may do."""
    return fresh(whoami_of(now, who))


@router.post("/api/session", name="log_in", response_model=WhoAmI)
async def log_in(request: Request, now: Now, login: Login) -> Response:
    """Exchange a token for a session in a cookie."""
    if not now.settings.is_team:
        raise Refusal(409, "nobody logs in here: this server is for its own machine only")
    session, cookie = await now.identity.log_in(request, login.token)
    who = now.identity.of_session(session)
    answer = fresh(whoami_of(now, who))
    answer.set_cookie(
        COOKIE, cookie, max_age=LASTS_S, path="/", secure=True, httponly=True, samesite="strict"
    )
    return answer


@router.delete("/api/session", name="log_out", status_code=204, response_class=Response)
def log_out(request: Request, now: Now) -> Response:
    """End the session."""
    session = now.identity.session(request)
    if session is not None:
        now.identity.sessions.end(session)
    answer = Response(None, 204)
    answer.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="strict")
    return answer


@router.get("/api/tokens", name="tokens", response_model=Tokens)
def tokens(now: Now) -> Response:
    """List all tokens; the secrets are kept nowhere."""
    return fresh(Tokens(tokens=[token_of(now, t) for t in now.identity.tokens.all()]))


@router.post("/api/tokens", name="make_token", response_model=MadeToken, status_code=201)
def make_token(now: Now, wanted: NewToken) -> Response:
    """Make a token; its secret is shown this once."""
    made, secret = now.identity.tokens.make(wanted.name, wanted.role, wanted.days)
    return fresh(MadeToken(token=token_of(now, made), secret=secret), 201)


@router.delete("/api/tokens/{token}", name="revoke_token", response_model=Token)
def revoke_token(now: Now, token: TokenId) -> Response:
    """Revoke a token, at once and for all sessions begun with it."""
    if token not in {t.id for t in now.identity.tokens.all()}:
        raise Refusal(404, f"there is no token {token}")
    return fresh(token_of(now, now.identity.tokens.revoke(token)))


@router.get(
    "/api/events",
    name="events",
    response_class=Response,
    responses=binary("Events ``store``, ``upload``, ``bye``.", "text/event-stream"),
)
async def events(request: Request, now: Now, who: Who) -> Response:
    """Tell open pages when something is new, as server-sent events."""
    stream = now.hub.listen(lambda: now.identity.is_still(who))
    return StreamingResponse(
        stream,
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


@router.get("/{path:path}", name="page", include_in_schema=False)
def page(request: Request, path: str) -> Response:
    """Give the page, or one of its files."""
    return file_of_page(request, path)


def whoami_of(now: State, who: Principal) -> WhoAmI:
    """Somebody, with the ways to become somebody else."""
    ways: list[Literal["token", "oidc"]] = ["token"] if now.settings.is_team else []
    if now.settings.oidc is not None:
        ways.append("oidc")
    return WhoAmI(name=who.name, role=who.role, by=who.by, csrf=who.csrf, login=ways)


def token_of(now: State, token: Kept) -> Token:
    """A token as it is listed."""
    return Token(
        id=token.id,
        name=token.name,
        role=token.role,
        created_utc=token.created_utc,
        last_used_utc=now.identity.tokens.last_used(token.id),
        expires_utc=token.expires_utc,
        revoked_utc=token.revoked_utc,
    )


def fresh(model: BaseModel, status: int = 200) -> Response:
    """An answer that is another one every time."""
    return Response(
        model.model_dump_json(), status, {"Cache-Control": "no-store"}, "application/json"
    )
