"""A campaign folder is read, and one that contradicts itself is refused with the place."""

from pathlib import Path

import pytest

from flyoff.campaign.folder import read_campaign
from flyoff.errors import CampaignError

TOML = '[campaign]\nname = "Spring"\n[candidates.kestrel]\nvehicles = ["K-01"]\n'
HEAD = "card,date,candidate,vehicle,log,notes\n"


def folder(home: Path, toml: str = TOML, cards: str | None = None) -> Path:
    (home / "campaign.toml").write_text(toml)
    if cards is not None:
        (home / "cards.csv").write_text(HEAD + cards)
    return home


def test_candidates_and_cards(tmp_path: Path) -> None:
    campaign = read_campaign(folder(tmp_path, cards="C1,2026-05-04,kestrel,K-01,logs\\a.BIN,x\n"))
    assert campaign.name == "Spring"
    assert campaign.candidates[0].vehicles == ("K-01",)
    (card,) = campaign.cards
    assert (card.card, card.log_name, card.line) == ("C1", "a.BIN", 2)


def test_cards_may_be_absent(tmp_path: Path) -> None:
    assert read_campaign(folder(tmp_path)).cards == ()


@pytest.mark.parametrize(
    ("toml", "cards", "says"),
    [
        ("[candidates]\n", None, "no candidate"),
        ("no toml", None, "campaign.toml"),
        ("[candidates.a]\nvehicles = 3\n", None, "candidates.a"),
        ('[candidates.a]\nvehicles=["X"]\n[candidates.b]\nvehicles=["X"]\n', None, "both 'a'"),
        (TOML, "C1,2026-05-04,kestle,K-01,a.BIN,\n", "cards.csv:2: candidate 'kestle'"),
        (TOML, "C1,,kestrel,,a.BIN,\nC2,,kestrel,,b/a.BIN,\n", "cards.csv:3: log 'a.BIN'"),
    ],
)
def test_contradictions_are_named(tmp_path: Path, toml: str, cards: str, says: str) -> None:
    with pytest.raises(CampaignError) as raised:
        read_campaign(folder(tmp_path, toml, cards))
    assert says in str(raised.value)


def test_missing_file_and_missing_column(tmp_path: Path) -> None:
    with pytest.raises(CampaignError, match="not there"):
        read_campaign(tmp_path)
    folder(tmp_path)
    (tmp_path / "cards.csv").write_text("card,date\n")
    with pytest.raises(CampaignError, match="no column 'candidate'"):
        read_campaign(tmp_path)
