"""The basemap that everybody of a server sees: one PMTiles file, read by its browsers in parts."""

import re
from pathlib import Path

from starlette.responses import FileResponse

from flyoff.errors import FlyoffError
from flyoff.server.problems import Refusal

_MAGIC = b"PMTiles"
_PART = re.compile(r"bytes=(\d{1,18})-(\d{0,18})")


def check(file: Path) -> None:
    """Refuse what is no PMTiles file.

    Raises
    ------
    FlyoffError
        With what it is instead.
    """
    try:
        with file.open("rb") as opened:
            head = opened.read(len(_MAGIC))
    except OSError as error:
        raise FlyoffError(f"--basemap {file}: {(error.strerror or '').lower()}") from None
    if head != _MAGIC:
        raise FlyoffError(f"--basemap {file}: no PMTiles file: it begins with {head!r}")


def part_of(file: Path | None, asked: str | None) -> FileResponse:
    """The file, or the part of it that a browser asks for.

    Raises
    ------
    Refusal
        404 without a basemap, 416 for a part that it does not have.
    """
    if file is None or not file.is_file():
        raise Refusal(404, "this server has no basemap; --basemap FILE.pmtiles adds one")
    size = file.stat().st_size
    if asked is not None:
        found = _PART.fullmatch(asked.strip())
        if found is None or int(found[1]) >= size or int(found[2] or size) < int(found[1]):
            raise Refusal(
                416, f"no such part of {size} bytes", {"Content-Range": f"bytes */{size}"}
            )
    return FileResponse(file, media_type="application/vnd.pmtiles")
