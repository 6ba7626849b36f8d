"""Verify a bundle, say what was verified, take it into a store, prove a log's part in it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flyoff.errors import ExchangeError, reason_of
from flyoff.exchange.bundle import archive
from flyoff.exchange.bundle.endorsement import endorsed_by
from flyoff.exchange.bundle.manifest import STATEMENT
from flyoff.exchange.bundle.reader import Bundle, open_bundle, read_bundle
from flyoff.exchange.keyring import Keyring
from flyoff.exchange.keys import PublicKey
from flyoff.lake.home import StoreName
from flyoff.lake.imports import Import, imports, now_us, put_bundle
from flyoff.lake.parcel import PARCELS, from_parquet, rows_of
from flyoff.lake.store import Store

_CHUNK = 4 << 20


@dataclass(frozen=True, slots=True)
class Demand:
    """What a bundle has to stand up to.

    Attributes
    ----------
    path : Path
    keys : tuple of Path
        Public keys to trust; none to trust those of the folder.
    threshold : int
    policy : str
        Refuse what was redacted by less; empty for any.
    folder : Path
        Of the keys.
    signatures : tuple of Path
        Signatures beside the bundle, of who joined later.
    """

    path: Path
    keys: tuple[Path, ...]
    threshold: int
    policy: str
    folder: Path
    signatures: tuple[Path, ...] = ()


def verified(
    demand: Demand, now: datetime | None = None, *, pending: bool = False
) -> tuple[Bundle, dict[str, Any]]:
    """Verify everything: signatures, list, files, policy and tables.

    With `pending`, some of those who have to sign it may not have done so yet.

    Returns
    -------
    bundle : Bundle
    tables : mapping of name to Arrow table

    Raises
    ------
    ExchangeError
        With the reason.
    """
    now = now or datetime.now(UTC)
    keys, refused = Keyring(demand.folder).trusted(now, [read_file(path) for path in demand.keys])
    data = open_bundle(demand.path)
    try:
        if not keys and refused:
            raise ExchangeError("; ".join(refused))
        bundle = read_bundle(
            data,
            keys,
            threshold=1 if demand.signatures else demand.threshold,
            now=now,
            policy=demand.policy,
            pending=pending,
        )
        bundle = _with_endorsements(bundle, data, demand, keys)
        return bundle, read_tables(bundle)
    except ExchangeError as error:
        because = f" ({'; '.join(refused)})" if refused and keys else ""
        raise ExchangeError(f"{demand.path}: refused: {error}{because}") from error


def _with_endorsements(
    bundle: Bundle, data: memoryview, demand: Demand, keys: Sequence[PublicKey]
) -> Bundle:
    """The bundle with those who signed beside it; together they have to be enough."""
    statement = bytes(archive.read(data)[STATEMENT]) if demand.signatures else b""
    claim = bundle.claim
    for path in demand.signatures:
        try:
            keyid = endorsed_by(statement, read_file(path), keys)
        except ExchangeError as error:
            raise ExchangeError(f"{path}: {error}") from error
        if keyid not in claim.keyids:
            both = (*claim.keyids, keyid), (*claim.signers, keyid)
            claim = replace(claim, keyids=both[0], signers=both[1])
    if demand.signatures and len(claim.keyids) < demand.threshold:
        raise ExchangeError(
            f"{len(claim.keyids)} trusted keys signed it, {demand.threshold} are needed"
        )
    return replace(bundle, claim=claim)


def read_tables(bundle: Bundle) -> dict[str, Any]:
    """The tables of a bundle whose signature holds; they have to agree with the claim."""
    tables = {}
    for name in PARCELS:
        place = f"tables/{name}.parquet"
        if place not in bundle.files:
            raise ExchangeError(f"there is no {place}")
        tables[name] = from_parquet(name, bundle.files[place])
    inputs = bundle.claim.predicate.get("inputs")
    logs = [
        {"sha256": row["log_sha256"], "bytes": row["bytes"], "format": row["format"]}
        for row in rows_of(tables["logs"])
    ]
    if inputs != logs or len(tables["evidence"]) != bundle.claim.predicate.get("sorties"):
        raise ExchangeError("the tables hold other logs or sorties than the claim names")
    return tables


def signers(bundle: Bundle, folder: Path) -> list[dict[str, Any]]:
    """Who signed it, and whether that is trusted here."""
    names = Keyring(folder).names()
    trusted = set(bundle.claim.keyids)
    return [
        {"keyid": keyid, "name": names.get(keyid, ""), "trusted": keyid in trusted}
        for keyid in bundle.claim.signers
    ]


def facts(bundle: Bundle, folder: Path) -> dict[str, Any]:
    """What was verified, for machines."""
    told = bundle.claim.predicate
    return {
        "verified": True,
        "sha256": bundle.sha256,
        **{key: told.get(key) for key in ("campaign", "created_utc", "made_by", "policy", "logs")},
        "rules_versions": told.get("rules_versions"),
        "sorties": told.get("sorties"),
        "inputs": len(told.get("inputs", ())),
        "files": len(bundle.files) + 2,
        "signers": signers(bundle, folder),
        "verdicts": told.get("verdicts"),
    }


def take_in(demand: Demand, store: StoreName, origin: str = "") -> tuple[Import, str]:
    """Verify a bundle, then write it into a store, beside the store's own evidence.

    Returns
    -------
    Import
    str
        Bundle that it took the place of, or ``already`` if it was there; else empty.
    """
    bundle, tables = verified(demand)
    lake = Store(store)
    names = Keyring(demand.folder).names()
    first = bundle.claim.keyids[0]
    origin = origin or names.get(first, first[:16])
    if not origin.replace("-", "").replace("_", "").replace(".", "").isalnum():
        raise ExchangeError(f"origin {origin!r}: expected letters, digits, '.', '_' and '-'")
    told = bundle.claim.predicate
    made = Import(
        origin,
        bundle.sha256,
        str(told.get("campaign")),
        str(told["policy"]["name"]),
        str(told["created_utc"]),
        " ".join(bundle.claim.keyids),
        now_us(),
        int(told["sorties"]),
    )
    for one in imports(lake):
        if (one.origin, one.bundle_sha256) == (origin, bundle.sha256):
            return one, "already"
    return made, put_bundle(lake, made, open_bundle(demand.path), tables)


def prove(demand: Demand, log: Path) -> dict[str, Any]:
    """Show that a log is one of the inputs of a bundle, and what was said of it.

    Raises
    ------
    ExchangeError
        If it is none.
    """
    bundle, tables = verified(demand)
    sha256 = _sha256(log)
    logs = [row for row in rows_of(tables["logs"]) if row["log_sha256"] == sha256]
    if not logs:
        raise ExchangeError(
            f"{log} (SHA-256 {sha256}) is none of the {len(tables['logs'])} inputs of {demand.path}"
        )
    own = [row for row in rows_of(tables["sorties"]) if row["log_sha256"] == sha256]
    keep = ("sortie_id", "outcome", "confidence", "cause")
    return {
        "log": str(log),
        "sha256": sha256,
        "bundle_sha256": bundle.sha256,
        "rules_version": logs[0]["rules_version"],
        "redacted": logs[0]["redacted"],
        "sorties": [{key: row[key] for key in keep} for row in own],
    }


def _sha256(log: Path) -> str:
    digest = hashlib.sha256()
    try:
        with log.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    except OSError as error:
        raise ExchangeError(f"{log} cannot be read: {reason_of(error)}") from error
    return digest.hexdigest()


def read_file(path: Path) -> bytes:
    """The bytes of a key's file."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ExchangeError(f"key {path} cannot be read: {reason_of(error)}") from error


__all__: Sequence[str] = ["Demand", "facts", "prove", "read_file", "signers", "take_in", "verified"]
