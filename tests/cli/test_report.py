"""``flyoff report`` and ``flyoff judge --report`` from the command line."""

import json
import lzma
from pathlib import Path

import pypdf
import pytest

from tests.cli.call import flyoff
from tests.reports.test_paper import folder
from tests.views import build

SAMPLES = Path(__file__).parents[2] / "samples" / "campaign" / "logs"


@pytest.fixture(scope="module")
def trial(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    home = tmp_path_factory.mktemp("trial")
    store, _ = build.flown(home)
    return folder(home / "campaign"), store


def test_a_report_is_written_and_told(trial: tuple[Path, str], tmp_path: Path) -> None:
    campaign, store = trial
    out = tmp_path / "deep" / "report.html"
    done = flyoff("report", campaign, "--store", store, "--out", out, "--lang", "de", "--json")
    assert done.code == 0
    assert json.loads(done.out) == {"report": str(out)}
    assert "Anforderung" in out.read_text()


def test_the_file_s_name_and_place_change_no_byte(trial: tuple[Path, str], tmp_path: Path) -> None:
    campaign, store = trial
    for name in ("a.pdf", "elsewhere/b.pdf"):
        assert flyoff("report", campaign, "--store", store, "--out", tmp_path / name).code == 0
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "elsewhere" / "b.pdf").read_bytes()


def test_a_sheet_from_the_store_by_the_beginning_of_an_id(
    trial: tuple[Path, str], tmp_path: Path
) -> None:
    campaign, store = trial
    listed = flyoff("sorties", "--store", store, "--outcome", "crashed", "--json")
    crash = json.loads(listed.out.splitlines()[0])["sortie_id"]
    out = tmp_path / "sheet.pdf"
    done = flyoff("report", campaign, "--sortie", crash[:-2], "--store", store, "--out", out)
    assert done.code == 0
    made = pypdf.PdfReader(out)
    assert len(made.pages) == 1
    text = made.pages[0].extract_text()
    assert "Crashed" in text
    assert "kestrel" in text


def test_a_sheet_from_one_log(tmp_path: Path) -> None:
    packed = SAMPLES / "swift" / "S-03_2024-09-18_02.BIN.xz"
    log, out = tmp_path / "crash.BIN", tmp_path / "crash.pdf"
    log.write_bytes(lzma.decompress(packed.read_bytes()))
    done = flyoff("judge", log, "--report", out, "--json")
    assert done.code == 0
    told = json.loads(done.out)["sorties"][0]
    made = pypdf.PdfReader(out)
    assert len(made.pages) == len(json.loads(done.out)["sorties"]) == 1
    text = made.pages[0].extract_text()
    assert told["outcome"] in text
    assert json.loads(done.out)["log"]["sha256"] in text
    assert f"{told['evidence'][0]['value']:.3g} m/s" in text.replace("\u00a0", " ")


def test_misuse_says_what_is_wanted(trial: tuple[Path, str], tmp_path: Path) -> None:
    _, store = trial
    done = flyoff("report", "--store", store, "--out", tmp_path / "r.pdf")
    assert done.code == 2
    assert "folder of a campaign" in done.err
    done = flyoff("judge", tmp_path, "--report", tmp_path / "r.pdf")
    assert done.code == 2
    assert "takes one log" in done.err
