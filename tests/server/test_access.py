"""Who may do what: every operation of the API asked for by every role, and by nobody."""

import json
from itertools import pairwise

import pytest
from starlette.testclient import TestClient

from flyoff.server.access import LEAST
from flyoff.server.openapi import text
from flyoff.server.settings import Settings
from tests.server.conftest import NAME, Team, team_of

DOCUMENT = json.loads(text())
OPERATIONS = [
    (operation["operationId"], method.upper(), path)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
RANK = ("nobody", "viewer", "analyst", "admin")
#: What ends or begins the login itself, or never ends, is asked elsewhere.
ELSEWHERE = {"log_in", "log_out", "events"}
FILLED = {
    "{campaign}": "nix",
    "{candidate}": "nix",
    "{sortie}": "ffffffffffffffff-0-1",
    "{batch}": "f" * 32,
    "{token}": "ffffffff",
}


@pytest.fixture(scope="module")
def shown(store: object, tmp_path_factory: pytest.TempPathFactory) -> Team:
    home = tmp_path_factory.mktemp("roles")
    return team_of(Settings(store, (), state=home / "state"))


def _ask(team: Team, method: str, path: str, role: str) -> int:
    for name, value in FILLED.items():
        path = path.replace(name, value)
    headers = team.bearer(role) if role != "nobody" else {}
    return team.client.request(method, path, headers=headers).status_code


@pytest.mark.parametrize(("operation", "method", "path"), OPERATIONS)
def test_each_role_may_do_what_the_table_says(
    shown: Team, operation: str, method: str, path: str
) -> None:
    if operation in ELSEWHERE:
        pytest.skip("asked elsewhere: it changes the login, or never ends")
    least = LEAST[operation].replace("anybody", "nobody")
    got = {role: _ask(shown, method, path, role) for role in RANK}
    for role in RANK:
        may = RANK.index(role) >= RANK.index(least)
        wanted = "let in" if may else "401 or 403"
        assert (got[role] not in (401, 403)) == may, f"{role} is {got[role]}, to be {wanted}"
    assert got["nobody"] == 401 or least == "nobody"


def test_no_role_may_less_than_a_lower_one() -> None:
    for lower, higher in pairwise(("viewer", "analyst", "admin")):
        assert RANK.index(lower) < RANK.index(higher)


def test_what_no_route_answers_asks_for_a_login_too(shown: Team) -> None:
    assert shown.client.post("/api/nix").status_code == 401
    assert shown.client.post("/api/nix", headers=shown.bearer("viewer")).status_code in (404, 405)


def test_the_program_of_the_page_is_nobodys_secret(shown: Team) -> None:
    assert shown.client.get("/").status_code in (200, 503)  # 503: it was not built


def test_a_login_gives_a_cookie_that_no_script_reads(team: Team) -> None:
    answer = team.client.post("/api/session", json={"token": team.secrets["analyst"]})
    assert answer.status_code == 200
    assert answer.json()["role"] == "analyst"
    cookie = answer.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("httponly", "secure", "samesite=strict"))
    who = team.client.get("/api/whoami").json()
    assert (who["role"], who["by"]) == ("analyst", "session")
    gone = team.client.delete("/api/session", headers={"X-Flyoff-CSRF": who["csrf"]})
    assert gone.status_code == 204
    assert team.client.get("/api/whoami").json()["role"] is None


def test_a_cookie_that_was_copied_ends_with_its_session(team: Team) -> None:
    who = team.client.post("/api/session", json={"token": team.secrets["viewer"]}).json()
    copied = dict(team.client.cookies)
    team.client.delete("/api/session", headers={"X-Flyoff-CSRF": who["csrf"]})
    thief = TestClient(team.client.app, base_url=f"https://{NAME}", cookies=copied)
    assert thief.get("/api/campaigns").status_code == 401


@pytest.mark.parametrize("part", [0, 1])
def test_a_cookie_that_was_altered_is_nobodys(team: Team, part: int) -> None:
    team.client.post("/api/session", json={"token": team.secrets["viewer"]})
    parts = team.client.cookies["flyoff_session"].split(".")
    parts[part] = parts[part][:-2] + ("AA" if parts[part][-2:] != "AA" else "BB")
    forged = {"flyoff_session": ".".join(parts)}
    other = TestClient(team.client.app, base_url=f"https://{NAME}", cookies=forged)
    assert other.get("/api/campaigns").status_code == 401


def test_a_token_revoked_while_in_use_is_out_at_once(team: Team) -> None:
    team.client.post("/api/session", json={"token": team.secrets["viewer"]})
    assert team.client.get("/api/campaigns").status_code == 200
    own = next(t.id for t in team.tokens.all() if t.role == "viewer")
    assert team.client.get("/api/campaigns", headers=team.bearer("viewer")).status_code == 200
    team.tokens.revoke(own)  # as another process does: the command line
    assert team.client.get("/api/campaigns").status_code == 401
    assert team.client.get("/api/campaigns", headers=team.bearer("viewer")).status_code == 401


def test_wrong_tokens_are_counted_and_good_ones_still_work(team: Team) -> None:
    assert team.client.get("/api/campaigns", headers=team.bearer("admin")).status_code == 200
    wrong = {"token": team.secrets["viewer"][:-4] + "AAAA"}
    codes = [team.client.post("/api/session", json=wrong).status_code for _ in range(12)]
    assert codes[0] == 401
    assert codes[-1] == 429
    answer = team.client.post("/api/session", json=wrong)
    assert int(answer.headers["retry-after"]) > 0
    # who has proved it before is not locked out by somebody who guesses
    assert team.client.get("/api/campaigns", headers=team.bearer("admin")).status_code == 200


def test_an_admin_makes_and_revokes_tokens(team: Team) -> None:
    admin = team.bearer("admin")
    wanted = {"name": "Ada", "role": "viewer", "days": 1}
    made = team.client.post("/api/tokens", json=wanted, headers=admin).json()
    fresh = {"Authorization": f"Bearer {made['secret']}"}
    assert team.client.get("/api/campaigns", headers=fresh).status_code == 200
    listed = team.client.get("/api/tokens", headers=admin)
    assert made["secret"] not in listed.text
    assert "hash" not in listed.text
    own = made["token"]["id"]
    assert team.client.delete(f"/api/tokens/{own}", headers=admin).status_code == 200
    assert team.client.get("/api/campaigns", headers=fresh).status_code == 401
