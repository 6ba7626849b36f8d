"""The manifest: every file of a bundle with its size and digest, in one form of JSON."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from flyoff.errors import ExchangeError
from flyoff.exchange.dsse import read_object

MANIFEST: Final = "manifest.json"
STATEMENT: Final = "statement.dsse.json"
#: Version of the bundle's format; another one is refused, an older one too.
VERSION: Final = 1
_FORMAT: Final = "flyoff bundle"


def canonical(held: Any) -> bytes:
    """JSON in one form: sorted names, no spaces, ASCII, no NaN."""
    text = json.dumps(held, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("ascii")


def digest(content: bytes | memoryview) -> str:
    """SHA-256, lower-case hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def line(name: str, content: bytes | memoryview) -> dict[str, Any]:
    """What the manifest says of one file."""
    return {"name": name, "bytes": len(content), "sha256": digest(content)}


def manifest(lines: list[dict[str, Any]]) -> bytes:
    """Write the manifest of these files."""
    ordered = sorted(lines, key=lambda one: str(one["name"]))
    return canonical({"format": _FORMAT, "version": VERSION, "files": ordered})


def check(found: Mapping[str, memoryview]) -> None:
    """Hold a bundle's files against its manifest, which was verified before.

    Raises
    ------
    ExchangeError
        If a file is missing, is not listed or has other bytes; or the version is another.
    """
    held = read_object(bytes(found[MANIFEST]), MANIFEST)
    if held.get("format") != _FORMAT or held.get("version") != VERSION:
        raise ExchangeError(
            f"bundle of version {held.get('version')!r}, this Flyoff reads version {VERSION} only"
        )
    own = [line(n, found[n]) for n in sorted(found) if n not in (MANIFEST, STATEMENT)]
    if canonical(held) != bytes(found[MANIFEST]):
        raise ExchangeError(f"{MANIFEST} is not in the one form allowed")
    listed = held.get("files")
    if listed != own:
        raise ExchangeError(_difference(listed, own))


def _difference(listed: Any, own: list[dict[str, Any]]) -> str:
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        return f"{MANIFEST} lists no files"
    told = {one.get("name"): one for one in listed}
    for one in own:
        name = one["name"]
        if name not in told:
            return f"{name!r} is in the bundle and not in its manifest"
        if told[name] != one:
            return f"{name!r} has other bytes than the manifest says"
    missing = set(told) - {one["name"] for one in own}
    return f"the manifest lists {min(map(str, missing))!r}, which is not in the bundle"
