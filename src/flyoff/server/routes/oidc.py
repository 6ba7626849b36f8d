"""Off to the identity provider, and back: a browser's own way, no part of the API."""

import logging
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from flyoff.server.oidc.provider import LOGIN_COOKIE, LOGIN_LASTS_S
from flyoff.server.oidc.refused import Refused
from flyoff.server.problems import Refusal
from flyoff.server.sessions import COOKIE
from flyoff.server.state import Now, State

if TYPE_CHECKING:
    from flyoff.server.oidc.login import Oidc

LOG = logging.getLogger("flyoff.server")

router = APIRouter(prefix="/api/oidc", include_in_schema=False)


@router.get("/login", name="oidc_login")
def oidc_login(now: Now, to: Annotated[str, Query(max_length=4000)] = "") -> Response:
    """Send the browser to the provider; `to` is where in the page it goes on afterwards."""
    oidc = oidc_of(now)
    try:
        url, cookie = oidc.begin(to)
    except Refused as refused:
        return turned_away(oidc, refused)
    answer = moved(url)
    # lax: the way back comes from the provider's site
    answer.set_cookie(
        LOGIN_COOKIE, cookie, max_age=LOGIN_LASTS_S, path=_path(oidc), secure=True, httponly=True,
        samesite="lax",
    )  # fmt: skip
    return answer


@router.get("/callback", name="oidc_callback")
def oidc_callback(request: Request, now: Now) -> Response:
    """Take what the provider sent back; a session, or the page with why there is none."""
    oidc = oidc_of(now)
    address = request.client.host if request.client else ""
    now.identity.patience.check(address)
    try:
        admitted = oidc.finish(request.cookies.get(LOGIN_COOKIE, ""), request.query_params)
    except Refused as refused:
        now.identity.patience.failed(address)
        return turned_away(oidc, refused)
    own = oidc.provider
    _, cookie = now.identity.sessions.begin(
        "oidc", admitted.name, admitted.role, own.lasts_s, own.rules
    )
    LOG.info("oidc: %r (%s) comes in as %s", admitted.name, admitted.subject, admitted.role)
    answer = moved(f"{own.address}/#{quote(admitted.to, safe='/?&=:,;.-_~%+')}")
    answer.delete_cookie(LOGIN_COOKIE, path=_path(oidc), secure=True, httponly=True, samesite="lax")
    answer.set_cookie(
        COOKIE, cookie, max_age=int(own.lasts_s), path="/", secure=True, httponly=True,
        samesite="strict",
    )  # fmt: skip
    return answer


def oidc_of(now: State) -> "Oidc":
    """The way to the provider; refuses where there is none."""
    if now.identity.oidc is None:
        raise Refusal(404, "this server knows no identity provider; --oidc names one")
    return now.identity.oidc


def turned_away(oidc: "Oidc", refused: Refused) -> Response:
    """Back to the page, which says why in its own words; the log says more."""
    LOG.warning("oidc: refused: %s", refused)
    answer = moved(f"{oidc.provider.address}/#/?refused={refused.why}")
    answer.delete_cookie(LOGIN_COOKIE, path=_path(oidc), secure=True, httponly=True, samesite="lax")
    return answer


def moved(url: str) -> Response:
    """A redirection that nobody keeps."""
    return RedirectResponse(url, 303, {"Cache-Control": "no-store"})


def _path(oidc: "Oidc") -> str:
    return f"{oidc.provider.path}/api/oidc"
