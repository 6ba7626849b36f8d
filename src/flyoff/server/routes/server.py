"""The server itself: who is there, tokens, health, metrics, events."""

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.requests import Request
from starlette.responses import Response

from flyoff.server.problems import Refusal
from flyoff.server.routes.shapes import binary
from flyoff.server.schemas.people import (
    About,
    Doctor,
    Health,
    Login,
    MadeToken,
    NewToken,
    Token,
    Tokens,
    WhoAmI,
)
from flyoff.server.state import Now, Who

router = APIRouter(tags=["server"])

TokenId = Annotated[str, Path(pattern=r"^[0-9a-f]{8}$")]
TEXT = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}


@router.get("/healthz", name="healthz", response_model=Health)
def healthz(now: Now) -> Response:
    """Tell whether server and store answer; 503 if the store does not."""
    raise Refusal(501, "healthz: not there yet")


@router.get(
    "/metrics",
    name="metrics",
    response_class=Response,
    responses=binary("In the form that Prometheus reads.", "text/plain"),
)
def metrics(request: Request, now: Now) -> Response:
    """Give counts and times."""
    raise Refusal(501, "metrics: not there yet")


@router.get("/api/about", name="about", response_model=About)
def about(now: Now) -> Response:
    """Tell what this server is."""
    raise Refusal(501, "about: not there yet")


@router.get("/api/doctor", name="doctor", response_model=Doctor)
def doctor(now: Now) -> Response:
    """Tell what this machine can and cannot do."""
    raise Refusal(501, "doctor: not there yet")


@router.get("/api/whoami", name="whoami", response_model=WhoAmI)
def whoami(now: Now, who: Who) -> Response:
    """Tell who is logged in and what they may do."""
    shown = WhoAmI(name=who.name, role=who.role, by=who.by, csrf=who.csrf, login=[])
    return Response(shown.model_dump_json(), media_type="application/json")


@router.post("/api/session", name="log_in", response_model=WhoAmI)
def log_in(request: Request, now: Now, login: Login) -> Response:
    """Exchange a token for a session in a cookie."""
    raise Refusal(501, "log_in: not there yet")


@router.delete("/api/session", name="log_out", status_code=204, response_class=Response)
def log_out(request: Request, now: Now) -> Response:
    """End the session."""
    raise Refusal(501, "log_out: not there yet")


@router.get("/api/tokens", name="tokens", response_model=Tokens)
def tokens(now: Now) -> Response:
    """List all tokens; the secrets are kept nowhere."""
    raise Refusal(501, "tokens: not there yet")


@router.post("/api/tokens", name="make_token", response_model=MadeToken, status_code=201)
def make_token(now: Now, wanted: NewToken) -> Response:
    """Make a token; its secret is shown this once."""
    raise Refusal(501, "make_token: not there yet")


@router.delete("/api/tokens/{token}", name="revoke_token", response_model=Token)
def revoke_token(now: Now, token: TokenId) -> Response:
    """Revoke a token, at once and for all sessions begun with it."""
    raise Refusal(501, "revoke_token: not there yet")


@router.get(
    "/api/events",
    name="events",
    response_class=Response,
    responses=binary("Events ``store``, ``upload``, ``bye``.", "text/event-stream"),
)
async def events(request: Request, now: Now, who: Who) -> Response:
    """Tell open pages when something is new, as server-sent events."""
    raise Refusal(501, "events: not there yet")
