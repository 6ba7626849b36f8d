"""The user's keys: where they lie, how they are made, trusted and revoked."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flyoff.errors import ExchangeError, reason_of
from flyoff.exchange.keyring import Keyring, as_json
from flyoff.exchange.keys import PrivateKey


def keys_folder(given: Path | None) -> Path:
    """The folder named, or the one of this user's configuration."""
    if given is not None:
        return given
    home = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(home) / "flyoff" / "keys"


def create_key(folder: Path, name: str, passphrase: bytes, days: int | None) -> dict[str, Any]:
    """Make a key of one's own, and its public half as a file to hand out."""
    now = datetime.now(UTC)
    made = Keyring(folder).create(name, passphrase, _ends(now, days), now)
    place = folder / f"{name}.pub.pem"
    place.write_text(made.pem, encoding="ascii")
    return as_json(made) | {"public": str(place)}


def list_keys(folder: Path) -> list[dict[str, Any]]:
    """All keys, with why they do not count, if so."""
    now = datetime.now(UTC)
    return [as_json(one) | {"refused": one.refusal(now)} for one in Keyring(folder).known()]


def trust_key(folder: Path, name: str, file: Path, days: int | None) -> dict[str, Any]:
    """Trust somebody's public key."""
    now = datetime.now(UTC)
    try:
        pem = file.read_bytes()
    except OSError as error:
        raise ExchangeError(f"{file} cannot be read: {reason_of(error)}") from error
    return as_json(Keyring(folder).trust(name, pem, _ends(now, days), now))


def revoke_key(folder: Path, word: str, because: str) -> dict[str, Any]:
    """Revoke a key."""
    return as_json(Keyring(folder).revoke(word, because, datetime.now(UTC)))


def open_keys(folder: Path, names: tuple[str, ...], passphrase: bytes) -> list[PrivateKey]:
    """Open own keys to sign with."""
    now = datetime.now(UTC)
    return [Keyring(folder).private(name, passphrase, now) for name in names]


def _ends(now: datetime, days: int | None) -> datetime | None:
    return now + timedelta(days=days) if days is not None else None
