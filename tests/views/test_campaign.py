"""Cards find their sorties, reviews lie on top, and nothing is dropped."""

from dataclasses import replace
from pathlib import Path

import pytest

from flyoff.campaign.cards import Card
from flyoff.campaign.flown import CODE, OUTCOMES
from flyoff.campaign.folder import Campaign, Candidate
from flyoff.errors import CampaignError
from flyoff.lake.people import append_reviews
from flyoff.lake.query import connect
from flyoff.lake.store import Store
from flyoff.model.sortie import Outcome
from flyoff.pipeline.campaign import review_sortie
from flyoff.views.campaign import read_flown
from flyoff.views.matching import match
from flyoff.views.tables import sql
from tests.views import build


@pytest.fixture
def fly_off(tmp_path: Path) -> tuple[str, Campaign]:
    return build.flown(tmp_path)


def words(fly_off: tuple[str, Campaign]) -> dict[str, str]:
    flown, _ = read_flown(*fly_off)
    return {flown.ids[i]: str(OUTCOMES[flown.outcome[i]]) for i in range(flown.size)}


def test_every_sortie_and_every_card_is_there(fly_off: tuple[str, Campaign]) -> None:
    flown, matches = read_flown(*fly_off)
    assert flown.size == len(build.FLOWN) + 1
    assert [fly_off[1].cards[i].card for i in matches.without_log] == ["C99"]
    assert "card:C99" in list(flown.ids)
    assert "lost.BIN is not in the store" in matches.notes[0]
    assert int((flown.candidate == -1).sum()) == 1  # nobody's is listed, not dropped


def test_a_card_without_a_log_ends_as_the_director_says(fly_off: tuple[str, Campaign]) -> None:
    store, campaign = fly_off
    assert words(fly_off)["card:C99"] == "undetermined"
    *others, last = campaign.cards
    told = replace(campaign, cards=(*others, replace(last, result="failed_launch")))
    assert words((store, told))["card:C99"] == "failed_launch"


def test_a_card_finds_its_sortie_by_vehicle_and_day(fly_off: tuple[str, Campaign]) -> None:
    store, campaign = fly_off
    row = sql(
        store,
        "SELECT s.sortie_id, s.vehicle_id, s.start_utc FROM sorties s "
        "WHERE s.outcome = 'completed' ORDER BY 3 LIMIT 1",
    ).rows[0]
    card = Card("D1", row[2][:10], "kestrel", row[1], "", 2, operator="A")
    flown, matches = read_flown(store, Campaign("t", campaign.candidates, (card,)))
    assert list(matches.of_sortie.values()) == [0]
    assert flown.size == len(build.FLOWN)
    timed = replace(card, time="00:00" if row[2][11:13] > "02" else "23:00")
    _, matches = read_flown(store, Campaign("t", campaign.candidates, (timed,)))
    assert matches.without_log == [0]  # hours apart: another flight


def test_the_latest_review_counts_and_none_is_lost(fly_off: tuple[str, Campaign]) -> None:
    store, _ = fly_off
    sortie = next(s for s, w in words(fly_off).items() if w == "completed")
    for outcome in ("crashed", "returned"):
        made, judged = review_sortie(Path(store), sortie, outcome, "", "", "A", "seen")
        assert judged == "completed"
    assert words(fly_off)[sortie] == "returned"
    assert sql(store, "SELECT outcome FROM reviews ORDER BY reviewed_us").rows == [
        ("crashed",),
        ("returned",),
    ]
    assert sql(store, f"SELECT outcome FROM sorties WHERE sortie_id = '{sortie}'").rows == [
        ("completed",)
    ]
    append_reviews(Store(store), [made])  # two at once differ in their instant
    assert len(sql(store, "SELECT DISTINCT reviewed_us FROM reviews").rows) == 3


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"sortie": "nope"}, "no sortie 'nope'"),
        ({"outcome": "crashd"}, "did you mean 'crashed'?"),
        ({"outcome": ""}, "an outcome or a cause"),
        ({"by": " "}, "by is empty"),
        ({"because": ""}, "because is empty"),
    ],
)
def test_half_a_review_is_refused(
    fly_off: tuple[str, Campaign], changed: dict[str, str], says: str
) -> None:
    store, _ = fly_off
    said = {
        "sortie": next(s for s in words(fly_off) if not s.startswith("card:")),
        "outcome": "crashed",
        "cause": "",
    }
    said |= {"cause_class": "", "by": "A", "because": "seen"} | changed
    with pytest.raises(CampaignError, match=says.replace("?", r"\?")):
        review_sortie(Path(store), **said)
    assert sql(store, "SELECT count(*) FROM reviews").rows == [(0,)]


def test_outcomes_of_the_store_are_the_models(fly_off: tuple[str, Campaign]) -> None:
    assert set(words(fly_off).values()) <= set(CODE)


@pytest.mark.parametrize("named", ["logs/{0}", "{0}", "logs/{0}.xz"])
def test_a_card_finds_its_log_in_the_archive_that_it_was_ingested_from(
    tmp_path: Path, named: str
) -> None:
    """Cards name the log; the store knows it as a member, such as ``a.BIN.xz!a.BIN``."""
    made = build.entry(0, Outcome.COMPLETED, 70.0)
    twin = build.entry(1, Outcome.CRASHED, 70.0)
    whole = [
        replace(e, log=replace(e.log, path=f"/card/{where}/f.BIN.xz!f.BIN"))
        for e, where in ((made, "logs"), (twin, "other/logs2"))
    ]
    entries = [
        replace(e, recordings=tuple(
            replace(r, recording=replace(r.recording, log=e.log)) for r in e.recordings
        ))
        for e in whole
    ]  # fmt: skip
    store = build.store(tmp_path, entries)
    card = Card("C1", "2026-05-01", "kestrel", "K-01", named.format("f.BIN"), 2)
    with connect(Store(store)) as db:
        found = match(db, Campaign("t", (Candidate("kestrel", ()),), (card,)))
    assert not found.missing
    only = {made.log.sha256} if "/" in named else {made.log.sha256, twin.log.sha256}
    assert set(found.of_log) == only
