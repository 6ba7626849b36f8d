"""A store at Azure and at Google: the same rows as in a folder; what is said without an account.

Azure is a real server (Azurite) where one is installed. Google's is this repository's own answer to
what Google documents, since none can be installed that knows conditional puts.
"""

import json
import os
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from flyoff.errors import StoreError
from flyoff.lake import home, lease
from flyoff.lake.home import home_of
from flyoff.lake.lease import Lease
from flyoff.lake.store import Store
from tests.cli.call import flyoff
from tests.lake import azurite
from tests.lake.gcs_server import GcsServer
from tests.lake.test_commit import _expected, _ingest, content, visible
from tests.pipeline.flights import card

_FORGOTTEN = ("AWS", "AZURE", "AZURITE", "GOOGLE")


@pytest.fixture(scope="module", params=["az", "gs"])
def cloud(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("cloud")
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "gs":
            server = GcsServer()
            account = {"gcs_base_url": server.address, "disable_oauth": True, "client_email": "",
                       "private_key": "", "private_key_id": ""}  # fmt: skip
            (folder / "account.json").write_text(json.dumps(account))
            patch.setenv("GOOGLE_SERVICE_ACCOUNT", str(folder / "account.json"))
            yield "gs://lake"
            server.close()
            return
        if azurite.program() is None:
            pytest.skip("no Azurite here: npm install azurite, FLYOFF_AZURITE=…/bin/azurite-blob")
        azure = azurite.Azurite(folder)
        azure.start()
        for name, value in azure.environment.items():
            patch.setenv(name, value)
        azure.make_container("lake")
        yield "az://lake"
        azure.stop()


@pytest.fixture
def url(cloud: str) -> str:
    return f"{cloud}/trials/{uuid.uuid4().hex[:8]}"


def test_what_is_there_is_never_written_over(url: str) -> None:
    there = home_of(url)
    there.create("raw/ab/cd", b"first")
    there.create("raw/ab/cd", b"second")
    assert there.read("raw/ab/cd") == b"first"
    assert (there.size("raw/ab/cd"), there.size("raw/ab/ce")) == (5, None)
    there.move("raw", "damaged/1/raw")
    assert list(there.keys("")) == ["damaged/1/raw/ab/cd"]


def test_rows_are_those_of_a_folder(url: str, tmp_path: Path) -> None:
    local = Store(tmp_path / "local", create=True)
    for store in (Store(url, create=True), local):
        _ingest(store, 1, 2)
        _ingest(store, 2, 3)
    assert visible(Store(url)) == _expected(3)
    assert content(Store(url)) == content(local)
    assert Store(url).is_settled


def test_the_lease_goes_from_hand_to_hand(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Google knows a version by its generation, others by its tag: each beat must give the next."""
    monkeypatch.setattr(lease, "BEAT_S", 0.001)
    store = Store(url, create=True)
    objects = store.home._objects  # type: ignore[attr-defined]
    order: list[str] = []
    first = Lease(objects, ".lock")
    with first.held():
        begun = first._tag
        while first._tag == begun:  # a beat came through
            threading.Event().wait(0.001)
        waits = threading.Thread(target=_hold, args=(Lease(objects, ".lock"), order))
        waits.start()
        order.append("first")
    waits.join()
    assert order == ["first", "second"]


def _hold(one: Lease, order: list[str]) -> None:
    with one.held():
        order.append("second")


def test_logs_are_taken_and_a_damaged_table_comes_back(url: str, tmp_path: Path) -> None:
    logs = card(tmp_path / "card", 2)
    assert flyoff("ingest", *logs, "--store", url).code == 0
    assert flyoff("ingest", *logs, "--store", url, "--json").lines[0]["known"] == 2
    before = content(Store(url))
    log = sorted(k for k in home_of(url).keys("tables/logs/_delta_log") if k.endswith(".json"))
    home_of(url).replace(log[-1], b"{")
    assert flyoff("store", "check", url).code == 1
    assert flyoff("store", "repair", url).code == 0
    assert content(Store(url)) == before


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("az://lake/x", "AZURE_STORAGE_ACCOUNT_NAME"),
        ("azure://lake/x", "AZURE_STORAGE_ACCOUNT_NAME"),
    ],
)
def test_without_an_account_it_says_what_to_set(
    url: str, wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [n for n in os.environ if n.startswith(_FORGOTTEN)]:
        monkeypatch.delenv(name)
    home._bucket.cache_clear()
    called = flyoff("sorties", "--store", url)
    assert called.code == 1
    assert called.err.startswith(f"flyoff: store {url}: ")
    assert f"no credentials were found: set {wanted}" in called.err
    assert called.err.count("\n") == 1


def test_an_account_that_is_none_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "x")
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", "no key!")
    with pytest.raises(StoreError, match="Invalid Access Key"):
        home_of("az://other/x")
    monkeypatch.setenv("GOOGLE_SERVICE_ACCOUNT", str(tmp_path / "none.json"))
    with pytest.raises(StoreError, match="Unable to open service account file"):
        home_of("gs://other/x")
