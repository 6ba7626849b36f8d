"""Every inconsistency of a campaign is told with its line; a folder may be begun from nothing."""

import json
from pathlib import Path

import pytest

from flyoff.campaign.folder import examine
from flyoff.campaign.template import write_template
from flyoff.errors import CampaignError

HEAD = '[candidates.kestrel]\nvehicles = ["K-01"]\n'
REQUIREMENT = HEAD + '[[requirements]]\nid = "a"\nmeasure = "launch_success"\n'
COLUMNS = "card,date,candidate,vehicle,log,result,disposition,disposition_by,disposition_because"


def told(home: Path, toml: str = HEAD, cards: str = "") -> list[str]:
    (home / "campaign.toml").write_text(toml)
    (home / "cards.csv").write_text(f"{COLUMNS}\n{cards}")
    return [str(p) for p in examine(home)[1]]


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        (HEAD + "[campain]\n", "campaign.toml:3: unknown key 'campain'; did you mean 'campaign'?"),
        (REQUIREMENT + "at_lest = 0.9\n", "campaign.toml:6: unknown key 'at_lest'"),
        (REQUIREMENT, "campaign.toml:3: expected either at_least or at_most, got none"),
        (REQUIREMENT + "at_least = 90\n", "campaign.toml:6: at_least: expected a share above 0"),
        (REQUIREMENT + 'at_least = "x"\n', "campaign.toml:6: at_least: expected a share"),
        (REQUIREMENT + "at_least = 0.9\nconfidence = 95\n", "campaign.toml:7: confidence"),
        (REQUIREMENT + 'at_least = 0.9\ncandidates = ["kestrl"]\n', "did you mean 'kestrel'?"),
        (HEAD + '[[requirements]]\nmeasure = "lunch"\n', "campaign.toml:4: measure 'lunch'"),
        (HEAD + '[campaign]\nlooks = "once"\n', "campaign.toml:4: looks"),
        (HEAD + "[campaign]\nname = 3\n", "campaign.toml:4: name: expected text in quotes, got 3"),
    ],
)
def test_wrong_configuration(tmp_path: Path, toml: str, says: str) -> None:
    problems = told(tmp_path, toml)
    assert any(says in p for p in problems), problems


@pytest.mark.parametrize(
    ("cards", "says"),
    [
        ("C1,2026-02-30,kestrel,K-01,,,,,\n", "cards.csv:2: date '2026-02-30' is impossible"),
        ("C1,1826-02-01,kestrel,K-01,,,,,\n", "cards.csv:2: date 1826-02-01: the year"),
        ("C1,2026-02-01,kestrel,K-01,,crashd,,,\n", "did you mean 'crashed'?"),
        ("C1,2026-02-01,kestrel,K-01,,,excluded,,\n", "without disposition_by and"),
        ("C1,2026-02-01,kestrel,K-01,,,maybe,,\n", "disposition 'maybe' is unknown"),
        ("C1,2026-02-01,kestrel,K-01,,,,,\nC1,2026-02-01,kestrel,K-01,,,,,\n", "on line 2 already"),
        ("C1,2026-02-01,kestrel\n", "cards.csv:2: 3 fields, expected 9"),
        ("C1,2026-02-01,kestrel,K-9,,,,,\n", "vehicle 'K-9' is not in campaign.toml"),
    ],
)
def test_wrong_cards(tmp_path: Path, cards: str, says: str) -> None:
    problems = told(tmp_path, cards=cards)
    assert any(says in p for p in problems), problems


def test_several_problems_are_told_at_once(tmp_path: Path) -> None:
    cards = "C1,2026-13-01,kestle,K-01,,,,,\nC1,2026-01-01,kestrel,K-01,,oops,,,\n"
    assert len(told(tmp_path, HEAD + "[x]\n", cards)) >= 5


def test_a_card_gives_no_vehicle_to_another_candidate(tmp_path: Path) -> None:
    toml = HEAD + '[candidates.heron]\nvehicles = ["H-01"]\n'
    problems = told(tmp_path, toml, "C1,2026-02-01,heron,K-01,,,,,\n")
    assert any("belongs to 'kestrel'" in p for p in problems), problems


def test_the_template_is_sound_and_overwrites_nothing(tmp_path: Path) -> None:
    toml, cards = write_template(tmp_path / "new")
    assert [p for p in examine(tmp_path / "new")[1] if p.gravity == "error"] == []
    before = toml.read_bytes(), cards.read_bytes()
    with pytest.raises(CampaignError, match="nothing was written"):
        write_template(tmp_path / "new")
    assert (toml.read_bytes(), cards.read_bytes()) == before


def test_the_shipped_schemas_know_every_key_that_the_reader_knows() -> None:
    from flyoff.campaign import configuration
    from flyoff.campaign.report import schema_path
    from flyoff.campaign.requirement import MEASURES

    schema = json.loads((schema_path().parent / "campaign.json").read_text())
    one = schema["properties"]["requirements"]["items"]["properties"]
    assert set(one) == set(configuration._KEYS)
    assert set(one["measure"]["enum"]) == set(MEASURES)
