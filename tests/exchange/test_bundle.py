"""Bundles: made on one store, verified and imported on another, refused at the first wrong bit."""

import json
import random
import struct
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flyoff.campaign.report import evaluate
from flyoff.errors import ExchangeError
from flyoff.exchange.bundle import archive
from flyoff.exchange.bundle.claim import stamp
from flyoff.exchange.bundle.reader import read_bundle
from flyoff.exchange.keyring import Keyring
from flyoff.exchange.keys import PrivateKey
from flyoff.lake.query import connect
from flyoff.lake.store import Store
from flyoff.pipeline.bundle.accept import Demand, prove, take_in, verified
from flyoff.pipeline.bundle.create import Wanted, create
from flyoff.views.campaign import read_flown
from tests.cli.call import flyoff
from tests.contracts.source_tree import ROOT
from tests.exchange.vectors.make import HERE, refused, vector
from tests.views import build

ANNA, BORIS = PrivateKey(b"a" * 32), PrivateKey(b"b" * 32)
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def make(
    folder: Path, keys=(ANNA,), created=NOW, policy="partner", name="x.flyoff", cosigners=()
) -> Path:
    folder.mkdir(exist_ok=True)
    if not (folder / "store").exists():
        build.flown(folder)
    campaign = _campaign()
    store = folder / "store"
    flown, _ = read_flown(str(store), campaign)
    document = evaluate(campaign, flown)
    wanted = Wanted(
        folder / name, policy, folder / "secret", created=created, release="r", name="Trial",
        cosigners=tuple(cosigners),
    )  # fmt: skip
    return create(store, campaign, flown, document, list(keys), wanted).path


def _campaign():
    from flyoff.campaign.folder import Campaign, Candidate, Card
    from flyoff.campaign.requirement import Requirement

    cards = tuple(
        Card(
            f"C{i}", "2026-05-01", name, f"{name[0].upper()}-01", f"logs/flight{i}.BIN", i + 2,
            operator="Grace Hopper", site="Kirkenes",
        )
        for i, (name, _, _) in enumerate(build.FLOWN)
        if name
    )  # fmt: skip
    lost = Card("C99", "2026-05-01", "heron", "H-01", "logs/lost.BIN", 99, result="crashed")
    wanted = (Requirement("launch", "launch_success", "at_least", 0.9),)
    candidates = (Candidate("kestrel", ()), Candidate("heron", (), "a boat"))
    return Campaign("Test at Kirkenes", candidates, (*cards, lost), wanted)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory) -> bytes:
    return make(tmp_path_factory.mktemp("made")).read_bytes()


def check(data: bytes, keys=(ANNA.public,), **more):
    return read_bundle(memoryview(data), list(keys), now=more.pop("now", NOW), **more)


def test_what_was_made_is_verified_and_names_its_inputs(bundle: bytes) -> None:
    read = check(bundle, policy="maker")
    assert read.claim.predicate["campaign"] == "Trial"
    assert len(read.claim.predicate["inputs"]) == 10
    assert {v["verdict"] for v in read.claim.predicate["verdicts"]} <= {
        "met",
        "missed",
        "undecided",
    }
    crate = json.loads(bytes(read.files["ro-crate-metadata.json"]))
    root = next(e for e in crate["@graph"] if e["@id"] == "./")
    parts = {p["@id"] for p in root["hasPart"]}
    assert parts == set(read.files) - {"ro-crate-metadata.json"}


def test_the_same_gives_the_same_bytes(tmp_path: Path, bundle: bytes) -> None:
    first = make(tmp_path).read_bytes()
    assert first == make(tmp_path, name="y.flyoff").read_bytes()
    assert first != bundle  # another secret: other pseudonyms


def test_names_and_places_are_gone(bundle: bytes) -> None:
    for word in (b"Grace", b"Hopper", b"Kirkenes", b"flight0", b"K-01", b"2026-05-01"):
        assert word not in bundle, word
    read = check(bundle)
    from flyoff.lake.parcel import from_parquet, rows_of

    told = json.dumps(
        [
            rows_of(from_parquet(n.split("/")[1][:-8], c))
            for n, c in read.files.items()
            if "/" in n and n.endswith("parquet")
        ]
    )
    for word in ("Grace", "Kirkenes", "flight0", "K-01", "2026-05-01"):
        assert word not in told, word


def test_single_bits_and_edits_are_refused(bundle: bytes) -> None:
    pick = random.Random(9)
    heads = [i for i in range(len(bundle)) if bundle[i : i + 2] == b"PK"]
    spots = [at + n for at in heads for n in range(46)]
    bits = [pick.choice(spots) * 8 + pick.randrange(8) for _ in range(300)]
    bits += [pick.randrange(8 * len(bundle)) for _ in range(300)]
    for bit in bits:
        if bit // 8 >= len(bundle):
            continue
        changed = bytearray(bundle)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(ExchangeError):
            check(bytes(changed))
    for cut in (0, 1, 21, 22, 100, len(bundle) - 1):
        with pytest.raises(ExchangeError):
            check(bundle[:cut])
    for changed in (b"x" + bundle, bundle + b"x", bundle[:500] + b"x" + bundle[500:]):
        with pytest.raises(ExchangeError):
            check(changed)


def _zip(files: dict[str, bytes], **central) -> bytes:
    """A ZIP in which whatever is named is otherwise than allowed."""
    out, directory = b"", b""
    for name, content in files.items():
        raw, crc = name.encode(), zlib.crc32(content)
        flags, method = central.get("flags", 0), central.get("method", 0)
        head = struct.pack(
            "<4sHHHHHIIIHH", b"PK\3\4", 20, flags, method, 0, 33, crc, len(content),
            len(content), len(raw), 0,
        )  # fmt: skip
        directory += struct.pack(
            "<4sHHHHHHIIIHHHHHII", b"PK\1\2", 788, 20, flags, method, 0, 33, crc, len(content),
            central.get("size", len(content)), len(raw), 0, 0, 0, 0,
            central.get("mode", 0o100644) << 16, len(out),
        )  # fmt: skip
        directory += raw
        out += head + raw + content
    count = central.get("count", len(files))
    return (
        out
        + directory
        + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, count, count, len(directory), len(out), 0)
    )


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (_zip({"../a": b""}), "not allowed"),
        (_zip({"/a": b""}), "not allowed"),
        (_zip({"a/../b": b""}), "not allowed"),
        (_zip({"a\\b": b""}), "not allowed"),
        (_zip({"A": b"", "a": b""}), "one file on many disks"),
        (_zip({"a": b"", "a/b": b""}), "both a file and a folder"),
        (_zip({"b": b"", "a": b""}), "order"),
        (_zip({"a": b""}, mode=0o120777), "no regular file"),
        (_zip({"a": b""}, flags=1), "encrypted"),
        (_zip({"a": b"x"}, method=8), "compressed"),
        (_zip({"a": b"x"}, size=1 << 31), "compressed"),
        (_zip({"a": b""}, count=65_535), "files in it"),
        (_zip({"a": b""}, count=3), "cut short"),
    ],
)  # fmt: skip
def test_hostile_archives_are_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(ExchangeError, match=reason):
        archive.read(memoryview(data))
    archive.read(memoryview(_zip({"a": b"x"})))  # the form itself is right


def test_a_name_twice_is_refused() -> None:
    good = _zip({"aa": b"1", "ab": b"2"})
    with pytest.raises(ExchangeError, match="twice"):
        archive.read(memoryview(good.replace(b"ab", b"aa")))


def test_who_signed_decides(tmp_path: Path, bundle: bytes) -> None:
    with pytest.raises(ExchangeError, match="0 of 1 trusted keys"):
        check(bundle, [BORIS.public])
    with pytest.raises(ExchangeError, match="no key is trusted"):
        check(bundle, [])
    both = make(tmp_path, keys=(ANNA, BORIS)).read_bytes()
    assert len(check(both, [ANNA.public, BORIS.public], threshold=2).claim.keyids) == 2
    assert len(check(both, [ANNA.public]).claim.signers) == 2
    files = {n: bytes(c) for n, c in archive.read(memoryview(both)).items()}
    held = json.loads(files["statement.dsse.json"])
    held["signatures"] = held["signatures"][:1]
    files["statement.dsse.json"] = json.dumps(held, separators=(",", ":")).encode()
    with pytest.raises(ExchangeError, match="removed or added"):
        check(_zip(files), [ANNA.public, BORIS.public])


def test_exchanged_files_are_refused(bundle: bytes) -> None:
    files = {n: bytes(c) for n, c in archive.read(memoryview(bundle)).items()}
    assert _zip(files) == bundle
    with pytest.raises(ExchangeError, match="other bytes"):
        check(_zip({**files, "methods.md": b"trust me"}))
    with pytest.raises(ExchangeError, match="not in its manifest"):
        check(_zip(dict(sorted({**files, "extra": b""}.items()))))
    manifest = files["manifest.json"].replace(b'"version":1', b'"version":0')
    with pytest.raises(ExchangeError, match="another manifest"):
        check(_zip({**files, "manifest.json": manifest}))


def test_policy_and_clock(bundle: bytes) -> None:
    with pytest.raises(ExchangeError, match="gives away more than 'public'"):
        check(bundle, policy="public")
    with pytest.raises(ExchangeError, match="in the future"):
        check(bundle, now=NOW - timedelta(days=2))


def test_expired_and_revoked_keys(tmp_path: Path, bundle: bytes) -> None:
    ring, file = Keyring(tmp_path / "keys"), tmp_path / "x.flyoff"
    file.write_bytes(bundle)
    ring.trust("anna", ANNA.public.to_pem(), NOW + timedelta(days=9), NOW)
    wanted = Demand(file, (), 1, "", tmp_path / "keys")
    assert verified(wanted, NOW)[0].claim.keyids == (ANNA.keyid,)
    with pytest.raises(ExchangeError, match="expired at 2026-06-10"):
        verified(wanted, NOW + timedelta(days=10))
    ring.revoke("anna", "laptop stolen", NOW)
    with pytest.raises(ExchangeError, match="laptop stolen"):
        verified(wanted, NOW)
    (tmp_path / "anna.pem").write_bytes(ANNA.public.to_pem())
    with pytest.raises(ExchangeError, match="laptop stolen"):
        verified(replace(wanted, keys=(tmp_path / "anna.pem",)), NOW)


def test_import_stands_beside_the_own_evidence(tmp_path: Path) -> None:
    past = datetime.now(UTC) - timedelta(days=3)
    file = make(tmp_path / "theirs", created=past)
    (tmp_path / "anna.pem").write_bytes(ANNA.public.to_pem())
    wanted = Demand(file, (tmp_path / "anna.pem",), 1, "", tmp_path / "keys")
    store = Store(tmp_path / "mine", create=True)
    made, before = take_in(wanted, store.path, "ally")
    assert (made.origin, made.sorties, before) == ("ally", 11, "")
    assert take_in(wanted, store.path, "ally")[1] == "already"
    with connect(store) as db:
        assert db.execute("SELECT count(*) FROM sorties").fetchone() == (0,)
        rows = db.execute("SELECT origin, count(*) FROM imported_evidence GROUP BY 1").fetchall()
    assert rows == [("ally", 11)]
    old = make(tmp_path / "theirs", created=past - timedelta(days=9), name="old.flyoff")
    with pytest.raises(ExchangeError, match="take it back"):
        take_in(replace(wanted, path=old), store.path, "ally")
    new = make(tmp_path / "theirs", created=past + timedelta(days=1), name="new.flyoff")
    assert take_in(replace(wanted, path=new), store.path, "ally")[1] == made.bundle_sha256
    with connect(store) as db:  # the newer one counts instead, not as well
        assert db.execute("SELECT count(*) FROM imported_evidence").fetchone() == (11,)
    log = tmp_path / "flight.BIN"
    log.write_bytes(b"0")  # its digest is that of the first built log
    assert prove(wanted, log)["sorties"][0]["outcome"] == "completed"
    log.write_bytes(b"other")
    with pytest.raises(ExchangeError, match="none of the 10 inputs"):
        prove(wanted, log)


def test_nothing_is_written_of_what_is_refused(tmp_path: Path, bundle: bytes) -> None:
    changed = bytearray(bundle)
    changed[len(changed) // 2] ^= 1
    (tmp_path / "x.flyoff").write_bytes(changed)
    (tmp_path / "anna.pem").write_bytes(ANNA.public.to_pem())
    store = Store(tmp_path / "mine", create=True)
    before = sorted(str(p) for p in store.path.rglob("*"))
    wanted = Demand(tmp_path / "x.flyoff", (tmp_path / "anna.pem",), 1, "", tmp_path / "k")
    with pytest.raises(ExchangeError, match="refused"):
        take_in(wanted, store.path, "ally")
    assert sorted(str(p) for p in store.path.rglob("*")) == before


def test_the_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLYOFF_PASSPHRASE", "correct horse")
    keys = ("--keys", tmp_path / "keys")
    assert flyoff("key", "create", "office", *keys).code == 0
    (tmp_path / "a").mkdir()
    build.flown(tmp_path / "a")
    folder = tmp_path / "trial"
    folder.mkdir()
    (folder / "campaign.toml").write_text(
        '[candidates.kestrel]\nvehicles=["ap:0","ap:1"]\n'
        '[[requirements]]\nmeasure="launch_success"\nat_least=0.9\n'
    )
    out, store = tmp_path / "t.flyoff", tmp_path / "a" / "store"
    made = flyoff(
        "bundle", "create", folder, "--store", store, "--policy", "public", "--key", "office",
        "--out", out, *keys,
    )  # fmt: skip
    assert made.code == 0, made.err
    public = tmp_path / "keys" / "office.pub.pem"
    done = flyoff("bundle", "verify", out, "--key", public, "--keys", tmp_path / "none")
    assert done.code == 0, done.err
    assert "every byte is as" in done.out
    assert flyoff("bundle", "show", out, *keys).code == 0
    Store(tmp_path / "b", create=True)
    assert "of office" in flyoff("bundle", "import", out, "--store", tmp_path / "b", *keys).out
    assert flyoff("key", "revoke", "office", "--because", "test", *keys).code == 0
    refused = flyoff("bundle", "verify", out, *keys)
    assert (refused.code, "revoked" in refused.err) == (1, True)


def test_stamps_are_of_one_form() -> None:
    assert stamp(NOW) == "2026-06-01T00:00:00Z"


def test_the_vectors_for_another_reader_are_what_is_written() -> None:
    assert json.loads((HERE / "signed-archive.json").read_text()) == vector()
    assert json.loads((HERE / "refused.json").read_text()) == refused()


def test_the_vectors_are_read_as_they_say(tmp_path: Path) -> None:
    import base64

    held = json.loads((HERE / "signed-archive.json").read_text())
    assert check(base64.b64decode(held["archive_base64"])).claim.signers == tuple(
        sorted(held["keyids"])
    )
    for one in json.loads((HERE / "refused.json").read_text()):
        data = base64.b64decode(one["archive_base64"])
        assert data != base64.b64decode(held["archive_base64"]), one["reason"]
        with pytest.raises(ExchangeError):
            check(data)
    (tmp_path / "anna.pem").write_bytes(ANNA.public.to_pem())
    demand = Demand(HERE / "whole.flyoff", (tmp_path / "anna.pem",), 1, "partner", tmp_path / "k")
    bundle, tables = verified(demand, NOW)
    assert bundle.claim.predicate["sorties"] == len(tables["evidence"]) == 11


def test_the_columns_are_those_of_the_format_s_page() -> None:
    """Another reader goes by the page: it has to say what is written."""
    from flyoff.lake.parcel import PARCELS

    page = (ROOT / "docs" / "reference" / "bundle-format.md").read_text()
    words = {"string": "string", "int64": "int64", "double": "double", "bool": "boolean"}
    for name, schema in PARCELS.items():
        listed = ", ".join(f"`{f.name}` {words[str(f.type)]}" for f in schema)
        assert f"| `{name}` | {listed} |" in page, name
