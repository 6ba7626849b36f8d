"""A basemap of one's own: the user's file, read in the browser; the server's, read in parts."""

import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.web.browsing import serving
from tests.web.conftest import Page
from tests.web.tiles import write_pmtiles

COLOUR = (200, 30, 160)


def _is_shown(tab: Any) -> bool:
    """Whether most of the map is of the tile's colour."""
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    taken = image.open(io.BytesIO(tab.locator(".stage").screenshot())).convert("RGB")
    off = np.abs(np.asarray(taken, dtype=np.int64) - np.array(COLOUR)).max(axis=2)
    return bool((off < 12).mean() > 0.5)


def _until_shown(page: Page) -> None:
    for _ in range(600):  # tiles are cut in the background
        if _is_shown(page.tab):
            return
        page.tab.wait_for_timeout(250)
    raise AssertionError("the basemap never came into sight")


def test_the_users_file_is_laid_under_the_track_and_sent_nowhere(
    page: Page, tmp_path: Path
) -> None:
    file = write_pmtiles(tmp_path / "town.pmtiles", COLOUR)
    crash = page.sorties(outcome="crashed")[0]["sortie_id"]
    tab = page.open(f"#/sortie/{crash}")
    tab.locator(".stage [data-ready=yes]").wait_for()
    assert not _is_shown(tab)
    asked: list[str] = []
    tab.on("request", lambda r: asked.append(r.method))
    tab.locator(".base-choice input").set_input_files(str(file))
    tab.get_by_text("town.pmtiles").wait_for()
    _until_shown(page)
    assert "POST" not in asked
    assert "PUT" not in asked


def test_what_is_no_pmtiles_file_is_told(page: Page, tmp_path: Path) -> None:
    (tmp_path / "photo.pmtiles").write_bytes(b"JFIF" * 100)
    crash = page.sorties(outcome="crashed")[0]["sortie_id"]
    tab = page.open(f"#/sortie/{crash}")
    tab.locator(".stage [data-ready=yes]").wait_for()
    tab.locator(".base-choice input").set_input_files(str(tmp_path / "photo.pmtiles"))
    tab.get_by_text("photo.pmtiles is no PMTiles file").wait_for()


def test_the_servers_basemap_lies_under_every_map_and_comes_in_parts(
    page: Page, folder: Path, tmp_path: Path
) -> None:
    file = write_pmtiles(tmp_path / "range.pmtiles", COLOUR)
    state = folder / f"state-basemap-{os.getpid()}"
    with serving(folder / "store", folder / "campaign", state, "--basemap", str(file)) as own:
        page.address = own
        parts: list[tuple[int, str]] = []
        page.tab.on(
            "response",
            lambda r: parts.append((r.status, r.request.headers.get("range", "")))
            if r.url.endswith("/api/basemap") else None,
        )  # fmt: skip
        crash = page.sorties(outcome="crashed")[0]["sortie_id"]
        tab = page.open(f"#/sortie/{crash}")
        tab.get_by_text("range.pmtiles").wait_for()
        _until_shown(page)
        assert parts
        assert all(status == 206 and asked.startswith("bytes=") for status, asked in parts)
        page.tab.goto("about:blank")
