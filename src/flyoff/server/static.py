"""The page: what the web build left in ``static/``, and its first file for every address of it."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response

from flyoff.server.problems import Refusal

FOLDER = Path(__file__).parent / "static"
_INDEX = "index.html"
_YEAR = "public, max-age=31536000, immutable"
HOW = (
    "the page was not built into this installation; the API works. In a clone with Node 20.19 or "
    "newer: cd web, npm ci, npm run build; a wheel has it built in"
)


def has_page(folder: Path = FOLDER) -> bool:
    """Whether the page was built."""
    return (folder / _INDEX).is_file()


def page(request: Request, path: str, folder: Path = FOLDER) -> Response:
    """A file of the page, or its first file for an address inside it."""
    del request
    if path.startswith(("api/", "api", "metrics")):
        raise Refusal(404, f"there is no /{path[:200]} here")
    if not has_page(folder):
        raise Refusal(503, HOW)
    wanted = (folder / path).resolve() if path and "\0" not in path else folder / _INDEX
    # the last part of a file's name has a dot; an address of the page has none
    inside = wanted.is_relative_to(folder.resolve()) and wanted.is_file()
    if not inside and "." in path.rpartition("/")[2]:
        raise Refusal(404, f"there is no /{path[:200]} here")
    shown = wanted if inside else folder / _INDEX
    is_named_by_content = shown.parent.name == "assets"
    return FileResponse(shown, headers={"Cache-Control": _YEAR if is_named_by_content
                                        else "no-cache"})  # fmt: skip
