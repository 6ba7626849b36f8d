"""``flyoff campaign``, ``review`` and ``lot`` from the command line."""

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

from flyoff.cli.verdicts import interval
from tests.cli.call import flyoff
from tests.views import build

TOML = """
[candidates.kestrel]
vehicles = ["K-01"]
[candidates.heron]
vehicles = ["H-01"]
[[requirements]]
id = "completion"
measure = "sortie_completion"
at_least = 0.9
good = 0.98
[[requirements]]
id = "link"
measure = "link_range_m"
at_least = 100
"""


@pytest.fixture
def trial(tmp_path: Path) -> tuple[Path, str]:
    store, campaign = build.flown(tmp_path)
    (tmp_path / "campaign.toml").write_text(TOML)
    rows = [f"{c.card},{c.date},{c.candidate},{c.vehicle},{c.log}" for c in campaign.cards]
    (tmp_path / "cards.csv").write_text("\n".join(["card,date,candidate,vehicle,log", *rows]))
    return tmp_path, store


def test_check_tells_problems_and_fails_only_on_errors(trial: tuple[Path, str]) -> None:
    home, store = trial
    fine = flyoff("campaign", "check", home, "--store", store)
    assert fine.code == 0
    assert "logs/lost.BIN" in fine.out
    (home / "campaign.toml").write_text(TOML + "at_lest = 3\n")
    wrong = flyoff("campaign", "check", home, "--json")
    assert wrong.code == 1
    assert any("did you mean 'at_least'" in p["text"] for p in wrong.lines[0]["problems"])
    assert flyoff("campaign", "evaluate", home, "--store", store).code == 1


def test_evaluate_gives_the_same_bytes_and_a_table(trial: tuple[Path, str]) -> None:
    home, store = trial
    first, second = (flyoff("campaign", "evaluate", home, "-s", store, "--json") for _ in "12")
    assert first.code == 0
    assert first.out == second.out
    verdicts = json.loads(first.out)["verdicts"]
    assert [(v["candidate"], v["requirement"]) for v in verdicts] == [
        ("kestrel", "completion"),
        ("heron", "completion"),
        ("kestrel", "link"),
        ("heron", "link"),
    ]
    shown = flyoff("campaign", "evaluate", home, "-s", store).out
    for text in ("undecided", "not measured", "cannot be told apart", "have no log"):
        assert text in shown.replace("\n", " ")


def test_a_review_changes_the_verdict_not_the_judgement(trial: tuple[Path, str]) -> None:
    home, store = trial
    (row,) = [r for r in flyoff("sorties", "-s", store, "--outcome", "crashed", "--json").lines]
    done = flyoff(
        "review", store, row["sortie_id"], "--outcome", "completed", "--by", "A", "--because", "b"
    )
    assert done.code == 0, done.err
    document = json.loads(flyoff("campaign", "evaluate", home, "-s", store, "--json").out)
    assert document["verdicts"][0]["counts"]["successes"] == 3
    reviewed = document["agreement"][0]
    assert (reviewed["agreed"], reviewed["compared"]) == (0, 1)
    assert reviewed["corrections"][0] == {
        "sortie": row["sortie_id"],
        "judged": "crashed",
        "said": "completed",
    }
    assert flyoff("sorties", "-s", store, "--outcome", "crashed", "--json").lines == [row]


def test_plan_and_its_schedule_are_balanced_and_repeat(trial: tuple[Path, str]) -> None:
    home, _ = trial
    plans = flyoff("campaign", "plan", home, "-r", "completion", "--json").lines[0]["plans"]
    kinds = {p["kind"]: p for p in plans[0]["plans"]}
    assert kinds["zero-failure"]["most"] == 22
    assert kinds["fixed"]["consumer_risk"] <= 0.10 >= kinds["fixed"]["producer_risk"]
    made = []
    for name in ("a.csv", "b.csv"):
        words = ("--cards", home / name, "--sorties", 8, "--operator", "X", "--operator", "Y")
        assert flyoff("campaign", "plan", home, "--seed", 7, *words).code == 0
        made.append((home / name).read_text())
    assert made[0] == made[1]
    rows = list(csv.DictReader(made[0].splitlines()))
    flown = Counter((r["candidate"], r["operator"]) for r in rows)
    assert set(flown.values()) == {4}
    again = flyoff("campaign", "plan", home, "--cards", home / "a.csv")
    assert again.code == 1
    assert "nothing was written" in again.err


def test_lots() -> None:
    (plan,) = flyoff("lot", "plan", "--size", 6000, "--aql", 1.0, "--json").lines[0]
    assert (plan["n"], plan["accept"]) == (200, 5)
    decide = ("lot", "decide", "--size", 6000, "-n", 200, "-c", 5, "--tested", 200)
    assert flyoff(*decide, "--failures", 5).code == 0
    assert "reject" in flyoff(*decide, "--failures", 6).out
    open_ = flyoff(*decide, "--failures", 4, "--undetermined", 2)
    assert (open_.code, "undecided" in open_.out) == (1, True)
    assert flyoff(*decide).code == 2
    assert "is impossible" in flyoff(*decide, "--failures", 201).err


def test_a_lot_decided_by_its_sorties(trial: tuple[Path, str]) -> None:
    home, store = trial
    words = ("--campaign", home, "--candidate", "kestrel", "--store", store, "--json")
    done = flyoff("lot", "decide", "--size", 10, "-n", 1, "-c", 0, *words)
    assert done.lines[0]["tested"] == 1
    assert done.lines[0]["decision"] in ("accept", "reject")


def test_init_writes_what_check_accepts(tmp_path: Path) -> None:
    assert flyoff("campaign", "init", tmp_path / "new").code == 0
    assert flyoff("campaign", "check", tmp_path / "new").code == 0
    assert flyoff("campaign", "init", tmp_path / "new").code == 1


def test_a_recorded_campaign_is_a_table_and_none_is_ever_changed(trial: tuple[Path, str]) -> None:
    home, store = trial
    assert not (Path(store) / "tables" / "campaigns").exists(), "a store of old has no such table"
    assert flyoff("sql", "SELECT * FROM campaigns", "-s", store, "--json").lines == []
    first, again = (flyoff("campaign", "record", home, "-s", store, "--json") for _ in "12")
    assert [first.lines[0]["is_new"], again.lines[0]["is_new"]] == [True, False]
    evaluated = flyoff("campaign", "evaluate", home, "-s", store, "--json").out
    query = "SELECT campaign_sha256, evaluation, cards FROM campaigns ORDER BY recorded_us"
    (row,) = flyoff("sql", query, "-s", store, "--json").lines
    assert json.loads(row["evaluation"]) == json.loads(evaluated)
    written = (home / "cards.csv").read_text()
    assert row["cards"] == written.count("\n")

    (home / "cards.csv").write_text(
        written.replace(",kestrel,", ",heron,", 1).replace("K-", "H-", 1)
    )
    assert flyoff("campaign", "record", home, "-s", store).code == 0
    old, new = flyoff("sql", query, "-s", store, "--json").lines
    assert old == row
    assert new["campaign_sha256"] != row["campaign_sha256"]
    counted = (
        "SELECT candidate, count(*) AS n FROM cards JOIN campaigns USING (cards_sha256) "
        "WHERE campaign_sha256 = '{}' GROUP BY ALL ORDER BY ALL"
    )
    before, after = (
        {
            r["candidate"]: r["n"]
            for r in flyoff(
                "sql", counted.format(v["campaign_sha256"]), "-s", store, "--json"
            ).lines
        }
        for v in (old, new)
    )
    assert after["kestrel"] == before["kestrel"] - 1
    assert after["heron"] == before["heron"] + 1


def test_an_interval_without_an_upper_end_says_so() -> None:
    """Told as 0, an end that is not known yet looks like a failed requirement."""
    ends = {"low": 0.00108, "high": None}
    rate = {"decides": ends, "decides_about": "hours between failures", "decides_limit": 20.0}
    assert interval(rate) == "0.00108 to ∞"
    ends = {"low": 0.317, "high": 0.984}
    share = {"decides": ends, "decides_about": "share of attempts", "decides_limit": 0.9}
    assert interval(share) == "31.7 to 98.4 %"
