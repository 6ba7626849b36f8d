"""A store made of three samples, and servers over it: for this machine, and for a team."""

import lzma
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from flyoff.pipeline.ingest import ingest, open_store
from flyoff.pipeline.walk import walk
from flyoff.server.app import create_app
from flyoff.server.settings import Settings
from flyoff.server.tokens import Tokens
from tests.contracts.source_tree import ROOT

SAMPLES = ROOT / "samples" / "campaign"
TRIAL = ROOT / "samples" / "trial"
LOGS = ("kestrel/K-02_2024-12-15_02", "kestrel/K-03_2025-02-02_02", "kestrel/K-02_2024-02-12_01")
#: The sortie of the last of them: a motor failed and it crashed.
CRASHED = "17e55946dd314c75-0-1"
TIPPED = "45a15b7b425307ae-0-1"
NAME = "trial.example"


@dataclass(frozen=True)
class Team:
    """A server that demands tokens: a client without any, and a secret for each role."""

    client: TestClient
    secrets: dict[str, str]
    tokens: Tokens

    def bearer(self, role: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secrets[role]}"}


def unpack_samples(folder: Path) -> Path:
    """The three logs with their plans."""
    for name in LOGS:
        target = folder / f"{name}.BIN"
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(lzma.decompress((SAMPLES / "logs" / f"{name}.BIN.xz").read_bytes()))
        shutil.copy(SAMPLES / "logs" / f"{name}.waypoints", target.with_suffix(".waypoints"))
    return folder


@pytest.fixture(scope="session")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpack_samples(tmp_path_factory.mktemp("brought"))


@pytest.fixture(scope="session")
def store(logs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("served") / "store"
    list(ingest(open_store(folder, create=True), walk([logs]).files, jobs=1))
    return folder


@pytest.fixture
def own_store(store: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(store, tmp_path / "store"))


def write_campaign(folder: Path) -> Path:
    """The samples' campaign with the cards of the three logs."""
    folder.mkdir(parents=True)
    shutil.copy(SAMPLES / "campaign.toml", folder)
    lines = (SAMPLES / "cards.csv").read_text().splitlines(keepends=True)
    kept = [line for line in lines[1:] if any(Path(name).name in line for name in LOGS)]
    (folder / "cards.csv").write_text("".join([lines[0], *kept]))
    return folder


@pytest.fixture(scope="session")
def client(store: Path, tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    """A client of a server for this machine that no test may change anything on."""
    home = tmp_path_factory.mktemp("shown")
    campaign = write_campaign(home / "Trial 1")
    return served(Settings(store, (campaign,), (TRIAL,), state=home / "state"))


@pytest.fixture
def settings(store: Path, tmp_path: Path) -> Settings:
    """Of a server with a campaign of its own."""
    return Settings(store, (write_campaign(tmp_path / "Trial 1"),), state=tmp_path / "state")


@pytest.fixture
def team(settings: Settings) -> Team:
    return team_of(settings)


def served(settings: Settings, **given: object) -> TestClient:
    """A client of a server for this machine, which sends what its page would send."""
    app = create_app(replace(settings, **given))
    client = TestClient(app, base_url="http://127.0.0.1:8765", raise_server_exceptions=False)
    client.headers["X-Flyoff-CSRF"] = client.get("/api/whoami").json()["csrf"]
    return client


def team_of(settings: Settings, **given: object) -> Team:
    own = replace(settings, host="0.0.0.0", behind_proxy=True, names=(NAME,), **given)
    tokens = Tokens(own.state_folder)
    secrets = {role: tokens.make(role, role)[1] for role in ("viewer", "analyst", "admin")}
    client = TestClient(create_app(own), base_url=f"https://{NAME}", raise_server_exceptions=False)
    return Team(client, secrets, tokens)
