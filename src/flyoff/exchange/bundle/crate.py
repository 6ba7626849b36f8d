"""``ro-crate-metadata.json``: the bundle described for people and archives, as RO-Crate 1.2.

References
----------
RO-Crate Metadata Specification 1.2, https://w3id.org/ro/crate/1.2.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

CRATE: Final = "ro-crate-metadata.json"
_SPECIFICATION: Final = "https://w3id.org/ro/crate/1.2"
_FORMATS: Final = {
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
    "toml": "application/toml",
    "csv": "text/csv",
    "html": "text/html",
    "md": "text/markdown",
}
_NO_LICENCE: Final = "No licence was stated: ask the signers before any use beyond reading."


def crate(lines: Sequence[Mapping[str, Any]], claim: Mapping[str, Any], licence: str) -> bytes:
    """Describe the files of a bundle.

    Parameters
    ----------
    lines : sequence of mapping
        ``name``, ``bytes`` and ``sha256`` of each.
    claim : mapping
        ``campaign``, ``created_utc``, ``made_by``.
    licence : str
        A URL or words; empty where none was stated.
    """
    ordered = sorted(lines, key=lambda one: str(one["name"]))
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": f"Evidence of {claim['campaign']}",
        "description": "Flight evidence made by Flyoff: sorties, findings, measures and verdicts.",
        "datePublished": str(claim["created_utc"])[:10],
        "license": licence or _NO_LICENCE,
        "hasPart": [{"@id": one["name"]} for one in ordered],
    }
    about = {
        "@id": CRATE,
        "@type": "CreativeWork",
        "conformsTo": {"@id": _SPECIFICATION},
        "about": {"@id": "./"},
    }
    software = {"@id": "#flyoff", "@type": "SoftwareApplication", "name": str(claim["made_by"])}
    made = {
        "@id": "#made",
        "@type": "CreateAction",
        "instrument": {"@id": "#flyoff"},
        "result": {"@id": "./"},
        "endTime": str(claim["created_utc"]),
    }
    held = {
        "@context": f"{_SPECIFICATION}/context",
        "@graph": [about, root, software, made, *(_file(one) for one in ordered)],
    }
    return json.dumps(held, indent=1, ensure_ascii=True).encode() + b"\n"


def _file(one: Mapping[str, Any]) -> dict[str, Any]:
    ending = str(one["name"]).rpartition(".")[2]
    return {
        "@id": one["name"],
        "@type": "File",
        "contentSize": str(one["bytes"]),
        "encodingFormat": _FORMATS.get(ending, "application/octet-stream"),
        "sha256": one["sha256"],
    }
