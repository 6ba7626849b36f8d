"""Read a bundle: everything is verified in memory before anything of it is used or written."""

import mmap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from flyoff.errors import ExchangeError, reason_of
from flyoff.exchange.bundle import archive
from flyoff.exchange.bundle.claim import Claim, verify_claim
from flyoff.exchange.bundle.manifest import MANIFEST, STATEMENT, check, digest
from flyoff.exchange.keys import PublicKey
from flyoff.exchange.redaction.policy import parse

POLICY: Final = "policy.toml"
#: Shipped policies, from the one that gives away least.
STRICTNESS: Final = ("public", "partner", "maker")


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle that was verified.

    Attributes
    ----------
    sha256 : str
        Of the whole file.
    files : mapping of name to bytes
        Without manifest and statement.
    claim : Claim
    """

    sha256: str
    files: Mapping[str, memoryview]
    claim: Claim


def open_bundle(path: Path) -> memoryview:
    """The bytes of a file, mapped."""
    try:
        with path.open("rb") as file:
            return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError) as error:
        raise ExchangeError(f"{path}: cannot be read: {reason_of(error)}") from error


def read_bundle(
    data: memoryview,
    keys: Sequence[PublicKey],
    *,
    threshold: int = 1,
    now: datetime | None = None,
    policy: str = "",
    pending: bool = False,
) -> Bundle:
    """Verify a bundle.

    Parameters
    ----------
    data : memoryview
    keys : sequence of PublicKey
        Those that are trusted now: neither expired nor revoked.
    threshold : int
        How many of them have to have signed.
    now : datetime, optional
    policy : str
        Refuse what was redacted by less than this one of `STRICTNESS`.
    pending : bool
        Not all who have to sign it need have done so: only for who is about to.

    Raises
    ------
    ExchangeError
        With the reason; nothing of the bundle may be used then.
    """
    if not keys:
        raise ExchangeError("no key is trusted: name one with --key, or flyoff key trust it")
    files = archive.read(data)
    for name in (MANIFEST, STATEMENT, POLICY):
        if name not in files:
            raise ExchangeError(f"no bundle: it holds no {name}")
    claim = verify_claim(
        bytes(files[STATEMENT]),
        files[MANIFEST],
        keys,
        threshold=threshold,
        now=now or datetime.now(UTC),
        pending=pending,
    )
    check(files)
    _check_policy(claim, files[POLICY], policy)
    left = {n: c for n, c in files.items() if n not in (MANIFEST, STATEMENT)}
    return Bundle(digest(data), left, claim)


def _check_policy(claim: Claim, text: memoryview, wanted: str) -> None:
    """The policy claimed is the one enclosed, and gives away no more than wanted."""
    told = claim.predicate.get("policy")
    name = told.get("name") if isinstance(told, dict) else None
    if not isinstance(told, dict) or told.get("sha256") != digest(text):
        raise ExchangeError("the policy enclosed is not the one that was signed for")
    try:
        enclosed = parse(bytes(text).decode("utf-8"), POLICY).name
    except UnicodeDecodeError as problem:
        raise ExchangeError(f"{POLICY} is no text") from problem
    if enclosed != name:
        raise ExchangeError(f"policy {name!r} was signed for, {enclosed!r} is enclosed")
    if not wanted:
        return
    if wanted not in STRICTNESS:
        raise ExchangeError(f"policy {wanted!r} is none of {', '.join(STRICTNESS)}")
    if name not in STRICTNESS[: STRICTNESS.index(wanted) + 1]:
        raise ExchangeError(f"redacted by policy {name!r}, which gives away more than {wanted!r}")
