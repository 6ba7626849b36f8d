"""Make, list and revoke tokens, and say so."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast

from flyoff.cli.guard import OK, complain
from flyoff.pipeline.ingest import open_store
from flyoff.server.schemas.people import Role
from flyoff.server.settings import Settings
from flyoff.server.tokens import Token, Tokens


def run_create(
    store: str, state: Path | None, role: str, name: str, days: int | None, as_json: bool
) -> int:
    """Make a token; returns the exit code."""
    token, secret = _tokens(store, state).make(name, cast(Role, role), days)
    if as_json:
        print(json.dumps(_shown(token) | {"secret": secret}))
        return OK
    print(secret)
    complain(f"token {token.id} of {token.name} ({token.role}); it is shown this once")
    return OK


def run_list(store: str, state: Path | None, as_json: bool) -> int:
    """List the tokens; returns the exit code."""
    found = _tokens(store, state).all()
    if as_json:
        print(json.dumps([_shown(t) for t in found]))
        return OK
    for t in found:
        ends = (
            f"revoked {t.revoked_utc}" if t.revoked_utc else f"until {t.expires_utc or 'revoked'}"
        )
        print(f"{t.id}  {t.role:8}  {t.created_utc}  {ends:30}  {t.name}")
    if not found:
        complain("no token yet; flyoff token create makes one")
    return OK


def run_revoke(store: str, state: Path | None, token: str, as_json: bool) -> int:
    """Revoke a token; returns the exit code."""
    revoked = _tokens(store, state).revoke(token)
    print(json.dumps(_shown(revoked)) if as_json else f"{revoked.id} of {revoked.name}: revoked")
    return OK


def _tokens(store: str, state: Path | None) -> Tokens:
    if state is None:
        open_store(store)  # a folder that is no store gets nothing written into it
    return Tokens(Settings(store=store, state=state).state_folder)


def _shown(token: Token) -> dict[str, Any]:
    return {key: value for key, value in asdict(token).items() if key != "hash"}
