"""The claim that is signed: verdicts, rules, inputs by digest, the manifest's digest, the signers.

It names the public key of everybody who has to have signed it: a signature that is taken away, or
added, contradicts what the others signed.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from flyoff.errors import ExchangeError
from flyoff.exchange.bundle.manifest import MANIFEST, VERSION, digest
from flyoff.exchange.dsse import Envelope, Verified, sign, verify
from flyoff.exchange.keys import Ed25519PublicKey, PrivateKey, PublicKey
from flyoff.exchange.statement import PAYLOAD_TYPE, Statement, Subject, sign_statement

PREDICATE_TYPE: Final = "urn:x-flyoff:evidence:v1"
#: How far ahead the clock of who signed may be of who verifies.
MOST_AHEAD: Final = timedelta(hours=24)
_STAMP: Final = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim that was verified.

    Attributes
    ----------
    predicate : mapping
        As docs/reference/bundle-format.md says.
    keyids : tuple of str
        The trusted keys that signed it.
    signers : tuple of str
        Key ids of all who signed it, trusted or not.
    missing : tuple of str
        Key ids of those who have to sign it and have not yet.
    """

    predicate: Mapping[str, Any]
    keyids: tuple[str, ...]
    signers: tuple[str, ...]
    missing: tuple[str, ...] = ()

    @property
    def created(self) -> datetime:
        """When it was signed, as its signers say."""
        return read_stamp(self.predicate.get("created_utc"))


def stamp(when: datetime) -> str:
    """An instant as a claim writes it."""
    return when.astimezone(UTC).strftime(_STAMP)


def read_stamp(text: Any) -> datetime:
    """Read an instant in the one form allowed."""
    try:
        when = datetime.strptime(text, _STAMP).replace(tzinfo=UTC)
    except (TypeError, ValueError) as problem:
        raise ExchangeError(f"{text!r} is no time like 2026-05-01T10:00:00Z") from problem
    if stamp(when) != text:
        raise ExchangeError(f"{text!r} is no time like 2026-05-01T10:00:00Z")
    return when


def sign_claim(
    predicate: Mapping[str, Any],
    manifest: bytes,
    keys: Sequence[PrivateKey],
    cosigners: Sequence[PublicKey] = (),
) -> bytes:
    """Sign a claim about a manifest with each of the keys; an envelope as JSON.

    Parameters
    ----------
    cosigners : sequence of PublicKey
        Who has to sign it as well, with `add_signature`, before it counts.
    """
    different = {key.keyid: key for key in keys}
    if not different:
        raise ExchangeError("nothing to sign with: give at least one key")
    ordered = [different[keyid] for keyid in sorted(different)]
    named: dict[str, Ed25519PublicKey] = {key.keyid: key.public for key in ordered}
    for one in cosigners:
        if not isinstance(one, Ed25519PublicKey):
            raise ExchangeError(f"key {one.keyid[:16]} is not of Ed25519, which signers have to be")
        named[one.keyid] = one
    held = {
        **predicate,
        "version": VERSION,
        "manifest_sha256": digest(manifest),
        "signers": [
            {"keyid": keyid, "ed25519": base64.b64encode(named[keyid].raw).decode()}
            for keyid in sorted(named)
        ],
    }
    statement = Statement((Subject(MANIFEST, digest(manifest)),), PREDICATE_TYPE, held)
    return sign_statement(statement, ordered).to_json()


def add_signature(text: bytes, key: PrivateKey) -> bytes:
    """Sign what others signed already, as one of those who have to.

    Raises
    ------
    ExchangeError
        If the claim does not name this key, or it has signed.
    """
    envelope = Envelope.from_json(text)
    predicate = Statement.from_json(envelope.payload).predicate
    if key.keyid not in {one.keyid for one in named_signers(predicate)}:
        raise ExchangeError(
            f"key {key.keyid[:16]} is not named among the signers: whoever makes the bundle names "
            "it there with --cosigner; who joins later signs beside it, with --detached"
        )
    if key.keyid in {one.keyid for one in envelope.signatures}:
        raise ExchangeError(f"key {key.keyid[:16]} has signed it already")
    made = sign(envelope.payload_type, envelope.payload, [key]).signatures
    ordered = sorted((*envelope.signatures, *made), key=lambda one: one.keyid)
    return Envelope(envelope.payload_type, envelope.payload, tuple(ordered)).to_json()


def verify_claim(
    text: bytes,
    manifest: bytes | memoryview,
    keys: Sequence[PublicKey],
    *,
    threshold: int,
    now: datetime,
    pending: bool = False,
) -> Claim:
    """Verify who signed, then read the claim from the bytes that were verified.

    With `pending`, some of those who have to sign it may not have done so yet.

    Raises
    ------
    ExchangeError
        If too few trusted keys signed it, it is about another manifest, lacks a signer or comes
        from the future.
    """
    envelope = Envelope.from_json(text)
    if envelope.to_json() != text:
        raise ExchangeError("the envelope is not in the one form allowed")
    verified = verify(envelope, keys, threshold=threshold, payload_type=PAYLOAD_TYPE)
    statement = Statement.from_json(verified.payload)
    if statement.to_json() != verified.payload:
        raise ExchangeError("the statement is not in the one form allowed")
    predicate = statement.predicate
    if statement.predicate_type != PREDICATE_TYPE or predicate.get("version") != VERSION:
        raise ExchangeError(
            f"the claim is of type {statement.predicate_type!r}, version "
            f"{predicate.get('version')!r}; expected {PREDICATE_TYPE!r}, {VERSION}"
        )
    own = digest(manifest)
    if statement.subjects != (Subject(MANIFEST, own),) or predicate.get("manifest_sha256") != own:
        raise ExchangeError("the signatures are over another manifest: files were exchanged")
    signers, missing = _all_signed(envelope, verified, predicate, pending)
    claim = Claim(predicate, verified.keyids, signers, missing)
    if claim.created > now + MOST_AHEAD:
        raise ExchangeError(
            f"signed at {predicate['created_utc']}, which is in the future (it is {stamp(now)}): "
            "a clock is wrong, here or there"
        )
    return claim


def _all_signed(
    envelope: Envelope, verified: Verified, predicate: Mapping[str, Any], pending: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who signed, and who is missing; nobody signs who is not named, and each name only once."""
    named = {key.keyid: key for key in named_signers(predicate)}
    signed = [one.keyid for one in envelope.signatures]
    missing = tuple(keyid for keyid in named if keyid not in signed)
    if signed != [keyid for keyid in named if keyid in signed] or (missing and not pending):
        to_come = f"; {missing[0][:16]} may still have to sign: flyoff bundle sign"
        raise ExchangeError(
            f"{len(named)} signers are named in what was signed, {len(signed)} "
            "signatures are there, not of just these: one was removed or added"
            f"{to_come if missing else ''}"
        )
    for one in envelope.signatures:
        if one.keyid not in verified.keyids:
            verify(
                Envelope(envelope.payload_type, envelope.payload, (one,)),
                [named[one.keyid]],
                payload_type=PAYLOAD_TYPE,
            )
    return tuple(signed), missing


def named_signers(predicate: Mapping[str, Any]) -> list[Ed25519PublicKey]:
    """Keys of all who have to sign, as the claim has them: in order, each once."""
    told = predicate.get("signers")
    if not isinstance(told, list):
        raise ExchangeError("the claim names no signers")
    named = [_signer(one) for one in told]
    ids = [key.keyid for key in named]
    if ids != sorted(set(ids)):
        raise ExchangeError("the claim names a signer twice, or not in the order of their ids")
    return named


def _signer(told: Any) -> Ed25519PublicKey:
    try:
        key = Ed25519PublicKey(base64.b64decode(told["ed25519"], validate=True))
        said = told["keyid"]
    except (TypeError, KeyError, ValueError) as problem:
        raise ExchangeError("a signer named in the claim has no key") from problem
    if key.keyid != said:
        raise ExchangeError("a signer named in the claim has another key than its name says")
    return key
