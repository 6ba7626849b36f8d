"""Parameters that several routes take, and how binary answers are declared."""

from typing import Annotated, Any

from fastapi import Path, Query

#: Columns in binary; docs/reference/http-api.md describes the layout.
COLUMNS = "application/vnd.flyoff.columns"

SortieId = Annotated[
    str,
    Path(pattern=r"^[0-9a-f]{16}-\d{1,9}-\d{1,9}$", description="Id of a sortie: LOG-BOOT-NUMBER."),
]
CampaignName = Annotated[
    str,
    Query(
        max_length=200,
        description="Campaign by which candidates and cards are told; empty: the first.",
    ),
]
Words = Annotated[list[str], Query(max_length=200)]


def binary(says: str, *media: str) -> dict[int | str, dict[str, Any]]:
    """The declaration of an answer that is no JSON, of any of these types."""
    schema = {"type": "string", "format": "binary"}
    return {200: {"description": says, "content": {m: {"schema": schema} for m in media}}}
