"""A signature that joins later: over the very statement that a bundle holds, in a file of its own.

A bundle names in what is signed all who have to sign it, so that nothing can be added to it or
taken away unseen; whoever comes later would change that. DSSE holds many signatures over one
payload, together or apart: so a later one stands beside the bundle, and the bundle stays as it is,
byte for byte. That such a file was lost nobody can see; how many signatures are needed, the reader
says.
"""

from collections.abc import Sequence

from flyoff.errors import ExchangeError
from flyoff.exchange.bundle.claim import named_signers
from flyoff.exchange.dsse import Envelope, sign, verify
from flyoff.exchange.keys import PrivateKey, PublicKey
from flyoff.exchange.statement import PAYLOAD_TYPE, Statement


def endorse(statement: bytes, key: PrivateKey) -> bytes:
    """Sign a bundle's claim beside it; an envelope as JSON.

    Parameters
    ----------
    statement : bytes
        ``statement.dsse.json`` of a bundle that was verified.

    Raises
    ------
    ExchangeError
        If the bundle names this key: then its signature belongs into the bundle.
    """
    envelope = Envelope.from_json(statement)
    named = named_signers(Statement.from_json(envelope.payload).predicate)
    if key.keyid in {one.keyid for one in named}:
        raise ExchangeError(
            f"key {key.keyid[:16]} is named among the signers: its signature belongs into the "
            "bundle, without --detached"
        )
    return sign(envelope.payload_type, envelope.payload, [key]).to_json()


def endorsed_by(statement: bytes, text: bytes, keys: Sequence[PublicKey]) -> str:
    """Verify a signature that stands beside a bundle; gives its key id.

    Raises
    ------
    ExchangeError
        If it is over something else, of no trusted key, or not in its one form.
    """
    own, beside = Envelope.from_json(statement), Envelope.from_json(text)
    if beside.to_json() != text or len(beside.signatures) != 1:
        raise ExchangeError("the signature is not in the one form allowed")
    if (beside.payload_type, beside.payload) != (own.payload_type, own.payload):
        raise ExchangeError("the signature is over another bundle")
    keyid = verify(beside, keys, payload_type=PAYLOAD_TYPE).keyids[0]
    if beside.signatures[0].keyid != keyid:  # a hint elsewhere; here every bit has to be right
        raise ExchangeError("the signature names another key than the one that made it")
    return keyid
