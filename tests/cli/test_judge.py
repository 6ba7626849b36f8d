"""``flyoff judge``: the machine contract, the table, exit codes, bad input."""

import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.call import flyoff
from tests.pipeline.flights import card, flight

#: The contract's keys (DESIGN.md, section 5), in order.
SORTIE = (
    "id start_s end_s start_utc airborne_s outcome confidence evidence cause findings not_assessed "
    "not_assessed_reasons phases measures"
).split()


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return card(tmp_path / "card", 1)[0]


def test_json_is_the_contract(log: Path) -> None:
    done = flyoff("judge", "--json", log)
    assert (done.code, done.err) == (0, "")
    (line,) = done.lines
    assert list(line) == ["log", "vehicle", "sorties"]
    assert list(line["log"]) == ["path", "sha256", "format", "bytes", "receipt"]
    assert list(line["log"]["receipt"]) == ["decoded_bytes", "skipped_bytes", "status", "gaps"]
    assert list(line["vehicle"]) == ["id", "kind", "autopilot", "firmware"]
    assert line["log"]["path"] == str(log)
    assert line["log"]["receipt"]["decoded_bytes"] == line["log"]["bytes"] == log.stat().st_size
    (sortie,) = line["sorties"]
    assert list(sortie) == SORTIE
    assert sortie["outcome"] == "not_flown"
    assert list(sortie["evidence"][0]) == ["says", "channel", "t_s", "value", "limit"]
    for finding in sortie["findings"]:
        assert {"kind", "onset_s", "end_s", "severity", "evidence", "confidence", "detail"} <= set(
            finding
        )


def test_a_line_for_each_log_in_order(tmp_path: Path) -> None:
    paths = card(tmp_path, 3)
    done = flyoff("judge", "--json", paths[2], tmp_path)
    assert [d["log"]["path"] for d in done.lines] == [str(paths[i]) for i in (2, 0, 1, 2)]
    assert done.code == 0


def test_processes_change_nothing(tmp_path: Path) -> None:
    card(tmp_path, 4)
    alone, together = (flyoff("judge", "--json", "--jobs", j, tmp_path) for j in (1, 2))
    assert alone.out == together.out


def test_the_table_says_it_in_words(log: Path) -> None:
    done = flyoff("judge", log)
    assert done.code == 0
    assert "not flown" in done.out
    assert "armed, but never told to fly" in done.out
    assert done.out.splitlines()[-1] == "1 sortie: 1 not flown"


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _unreadable(path: Path) -> None:
    path.write_bytes(flight())
    path.chmod(0)


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b"\xa3" * 8192)
        file.truncate(2 << 30)


BAD = {
    "text": (lambda p: p.write_text("not a log"), "text that begins 'not a log'"),
    "empty": (lambda p: p.write_bytes(b""), "the file is empty"),
    "zeros": (lambda p: p.write_bytes(bytes(100_000)), "all 0x00"),
    "cut gzip": (lambda p: p.write_bytes(gzip.compress(flight())[:-30]), "the archive is cut"),
    "fifo": (_fifo, "is a FIFO, expected a regular file"),
    "missing": (lambda p: None, "no such file"),
    "unreadable": (_unreadable, "permission denied"),
    "sparse": (_sparse, "all 0xa3"),
    "socket": (lambda p: p.symlink_to("/dev/null"), "is a device, expected a regular file"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_input_is_one_line_and_the_others_are_judged(
    kind: str, tmp_path: Path, log: Path
) -> None:
    if kind == "unreadable" and os.geteuid() == 0:
        pytest.skip("root may read everything")
    make, says = BAD[kind]
    bad = tmp_path / "bad.BIN"
    make(bad)
    done = flyoff("judge", "--json", bad, log)
    assert done.code == 1
    assert [d["log"]["path"] for d in done.lines] == [str(log)]
    (complaint,) = done.err.splitlines()
    assert complaint.startswith(f"flyoff: {bad}")
    assert says in complaint


@pytest.mark.parametrize("share", [0.99, 0.5, 0.1])
def test_a_truncated_log_is_read(share: float, tmp_path: Path) -> None:
    whole = flight()
    path = tmp_path / "cut.BIN"
    path.write_bytes(whole[: round(share * len(whole)) - 1])
    done = flyoff("judge", "--json", path)
    assert done.code == 0
    receipt = done.lines[0]["log"]["receipt"]
    assert receipt["decoded_bytes"] + receipt["skipped_bytes"] == path.stat().st_size
    assert receipt["status"] != "complete"


def test_a_folder_without_a_log_is_an_error(tmp_path: Path) -> None:
    done = flyoff("judge", tmp_path)
    assert done.code == 1
    assert done.err == f"flyoff: {tmp_path}: no log in this folder\n"


def test_other_files_of_a_folder_are_noted(tmp_path: Path, log: Path) -> None:
    (log.parent / "readme.first").write_text("hello")
    done = flyoff("judge", "--json", log.parent)
    assert done.code == 0
    assert len(done.lines) == 1
    assert done.err.startswith("flyoff: skipped ")
    (log.parent / "claims.BIN").write_text("hello")
    assert flyoff("judge", "--json", log.parent).code == 1


def test_a_plan_beside_the_log_that_is_broken_is_a_warning(log: Path) -> None:
    log.with_suffix(".waypoints").write_text("QGC WPL 110\nnonsense\n")
    done = flyoff("judge", "--json", log)
    assert done.code == 0
    assert len(done.lines) == 1
    assert "plan not used" in done.err


def test_a_plan_that_is_named_must_be_one(log: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.waypoints"
    plan.write_text("nonsense")
    done = flyoff("judge", "--json", "--plan", plan, log)
    assert (done.code, done.out) == (1, "")
    assert str(plan) in done.err
    assert flyoff("judge", "--plan", tmp_path / "none", log).code == 2


@pytest.mark.parametrize("words", [[], ["--jobs", "0", "x"], ["--nonsense", "x"]])
def test_misuse_is_exit_2(words: list[str]) -> None:
    assert flyoff("judge", *words).code == 2


def test_a_bug_is_one_line(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("oh\nno")

    monkeypatch.setattr("flyoff.pipeline.judgement.judge_recording", fail)
    done = flyoff("judge", "--json", log)
    assert done.code == 1
    assert done.err.count("\n") == 1
    assert "ZeroDivisionError: oh no; this is a bug in Flyoff" in done.err
    assert "FLYOFF_TRACE=1" in done.err


def test_the_trace_is_there_for_those_who_ask(
    log: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from flyoff.cli.guard import show_trace

    monkeypatch.setenv("FLYOFF_TRACE", "1")
    show_trace("Traceback: here")
    assert "Traceback: here" in capsys.readouterr().err


def test_what_a_name_or_a_log_says_reaches_no_terminal(tmp_path: Path) -> None:
    path = tmp_path / "\x1b[2J[red]evil\udcff.BIN"
    path.write_bytes(flight())
    for done in (flyoff("judge", path), flyoff("judge", "--json", path)):
        assert done.code == 0
        assert "\x1b" not in done.out
    assert flyoff("judge", "--json", path).lines[0]["log"]["path"] == str(path)


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    card(tmp_path, 3)
    command = [sys.executable, "-m", "flyoff", "judge", "--json", str(tmp_path)]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    running = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env
    )
    assert running.stdout is not None
    running.stdout.close()
    assert running.stderr is not None
    assert running.stderr.read() == ""
    assert running.wait() == 0
