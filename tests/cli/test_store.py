"""``flyoff store check`` finds what was altered, and nothing in a store that is whole."""

from collections.abc import Callable
from pathlib import Path

import pytest

from flyoff.lake.store import Store
from tests.cli.call import flyoff
from tests.lake.test_commit import content
from tests.pipeline.flights import card


@pytest.fixture
def store(tmp_path: Path) -> Path:
    card(tmp_path / "card", 2)
    assert flyoff("ingest", tmp_path / "card", "--store", tmp_path / "store").code == 0
    return tmp_path / "store"


def _raw(store: Path) -> Path:
    return sorted((store / "raw").glob("??/*"))[0]


def _parquet(store: Path) -> Path:
    return Path(Store(store).table("sorties").file_uris()[0].removeprefix("file://"))


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.chmod(0o644)
    path.write_bytes(data)


def test_a_whole_store_has_no_damage(store: Path) -> None:
    done = flyoff("store", "check", store, "--json")
    assert (done.code, done.lines) == (0, [])


@pytest.mark.parametrize(
    ("harm", "where", "what"),
    [
        (lambda s: _flip(_raw(s)), "raw/", "not its SHA-256"),
        (lambda s: _raw(s).unlink(), "raw/", "missing"),
        (lambda s: _parquet(s).write_bytes(b"PAR1"), "tables/sorties/", "cannot be read"),
        (lambda s: _parquet(s).unlink(), "tables/sorties/", "cannot be read"),
        (
            lambda s: sorted((s / "tables/findings/_delta_log").glob("*.json"))[0].write_text("{"),
            "tables/findings",
            "cannot be opened",
        ),
    ],
    ids=["raw altered", "raw missing", "parquet altered", "parquet missing", "log entry altered"],
)
def test_damage_is_found(
    store: Path, harm: Callable[[Path], object], where: str, what: str
) -> None:
    harm(store)
    done = flyoff("store", "check", store, "--json")
    assert done.code == 1
    (damage,) = done.lines
    assert damage["where"].startswith(where)
    assert what in damage["what"]
    assert damage["remedy"]


def test_optimising_joins_files_and_changes_no_row(store: Path) -> None:
    more = card(store.parent / "more", 4)[2:]  # the first two are there already
    for log in more:
        assert flyoff("ingest", log, "--store", store).code == 0
    before = content(Store(store))
    assert len(Store(store).table("sorties").file_uris()) == 3
    done = flyoff("store", "optimise", store, "--json").lines[0]
    assert done["files_after"] < done["files_before"]
    assert len(Store(store).table("sorties").file_uris()) == 1
    assert content(Store(store)) == before
    assert flyoff("store", "check", store).code == 0
    assert (
        flyoff("store", "optimise", store, "--json").lines[0]["files_before"] == done["files_after"]
    )
