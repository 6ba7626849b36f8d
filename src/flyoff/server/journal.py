"""Around every request: its id, the access log, the counts for ``/metrics``, safe headers."""

import json
import logging
import time
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders

from flyoff.server.metrics import Metrics
from flyoff.server.problems import of_error

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

ACCESS = logging.getLogger("flyoff.access")
ERRORS = logging.getLogger("flyoff.server")

#: Only what this server itself sends is loaded, run or framed. MapLibre draws with blobs: its
#: worker is a file of ours, its images come through canvases.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "X-Permitted-Cross-Domain-Policies": "none",
}


class Journal:
    """ASGI middleware, the outermost: nothing passes it unseen and no trace leaves it.

    Parameters
    ----------
    app : ASGI application
    metrics : Metrics
    is_tls : bool
        Browsers are told to come by TLS only.
    """

    def __init__(self, app: "ASGIApp", metrics: Metrics, is_tls: bool) -> None:
        self._app, self._metrics = app, metrics
        self._headers = dict(HEADERS)
        if is_tls:
            self._headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Note a request and its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope["request_id"] = uuid.uuid4().hex[:16]
        begun, seen = time.perf_counter(), {"status": 0, "bytes": 0}

        async def sent(message: "Message") -> None:
            if message["type"] == "http.response.start":
                seen["status"] = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                headers["X-Request-Id"] = scope["request_id"]
            elif message["type"] == "http.response.body":
                seen["bytes"] += len(message.get("body", b""))
            await send(message)

        self._metrics.begin()
        try:
            await self._app(scope, receive, sent)
        except Exception as error:  # the last resort: told here in full, and outside not at all
            ERRORS.exception("request %s failed", scope["request_id"])
            if not seen["status"]:
                await of_error(error, scope["request_id"])(scope, receive, sent)
        finally:
            took = time.perf_counter() - begun
            self._metrics.end(str(scope.get("route_name", "")), seen["status"], took)
            ACCESS.info(_line(scope, seen["status"], seen["bytes"], took))


def _line(scope: "Scope", status: int, size: int, took: float) -> str:
    """One JSON object; what a request carries is escaped and cannot forge another line."""
    principal, client = scope.get("principal"), scope.get("client")
    return json.dumps(
        {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "id": scope["request_id"],
            "client": client[0] if client else None,
            "who": getattr(principal, "name", None) or None,
            "method": scope["method"],
            "path": scope["path"][:500],
            "status": status,
            "bytes": size,
            "ms": round(took * 1e3, 1),
        }
    )
