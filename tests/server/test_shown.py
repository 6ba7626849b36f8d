"""What is shown while the store changes: made first, then shown; never back behind a change."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from flyoff.errors import StoreError
from flyoff.pipeline.campaign import review_sortie
from flyoff.server.settings import Settings
from flyoff.server.shown import Shown
from tests.server.conftest import TIPPED, served


class Source:
    """A state that a test changes, and a making that it can hold."""

    def __init__(self) -> None:
        self.state, self.made = "a", list[str]()
        self.begun, self.may_end = threading.Event(), threading.Event()
        self.may_end.set()

    def look(self) -> str:
        if not self.state:
            raise StoreError("store", "is gone")
        return self.state

    def make(self, stamp: str) -> None:
        self.begun.set()
        assert self.may_end.wait(60)
        self.made.append(stamp)


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def shown(source: Source) -> Iterator[Shown]:
    made = Shown(source.look, source.make)
    made.start()
    yield made
    source.may_end.set()
    made.stop()


def test_a_new_state_is_shown_once_its_answers_are_made(source: Source, shown: Shown) -> None:
    assert shown.stamp() == "a"
    source.may_end.clear()
    source.state = "b"
    assert shown.stamp() == "a"
    assert source.begun.wait(60)
    assert shown.stamp() == "a"  # being made
    source.may_end.set()
    shown.settle(60)
    assert shown.stamp() == "b"


def test_changes_that_come_meanwhile_are_made_together(source: Source, shown: Shown) -> None:
    shown.stamp()
    source.may_end.clear()
    for state in "bcdef":
        source.state = state
        shown.stamp()
        assert source.begun.wait(60)
    source.may_end.set()
    shown.settle(60)
    assert shown.stamp() == "f"
    assert len(source.made) <= 3  # the first, what came meanwhile, and the settling
    assert source.made[-1] == "f"


def test_an_own_change_is_shown_at_once_and_nothing_goes_back(source: Source, shown: Shown) -> None:
    shown.stamp()
    source.may_end.clear()
    source.state = "b"
    shown.stamp()
    assert source.begun.wait(60)  # b is being made
    source.state = "c"
    shown.must_be_new()
    assert shown.stamp() == "c"
    source.may_end.set()
    shown.settle(60)
    assert shown.stamp() == "c"
    source.state = "d"
    assert shown.stamp() in ("c", "d")  # made in the background again


def test_a_store_that_is_gone_is_told_and_comes_back(source: Source, shown: Shown) -> None:
    shown.stamp()
    source.state = ""
    with pytest.raises(StoreError):
        shown.stamp()
    shown.settle(60)
    source.state = "b"
    shown.settle(60)
    assert shown.stamp() == "b"


def test_without_its_thread_the_newest_is_shown(source: Source) -> None:
    alone = Shown(source.look, source.make)
    assert alone.stamp() == "a"
    source.state = "b"
    assert alone.stamp() == "b"
    alone.settle(60)
    assert not source.made


def test_a_running_server_shows_a_review_at_once_and_others_changes_soon(
    settings: Settings, own_store: Path
) -> None:
    client = served(replace(settings, store=own_store))
    with client:
        assert _outcome(client) == "failed_launch"
        place = f"/api/sorties/{TIPPED}/reviews"
        tag = client.get(place).headers["etag"]
        said = {"outcome": "aborted", "because": "seen", "by": "Ada"}
        assert client.post(place, json=said, headers={"If-Match": tag}).status_code == 201
        assert _outcome(client) == "aborted"
        review_sortie(own_store, TIPPED, "crashed", "", "", "Bob", "from another program")
        assert client.get("/api/sorties", headers={"Cache-Control": "no-cache"}).is_success
        assert _outcome(client) == "crashed"  # who asks for the newest gets it
        review_sortie(own_store, TIPPED, "completed", "", "", "Bob", "and again")
        client.app.state.flyoff.shown.settle(60)
        assert _outcome(client) == "completed"


def _outcome(client: TestClient) -> str:
    rows = client.get("/api/sorties").json()["rows"]
    return str(next(r["outcome"] for r in rows if r["sortie_id"] == TIPPED))
