"""Logs that people bring: received under a name of ours, judged in the background."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from flyoff.server.problems import Refusal
from flyoff.server.schemas.people import Batch, Batches, UploadedFile
from flyoff.server.spool import Facts, shown
from flyoff.server.state import Now, Who

router = APIRouter(prefix="/api/uploads", tags=["uploads"])

BatchId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
FilePath = Annotated[
    str,
    Query(min_length=1, max_length=1000, description="As it lies in the folder that is brought."),
]


@router.get("", name="uploads", response_model=Batches)
def uploads(request: Request, now: Now) -> Response:
    """List what was brought, newest first."""
    return told({"batches": [shown(b) for b in now.spool.batches()]}, Batches)


@router.post("", name="open_upload", response_model=Batch, status_code=201)
def open_upload(request: Request, now: Now, who: Who) -> Response:
    """Begin a batch: a folder, or a selection of files."""
    now.require_writable()
    return told(shown(now.spool.open(who.name)), Batch, 201)


@router.get("/{batch}", name="upload", response_model=Batch)
def upload(request: Request, now: Now, batch: BatchId) -> Response:
    """Tell what became of each file of a batch."""
    return told(shown(now.spool.batch(batch)), Batch)


@router.put(
    "/{batch}/files",
    name="put_file",
    response_model=UploadedFile,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
            },
        }
    },
)
async def put_file(request: Request, now: Now, batch: BatchId, path: FilePath) -> Response:
    """Receive one file: the body is the file as it is."""
    now.require_writable()
    try:
        return told(await now.spool.receive(batch, path, request.stream()), UploadedFile)
    except ClientDisconnect:
        raise Refusal(400, "the file did not come whole; nothing of it is kept") from None


@router.post("/{batch}/start", name="start_upload", response_model=Batch)
def start_upload(request: Request, now: Now, batch: BatchId) -> Response:
    """Close a batch and have it judged."""
    now.require_writable()
    closed = now.spool.close(batch)
    now.worker.wake()
    return told(shown(closed), Batch)


@router.delete("/{batch}", name="drop_upload", status_code=204, response_class=Response)
def drop_upload(request: Request, now: Now, batch: BatchId) -> Response:
    """Throw away a batch that is not being judged; what is in the store stays there."""
    now.require_writable()
    now.spool.drop(batch)
    return Response(None, 204)


def told(facts: Facts, model: type[BaseModel], status: int = 200) -> Response:
    """An answer that is another one every time."""
    body = model.model_validate(facts).model_dump_json()
    return Response(body, status, {"Cache-Control": "no-store"}, "application/json")
