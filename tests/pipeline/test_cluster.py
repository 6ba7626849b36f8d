"""An ingest on a cluster: what Ray loses and does twice, without Ray; and with it, if here."""

import importlib.util
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from flyoff.errors import FlyoffError, StoreError
from flyoff.lake.journal import noted
from flyoff.lake.store import Store
from flyoff.pipeline import cluster
from flyoff.pipeline.ingest import ingest, open_store, rejudge
from flyoff.pipeline.local import Failed
from flyoff.pipeline.taking import Batch
from flyoff.pipeline.walk import Found, walk
from tests.cli.call import flyoff
from tests.contracts.source_tree import ROOT
from tests.lake.test_commit import content
from tests.pipeline.flights import card, flight

#: More than a batch holds.
LOGS = 18


class RayTaskError(Exception):
    cause: BaseException | None = None


ERRORS = {
    name: type(name, (Exception,), {})
    for name in ("WorkerCrashedError", "NodeDiedError", "OutOfMemoryError", "ObjectLostError")
}
Trouble = Callable[[list[Found]], BaseException | None]


class FakeRay:
    """Does a batch when its result is asked for, twice, as after a loss; or raises what it must."""

    def __init__(self, trouble: Trouble = lambda batch: None) -> None:
        self.trouble, self.asked, self.is_up = trouble, 0, True
        self.exceptions = SimpleNamespace(RayTaskError=RayTaskError, **ERRORS)

    def remote(self, **options: Any) -> Callable[[Any], Any]:
        return lambda function: SimpleNamespace(remote=lambda *words: (function, words))

    def cluster_resources(self) -> dict[str, float]:
        return {"CPU": 2.0}

    def get(self, promise: Any) -> Batch:
        function, words = promise
        self.asked += 1
        if (error := self.trouble(words[0])) is not None:
            raise error
        try:
            function(*words)
            return function(*words)
        except FlyoffError as error:
            told = RayTaskError(str(error))
            told.cause = error
            raise told from error

    def shutdown(self) -> None:
        self.is_up = False


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """With a log twice, far apart, and a file that is none."""
    card(tmp_path / "card", LOGS)
    (tmp_path / "card" / "99999999.BIN").write_bytes(flight(2.0))
    (tmp_path / "card" / "00000003a.BIN").write_bytes(b"no log")
    return tmp_path / "card"


def _counts(store: Path, logs: Path, **words: Any) -> tuple[int, ...]:
    tally = list(ingest(open_store(store, create=True), walk([logs]).files, **words))[-1][2]
    return tally.logs, tally.duplicates, tally.known, tally.failed, tally.sorties, tally.bytes


def _with(ray: FakeRay, monkeypatch: pytest.MonkeyPatch) -> FakeRay:
    monkeypatch.setattr(cluster, "_connected", lambda address: ray)
    return ray


def test_what_is_done_twice_is_stored_once(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ray = _with(FakeRay(), monkeypatch)
    local = _counts(tmp_path / "local", logs, jobs=1)
    assert local == (LOGS, 1, 0, 1, LOGS, local[-1])
    assert _counts(tmp_path / "far", logs, engine="ray") == local
    assert content(Store(tmp_path / "far")) == content(Store(tmp_path / "local"))
    assert Store(tmp_path / "far").is_settled
    assert (ray.asked, ray.is_up) == (2, False)
    again = _counts(tmp_path / "far", logs, engine="ray")
    assert again[:3] == (0, 1, LOGS)


def test_a_log_that_ends_its_process_costs_no_other(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trouble(batch: list[Found]) -> BaseException | None:
        is_hostile = any(f.path.endswith("00000007.BIN") for f in batch)
        return ERRORS["WorkerCrashedError"]() if is_hostile else None

    _with(FakeRay(trouble), monkeypatch)
    found = list(ingest(open_store(tmp_path / "s", create=True), walk([logs]).files, engine="ray"))
    bad = [r.message for f, r, _ in found if isinstance(r, Failed) and "no log" not in r.message]
    assert any("00000007.BIN: the process that judged it died again and again" in m for m in bad)
    assert [f.path for f, _, _ in found] == [f.path for f in walk([logs]).files]
    assert len(content(Store(tmp_path / "s"))["logs"]) == LOGS - 1


def test_other_rules_on_a_node_are_refused(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _with(FakeRay(), monkeypatch)
    versions = iter(["1", *["2"] * 100])
    monkeypatch.setattr(cluster, "rules_version", lambda: next(versions))
    with pytest.raises(FlyoffError, match="other rules"):
        _counts(tmp_path / "s", logs, engine="ray")


#: Ends the process that commits: what a worker has staged counts no more, or counts in part.
_DRIVER = """
import sys
from tests.pipeline.test_cluster import FakeRay
from flyoff.pipeline import cluster
from flyoff.pipeline.ingest import ingest, open_store
from flyoff.pipeline.walk import walk
cluster._connected = lambda address: FakeRay()
list(ingest(open_store(sys.argv[2], create=True), walk([sys.argv[1]]).files, engine="ray"))
"""


def test_the_driver_is_killed_and_run_again(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each run finds what the one before has left."""
    paths = os.pathsep.join([str(ROOT), *(p for p in sys.path if p)])
    words = [sys.executable, "-c", _DRIVER, str(logs), str(tmp_path / "far")]
    for end in ("stage.written:2", "commit.appended.sorties:1"):
        env = {**os.environ, "PYTHONPATH": paths, "FLYOFF_FAULT": f"{end}:kill"}
        assert subprocess.run(words, env=env, check=False).returncode == -signal.SIGKILL
    _with(FakeRay(), monkeypatch)
    _counts(tmp_path / "far", logs, engine="ray")
    _counts(tmp_path / "local", logs, jobs=1)
    assert content(Store(tmp_path / "far")) == content(Store(tmp_path / "local"))
    assert Store(tmp_path / "far").is_settled


def test_judged_again_on_a_cluster_the_rows_are_the_same(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ray = _with(FakeRay(), monkeypatch)
    _counts(tmp_path / "s", logs, jobs=1)
    store = Store(tmp_path / "s")
    before, notes = content(store), len(list(noted(store, "logs")))
    store.table("findings").delete()
    store.table("sorties").delete()
    assert len(list(rejudge(store, engine="ray"))) == LOGS
    assert content(store) == before
    assert (store.is_settled, ray.is_up) == (True, False)
    assert len(list(noted(store, "logs"))) == notes, "names are noted when a log comes, once"


def test_a_full_store_is_said_once(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _with(FakeRay(), monkeypatch)

    def full(*words: Any) -> Any:
        raise StoreError("s", "the disk is full")

    monkeypatch.setattr(cluster, "take", full)
    with pytest.raises(StoreError, match="the disk is full"):
        _counts(tmp_path / "s", logs, engine="ray")


def test_without_ray_it_says_what_to_install(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    called = flyoff("ingest", logs, "--store", tmp_path / "s", "--engine", "ray")
    assert called.code == 1
    assert "pip install 'flyoff[ray]'" in called.err


def test_a_head_that_is_not_there_is_told_at_once() -> None:
    with pytest.raises(FlyoffError, match=r"Ray at 127\.0\.0\.1:1: .*is its head running"):
        cluster._reach("127.0.0.1:1")


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed")
def test_a_real_cluster_stores_the_same_rows(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    paths = [str(Path(__file__).parents[2] / "src"), *os.environ.get("PYTHONPATH", "").split(":")]
    monkeypatch.setenv("PYTHONPATH", ":".join(p for p in paths if p))
    assert _counts(tmp_path / "far", logs, engine="ray") == _counts(tmp_path / "l", logs, jobs=1)
    assert content(Store(tmp_path / "far")) == content(Store(tmp_path / "l"))
