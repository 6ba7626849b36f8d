"""Who asks: this machine's own people, a token, or a session in a cookie."""

import hmac
import secrets
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from flyoff.errors import FlyoffError
from flyoff.server.access import Principal
from flyoff.server.patience import Patience
from flyoff.server.problems import Refusal
from flyoff.server.sessions import COOKIE, Session, Sessions
from flyoff.server.settings import Settings
from flyoff.server.tokens import Tokens

if TYPE_CHECKING:
    from flyoff.server.oidc.login import Oidc

CSRF = "x-flyoff-csrf"
_CHANGES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Identity:
    """Tells who asks, and whether a browser's change was meant.

    Parameters
    ----------
    settings : Settings
    """

    def __init__(self, settings: Settings) -> None:
        self.is_team = settings.is_team
        self.tokens = Tokens(settings.state_folder)
        self.sessions = Sessions(settings.state_folder)
        self.patience = Patience()
        self.oidc = _oidc(settings, self.sessions)
        self._own_csrf = secrets.token_urlsafe(32)

    async def of(self, request: HTTPConnection) -> Principal:
        """Who asks; nobody if there is no proof.

        Raises
        ------
        Refusal
            If there is a proof and it is wrong.
        """
        bearer = request.headers.get("authorization", "")
        if bearer.lower().startswith("bearer "):
            return await self._by_token(request, bearer[7:].strip())
        if not self.is_team:
            return Principal("this machine", "admin", "this machine", self._own_csrf)
        session = self.session(request)
        return Principal() if session is None else self.of_session(session)

    def session(self, request: HTTPConnection) -> Session | None:
        """The session in the request's cookie, if it is a good one."""
        cookie = request.cookies.get(COOKIE, "")
        return self.sessions.read(cookie) if cookie else None

    async def log_in(self, request: HTTPConnection, text: str) -> tuple[Session, str]:
        """Exchange a token for a session and the cookie's value.

        Raises
        ------
        Refusal
            401 if the token is wrong, 429 if that happened too often.
        """
        principal = await self._by_token(request, text)
        return self.sessions.begin("token", principal.token_id, principal.role or "viewer")

    def is_still(self, principal: Principal) -> bool:
        """Whether what was proved once still holds: tokens are revoked, sessions end while used."""
        if principal.session is not None and not self.sessions.is_good(principal.session):
            return False
        return not principal.token_id or self.tokens.valid(principal.token_id) is not None

    def check_change(self, request: HTTPConnection, principal: Principal) -> None:
        """Refuse a change that a browser sends without its page having meant it.

        Raises
        ------
        Refusal
            403
        """
        if request.scope["method"] not in _CHANGES or not principal.has_ambient:
            return
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise Refusal(403, "the change comes from another site's page")
        if principal.role is None:
            return  # nothing that another site could misuse
        given = request.headers.get(CSRF, "")
        if not hmac.compare_digest(given.encode(), principal.csrf.encode()):
            raise Refusal(403, "X-Flyoff-CSRF is missing or old; GET /api/whoami gives it")

    async def _by_token(self, request: HTTPConnection, text: str) -> Principal:
        address = request.client.host if request.client else ""
        if not self.tokens.is_remembered(text):
            self.patience.check(address)
        token = await run_in_threadpool(self.tokens.proved, text)
        if token is None:
            self.patience.failed(address)
            raise Refusal(
                401, "this token is wrong, revoked or expired", {"WWW-Authenticate": "Bearer"}
            )
        return Principal(token.name, token.role, "token", "", token.id, has_ambient=False)

    def of_session(self, session: Session) -> Principal:
        """Whom a session stands for; nobody if its token or the rules of its role are gone."""
        csrf = self.sessions.csrf(session.id)
        if session.by == "oidc":
            if self.oidc is None or session.rules != self.oidc.provider.rules:
                return Principal()
            return Principal(session.subject, session.role, "oidc", csrf, session=session)
        token = self.tokens.valid(session.subject)
        if token is None:
            return Principal()
        return Principal(token.name, token.role, "session", csrf, token.id, session)


def _oidc(settings: Settings, sessions: Sessions) -> "Oidc | None":
    """The way to the identity provider that the settings name; what it takes is loaded only then.

    Raises
    ------
    FlyoffError
        If the file does not say what it must, or the extra is not installed.
    """
    if settings.oidc is None:
        return None
    from flyoff.server.oidc.provider import read_provider

    provider = read_provider(settings.oidc, settings.names)
    try:
        from flyoff.server.oidc.login import Oidc
    except ModuleNotFoundError as error:
        raise FlyoffError(f"serve: --oidc needs {error.name}: pip install 'flyoff[oidc]'") from None
    return Oidc(provider, sessions)
