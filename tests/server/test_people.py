"""Two people at once: reviews and cards are never overwritten unseen."""

import threading
from pathlib import Path

from starlette.testclient import TestClient

from flyoff.campaign.folder import read_campaign
from flyoff.server.settings import Settings
from tests.server.conftest import CRASHED, Team, served, team_of

S = f"/api/sorties/{CRASHED}"
SAYS = {"outcome": "forced_landing", "because": "it came down on its skids"}
C = "/api/campaigns/trial-1"


def _reviewing(settings: Settings, store: Path) -> TestClient:
    return served(settings, store=store)


def test_the_second_reviewer_is_told(settings: Settings, own_store: Path) -> None:
    client = _reviewing(settings, own_store)
    seen = client.get(f"{S}/reviews").headers["etag"]
    assert client.post(f"{S}/reviews", json=SAYS).status_code == 428
    first = client.post(f"{S}/reviews", json={**SAYS, "by": "Ada"}, headers={"If-Match": seen})
    assert first.status_code == 201
    second = {"outcome": "crashed", "because": "no, it broke", "by": "Bo"}
    assert client.post(f"{S}/reviews", json=second, headers={"If-Match": seen}).status_code == 412
    now = client.get(f"{S}/reviews").headers["etag"]
    assert now == first.headers["etag"] != seen
    answer = client.post(f"{S}/reviews", json=second, headers={"If-Match": now})
    assert [r["by"] for r in answer.json()["reviews"]] == ["Bo", "Ada"]
    page = client.get(S).json()
    assert page["row"]["outcome"] == page["row"]["judged"] == "crashed"
    assert page["row"]["is_reviewed"]
    assert len(client.get("/api/reviews").json()["reviews"]) == 2


def test_of_two_at_the_same_instant_one_is_first(settings: Settings, own_store: Path) -> None:
    client = _reviewing(settings, own_store)
    seen = client.get(f"{S}/reviews").headers["etag"]
    codes: list[int] = []

    def review(name: str) -> None:
        made = {**SAYS, "by": name}
        answer = client.post(f"{S}/reviews", json=made, headers={"If-Match": seen})
        codes.append(answer.status_code)

    both = [threading.Thread(target=review, args=(name,)) for name in ("Ada", "Bo")]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(codes) == [201, 412]


def test_a_review_is_signed_by_the_login(settings: Settings, own_store: Path) -> None:
    team: Team = team_of(settings, store=own_store)
    headers = team.bearer("analyst")
    seen = team.client.get(f"{S}/reviews", headers=headers).headers["etag"]
    made = team.client.post(
        f"{S}/reviews", json={**SAYS, "by": "The Queen"}, headers={**headers, "If-Match": seen}
    )
    assert made.json()["reviews"][0]["by"] == "analyst"


def test_a_review_without_reason_or_word_is_refused(settings: Settings, own_store: Path) -> None:
    client = _reviewing(settings, own_store)
    seen = {"If-Match": client.get(f"{S}/reviews").headers["etag"]}
    for wrong in ({"because": "x"}, {"outcome": "crashed", "because": " "},
                  {"outcome": "exploded", "because": "x"}, {"outcome": "crashed"}):  # fmt: skip
        made = client.post(f"{S}/reviews", json={"by": "Ada", **wrong}, headers=seen)
        assert made.status_code == 422, made.text


def _folder(settings: Settings) -> Path:
    return settings.campaigns[0]


def test_a_card_is_written_back_and_nothing_else(settings: Settings) -> None:
    client, file = served(settings), _folder(settings) / "cards.csv"
    before = file.read_bytes()
    table = client.get(f"{C}/cards")
    row = table.json()["rows"][1]
    change = {"changes": [{"line": row["line"], "column": "notes", "value": 'said "go", then'}],
              "added": []}  # fmt: skip
    answer = client.patch(f"{C}/cards", json=change, headers={"If-Match": table.headers["etag"]})
    assert answer.status_code == 200, answer.text
    assert answer.json()["rows"][1]["values"]["notes"] == 'said "go", then'
    old, new = before.splitlines(keepends=True), file.read_bytes().splitlines(keepends=True)
    assert [i for i, (a, b) in enumerate(zip(old, new, strict=True)) if a != b] == [row["line"] - 1]
    assert list(_folder(settings).glob(".cards*")) == []
    cards = {c.line: c for c in read_campaign(_folder(settings)).cards}
    assert cards[row["line"]].notes == 'said "go", then'


def test_a_card_is_added(settings: Settings) -> None:
    client = served(settings)
    seen = {"If-Match": client.get(f"{C}/cards").headers["etag"]}
    new = {"card": "C900", "date": "2026-05-01", "candidate": "heron", "vehicle": "H-01",
           "result": "crashed"}  # fmt: skip
    answer = client.patch(f"{C}/cards", json={"changes": [], "added": [new]}, headers=seen)
    assert answer.status_code == 200
    assert read_campaign(_folder(settings)).cards[-1].card == "C900"
    # a sortie that only a card tells of counts: the evaluation follows at once
    counted = client.get(C).json()["not_counted"]["without_log"]["sorties"]
    assert "card:C900" in counted


def test_a_table_that_changed_meanwhile_is_not_overwritten(settings: Settings) -> None:
    client, file = served(settings), _folder(settings) / "cards.csv"
    seen = {"If-Match": client.get(f"{C}/cards").headers["etag"]}
    file.write_text(file.read_text() + "\n")  # an editor saved it
    change = {"changes": [{"line": 2, "column": "notes", "value": "x"}], "added": []}
    kept = file.read_bytes()
    assert client.patch(f"{C}/cards", json=change, headers=seen).status_code == 412
    assert client.patch(f"{C}/cards", json=change).status_code == 428
    assert file.read_bytes() == kept


def test_what_would_break_the_table_is_refused(settings: Settings) -> None:
    client, file = served(settings), _folder(settings) / "cards.csv"
    seen = {"If-Match": client.get(f"{C}/cards").headers["etag"]}
    kept = file.read_bytes()
    for column, value in (("result", "exploded"), ("date", "soon"), ("nix", "x"),
                          ("disposition", "excluded"), ("notes", "a\0b")):  # fmt: skip
        change = {"changes": [{"line": 2, "column": column, "value": value}], "added": []}
        answer = client.patch(f"{C}/cards", json=change, headers=seen)
        assert answer.status_code == 422, (column, answer.text)
    there_is_none = {"changes": [{"line": 999, "column": "notes", "value": "x"}], "added": []}
    assert client.patch(f"{C}/cards", json=there_is_none, headers=seen).status_code == 422
    assert file.read_bytes() == kept
