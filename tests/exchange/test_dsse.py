"""Envelopes and statements: the rules that decide whether evidence can be forged."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flyoff.errors import ExchangeError
from flyoff.exchange.dsse import Envelope, Signature, pae, sign, verify
from flyoff.exchange.keys import (
    Ed25519PublicKey,
    P256PublicKey,
    PrivateKey,
    read_public_key,
)
from flyoff.exchange.statement import (
    PAYLOAD_TYPE,
    Statement,
    Subject,
    sign_statement,
    verify_statement,
)

ANNA, BORIS = PrivateKey(b"a" * 32), PrivateKey(b"b" * 32)
KIND, BODY = "application/x-test", b'{"a":1}'


def _envelope(**change):
    """A signed envelope as JSON, with parts replaced."""
    held = json.loads(sign(KIND, BODY, [ANNA]).to_json())
    return json.dumps({**held, **change}).encode()


@given(st.text(), st.binary(), st.text(), st.binary())
def test_what_is_signed_names_one_type_and_body_only(kind, body, other_kind, other_body):
    same = (kind.encode(), body) == (other_kind.encode(), other_body)
    assert (pae(kind, body) == pae(other_kind, other_body)) == same


def test_lengths_are_of_bytes():
    assert pae("é", "€".encode()) == b"DSSEv1 2 \xc3\xa9 3 \xe2\x82\xac"
    assert pae("", b"") == b"DSSEv1 0  0 "


@given(st.text(), st.binary())
def test_signed_is_verified_after_writing_and_reading(kind, body):
    read = Envelope.from_json(sign(kind, body, [ANNA, BORIS]).to_json())
    shown = verify(read, [BORIS.public, ANNA.public], threshold=2)
    assert (shown.payload_type, shown.payload) == (kind, body)
    assert shown.keyids == tuple(sorted((ANNA.keyid, BORIS.keyid)))


@given(st.data())
def test_any_flipped_bit_of_the_content_is_found(data):
    envelope = sign(KIND, BODY, [ANNA])
    part = data.draw(st.sampled_from(["payload", "sig", "type"]))
    held = {"payload": BODY, "sig": envelope.signatures[0].sig, "type": KIND.encode()}
    bit = data.draw(st.integers(0, 8 * len(held[part]) - (2 if part == "type" else 1)))
    if part == "type" and bit % 8 == 7:
        bit -= 1  # stay within text
    flipped = bytearray(held[part])
    flipped[bit // 8] ^= 1 << bit % 8
    held[part] = bytes(flipped)
    forged = Envelope(held["type"].decode(), held["payload"], (Signature(held["sig"], ANNA.keyid),))
    with pytest.raises(ExchangeError, match="0 of 1 trusted keys"):
        verify(forged, [ANNA.public])


def test_key_ids_are_only_hints():
    signature = sign(KIND, BODY, [ANNA]).signatures[0].sig
    for keyid in ("", "nonsense", BORIS.keyid):
        envelope = Envelope(KIND, BODY, (Signature(signature, keyid),))
        assert verify(envelope, [BORIS.public, ANNA.public]).keyids == (ANNA.keyid,)
    claimed = Envelope(KIND, BODY, (Signature(BORIS.sign(b"other"), ANNA.keyid),))
    with pytest.raises(ExchangeError, match="0 of 1"):
        verify(claimed, [ANNA.public])


def test_a_threshold_counts_different_keys():
    once = sign(KIND, BODY, [ANNA]).signatures[0]
    renamed = Signature(once.sig, "another name")
    both = Envelope(KIND, BODY, (once, once, renamed))
    with pytest.raises(ExchangeError, match="1 of 2 trusted keys signed this, expected 2"):
        verify(both, [ANNA.public, BORIS.public], threshold=2)
    listed_twice = [ANNA.public, Ed25519PublicKey(ANNA.public.raw)]
    with pytest.raises(ExchangeError, match="threshold 2 with 1 different keys"):
        verify(both, listed_twice, threshold=2)
    assert verify(sign(KIND, BODY, [ANNA, BORIS]), [ANNA.public, BORIS.public], threshold=2)


@pytest.mark.parametrize("threshold", [0, -1, 3])
def test_an_impossible_threshold_is_refused(threshold):
    with pytest.raises(ExchangeError, match="threshold"):
        verify(sign(KIND, BODY, [ANNA]), [ANNA.public, BORIS.public], threshold=threshold)


def test_another_type_is_refused():
    with pytest.raises(ExchangeError, match="payload is 'application/x-test', expected 'other'"):
        verify(sign(KIND, BODY, [ANNA]), [ANNA.public], payload_type="other")
    with pytest.raises(ExchangeError, match="expected ''"):
        verify(sign(KIND, BODY, [ANNA]), [ANNA.public], payload_type="")


def test_both_alphabets_of_base64():
    body = b"\xfb\xff\xbf>?"
    signature = sign(KIND, body, [ANNA]).signatures[0].sig
    for encode in (base64.standard_b64encode, base64.urlsafe_b64encode):
        text = json.dumps(
            {
                "payload": encode(body).decode(),
                "payloadType": KIND,
                "signatures": [{"sig": encode(signature).decode().rstrip("=")}],
            }
        )
        assert verify(Envelope.from_json(text.encode()), [ANNA.public]).payload == body


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "no JSON"),
        (b"\xff", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "expected an object"),
        (b'{"payload":"","payload":"YQ=="}', "given twice"),
        (b'{"payload":NaN}', "no number of JSON"),
        (_envelope(payload=1), "payload is int"),
        (_envelope(payload="a b="), "no base64"),
        (_envelope(payload="YR=="), "surplus bits"),
        (_envelope(payload="A"), "no base64"),
        (_envelope(payloadType=None), "payloadType"),
        (_envelope(payloadType="\ud800"), "no text in Unicode"),
        (_envelope(signatures=[]), "1 to 100 signatures"),
        (_envelope(signatures=[{"sig": ""}] * 101), "1 to 100 signatures"),
        (_envelope(signatures={}), "1 to 100 signatures"),
        (_envelope(signatures=["x"]), "signature is a str"),
        (_envelope(signatures=[{}]), "sig is NoneType"),
        (_envelope(signatures=[{"sig": "", "keyid": 3}]), "keyid is a int"),
    ],
)
def test_malformed_envelopes_are_refused(text, message):
    with pytest.raises(ExchangeError, match=message):
        Envelope.from_json(text)


@given(st.binary(max_size=200))
def test_bytes_never_crash_the_reader(data):
    with pytest.raises(ExchangeError):
        Envelope.from_json(data)


def test_the_example_of_the_standard():
    """P-256 over SHA-256, as 64 raw bytes; DSSE, protocol.md."""
    key = P256PublicKey(
        46950820868899156662930047687818585632848591499744589407958293238635476079160,
        5640078356564379163099075877009565129882514886557779369047442380624545832820,
    )
    raw = base64.b64decode(
        "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="
    )
    envelope = Envelope("http://example.com/HelloWorld", b"hello world", (Signature(raw),))
    assert verify(envelope, [ANNA.public, key]).keyids == (key.keyid,)
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    assert key.verifies(der, pae(envelope.payload_type, envelope.payload))
    assert not key.verifies(raw, b"hello world")
    assert not key.verifies(b"", b"hello world")
    with pytest.raises(ExchangeError, match="no point"):
        P256PublicKey(1, 1)


def test_keys_in_text():
    assert read_public_key(ANNA.public.to_pem()) == ANNA.public
    kept = ANNA.to_pem(b"secret")
    assert PrivateKey.from_pem(kept, b"secret") == ANNA
    with pytest.raises(ExchangeError, match="another password"):
        PrivateKey.from_pem(kept, b"wrong")
    with pytest.raises(ExchangeError, match="without a password"):
        ANNA.to_pem(b"")
    with pytest.raises(ExchangeError, match="no public key"):
        read_public_key(kept)
    assert PrivateKey.generate() != PrivateKey.generate()


def test_other_kinds_of_keys_are_refused():
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    other = ec.generate_private_key(ec.SECP384R1())
    public = other.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    with pytest.raises(ExchangeError, match="expected an Ed25519 or P-256 key"):
        read_public_key(public)
    private = other.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"x"),
    )
    with pytest.raises(ExchangeError, match="expected an Ed25519 key"):
        PrivateKey.from_pem(private, b"x")
    with pytest.raises(ExchangeError, match="32 bytes, got 31"):
        PrivateKey(b"a" * 31)


def test_a_secret_is_not_shown():
    assert ANNA.keyid in repr(ANNA)
    assert "aaaa" not in repr(ANNA)


STATEMENT = Statement(
    (Subject("a.BIN", "0" * 64), Subject("b.ulg", "f" * 64)),
    "https://example.org/verdict/v1",
    {"n": 3},
)


def test_a_statement_is_read_from_the_verified_bytes():
    envelope = Envelope.from_json(sign_statement(STATEMENT, [ANNA]).to_json())
    read, verified = verify_statement(envelope, [ANNA.public])
    assert read == STATEMENT
    assert verified.payload == STATEMENT.to_json()
    assert json.loads(verified.payload)["subject"][1]["digest"] == {"sha256": "f" * 64}
    with pytest.raises(ExchangeError, match=r"expected 'application/vnd\.in-toto"):
        verify_statement(sign("text/plain", STATEMENT.to_json(), [ANNA]), [ANNA.public])


def test_the_order_of_names_does_not_change_a_statement():
    one = Statement(STATEMENT.subjects, "t", {"a": 1, "b": 2})
    assert one.to_json() == Statement(STATEMENT.subjects, "t", {"b": 2, "a": 1}).to_json()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"_type": "https://in-toto.io/Statement/v0.1"}, "Statement/v0.1"),
        ({"subject": []}, "at least one subject"),
        ({"subject": None}, "lacks"),
        ({"subject": [{"name": "x", "digest": {"md5": "0"}}]}, "no SHA-256"),
        ({"subject": [{"name": "x", "digest": {"sha256": "F" * 64}}]}, "is no SHA-256"),
        ({"subject": ["x"]}, "no SHA-256"),
        ({"predicateType": ""}, "type of its predicate"),
        ({"predicateType": None}, "lacks"),
        ({"predicate": []}, "expected an object"),
    ],
)
def test_malformed_statements_are_refused(change, message):
    text = json.dumps({**json.loads(STATEMENT.to_json()), **change}).encode()
    signed = sign(PAYLOAD_TYPE, text, [ANNA])
    with pytest.raises(ExchangeError, match=message):
        verify_statement(signed, [ANNA.public])


def test_what_json_cannot_hold_is_refused():
    for value in (float("nan"), object()):
        with pytest.raises(ExchangeError, match="cannot be written"):
            Statement(STATEMENT.subjects, "t", {"x": value}).to_json()
    with pytest.raises(ExchangeError, match="at least one key"):
        sign(KIND, BODY, [])
