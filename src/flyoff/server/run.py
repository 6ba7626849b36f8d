"""Start the server: uvicorn with the application, and loggers that write one line each."""

import json
import logging
import sys
from collections.abc import Callable
from typing import Any

import uvicorn

from flyoff.errors import FlyoffError
from flyoff.pipeline.stores import is_store
from flyoff.server.app import create_app
from flyoff.server.settings import Settings

#: Open pages hold a stream of events: so long they are waited for at the end [s].
_PATIENCE_S = 3


def serve(settings: Settings, started: Callable[[str], None]) -> None:
    """Serve until interrupted.

    Parameters
    ----------
    settings : Settings
    started : function
        Is told the address once the server listens.

    Raises
    ------
    FlyoffError
        If it cannot be started.
    """
    if not is_store(settings.store):
        raise FlyoffError(
            f"serve: {settings.store} holds no store; make one: "
            f"flyoff ingest LOGS --store {settings.store}"
        )
    app = create_app(settings)
    write_lines()
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=settings.behind_proxy,
        forwarded_allow_ips=list(settings.trusted_proxies),
        ssl_certfile=settings.tls_cert,
        ssl_keyfile=settings.tls_key,
        timeout_graceful_shutdown=_PATIENCE_S,
        timeout_keep_alive=30,
        h11_max_incomplete_event_size=64 << 10,
    )
    server = _Announced(config, lambda: started(address(settings, server)))
    try:
        server.run()
    except SystemExit:
        raise FlyoffError(
            f"serve: cannot listen on {settings.host} port {settings.port}; "
            "is a server running there already? --port takes another one"
        ) from None


def address(settings: Settings, server: uvicorn.Server) -> str:
    """Where to point a browser."""
    scheme = "https" if settings.is_tls or settings.behind_proxy else "http"
    if settings.names:
        return f"{scheme}://{settings.names[0]}" + (
            "" if settings.behind_proxy else f":{_port(settings, server)}"
        )
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{scheme}://{host}:{_port(settings, server)}"


def write_lines() -> None:
    """Access lines as they are, everything else as JSON too, on standard error."""
    for name, form in (("flyoff.access", None), ("flyoff.server", _Lines()), ("uvicorn", _Lines())):
        handler = logging.StreamHandler(sys.stderr)
        if form is not None:
            handler.setFormatter(form)
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(logging.WARNING if name == "uvicorn" else logging.INFO)


class _Lines(logging.Formatter):
    """A record as one JSON object, its trace in it."""

    def format(self, record: logging.LogRecord) -> str:
        shown: dict[str, Any] = {
            "time": self.formatTime(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "says": record.getMessage(),
        }
        if record.exc_info:
            shown["trace"] = self.formatException(record.exc_info)
        return json.dumps(shown)


class _Announced(uvicorn.Server):
    """A server that says when it listens."""

    def __init__(self, config: uvicorn.Config, tell: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell = tell

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._tell()


def _port(settings: Settings, server: uvicorn.Server) -> int:
    """The port that was taken, where any would do."""
    for listening in getattr(server, "servers", ()):
        for socket in listening.sockets:
            return int(socket.getsockname()[1])
    return settings.port
