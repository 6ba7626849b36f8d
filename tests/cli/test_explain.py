"""``flyoff explain``: words, plots in the terminal or as files, and a form for machines."""

from pathlib import Path

import pytest

from tests.cli.call import flyoff
from tests.pipeline.flights import card
from tests.shared import REASON, flights


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return card(tmp_path / "card", 1)[0]


def _crash() -> Path:
    """A labelled flight that ends in a crash after a motor failure."""
    folder = flights()
    if folder is None:
        pytest.skip(REASON)
    for label in sorted(folder.glob("*.json")):
        if '"crashed"' in label.read_text() and "motor_fail" in label.read_text():
            return next(p for p in folder.glob(f"{label.stem}.*") if p.suffix in (".BIN", ".ulg"))
    pytest.skip("no labelled flight crashed after a motor failure")


def test_a_log_is_told_in_words(log: Path) -> None:
    told = flyoff("explain", log, "--no-plots")
    assert told.code == 0
    assert "What happened" in told.out
    assert "confidence" in told.out
    assert "sortie 1 of" in told.out
    assert "no plan beside the log" in told.out


def test_the_machine_form_holds_the_sortie_and_its_timeline(log: Path) -> None:
    (facts,) = flyoff("explain", log, "--json", "--no-plots").lines
    (judged,) = flyoff("judge", log, "--json").lines
    stories = facts["stories"]
    assert [s["sortie"] for s in stories] == judged["sorties"]
    times = [e["t_s"] for e in stories[0]["timeline"]]
    assert times == sorted(times)
    assert stories[0]["plots"] is None


def test_a_crash_is_explained_with_its_chain_and_plots(tmp_path: Path) -> None:
    crash = _crash()
    told = flyoff("explain", crash)
    assert told.code == 0
    for words in ("CRASHED", "Why", "→ impact", "meets the ground", "What decided", "← the cause"):
        assert words in told.out
    assert any(0x2800 < ord(c) <= 0x28FF for c in told.out)
    filed = flyoff("explain", crash, "--plots", tmp_path / "plots", "--json").lines[0]
    written = Path(filed["stories"][0]["plots"])
    assert written.parent == tmp_path / "plots"
    assert written.read_bytes().startswith(b"\x89PNG")


def test_what_is_no_log_is_refused_with_one_line(tmp_path: Path) -> None:
    path = tmp_path / "note.txt"
    path.write_text("no log at all")
    told = flyoff("explain", path)
    assert told.code == 1
    assert told.err.count("\n") == 1


def test_a_folder_that_cannot_be_written_is_named(log: Path, tmp_path: Path) -> None:
    crash = _crash()
    (tmp_path / "taken").write_text("a file")
    told = flyoff("explain", crash, "--plots", tmp_path / "taken" / "plots")
    assert told.code == 1
    assert "taken" in told.err
