"""Archives on the command line: walked as folders are, judged and stored as files are."""

import gzip
import hashlib
from pathlib import Path

import pytest

import flyoff
from flyoff.errors import DecodeError, SourceError
from flyoff.lake.query import connect
from flyoff.lake.store import Store
from flyoff.pipeline import opening, steps
from flyoff.pipeline.ingest import ingest, rejudge
from flyoff.pipeline.taking import Taken
from flyoff.pipeline.walk import walk
from tests.decoders.archives import encrypted, tarred, zipped
from tests.scenarios.dataflash import sample

LOG = sample()
SHA256 = hashlib.sha256(LOG).hexdigest()
PLAN = b"""QGC WPL 110
0 1 0 16 0 0 0 0 -35.3632620 149.1652370 584 1
1 0 3 22 0 0 0 0 0 0 20 1
2 0 3 21 0 0 0 0 -35.3630 149.1652 0 1
"""


@pytest.fixture(autouse=True)
def _fresh() -> None:
    opening._open.clear()


def names(root: Path) -> list[str]:
    return [f.path.removeprefix(f"{root}/") for f in walk([root]).files]


def write(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_archives_in_a_folder_are_walked(tmp_path: Path) -> None:
    write(tmp_path / "a.zip", zipped({"day/1.BIN": LOG, "day/1.waypoints": PLAN, "notes.md": b"#"}))
    write(tmp_path / "b.tar.gz", gzip.compress(tarred({"2.BIN": LOG, "x/3.ulg": LOG})))
    write(tmp_path / "c.BIN.gz", gzip.compress(LOG))
    write(tmp_path / "d.BIN", LOG)
    expected = ["a.zip!day/1.BIN", "b.tar.gz!2.BIN", "b.tar.gz!x/3.ulg", "c.BIN.gz!c.BIN", "d.BIN"]
    assert names(tmp_path) == expected
    assert walk([tmp_path]).problems == ()
    assert walk([tmp_path]).files[0].size == len(LOG)


def test_a_log_inside_keeps_its_own_identity(tmp_path: Path) -> None:
    path = write(tmp_path / "a.zip", zipped({"in/1.BIN": LOG, "in/2.BIN": LOG[:-7]}))
    judged = steps.judge_log(f"{path}!in/1.BIN")
    assert judged.log.path == f"{path}!in/1.BIN"
    assert judged.log.sha256 == hashlib.sha256(LOG).hexdigest()
    assert judged.log.bytes == len(LOG)
    assert flyoff.decode(f"{path}!in/2.BIN").receipt.status == "truncated"


def test_the_only_log_of_an_archive_needs_no_name(tmp_path: Path) -> None:
    one = write(tmp_path / "one.zip", zipped({"1.BIN": LOG, "readme.md": b"x"}))
    assert flyoff.decode(one).path == f"{one}!1.BIN"
    two = write(tmp_path / "two.zip", zipped({"1.BIN": LOG, "2.BIN": LOG}))
    with pytest.raises(DecodeError, match=r"2 files in this archive; name one of them: .*!1\.BIN"):
        flyoff.decode(two)
    none = write(tmp_path / "none.zip", zipped({"readme.md": b"x"}))
    with pytest.raises(DecodeError, match="no log in this archive"):
        flyoff.decode(none)
    with pytest.raises(SourceError, match="is not in this archive"):
        flyoff.decode(f"{two}!3.BIN")


def test_archives_inside_archives_down_to_a_depth(tmp_path: Path) -> None:
    data, name = LOG, "1.BIN"
    for level in range(6):
        data, name = zipped({name: data}), f"{level}.zip"
        path = write(tmp_path / name, data)
        found = walk([path])
        if level < 4:
            assert len(found.files) == 1
            assert (
                flyoff.decode(found.files[0].path).source.sha256 == hashlib.sha256(LOG).hexdigest()
            )
        else:
            assert found.files == ()
            assert "nested deeper than 4" in found.problems[0]
        path.unlink()


def test_what_cannot_be_read_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    inner = encrypted(zipped({"secret.BIN": LOG}))
    path = write(
        tmp_path / "a.zip", zipped({"x.zip": inner, "good.BIN": LOG, "cut.zip": inner[:90]})
    )
    found = walk([path])
    assert [f.path for f in found.files] == [f"{path}!good.BIN"]
    assert any("secret.BIN: is encrypted" in problem for problem in found.problems)
    assert any("cut.zip" in problem for problem in found.problems)


def test_members_without_end_are_not_counted_to_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "MEMBERS", 100)
    path = write(tmp_path / "a.zip", zipped({f"{i}.BIN": b"x" for i in range(300)}))
    found = walk([path])
    assert len(found.files) == 100
    assert "more than 100 members" in found.problems[0]


def test_a_quine_ends(tmp_path: Path) -> None:
    """An archive that holds itself, again and again, is left at the depth."""
    data = zipped({"r.zip": b""}, 0)
    for _ in range(8):
        data = zipped({"r.zip": data}, 0)
    found = walk([write(tmp_path / "r.zip", data)])
    assert found.files == ()
    assert "nested deeper" in found.problems[0]


def test_a_plan_beside_a_log_in_the_archive_is_used(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.zip", zipped({"d/1.BIN": LOG, "d/1.waypoints": PLAN, "1.plan": b"{"})
    )
    judged = steps.judge_log(path)
    assert judged.plan == f"{path}!d/1.waypoints"
    assert judged.warnings == ()
    packed = write(tmp_path / "e" / "2.BIN.gz", gzip.compress(LOG))
    plan = write(tmp_path / "e" / "2.waypoints", PLAN)
    assert steps.judge_log(packed).plan == str(plan)


def test_a_log_named_like_an_archives_member_is_a_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a!b.BIN", LOG)
    assert flyoff.decode(path).path == str(path)


def test_an_ingest_keeps_the_log_not_the_archive(tmp_path: Path) -> None:
    write(tmp_path / "in" / "a.zip", zipped({"../../1.BIN": LOG, "1.waypoints": PLAN}))
    write(tmp_path / "in" / "copy.BIN", LOG)
    found = walk([tmp_path / "in"])
    before = sorted(p for p in tmp_path.rglob("*"))
    store = Store(tmp_path / "store", create=True)
    results = [result for _, result, _ in ingest(store, found.files, jobs=1)]
    assert isinstance(results[0], Taken)
    with connect(store) as db:
        rows = db.execute("SELECT path, log_sha256, plan_path FROM logs").fetchall()
    sha256 = hashlib.sha256(LOG).hexdigest()
    archive = f"{tmp_path}/in/a.zip"
    assert rows == [(f"{archive}!1.BIN", sha256, f"{archive}!1.waypoints")]
    assert (store.path / "raw" / sha256[:2] / sha256[2:]).read_bytes() == LOG
    outside = [p for p in tmp_path.rglob("*") if not p.is_relative_to(tmp_path / "store")]
    assert sorted(outside) == before
    again = list(rejudge(store, jobs=1))
    assert [isinstance(r, Taken) for _, r, _ in again] == [True]


def test_a_mapping_in_the_archive_is_used_and_kept(tmp_path: Path) -> None:
    text = "t,lat,lon\n" + "".join(f"{i},47.{i:03d},8.5\n" for i in range(20))
    mapping = '[time]\ncolumn = "t"\nformat = "s"\n[columns]\nlat = "gnss.lat"\nlon = "gnss.lon"\n'
    files = {"d/a.csv": text.encode(), "d/columns.toml": mapping.encode()}
    path = write(tmp_path / "in" / "a.zip", zipped(files))
    assert "gnss.lat" in steps.read(path)[0]
    store = Store(tmp_path / "store", create=True)
    taken = [r for _, r, _ in ingest(store, walk([path]).files, jobs=1)]
    assert isinstance(taken[0], Taken)
    path.unlink()
    again = [r for _, r, _ in rejudge(store, jobs=1)]
    assert isinstance(again[0], Taken)
    assert again[0].judged.recordings[0].channels == 2
