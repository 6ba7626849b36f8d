"""A second verifier of bundles, written from docs/reference/bundle-format.md and nothing else.

It imports nothing of Flyoff. ``python second_reader.py X.flyoff KEY.pub.pem…`` verifies a file.
"""

import base64
import hashlib
import json
import re
import struct
import sys
import tomllib
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")


class RefusedError(Exception):
    """The bundle is not exactly as the page says."""


def need(holds: object, why: str) -> None:
    if not holds:
        raise RefusedError(why)


def one_form(held: Any) -> bytes:
    """JSON in one form."""
    return json.dumps(held, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def strict(text: bytes, what: str) -> dict[str, Any]:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        need(len({name for name, _ in pairs}) == len(pairs), f"{what}: a name twice")
        return dict(pairs)

    try:
        held = json.loads(text.decode("ascii"), object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"{what}: {error}") from error
    need(isinstance(held, dict), f"{what}: no object")
    return held


def archive(data: bytes) -> dict[str, bytes]:
    """Section Archive: every header is computed from names and contents."""
    need(len(data) >= 22, "too short")
    mark, disk, first, here, count, size, start, comment = struct.unpack("<IHHHHIIH", data[-22:])
    need(mark == 0x06054B50 and not (disk or first or comment), "no end record")
    need(here == count and 0 < count <= 20_000, "count")
    need(start + size + 22 == len(data), "size and offset of the directory")
    found: dict[str, bytes] = {}
    at, central = 0, b""
    place = start
    for _ in range(count):
        need(place + 46 <= len(data) - 22, "directory cut short")
        fields = struct.unpack("<IHHHHHHIIIHHHHHII", data[place : place + 46])
        length, long = fields[9], fields[10]
        name = data[place + 46 : place + 46 + long].decode("latin-1")
        need(len(name) <= 200 and NAME.fullmatch(name), "name")
        need(not found or name > max(found), "order of names")
        body = data[at + 30 + long : at + 30 + long + length]
        need(len(body) == length, "content cut short")
        both = (0, 0, 0, 33, zlib.crc32(body), length, length)
        local = struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, *both, long, 0) + name.encode()
        need(data[at : at + len(local)] == local, f"local header of {name}")
        line = struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 788, 20, *both, long,
                           0, 0, 0, 0, 0o100644 << 16, at) + name.encode()  # fmt: skip
        need(data[place : place + len(line)] == line, f"central header of {name}")
        found[name] = body
        at, central, place = at + len(local) + length, central + line, place + len(line)
    need(at == start and len(central) == size, "something between")
    lower = [name.lower() for name in found]
    need(len(set(lower)) == len(lower), "names equal but for case")
    folders = {"/".join(n.split("/")[:k]) for n in lower for k in range(1, n.count("/") + 1)}
    need(not folders & set(lower), "a file that is a folder")
    return found


def keyid(key: Ed25519PublicKey) -> str:
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


def is_signed(key: Ed25519PublicKey, signature: bytes, kind: str, payload: bytes) -> bool:
    text = b"DSSEv1 %d %s %d " % (len(kind.encode()), kind.encode(), len(payload)) + payload
    try:
        key.verify(signature, text)
    except InvalidSignature:
        return False
    return True


def claim(
    text: bytes, manifest: bytes, trusted: list[Ed25519PublicKey], threshold: int, now: datetime
) -> dict[str, Any]:
    """Section Signatures; gives the predicate."""
    held = strict(text, "envelope")
    try:
        rebuilt = json.dumps(
            {
                "payload": base64.b64encode(base64.b64decode(held["payload"])).decode(),
                "payloadType": held["payloadType"],
                "signatures": [
                    {"keyid": s["keyid"],
                     "sig": base64.b64encode(base64.b64decode(s["sig"])).decode()}
                    for s in held["signatures"]
                ],
            },
            separators=(",", ":"),
        ).encode()  # fmt: skip
        signed = [(s["keyid"], base64.b64decode(s["sig"])) for s in held["signatures"]]
        payload, kind = base64.b64decode(held["payload"]), held["payloadType"]
    except (KeyError, TypeError, ValueError) as error:
        raise RefusedError(f"envelope: {error}") from error
    need(rebuilt == text, "form of the envelope")
    need(kind == "application/vnd.in-toto+json", "payload type")
    good = {keyid(k) for k in trusted for _, sig in signed if is_signed(k, sig, kind, payload)}
    need(len(good) >= threshold, "too few trusted keys signed")
    statement = strict(payload, "statement")
    need(one_form(statement) == payload, "form of the statement")
    predicate = statement.get("predicate")
    need(isinstance(predicate, dict), "predicate")
    assert isinstance(predicate, dict)
    digest = hashlib.sha256(manifest).hexdigest()
    need(statement.get("_type") == "https://in-toto.io/Statement/v1", "type")
    need(statement.get("predicateType") == "urn:x-flyoff:evidence:v1", "predicate type")
    need(predicate.get("version") == 1, "version")
    subject = [{"digest": {"sha256": digest}, "name": "manifest.json"}]
    need(statement.get("subject") == subject, "subject")
    need(predicate.get("manifest_sha256") == digest, "digest of the manifest")
    named = predicate.get("signers")
    need(isinstance(named, list) and named, "signers")
    ids = [one["keyid"] for one in named]
    need(ids == sorted(set(ids)) == [s for s, _ in signed], "signers and signatures")
    for one, (_, sig) in zip(named, signed, strict=True):
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(one["ed25519"]))
        need(keyid(key) == one["keyid"] and is_signed(key, sig, kind, payload), "a signature")
    made = datetime.strptime(predicate["created_utc"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    need(made <= now + timedelta(hours=24), "from the future")
    return predicate


def verify(
    data: bytes, trusted: list[Ed25519PublicKey], threshold: int = 1, now: datetime | None = None
) -> dict[str, Any]:
    """Section Verify, steps 1 to 6, and of step 7 what needs no Parquet; gives the predicate."""
    files = archive(data)
    need({"manifest.json", "statement.dsse.json", "policy.toml"} <= set(files), "files")
    manifest = files["manifest.json"]
    predicate = claim(
        files["statement.dsse.json"], manifest, trusted, threshold, now or datetime.now(UTC)
    )
    lines = [
        {"name": n, "bytes": len(c), "sha256": hashlib.sha256(c).hexdigest()}
        for n, c in sorted(files.items())
        if n not in ("manifest.json", "statement.dsse.json")
    ]
    expected = {"format": "flyoff bundle", "version": 1, "files": lines}
    need(one_form(expected) == manifest, "manifest")
    policy = files["policy.toml"]
    told = predicate["policy"]
    need(hashlib.sha256(policy).hexdigest() == told["sha256"], "digest of the policy")
    need(tomllib.loads(policy.decode()).get("name") == told["name"], "name of the policy")
    return predicate


if __name__ == "__main__":
    keys = [load_pem_public_key(Path(p).read_bytes()) for p in sys.argv[2:]]
    told = verify(Path(sys.argv[1]).read_bytes(), keys)  # type: ignore[arg-type]
    print(f"verified: {told['campaign']}, {told['sorties']} sorties, signed by "
          f"{len(told['signers'])}, redacted by {told['policy']['name']!r}")  # fmt: skip
