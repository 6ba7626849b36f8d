"""In-toto Statement v1: what is claimed about which files, to be signed in a DSSE envelope.

References
----------
in-toto Attestation Framework, spec/v1/statement.md.

The predicate of test results that in-toto offers has no undecided state and no intervals; verdicts
therefore have a predicate type of their own.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flyoff.errors import ExchangeError
from flyoff.exchange.dsse import Envelope, Verified, read_object, sign, verify
from flyoff.exchange.keys import PrivateKey, PublicKey

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Subject:
    """A file that the statement is about: what it is called, and its SHA-256 (lower-case hex)."""

    name: str
    sha256: str

    def __post_init__(self) -> None:
        if not _SHA256.fullmatch(self.sha256):
            raise ExchangeError(f"subject {self.name!r}: {self.sha256!r} is no SHA-256")


@dataclass(frozen=True, slots=True)
class Statement:
    """A claim of a certain type about files.

    Attributes
    ----------
    subjects : tuple of Subject
        At least one.
    predicate_type : str
        A URI that says how to read the predicate.
    predicate : mapping
        Whatever JSON can hold.
    """

    subjects: tuple[Subject, ...]
    predicate_type: str
    predicate: Mapping[str, Any]

    def __post_init__(self) -> None:
        if not self.subjects:
            raise ExchangeError("a statement is about at least one subject")
        if not self.predicate_type:
            raise ExchangeError("a statement names the type of its predicate")

    def to_json(self) -> bytes:
        """Write the statement; the same statement gives the same bytes."""
        held = {
            "_type": STATEMENT_TYPE,
            "subject": [{"name": s.name, "digest": {"sha256": s.sha256}} for s in self.subjects],
            "predicateType": self.predicate_type,
            "predicate": dict(self.predicate),
        }
        try:
            text = json.dumps(held, sort_keys=True, separators=(",", ":"), allow_nan=False)
        except (TypeError, ValueError) as problem:
            raise ExchangeError(f"predicate cannot be written as JSON: {problem}") from problem
        return text.encode("ascii")

    @classmethod
    def from_json(cls, text: bytes) -> "Statement":
        """Read a statement: from bytes that were verified."""
        held = read_object(text, "statement")
        if held.get("_type") != STATEMENT_TYPE:
            raise ExchangeError(f"statement is {held.get('_type')!r}, expected {STATEMENT_TYPE!r}")
        subjects, predicate = held.get("subject"), held.get("predicate", {})
        kind = held.get("predicateType")
        if not isinstance(subjects, list) or not isinstance(kind, str):
            raise ExchangeError("statement lacks its subject or predicateType")
        if not isinstance(predicate, dict):
            raise ExchangeError(f"predicate is a {type(predicate).__name__}, expected an object")
        return cls(tuple(_subject(one) for one in subjects), kind, predicate)


def sign_statement(statement: Statement, keys: Iterable[PrivateKey]) -> Envelope:
    """Sign a statement with each of the keys."""
    return sign(PAYLOAD_TYPE, statement.to_json(), keys)


def verify_statement(
    envelope: Envelope, keys: list[PublicKey], *, threshold: int = 1
) -> tuple[Statement, Verified]:
    """Verify an envelope, then read the statement from the very bytes that were verified."""
    verified = verify(envelope, keys, threshold=threshold, payload_type=PAYLOAD_TYPE)
    return Statement.from_json(verified.payload), verified


def _subject(held: Any) -> Subject:
    digest = held.get("digest") if isinstance(held, dict) else None
    sha256 = digest.get("sha256") if isinstance(digest, dict) else None
    name = held.get("name", "") if isinstance(held, dict) else ""
    if not isinstance(sha256, str) or not isinstance(name, str):
        raise ExchangeError("subject has no SHA-256, expected digest.sha256")
    return Subject(name, sha256)
