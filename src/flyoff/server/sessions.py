"""Sessions in a signed cookie: whose token began it and when; nothing of it is kept here.

The signature's key lies in the server's folder, so that a restart logs nobody out. A session ends
with its time, with its token, or by logging out. What a browser has to send along with a change is
derived from the session, so that another site cannot know it.
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from flyoff.server.schemas.people import Role

COOKIE = "flyoff_session"
#: A working day [s].
LASTS_S = 12 * 3600
#: Sessions that were logged out are remembered until they would have ended; so many at most.
_MOST_ENDED = 100_000
_FILE = "session.key"


@dataclass(frozen=True, slots=True)
class Session:
    """Who logged in.

    Attributes
    ----------
    id : str
    by : {"token", "oidc"}
    subject : str
        The token's id, or the name that the identity provider gave.
    role : str
        Of an identity provider's session; a token's own role counts for the other sort.
    begun_s : float [UNIX, s]
    """

    id: str
    by: Literal["token", "oidc"]
    subject: str
    role: Role
    begun_s: float


class Sessions:
    """Signs sessions and reads them back.

    Parameters
    ----------
    folder : Path
        The server's own.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._secret: bytes | None = None
        self._ended: dict[str, float] = {}

    def begin(self, by: Literal["token", "oidc"], subject: str, role: Role) -> tuple[Session, str]:
        """A new session, and the cookie's value."""
        session = Session(secrets.token_hex(16), by, subject, role, time.time())
        fields = [session.id, by, subject, role, session.begun_s]
        body = base64.urlsafe_b64encode(json.dumps(fields).encode()).decode()
        return session, f"{body}.{self._sign('session', body)}"

    def read(self, cookie: str) -> Session | None:
        """The session in a cookie; None if it is forged, over or logged out."""
        body, _, signature = cookie.partition(".")
        if not hmac.compare_digest(signature.encode(), self._sign("session", body).encode()):
            return None
        try:
            own, by, subject, role, begun_s = json.loads(base64.urlsafe_b64decode(body))
        except (ValueError, binascii.Error):
            return None
        if own in self._ended or not 0 <= time.time() - begun_s < LASTS_S:
            return None
        return Session(own, by, subject, role, begun_s)

    def end(self, session: Session) -> None:
        """Log out."""
        now = time.time()
        self._ended = {k: t for k, t in self._ended.items() if now - t < LASTS_S}
        if len(self._ended) < _MOST_ENDED:
            self._ended[session.id] = session.begun_s

    def csrf(self, session_id: str) -> str:
        """What a change within this session has to carry."""
        return self._sign("csrf", session_id)[:43]

    def _sign(self, purpose: str, text: str) -> str:
        made = hmac.digest(self._key, f"{purpose}:{text}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(made).decode().rstrip("=")

    @property
    def _key(self) -> bytes:
        """The key: read, or made by whoever comes first."""
        if self._secret is None:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            path = self._folder / _FILE
            try:
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(handle, "wb") as file:
                    file.write(secrets.token_bytes(32))
            except FileExistsError:
                pass
            self._secret = path.read_bytes()
        return self._secret
