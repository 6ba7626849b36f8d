"""A store whose permissions are taken away in the middle of an ingest, and given back later."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from flyoff.errors import StoreError
from flyoff.lake.store import Store
from flyoff.pipeline.ingest import ingest, open_store
from flyoff.pipeline.walk import walk
from tests.lake.powerless import without_power
from tests.lake.test_commit import content
from tests.pipeline.flights import card


@pytest.fixture
def whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """What a store of three logs holds; what is imported on the way nobody could not read later."""
    monkeypatch.chdir(tmp_path)
    store = open_store("whole", create=True)
    for _ in ingest(store, walk(card(Path("card"), 3)).files, jobs=1):
        pass
    return content(store)


@pytest.fixture
def powerless() -> Iterator[Path]:
    with without_power() as folder:
        yield folder


def _folders(place: Path) -> list[Path]:
    return [place, *(p for p in place.rglob("*") if p.is_dir())]


@pytest.mark.parametrize("lost", ["tables", "tables/sorties/_delta_log", "tables/logs", "raw", "."])
def test_permission_lost_midway_loses_nothing(
    lost: str, whole: dict[str, object], powerless: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(powerless)
    files, store = walk(card(Path("card"), 3)).files, powerless / "store"
    work = ingest(open_store(store, create=True), files, jobs=1)
    next(work)
    taken_away = _folders(store / lost) if lost != "." else [store]
    for path in taken_away:
        path.chmod(0o555)
    with pytest.raises(StoreError, match="read only or no permission"):
        list(work)
    for path in taken_away:
        path.chmod(0o755)
    assert len(list(ingest(open_store(store), files, jobs=1))) == len(files)
    assert content(Store(store)) == whole
    assert Store(store).is_settled
