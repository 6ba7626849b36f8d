"""The two steps of a log-in: off to the provider, and back with a code.

Nothing of it is kept here. A cookie holds a random id; state, nonce and PKCE verifier are made of
that id by the server's key, so that only the browser that began a log-in can end it, and nobody
who begins many fills anything.
"""

import base64
import binascii
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass

from flyoff.server.oidc.asking import Asking
from flyoff.server.oidc.id_token import checked
from flyoff.server.oidc.provider import LOGIN_LASTS_S, Provider
from flyoff.server.oidc.refused import Refused
from flyoff.server.schemas.people import Role
from flyoff.server.sessions import Sessions

#: Longest place within the page that a log-in leads back to.
_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Admitted:
    """Whom the provider vouches for.

    Attributes
    ----------
    subject : str
        The provider's own id, which never changes.
    name : str
    role : Role
    to : str
        The place within the page to go on to.
    """

    subject: str
    name: str
    role: Role
    to: str


class Oidc:
    """Logging in through one provider.

    Parameters
    ----------
    provider : Provider
    sessions : Sessions
        Whose key signs.
    """

    def __init__(self, provider: Provider, sessions: Sessions) -> None:
        self.provider = provider
        self._asking = Asking(provider)
        self._sessions = sessions

    def begin(self, to: str) -> tuple[str, str]:
        """Where to send the browser, and the cookie's value.

        Parameters
        ----------
        to : str
            The part of the page's address after ``#``: it can lead to no other page.

        Raises
        ------
        Refused
            If the provider cannot be asked.
        """
        own = secrets.token_hex(16)
        fields = [own, time.time(), to if len(to) <= _LONGEST else ""]
        body = base64.urlsafe_b64encode(json.dumps(fields).encode()).decode()
        url = self._asking.address(
            self._derived("state", own), self._derived("nonce", own), self._derived("pkce", own)
        )
        return url, f"{body}.{self._derived('cookie', body)}"

    def finish(self, cookie: str, given: Mapping[str, str]) -> Admitted:
        """Whom the provider vouches for.

        Parameters
        ----------
        cookie : str
        given : mapping
            What the provider's redirection carried.

        Raises
        ------
        Refused
            If it is nobody who may come in.
        """
        own, to = self._begun(cookie)
        if not hmac.compare_digest(given.get("state", "").encode(),
                                   self._derived("state", own).encode()):  # fmt: skip
            raise Refused("again", "the state is another log-in's")
        described = self._asking.described()
        says_who = described.get("authorization_response_iss_parameter_supported") is True
        if given.get("iss", "" if says_who else self.provider.issuer) != self.provider.issuer:
            raise Refused("token", f"the answer is of the issuer {given.get('iss')!r}")
        if "error" in given or not given.get("code"):
            raise Refused("provider", f"it says {given.get('error', 'neither code nor error')!r}")
        tokens = self._asking.tokens(given["code"], self._derived("pkce", own))
        nonce = self._derived("nonce", own)
        claims = checked(tokens, self.provider, nonce, described, self._asking.keys)
        role, name = self.provider.role(claims), self.provider.name(claims)
        if role is None:
            raise Refused("role", f"{claims['sub']!r}: {self.provider.role_claim} gives no role")
        return Admitted(str(claims["sub"]), name, role, to)

    def _begun(self, cookie: str) -> tuple[str, str]:
        """The id of a log-in, and where it leads."""
        body, _, signature = cookie.partition(".")
        if not hmac.compare_digest(signature.encode(), self._derived("cookie", body).encode()):
            raise Refused("again", "this browser began no log-in")
        try:
            own, begun_s, to = json.loads(base64.urlsafe_b64decode(body))
        except (ValueError, binascii.Error):
            raise Refused("again", "the log-in's cookie cannot be read") from None
        if not 0 <= time.time() - begun_s < LOGIN_LASTS_S:
            raise Refused("again", "the log-in took too long")
        return own, to

    def _derived(self, purpose: str, text: str) -> str:
        return self._sessions.derived(f"oidc {purpose}", text)
