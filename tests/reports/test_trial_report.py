"""The trial's page: one file, nothing fetched, everything that was scored is on it."""

import io
import re
from pathlib import Path

import pypdf
import pytest

from flyoff.errors import ReportError
from flyoff.pipeline.trial.document import document
from flyoff.pipeline.trial.scoring import Scored, score_trial
from flyoff.reports.trial.page import trial_page
from flyoff.reports.trial.paper import write_trial_report
from flyoff.views import trial_words as told
from tests.shared import ROOT

SAMPLE = ROOT / "samples" / "trial"


@pytest.fixture(scope="module")
def scored() -> Scored:
    return score_trial(SAMPLE)


@pytest.fixture(scope="module")
def page(scored: Scored) -> str:
    return trial_page(scored)


def test_nothing_is_fetched_from_anywhere(page: str) -> None:
    assert "default-src &#x27;none&#x27;" in page
    assert not re.findall(r"(?:src|href)=\"(?!#|data:)", page)
    assert "http" not in page.replace("http-equiv", "")


def test_every_scan_is_on_the_map_seen_or_missed(scored: Scored, page: str) -> None:
    drawn = {k: len(re.findall(rf'class="{k}"', page)) for k in ("hit", "miss")}
    seen = sum(int(e.opportunities.detected.sum()) for e in scored.evidences)
    every = sum(e.opportunities.detected.size for e in scored.evidences)
    assert drawn == {"hit": seen, "miss": every - seen}


def test_each_pass_has_its_row_and_each_false_track_its_cross(scored: Scored, page: str) -> None:
    for evidence in scored.evidences:
        for one in evidence.passes:
            assert page.count(f"{one.run} · {one.target}<") == 2  # a row for each sensor
    places = [p for s in document(scored)["sensors"] for p in s["scores"]["false_tracks"]["places"]]
    assert page.count('class="false"') == len(places) == 5


def test_verdicts_come_first(page: str) -> None:
    assert page.index("Requirements") < page.index("<h2>radar")
    assert 'class="v-missed"' in page


def test_the_same_trial_gives_the_same_page(scored: Scored, page: str, tmp_path: Path) -> None:
    written = write_trial_report(scored, tmp_path / "deep" / "trial.html")
    assert written.read_text(encoding="utf-8") == page
    assert [p.name for p in written.parent.iterdir()] == ["trial.html"]


def test_the_paper_says_what_the_page_says(scored: Scored, tmp_path: Path) -> None:
    first = write_trial_report(scored, tmp_path / "trial.pdf").read_bytes()
    assert write_trial_report(scored, tmp_path / "again.pdf").read_bytes() == first
    said = " ".join(p.extract_text() for p in pypdf.PdfReader(io.BytesIO(first)).pages)
    said = re.sub(r"[\s\u00ad\u200b]+", "", said)
    found = document(scored)
    tables = [told.verdicts(found), told.comparisons(found), told.defeats(found)]
    for sensor in found["sensors"]:
        tables += [told.scores(sensor["scores"]), told.gates(sensor["scores"])]
    cells = [cell for t in tables for row in t.rows for cell in row]
    assert len(cells) > 200
    missing = {c for c in cells if re.sub(r"[\s-]+", "", c) not in said.replace("-", "")}
    assert not missing


def test_another_kind_of_file_is_refused(scored: Scored, tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"ends in \.pdf or \.html"):
        write_trial_report(scored, tmp_path / "trial.docx")
    assert not list(tmp_path.iterdir())


def test_what_a_file_says_never_becomes_markup(scored: Scored) -> None:
    from dataclasses import replace

    wicked = "<script>alert(1)</script>"
    page = trial_page(replace(scored, setup=replace(scored.setup, name=wicked)))
    assert wicked not in page
    assert "&lt;script&gt;" in page
