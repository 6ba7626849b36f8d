"""Asking an identity provider: its description, its keys, and a token for a code."""

import json
import threading
import time
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc.jwk import KeySet

from flyoff.server.oidc.provider import Provider, is_safe
from flyoff.server.oidc.refused import Refused

#: Description and keys are asked for again after this [s].
_KEPT_S = 3600.0
#: Keys that are not known yet make the server ask at most this often [s].
_AGAIN_S = 30.0
_TIMEOUT_S = 10.0
#: More than any provider's answer has [byte].
_MOST = 1 << 20
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_KINDS = frozenset({"RSA", "EC", "OKP"})

Facts = dict[str, Any]


class Asking:
    """What the provider says of itself, kept for an hour.

    Parameters
    ----------
    provider : Provider
    """

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, Facts]] = {}

    def described(self) -> Facts:
        """The discovery document.

        Raises
        ------
        Refused
            If it cannot be had, or is another issuer's.
        """
        where = f"{self._provider.issuer.rstrip('/')}/.well-known/openid-configuration"
        found = self._get(where, _KEPT_S)
        if found.get("issuer") != self._provider.issuer:
            raise Refused("provider", f"{where} is of the issuer {found.get('issuer')!r}")
        for name in _ENDPOINTS:
            if not isinstance(found.get(name), str) or not is_safe(found[name]):
                raise Refused("provider", f"{where}: {name} is no address with https://")
        return found

    def keys(self, *, are_old: bool) -> KeySet:
        """The provider's keys for signatures; `are_old`: one was asked for that is not in it."""
        found = self._get(self.described()["jwks_uri"], _AGAIN_S if are_old else _KEPT_S)
        given = found.get("keys")
        usable = [
            key for key in (given if isinstance(given, list) else ())
            if isinstance(key, dict) and key.get("kty") in _KINDS and key.get("use", "sig") == "sig"
        ]  # fmt: skip
        try:
            return KeySet.import_key_set({"keys": usable})
        except ValueError as error:
            raise Refused("provider", f"its keys cannot be read: {error}") from None

    def address(self, state: str, nonce: str, verifier: str) -> str:
        """Where a browser is sent to log in."""
        with self._session() as session:
            url, _ = session.create_authorization_url(
                self.described()["authorization_endpoint"],
                state=state,
                code_verifier=verifier,
                nonce=nonce,
            )
        return str(url)

    def tokens(self, code: str, verifier: str) -> Facts:
        """What the provider gives for a code."""
        described = self.described()
        try:
            with self._session(described) as session:
                return dict(
                    session.fetch_token(
                        described["token_endpoint"],
                        grant_type="authorization_code",
                        code=code,
                        code_verifier=verifier,
                        timeout=_TIMEOUT_S,
                        allow_redirects=False,
                    )
                )
        except AuthlibBaseError as error:
            raise Refused("provider", f"no token for the code: {error.error}") from None
        except (requests.RequestException, ValueError, TypeError) as error:
            raise Refused("provider", f"no token for the code: {type(error).__name__}") from None

    def _session(self, described: Facts | None = None) -> OAuth2Session:
        own = self._provider
        ways = (described or {}).get("token_endpoint_auth_methods_supported") or ()
        posts = own.client_secret and "client_secret_basic" not in ways and (
            "client_secret_post" in ways
        )  # fmt: skip
        return OAuth2Session(
            own.client_id,
            own.client_secret or None,
            token_endpoint_auth_method="client_secret_post" if posts else None,
            scope=own.scope,
            redirect_uri=own.redirect_uri,
            code_challenge_method="S256",
        )

    def _get(self, url: str, kept_s: float) -> Facts:
        with self._lock:  # one asks, the others wait for the answer
            found = self._kept.get(url)
            if found is None or time.monotonic() - found[0] > kept_s:
                found = self._kept[url] = (time.monotonic(), _fetched(url))
            return found[1]


def _fetched(url: str) -> Facts:
    """A JSON object; it comes from the very address, and has an end."""
    try:
        with requests.get(url, timeout=_TIMEOUT_S, allow_redirects=False, stream=True) as answer:
            if answer.status_code != 200:
                raise Refused("provider", f"{url} answers {answer.status_code}")
            text = answer.raw.read(_MOST + 1, decode_content=True)
    except requests.RequestException as error:
        raise Refused("provider", f"{url}: {type(error).__name__}") from None
    try:
        content = json.loads(text) if len(text) <= _MOST else None
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise Refused("provider", f"{url} is no JSON object of at most {_MOST} bytes")
    return content
