"""Logging in through an identity provider: who comes in, and everybody who must not."""

import hashlib
import hmac
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.cookies import Morsel, SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from starlette.testclient import TestClient

from flyoff.errors import FlyoffError
from flyoff.server.access import Principal
from flyoff.server.app import create_app
from flyoff.server.oidc import asking
from flyoff.server.oidc.provider import read_provider
from flyoff.server.patience import Patience
from flyoff.server.settings import Settings
from tests.server.conftest import NAME, served
from tests.server.fake_provider import CLIENT, SECRET, Claims, FakeProvider, new_key, unsigned

FILE = """
issuer = "{issuer}"
client_id = "{client}"
client_secret_file = "client.secret"
address = "{address}"
[roles]
viewer = ["trial-guests"]
analyst = ["trial-team"]
admin = ["trial-directors"]
"""


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    made = FakeProvider()
    yield made
    made.close()


@pytest.fixture
def file(provider: FakeProvider, tmp_path: Path) -> Path:
    return written(tmp_path, provider.issuer)


def written(folder: Path, issuer: str) -> Path:
    (folder / "client.secret").write_text(f"{SECRET}\n")
    path = folder / "oidc.toml"
    path.write_text(FILE.format(issuer=issuer, client=CLIENT, address=f"https://{NAME}"))
    return path


@pytest.fixture
def client(settings: Settings, file: Path) -> TestClient:
    return behind_proxy(settings, oidc=file)


def behind_proxy(settings: Settings, **given: Any) -> TestClient:
    """A client of a team's server that has no tokens: Argon2 takes its time."""
    own = replace(settings, host="0.0.0.0", behind_proxy=True, names=(NAME,), **given)
    return TestClient(create_app(own), base_url=f"https://{NAME}", raise_server_exceptions=False)


def patient(client: TestClient) -> None:
    """Forget how often somebody was refused."""
    client.app.state.flyoff.identity.patience = Patience()


def begin(client: TestClient, to: str = "") -> str:
    """Where the browser is sent."""
    answer = client.get("/api/oidc/login", params={"to": to}, follow_redirects=False)
    assert answer.status_code == 303
    return answer.headers["location"]


def back(client: TestClient, brought: dict[str, str]) -> httpx.Response:
    return client.get("/api/oidc/callback", params=brought, follow_redirects=False)


def come_in(client: TestClient, provider: FakeProvider, to: str = "") -> httpx.Response:
    return back(client, provider.log_in(begin(client, to)))


def refused(answer: httpx.Response) -> str:
    """Why; the page is told in the part of the address that no server sees."""
    assert answer.status_code == 303, answer.text
    assert "flyoff_session" not in answer.headers.get("set-cookie", "")
    place, _, why = answer.headers["location"].partition("#/?refused=")
    assert place == f"https://{NAME}/"
    return why


def cookie(answer: httpx.Response, name: str) -> Morsel[str]:
    read: SimpleCookie = SimpleCookie()
    for line in answer.headers.get_list("set-cookie"):
        read.load(line)
    return read[name]


def test_a_person_comes_in_with_the_role_of_her_group(
    client: TestClient, provider: FakeProvider
) -> None:
    nobody = client.get("/api/whoami").json()
    assert (nobody["role"], nobody["login"]) == (None, ["token", "oidc"])
    answer = come_in(client, provider, "/sorties?outcome=crashed&text=a b")
    assert answer.headers["location"] == f"https://{NAME}/#/sorties?outcome=crashed&text=a%20b"
    who = client.get("/api/whoami").json()
    assert (who["name"], who["role"], who["by"]) == ("ada", "analyst", "oidc")
    assert client.get("/api/campaigns").status_code == 200
    assert client.get("/api/tokens").status_code == 403
    assert client.post("/api/uploads").status_code == 403  # without the page's secret
    assert client.post("/api/uploads", headers={"X-Flyoff-CSRF": who["csrf"]}).status_code == 201


def test_what_the_provider_is_asked_cannot_be_guessed_or_sent_elsewhere(
    client: TestClient, provider: FakeProvider
) -> None:
    asked = [parse_qs(urlsplit(begin(client)).query) for _ in range(2)]
    for one in asked:
        assert one["response_type"] == ["code"]
        assert one["code_challenge_method"] == ["S256"]
        assert one["redirect_uri"] == [f"https://{NAME}/api/oidc/callback"]
        assert one["scope"] == ["openid profile email"]
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]
        assert len(asked[0][name][0]) >= 43


def test_cookies_are_for_this_page_alone(client: TestClient, provider: FakeProvider) -> None:
    begun = client.get("/api/oidc/login", follow_redirects=False)
    own = cookie(begun, "flyoff_oidc")
    assert (own["samesite"], own["path"], own["max-age"]) == ("lax", "/api/oidc", "600")
    ended = back(client, provider.log_in(begun.headers["location"]))
    session = cookie(ended, "flyoff_session")
    assert (session["samesite"], session["max-age"]) == ("strict", str(8 * 3600))
    for one in (own, session):
        assert one["httponly"]
        assert one["secure"]
    assert cookie(ended, "flyoff_oidc")["max-age"] == "0"
    assert ended.headers["cache-control"] == "no-store"


def test_a_page_under_a_path_of_its_host(
    settings: Settings, file: Path, provider: FakeProvider
) -> None:
    """The proxy takes /trials/flyoff off; what the browser sees has it."""
    file.write_text(file.read_text().replace(f"https://{NAME}", f"https://{NAME}/trials/flyoff/"))
    client = behind_proxy(settings, oidc=file)
    begun = client.get("/api/oidc/login", follow_redirects=False)
    assert cookie(begun, "flyoff_oidc")["path"] == "/trials/flyoff/api/oidc"
    url = begun.headers["location"]
    redirect = parse_qs(urlsplit(url).query)["redirect_uri"]
    assert redirect == [f"https://{NAME}/trials/flyoff/api/oidc/callback"]
    sent = {"Cookie": f"flyoff_oidc={cookie(begun, 'flyoff_oidc').value}"}
    answer = client.get(
        "/api/oidc/callback", params=provider.log_in(url), headers=sent, follow_redirects=False
    )
    assert answer.headers["location"] == f"https://{NAME}/trials/flyoff/#"
    assert client.get("/api/whoami").json()["role"] == "analyst"


SPOILED: dict[str, Claims] = {
    "another nonce": {"nonce": "x" * 43},
    "no nonce": {"nonce": None},
    "another issuer": {"iss": "https://login.example.org"},
    "another client": {"aud": "another"},
    "another client, by this one": {"aud": "another", "azp": CLIENT},
    "several clients, of whom none is named": {"aud": [CLIENT, "another"]},
    "another party": {"azp": "another"},
    "expired": {"exp": int(time.time()) - 3600, "iat": int(time.time()) - 7200},
    "of the future": {"iat": int(time.time()) + 3600},
    "not yet good": {"nbf": int(time.time()) + 3600},
    "never ends": {"exp": None},
    "ends at no time": {"exp": "tomorrow"},
    "nobody": {"sub": None},
    "somebody without a name": {"sub": ""},
    "a number": {"sub": 17},
    "another access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}


def test_a_token_that_is_not_for_this_log_in_is_refused(
    client: TestClient, provider: FakeProvider
) -> None:
    def spoil(spoiled: Claims, claims: Claims) -> None:
        claims.update(spoiled)
        for name in [n for n, value in spoiled.items() if value is None]:
            del claims[name]

    for name, spoiled in SPOILED.items():
        patient(client)
        provider.spoil = partial(spoil, spoiled)
        assert refused(come_in(client, provider)) == "token", name
        assert client.get("/api/whoami").json()["role"] is None
    assert not provider.refused


def test_a_token_that_the_provider_did_not_sign_is_refused(
    client: TestClient, provider: FakeProvider
) -> None:
    """Its description offers ``none`` and HS256: a public key would be the secret."""
    header = {"alg": "HS256", "kid": provider.key.kid}
    secret = provider.key.as_pem(private=False)

    def by_public_key(claims: Claims) -> str:
        body = unsigned(header, claims).rsplit(".", 1)[0]
        return unsigned(header, claims, hmac.digest(secret, body.encode(), hashlib.sha256))

    stranger = FakeProvider()
    stranger.close()
    stranger.key = new_key()
    own_kid = stranger.key.as_dict(private=True) | {"kid": provider.key.kid}
    stranger.key = type(stranger.key).import_key(own_kid)
    for made in (
        lambda claims: unsigned({"alg": "none"}, claims),
        lambda claims: unsigned({"alg": "None", "kid": provider.key.kid}, claims),
        by_public_key,
        stranger.sign,
        lambda claims: provider.sign(claims)[:-8] + "AAAAAAAA",
        lambda claims: "no token at all",
        lambda claims: 17,
    ):
        provider.signed = made  # one is no text, as an answer may be
        assert refused(come_in(client, provider)) == "token"


def test_who_is_in_no_known_group_stays_outside(client: TestClient, provider: FakeProvider) -> None:
    strange: list[Any] = [
        [], ["cooks"], None, "trial-te", {"trial-team": True}, [["trial-team"]], 1,
    ]  # fmt: skip
    for groups in strange:
        provider.person["groups"] = groups
        assert refused(come_in(client, provider)) == "role", groups


def test_the_highest_role_counts(client: TestClient, provider: FakeProvider) -> None:
    provider.person["groups"] = ["trial-guests", "trial-directors"]
    come_in(client, provider)
    assert client.get("/api/whoami").json()["role"] == "admin"


def test_only_the_browser_that_began_a_log_in_ends_it(
    client: TestClient, provider: FakeProvider
) -> None:
    brought = provider.log_in(begin(client))
    assert refused(back(client, brought | {"state": "x" * 43})) == "again"
    assert refused(back(client, brought)) == "again"  # the cookie went with the first try
    stolen = provider.log_in(begin(client))
    client.cookies.clear()
    assert refused(back(client, stolen)) == "again"
    begin(client)
    assert refused(back(client, stolen)) == "again"
    client.cookies.set("flyoff_oidc", "forged.x", domain=NAME, path="/api/oidc")
    assert refused(back(client, stolen)) == "again"
    assert not provider.refused  # of none of them the provider was asked


def test_a_code_is_good_once_and_for_its_verifier(
    client: TestClient, provider: FakeProvider
) -> None:
    first = provider.log_in(begin(client))
    second = begin(client)
    state = parse_qs(urlsplit(second).query)["state"][0]
    assert refused(back(client, {"code": first["code"], "state": state})) == "provider"
    assert provider.refused == ["verifier"]


def test_a_log_in_that_takes_too_long_begins_again(
    client: TestClient, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    brought = provider.log_in(begin(client))
    kept = {"Cookie": f"flyoff_oidc={client.cookies['flyoff_oidc']}"}  # whatever its Max-Age says
    later = time.time() + 601
    monkeypatch.setattr("flyoff.server.oidc.login.time.time", lambda: later)
    answer = client.get("/api/oidc/callback", params=brought, headers=kept, follow_redirects=False)
    assert refused(answer) == "again"


def test_a_provider_that_says_no_or_somebody_elses_answer(
    client: TestClient, provider: FakeProvider
) -> None:
    def answered(**more: str) -> str:
        return refused(back(client, provider.log_in(begin(client)) | more))

    assert answered(error="access_denied") == "provider"
    assert answered(code="") == "provider"
    assert answered(iss="https://other.example.org") == "token"  # RFC 9207: mixed up


def test_a_description_that_cannot_be_trusted(
    client: TestClient, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "_KEPT_S", -1.0)
    for name, value in (
        ("issuer", "https://other.example.org"),
        ("jwks_uri", "http://keys.example.org/"),
        ("token_endpoint", None),
        ("authorization_endpoint", "file:///etc/passwd"),
    ):
        provider.described = {name: value}
        answer = client.get("/api/oidc/login", follow_redirects=False)
        assert refused(answer) == "provider", name


def test_a_provider_that_is_gone_is_no_bug(client: TestClient, provider: FakeProvider) -> None:
    provider.close()
    assert refused(client.get("/api/oidc/login", follow_redirects=False)) == "provider"


def test_keys_that_are_new_are_asked_for(
    client: TestClient, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    come_in(client, provider)
    provider.key = new_key()
    assert refused(come_in(client, provider)) == "token"  # asked for a moment ago: not so often
    monkeypatch.setattr(asking, "_AGAIN_S", -1.0)
    assert come_in(client, provider).headers["location"] == f"https://{NAME}/#"


def test_a_session_that_ended_has_ended_for_good(
    settings: Settings, file: Path, provider: FakeProvider
) -> None:
    client = behind_proxy(settings, oidc=file)
    kept = cookie(come_in(client, provider), "flyoff_session").value
    csrf = client.get("/api/whoami").json()["csrf"]

    def role(asked: TestClient) -> object:
        return asked.get("/api/whoami", headers={"Cookie": f"flyoff_session={kept}"}).json()["role"]

    assert role(behind_proxy(settings, oidc=file)) == "analyst"  # a restart logs nobody out
    running = client.app.state.flyoff.identity
    session = running.sessions.read(kept)
    known = Principal("ada", "analyst", "oidc", csrf, session=session)
    assert running.is_still(known)
    assert client.delete("/api/session", headers={"X-Flyoff-CSRF": csrf}).status_code == 204
    assert not running.is_still(known)  # open pages are told within a second
    for again in (client, behind_proxy(settings, oidc=file)):
        again.cookies.clear()
        assert role(again) is None


def test_a_session_ends_with_its_hours_and_with_the_rules_that_gave_its_role(
    settings: Settings, file: Path, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = behind_proxy(settings, oidc=file)
    come_in(client, provider)
    kept = client.cookies["flyoff_session"]
    file.write_text(file.read_text().replace('analyst = ["trial-team"]', 'analyst = ["others"]'))
    other = behind_proxy(settings, oidc=file)
    sent = {"Cookie": f"flyoff_session={kept}"}
    assert other.get("/api/whoami", headers=sent).json()["role"] is None
    plain = behind_proxy(settings)
    assert plain.get("/api/whoami", headers=sent).json()["role"] is None
    assert client.get("/api/whoami").json()["role"] == "analyst"
    later = time.time() + 8 * 3600
    monkeypatch.setattr("flyoff.server.sessions.time.time", lambda: later)
    assert client.get("/api/whoami").json()["role"] is None


def test_failures_are_counted(client: TestClient) -> None:
    answers = [back(client, {"code": "x", "state": "x"}).status_code for _ in range(11)]
    assert answers == [303] * 10 + [429]


def test_a_server_without_a_provider_says_so(settings: Settings) -> None:
    for way in ("login", "callback"):
        assert served(settings).get(f"/api/oidc/{way}", follow_redirects=False).status_code == 404


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("issuer = ", "isuer = ", "isuer: unknown"),
        ('issuer = "http:', 'issuer = "ftp:', "issuer: expected"),
        ('client_id = "flyoff"', "client_id = 1", "client_id: expected a text"),
        ("client.secret", "nothere", "cannot be read"),
        (f"https://{NAME}", f"http://{NAME}", "address: expected"),
        ('viewer = ["trial-guests"]', 'viewer = "trial-guests"', "roles.viewer"),
        ("viewer = ", "guest = ", "roles: guest"),
        ("[roles]", "hours = 24\n[roles]", "hours"),
        ("[roles]", "[other]", "other"),
        ("[roles]", "[", "cannot be read"),
    ],
)
def test_a_file_that_does_not_fit_is_told_at_the_start(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    file = written(tmp_path, "http://127.0.0.1:1")
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after))
    with pytest.raises(FlyoffError, match=said):
        read_provider(file, (NAME,))
