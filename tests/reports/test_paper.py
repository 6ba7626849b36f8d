"""The written report: its figures are the evaluation's, nothing of a name becomes markup."""

import json
import re
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pytest

from flyoff.errors import ReportError
from flyoff.reports.paper.annex_tables import CHECKLIST
from flyoff.reports.paper.blocks import Cell, Document, Facts, Figure, Heading, Table, pieces
from flyoff.reports.paper.typeset import _is_drawn, pdf
from flyoff.reports.paper.web import inside, page
from flyoff.reports.paper.write import Wanted, campaign_document, write_campaign, write_sortie
from flyoff.reports.words import words
from flyoff.views.campaign import evaluate_campaign
from tests.views import build

CAMPAIGN = """
[campaign]
name = {name}
[candidates.{kestrel}]
vehicles = ["K-01", "K-02"]
[candidates.heron]
vehicles = ["H-01"]
about = "a boat"
[[requirements]]
id = "launch"
measure = "launch_success"
at_least = 0.9
good = 0.98
[[requirements]]
id = "completion"
measure = "sortie_completion"
at_least = 0.9
[[requirements]]
id = "mtbf"
measure = "hours_between_failures"
at_least = 20
[[requirements]]
id = "link"
measure = "link_range_m"
statistic = "p10"
at_least = 2000.0
"""
HEAD = (
    "card,date,candidate,vehicle,log,operator,site,disposition,disposition_by,disposition_because"
)


@dataclass(frozen=True)
class Made:
    """A store, its campaign, and the report on it."""

    store: str
    folder: Path
    document: Document
    evaluation: dict[str, Any]


def folder(
    at: Path, name: str = "Test", kestrel: str = "kestrel", because: str = "range closed"
) -> Path:
    """A campaign's folder with cards for the sorties of ``tests.views.build``."""
    at.mkdir(exist_ok=True)
    text = CAMPAIGN.format(name=json.dumps(name), kestrel=json.dumps(kestrel, ensure_ascii=False))
    (at / "campaign.toml").write_text(text)
    rows = [HEAD]
    for i, (candidate, _, _) in enumerate(build.FLOWN):
        if candidate:
            owner = kestrel if candidate == "kestrel" else candidate
            word = f'no-test,R. Ames,"{because}"' if i == 1 else "valid,,"
            rows.append(f'C{i},2026-05-01,"{owner}",{candidate[0].upper()}-01,'
                        f"logs/flight{i}.BIN,ann,north,{word}")  # fmt: skip
    rows.append("C99,2026-05-02,heron,H-01,logs/lost.BIN,bob,south,valid,,")
    (at / "cards.csv").write_text("\n".join(rows) + "\n")
    return at


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    home = tmp_path_factory.mktemp("paper")
    store, _ = build.flown(home)
    campaign = folder(home / "campaign")
    wanted = Wanted(home / "report.pdf")
    document = campaign_document(store, campaign, wanted, words())
    return Made(store, campaign, document, evaluate_campaign(store, campaign))


@pytest.fixture(scope="module")
def read(made: Made) -> pypdf.PdfReader:
    return pypdf.PdfReader(BytesIO(pdf(made.document)))


def _drawn(document: Document, name: str) -> list[str]:
    figures = [b.svg for b in inside(document.blocks) if isinstance(b, Figure)]
    return [found for svg in figures for found in re.findall(rf'data-{name}="([^"]*)"', svg)]


def _bars(document: Document) -> list[tuple[str, ...]]:
    names = ("candidate", "requirement", "low", "high")
    given = r"\s".join(f'data-{name}="([^"]*)"' for name in names)
    figures = [b.svg for b in inside(document.blocks) if isinstance(b, Figure)]
    return [found for svg in figures for found in re.findall(given, svg)]


def test_every_bar_of_the_forest_is_the_evaluation_s(made: Made) -> None:
    expected = [
        (v["candidate"], v["requirement"], repr(v["decides"]["low"]), repr(v["decides"]["high"]))
        for v in made.evaluation["verdicts"]
        if v["decides"]
    ]
    assert sorted(_bars(made.document)) == sorted(expected)
    assert len(expected) >= 4


def test_every_growth_curve_ends_where_the_evaluation_does(made: Made) -> None:
    failing = [g for g in made.evaluation["growth"] if g["failures"] and g["hours"]]
    assert _drawn(made.document, "failures") == [repr(g["failures"]) for g in failing]
    hours = [float(h) for h in _drawn(made.document, "hours")]
    assert hours == pytest.approx([g["hours"] for g in failing])


def test_the_tables_say_what_the_evaluation_says(made: Made) -> None:
    shown = {}
    for block in inside(made.document.blocks):
        if isinstance(block, Table) and block.head[:2] == ["Requirement", "Verdict"]:
            for row in block.rows:
                cells = [pieces(c)[0] for c in row]
                shown[len(shown)] = (cells[1].text, cells[3].text, cells[4].text)
    order = ["kestrel", "heron"]
    verdicts = [v for name in order for v in made.evaluation["verdicts"] if v["candidate"] == name]
    assert [s[0] for s in shown.values()] == [v["verdict"] for v in verdicts]
    for v, (_, interval, rests) in zip(verdicts, shown.values(), strict=True):
        if v["decides"] and v["counts"]["hours"] is None:
            low, high = (float(x) for x in re.findall(r"[\d.]+", interval))
            assert low == pytest.approx(100 * v["decides"]["low"], abs=0.051)
            assert high == pytest.approx(100 * v["decides"]["high"], abs=0.051)
            decided = v["counts"]["successes"] + v["counts"]["failures"]
            assert rests.startswith(f"{v['counts']['successes']} of {decided}")


def test_every_sortie_has_a_line_with_its_disposition(made: Made) -> None:
    (table,) = [b for b in inside(made.document.blocks)
                if isinstance(b, Table) and "Disposition" in b.head]  # fmt: skip
    assert len(table.rows) == made.evaluation["sorties"]["total"]
    told = {pieces(row[1])[0].text: pieces(row[7])[0].text for row in table.rows}
    assert told["C1"] == "no-test by R. Ames: range closed"
    assert told["C4"] == "not counted: not flown"
    assert told["C0"] == "counted"


def test_each_bad_end_has_a_sheet_of_one_page(made: Made, read: pypdf.PdfReader) -> None:
    sheets = [b for b in inside(made.document.blocks)
              if isinstance(b, Heading) and b.anchor.startswith("sortie-")]  # fmt: skip
    assert len(sheets) == 2  # one crash, one failed launch
    texts = [p.extract_text() for p in read.pages]
    pages = [t for t in texts if "What led to what" in t]
    assert len(pages) == len(sheets)
    assert all("SHA-256" in t and "Evidence" in t for t in pages)


def test_what_a_defensible_report_contains_is_there(made: Made) -> None:
    """METHODS, section 5: each item leads to a part, and the part is in the report."""
    titles = " ".join(b.text for b in inside(made.document.blocks) if isinstance(b, Heading))
    for item, place in CHECKLIST:
        for letter in re.findall(r"\b[A-G]\b", place):
            assert f"Annex {letter}:" in titles, item
    assert len(CHECKLIST) == 13
    assert {"Requirements", "Gaps", "Verdict rule", "Reviews"} <= set(
        b.text for b in inside(made.document.blocks) if isinstance(b, Heading)
    )
    facts = {k for b in inside(made.document.blocks) if isinstance(b, Facts) for k, _ in b.pairs}
    assert {"sorties", "counted", "time in the air", "distance flown"} <= facts


def test_the_pdf_is_archivable_tagged_and_searchable(read: pypdf.PdfReader) -> None:
    root = read.trailer["/Root"]
    metadata = root["/Metadata"].get_data().decode()
    assert re.search(r"pdfaid:part>?\D{0,3}2", metadata)
    assert re.search(r"pdfaid:conformance>?\W{0,3}B", metadata)
    assert re.search(r"pdfuaid:part>?\D{0,3}1", metadata)
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    bookmarks = json.dumps(read.outline, default=str)
    assert "Every sortie" in bookmarks
    assert "Annex F" in bookmarks
    assert "undecided" in read.pages[0].extract_text()
    for number, sheet in enumerate(read.pages):
        for font in sheet["/Resources"].get("/Font", {}).values():
            inner = font.get_object()["/DescendantFonts"][0].get_object()
            described = inner["/FontDescriptor"].get_object()
            assert any(k in described for k in ("/FontFile2", "/FontFile3")), number


def test_the_same_input_gives_the_same_bytes(made: Made) -> None:
    assert pdf(made.document) == pdf(made.document)
    assert page(made.document) == page(made.document)


def test_html_has_the_same_tables_and_asks_nobody(made: Made) -> None:
    shown = page(made.document)
    tables = [b for b in inside(made.document.blocks) if isinstance(b, Table)]
    assert shown.count("<table") == len(tables)
    assert not re.search(r"(?:src|href)=\"(?!#)", shown)
    assert "<title>" in shown[shown.index("<main") :]  # values under the pointer


def test_names_with_markup_turned_or_endless_stay_text(tmp_path: Path) -> None:
    evil = "#panic() $x$ `<script>alert(1)</script>` \u202egnp\u202c שלום 中 " + "x" * 300
    store, _ = build.flown(tmp_path)
    campaign = folder(tmp_path / "c", name=evil, kestrel=evil, because="*no* #eval(1) \\ <b>")
    document = campaign_document(store, campaign, Wanted(tmp_path / "r.pdf"), words())
    made = pypdf.PdfReader(BytesIO(pdf(document)))
    text = " ".join(p.extract_text() for p in made.pages)
    assert "#panic()" in text
    assert "[U+202E]" in text
    assert "[U+4E2D]" in text
    width = float(made.pages[0].mediabox.width)
    assert all(_right_edge(p) < width for p in made.pages)
    shown = page(document)
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert" in shown


def _right_edge(sheet: pypdf.PageObject) -> float:
    edges = [0.0]

    def seen(text: str, cm: Any, tm: Any, font: Any, size: float) -> None:
        if text.strip():
            edges.append(float(cm[0]) * float(tm[4]) + float(cm[4]))

    sheet.extract_text(visitor_text=seen)
    return max(edges)


def test_no_sorties_is_a_report_that_says_so(tmp_path: Path) -> None:
    store = build.store(tmp_path, [])
    campaign = tmp_path / "c"
    campaign.mkdir()
    (campaign / "campaign.toml").write_text(CAMPAIGN.format(name='"None"', kestrel="kestrel"))
    out = write_campaign(store, campaign, Wanted(tmp_path / "none.pdf"))
    assert "nothing can be said yet" in pypdf.PdfReader(out).pages[0].extract_text()


def test_a_part_of_the_template_can_be_replaced(made: Made, tmp_path: Path) -> None:
    own = (Path(__file__).parents[2] / "src/flyoff/reports/paper/template/style.typ").read_text()
    (tmp_path / "style.typ").write_text(own.replace("doc.imprint,", '"House of Test",'))
    text = pypdf.PdfReader(BytesIO(pdf(made.document, tmp_path))).pages[0].extract_text()
    assert "House of Test" in text


@pytest.mark.parametrize(
    ("broken", "place"),
    [("#let ink = rgb(\n", r"style\.typ:\d+:\d+: "), ("#let ink = nothing", r"style\.typ:1:\d+: ")],
)
def test_a_template_that_breaks_names_the_place(
    made: Made, tmp_path: Path, broken: str, place: str
) -> None:
    (tmp_path / "style.typ").write_text(broken)
    with pytest.raises(ReportError, match=place):
        pdf(made.document, tmp_path)


@pytest.mark.parametrize("reach", ['read("/etc/hostname")', 'read("../../etc/hostname")'])
def test_a_template_reads_nothing_outside_its_folder(
    made: Made, tmp_path: Path, reach: str
) -> None:
    (tmp_path / "style.typ").write_text(f"#let ink = {reach}")
    with pytest.raises(ReportError, match=r"style\.typ:1"):
        pdf(made.document, tmp_path)


def test_what_cannot_be_made_says_why(made: Made, tmp_path: Path) -> None:
    with pytest.raises(ReportError, match=r"ends in \.pdf or \.html"):
        write_campaign(made.store, made.folder, Wanted(tmp_path / "r.docx"))
    with pytest.raises(ReportError, match="is none of en, de"):
        write_campaign(made.store, made.folder, Wanted(tmp_path / "r.pdf", "fr"))
    with pytest.raises(ReportError, match="holds none of main"):
        write_campaign(made.store, made.folder, Wanted(tmp_path / "r.pdf", template=tmp_path))
    with pytest.raises(ReportError, match="is no sortie's"):
        write_sortie(made.store, "zzz", Wanted(tmp_path / "r.pdf"))
    (tmp_path / "r.pdf").mkdir()
    with pytest.raises(ReportError, match="cannot be written"):
        write_campaign(made.store, made.folder, Wanted(tmp_path / "r.pdf"))


def test_one_candidate_alone_keeps_its_figures(made: Made, tmp_path: Path) -> None:
    wanted = Wanted(tmp_path / "r.pdf", candidate="heron")
    document = campaign_document(made.store, made.folder, wanted, words())
    bars = _bars(document)
    assert {b[0] for b in bars} == {"heron"}
    assert set(bars) <= set(_bars(made.document))


def test_every_character_that_counts_as_drawn_is_in_every_cut() -> None:
    """Else a report would break on a name; each is set as plain and as bold text."""
    shown = "".join(chr(c) for c in range(0x20, 0x30000) if _is_drawn(chr(c)))
    assert len(shown) > 2500
    assert _is_drawn("ї")
    rows = [[shown[i : i + 40], Cell(shown[i : i + 40], look="strong")]
            for i in range(0, len(shown), 40)]  # fmt: skip
    blocks = [Heading(1, "All"), Table(["a", "b"], rows, (1, 1))]
    assert pdf(Document("All", "", "en", "", "", blocks, {"page": ""}))


def test_thirty_candidates_have_a_line_each_on_page_one(tmp_path: Path) -> None:
    store, _ = build.flown(tmp_path)
    campaign = folder(tmp_path / "c")
    more = "".join(f'[candidates.extra-{i:02d}]\nvehicles = ["X-{i}"]\n' for i in range(28))
    text = (campaign / "campaign.toml").read_text()
    (campaign / "campaign.toml").write_text(text + more)
    out = write_campaign(store, campaign, Wanted(tmp_path / "many.pdf"))
    first = pypdf.PdfReader(out).pages[0].extract_text()
    assert all(f"extra-{i:02d}" in first for i in range(28))
    assert "What to do next" in first


def test_every_picture_is_told_in_words(read: pypdf.PdfReader) -> None:
    """Each figure of the structure tree has its alternative text."""
    told: list[str] = []
    waiting = [read.trailer["/Root"]["/StructTreeRoot"]]
    while waiting:
        node = waiting.pop().get_object()
        if isinstance(node, pypdf.generic.ArrayObject):
            waiting += node
        elif isinstance(node, pypdf.generic.DictionaryObject):
            if node.get("/S") == "/Figure":
                told.append(str(node.get("/Alt", "")))
            waiting += [node["/K"]] if "/K" in node else []
    assert len(told) >= 4
    assert all(told)
    assert "/OutputIntents" in read.trailer["/Root"]


def test_each_value_of_a_strip_is_a_sortie_s(made: Made) -> None:
    figures = [b.svg for b in inside(made.document.blocks) if isinstance(b, Figure)]
    strips = [svg for svg in figures if "time in the air, sorties flown as planned" in svg]
    shown = [v for svg in strips for v in re.findall(r'class="point" data-value="([^"]*)"', svg)]
    counted = [a for c, o, a in build.FLOWN if c and o == "completed"][1:]  # one is set aside
    assert sorted(shown) == sorted(repr(a) for a in counted)


def test_every_text_is_one_of_a_cell(made: Made) -> None:
    """The guard of escaping: no block holds anything but plain text and drawings of our own."""
    for block in inside(made.document.blocks):
        if isinstance(block, Table):
            assert all(isinstance(c, str | Cell) for row in block.rows for c in row)
