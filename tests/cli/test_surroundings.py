"""Cards with the same names on them, odd encodings of a terminal, and what a machine refuses."""

import errno
import io
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import typer

from flyoff.cli.guard import guarded
from flyoff.lake.commit import Committer
from flyoff.lake.store import Store
from flyoff.pipeline.walk import walk
from tests.cli.call import flyoff
from tests.lake.build import entry
from tests.pipeline.flights import flight


@pytest.fixture(scope="module")
def cards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two cards as autopilots write them: the same names of files, other flights."""
    made = tmp_path_factory.mktemp("cards")
    for number in (1, 2):
        logs = made / f"card{number}" / "LOGS"
        logs.mkdir(parents=True)
        (logs / "00000001.BIN").write_bytes(flight(number))
        (logs / "LASTLOG.TXT").write_text("1")
    (made / "card2" / "LOGS" / "00000002.BIN").write_bytes(flight(3))
    return made


def test_logs_of_one_name_are_told_apart(cards: Path, tmp_path: Path) -> None:
    for command in ("judge", "link"):
        said = flyoff(command, cards).out.replace("\n", " ")
        for name in ("card1/LOGS/00000001.BIN", "card2/LOGS/00000001.BIN", " 00000002.BIN "):
            assert said.count(name) == 1
    assert "card2" not in flyoff("judge", cards / "card2").out
    committer = Committer(Store(tmp_path, create=True))
    for number in (1, 2):
        made = entry(number)
        committer.add(replace(made, log=replace(made.log, path=f"sd{number}/1.BIN")))
    committer.close()
    for command in ("sorties", "findings"):
        said = flyoff(command, "--store", tmp_path).out
        assert "sd1/1.BIN" in said
        assert "sd2/1.BIN" in said


def test_the_number_of_the_last_log_is_no_log(cards: Path) -> None:
    assert {Path(f.path).suffix for f in walk([cards]).files} == {".BIN"}


def _said(encoding: str, text: str, monkeypatch: pytest.MonkeyPatch) -> bytes:
    kept = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(kept, encoding=encoding))

    @guarded
    def prints() -> int:
        print(text)
        return 0

    with pytest.raises(typer.Exit) as ended:
        prints()
    assert ended.value.exit_code == 0
    return kept.getvalue().strip()


def test_a_terminal_that_lacks_a_sign_gets_a_question_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _said("cp1252", "1 ± ∞ → \udcff", monkeypatch) == "1 ± ? ? ?".encode("cp1252")
    assert _said("ascii", "1 ± ∞", monkeypatch) == b"1 ? ?"
    assert _said("utf-8", "± \udcff", monkeypatch) == "± ".encode() + b"\xff"


def _raises(error: BaseException) -> Callable[[], int]:
    def command() -> int:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (PermissionError(errno.EACCES, "Permission denied", "demo"), "demo: permission denied\n"),
        (OSError(errno.ENOSPC, "No space left on device"), "no space left on device\n"),
        (ValueError("x"), "ValueError: x; this is a bug"),
        (FileNotFoundError(errno.ENOENT, "No such file or directory", "x"), "this is a bug"),
        (type("PanicException", (BaseException,), {})("x"), "PanicException: x; this is a bug"),
    ],
)
def test_what_the_machine_refuses_is_no_bug(
    error: BaseException, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as ended:
        guarded(_raises(error))()
    assert ended.value.exit_code == 1
    said = capsys.readouterr().err
    assert line in said
    assert ("a bug" in said) == ("a bug" in line)
