"""Before every route: by which name one came, who it is, whether that is allowed, how much it is.

The gate stands before the application, so that nothing of a request that may not be made is read.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute, Match

from flyoff.server.access import LEAST, Principal, may
from flyoff.server.problems import Refusal, of_error
from flyoff.server.state import State

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: A body that is no file: forms of this program are short [byte].
MOST_BODY = 4 << 20
#: Whose body is a file, with limits of its own.
FILES = frozenset({"put_file"})
#: Only a proxy sends these.
_FORWARDED = ("x-forwarded-for", "forwarded", "x-forwarded-host", "x-real-ip")


class Gate:
    """ASGI middleware.

    Parameters
    ----------
    app : ASGI application
    state : State
    routes : sequence of routes
        Of the application: their names decide.
    """

    def __init__(self, app: "ASGIApp", state: State, routes: Sequence[BaseRoute]) -> None:
        self._app, self._state, self._routes = app, state, routes
        self._settings = state.settings

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Let a request through, or refuse it."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        scope["principal"] = Principal()
        try:
            self._check_name(request)
            name = self._route(scope)
            scope["route_name"] = name
            principal = scope["principal"] = await self._state.identity.of(request)
            self._check_role(principal, name)
            self._state.identity.check_change(request, principal)
            most = None if name in FILES else MOST_BODY
            _check_length(request, most)
        except Exception as error:  # told as every other error, by the journal if it is a bug
            if not isinstance(error, Refusal):
                raise
            await of_error(error, str(scope.get("request_id", "")))(scope, receive, send)
            return
        if most is None:
            await self._app(scope, receive, send)
        else:
            await _within(most, self._app, scope, receive, send)

    def _check_name(self, request: HTTPConnection) -> None:
        """Refuse other names than ours: a name that somebody's DNS points here gets nothing."""
        host = request.headers.get("host", "")
        name = host[: host.rindex("]") + 1] if host.endswith("]") or "]:" in host else (
            host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() and ":" in host else host
        )  # fmt: skip
        if name.lower() not in self._settings.allowed_hosts:
            raise Refusal(421, f"this server is not called {name[:100]!r}; --name adds a name")
        if not self._settings.is_team and any(h in request.headers for h in _FORWARDED):
            raise Refusal(
                403, "the request came through a proxy, and here nobody logs in; "
                "start the server with --behind-proxy"
            )  # fmt: skip

    def _route(self, scope: "Scope") -> str:
        """The name of the route that will answer; empty if none will."""
        for route in self._routes:
            match, _ = route.matches(scope)
            if match is Match.FULL:
                return str(getattr(route, "name", ""))
        return ""

    def _check_role(self, principal: Principal, name: str) -> None:
        # where no route answers there is nothing to protect but the list of routes itself
        least = LEAST.get(name, "viewer") if name else "viewer"
        if least == "anybody" or (name and may(principal, name)) or (not name and principal.role):
            return
        if principal.role is None:
            raise Refusal(401, "log in first", {"WWW-Authenticate": "Bearer"})
        raise Refusal(403, f"this needs the role {least}; yours is {principal.role}")


def _check_length(request: HTTPConnection, most: int | None) -> None:
    length = request.headers.get("content-length", "0")
    if not length.isdigit():
        raise Refusal(400, "Content-Length is no number")
    if most is not None and int(length) > most:
        raise Refusal(413, f"{length} bytes; at most {most} are taken here")


async def _within(
    most: int, app: "ASGIApp", scope: "Scope", receive: "Receive", send: "Send"
) -> None:
    """Bodies without a stated length end here, too, whatever the application makes of that."""
    seen = 0

    async def limited() -> "Message":
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise Refusal(413, "the body is too large")
        return message

    async def sent(message: "Message") -> None:
        if seen <= most:
            await send(message)
        elif message["type"] == "http.response.start":
            said = Refusal(413, f"more than {most} bytes; they are not taken here")
            await of_error(said, str(scope.get("request_id", "")))(scope, receive, send)

    await app(scope, limited, sent)
