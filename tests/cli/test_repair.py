"""``flyoff store repair`` and ``upgrade``: every table comes back from what cannot be rebuilt."""

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from flyoff import faults
from flyoff.campaign.review import Review
from flyoff.errors import StoreError
from flyoff.lake.commit import Committer
from flyoff.lake.known import known_logs
from flyoff.lake.people import append_reviews
from flyoff.lake.query import connect
from flyoff.lake.schema import DERIVED
from flyoff.lake.store import Store
from flyoff.pipeline import upkeep
from tests.cli.call import flyoff
from tests.lake.build import entry
from tests.lake.killed import content
from tests.pipeline.flights import card, flight

PLAN = "QGC WPL 110\n0 1 0 16 0 0 0 0 47.0 8.0 488 1\n1 0 3 22 0 0 0 0 0 0 20 1\n"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three logs of two ingests, one with a plan, and the words of people."""
    home = tmp_path_factory.mktemp("store")
    logs = card(home / "card", 3)
    logs[0].with_suffix(".waypoints").write_text(PLAN)
    store = home / "store"
    for some in (logs[:2], logs[2:]):
        assert flyoff("ingest", *some, "--store", store).code == 0
    with connect(Store(store)) as db:
        sorties = db.execute("SELECT sortie_id FROM sorties ORDER BY ALL").fetchall()
    for (sortie,) in sorties[:2]:
        append_reviews(Store(store), [Review(sortie, "crashed", "", "", "Ada", "two witnesses")])
    return store


@pytest.fixture
def store(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "store"))


@pytest.mark.parametrize("name", ["a b", "ü#?", "100% x", "-st*re\"'"])
def test_a_whole_store_is_whole_wherever_it_lies(
    whole: Path, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Named from its own folder, by a link to it, and by all that file systems take."""
    shutil.copytree(whole, tmp_path / name)
    (tmp_path / "link").symlink_to(name)
    monkeypatch.chdir(tmp_path)
    for path in (tmp_path / name, Path(".") / name, tmp_path / "link", Path("link")):
        words = ("store", "check", "--", path)
        assert flyoff(*words).out.endswith(f"{path}: nothing damaged\n")
    assert flyoff("store", "repair", "link").code == 0
    assert not (tmp_path / name / "damaged").exists()


@pytest.mark.parametrize("name", ["a[1]", "x^2", "b|c", "back\\slash", "p%20q", "li\nne", "\udcff"])
def test_a_folder_that_delta_cannot_open_is_refused_before_it_is_made(
    name: str, tmp_path: Path
) -> None:
    with pytest.raises(StoreError, match="no table can be opened below a folder whose name has"):
        Store(tmp_path / name / "store", create=True)
    assert not list(tmp_path.iterdir())


def _parquet(store: Path, table: str) -> Path:
    return Path(sorted(Store(store).table(table).file_uris())[0].removeprefix("file://"))


def _entry(store: Path, table: str) -> Path:
    return sorted((store / "tables" / table / "_delta_log").glob("*.json"))[-1]


HARMS: dict[str, Callable[[Path, str], object]] = {
    "file lost": lambda s, t: _parquet(s, t).unlink(),
    "file cut": lambda s, t: _parquet(s, t).write_bytes(_parquet(s, t).read_bytes()[:-9]),
    "log entry altered": lambda s, t: _entry(s, t).write_text("{"),
    "newest entry lost": lambda s, t: _entry(s, t).unlink(),  # as after a power cut
    "table lost": lambda s, t: shutil.rmtree(s / "tables" / t),
}


@pytest.mark.parametrize(
    ("table", "harm"),
    [
        *((table, harm) for table in ("sorties", "logs") for harm in HARMS),
        ("reviews", "file lost"),
        ("reviews", "table lost"),
        ("tracks", "file cut"),
        ("tracks", "newest entry lost"),
        ("findings", "newest entry lost"),
        ("examined", "log entry altered"),
    ],
)
def test_what_is_damaged_comes_back(store: Path, table: str, harm: str) -> None:
    before = content(store)
    HARMS[harm](store, table)
    assert flyoff("store", "check", store).code == 1
    done = flyoff("store", "repair", store)
    assert (done.code, done.err) == (0, "")
    assert content(store) == before
    assert flyoff("store", "check", store, "--json").lines == []
    if harm in ("file cut", "log entry altered"):
        assert list((store / "damaged").rglob(f"tables/{table}")), "nothing is deleted"


def test_all_tables_are_lost(store: Path) -> None:
    before = content(store)
    shutil.rmtree(store / "tables")
    assert flyoff("store", "repair", store).code == 0
    assert content(store) == before
    assert flyoff("store", "repair", store).out == f"{store}: nothing to repair\n"


def test_without_a_journal_raw_files_are_judged_under_names_of_their_own(store: Path) -> None:
    before = content(store)
    shutil.rmtree(store / "tables" / "logs")
    shutil.rmtree(store / "journal")
    assert flyoff("store", "repair", store).code == 0
    now = content(store)
    assert len(now["sorties"]) == len(before["sorties"])
    assert now["reviews"] == before["reviews"]
    names = [r["path"] for r in Store(store).table("logs").to_pyarrow_table().to_pylist()]
    assert all(name.startswith("recovered/") for name in names)


def test_only_logs_whose_rows_may_be_lost_are_judged_again(store: Path) -> None:
    _parquet(store, "sorties").unlink()
    told = flyoff("store", "repair", store).out
    assert "1 logs judged again" in told or "2 logs judged again" in told


def test_rows_that_are_missing_are_found(store: Path) -> None:
    before = content(store)
    Store(store).table("sorties").delete()
    done = flyoff("store", "check", store)
    assert done.code == 1
    assert "has 0 rows of" in done.out
    assert flyoff("store", "repair", store).code == 0
    assert content(store) == before


def test_an_altered_raw_file_is_moved_away_and_may_be_brought_again(store: Path) -> None:
    before = content(store)
    log = next(p for p in sorted((store / "raw").glob("??/*")) if p.stat().st_size > 1000)
    original = log.read_bytes()
    log.chmod(0o644)
    log.write_bytes(flight(9))
    (store.parent / "again.BIN").write_bytes(original)
    assert "ingest it again" in flyoff("store", "repair", store).out
    assert flyoff("ingest", store.parent / "again.BIN", "--store", store).code == 0
    assert flyoff("store", "check", store).code == 0
    assert content(store) == before


def test_what_cannot_be_judged_again_waits_for_its_raw_file(store: Path) -> None:
    before = content(store)
    log = next(p for p in sorted((store / "raw").glob("??/*")) if p.stat().st_size > 1000)
    original = log.read_bytes()
    log.unlink()
    shutil.rmtree(store / "tables" / "findings")
    done = flyoff("store", "repair", store)
    assert done.code == 1
    assert "cannot be judged again" in done.err
    (store.parent / "again.BIN").write_bytes(original)
    assert flyoff("ingest", store.parent / "again.BIN", "--store", store).code == 0
    assert flyoff("store", "repair", store).code == 0
    assert content(store) == before


@pytest.mark.parametrize(
    "step", ["mend.noted.logs", "mend.moved.logs", "mend.moved.reviews", "rejudge.taken",
             "commit.appended.sorties"]
)  # fmt: skip
def test_a_repair_that_breaks_off_is_taken_up(
    store: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = content(store)
    for table in ("logs", "sorties", "reviews"):
        HARMS["log entry altered"](store, table)
    shutil.rmtree(store / "journal" / "reviews")
    monkeypatch.setattr(faults, "_plan", faults.Plan(faults.parsed(f"{step}:1:raise")))
    with pytest.raises(Exception, match=r"Input/output|input/output"):
        list(upkeep.repair(store))
    monkeypatch.setattr(faults, "_plan", None)
    assert flyoff("store", "repair", store).code == 0
    assert content(store) == before
    assert flyoff("store", "check", store).code == 0


def test_a_store_of_an_older_format_is_read_written_and_upgraded(store: Path) -> None:
    before = content(store)
    shutil.rmtree(store / "journal")
    (store / "flyoff.json").write_text(json.dumps({"format": "flyoff store", "version": 1}))
    assert content(store) == before
    (log,) = (store.parent / "one.BIN",)
    log.write_bytes(flight(7.0))
    assert flyoff("ingest", log, "--store", store).code == 0
    before = content(store)
    done = flyoff("store", "upgrade", store, "--json").lines[0]
    assert done == {"version_before": 1, "version_after": 2}
    assert flyoff("store", "upgrade", store, "--json").lines[0]["version_before"] == 2
    assert content(store) == before
    shutil.rmtree(store / "tables")
    assert flyoff("store", "repair", store).code == 0
    assert content(store) == before


def test_a_store_of_a_newer_format_is_left_alone(store: Path) -> None:
    (store / "flyoff.json").write_text(json.dumps({"format": "flyoff store", "version": 3}))
    for command in ("check", "repair", "upgrade", "optimise"):
        done = flyoff("store", command, store)
        assert done.code == 1
        assert "update Flyoff, nothing was changed" in done.err


def test_a_clock_that_jumps_back_changes_no_order(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() - 10**18)
    with connect(Store(store)) as db:
        (sortie,) = db.execute("SELECT max(sortie_id) FROM reviews").fetchone() or ("",)
    append_reviews(Store(store), [Review(sortie, "aborted", "", "", "Bo", "the last word")])
    with connect(Store(store)) as db:
        rows = "SELECT outcome FROM reviews WHERE sortie_id = ? ORDER BY reviewed_us DESC"
        assert db.execute(rows, [sortie]).fetchone() == ("aborted",)
    lake = Store(store.parent / "other", create=True)
    for _ in range(2):
        committer = Committer(lake, replace=True)
        committer.add(entry(1))
        committer.close()
        assert [len(lake.table(t).to_pyarrow_table()) for t in ("logs", "sorties")] == [1, 1]
    assert known_logs(lake).size == 1


def test_a_backup_is_a_copy(store: Path, tmp_path: Path) -> None:
    """What docs/how-to/look-after-a-store.md says: any copy, brought up to date by a repair."""
    backup = Path(shutil.copytree(store, tmp_path / "backup"))
    before = content(store)
    shutil.rmtree(store)
    shutil.copytree(backup, store)
    assert flyoff("store", "check", store).code == 0
    assert content(store) == before
    # what no one can rebuild is enough
    for folder in ("tables", "damaged"):
        shutil.rmtree(backup / folder, ignore_errors=True)
    assert flyoff("store", "repair", backup).code == 0
    assert content(backup) == before
    assert all(Store(backup).table(name) for name in DERIVED)
