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


DIALECTS = {
    "semicolons, as a German spreadsheet": lambda t: t.replace(",", ";").encode("utf-8-sig"),
    "tabs in UTF-16, as Excel's Unicode text": lambda t: t.replace(",", "\t").encode("utf-16"),
    "the separator named": lambda t: ("sep=;\n" + t.replace(",", ";")).encode(),
    "carriage returns": lambda t: t.replace("\n", "\r\n").encode(),
    "empty columns and rows left behind": lambda t: (
        t.replace("because\n", "because,,\n").replace(",,,\n", ",,,,,\n").encode() + b",,,,\n"
    ),
    "capital letters in the header": lambda t: t.replace("card,", "Card,").encode(),
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_cards_are_the_same_in_every_dialect(tmp_path: Path, dialect: str) -> None:
    rows = (
        'C1,20260504,kestrel,K-01,,crashed,excluded,Smith,"gusts\nand rain"\n'
        "C2,2026-05-05,kestrel,K-01,,crashd,,,\n"
    )
    told(tmp_path)
    written = DIALECTS[dialect](f"{COLUMNS}\n{rows}")
    (tmp_path / "cards.csv").write_bytes(written)
    campaign, problems = examine(tmp_path)
    first, second = campaign.cards
    assert (first.date, first.result, first.disposition_by) == ("2026-05-04", "crashed", "Smith")
    assert first.disposition_because.split() == ["gusts", "and", "rain"]
    line = 5 if written.startswith(b"sep=") else 4  # the quoted field takes two
    assert second.line == line
    assert [str(p) for p in problems] == [
        f"cards.csv:{line}: result 'crashd' is no outcome; did you mean 'crashed'?"
    ]


def test_what_a_spreadsheet_mangled_is_told_with_its_line(tmp_path: Path) -> None:
    problems = told(tmp_path, cards="C1,04.05.2026,kestrel,K-01,,,,,\n")
    assert "the day and which the month cannot be told" in problems[0]
    problems = told(tmp_path, cards='C1,2026-05-04,kestrel,K-01,,,,,\nC2,"2026\n')
    assert problems == ["cards.csv: line 3: unexpected end of data"]
    (tmp_path / "cards.csv").write_bytes(f"{COLUMNS}\nC1,2026-05-04,k\xe4".encode("latin-1"))
    assert "line 2: byte 0xe4 is not UTF-8" in str(examine(tmp_path)[1][0])


@pytest.mark.parametrize(("clock", "says"), [("14", ""), ("14:05:09Z", ""), ("14:05+02:00", "UTC")])
def test_times_of_cards_are_utc(tmp_path: Path, clock: str, says: str) -> None:
    told(tmp_path)
    header, row = "card,date,time,candidate,vehicle,log", f"C1,2026-05-04,{clock},kestrel,K-01,"
    (tmp_path / "cards.csv").write_text(f"{header}\n{row}\n")
    campaign, problems = examine(tmp_path)
    assert says in " ".join(map(str, problems))
    assert bool(problems) == bool(says)
    assert says or campaign.cards[0].time in ("14:00", "14:05")


@pytest.mark.parametrize("name", ["campaign.toml", "cards.csv"])
def test_a_file_that_cannot_be_read_is_told_in_plain_words(tmp_path: Path, name: str) -> None:
    told(tmp_path)
    (tmp_path / name).write_bytes(b"a\n\xff\n")
    (first, *_) = examine(tmp_path)[1]
    assert f"{name}: line 2: byte 0xff is not UTF-8" in str(first)
    (tmp_path / name).unlink()
    (tmp_path / name).mkdir()
    (first, *_) = examine(tmp_path)[1]
    assert str(first) == f"{name}: is a folder; expected a file"
