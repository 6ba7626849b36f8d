"""Several signers whose keys never meet: a bundle names all who have to sign it."""

import base64
import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from flyoff.errors import ExchangeError
from flyoff.exchange.bundle import archive
from flyoff.exchange.bundle.claim import add_signature
from flyoff.exchange.keyring import Keyring
from flyoff.exchange.keys import PrivateKey
from flyoff.pipeline.bundle.accept import Demand, verified
from flyoff.pipeline.bundle.sign import countersign, export_sigstore, sign_beside
from tests.exchange.test_bundle import ANNA, BORIS, NOW, check, make

CLARA = PrivateKey(b"c" * 32)


@pytest.fixture(scope="module")
def pending(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made by Anna; Boris has to sign it too."""
    return make(tmp_path_factory.mktemp("pending"), cosigners=(BORIS.public,))


@pytest.fixture
def demand(pending: Path, tmp_path: Path) -> Demand:
    Keyring(tmp_path / "keys").trust("anna", ANNA.public.to_pem(), None, NOW)
    return Demand(pending, (), 1, "", tmp_path / "keys")


def test_until_all_signed_it_does_not_count(pending: Path, demand: Demand, tmp_path: Path) -> None:
    with pytest.raises(ExchangeError, match="may still have to sign: flyoff bundle sign"):
        check(pending.read_bytes())
    assert check(pending.read_bytes(), pending=True).claim.missing == (BORIS.keyid,)
    before = pending.read_bytes()
    made = countersign(demand, [BORIS], tmp_path / "both.flyoff")
    assert (len(made.signers), made.missing) == (2, ())
    assert pending.read_bytes() == before
    both = (tmp_path / "both.flyoff").read_bytes()
    read = check(both, [ANNA.public, BORIS.public], threshold=2)
    assert set(read.claim.keyids) == {ANNA.keyid, BORIS.keyid}
    assert check(both, [BORIS.public]).claim.signers == read.claim.signers


def test_signed_one_after_the_other_or_at_once_is_the_same(
    pending: Path, demand: Demand, tmp_path: Path
) -> None:
    countersign(demand, [BORIS], tmp_path / "both.flyoff")
    at_once = make(pending.parent, keys=(ANNA, BORIS), name="at-once.flyoff")
    assert at_once.read_bytes() == (tmp_path / "both.flyoff").read_bytes()


def test_who_is_not_named_cannot_sign(demand: Demand, tmp_path: Path) -> None:
    out = tmp_path / "x.flyoff"
    with pytest.raises(ExchangeError, match="not named among the signers"):
        countersign(demand, [CLARA], out)
    with pytest.raises(ExchangeError, match="has signed it already"):
        countersign(demand, [ANNA], out)
    assert not out.exists()


def test_nobody_signs_what_does_not_hold(demand: Demand, tmp_path: Path) -> None:
    changed = bytearray(demand.path.read_bytes())
    changed[len(changed) // 2] ^= 1
    (tmp_path / "changed.flyoff").write_bytes(changed)
    with pytest.raises(ExchangeError, match="refused"):
        countersign(replace(demand, path=tmp_path / "changed.flyoff"), [BORIS], tmp_path / "o")
    stranger = replace(demand, folder=tmp_path / "none")
    with pytest.raises(ExchangeError, match="no key is trusted"):
        countersign(stranger, [BORIS], tmp_path / "o")
    assert not (tmp_path / "o").exists()


def test_nothing_is_written_over(demand: Demand, tmp_path: Path) -> None:
    (tmp_path / "o").write_bytes(b"mine")
    with pytest.raises(ExchangeError, match="is there already"):
        countersign(demand, [BORIS], tmp_path / "o")
    assert (tmp_path / "o").read_bytes() == b"mine"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["keys", "o"]


def test_a_signature_of_another_claim_is_no_signature(pending: Path, demand: Demand) -> None:
    """Boris signed some bundle; that says nothing of this one."""
    other = make(pending.parent, keys=(ANNA, BORIS), name="other.flyoff", policy="public")
    files = {n: bytes(c) for n, c in archive.read(memoryview(other.read_bytes())).items()}
    theirs = json.loads(files["statement.dsse.json"])["signatures"]
    mine = {n: bytes(c) for n, c in archive.read(memoryview(pending.read_bytes())).items()}
    held = json.loads(mine["statement.dsse.json"])
    held["signatures"] = [
        next(s for s in (*held["signatures"], *theirs) if s["keyid"] == keyid)
        for keyid in sorted((ANNA.keyid, BORIS.keyid))
    ]
    mine["statement.dsse.json"] = json.dumps(held, separators=(",", ":")).encode()
    from tests.exchange.test_bundle import _zip

    with pytest.raises(ExchangeError, match="0 of 1 trusted keys signed this"):
        check(_zip(mine))


def test_the_same_signature_each_time(pending: Path) -> None:
    files = archive.read(memoryview(pending.read_bytes()))
    text = bytes(files["statement.dsse.json"])
    assert add_signature(text, BORIS) == add_signature(text, BORIS)


def test_the_sigstore_export_is_verified_by_nothing_but_its_specification(
    pending: Path, demand: Demand, tmp_path: Path
) -> None:
    """Bundle v0.3 with a plain key: read as JSON, verified by the formula of DSSE alone."""
    countersign(demand, [BORIS], tmp_path / "both.flyoff")
    both = replace(demand, path=tmp_path / "both.flyoff")
    out = tmp_path / "x.sigstore.json"
    assert export_sigstore(both, out) == ANNA.keyid
    held = json.loads(out.read_bytes())
    assert held["mediaType"] == "application/vnd.dev.sigstore.bundle.v0.3+json"
    assert held["verificationMaterial"] == {"publicKey": {"hint": ANNA.keyid}, "tlogEntries": []}
    envelope = held["dsseEnvelope"]
    (signature,) = envelope["signatures"]  # v0.3 has exactly one
    payload, kind = base64.b64decode(envelope["payload"]), envelope["payloadType"].encode()
    signed = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
    key = Ed25519PublicKey.from_public_bytes(ANNA.public.raw)
    key.verify(base64.b64decode(signature["sig"]), signed)
    (subject,) = json.loads(payload)["subject"]
    manifest = bytes(archive.read(memoryview(both.path.read_bytes()))["manifest.json"])
    assert subject == {"name": "manifest.json",
                       "digest": {"sha256": hashlib.sha256(manifest).hexdigest()}}  # fmt: skip
    with pytest.raises(ExchangeError, match="is there already"):
        export_sigstore(both, out)
    with pytest.raises(ExchangeError, match="begins with 'ffff'"):
        export_sigstore(both, tmp_path / "y", "ffff")
    with pytest.raises(ExchangeError, match="may still have to sign"):
        export_sigstore(demand, tmp_path / "z")


def test_who_was_not_named_joins_beside_the_bundle(
    pending: Path, demand: Demand, tmp_path: Path
) -> None:
    """The bundle stays byte for byte; the reader says how many have to have signed."""
    countersign(demand, [BORIS], tmp_path / "both.flyoff")
    keyring = Keyring(tmp_path / "keys")
    before = (tmp_path / "both.flyoff").read_bytes()
    both, beside = replace(demand, path=tmp_path / "both.flyoff"), tmp_path / "clara.sig"
    made = sign_beside(both, [CLARA], beside)
    assert made.signers[-1] == CLARA.keyid
    assert (tmp_path / "both.flyoff").read_bytes() == before
    three = replace(both, threshold=2, signatures=(beside,))
    with pytest.raises(ExchangeError, match=r"clara.sig: .*0 of 1 trusted keys signed this"):
        verified(three, NOW)
    keyring.trust("clara", CLARA.public.to_pem(), None, NOW)
    bundle, _ = verified(three, NOW)
    assert set(bundle.claim.keyids) == {ANNA.keyid, CLARA.keyid}
    with pytest.raises(ExchangeError, match="2 trusted keys signed it, 3 are needed"):
        verified(replace(three, threshold=3), NOW)
    with pytest.raises(ExchangeError, match="2 trusted keys signed it, 3 are needed"):
        verified(replace(three, threshold=3, signatures=(beside, beside)), NOW)
    keyring.revoke(CLARA.keyid, "lost", NOW)
    with pytest.raises(ExchangeError, match=r"clara\.sig"):
        verified(three, NOW)


def test_a_signature_beside_a_bundle_is_of_that_bundle_and_whole(
    pending: Path, demand: Demand, tmp_path: Path
) -> None:
    countersign(demand, [BORIS], tmp_path / "both.flyoff")
    Keyring(tmp_path / "keys").trust("clara", CLARA.public.to_pem(), None, NOW)
    both, beside = replace(demand, path=tmp_path / "both.flyoff"), tmp_path / "clara.sig"
    sign_beside(both, [CLARA], beside)
    good = beside.read_bytes()
    other = make(pending.parent, keys=(ANNA, BORIS), name="apart.flyoff", policy="public")
    with pytest.raises(ExchangeError, match="over another bundle"):
        verified(replace(both, path=other, signatures=(beside,)), NOW)
    for at in range(0, len(good), max(1, len(good) // 200)):
        changed = bytearray(good)
        changed[at] ^= 1 << at % 8
        beside.write_bytes(changed)
        with pytest.raises(ExchangeError):
            verified(replace(both, signatures=(beside,)), NOW)
    with pytest.raises(ExchangeError, match="belongs into the bundle, without --detached"):
        sign_beside(both, [BORIS], tmp_path / "o")
    assert not (tmp_path / "o").exists()
