"""A narrow terminal, and a reader who goes away: nothing that decides is cut, nothing fails."""

import io
import sys
from pathlib import Path

import pytest
import typer

from flyoff.cli import terminal
from flyoff.cli.guard import guarded
from flyoff.lake.commit import Committer
from flyoff.lake.store import Store
from flyoff.model.sortie import Outcome
from tests.cli.call import flyoff
from tests.lake.build import entry

_ROWS = [
    ("a_rather_long_name_of_a_log_2026-05-04_01.BIN", "failed launch", "x" * 50 + " end of words"),
    ("b.BIN", "completed", ""),
]
_HEADS = ("log", "outcome", "evidence")


def _printed(width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> str:
    monkeypatch.setattr(terminal, "WIDTH_WITHOUT_TERMINAL", width)
    rows = [tuple(map(terminal.cell, row)) for row in _ROWS]
    terminal.print_table(_HEADS, rows, below=("evidence",))
    return capsys.readouterr().out


@pytest.mark.parametrize("width", [40, 60, 80, 110, 180])
def test_nothing_is_cut_at_any_width(
    width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    out = _printed(width, monkeypatch, capsys)
    assert "…" not in out
    assert max(map(len, out.splitlines())) <= width
    assert "failed launch" in out
    assert out.count("x") == 50
    letters = "".join(out.split())
    assert all(c in letters for c in set(_ROWS[0][0]))
    if width >= 80:
        assert _ROWS[0][0] in out


def test_what_is_long_goes_below_its_row_and_only_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    narrow = _printed(80, monkeypatch, capsys).splitlines()
    assert narrow[0].split() == ["log", "outcome"]
    assert narrow[2].startswith("    evidence: xxx")
    assert sum("evidence" in line for line in narrow) == 1  # nothing to say, no line
    assert _printed(180, monkeypatch, capsys).splitlines()[0].split() == list(_HEADS)


def test_sorties_keep_log_and_outcome_at_80_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    committer = Committer(Store(tmp_path, create=True))
    committer.add(entry(1, Outcome.FAILED_LAUNCH))
    committer.close()
    (row,) = flyoff("sorties", "--store", tmp_path, "--json").lines
    monkeypatch.setattr(terminal, "WIDTH_WITHOUT_TERMINAL", 80)
    first = flyoff("sorties", "--store", tmp_path).out.splitlines()[1]
    assert Path(row["path"]).name in first
    assert "failed launch" in first


class _Gone(io.StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError

    def fileno(self) -> int:
        return self.number


def test_a_reader_that_has_seen_enough_is_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``flyoff sorties | head`` ends with 0, as it does where it prints without a table."""

    @guarded
    def prints() -> int:
        terminal.print_table(("a",), [(terminal.cell("b"),)])
        return 0

    with (tmp_path / "out").open("w") as kept:
        gone = _Gone()
        gone.number = kept.fileno()
        monkeypatch.setattr(sys, "stdout", gone)
        with pytest.raises(typer.Exit) as ended:
            prints()
    assert ended.value.exit_code == 0
