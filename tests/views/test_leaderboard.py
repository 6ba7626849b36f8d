"""The leaderboard counts what it says it counts."""

from dataclasses import replace

import pytest

from flyoff.campaign.folder import Campaign, Candidate
from flyoff.stats.proportions import wilson
from flyoff.views.leaderboard import Leaderboard, leaderboard
from flyoff.views.sortie import sortie_details
from tests.views import build


@pytest.fixture(scope="module")
def fly_off(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Campaign]:
    return build.flown(tmp_path_factory.mktemp("views"))


@pytest.fixture(scope="module")
def board(fly_off: tuple[str, Campaign]) -> Leaderboard:
    return leaderboard(*fly_off)


def test_not_flown_and_aborts_on_the_ground_do_not_count(board: Leaderboard) -> None:
    kestrel = board.standings[0]
    assert (kestrel.candidate, kestrel.sorties, kestrel.counted) == ("kestrel", 6, 4)
    assert kestrel.not_counted == 2
    assert (kestrel.launch.successes, kestrel.launch.failures) == (3, 1)
    assert (kestrel.completion.successes, kestrel.completion.failures) == (2, 2)
    assert kestrel.launch.estimate == wilson(3, 4, level=0.90)
    assert kestrel.completion.worst == kestrel.completion.best == kestrel.completion.estimate


def test_undetermined_stands_apart_and_gives_bounds(board: Leaderboard) -> None:
    heron = board.standings[1]
    # one undetermined sortie was seen in the air, so its launch is not in doubt
    # and one is told by a card alone, which does not say how it ended
    assert (heron.launch.successes, heron.launch.failures, heron.launch.undecided) == (3, 0, 2)
    completion = heron.completion
    assert (completion.successes, completion.failures, completion.undecided) == (1, 1, 3)
    assert completion.estimate == wilson(1, 2, level=0.90)
    assert completion.worst == wilson(1, 5, level=0.90)
    assert completion.best == wilson(4, 5, level=0.90)


def test_nothing_is_dropped_silently(board: Leaderboard) -> None:
    assert [s.candidate for s in board.standings] == ["kestrel", "heron", ""]
    assert sum(s.sorties for s in board.standings) == len(build.FLOWN) + 1  # a card alone
    assert board.cards_without_log == (("C99", "lost.BIN"),)
    assert board.cards_told == ["card C99: its log lost.BIN is not in the store"]
    nameless = replace(board, cards_without_log=(("C98", ""),))
    assert nameless.cards_told == ["card C98 names no log: it counts by what the card says"]


def test_a_vehicle_claims_sorties_that_have_no_card(fly_off: tuple[str, Campaign]) -> None:
    store, _ = fly_off
    by_vehicle = Campaign("Test", (Candidate("swift", ("ap:0", "ap:1", "ap:2")),))
    (standing,) = leaderboard(store, by_vehicle).standings
    assert (standing.candidate, standing.sorties) == ("swift", len(build.FLOWN))


def test_a_candidate_without_sorties_has_no_share(fly_off: tuple[str, Campaign]) -> None:
    store, _ = fly_off
    standing = leaderboard(store, Campaign("Test", (Candidate("wren", ()),))).standings[0]
    assert (standing.candidate, standing.sorties, standing.launch.estimate) == ("wren", 0, None)


def test_sorties_come_with_their_words_and_their_track(fly_off: tuple[str, Campaign]) -> None:
    store, campaign = fly_off
    details = {d["log_name"]: d for d in sortie_details(store, campaign)}
    assert len(details) == len(build.FLOWN)
    crash = details["flight2.BIN"]
    assert (crash["candidate"], crash["vehicle"], crash["card"]) == ("kestrel", "K-01", "C2")
    assert crash.why == "fell at 31 m/s: 31 (limit 20)"
    assert [crash.link_says(k) for k in crash.chain] == ["motor 3 stopped"]
    assert crash.not_assessed == {"gnss_jamming": "no receiver noise"}
    assert crash.track.t_s[0] >= crash["start_s"]
    assert crash.track["height"][-1] == pytest.approx(30.0)


def test_one_sortie_can_be_asked_for(fly_off: tuple[str, Campaign]) -> None:
    store, campaign = fly_off
    wanted = next(iter(sortie_details(store, campaign)))["sortie_id"]
    assert [d["sortie_id"] for d in sortie_details(store, campaign, [wanted])] == [wanted]
    assert not list(sortie_details(store, campaign, []))
