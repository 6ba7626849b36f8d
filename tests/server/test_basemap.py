"""The server's basemap: a part of a file for who asks for a part, and nothing else of the disk."""

from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from flyoff.errors import FlyoffError
from flyoff.server.app import create_app
from flyoff.server.settings import Settings
from tests.server.conftest import served, team_of
from tests.web.tiles import write_pmtiles

PLACE = "/api/basemap"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_pmtiles(tmp_path / "range.pmtiles", (1, 2, 3))


def test_a_part_is_given_as_asked_for(settings: Settings, file: Path) -> None:
    client, whole = served(settings, basemap=file), file.read_bytes()
    assert client.get("/api/about").json()["basemap"] == "range.pmtiles"
    part = client.get(PLACE, headers={"Range": "bytes=0-126"})
    assert part.status_code == 206
    assert part.content == whole[:127]
    assert part.headers["content-range"] == f"bytes 0-126/{len(whole)}"
    assert client.get(PLACE, headers={"Range": "bytes=127-"}).content == whole[127:]
    assert client.get(PLACE).content == whole


@pytest.mark.parametrize(
    "asked", ["bytes=99999999-", "bytes=9-3", "bytes=-5", "bytes=0-1,4-5", "lines=1-2", "bytes=x-y"]
)
def test_a_part_that_is_not_there_is_refused(settings: Settings, file: Path, asked: str) -> None:
    answer = served(settings, basemap=file).get(PLACE, headers={"Range": asked})
    assert answer.status_code == 416
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_file_that_vanished_or_never_was_is_not_there(
    settings: Settings, client: TestClient, file: Path
) -> None:
    assert client.get(PLACE).status_code == 404
    own = served(settings, basemap=file)
    file.unlink()
    assert own.get(PLACE).status_code == 404


def test_who_is_not_logged_in_sees_no_map(settings: Settings, file: Path) -> None:
    team = team_of(settings, basemap=file)
    assert team.client.get(PLACE).status_code == 401
    assert team.client.get(PLACE, headers=team.bearer("viewer")).status_code == 200


def test_another_file_is_no_basemap(settings: Settings, tmp_path: Path) -> None:
    secret = tmp_path / "secret.key"
    secret.write_text("not a map")
    for wrong in (secret, tmp_path / "absent", tmp_path):
        with pytest.raises(FlyoffError, match="--basemap"):
            create_app(replace(settings, basemap=wrong))
