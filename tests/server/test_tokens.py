"""Tokens are shown once, kept as hashes, and gone when revoked or expired."""

import json
import stat
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from flyoff.errors import FlyoffError
from flyoff.server import tokens as module
from flyoff.server.sessions import LASTS_S, Sessions
from flyoff.server.tokens import Tokens


def test_the_file_holds_hashes_and_nobody_else_reads_it(tmp_path: Path) -> None:
    tokens = Tokens(tmp_path / "state")
    token, secret = tokens.make("Ada", "analyst")
    text = (tmp_path / "state" / "tokens.json").read_text()
    assert secret.rpartition("_")[2] not in text
    assert token.hash.startswith("$argon2id$")
    assert stat.S_IMODE((tmp_path / "state" / "tokens.json").stat().st_mode) == 0o600
    assert tokens.proved(secret) == token
    assert tokens.proved(secret[:-1] + ("A" if secret[-1] != "A" else "B")) is None
    assert tokens.proved("") is None
    assert tokens.proved("flyoff_00000000_" + "A" * 43) is None


def test_another_process_sees_what_was_made_and_revoked(tmp_path: Path) -> None:
    mine, others = Tokens(tmp_path), Tokens(tmp_path)
    token, secret = others.make("Ada", "viewer")
    assert mine.proved(secret) is not None
    assert mine.is_remembered(secret)
    others.revoke(token.id)
    assert mine.proved(secret) is None
    assert mine.valid(token.id) is None


def test_an_expired_token_is_none(tmp_path: Path) -> None:
    tokens = Tokens(tmp_path)
    token, secret = tokens.make("Ada", "viewer", days=1)
    past = replace(token, expires_utc="2020-01-01T00:00:00Z")
    (tmp_path / "tokens.json").write_text(json.dumps({"tokens": [asdict(past)]}))
    assert tokens.proved(secret) is None


@pytest.mark.parametrize(
    ("name", "role", "days"),
    [("", "viewer", None), ("a\nb", "viewer", None), ("a", "king", None), ("a", "viewer", 0)],
)
def test_what_means_nothing_is_refused(
    tmp_path: Path, name: str, role: str, days: int | None
) -> None:
    with pytest.raises(FlyoffError):
        Tokens(tmp_path).make(name, role, days)


def test_a_damaged_file_lets_nobody_in(tmp_path: Path) -> None:
    tokens = Tokens(tmp_path)
    _, secret = tokens.make("Ada", "admin")
    (tmp_path / "tokens.json").write_text("{")
    with pytest.raises(FlyoffError, match="cannot be read"):
        tokens.proved(secret)


def test_a_session_ends_and_survives_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, cookie = Sessions(tmp_path).begin("token", "abcdef01", "viewer")
    again = Sessions(tmp_path)
    assert again.read(cookie) == session
    later = session.begun_s + LASTS_S + 1
    monkeypatch.setattr("flyoff.server.sessions.time.time", lambda: later)
    assert again.read(cookie) is None


def test_proofs_that_are_remembered_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_REMEMBERED", 2)
    tokens = Tokens(tmp_path)
    secrets = [tokens.make(str(i), "viewer")[1] for i in range(4)]
    assert all(tokens.proved(s) for s in secrets)
    assert len(tokens._proved) <= 2
