"""Before every route: by which name one came, who it is, and whether that is allowed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from starlette.routing import BaseRoute

from flyoff.server.access import Principal
from flyoff.server.state import State

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class Gate:
    """ASGI middleware."""

    def __init__(self, app: "ASGIApp", state: State, routes: Sequence[BaseRoute]) -> None:
        self._app, self._state, self._routes = app, state, routes

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Let a request through, or refuse it."""
        scope["principal"] = Principal("this machine", "admin", "this machine", "")
        await self._app(scope, receive, send)
