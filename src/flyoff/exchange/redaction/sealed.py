"""The owner's way back: what was moved where, sealed with the secret of the release."""

import json
import os
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from flyoff.errors import ExchangeError, reason_of
from flyoff.exchange.redaction.rules import Secret

_MAGIC: Final = b"flyoff-sealed-1\n"
_NONCE: Final = 12
_KEY_BYTES: Final = 32


def read_secret(path: Path) -> tuple[Secret, bool]:
    """Read a secret of 64 hexadecimal digits, or make one that only its owner may read.

    Returns
    -------
    secret : Secret
    is_new : bool

    Raises
    ------
    ExchangeError
        If the file holds something else: a secret that is mistyped would give other pseudonyms.
    """
    try:
        text = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return _made(path), True
    except (OSError, UnicodeDecodeError) as problem:
        raise ExchangeError(f"secret {path} cannot be read: {reason_of(problem)}") from problem
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise ExchangeError(
            f"secret {path}: expected {2 * _KEY_BYTES} hexadecimal digits, got {len(text)} letters"
        )
    return Secret(key), False


def _made(path: Path) -> Secret:
    key = os.urandom(_KEY_BYTES)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as problem:
        reason = reason_of(problem)
        raise ExchangeError(f"secret {path} cannot be written: {reason}") from problem
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(key.hex() + "\n")
    return Secret(key)


def seal(content: dict[str, Any], secret: Secret) -> bytes:
    """Encrypt a mapping; only the secret opens it."""
    nonce = os.urandom(_NONCE)
    plain = json.dumps(content, sort_keys=True).encode()
    return _MAGIC + nonce + ChaCha20Poly1305(secret.mac("seal")).encrypt(nonce, plain, _MAGIC)


def reveal(sealed: bytes, secret: Secret) -> dict[str, Any]:
    """Open a sealed mapping.

    Raises
    ------
    ExchangeError
        If it is none, was changed, or was sealed with another secret.
    """
    if not sealed.startswith(_MAGIC):
        raise ExchangeError("no sealed mapping: expected one that flyoff redact wrote")
    nonce, body = sealed[len(_MAGIC) : len(_MAGIC) + _NONCE], sealed[len(_MAGIC) + _NONCE :]
    try:
        plain = ChaCha20Poly1305(secret.mac("seal")).decrypt(nonce, body, _MAGIC)
    except (InvalidTag, ValueError) as problem:
        raise ExchangeError(
            "the mapping cannot be opened: sealed with another secret, or changed since"
        ) from problem
    content: dict[str, Any] = json.loads(plain)
    return content
