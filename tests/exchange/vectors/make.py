"""``python tests/exchange/vectors/make.py``: writes the vectors for another reader."""

import base64
import io
import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from flyoff.exchange.bundle import archive
from flyoff.exchange.bundle.claim import sign_claim, stamp
from flyoff.exchange.bundle.manifest import MANIFEST, STATEMENT, digest, line, manifest
from flyoff.exchange.dsse import pae
from flyoff.exchange.keys import PrivateKey
from flyoff.exchange.statement import PAYLOAD_TYPE

HERE = Path(__file__).parent
POLICY = b"""\
name = "vector"
[place]
action = "move"
turn = "log"
[time]
action = "relative"
[magnetic]
action = "drop"
[pressure]
action = "drop"
[identity]
action = "drop"
[text]
action = "drop"
[terrain]
action = "drop"
[parameters]
[info]
"""


def vector() -> dict[str, object]:
    """A signed archive without tables: archive, envelope and manifest with their parts."""
    keys = [PrivateKey(b"a" * 32), PrivateKey(b"b" * 32)]
    files = {"methods.md": b"# how\n", "policy.toml": POLICY}
    files[MANIFEST] = manifest([line(n, c) for n, c in files.items()])
    claim = {
        "campaign": "vector",
        "created_utc": stamp(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        "policy": {"name": "vector", "sha256": digest(POLICY)},
    }
    files[STATEMENT] = sign_claim(claim, files[MANIFEST], keys)
    out = io.BytesIO()
    archive.write(sorted(files.items()), out)
    payload = base64.b64decode(json.loads(files[STATEMENT])["payload"])
    return {
        "seeds_hex": [key.seed.hex() for key in keys],
        "keyids": [key.keyid for key in keys],
        "manifest": files[MANIFEST].decode(),
        "statement": payload.decode(),
        "pae_sha256": digest(pae(PAYLOAD_TYPE, payload)),
        "envelope": files[STATEMENT].decode(),
        "archive_base64": base64.b64encode(out.getvalue()).decode(),
        "archive_sha256": digest(out.getvalue()),
    }


def refused() -> list[dict[str, str]]:
    """Archives that look like the vector's and have to be refused, with the reason.

    Each is to be read with the first of the vector's keys trusted alone.
    """
    good = base64.b64decode(str(vector()["archive_base64"]))
    files = {n: bytes(c) for n, c in archive.read(memoryview(good)).items()}
    statement, listed = files[STATEMENT], files[MANIFEST]
    payload = base64.b64decode(json.loads(statement)["payload"])
    predicate = json.loads(payload)["predicate"]
    keys = [PrivateKey(b"a" * 32), PrivateKey(b"b" * 32)]
    old = listed.replace(b'"version":1', b'"version":0')
    future = {**predicate, "created_utc": "2999-01-01T00:00:00Z"}
    elsewhere = {**predicate, "policy": {"name": "vector", "sha256": "0" * 64}}
    regular, link = ((mode << 16).to_bytes(4, "little") for mode in (0o100644, 0o120777))
    head = b"PK\3\4\x14" + bytes(5)
    less = {n: c for n, c in files.items() if n != "methods.md"}
    changed = {
        "one bit of a content": good.replace(b"# how", b"# hov"),
        "a byte behind the end": good + b"\0",
        "the end is missing": good[:-1],
        "a time in a header": good.replace(head + bytes(2), head + b"\1\0"),
        "a link": good.replace(regular, link),
        "a file that is not listed": _packed({**files, "more.md": b"more"}),
        "a listed file is missing": _packed(less),
        "spaces in the manifest": _packed({**files, MANIFEST: listed.replace(b",", b", ")}),
    }
    said = {
        "an older form, signed": (old, sign_claim(predicate, old, keys)),
        "a signature is missing": (listed, _only(statement, keys[0].keyid)),
        "only a stranger signed": (listed, sign_claim(predicate, listed, keys[1:])),
        "another payload": (listed, _with(statement, payload.replace(b"vector", b"victor"))),
        "signed in the future": (listed, sign_claim(future, listed, keys)),
        "another policy than was signed for": (listed, sign_claim(elsewhere, listed, keys)),
    }
    cases = changed | {
        reason: _packed({**files, MANIFEST: manifest_, STATEMENT: claim})
        for reason, (manifest_, claim) in said.items()
    }
    return [
        {"reason": reason, "archive_base64": base64.b64encode(data).decode()}
        for reason, data in cases.items()
    ]


def _packed(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    archive.write(sorted(files.items()), out)
    return out.getvalue()


def _only(statement: bytes, keyid: str) -> bytes:
    held = json.loads(statement)
    held["signatures"] = [one for one in held["signatures"] if one["keyid"] == keyid]
    return json.dumps(held, separators=(",", ":")).encode()


def _with(statement: bytes, payload: bytes) -> bytes:
    held = json.loads(statement)
    held["payload"] = base64.b64encode(payload).decode()
    return json.dumps(held, separators=(",", ":")).encode()


def whole() -> bytes:
    """A bundle with everything in it; its Parquet depends on the library, so it is made once."""
    from tests.exchange.test_bundle import make

    with tempfile.TemporaryDirectory() as folder:
        made = make(Path(folder) / "whole", keys=(PrivateKey(b"a" * 32),))
        return made.read_bytes()


if __name__ == "__main__":
    (HERE / "whole.flyoff").write_bytes(whole())
    (HERE / "signed-archive.json").write_text(json.dumps(vector(), indent=1) + "\n")
    (HERE / "refused.json").write_text(json.dumps(refused(), indent=1) + "\n")
