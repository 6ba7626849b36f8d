"""The cache, the events, and the page's files."""

import asyncio
import threading
import time
from pathlib import Path

import pytest
from starlette.requests import Request

from flyoff.errors import FlyoffError
from flyoff.server.cache import Cache
from flyoff.server.events import Hub
from flyoff.server.problems import Refusal
from flyoff.server.run import serve
from flyoff.server.settings import Settings
from flyoff.server.static import page
from tests.server.alone import run


def test_a_cache_holds_no_more_than_it_may() -> None:
    cache: Cache[bytes] = Cache(100, len)
    for i in range(10):
        cache.get(i, lambda: b"x" * 30)
    assert cache.bytes == 90
    assert cache.get("large", lambda: b"x" * 101) == b"x" * 101  # given, and not kept
    assert cache.bytes == 90


def test_what_many_ask_for_is_made_once() -> None:
    cache: Cache[int] = Cache(100, lambda _: 1)
    made: list[int] = []

    def make() -> int:
        time.sleep(0.05)
        made.append(1)
        return 7

    threads = [threading.Thread(target=cache.get, args=("key", make)) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(made) == 1


def test_what_fails_is_tried_again() -> None:
    cache: Cache[int] = Cache(100, lambda _: 1)

    def fail() -> int:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        cache.get("key", fail)
    assert cache.get("key", lambda: 3) == 3


def test_pages_hear_of_news_and_of_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flyoff.server.events.LOOK_S", 0.02)
    stamps = iter(["a", *["b"] * 10_000])
    may = [True]

    async def listen() -> list[bytes]:
        hub, heard = Hub(lambda: next(stamps)), []
        await hub.start()
        async for said in hub.listen(lambda: may[0]):
            heard.append(said)
            if len(heard) == 2:
                hub.tell("upload", {"id": "x"})
            if b"upload" in said:
                may[0] = False  # the token behind it is revoked
        await hub.stop()
        assert hub.listeners == 0
        return heard

    heard = run(asyncio.wait_for(listen(), 600))
    assert heard[0].startswith(b"retry")
    assert heard[1].startswith(b"event: store")
    assert any(said.startswith(b"event: upload") for said in heard)
    assert heard[-1].startswith(b"event: bye")


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / "static" / "assets").mkdir(parents=True)
    (tmp_path / "static" / "index.html").write_text("the page")
    (tmp_path / "static" / "assets" / "a-1.js").write_text("the program")
    (tmp_path / "secret").write_text("secret")
    return tmp_path / "static"


def _ask(folder: Path, path: str) -> tuple[str, str]:
    answer = page(Request({"type": "http"}), path, folder)
    file = Path(answer.path)
    return file.name, answer.headers["cache-control"]


def test_every_address_of_the_page_is_its_first_file(built: Path) -> None:
    assert _ask(built, "") == ("index.html", "no-cache")
    assert _ask(built, "sorties/17e5-0-1") == ("index.html", "no-cache")
    name, kept = _ask(built, "assets/a-1.js")
    assert name == "a-1.js"
    assert "immutable" in kept


@pytest.mark.parametrize("path", ["../secret.txt", "assets/../../secret.txt", "nix.js", "api/x"])
def test_nothing_else_is_given(built: Path, path: str) -> None:
    (built.parent / "secret.txt").write_text("secret")
    with pytest.raises(Refusal, match="there is no"):
        _ask(built, path)


def test_a_name_without_an_ending_outside_is_the_page(built: Path) -> None:
    assert _ask(built, "../secret") == ("index.html", "no-cache")


def test_a_page_that_was_not_built_says_how(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="npm run build"):
        page(Request({"type": "http"}), "", tmp_path)


def test_a_store_that_is_not_there_is_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(FlyoffError, match="holds no store; make one"):
        serve(Settings(tmp_path / "nothere"), print)
