"""Keys: Ed25519 to sign and verify, ECDSA P-256 to verify what others signed.

A key is named by the SHA-256 of its public half (SubjectPublicKeyInfo, DER): two names for one key
are not possible, which thresholds rely on.
"""

import hashlib
from dataclasses import dataclass
from typing import Final, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

from flyoff.errors import ExchangeError

_P256_SCALAR: Final = 32  # bytes of each half of a raw signature
_CURVE: Final = ec.SECP256R1()
_SPKI: Final = serialization.PublicFormat.SubjectPublicKeyInfo


class PublicKey(Protocol):
    """A key that can verify."""

    @property
    def keyid(self) -> str:
        """Name of the key, lower-case hexadecimal."""
        ...

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Tell whether the signature over these bytes was made with this key."""
        ...

    def to_pem(self) -> bytes:
        """The key as text, to be handed out."""
        ...


@dataclass(frozen=True, slots=True)
class Ed25519PublicKey:
    """The public half of an Ed25519 key.

    Attributes
    ----------
    raw : bytes
        32 bytes.
    """

    raw: bytes

    def __post_init__(self) -> None:
        _require_length("an Ed25519 public key", self.raw, 32)

    @property
    def keyid(self) -> str:
        """Name of the key, lower-case hexadecimal."""
        return _keyid(self._key())

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Tell whether the signature over these bytes was made with this key."""
        try:
            self._key().verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def to_pem(self) -> bytes:
        """The key as text, to be handed out."""
        return self._key().public_bytes(serialization.Encoding.PEM, _SPKI)

    def _key(self) -> ed25519.Ed25519PublicKey:
        return ed25519.Ed25519PublicKey.from_public_bytes(self.raw)


@dataclass(frozen=True, slots=True)
class P256PublicKey:
    """A point on P-256; signatures are over SHA-256, as 64 raw bytes or in DER.

    Attributes
    ----------
    x, y : int
    """

    x: int
    y: int

    def __post_init__(self) -> None:
        try:
            self._key()
        except ValueError as problem:
            raise ExchangeError(f"no point of the curve P-256: {problem}") from problem

    @property
    def keyid(self) -> str:
        """Name of the key, lower-case hexadecimal."""
        return _keyid(self._key())

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Tell whether the signature over these bytes was made with this key."""
        forms = [signature]
        if len(signature) == 2 * _P256_SCALAR:
            halves = signature[:_P256_SCALAR], signature[_P256_SCALAR:]
            r, s = (int.from_bytes(half, "big") for half in halves)
            # a DER signature of just this length exists too: whichever form verifies is the form
            forms.append(utils.encode_dss_signature(r, s))
        return any(self._verifies(form, message) for form in forms)

    def to_pem(self) -> bytes:
        """The key as text, to be handed out."""
        return self._key().public_bytes(serialization.Encoding.PEM, _SPKI)

    def _verifies(self, der: bytes, message: bytes) -> bool:
        try:
            self._key().verify(der, message, ec.ECDSA(hashes.SHA256()))
        except (InvalidSignature, ValueError):
            return False
        return True

    def _key(self) -> ec.EllipticCurvePublicKey:
        return ec.EllipticCurvePublicNumbers(self.x, self.y, _CURVE).public_key()


@dataclass(frozen=True, slots=True, repr=False)
class PrivateKey:
    """An Ed25519 key that signs; never shown, never logged.

    Attributes
    ----------
    seed : bytes
        32 secret bytes.
    """

    seed: bytes

    def __post_init__(self) -> None:
        _require_length("the secret of an Ed25519 key", self.seed, 32)

    def __repr__(self) -> str:
        return f"PrivateKey(keyid={self.keyid!r})"

    @classmethod
    def generate(cls) -> "PrivateKey":
        """Make a key from the system's randomness."""
        return cls(ed25519.Ed25519PrivateKey.generate().private_bytes_raw())

    @property
    def public(self) -> Ed25519PublicKey:
        """The half that is handed out."""
        return Ed25519PublicKey(self._key().public_key().public_bytes_raw())

    @property
    def keyid(self) -> str:
        """Name of the key, lower-case hexadecimal."""
        return self.public.keyid

    def sign(self, message: bytes) -> bytes:
        """Sign bytes: 64 bytes, the same for the same message."""
        return self._key().sign(message)

    def to_pem(self, password: bytes) -> bytes:
        """The key as text, encrypted; an empty password is refused."""
        if not password:
            raise ExchangeError("a private key is not written without a password")
        return self._key().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(password),
        )

    @classmethod
    def from_pem(cls, text: bytes, password: bytes) -> "PrivateKey":
        """Read what `to_pem` wrote."""
        try:
            key = serialization.load_pem_private_key(text, password)
        except (ValueError, TypeError) as problem:
            raise ExchangeError(f"no private key, or another password: {problem}") from problem
        if not isinstance(key, ed25519.Ed25519PrivateKey):
            raise ExchangeError(f"{type(key).__name__} found, expected an Ed25519 key")
        return cls(key.private_bytes_raw())

    def _key(self) -> ed25519.Ed25519PrivateKey:
        return ed25519.Ed25519PrivateKey.from_private_bytes(self.seed)


def read_public_key(text: bytes) -> PublicKey:
    """Read a public key in PEM: Ed25519 or P-256, no other."""
    try:
        key = serialization.load_pem_public_key(text)
    except (ValueError, TypeError) as problem:
        raise ExchangeError(f"no public key in PEM: {problem}") from problem
    if isinstance(key, ed25519.Ed25519PublicKey):
        return Ed25519PublicKey(key.public_bytes_raw())
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        numbers = key.public_numbers()
        return P256PublicKey(numbers.x, numbers.y)
    raise ExchangeError(f"{type(key).__name__} found, expected an Ed25519 or P-256 key")


def _keyid(key: ed25519.Ed25519PublicKey | ec.EllipticCurvePublicKey) -> str:
    return hashlib.sha256(key.public_bytes(serialization.Encoding.DER, _SPKI)).hexdigest()


def _require_length(what: str, given: bytes, length: int) -> None:
    if len(given) != length:
        raise ExchangeError(f"{what} has {length} bytes, got {len(given)}")
