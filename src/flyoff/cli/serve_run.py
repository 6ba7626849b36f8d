"""Start ``flyoff serve`` and say where it listens."""

import json
from typing import Any

from flyoff.cli.guard import OK, complain
from flyoff.server.run import serve
from flyoff.server.settings import Settings


def run(options: dict[str, Any], as_json: bool) -> int:
    """Serve until interrupted; returns the exit code."""
    settings = Settings(**options)
    if not settings.campaigns:
        complain("no campaign is shown; --campaign FOLDER adds one")

    def started(address: str) -> None:
        if as_json:
            print(json.dumps({"address": address, "login": settings.is_team}), flush=True)
        else:
            login = "people log in" if settings.is_team else "for this machine only, without login"
            print(f"Flyoff serves {settings.store} at {address} ({login}); Ctrl-C ends it.",
                  flush=True)  # fmt: skip

    serve(settings, started)
    return OK
