"""Everything that goes wrong as ``application/problem+json`` (RFC 9457), never with a trace."""

import json
from collections.abc import Callable, Mapping, Sequence

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from flyoff.errors import (
    CampaignError,
    DecodeError,
    FlyoffError,
    PlanError,
    SourceError,
    StoreError,
    UnknownChannel,
)

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "bad request",
    401: "not logged in",
    403: "not allowed",
    404: "not there",
    405: "not possible here",
    409: "contradicts what is there",
    412: "changed meanwhile",
    413: "too large",
    415: "wrong kind of content",
    416: "no such part",
    421: "wrong name",
    422: "does not fit",
    428: "needs If-Match",
    429: "too often",
    500: "this is a bug in Flyoff",
    501: "not there yet",
    503: "the store cannot be reached",
    507: "no room",
}
#: The first that fits.
_STATUS: tuple[tuple[type[FlyoffError], int], ...] = (
    (StoreError, 503),
    (CampaignError, 422),
    (UnknownChannel, 404),
    (DecodeError, 422),
    (PlanError, 422),
    (SourceError, 503),
    (FlyoffError, 422),
)


class Refusal(FlyoffError):
    """A request that is refused, with its status.

    Parameters
    ----------
    status : int
    detail : str
    headers : mapping of str to str or None
    """

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, detail, headers)
        self.status, self.detail, self.headers = status, detail, dict(headers or {})

    def __str__(self) -> str:
        return self.detail


def problem(
    status: int,
    detail: str,
    *,
    instance: str = "",
    errors: Sequence[str] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer that says what went wrong."""
    title = TITLES.get(status, "refused")
    content = {
        "type": f"urn:flyoff:{title.replace(' ', '-').lower()}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": instance,
        "errors": list(errors),
    }
    body = json.dumps(content, ensure_ascii=True).encode()
    return Response(body, status, {"Cache-Control": "no-store", **(headers or {})}, MEDIA_TYPE)


def of_error(error: Exception, instance: str, tidy: Callable[[str], str] | None = None) -> Response:
    """The answer for what a handler raised; `tidy` takes paths out of its words."""
    if isinstance(error, Refusal):
        return problem(error.status, error.detail, instance=instance, headers=error.headers)
    if isinstance(error, RequestValidationError):
        places = [_place(e) for e in error.errors()]
        detail = f"{len(places)} of the request's values do not fit"
        return problem(422, detail, instance=instance, errors=places)
    if isinstance(error, HTTPException):
        return problem(
            error.status_code, str(error.detail), instance=instance, headers=error.headers
        )
    if isinstance(error, FlyoffError):
        told = str(error) if tidy is None else tidy(str(error))
        status = next(s for kind, s in _STATUS if isinstance(error, kind))
        return problem(status, told, instance=instance)
    return problem(500, f"the log of the server says more under {instance}", instance=instance)


def _place(error: Mapping[str, object]) -> str:
    where = error.get("loc", ())
    path = ".".join(str(p) for p in where) if isinstance(where, tuple | list) else str(where)
    return f"{path}: {error.get('msg', '')}"


async def answer_error(request: Request, error: Exception) -> Response:
    """Handler of exceptions that carry their own status."""
    tidy = request.app.state.flyoff.without_paths
    return of_error(error, str(request.scope.get("request_id", "")), tidy)
