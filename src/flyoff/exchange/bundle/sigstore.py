"""A bundle's claim as a Sigstore bundle, for tools that verify those: signed once, by a plain key.

No certificate, log entry or time stamp is in it, and no network is asked: keyless signing would
publish who signed and when. The statement is the same, so is the signature; its only subject is
``manifest.json``.

References
----------
Sigstore protobuf-specs, ``sigstore_bundle.proto``, bundle v0.3: JSON names in camel case, bytes in
base64, exactly one signature in the DSSE envelope, and a hint at its public key.
"""

import base64
import json
from typing import Final

from flyoff.errors import ExchangeError
from flyoff.exchange.dsse import Envelope

MEDIA_TYPE: Final = "application/vnd.dev.sigstore.bundle.v0.3+json"


def sigstore_bundle(statement: bytes, keyid: str) -> bytes:
    """Write the claim as one of its signers signed it.

    Parameters
    ----------
    statement : bytes
        ``statement.dsse.json`` of a bundle that was verified.
    keyid : str
        Of the signer.

    Raises
    ------
    ExchangeError
        If this key has not signed it.
    """
    envelope = Envelope.from_json(statement)
    own = [one for one in envelope.signatures if one.keyid == keyid]
    if not own:
        raise ExchangeError(f"key {keyid[:16]} has not signed this bundle")
    held = {
        "mediaType": MEDIA_TYPE,
        "verificationMaterial": {"publicKey": {"hint": keyid}, "tlogEntries": []},
        "dsseEnvelope": {
            "payload": base64.b64encode(envelope.payload).decode(),
            "payloadType": envelope.payload_type,
            "signatures": [{"sig": base64.b64encode(own[0].sig).decode(), "keyid": keyid}],
        },
    }
    return json.dumps(held, separators=(",", ":")).encode("ascii")
