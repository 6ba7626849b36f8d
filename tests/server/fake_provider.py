"""An identity provider on loopback: real keys, real signatures, and faults on demand."""

import base64
import hashlib
import json
import threading
import time
import uuid
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

Claims = dict[str, Any]
CLIENT, SECRET = "flyoff", "only the two of us know"


class FakeProvider:
    """A provider that knows one person.

    Attributes
    ----------
    person : dict
        Claims about her.
    described : dict
        Changes to the discovery document.
    spoil : function
        Changes the claims of the next ID tokens.
    signed : function of claims to str
        How ID tokens are made.
    refused : list of str
        What the token endpoint found wrong.
    pages : list of str
        What browsers asked of its log-in page.
    """

    def __init__(self) -> None:
        self.person: Claims = {"sub": "u-17", "preferred_username": "ada", "groups": ["trial-team"]}
        self.described: Claims = {}
        self.spoil: Callable[[Claims], object] = lambda claims: None
        self.signed: Callable[[Claims], str] = self.sign
        self.refused: list[str] = []
        self.pages: list[str] = []
        self.key = new_key()
        self._codes: dict[str, Claims] = {}
        own = self

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path.startswith("/authorize?"):
                    own.pages.append(self.path)
                    self.send_response(302)
                    self.send_header("Location", own.way_back(self.path))
                    self.end_headers()
                    return
                known = {
                    "/.well-known/openid-configuration": own.description,
                    "/keys": lambda: {"keys": [own.key.as_dict(private=False)]},
                }
                made = known.get(self.path)
                self.answer(404 if made is None else 200, made() if made else {})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self.answer(*own.token(dict(parse_qsl(body)), self.headers["Authorization"] or ""))

            def answer(self, status: int, content: Claims) -> None:
                body = json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nothing on the tests' standard error."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.issuer = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def description(self) -> Claims:
        """The discovery document."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        } | self.described

    def log_in(self, url: str) -> dict[str, str]:
        """What the person's browser brings back from the provider's page at `url`."""
        asked = {k: v[0] for k, v in parse_qs(urlsplit(url).query).items()}
        code = uuid.uuid4().hex
        self._codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def way_back(self, url: str) -> str:
        """Where its page sends a browser whose person logged in at `url`."""
        redirect = parse_qs(urlsplit(url).query)["redirect_uri"][0]
        return f"{redirect}?{urlencode(self.log_in(url))}"

    def token(self, form: dict[str, str], authorization: str) -> tuple[int, Claims]:
        """Tokens for a code, once, for whoever holds the verifier and the client's secret."""
        asked = self._codes.pop(form.get("code", ""), None)
        wanted = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        for is_wrong, said in (
            (asked is None, "code"),
            (authorization != wanted, "client"),
            (asked is not None and asked["code_challenge"] != challenge, "verifier"),
            (asked is not None and asked["redirect_uri"] != form.get("redirect_uri"), "redirect"),
        ):
            if is_wrong:
                self.refused.append(said)
                return 400, {"error": "invalid_grant"}
        assert asked is not None
        now = int(time.time())
        claims: Claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300}
        claims |= {"nonce": asked["nonce"], **self.person}
        self.spoil(claims)
        tokens = {"access_token": "opaque", "token_type": "Bearer", "expires_in": 300}
        return 200, tokens | {"id_token": self.signed(claims)}

    def sign(self, claims: Claims) -> str:
        """As it must be."""
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, self.key)


def new_key() -> RSAKey:
    """A key pair with an id of its own."""
    return RSAKey.generate_key(2048, {"kid": uuid.uuid4().hex[:8], "use": "sig"})


def unsigned(header: Claims, claims: Claims, signature: bytes = b"") -> str:
    """A token in compact form with any header and signature."""
    parts = (json.dumps(header).encode(), json.dumps(claims).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(p).decode().rstrip("=") for p in parts)
