"""Uploads: received whole or not at all, under no name but their own, judged in the background."""

import json
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import ClientDisconnect
from starlette.testclient import TestClient

from flyoff.pipeline.ingest import open_store
from flyoff.server.problems import Refusal
from flyoff.server.settings import Settings, UploadLimits
from flyoff.server.spool import Spool, safe_path
from flyoff.server.worker import MOST_ATTEMPTS, Worker
from tests.server.alone import run
from tests.server.conftest import served

LOG = "kestrel/K-03_2025-02-02_02.BIN"


def _put(client: TestClient, batch: str, path: str, content: bytes) -> Any:
    return client.put(f"/api/uploads/{batch}/files", params={"path": path}, content=content)


def _opened(client: TestClient) -> str:
    return str(client.post("/api/uploads").json()["id"])


@pytest.mark.parametrize(
    "path",
    [
        "../a.BIN", "a/../../b", "/etc/passwd", "a//b", "", ".", "..", "a\0b", "a\nb", ".hidden",
        "C:\\a.BIN", "..\\..\\a", "a/.ssh/b", " ", "a/ /b",
        "x" * 300, "a/" * 20 + "b", "\u202ea.BIN",
    ],
)  # fmt: skip
def test_tricks_with_names_are_refused(settings: Settings, path: str) -> None:
    client = served(settings)
    answer = _put(client, _opened(client), path, b"x")
    assert answer.status_code == 422
    left = [p for p in (settings.state_folder / "uploads").rglob("*") if p.is_file()]
    assert {p.name for p in left} == {"batch.json"}


def test_a_path_keeps_its_folders() -> None:
    assert safe_path("card 1\\Flüge/α.BIN") == "card 1/Flüge/α.BIN"


def test_a_file_and_a_folder_cannot_have_one_name(settings: Settings) -> None:
    client = served(settings)
    own = _opened(client)
    assert _put(client, own, "a", b"x").status_code == 200
    assert _put(client, own, "a/b", b"x").status_code == 409
    assert _put(client, own, "a", b"yy").json()["bytes"] == 2  # brought again: it is replaced


def test_limits_of_size_and_number(settings: Settings) -> None:
    limits = UploadLimits(file_bytes=1000, batch_bytes=1500, files=2, waiting_batches=1)
    client = served(settings, limits=limits)
    own = _opened(client)
    assert _put(client, own, "a", b"x" * 1001).status_code == 413
    assert _put(client, own, "a", b"x" * 1000).status_code == 200
    assert _put(client, own, "b", b"x" * 501).status_code == 413
    assert _put(client, own, "b", b"x").status_code == 200
    assert _put(client, own, "c", b"x").status_code == 413
    assert client.post("/api/uploads").status_code == 429
    incoming = settings.state_folder / "uploads" / own / "incoming"
    assert list(incoming.iterdir()) == []


def test_half_a_file_is_none(tmp_path: Path) -> None:

    spool = Spool(tmp_path, UploadLimits())
    own = spool.open("Ada")["id"]

    async def broken() -> Any:
        yield b"half"
        raise ClientDisconnect

    with pytest.raises(ClientDisconnect):
        run(spool.receive(own, "a.BIN", broken()))
    assert spool.batch(own)["files"] == []
    assert [p.name for p in (tmp_path / own).rglob("*") if p.is_file()] == ["batch.json"]


def test_what_is_not_open_takes_nothing(settings: Settings) -> None:
    client = served(settings)
    own = _opened(client)
    assert client.post(f"/api/uploads/{own}/start").status_code == 409  # empty
    _put(client, own, "a", b"x")
    assert client.post(f"/api/uploads/{own}/start").json()["state"] == "queued"
    assert _put(client, own, "b", b"x").status_code == 409
    assert client.post(f"/api/uploads/{own}/start").status_code == 409
    assert client.delete(f"/api/uploads/{own}").status_code == 409
    assert client.get(f"/api/uploads/{'0' * 32}").status_code == 404


def _until_done(spool: Spool, own: str) -> dict[str, Any]:
    for _ in range(6000):
        batch = spool.batch(own)
        if batch["state"] == "done":
            return batch
        time.sleep(0.1)
    raise AssertionError(spool.batch(own))


def _brought(spool: Spool, files: dict[str, bytes]) -> str:

    own = str(spool.open("Ada")["id"])

    async def whole(content: bytes) -> Any:
        yield content

    for path, content in files.items():
        run(spool.receive(own, path, whole(content)))
    spool.close(own)
    return own


def test_a_batch_is_judged_and_a_restart_goes_on(logs: Path, tmp_path: Path) -> None:
    """The second worker finds what the first one left under way; nothing is judged twice."""
    store = tmp_path / "store"
    open_store(store, create=True)
    spool = Spool(tmp_path / "uploads", UploadLimits())
    told: list[Any] = []
    plan = Path(LOG).with_suffix(".waypoints")
    files = {
        LOG: (logs / LOG).read_bytes(),
        str(plan): (logs / plan).read_bytes(),
        "notes.txt": b"nothing to see",
        "broken.BIN": b"\0" * 500,
    }
    own = _brought(spool, files)
    spool.change(own, lambda b: b.update(state="judging", attempts=1))  # a server died here
    worker = Worker(
        store, spool, 1, lambda event, data: told.append((event, data)), lambda: told.append(None)
    )
    worker.start()
    batch = _until_done(spool, own)
    worker.stop()
    # a link to a sortie leads somewhere: none is named before what is in the store is shown
    before = told[: told.index(None)]
    assert before
    assert not [f["sorties"] for _, data in before for f in data["files"] if f["sorties"]]
    of = {f["path"]: f for f in batch["files"]}
    assert of[LOG]["state"] == "stored"
    assert of[LOG]["sorties"] == ["4d1af1705f7254de-0-1"]
    assert "bytes decoded" in of[LOG]["receipt"]
    assert of["broken.BIN"]["state"] == "failed"
    assert of["broken.BIN"]["problem"]
    assert of["notes.txt"]["state"] == "skipped"
    assert batch["problem"] is None
    assert not (tmp_path / "uploads" / own / "files").exists()
    assert told[-1][1]["state"] == "done"
    # the store names the log as it was brought, not where it lay here
    shown = json.dumps(spool.batch(own))
    assert str(tmp_path) not in shown


def test_a_batch_that_kills_its_process_is_given_up(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "uploads", UploadLimits())
    own = _brought(spool, {"a.BIN": b"x"})
    spool.change(own, lambda b: b.update(state="judging", attempts=MOST_ATTEMPTS))
    worker = Worker(tmp_path / "store", spool, 1, lambda *_: None)
    worker.start()
    batch = _until_done(spool, own)
    worker.stop()
    assert "twice" in batch["problem"]
    assert (tmp_path / "uploads" / own / "files" / "a.BIN").exists()  # nothing is lost
    assert spool.close(own)["state"] == "queued"  # and it can be tried again


def test_a_damaged_batch_breaks_nothing(tmp_path: Path) -> None:
    spool = Spool(tmp_path, UploadLimits())
    own = spool.open("Ada")["id"]
    (tmp_path / own / "batch.json").write_text("{")
    assert spool.batches() == []
    with pytest.raises(Refusal):
        spool.batch(own)


def test_the_store_vanishes_and_comes_back(own_store: Path, settings: Settings) -> None:
    client = served(settings, store=own_store)
    assert client.get("/healthz").json()["status"] == "ok"
    away = own_store.with_name("away")
    shutil.move(own_store, away)
    for address in ("/api/sorties", "/api/campaigns/trial-1", "/api/fleet"):
        answer = client.get(address)
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert str(own_store) not in answer.text
    assert client.get("/healthz").status_code == 503
    assert client.get("/api/about").json()["store_problem"]
    shutil.move(away, own_store)
    assert client.get("/api/sorties").status_code == 200
