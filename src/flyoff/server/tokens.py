"""Tokens: made once, shown once, kept as Argon2 hashes in one file that can be written by two.

A token is ``flyoff_ID_SECRET``. The secret has 256 random bits; Argon2 makes the file worthless to
whoever steals it. What was proved once is remembered in memory by a keyed digest, so that every
request of a program need not pay for Argon2, and the file is looked at on every use, so that
revoking works at once.
"""

import contextlib
import fcntl
import hashlib
import hmac
import json
import os
import re
import secrets
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from flyoff.errors import FlyoffError
from flyoff.server.schemas.people import Role

ROLES: tuple[Role, ...] = ("viewer", "analyst", "admin")
_FILE = "tokens.json"
_FORM = re.compile(r"flyoff_([0-9a-f]{8})_([A-Za-z0-9_-]{43})")
#: So many proofs are remembered.
_REMEMBERED = 4_096
#: The last use is noted this often at most [s].
_NOTED_S = 60.0
_HASHER = PasswordHasher()


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is kept.

    Attributes
    ----------
    id, name : str
    role : str
    hash : str
        Argon2id, with its own salt and costs in it.
    created_utc : str
    expires_utc, revoked_utc : str or None
    """

    id: str
    name: str
    role: Role
    hash: str
    created_utc: str
    expires_utc: str | None = None
    revoked_utc: str | None = None

    @property
    def is_valid(self) -> bool:
        """Neither revoked nor expired."""
        return self.revoked_utc is None and (self.expires_utc is None or self.expires_utc > now())


class Tokens:
    """The tokens of a server.

    Parameters
    ----------
    folder : Path
        The server's own; made if need be, readable by nobody else.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._file = folder, folder / _FILE
        self._key = secrets.token_bytes(32)
        self._proved: dict[bytes, str] = {}
        self._used: dict[str, str] = {}
        self._read: tuple[tuple[int, int], dict[str, Token]] = ((0, 0), {})
        self._lock = threading.Lock()

    def make(self, name: str, role: Role, days: int | None = None) -> tuple[Token, str]:
        """Make a token.

        Returns
        -------
        token : Token
        secret : str
            Kept nowhere: shown now or never.

        Raises
        ------
        FlyoffError
            If name, role or days can mean nothing.
        """
        if not name.strip() or len(name) > 100 or not name.isprintable():
            raise FlyoffError("a token needs a name of at most 100 printable characters")
        if role not in ROLES:
            raise FlyoffError(f"role {role!r} is none of {', '.join(ROLES)}")
        if days is not None and not 1 <= days <= 3650:
            raise FlyoffError(f"a token lives for 1 to 3650 days, not {days}")
        secret, own = secrets.token_urlsafe(32), secrets.token_hex(4)
        until = None if days is None else _text(datetime.now(UTC) + timedelta(days=days))
        token = Token(own, name.strip(), role, _HASHER.hash(secret), now(), until)
        with self._changing() as tokens:
            tokens[own] = token
        return token, f"flyoff_{own}_{secret}"

    def revoke(self, token_id: str) -> Token:
        """Revoke a token, for good; FlyoffError if there is none of this id."""
        with self._changing() as tokens:
            if token_id not in tokens:
                raise FlyoffError(f"there is no token {token_id!r}; flyoff token list shows them")
            if tokens[token_id].revoked_utc is None:
                tokens[token_id] = replace(tokens[token_id], revoked_utc=now())
            return tokens[token_id]

    def all(self) -> list[Token]:
        """All tokens, oldest first, revoked ones included."""
        return sorted(self._current().values(), key=lambda t: (t.created_utc, t.id))

    def last_used(self, token_id: str) -> str | None:
        """When this server last saw a token."""
        return self._used.get(token_id)

    def valid(self, token_id: str) -> Token | None:
        """A token that is neither revoked nor expired, by its id."""
        found = self._current().get(token_id)
        if found is None or not found.is_valid:
            return None
        self._used[token_id] = now()
        return found

    def proved(self, text: str) -> Token | None:
        """The token that a secret belongs to; None if it is wrong, revoked or expired."""
        form = _FORM.fullmatch(text)
        token = self.valid(form.group(1)) if form else None
        if form is None or token is None:
            return None
        digest = hmac.digest(self._key, text.encode() + token.hash.encode(), hashlib.sha256)
        if self._proved.get(digest) == token.id:
            return token
        try:
            _HASHER.verify(token.hash, form.group(2))
        except (VerificationError, InvalidHashError):
            return None
        with self._lock:
            if len(self._proved) >= _REMEMBERED:
                self._proved.clear()
            self._proved[digest] = token.id
        return token

    def is_remembered(self, text: str) -> bool:
        """Whether proving it again costs nothing."""
        form = _FORM.fullmatch(text)
        token = self._current().get(form.group(1)) if form else None
        if token is None:
            return False
        digest = hmac.digest(self._key, text.encode() + token.hash.encode(), hashlib.sha256)
        return digest in self._proved

    def _current(self) -> dict[str, Token]:
        """The tokens as the file has them now."""
        try:
            state = self._file.stat()
        except FileNotFoundError:
            return {}
        mark = (state.st_mtime_ns, state.st_ino)
        with self._lock:
            if self._read[0] != mark:
                self._read = (mark, self._parsed())
            return self._read[1]

    def _parsed(self) -> dict[str, Token]:
        try:
            content: dict[str, Any] = json.loads(self._file.read_text(encoding="utf-8"))
            return {t["id"]: Token(**t) for t in content["tokens"]}
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise FlyoffError(f"{self._file}: cannot be read: {error}") from error

    @contextlib.contextmanager
    def _changing(self) -> Iterator[dict[str, Token]]:
        """The tokens to be changed; written whole, by one process at a time."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(self._folder / f".{_FILE}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            tokens = dict(self._parsed()) if self._file.exists() else {}
            yield tokens
            part = self._file.with_name(f".{_FILE}.{os.getpid()}")
            made = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(made, "w", encoding="utf-8") as file:
                json.dump({"tokens": [asdict(t) for t in tokens.values()]}, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, self._file)
        finally:
            os.close(handle)


def now() -> str:
    """This instant, UTC."""
    return _text(datetime.now(UTC))


def _text(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
