"""Logs that people bring: received under a name of ours, judged in the background."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from flyoff.server.problems import Refusal
from flyoff.server.schemas.people import Batch, Batches, UploadedFile
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
    raise Refusal(501, "uploads: not there yet")


@router.post("", name="open_upload", response_model=Batch, status_code=201)
def open_upload(request: Request, now: Now, who: Who) -> Response:
    """Begin a batch: a folder, or a selection of files."""
    raise Refusal(501, "open_upload: not there yet")


@router.get("/{batch}", name="upload", response_model=Batch)
def upload(request: Request, now: Now, batch: BatchId) -> Response:
    """Tell what became of each file of a batch."""
    raise Refusal(501, "upload: not there yet")


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
    raise Refusal(501, "put_file: not there yet")


@router.post("/{batch}/start", name="start_upload", response_model=Batch)
def start_upload(request: Request, now: Now, batch: BatchId) -> Response:
    """Close a batch and have it judged."""
    raise Refusal(501, "start_upload: not there yet")


@router.delete("/{batch}", name="drop_upload", status_code=204, response_class=Response)
def drop_upload(request: Request, now: Now, batch: BatchId) -> Response:
    """Throw away a batch that is not being judged; what is in the store stays there."""
    raise Refusal(501, "drop_upload: not there yet")
