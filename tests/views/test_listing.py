"""The table of sorties: pages follow each other without a gap, whatever they are sorted by."""

from pathlib import Path

import pytest

from flyoff.errors import FlyoffError
from flyoff.views.listing import SORTS, Listing, Wanted
from tests.views import build


@pytest.fixture(scope="module")
def listing(tmp_path_factory: pytest.TempPathFactory) -> Listing:
    store, campaign = build.flown(tmp_path_factory.mktemp("listing"))
    return Listing(store, campaign)


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("is_descending", [True, False])
def test_pages_give_every_sortie_once_and_in_order(
    listing: Listing, sort: str, is_descending: bool
) -> None:
    wanted, after, seen = Wanted(sort=sort, is_descending=is_descending), "", []
    while True:
        page = listing.page(wanted, after=after, limit=3)
        seen += page.rows
        if page.next is None:
            break
        after = page.next
    assert len({r["sortie_id"] for r in seen}) == len(seen) == listing.size == len(build.FLOWN)
    known = [r[sort] for r in seen if r[sort] is not None]
    assert known == sorted(known, reverse=is_descending)
    assert all(r[sort] is None for r in seen[len(known) :])  # without a value: last either way


def test_filters_hold_together_and_counts_agree(listing: Listing) -> None:
    wanted = Wanted(outcome=("completed",), candidate=("kestrel",))
    rows = listing.page(wanted).rows
    assert len(rows) == listing.count(wanted) == 2
    assert {(r["outcome"], r["candidate"]) for r in rows} == {("completed", "kestrel")}
    of = dict(listing.choices()["outcome"])
    assert of["completed"] == sum(o == "completed" for _, o, _ in build.FLOWN)
    assert sum(of.values()) == listing.size


def test_text_finds_a_part_of_a_name(listing: Listing) -> None:
    rows = listing.page(Wanted(text="FLIGHT1.")).rows
    assert [r["log_name"] for r in rows] == ["flight1.BIN"]
    assert listing.count(Wanted(text="'; DROP TABLE listing; --")) == 0
    assert listing.size == listing.count(Wanted())


@pytest.mark.parametrize("after", ["", "x", "AAAA", "bnVsbA", "WzEsMl0"])
def test_a_place_that_no_page_gave_is_refused(listing: Listing, after: str) -> None:
    if not after:
        assert listing.page(Wanted(), after=after).rows
        return
    with pytest.raises(FlyoffError, match="after"):
        listing.page(Wanted(sort="airborne_s"), after=after)


def test_unknown_orders_are_refused(listing: Listing, tmp_path: Path) -> None:
    del tmp_path
    with pytest.raises(FlyoffError, match="sorted"):
        listing.page(Wanted(sort="sortie_id; DROP TABLE listing"))
