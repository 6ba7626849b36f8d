"""Requests that nobody wrote by hand: no error of the server, every answer as declared."""

import json
import os
import shutil
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, settings
from schemathesis import checks
from schemathesis.config import SchemathesisConfig

from flyoff.server.app import create_app
from flyoff.server.openapi import text
from flyoff.server.settings import Settings
from tests.server.conftest import CRASHED, TIPPED, TRIAL, write_campaign

#: The edges of every parameter take minutes: HYPOTHESIS_PROFILE=ci walks them, too.
IS_LONG = os.environ.get("HYPOTHESIS_PROFILE") == "ci"
SCHEMA = schemathesis.openapi.from_dict(
    json.loads(text()),
    config=SchemathesisConfig.from_dict({"phases": {"coverage": {"enabled": IS_LONG}}}),
)
#: Never ends.
LEFT_OUT = {"events"}
#: What exists, taken for most requests: else nearly all would end with 404.
THERE = {"sortie": CRASHED, "campaign": "trial-1", "candidate": "kestrel", "against": TIPPED,
         "trial": "trial"}  # fmt: skip
CHECKS = (
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
)


@dataclass(frozen=True)
class Live:
    """A server that listens: its address, what its page would send, and a batch that is open."""

    address: str
    headers: dict[str, str]
    batch: str


@pytest.fixture(scope="module")
def live(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server that may be changed, over a copy of the store."""
    home = tmp_path_factory.mktemp("fuzzed")
    own = Path(shutil.copytree(store, home / "store"))
    campaign = write_campaign(home / "Trial 1")
    app = create_app(Settings(own, (campaign,), (TRIAL,), state=home / "state"))
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    with httpx.Client(base_url=address) as client:
        headers = {"X-Flyoff-CSRF": client.get("/api/whoami").json()["csrf"]}
        batch = client.post("/api/uploads", headers=headers).json()["id"]
    yield Live(address, headers, batch)
    server.should_exit = True
    thread.join()


def _aimed(case: Any, live: Live) -> None:
    """Point most requests at what exists."""
    if hash(repr(case.query) + repr(case.body)) % 8 == 0:
        return
    known = {**THERE, "batch": live.batch}
    for part in (case.path_parameters, case.query):
        for name in part or {}:
            if name in known:
                part[name] = known[name]
    if "id" in (case.query or {}):
        case.query["id"] = [CRASHED, TIPPED]


@pytest.mark.filterwarnings("ignore")
@SCHEMA.parametrize()
@settings(
    max_examples=100 if IS_LONG else 6, deadline=None, suppress_health_check=list(HealthCheck)
)
def test_no_request_breaks_the_server(case: Any, live: Live) -> None:
    if case.operation.definition.raw["operationId"] in LEFT_OUT:
        pytest.skip("a stream that never ends is asked elsewhere")
    _aimed(case, live)
    answer = case.call(base_url=live.address, headers=live.headers)
    case.validate_response(answer, checks=CHECKS)
    assert b"Traceback" not in answer.content
