"""Languages of the report: complete where it is said, numbers and dates as the CLDR has them."""

import ast
import gettext
import io
import re
from datetime import date
from pathlib import Path

import pypdf
import pytest
from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from flyoff.campaign.rates import further_words
from flyoff.errors import ReportError
from flyoff.model.finding import Evidence, Kind
from flyoff.model.recording import VEHICLE_KINDS
from flyoff.model.sortie import Outcome
from flyoff.reports.frames import FRAMES
from flyoff.reports.paper.write import Wanted, campaign_document, write_campaign
from flyoff.reports.verdict_words import to_settle
from flyoff.reports.words import LANGUAGES, words
from flyoff.views.wording import plain
from tests.reports.test_paper import folder
from tests.views import build

SRC = Path(__file__).parents[2] / "src" / "flyoff"
CATALOGUES = SRC / "reports" / "catalogues"
COMPLETE = ("de", "uk")


def _known(language: str) -> set[str]:
    with (CATALOGUES / language / "LC_MESSAGES" / "report.mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)
    # gettext has no public way to list messages
    return {k if isinstance(k, str) else k[0] for k in catalogue._catalog}


def _plain(catalogue: Catalog) -> dict[str, object]:
    return {str(m.id): m.string for m in catalogue}


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_compiled_catalogues_are_those_of_their_source(language: str) -> None:
    home = CATALOGUES / language / "LC_MESSAGES"
    with (home / "report.po").open("rb") as file:
        source = read_po(file)
    compiled = io.BytesIO()
    write_mo(compiled, source)
    with (home / "report.mo").open("rb") as file:
        kept = read_mo(file)
    assert _plain(kept) == _plain(read_mo(io.BytesIO(compiled.getvalue())))


@pytest.mark.parametrize("language", COMPLETE)
def test_every_message_of_the_code_is_translated(language: str) -> None:
    found = extract_from_dir(
        SRC / "reports",
        method_map=[("**.py", "python")],
        keywords={"t": None, "n": (1, 2), "marked": None},
    )
    messages = {m[0] if isinstance(m, tuple) else m for _, _, m, _, _ in found}
    assert len(messages) > 250
    assert not messages - _known(language)
    assert not set(FRAMES) - _known(language)


@pytest.mark.parametrize("language", COMPLETE)
def test_every_word_of_the_closed_lists_is_translated(language: str) -> None:
    listed = [*map(str, Outcome), *map(str, Kind), *VEHICLE_KINDS]
    assert not {plain(word) for word in listed} - _known(language)


@pytest.mark.parametrize("language", COMPLETE)
def test_a_whole_report_asks_for_nothing_that_is_missing(language: str, tmp_path: Path) -> None:
    store, _ = build.flown(tmp_path)
    w = words(language)
    campaign_document(store, folder(tmp_path / "c"), Wanted(tmp_path / "r.pdf", language), w)
    assert len(w.asked) > 200
    invented = {"fell at {} m/s", "motor {} stopped"}  # what the test's own store says
    # sentences of the packages that judge may be newer than the catalogue; they show as English
    assert len(w.missing - invented) <= 3, w.missing


@pytest.mark.parametrize("language", COMPLETE)
def test_nearly_all_that_detectors_say_is_translated(language: str) -> None:
    """A new statement falls back to English, which a reader sees; most must not have to."""
    said = set(_statements())
    w = words(language)
    for sentence in said:
        w.says(re.sub(r"\s*\[[^\]]{1,8}\]", "", sentence).strip())
    assert len(said) > 60
    assert len(w.missing) < 0.1 * len(said), sorted(w.missing)


def _statements() -> list[str]:
    """First arguments of ``Evidence(...)`` in the packages that judge, where plain text."""
    found = []
    for package in ("detectors", "sorties"):
        for path in (SRC / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                    continue
                first = node.args[0] if node.args else None
                named = node.func.id == "Evidence"
                if named and isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found.append(first.value)
    return found


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_numbers_and_dates_are_those_of_the_cldr(language: str) -> None:
    w = words(language)
    name = {"no": "nb"}.get(language, language)
    theirs = format_decimal(1234567, locale=name).replace("\u202f", "\u00a0")
    assert w.whole(1234567) == theirs
    assert w.local("1234.5") == format_decimal(1234.5, "0.0", locale=name)
    day = date(2026, 11, 3)
    shown = format_date(day, "short", locale=name)
    assert re.findall(r"\d+", w.date("2026-11-03"))[:2] == [
        p.zfill(2) for p in re.findall(r"\d+", shown)[:2]
    ]


def test_figures_in_a_sentence_are_kept() -> None:
    german, ukrainian = words("de"), words("uk")
    piece = Evidence("motor 4 driven above the next strongest by", "motor", 31.2, 0.301, 0.18)
    assert german.evidence(piece) == (
        "Motor 4 stärker angesteuert als der nächststarke um: 0,301 (Grenze 0,18)"
    )
    assert ukrainian.says("3 of 4 planned waypoints passed") == "пройдено 3 з 4 запланованих точок"
    assert german.says("mode AUTO → RTL by failsafe") == "Modus AUTO → RTL durch Failsafe"


def test_plurals_follow_the_language() -> None:
    w = words("uk")
    said = [w.n("{count} sortie", "{count} sorties", n) for n in (1, 3, 5, 21)]
    assert said == ["1 виліт", "3 вильоти", "5 вильотів", "21 виліт"]


def test_what_is_not_translated_stays_english_and_is_counted() -> None:
    w = words("da")
    assert w.t("Verdict rule") == "Verdict rule"
    assert "Verdict rule" in w.missing
    assert w.t("met") == "opfyldt"


def test_a_report_in_a_language_that_is_not_whole_says_so_on_page_one(tmp_path: Path) -> None:
    store, _ = build.flown(tmp_path)
    out = write_campaign(store, folder(tmp_path / "c"), Wanted(tmp_path / "r.pdf", "da"))
    first = pypdf.PdfReader(out).pages[0].extract_text()
    assert re.search(r"da: \d+ of \d+ texts are not translated", first)
    assert "opfyldt" in first or "uafgjort" in first


def test_braces_in_a_sentence_are_text() -> None:
    assert words("de").says("the log says: {evil} {0.x}") == "das Log sagt: {evil} {0.x}"


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ReportError, match="none of en, de, uk, da, no"):
        words("xx")


def test_ukrainian_writes_its_own_units_everywhere() -> None:
    w = words("uk")
    h, m, s = "год", "м", "с"  # noqa: RUF001 - Cyrillic is what is expected
    assert w.number(0.25, "h") == f"0,25\u00a0{h}"
    assert w.local("3.2 m/s") == f"3,2 {m}/{s}"
    assert w.says("nothing logged for 3 s").endswith(f" 3 {s}")
    assert w.local("0 of 5 s2 and 4 Amsterdam") == "0 of 5 s2 and 4 Amsterdam"
    with (CATALOGUES / "uk" / "LC_MESSAGES" / "report.po").open("rb") as file:
        told = [str(m.string) for m in read_po(file) if m.id]
    assert len(told) > 250
    assert not [t for t in told if re.search(r"\[(m|s|h|m/s|V|A|Wh)\]|\} (s|h|Hz)\b", t)]


def test_terminal_and_report_tell_the_hours_ahead_alike() -> None:
    """Both round once, in one place; the report had whole hours where 17 minutes were meant."""
    verdict = {"counts": {"hours": 1.0}, "unit": "h"}
    for hours, told in ((0.284, "17 min"), (2.44, "2.4 h"), (1234.5, "1200 h")):
        ahead = {"hours": hours, "undecided": 0.0, "met": 1.0, "missed": 0.0, "horizon": 10000}
        said = to_settle({**verdict, "further": ahead}, words("en")).replace("\u00a0", " ")
        assert said == f"within {told} more in the air, likely met then"
        number, word = further_words(hours).split(" further ")
        assert f"{number} {word}".replace("minutes", "min").replace("hours", "h") == told
    never = {"hours": None, "undecided": 1.0, "met": 0.0, "missed": 0.0, "horizon": 10000}
    said = to_settle({**verdict, "further": never}, words("en")).replace("\u00a0", " ")
    assert said == "more than 10000 h more in the air"
