"""METHODS 7: signed envelopes, and what shifting degrees does to distances."""

import hashlib
import json
from typing import Any

from flyoff.errors import ExchangeError
from flyoff.exchange.dsse import Envelope, pae, sign, verify
from flyoff.exchange.keys import P256PublicKey, PrivateKey
from flyoff.exchange.relocate import distortion
from tests.golden.bindings.form import Inputs, Method


def _payload(i: Inputs) -> bytes:
    if "payload_hex" in i:
        return bytes.fromhex(i["payload_hex"])
    given = i["payload"]
    return given.encode() if isinstance(given, str) else json.dumps(given).encode()


def _type(i: Inputs) -> str:
    return i["payload_type"] if "payload_type" in i else i["payloadType"]


def _pae(i: Inputs) -> dict[str, Any]:
    encoded = pae(_type(i), _payload(i))
    return {"pae": encoded.decode("utf-8", errors="replace"), "pae_hex": encoded.hex()}


def _coordinate(given: Any) -> int:
    """A number, decimal digits, or hexadecimal digits: those marked, or of full length."""
    if isinstance(given, int):
        return given
    text = given.strip().lower()
    if text.startswith("0x") or len(text) == 64 or not text.isdigit():
        return int(text.removeprefix("0x"), 16)
    return int(text)


def _verify(i: Inputs) -> dict[str, Any]:
    held = i["envelope"]
    text = (held if isinstance(held, str) else json.dumps(held)).encode()
    key = P256PublicKey(_coordinate(i["X"]), _coordinate(i["Y"]))
    try:
        verify(Envelope.from_json(text), [key])
    except ExchangeError:
        return {"valid": False}
    return {"valid": True}


def _ed25519(i: Inputs) -> dict[str, Any]:
    key, message = PrivateKey(bytes.fromhex(i["secret"])), bytes.fromhex(i["message_hex"])
    signature = key.sign(message)
    if not key.public.verifies(signature, message):
        raise ExchangeError("a signature just made does not verify")
    return {"public": key.public.raw.hex(), "signature": signature.hex()}


def _sign(i: Inputs) -> dict[str, Any]:
    key = PrivateKey(bytes.fromhex(i["secret"]))
    envelope = sign(_type(i), _payload(i), [key])
    verify(Envelope.from_json(envelope.to_json()), [key.public])
    return {
        "pae_sha256": hashlib.sha256(pae(envelope.payload_type, envelope.payload)).hexdigest(),
        "sig_hex": envelope.signatures[0].sig.hex(),
    }


def _degree_offset(i: Inputs) -> dict[str, Any]:
    shown = distortion(i["original"], i["shifted"])
    return {"original_m": shown.original_m, "shifted_m": shown.moved_m, "ratio": shown.ratio}


METHODS: dict[str, Method] = {
    "dsse_pae": _pae,
    "dsse_pae_byte_length": _pae,
    "dsse_verify_ecdsa_p256_sha256": _verify,
    "ed25519_sign": _ed25519,
    "dsse_sign_ed25519_in_toto_type": _sign,
    "naive_degree_offset_distorts_distance": _degree_offset,
}
