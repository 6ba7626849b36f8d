"""Sessions in a signed cookie: what began it and when; only that one was logged out is kept here.

The signature's key lies in the server's folder, so that a restart logs nobody out. A session ends
with its time, with its token or the rules of its identity provider, or by logging out.
What a browser has to send along with a change is derived from the session, so that another site
cannot know it.
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
import secrets
import time
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Literal

from flyoff.errors import reason_of
from flyoff.server.ended import Ended
from flyoff.server.problems import Refusal
from flyoff.server.schemas.people import Role

COOKIE = "flyoff_session"
#: A working day [s].
LASTS_S = 12 * 3600
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
    lasts_s : float [s]
    rules : str
        Fingerprint of the identity provider's rules that gave the role; with other rules it ends.
    """

    id: str
    by: Literal["token", "oidc"]
    subject: str
    role: Role
    begun_s: float
    lasts_s: float = LASTS_S
    rules: str = ""


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
        self._ended = Ended(folder)

    def begin(
        self,
        by: Literal["token", "oidc"],
        subject: str,
        role: Role,
        lasts_s: float = LASTS_S,
        rules: str = "",
    ) -> tuple[Session, str]:
        """A new session, and the cookie's value."""
        lasts_s = min(lasts_s, LASTS_S)
        session = Session(secrets.token_hex(16), by, subject, role, time.time(), lasts_s, rules)
        body = base64.urlsafe_b64encode(json.dumps(astuple(session)).encode()).decode()
        return session, f"{body}.{self.derived('session', body)}"

    def read(self, cookie: str) -> Session | None:
        """The session in a cookie; None if it is forged, over or logged out."""
        body, _, signature = cookie.partition(".")
        if not hmac.compare_digest(signature.encode(), self.derived("session", body).encode()):
            return None
        try:
            session = Session(*json.loads(base64.urlsafe_b64decode(body)))
        except (ValueError, TypeError, binascii.Error):
            return None
        return session if self.is_good(session) else None

    def is_good(self, session: Session) -> bool:
        """Whether a session is neither over nor logged out."""
        is_in_time = 0 <= time.time() - session.begun_s < session.lasts_s
        return is_in_time and (session.id, session.begun_s) not in self._ended

    def end(self, session: Session) -> None:
        """Log out, for good.

        Raises
        ------
        Refusal
            507 if that cannot be kept: it then holds until this server ends.
        """
        try:
            self._ended.add(session.id, session.begun_s)
        except OSError as error:
            raise Refusal(
                507, f"logged out, but not kept for a restart: {reason_of(error)}"
            ) from None

    def csrf(self, session_id: str) -> str:
        """What a change within this session has to carry."""
        return self.derived("csrf", session_id)[:43]

    def derived(self, purpose: str, text: str) -> str:
        """43 characters that only this server can make of a text, other ones for each purpose."""
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
