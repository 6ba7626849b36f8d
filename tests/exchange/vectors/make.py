"""``python tests/exchange/vectors/make.py``: writes the vectors for another reader."""

import base64
import io
import json
from datetime import UTC, datetime
from pathlib import Path

from flyoff.exchange.bundle import archive
from flyoff.exchange.bundle.claim import sign_claim, stamp
from flyoff.exchange.bundle.manifest import MANIFEST, STATEMENT, digest, line, manifest
from flyoff.exchange.dsse import pae
from flyoff.exchange.keys import PrivateKey
from flyoff.exchange.statement import PAYLOAD_TYPE

HERE = Path(__file__).parent
POLICY = b'name = "vector"\n'


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


if __name__ == "__main__":
    (HERE / "signed-archive.json").write_text(json.dumps(vector(), indent=1) + "\n")
