"""DSSE envelopes v1.0.2: some bytes, their type, and signatures over both.

What is signed is not the payload but `pae`, which binds its type and both lengths in bytes.
`verify` returns the very bytes that it verified, to be parsed afterwards; nothing in an envelope is
to be believed before, the key ids included: they only say which key to try first.

References
----------
Secure Systems Lab, DSSE: Dead Simple Signing Envelope, protocol.md and envelope.md, v1.0.2.
"""

import base64
import binascii
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flyoff.errors import ExchangeError
from flyoff.exchange.keys import PrivateKey, PublicKey

_MOST_SIGNATURES: Final = 100  # each may be tried with every key: bounded work for a hostile file
_MOST_BYTES: Final = 64 << 20


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature; its key id is a hint and is not signed itself."""

    sig: bytes
    keyid: str = ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload with signatures, none of them checked."""

    payload_type: str
    payload: bytes
    signatures: tuple[Signature, ...]

    def to_json(self) -> bytes:
        """Write the envelope; the same envelope gives the same bytes."""
        signatures = [
            ({"keyid": one.keyid} if one.keyid else {}) | {"sig": _base64(one.sig)}
            for one in self.signatures
        ]
        held = {
            "payload": _base64(self.payload),
            "payloadType": self.payload_type,
            "signatures": signatures,
        }
        return json.dumps(held, separators=(",", ":"), ensure_ascii=True).encode("ascii")

    @classmethod
    def from_json(cls, text: bytes) -> "Envelope":
        """Read an envelope; both alphabets of base64 are accepted, a name given twice is not."""
        held = read_object(text, "envelope")
        signatures = held.get("signatures")
        if not isinstance(signatures, list) or not 1 <= len(signatures) <= _MOST_SIGNATURES:
            raise ExchangeError(f"envelope: expected 1 to {_MOST_SIGNATURES} signatures")
        return cls(
            _text(held, "payloadType", "envelope"),
            _bytes(_text(held, "payload", "envelope"), "payload"),
            tuple(_signature(one) for one in signatures),
        )


@dataclass(frozen=True, slots=True)
class Verified:
    """What may be believed: these bytes, of this type, signed by these keys.

    Attributes
    ----------
    payload_type : str
    payload : bytes
        The very bytes that were verified.
    keyids : tuple of str
        Names of the different keys whose signature holds, sorted.
    """

    payload_type: str
    payload: bytes
    keyids: tuple[str, ...]


def pae(payload_type: str, payload: bytes) -> bytes:
    """Pre-authentication encoding: the bytes that are signed. Lengths are of bytes, not letters.

    Examples
    --------
    >>> pae("http://example.com/HelloWorld", b"hello world")
    b'DSSEv1 29 http://example.com/HelloWorld 11 hello world'
    """
    kind = payload_type.encode("utf-8")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def sign(payload_type: str, payload: bytes, keys: Iterable[PrivateKey]) -> Envelope:
    """Put a payload into an envelope signed with each of the keys."""
    message = pae(payload_type, payload)
    signatures = tuple(Signature(key.sign(message), key.keyid) for key in keys)
    if not signatures:
        raise ExchangeError("nothing to sign with: give at least one key")
    return Envelope(payload_type, payload, signatures)


def verify(
    envelope: Envelope,
    keys: Sequence[PublicKey],
    *,
    threshold: int = 1,
    payload_type: str | None = None,
) -> Verified:
    """Check that enough different keys signed the envelope.

    Parameters
    ----------
    envelope : Envelope
    keys : sequence of PublicKey
        Those that are trusted; one given twice counts once.
    threshold : int
        How many different keys must have signed, at least 1.
    payload_type : str, optional
        The only type that is not refused. Without it the caller has to look at the type.

    Raises
    ------
    ExchangeError
        If fewer keys than `threshold` signed just these bytes.
    """
    trusted = {key.keyid: key for key in keys}
    if not 1 <= threshold <= len(trusted):
        raise ExchangeError(
            f"threshold {threshold} with {len(trusted)} different keys, expected 1 to that many"
        )
    if payload_type is not None and envelope.payload_type != payload_type:
        raise ExchangeError(f"payload is {envelope.payload_type!r}, expected {payload_type!r}")
    message = pae(envelope.payload_type, envelope.payload)
    signed = {_signer(one, trusted, message) for one in envelope.signatures} - {""}
    if len(signed) < threshold:
        raise ExchangeError(
            f"{len(signed)} of {len(trusted)} trusted keys signed this, expected {threshold}"
        )
    return Verified(envelope.payload_type, envelope.payload, tuple(sorted(signed)))


def read_object(text: bytes, what: str) -> dict[str, Any]:
    """Read a JSON object; of a name given twice, two readers could see different values."""
    if len(text) > _MOST_BYTES:
        raise ExchangeError(f"{what} has {len(text)} bytes, at most {_MOST_BYTES} are read")
    try:
        held = json.loads(text.decode("utf-8"), object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError) as problem:
        raise ExchangeError(f"{what} is no JSON: {problem}") from problem
    if not isinstance(held, dict):
        raise ExchangeError(f"{what} is a {type(held).__name__}, expected an object")
    return held


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    held = dict(pairs)
    if len(held) != len(pairs):
        raise ValueError("a name is given twice in one object")
    return held


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no number of JSON")


def _signer(one: Signature, trusted: dict[str, PublicKey], message: bytes) -> str:
    """Name of the key that made a signature; the key id tells only which to try first."""
    for keyid in sorted(trusted, key=lambda keyid: keyid != one.keyid):
        if trusted[keyid].verifies(one.sig, message):
            return keyid
    return ""


def _signature(held: Any) -> Signature:
    if not isinstance(held, dict):
        raise ExchangeError(f"signature is a {type(held).__name__}, expected an object")
    keyid = held.get("keyid") or ""
    if not isinstance(keyid, str):
        raise ExchangeError(f"keyid is a {type(keyid).__name__}, expected text")
    return Signature(_bytes(_text(held, "sig", "signature"), "sig"), keyid)


def _text(held: dict[str, Any], name: str, what: str) -> str:
    value = held.get(name)
    if not isinstance(value, str):
        raise ExchangeError(f"{what}: {name} is {type(value).__name__}, expected text")
    if any("\ud800" <= letter <= "\udfff" for letter in value):  # half a letter: has no bytes
        raise ExchangeError(f"{what}: {name} is no text in Unicode")
    return value


def _base64(given: bytes) -> str:
    return base64.standard_b64encode(given).decode("ascii")


def _bytes(text: str, what: str) -> bytes:
    """Decode either alphabet, with its padding or without; anything else is refused."""
    both = text.replace("-", "+").replace("_", "/").rstrip("=")
    padded = both + "=" * (-len(both) % 4)
    try:
        decoded = base64.b64decode(padded, validate=True)
    except (binascii.Error, ValueError) as problem:
        raise ExchangeError(f"{what} is no base64: {problem}") from problem
    if _base64(decoded) != padded:  # bits beyond the last byte: two texts for the same bytes
        raise ExchangeError(f"{what} is no base64: its last letter holds surplus bits")
    return decoded
