"""Every view: it shows, says what it is, breaks no rule of accessibility, and survives a reload."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flyoff.lake.store import Store
from tests.web.browsing import WEB, serving
from tests.web.conftest import Page

AXE = WEB / "node_modules" / "axe-core" / "axe.min.js"
CRASH = "#/sortie/{crash}"
#: The address and what has to be seen there.
VIEWS = {
    "campaign": ("#/campaign", "What went wrong"),
    "candidate": ("#/candidate/kestrel", "Reliability over time"),
    "sorties": ("#/sorties", "descent just before contact"),
    "sortie": (CRASH, "Could not be assessed"),
    "sortie-raw": (f"{CRASH}?tab=raw&find=volt&plots=channel:battery.voltage", "battery.voltage"),
    "sortie-parameters": (f"{CRASH}?tab=parameters", "parameters"),
    "sortie-messages": (f"{CRASH}?tab=messages", "lines of"),
    "sortie-receipt": (f"{CRASH}?tab=receipt", "every byte was decoded"),
    "sortie-review": (f"{CRASH}?tab=review", "Audit trail"),
    "compare": ("#/compare?ids={crash},{other}", "Parameters that differ"),
    "replay": ("#/replay", "in the air"),
    "fleet": ("#/fleet", "Findings by vehicle"),
    "trial": ("#/trial", "Sensor against sensor"),
    "review": ("#/review", "Undetermined"),
    "cards": ("#/cards", "cards.csv"),
    "upload": ("#/upload", "Drop a folder"),
}


def _place(page: Page, view: str) -> tuple[str, str]:
    place, says = VIEWS[view]
    if "{" in place:
        crashed = [r["sortie_id"] for r in page.sorties(outcome="crashed")]
        place = place.format(crash=crashed[0], other=crashed[-1])
    return place, says


def _settled(page: Page) -> None:
    """Nothing in sight is still coming; what lies below is fetched when it is scrolled to."""
    coming = "[...document.querySelectorAll('.skeleton')]"
    page.until(f"!{coming}.some(s => s.getBoundingClientRect().top < innerHeight)")


@pytest.fixture(scope="module")
def bare(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server over a store that holds nothing, without a campaign."""
    home = tmp_path_factory.mktemp("bare")
    Store(home / "store", create=True)
    with serving(home / "store", None, home / "state") as started:
        yield started


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_shows_and_breaks_no_rule(page: Page, view: str) -> None:
    """Zero console errors and foreign requests is what the fixture asserts at the end."""
    place, says = _place(page, view)
    tab = page.open(place)
    tab.get_by_text(re.compile(re.escape(says))).first.wait_for()
    _settled(page)
    assert tab.locator("h1").count() == 1
    assert not tab.get_by_role("alert").count()
    _breaks_no_rule(tab)
    # a phone scrolls one way only; on the same page, since opening it is what takes time
    tab.set_viewport_size({"width": 390, "height": 844})
    _settled(page)
    page.until("document.documentElement.scrollWidth <= innerWidth")


def _breaks_no_rule(tab: Any) -> None:
    if not AXE.is_file():
        pytest.skip("axe-core is not installed: make web")
    tab.evaluate(AXE.read_text(encoding="utf-8"))
    found = tab.evaluate("axe.run({resultTypes: ['violations']})")
    grave = [
        f"{v['id']}: {v['help']}: {v['nodes'][0]['html'][:200]}"
        for v in found["violations"]
        if v["impact"] in ("serious", "critical")
    ]
    assert not grave, "\n".join(grave)


def test_dark_and_light_are_told_apart_by_the_system_and_by_hand(page: Page) -> None:
    tab = page.open("#/campaign")
    tab.locator("h1").wait_for()
    ground = "getComputedStyle(document.body).backgroundColor"
    tab.emulate_media(color_scheme="dark")
    dark = tab.evaluate(ground)
    tab.emulate_media(color_scheme="light")
    light = tab.evaluate(ground)
    assert dark != light
    tab.keyboard.press("T")  # as the system → light
    tab.keyboard.press("T")  # → dark
    assert tab.evaluate(ground) == dark
    tab.reload()
    tab.locator("h1").wait_for()
    assert tab.evaluate(ground) == dark


def test_units_are_switched_everywhere_and_stay(page: Page) -> None:
    crash = page.sorties(outcome="crashed")[0]["sortie_id"]
    tab = page.open(f"#/sortie/{crash}")
    measures = tab.locator(".measure-list")
    measures.wait_for()
    assert " m/s" in measures.inner_text()
    tab.keyboard.press("U")
    page.until("document.querySelector('.measure-list').innerText.includes(' kt')")
    assert " m/s\n" not in measures.inner_text() + "\n"


def test_what_is_not_there_is_said_and_the_way_on_too(page: Page) -> None:
    page.expected.append("404")
    tab = page.open("#/sortie/0000000000000000-0-1")
    assert "no sortie" in tab.get_by_role("alert").inner_text()
    tab = page.open("#/nowhere")
    tab.get_by_text("There is no page").wait_for()
    tab = page.open("#/sorties?outcome=flew_away")
    tab.get_by_text("No sortie fits these filters").wait_for()
    tab = page.open("#/compare")
    tab.get_by_text("Choose 2 to 8 sorties").wait_for()


@pytest.mark.parametrize("view", ["campaign", "cards", "fleet", "replay", "upload", "review"])
def test_a_store_without_campaign_or_sorties_teaches(page: Page, bare: str, view: str) -> None:
    page.address = bare
    tab = page.open(f"#/{view}")
    assert tab.locator("h1").inner_text().lower() == view
    _settled(page)
    assert tab.locator("h1").count() == 1
    assert not tab.get_by_role("alert").count()


def test_print_shows_the_page_without_its_controls(page: Page) -> None:
    tab = page.open("#/campaign")
    tab.get_by_text("What went wrong").wait_for()
    tab.emulate_media(media="print")
    assert not tab.locator(".bar").is_visible()
    assert tab.locator("#requirements").is_visible()
    assert len(tab.pdf()) > 20_000


def test_the_policy_forbids_what_a_page_must_not_do(page: Page, built: Path) -> None:
    answer = page.tab.goto(page.address)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "<script>" not in (built / "index.html").read_text(encoding="utf-8")
