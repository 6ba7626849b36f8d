"""What people do with the page, as they do it."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.web.browsing import ROOT
from tests.web.conftest import Page

UNBROUGHT = ROOT / "samples/campaign/logs/swift/S-03_2024-09-18_02.BIN.xz"


def _crash(page: Page, vehicle: str = "S-02") -> str:
    found = page.sorties(outcome="crashed", vehicle=vehicle)
    return str(found[0]["sortie_id"])


def _query(tab: Any, name: str) -> str | None:
    found: str | None = tab.evaluate(
        "name => new URLSearchParams(location.hash.split('?')[1] ?? '').get(name)", name
    )
    return found


def _review(page: Page, sortie: str, outcome: str, because: str) -> None:
    """Somebody else writes a review, while a page is open."""
    asks = page.tab.request
    csrf = asks.get(f"{page.address}/api/whoami").json()["csrf"]
    place = f"{page.address}/api/sorties/{sortie}/reviews"
    written = asks.post(
        place,
        data={"outcome": outcome, "because": because, "by": "Quick"},
        headers={"X-Flyoff-CSRF": csrf, "If-Match": asks.get(place).headers["etag"]},
    )
    assert written.status == 201


def test_from_the_campaign_to_the_cause_of_a_crash_in_three_clicks(page: Page) -> None:
    """README: `flyoff serve`, open the address. No more is known to who walks here."""
    tab = page.open("")
    tab.get_by_role("link", name="crashed").first.click()  # 1: those that crashed
    tab.get_by_role("row").filter(has_text="control surface failure").first.click()  # 2: one
    heading = tab.get_by_role("heading", name="Why: control surface failure")
    heading.wait_for()
    first = tab.locator(".chain li").first
    assert "surface driven to its stop" in first.inner_text()
    first.get_by_role("button").click()  # 3: to the instant, on map, path and plots
    said = float(first.get_by_role("button").inner_text().removesuffix(" s"))
    page.until("new URLSearchParams(location.hash.split('?')[1]).get('t') !== null")
    assert float(_query(tab, "t") or "nan") == pytest.approx(said, abs=0.01)
    tab.locator(".plot canvas").first.wait_for()


def test_a_link_shows_what_was_seen(page: Page) -> None:
    crash = _crash(page)
    tab = page.open(f"#/sortie/{crash}?t=52&from=48&to=54&view=3d&plots=channel:battery.voltage")
    tab.locator(".stage [data-ready=yes] canvas").wait_for()
    tab.get_by_text("battery.voltage").first.wait_for()
    assert tab.locator(".player .time").inner_text() == "52.00 s"
    tab.reload()
    tab.locator(".stage [data-ready=yes] canvas").wait_for()
    assert tab.locator(".player .time").inner_text() == "52.00 s"
    assert _query(tab, "from") == "48"


def test_map_path_and_playback_share_a_clock(page: Page) -> None:
    tab = page.open(f"#/sortie/{_crash(page)}?t=40")
    tab.locator(".stage [data-ready=yes]").wait_for()
    time = tab.locator(".player .time")
    heading = tab.locator(".attitude dd").nth(2)
    before, lay = time.inner_text(), heading.inner_text()
    tab.keyboard.press("ArrowRight")
    assert time.inner_text() == "41.00 s"
    tab.keyboard.press(" ")
    page.until("parseFloat(document.querySelector('.player .time').innerText) > 44")
    tab.keyboard.press(" ")
    assert time.inner_text() != before
    assert heading.inner_text() != lay
    tab.keyboard.press("m")
    tab.get_by_role("button", name="3-D", pressed=True).wait_for()


def test_plots_zoom_together_and_say_so_in_the_address(page: Page) -> None:
    tab = page.open(f"#/sortie/{_crash(page)}")
    over = tab.locator(".plot .u-over")
    over.first.scroll_into_view_if_needed()
    box = over.first.bounding_box()
    assert box is not None
    tab.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 30)
    tab.mouse.down()
    tab.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 40, steps=4)
    tab.mouse.up()
    page.until("location.hash.includes('from=')")
    long = float(_query(tab, "to") or 0) - float(_query(tab, "from") or 0)
    tab.keyboard.press("0")
    page.until("!location.hash.includes('from=')")
    whole = next(r for r in page.sorties(outcome="crashed", vehicle="S-02"))
    assert 0 < long < 0.5 * (whole["airborne_s"] + 10)


def test_plots_that_move_together_ask_together(page: Page) -> None:
    """A browser sends six requests at a time: eleven plots would wait for each other."""
    page.tab.set_viewport_size({"width": 1280, "height": 3000})
    asked: list[int] = []
    page.tab.on(
        "request", lambda r: asked.append(r.url.count("series=")) if "/series?" in r.url else None
    )
    tab = page.open(f"#/sortie/{_crash(page)}")
    tab.locator(".plot canvas").nth(4).wait_for()
    assert max(asked) >= 4, asked
    assert len(asked) < tab.locator(".plot canvas").count()


def test_raw_topics_are_searched_and_plotted(page: Page) -> None:
    tab = page.open(f"#/sortie/{_crash(page)}?tab=raw")
    search = tab.get_by_label("Find a topic or field")
    search.wait_for()
    tab.keyboard.press("/")
    tab.keyboard.type("bat volt")
    tab.get_by_role("checkbox", name="battery.voltage").check()
    tab.locator(".plot canvas").wait_for()
    assert _query(tab, "plots") == "channel:battery.voltage"
    tab.get_by_role("button", name="remove battery.voltage").click()
    tab.get_by_text("Choose fields on the left").wait_for()


def test_similar_sorties_are_found_for_the_stretch_that_is_shown(page: Page) -> None:
    tab = page.open(f"#/sortie/{_crash(page)}?from=45&to=56")
    tab.get_by_role("button", name="Show similar sorties").click()
    tab.get_by_text("0 is the same movement").wait_for()
    assert _query(tab, "similar") == "45.0-56.0"


def test_parameters_are_held_against_another_sortie(page: Page) -> None:
    crash = _crash(page)
    tab = page.open(f"#/sortie/{crash}?tab=parameters")
    tab.get_by_role("grid", name="Parameters").wait_for()
    choice = tab.get_by_label("Compare with")
    page.until("document.querySelectorAll('.filters option').length > 2")
    choice.select_option(index=2)
    tab.get_by_text(re.compile(r"\d+ differ")).wait_for()
    assert tab.get_by_text("≠ different").count() > 0


def test_the_table_filters_sorts_and_compares(page: Page) -> None:
    tab = page.open("#/sorties")
    grid = tab.get_by_role("grid", name="Sorties")
    grid.wait_for()
    tab.get_by_label("candidate").select_option("swift")
    page.until("location.hash.includes('candidate=swift')")
    tab.get_by_role("button", name="in the air").click()
    page.until("location.hash.includes('sort=airborne_s')")
    tab.locator("[role=columnheader][aria-sort=ascending]").wait_for()
    page.until("document.querySelectorAll('.grid-row a').length === 3")
    grid.focus()
    for row in (0, 1):
        tab.keyboard.press("ArrowDown")
        page.until(f"document.querySelector('[aria-activedescendant=row-{row}]') !== null")
        tab.keyboard.press(" ")
        tab.get_by_text(f"{row + 1} selected").wait_for()
    tab.reload()
    tab.get_by_text("2 selected").wait_for()
    tab.get_by_role("button", name="Compare 2").click()
    tab.get_by_role("heading", name="2 sorties compared").wait_for()
    tab.get_by_label("Align at").select_option("arming")
    tab.get_by_text("0 s is the instant of arming").wait_for()


def test_a_table_of_100_000_holds_only_what_is_in_sight(page: Page) -> None:
    total = 100_000
    row = page.sorties(limit="1")[0]

    def answer(route: Any) -> None:
        asked = dict(p.split("=") for p in route.request.url.split("?")[1].split("&"))
        offset, limit = int(asked.get("offset", 0)), int(asked["limit"])
        rows = [
            row | {"sortie_id": f"{n:016x}-0-1", "vehicle": f"V{n}"}
            for n in range(offset, min(total, offset + limit))
        ]
        route.fulfill(json={"rows": rows, "next": None, "total": total})

    page.tab.route("**/api/sorties?*", answer)
    page.tab.route("**/api/sorties/sketches?*", lambda r: r.fulfill(json={"sketches": []}))
    tab = page.open("#/sorties")
    tab.get_by_text("V0", exact=True).wait_for()
    grid = tab.get_by_role("grid", name="Sorties")
    grid.evaluate("g => { g.scrollTop = g.scrollHeight / 2; }")
    tab.get_by_text(re.compile("^V(499|500)")).first.wait_for()
    grid.press("End")
    tab.get_by_text(f"V{total - 1}", exact=True).wait_for()
    assert tab.locator(".grid-row").count() < 60


def test_rows_in_sight_come_though_the_store_changes_while_they_load(page: Page) -> None:
    """At the end of a long table, with its rows under way, a review changes the store."""
    total = 100_000
    row = page.sorties(limit="1")[0]
    held: list[Any] = []

    def answer(route: Any) -> None:
        asked = dict(p.split("=") for p in route.request.url.split("?")[1].split("&"))
        offset = int(asked.get("offset", 0))
        if offset and not held:
            held.append((route, offset))  # under way until the store has changed
        else:
            fulfil(route, offset)

    def fulfil(route: Any, offset: int) -> None:
        rows = [
            row | {"sortie_id": f"{n:016x}-0-1", "vehicle": f"V{n}"}
            for n in range(offset, min(total, offset + 200))
        ]
        route.fulfill(json={"rows": rows, "next": None, "total": total})

    page.tab.route("**/api/sorties?*", answer)
    page.tab.route("**/api/sorties/sketches?*", lambda r: r.fulfill(json={"sketches": []}))
    tab = page.open("#/sorties")
    tab.get_by_text("V0", exact=True).wait_for()
    with tab.expect_request(lambda r: "/api/sorties?" in r.url and "offset=0&" not in r.url):
        tab.get_by_role("grid", name="Sorties").press("End")
    # the page asks for its filters again when it has heard of the change
    with tab.expect_request("**/api/sorties/filters*"):
        _review(page, row["sortie_id"], row["outcome"], "looked again")
    tab.get_by_text(f"V{total - 1}", exact=True).wait_for()
    assert held


def test_the_table_is_there_again_after_a_look_elsewhere(page: Page) -> None:
    tab = page.open("#/sorties")
    tab.get_by_role("grid", name="Sorties").wait_for()
    tab.keyboard.press("g")
    tab.keyboard.press("f")
    tab.get_by_role("heading", level=1, name="Fleet").wait_for()
    tab.go_back()
    tab.get_by_role("grid", name="Sorties").wait_for()


def test_replay_runs_and_names_the_nearest(page: Page) -> None:
    tab = page.open("#/replay?day=2026-11-22")
    tab.locator(".stage [data-ready=yes]").wait_for()
    time = tab.locator(".player .time")
    before = time.inner_text()
    tab.keyboard.press(" ")
    page.until("t => document.querySelector('.player .time').innerText !== t", arg=before)
    tab.keyboard.press(" ")
    page.until("location.hash.includes('t=')")
    tab.locator(".replay-list button").nth(1).click()
    tab.get_by_role("link", name="Open the sortie").wait_for()


def test_a_trial_is_walked_from_the_verdict_to_the_scan(page: Page) -> None:
    tab = page.open("#/trial")
    required = tab.get_by_role("region", name="Requirements")
    missed = required.get_by_role("row").filter(has_text="missed")
    missed.get_by_role("link").click()  # to the sensor that missed it
    tab.locator(".tabs [aria-current=page]").get_by_text("rf", exact=True).wait_for()
    seen = tab.get_by_role("img", name=re.compile("Where targets were: seen in"))
    whole = seen.locator("path").nth(1).get_attribute("d") or ""
    slider = tab.get_by_label("Instant of the trial")
    slider.focus()
    tab.keyboard.press("Home")
    page.until("location.hash.includes('t=0')")
    few = seen.locator("path").nth(1).get_attribute("d") or ""
    assert len(few) < len(whole) / 4
    tab.reload()
    tab.get_by_text(re.compile("^0 s, 10:00:")).wait_for()
    tab.keyboard.press("j")
    page.until("location.hash.includes('sensor=radar')")


def test_a_review_is_written_and_stands_in_the_trail(page: Page) -> None:
    found = page.sorties(outcome="undetermined")
    sortie = found[0]["sortie_id"]
    tab = page.open(f"#/sortie/{sortie}?tab=review")
    tab.get_by_label("Outcome").select_option("crashed")
    tab.get_by_label("Your name").fill("T. Rivera")
    tab.get_by_label("Because").fill("seen by two witnesses")
    tab.get_by_role("button", name="Correct").click()
    tab.get_by_text("“seen by two witnesses”").wait_for()
    tab.get_by_text("A person's word counts").wait_for()
    tab = page.open("#/review")
    tab.get_by_role("cell", name="seen by two witnesses").wait_for()


def test_two_reviewers_at_once_lose_nothing(page: Page) -> None:
    page.expected.append("412")
    sortie = page.sorties(outcome="not_flown")[0]["sortie_id"]
    tab = page.open(f"#/sortie/{sortie}?tab=review")
    tab.get_by_label("Because").fill("mine, written slowly")
    tab.get_by_label("Your name").fill("Slow")
    _review(page, sortie, "not_flown", "theirs, first")
    tab.get_by_text("“theirs, first”").wait_for()
    assert tab.get_by_label("Because").input_value() == "mine, written slowly"
    tab.get_by_role("button", name="Confirm").click()
    tab.get_by_text("“mine, written slowly”").wait_for()


def test_a_card_is_edited_and_written_to_the_file(page: Page, campaign: Path) -> None:
    tab = page.open("#/cards")
    cell = tab.get_by_label("notes, C002")
    cell.fill("motor 1 replaced afterwards")
    tab.get_by_role("button", name="Save 1 change").click()
    tab.get_by_text("1 change written to cards.csv.").wait_for()
    assert "motor 1 replaced afterwards" in (campaign / "cards.csv").read_text(encoding="utf-8")
    tab.get_by_label("result, C002").select_option("completed")
    tab.get_by_role("button", name="Discard").click()
    assert tab.get_by_label("result, C002").input_value() == "crashed"


def test_a_folder_is_brought_and_judged(page: Page, tmp_path: Path) -> None:
    folder = tmp_path / "sdcard"
    folder.mkdir()
    shutil.copy(UNBROUGHT, folder)
    (folder / "notes.txt").write_text("no log")
    tab = page.open("#/upload")
    tab.locator("input[type=file]").first.set_input_files(str(folder))
    tab.get_by_text("sdcard/").first.wait_for()
    open_it = tab.get_by_role("link", name="open")
    open_it.first.wait_for()
    open_it.first.click()
    tab.get_by_role("heading", level=1, name="crashed").wait_for()


def test_keys_are_listed_and_lead_everywhere(page: Page) -> None:
    tab = page.open("#/campaign")
    tab.get_by_text("What went wrong").wait_for()
    tab.keyboard.press("?")
    listed = tab.get_by_role("dialog")
    assert "Go to Sorties" in listed.inner_text()
    tab.keyboard.press("Escape")
    for keys, heading in (("gs", "Sorties"), ("gf", "Fleet"), ("gv", "Review"), ("gu", "Upload")):
        for key in keys:
            tab.keyboard.press(key)
        tab.get_by_role("heading", level=1, name=heading).wait_for()
