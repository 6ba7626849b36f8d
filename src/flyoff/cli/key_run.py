"""Make, list, trust and revoke keys, and say so."""

import getpass
import json
import os
import sys
from pathlib import Path
from typing import Any

from flyoff.cli.guard import OK, complain
from flyoff.errors import ExchangeError
from flyoff.pipeline.keys import create_key, keys_folder, list_keys, revoke_key, trust_key


def run_create(
    keys: Path | None, name: str, days: int | None, file: Path | None, as_json: bool
) -> int:
    """Make a key; returns the exit code."""
    made = create_key(keys_folder(keys), name, passphrase(file, twice=True), days)
    _say(made, f"key {name} made; hand out {made['public']}", as_json)
    return OK


def run_list(keys: Path | None, as_json: bool) -> int:
    """List the keys; returns the exit code."""
    found = list_keys(keys_folder(keys))
    if as_json:
        print(json.dumps(found))
        return OK
    for one in found:
        until = one["refused"] or (f"until {one['expires_utc']}" if one["expires_utc"] else "")
        print(
            f"{one['keyid'][:16]}  {'own' if one['is_own'] else 'trusted':8} {one['name']}  {until}"
        )
    if not found:
        complain("no key yet; flyoff key create makes one")
    return OK


def run_trust(keys: Path | None, name: str, file: Path, days: int | None, as_json: bool) -> int:
    """Trust a key; returns the exit code."""
    _say(trust_key(keys_folder(keys), name, file, days), f"{name} is trusted", as_json)
    return OK


def run_revoke(keys: Path | None, word: str, because: str, as_json: bool) -> int:
    """Revoke a key; returns the exit code."""
    gone = revoke_key(keys_folder(keys), word, because)
    _say(gone, f"key {gone['name']} is revoked: {gone['because']}", as_json)
    return OK


def passphrase(file: Path | None, *, twice: bool = False) -> bytes:
    """The passphrase of own keys: from a file, the environment, or the person."""
    if file is not None:
        try:
            text = file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise ExchangeError(f"{file} cannot be read: {error}") from error
        return (text[0] if text else "").encode()
    if told := os.environ.get("FLYOFF_PASSPHRASE"):
        return told.encode()
    if not sys.stdin.isatty():
        raise ExchangeError("no passphrase: give --passphrase-file or set FLYOFF_PASSPHRASE")
    said = getpass.getpass("Passphrase: ")
    if twice and said != getpass.getpass("Again: "):
        raise ExchangeError("the passphrases differ; nothing was made")
    return said.encode()


def _say(made: dict[str, Any], text: str, as_json: bool) -> None:
    print(json.dumps(made) if as_json else f"{text}\nid {made['keyid']}")
