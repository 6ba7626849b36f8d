"""The page against the real server on a store of samples, in Debian's Chromium without a window."""

import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.web.browsing import FLAGS, PATIENCE_S, ROOT, STATIC, build_script, chromium, serving

TRIAL = ROOT / "samples" / "trial"
#: Small logs of many outcomes; two of one day for the replay.
LOGS = (
    "kestrel/K-02_2024-02-12_01.BIN",
    "kestrel/K-03_2025-02-02_02.BIN",
    "kestrel/K-04_2026-11-22_01.ulg",
    "kestrel/K-04_2026-11-22_02.ulg",
    "swift/S-01_2024-02-21_01.BIN",
    "swift/S-02_2025-01-06_01.BIN",
    "swift/S-02_2025-09-08_02.BIN",
    "heron/H-01_2024-05-23_03.BIN",
)


@pytest.fixture(scope="session")
def built() -> Path:
    """The folder of the built page, of these very sources."""
    if not build_script().is_built():
        pytest.skip("the page is not built of these sources: make web (needs Node 20.19 and npm)")
    return STATIC


@pytest.fixture(scope="session")
def browser(built: Path) -> Iterator[Any]:
    path = chromium()
    if path is None:
        pytest.skip("no chromium here: apt-get install chromium")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture(scope="session")
def folder(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Campaign and store of some samples, made once for all workers, and only for a browser."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "page"
    shared.mkdir(exist_ok=True)
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "made").exists():
            _make(shared)
            (shared / "made").touch()
    return shared


def _make(folder: Path) -> None:
    from flyoff.pipeline.demo import unpack

    samples = ROOT / "samples" / "campaign"
    (folder / "campaign").mkdir()
    for name in ("campaign.toml", "cards.csv"):
        shutil.copy(samples / name, folder / "campaign" / name)
    for log in LOGS:
        for packed in (samples / "logs" / log).parent.glob(f"{Path(log).stem}.*"):
            place = folder / "wanted" / "logs" / Path(log).parent
            place.mkdir(parents=True, exist_ok=True)
            shutil.copy(packed, place)
    logs = list(unpack(folder / "wanted", folder / "campaign" / "logs"))
    assert len(logs) == len(LOGS)
    command = ["ingest", str(folder / "campaign/logs"), "--store", str(folder / "store")]
    subprocess.run(
        [sys.executable, "-m", "flyoff", *command, "--jobs", "1"], check=True, capture_output=True
    )


@pytest.fixture(scope="session")
def campaign(folder: Path) -> Path:
    """A copy of the sample campaign, since cards are written to it."""
    return folder / "campaign"


@pytest.fixture(scope="session")
def address(folder: Path) -> Iterator[str]:
    """A server of this worker's own; several look at one store."""
    state = folder / f"state-{os.getpid()}"
    with serving(folder / "store", folder / "campaign", state, "--trial", str(TRIAL)) as started:
        yield started


class Page:
    """A tab that remembers what it must not have seen.

    Attributes
    ----------
    tab : playwright's page
    problems : list of str
        Errors on the console, and requests to another host.
    """

    def __init__(self, tab: Any, address: str) -> None:
        self.tab, self.address = tab, address
        self.problems: list[str] = []
        self.expected: list[str] = []
        tab.set_default_timeout(PATIENCE_S * 1000)
        tab.on(
            "console",
            lambda m: (
                m.type in ("error", "warning") and self._note(f"{m.text} {m.location['url']}")
            ),
        )
        tab.on("pageerror", lambda e: self._note(str(e)))
        tab.on("request", self._request)

    def _note(self, text: str) -> None:
        # a software renderer tells that it is slow; that is no fault of the page
        if "GPU stall" not in text and "swiftshader" not in text.lower():
            self.problems.append(text)

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.problems.append(f"asked another host: {request.url}")

    def open(self, place: str) -> Any:
        """Open an address of the page; returns the tab."""
        self.tab.goto(f"{self.address}/{place}")
        return self.tab

    def until(self, claim: str, arg: Any = None) -> None:
        """Wait until a claim holds; playwright's own way is eval, which the policy forbids."""
        end = time.monotonic() + PATIENCE_S
        while not self.tab.evaluate(claim, arg):
            assert time.monotonic() < end, f"never came true: {claim}"
            self.tab.wait_for_timeout(60)

    def sorties(self, **query: str) -> list[dict[str, Any]]:
        """Lines of the table, asked of the server as the page does."""
        found = self.tab.request.get(f"{self.address}/api/sorties", params=query).json()
        rows: list[dict[str, Any]] = found["rows"]
        return rows


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    made = Page(context.new_page(), address)
    yield made
    context.close()
    left = [p for p in made.problems if not any(e in p for e in made.expected)]
    assert not left, left
