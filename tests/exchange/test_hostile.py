"""Bundles of people who mean harm, some of them trusted; and imports that are broken off."""

import io
import json
import os
import struct
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flyoff import faults
from flyoff.errors import ExchangeError, StoreError
from flyoff.exchange.bundle import archive
from flyoff.exchange.bundle.claim import PREDICATE_TYPE, sign_claim, stamp
from flyoff.exchange.bundle.manifest import MANIFEST, STATEMENT, canonical, line, manifest
from flyoff.exchange.dsse import Envelope, sign
from flyoff.lake.imports import imports
from flyoff.lake.parcel import from_parquet, rows_of, to_parquet
from flyoff.lake.query import connect
from flyoff.lake.schema import IMPORTED_FROM
from flyoff.lake.store import Store
from flyoff.pipeline.bundle.accept import Demand, take_in, verified
from tests.exchange.test_bundle import ANNA, BORIS, NOW, check, make

Files = dict[str, bytes]
PAST = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make(tmp_path_factory.mktemp("good"), created=PAST).read_bytes()


@pytest.fixture
def files(good: bytes) -> Files:
    return {name: bytes(content) for name, content in archive.read(memoryview(good)).items()}


def packed(files: Files) -> bytes:
    out = io.BytesIO()
    archive.write(sorted(files.items()), out)
    return out.getvalue()


def claimed(files: Files) -> dict[str, Any]:
    """What the statement claims."""
    payload = Envelope.from_json(files[STATEMENT]).payload
    predicate: dict[str, Any] = json.loads(payload)["predicate"]
    return {k: v for k, v in predicate.items() if k not in ("manifest_sha256", "signers")}


def signed_again(files: Files, key=ANNA, change: Callable[[dict[str, Any]], None] | None = None):
    """The files listed anew and signed with a key, as its owner could."""
    left = {n: c for n, c in files.items() if n not in (MANIFEST, STATEMENT)}
    predicate = claimed(files)
    if change is not None:
        change(predicate)
    listed = manifest([line(n, c) for n, c in left.items()])
    return packed({**left, MANIFEST: listed, STATEMENT: sign_claim(predicate, listed, [key])})


def refused(data: bytes, tmp_path: Path, reason: str) -> None:
    """By the whole of verify, tables included, and nothing is written."""
    (tmp_path / "x.flyoff").write_bytes(data)
    (tmp_path / "anna.pem").write_bytes(ANNA.public.to_pem())
    wanted = Demand(tmp_path / "x.flyoff", (tmp_path / "anna.pem",), 1, "", tmp_path / "keys")
    store = Store(tmp_path / "store", create=True)
    before = sorted(str(p) for p in store.path.rglob("*"))
    with pytest.raises(ExchangeError, match=reason):
        take_in(wanted, store.path, "ally")
    assert sorted(str(p) for p in store.path.rglob("*")) == before


def test_signed_again_as_it_was_it_holds(files: Files) -> None:
    assert check(signed_again(files)).claim.keyids == (ANNA.keyid,)


def test_tables_that_a_stranger_changed_and_signed(files: Files, tmp_path: Path) -> None:
    refused(signed_again(files, BORIS), tmp_path, "0 of 1 trusted keys signed this")


def test_tables_that_a_trusted_signer_changed_without_the_claim(
    files: Files, tmp_path: Path
) -> None:
    name = "tables/evidence.parquet"
    rows = rows_of(from_parquet("evidence", files[name]))
    files[name] = to_parquet("evidence", rows[1:])
    refused(signed_again(files), tmp_path, "other logs or sorties than the claim names")


def test_a_table_that_is_missing(files: Files, tmp_path: Path) -> None:
    del files["tables/reviews.parquet"]
    refused(signed_again(files), tmp_path, "there is no tables/reviews.parquet")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda p: p.update(created_utc="2999-01-01T00:00:00Z"), "in the future"),
        (lambda p: p.update(created_utc="yesterday"), "no time like"),
        (lambda p: p["policy"].update(sha256="0" * 64), "not the one that was signed for"),
        (lambda p: p.update(sorties=99), "other logs or sorties"),
        (lambda p: p["inputs"].pop(), "other logs or sorties"),
        (lambda p: p.pop("policy"), "not the one that was signed for"),
    ],
    ids=["future", "no time", "policy", "sorties", "inputs", "no policy"],
)
def test_claims_that_contradict_what_is_enclosed(
    files: Files, tmp_path: Path, change: Callable[[dict[str, Any]], None], reason: str
) -> None:
    refused(signed_again(files, change=change), tmp_path, reason)


def test_an_older_form_signed_by_a_trusted_key(files: Files, tmp_path: Path) -> None:
    """A downgrade: what an old version let pass is not read because a signature is right."""
    left = {n: c for n, c in files.items() if n not in (MANIFEST, STATEMENT)}
    lines = sorted((line(n, c) for n, c in left.items()), key=lambda one: str(one["name"]))
    old = canonical({"format": "flyoff bundle", "version": 0, "files": lines})
    files = {**left, MANIFEST: old, STATEMENT: sign_claim(claimed(files), old, [ANNA])}
    refused(packed(files), tmp_path, "bundle of version 0, this Flyoff reads version 1 only")


@pytest.mark.parametrize(
    ("kind", "change", "reason"),
    [
        ("application/json", {}, "expected 'application/vnd.in-toto"),
        (None, {"predicateType": "https://in-toto.io/attestation/test-result/v0.1"}, "of type"),
        (None, {"_type": "https://in-toto.io/Statement/v0.1"}, "expected 'https://in-toto.io/St"),
        (None, {"subject": [{"name": MANIFEST, "digest": {"sha256": "0" * 64}}]}, "another man"),
    ],
    ids=["payload type", "predicate type", "statement type", "subject"],
)
def test_another_type_signed_by_a_trusted_key(
    files: Files, tmp_path: Path, kind: str | None, change: dict[str, Any], reason: str
) -> None:
    envelope = Envelope.from_json(files[STATEMENT])
    payload = canonical({**json.loads(envelope.payload), **change})
    made = sign(kind or envelope.payload_type, payload, [ANNA])
    refused(packed({**files, STATEMENT: made.to_json()}), tmp_path, reason)


def test_a_name_given_twice_in_what_was_signed(files: Files, tmp_path: Path) -> None:
    envelope = Envelope.from_json(files[STATEMENT])
    payload = envelope.payload.replace(b'{"_type"', b'{"_type":"x","_type"')
    made = sign(envelope.payload_type, payload, [ANNA])
    refused(packed({**files, STATEMENT: made.to_json()}), tmp_path, "given twice")
    assert PREDICATE_TYPE in envelope.payload.decode()


def test_the_signature_of_another_bundle(files: Files, tmp_path: Path) -> None:
    other = make(tmp_path / "other", created=PAST).read_bytes()
    theirs = bytes(archive.read(memoryview(other))[STATEMENT])
    refused(packed({**files, STATEMENT: theirs}), tmp_path, "over another manifest")


def _million(good: bytes) -> bytes:
    """A directory of a million lines, of which the end counts as many as 16 bits can."""
    entry = struct.pack(
        "<4sHHHHHHIIIHHHHHII", b"PK\1\2", 788, 20, 0, 0, 0, 33, 0, 0, 0, 1, 0, 0, 0, 0,
        0o100644 << 16, 0,
    ) + b"a"  # fmt: skip
    lines = entry * 1_000_000
    count = 1_000_000 & 0xFFFF
    end = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, count, count, len(lines), 0, 0)
    return lines + end


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (_million, "is in it twice"),
        (lambda good: good[:-22] + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 65535, 65535,
                                               2**32 - 1, 2**32 - 1, 0), "65535 files in it"),
        (lambda good: good[: good.index(b"PK\1\2")] * 2 + good[good.index(b"PK\1\2") :],
         "something stands"),
        (lambda good: good[: len(good) // 2] + good[-22:], "something stands"),
        (lambda good: good + good, "something stands"),
        (lambda good: b"PK\3\4" + good, "something stands"),
        (lambda good: good[:-1] + b"\1", "end is not that of a ZIP"),
        (lambda good: good[:-22], "end is not that of a ZIP"),
    ],
    ids=["10^6 entries", "64-bit count", "files twice", "cut in the middle", "two archives",
         "something before", "a comment", "no end"],
)  # fmt: skip
def test_archives_that_are_more_or_less_than_one(
    good: bytes, tmp_path: Path, made: Callable[[bytes], bytes], reason: str
) -> None:
    refused(made(good), tmp_path, reason)


def _steps() -> list[str]:
    return ["home.written", "home.named", "import.kept"] + [
        f"import.appended.{name}" for name in (*(f"imported_{n}" for n in IMPORTED_FROM), "imports")
    ]


def _demand(good: bytes, tmp_path: Path) -> Demand:
    (tmp_path / "x.flyoff").write_bytes(good)
    (tmp_path / "anna.pem").write_bytes(ANNA.public.to_pem())
    return Demand(tmp_path / "x.flyoff", (tmp_path / "anna.pem",), 1, "", tmp_path / "keys")


def _counted(store: Store) -> int:
    with connect(store) as db:
        row = db.execute("SELECT count(*) FROM imported_evidence").fetchone()
    return int(row[0]) if row else -1


def test_a_disk_that_is_full_at_any_step(good: bytes, tmp_path: Path) -> None:
    """What was begun counts for nothing, and the next import is whole, with nothing twice."""
    wanted = _demand(good, tmp_path)
    for number, name in enumerate(_steps()[:-1]):  # after the last one it counts
        store = Store(tmp_path / str(number), create=True)
        faults.arm(faults.Plan((faults.Fault(name, 1, "full"),)))
        try:
            with pytest.raises(StoreError, match="the disk is full"):
                take_in(wanted, store.path, "ally")
        finally:
            faults.arm(None)
        assert (imports(store), _counted(store)) == ([], 0), name
        assert take_in(wanted, store.path, "ally")[1] == ""
        assert _counted(store) == 11, name


@pytest.mark.parametrize("name", ["home.written", "import.appended.imported_evidence"])
def test_killed_half_way_nothing_counts(good: bytes, tmp_path: Path, name: str) -> None:
    wanted = _demand(good, tmp_path)
    store = Store(tmp_path / "store", create=True)
    words = ["bundle", "import", wanted.path, "--store", store.path, "--key", wanted.keys[0]]
    done = subprocess.run(
        [sys.executable, "-m", "flyoff", *map(str, words), "--origin", "ally"],
        env={**os.environ, "FLYOFF_FAULT": f"{name}:1:kill"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == -9, done.stderr
    assert (imports(store), _counted(store)) == ([], 0)
    assert take_in(wanted, store.path, "ally")[1] == ""
    assert _counted(store) == 11


def test_the_clock_of_who_verifies_may_lag_a_day(good: bytes, tmp_path: Path) -> None:
    wanted = _demand(good, tmp_path)
    assert verified(wanted, PAST - timedelta(hours=23))[0].claim.created == PAST
    with pytest.raises(ExchangeError, match="in the future"):
        verified(wanted, PAST - timedelta(hours=25))
    assert stamp(NOW) > stamp(PAST)
