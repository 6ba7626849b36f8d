"""Whether an ID token is the provider's, for this client, for this very log-in, and still good.

OpenID Connect Core 1.0, section 3.1.3.7. Signatures by a secret that both sides hold, and tokens
without one, are refused whatever the provider says that it supports.
"""

import hmac
from collections.abc import Callable
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from flyoff.server.oidc.provider import Provider
from flyoff.server.oidc.refused import Refused

#: Of public keys only.
ALGORITHMS = frozenset(
    ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
     "Ed25519")
)  # fmt: skip
#: What Core says that every provider supports.
_USUAL = ["RS256"]
#: So far the two clocks may be apart [s].
LEEWAY_S = 60

Claims = dict[str, Any]


def checked(
    tokens: Claims, provider: Provider, nonce: str, described: Claims, keys: Callable[..., KeySet]
) -> Claims:
    """The claims of the ID token among `tokens`.

    Parameters
    ----------
    tokens : dict
        The token endpoint's answer.
    provider : Provider
    nonce : str
        Of this log-in.
    described : dict
        The discovery document.
    keys : function
        Gives the provider's keys; asked anew with ``are_old=True`` if one is not among them.

    Raises
    ------
    Refused
        If anything about it is not as it must be.
    """
    text = tokens.get("id_token")
    if not isinstance(text, str):
        raise Refused("token", "the answer holds no ID token")
    said = described.get("id_token_signing_alg_values_supported")
    offered = said if isinstance(said, list) else _USUAL
    registry = JWSRegistry(
        algorithms=[a for a in offered if a in ALGORITHMS], strict_check_header=False
    )
    try:
        try:
            token = jwt.decode(text, keys(are_old=False), registry=registry)
        except InvalidKeyIdError:
            token = jwt.decode(text, keys(are_old=True), registry=registry)
        claims = CodeIDToken(
            token.claims,
            token.header,
            {
                "iss": {"essential": True, "value": provider.issuer},
                "aud": {"essential": True, "value": provider.client_id},
                "sub": {"essential": True},
            },
            {
                "nonce": nonce,
                "client_id": provider.client_id,
                "access_token": tokens.get("access_token"),
            },
        )
        claims.validate(leeway=LEEWAY_S)
    except (JoseError, ValueError, TypeError) as error:
        raise Refused("token", f"{type(error).__name__}: {error}") from None
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        raise Refused("token", "the nonce is another log-in's")
    if not isinstance(claims["sub"], str) or not claims["sub"]:
        raise Refused("token", "sub names nobody")
    return dict(claims)
