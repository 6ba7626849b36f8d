"""``flyoff ingest`` and ``rejudge``: idempotent, resumable after any kill, several at once."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flyoff.lake.store import Store
from tests.cli.call import flyoff
from tests.lake.test_commit import content, visible
from tests.pipeline.flights import card, flight

LOGS = 12


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("card")
    card(folder, LOGS)
    return folder


def _raw(store: Path) -> dict[str, bytes]:
    files = (p for p in (store / "raw").rglob("*") if p.is_file())
    return {p.relative_to(store).as_posix(): p.read_bytes() for p in files}


def _start(logs: Path, store: Path, *words: str, fault: str = "") -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "flyoff", "ingest", str(logs), "--store", str(store), *words]
    paths = os.pathsep.join(p for p in sys.path if p)
    env = {**os.environ, "PYTHONPATH": paths, "FLYOFF_FAULT": fault}
    return subprocess.Popen(
        command,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def test_ingest_twice_is_ingest_once(logs: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    first = flyoff("ingest", logs, "--store", store, "--json")
    assert first.code == 0
    assert first.lines[0]["logs"] == first.lines[0]["sorties"] == LOGS
    before = content(Store(store)), _raw(store)
    second = flyoff("ingest", logs, "--store", store, "--json").lines[0]
    assert (second["logs"], second["known"]) == (0, LOGS)
    assert (content(Store(store)), _raw(store)) == before


def test_the_raw_file_and_its_plan_are_kept(tmp_path: Path) -> None:
    (log,) = card(tmp_path / "card", 1)
    plan = log.with_suffix(".waypoints")
    plan.write_text("QGC WPL 110\n0 1 0 16 0 0 0 0 47.0 8.0 488 1\n1 0 3 22 0 0 0 0 0 0 20 1\n")
    store = tmp_path / "store"
    assert flyoff("ingest", log, "--store", store).code == 0
    assert sorted(_raw(store).values()) == sorted([log.read_bytes(), plan.read_bytes()])
    row = Store(store).table("logs").to_pyarrow_table().to_pylist()[0]
    assert row["plan_path"] == str(plan)
    assert f"raw/{row['plan_sha256'][:2]}/{row['plan_sha256'][2:]}" in _raw(store)


def test_a_double_is_counted_once(tmp_path: Path) -> None:
    for name in ("a.BIN", "b.BIN"):
        (tmp_path / name).write_bytes(flight())
    tally = flyoff(
        "ingest", tmp_path / "a.BIN", tmp_path / "b.BIN", "--store", tmp_path / "s", "--json"
    )
    assert (tally.lines[0]["logs"], tally.lines[0]["duplicates"]) == (1, 1)


def test_what_is_no_log_does_not_get_in(tmp_path: Path) -> None:
    (log,) = card(tmp_path / "card", 1)
    (tmp_path / "card" / "z.BIN").write_text("nonsense")
    (tmp_path / "card" / "readme.first").write_text("nonsense")
    done = flyoff("ingest", tmp_path / "card", "--store", tmp_path / "s", "--json")
    assert done.code == 1
    tally = done.lines[0]
    assert (tally["logs"], tally["failed"], tally["skipped"]) == (1, 1, 1)
    assert "z.BIN @ 0x0" in done.err
    assert list(_raw(tmp_path / "s").values()) == [log.read_bytes()]


#: Each run is ended at the step that comes next, so that the next one finds what it left. With two
#: processes, steps of the one that writes the tables: how many logs a worker gets is chance.
_ENDS = {
    "1": ("store.made.sorties:1", "raw.kept:1", "raw.named:10", "commit.appended.sorties:1",
          "commit.appended.logs:1"),
    "2": ("ingest.taken:1", "ingest.taken:11", "store.unsettled:1"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("jobs", _ENDS)
def test_killed_at_any_instant_and_run_again_equals_undisturbed(
    jobs: str, logs: Path, tmp_path: Path
) -> None:
    undisturbed, store = tmp_path / "undisturbed", tmp_path / "store"
    assert flyoff("ingest", logs, "--store", undisturbed).code == 0
    for end in _ENDS[jobs]:
        running = _start(logs, store, "--jobs", jobs, fault=f"{end}:kill")
        _, err = running.communicate()
        assert (running.returncode, err) == (-signal.SIGKILL, "")
        seen = visible(Store(store, create=True))
        assert seen["sorties"] == seen["logs"] == seen["recordings"]
    assert flyoff("ingest", logs, "--store", store).code == 0
    assert content(Store(store)) == content(Store(undisturbed))
    assert _raw(store) == _raw(undisturbed)
    assert Store(store).is_settled


def test_two_ingests_at_once(logs: Path, tmp_path: Path) -> None:
    running = [_start(logs, tmp_path / "s", "--json") for _ in range(2)]
    new = 0
    for process in running:
        out, err = process.communicate()
        assert (process.returncode, err) == (0, "")
        tally = json.loads(out)
        assert tally["logs"] + tally["known"] == LOGS
        new += tally["logs"]
    assert new == LOGS
    assert len(content(Store(tmp_path / "s"))["sorties"]) == LOGS


@pytest.mark.parametrize(
    ("jobs", "fault"), [("2", "ingest.taken:3"), ("1", "raw.written:3"), ("1", "ingest.closed:1")]
)
def test_an_interrupt_is_clean(jobs: str, fault: str, logs: Path, tmp_path: Path) -> None:
    # as a terminal sends it: to the workers, too
    running = _start(logs, tmp_path / "s", "--jobs", jobs, fault=f"{fault}:interrupt")
    _, err = running.communicate()
    assert (running.returncode, err) == (130, "flyoff: interrupted\n")
    assert Store(tmp_path / "s").is_settled
    assert list((tmp_path / "s" / "raw" / ".incoming").iterdir()) == []


def test_rejudge_rebuilds_what_was_lost(logs: Path, tmp_path: Path) -> None:
    store = tmp_path / "s"
    flyoff("ingest", logs, "--store", store)
    before = content(Store(store))
    Store(store).table("findings").delete()
    Store(store).table("sorties").delete()
    done = flyoff("rejudge", "--store", store, "--json")
    assert (done.code, done.lines[0]["logs"], done.lines[0]["failed"]) == (0, LOGS, 0)
    assert content(Store(store)) == before


def test_rejudge_says_when_a_raw_file_was_altered(tmp_path: Path) -> None:
    (log,) = card(tmp_path / "card", 1)
    store = tmp_path / "s"
    flyoff("ingest", log, "--store", store)
    before = content(Store(store))
    (kept,) = (p for p in (store / "raw").rglob("*") if p.is_file())
    kept.chmod(0o644)
    kept.write_bytes(flight(9))
    done = flyoff("rejudge", "--store", store)
    assert done.code == 1
    assert "was altered" in done.err
    assert content(Store(store)) == before


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a few megabytes, where the user may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting a small disk is not permitted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_and_a_read_only_one(small_disk: Path, tmp_path: Path) -> None:
    for i in range(6):
        (tmp_path / f"{i}.BIN").write_bytes(flight(60.0 + i))
    logs = [tmp_path / f"{i}.BIN" for i in range(6)]
    assert sum(p.stat().st_size for p in logs) > 1_000_000
    store = small_disk / "store"
    full = flyoff("ingest", *logs, "--store", store)
    assert full.code == 1
    (complaint,) = full.err.splitlines()
    assert "the disk is full" in complaint
    subprocess.run(["mount", "-o", "remount,size=50m", str(small_disk)], check=True)
    assert flyoff("ingest", *logs, "--store", store).code == 0
    assert visible(Store(store))["logs"] == len(logs)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    shut = flyoff("ingest", *logs, "--store", store)
    assert shut.code == 1
    assert "cannot be written" in shut.err
    # one flight cut at different lengths: each log has its sortie, and together they are one
    assert visible(Store(store))["sorties"] == len(logs)
