"""The report stands alone, says what the views say, and lets nothing hostile through."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from flyoff.campaign.folder import Campaign, Candidate
from flyoff.model.finding import Evidence
from flyoff.model.sortie import NotAssessed, Outcome
from flyoff.reports.html import document, write_report
from flyoff.views.fly_off import FlyOff
from flyoff.views.leaderboard import leaderboard
from flyoff.views.sortie import sortie_details
from flyoff.views.wording import percent
from tests.views import build

HOSTILE = '</title></style><script>alert(1)</script><img src=//x.example onerror="x">\x00\x1b[2J&'
VOID = {"meta", "br", "hr", "col"}


class Page(HTMLParser):
    """Elements, text, and whether every element is closed where it should be."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("script", "style"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def fly_off(store: str, campaign: Campaign) -> FlyOff:
    return FlyOff(store, leaderboard(store, campaign), tuple(sortie_details(store, campaign)))


@pytest.fixture(scope="module")
def flown(tmp_path_factory: pytest.TempPathFactory) -> FlyOff:
    return fly_off(*build.flown(tmp_path_factory.mktemp("report")))


@pytest.fixture(scope="module")
def page(flown: FlyOff) -> Page:
    return Page(document(flown.board, flown.sorties, lambda _: None))


def test_it_is_well_formed_and_asks_nobody_for_anything(page: Page) -> None:
    assert not page.open
    for tag, attributes in page.tags:
        assert tag not in {"link", "iframe", "object", "embed", "img", "base", "form"}
        for name in ("src", "srcset", "action", "data", "poster", "xlink:href"):
            assert name not in attributes
        assert (attributes.get("href") or "#").startswith("#")
        assert not [name for name in attributes if name.startswith("on")]
        assert "url(" not in (attributes.get("style") or "")
    assert sum(tag == "script" for tag, _ in page.tags) == 1


def test_no_address_stands_anywhere(flown: FlyOff) -> None:
    text = document(flown.board, flown.sorties, lambda _: None)
    assert not re.findall(r"https?:|//[a-z]|@import|url\(", text.replace("// Sorts", ""))


def test_every_link_leads_to_something(page: Page) -> None:
    ids = [a["id"] for _, a in page.tags if "id" in a]
    assert len(ids) == len(set(ids))
    wanted = {(a["href"] or "")[1:] for _, a in page.tags if "href" in a}
    assert len(wanted) > len(build.FLOWN)
    assert wanted <= set(ids)


def test_its_numbers_are_those_of_the_views(flown: FlyOff, page: Page) -> None:
    for standing in flown.board.standings:
        for share in (standing.launch, standing.completion):
            assert percent(share.estimate) in page.text
            assert f"{share.successes} of {share.decided}" in page.text
    assert "Wilson, two-sided, 90 %" in page.text
    heron = flown.board.standings[1].completion
    assert f"{percent(heron.worst)} … {percent(heron.best)}" in page.text


def test_each_sortie_says_what_was_concluded(flown: FlyOff, page: Page) -> None:
    for detail in flown.sorties:
        assert detail["log_sha256"] in page.text
        assert detail.why in page.text
    assert "GNSS jamming : no receiver noise" in page.text
    assert "motor failure (motor 3)" in page.text
    assert "card C99: its log lost.BIN is not in the store" in page.text


def test_an_outcome_never_is_a_colour_alone(page: Page) -> None:
    signs = [a for t, a in page.tags if t == "use"]
    assert {a["href"] for a in signs} >= {"#sign-crashed", "#sign-completed", "#sign-undetermined"}
    for word in ("crashed", "completed", "failed launch", "undetermined", "not flown"):
        assert word in page.text


def hostile(folder: Path) -> FlyOff:
    made = build.entry(1, Outcome.CRASHED, 20.0)
    (recording,) = made.recordings
    (sortie,) = recording.sorties
    (kind,) = sortie.not_assessed
    says = Evidence(HOSTILE, HOSTILE, 20.0, 1.0, 2.0)
    sortie = replace(
        sortie,
        evidence=(says,),
        findings=(replace(sortie.findings[0], detail=HOSTILE, evidence=(says,)),),
        not_assessed=(NotAssessed(kind.kind, HOSTILE),),
    )
    vehicle = replace(recording.recording.vehicle, id=HOSTILE, firmware=HOSTILE)
    taken = replace(recording.recording, vehicle=vehicle)
    recording = replace(recording, recording=taken, sorties=(sortie,))
    log = replace(made.log, path=f"cards/{HOSTILE.replace('/', '|')}.BIN")
    entry = replace(made, log=log, recordings=(recording,))
    store = build.store(folder, [entry])
    return fly_off(store, Campaign(HOSTILE, (Candidate(HOSTILE, (HOSTILE,), HOSTILE),)))


def test_hostile_words_stay_words(tmp_path: Path) -> None:
    flown = hostile(tmp_path)
    text = document(flown.board, flown.sorties, lambda _: None)
    page = Page(text)
    assert not page.open
    assert sum(tag == "script" for tag, _ in page.tags) == 1
    assert not [t for t, _ in page.tags if t == "img"]
    assert "<script>alert" not in text
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text)
    assert "alert(1)" in page.text


def test_the_file_is_whole_and_the_same_each_time(flown: FlyOff, tmp_path: Path) -> None:
    first = write_report(flown, tmp_path / "new" / "report.html").read_bytes()
    again = write_report(flown, tmp_path / "new" / "report.html").read_bytes()
    assert first == again
    assert first.endswith(b"</html>\n")
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["report.html"]


def test_a_sortie_without_a_track_has_no_plots_and_says_so(tmp_path: Path) -> None:
    made = build.entry(1, Outcome.CRASHED, None)
    (recording,) = made.recordings
    bare = replace(made, recordings=(replace(recording, track_us=None, track={}),))
    store = build.store(tmp_path, [bare])
    flown = fly_off(store, Campaign("Test", (Candidate("kestrel", ("ap:1",)),)))
    page = Page(document(flown.board, flown.sorties, lambda _: None))
    assert "No position in this log: no map." in page.text
    assert "Neither height nor speed in this log" in page.text
