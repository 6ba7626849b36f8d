"""What stands before every route: names, proxies, other sites' pages, sizes; and the headers."""

import json
import logging

import pytest
from starlette.testclient import TestClient

from flyoff.errors import FlyoffError
from flyoff.server.settings import Settings
from tests.server.conftest import NAME, Team, served


@pytest.mark.parametrize(
    "name", ["evil.example", "evil.example:8765", "127.0.0.1.evil.example", ""]
)
def test_another_name_gets_nothing(client: TestClient, name: str) -> None:
    """DNS that points somebody's name at 127.0.0.1 must not open the door."""
    answer = client.get("/api/campaigns", headers={"Host": name})
    assert answer.status_code == 421
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("name", ["localhost:8765", "LOCALHOST", "127.0.0.1", "[::1]:80"])
def test_this_machines_names_are_known(client: TestClient, name: str) -> None:
    assert client.get("/api/campaigns", headers={"Host": name}).status_code == 200


def test_a_team_is_reached_by_its_name_only(team: Team) -> None:
    for name, status in ((NAME, 200), ("127.0.0.1", 421), ("localhost", 421)):
        headers = {"Host": name, **team.bearer("viewer")}
        assert team.client.get("/api/campaigns", headers=headers).status_code == status


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_a_proxy_before_a_server_without_login_is_refused(client: TestClient, header: str) -> None:
    assert client.get("/api/campaigns", headers={header: "10.0.0.1"}).status_code == 403


def test_a_change_needs_what_only_the_own_page_knows(settings: Settings) -> None:
    client = served(settings)
    good = client.headers.pop("X-Flyoff-CSRF")
    assert client.post("/api/uploads").status_code == 403
    assert client.post("/api/uploads", headers={"X-Flyoff-CSRF": "guess"}).status_code == 403
    from_elsewhere = {"X-Flyoff-CSRF": good, "Sec-Fetch-Site": "cross-site"}
    assert client.post("/api/uploads", headers=from_elsewhere).status_code == 403
    assert client.post("/api/uploads", headers={"X-Flyoff-CSRF": good}).status_code == 201


def test_a_session_needs_its_own_proof(team: Team) -> None:
    who = team.client.post("/api/session", json={"token": team.secrets["analyst"]}).json()
    assert team.client.post("/api/uploads").status_code == 403
    proof = {"X-Flyoff-CSRF": who["csrf"]}
    assert team.client.post("/api/uploads", headers=proof).status_code == 201
    other = TestClient(team.client.app, base_url=f"https://{NAME}")
    other.post("/api/session", json={"token": team.secrets["analyst"]})
    assert other.post("/api/uploads", headers=proof).status_code == 403


def test_a_form_of_another_site_cannot_log_anybody_in(team: Team) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    answer = team.client.post(
        "/api/session", json={"token": team.secrets["viewer"]}, headers=headers
    )
    assert answer.status_code == 403


def test_large_bodies_are_refused_before_they_are_read(client: TestClient) -> None:
    answer = client.post("/api/tokens", content=b"x" * (5 << 20))
    assert answer.status_code == 413

    def endless() -> object:
        for _ in range(6):
            yield b"x" * (1 << 20)

    answer = client.post(
        "/api/tokens", content=endless(), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 413


def test_headers_keep_a_browser_from_everything_else(client: TestClient) -> None:
    for address in ("/api/campaigns", "/api/nix", "/"):
        headers = client.get(address).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


def test_documentation_that_loads_from_elsewhere_is_not_served(client: TestClient) -> None:
    for address in ("/docs", "/redoc", "/openapi.json"):
        assert "cdn" not in client.get(address).text
        assert client.get(address).status_code in (404, 200, 503)


def test_a_bug_is_told_in_the_log_and_not_outside(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client = served(settings)

    def broken(*_: object) -> None:
        raise ValueError("the secret of /etc/shadow")

    monkeypatch.setattr("flyoff.server.routes.campaigns.campaign_line", broken)
    with caplog.at_level(logging.ERROR, "flyoff.server"):
        answer = client.get("/api/campaigns")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.json()["instance"] == answer.headers["x-request-id"]
    assert answer.headers["x-request-id"] in caplog.text


def test_the_access_log_is_one_object_a_line(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "flyoff.access"):
        client.get("/api/nix%0a{}")
    (line,) = [r.getMessage() for r in caplog.records if r.name == "flyoff.access"]
    told = json.loads(line)
    assert told["path"] == "/api/nix\n{}"
    assert told["status"] == 404
    assert told["who"] == "this machine"


def test_metrics_count_by_route(client: TestClient) -> None:
    client.get("/api/words")
    lines = client.get("/metrics").text.splitlines()
    assert any(
        line.startswith('flyoff_requests_total{route="words",status="200"}') for line in lines
    )
    assert any(line.startswith("flyoff_waiting_batches 0") for line in lines)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"host": "0.0.0.0"}, "--tls-cert"),
        ({"host": "0.0.0.0", "behind_proxy": True}, "--name"),
        ({"behind_proxy": True, "names": ("https://a/b",)}, "no host name"),
        ({"tls_cert": "a.pem"}, "go together"),
    ],
)
def test_what_would_be_unsafe_does_not_start(
    settings: Settings, given: dict[str, object], says: str
) -> None:
    with pytest.raises(FlyoffError, match=says):
        served(settings, **given)


def test_read_only_takes_no_change(settings: Settings) -> None:
    client = served(settings, read_only=True)
    assert client.post("/api/uploads").status_code == 403
    assert client.get("/api/about").json()["upload"] is None
    assert client.get("/api/campaigns/trial-1/cards").json()["is_writable"] is False
