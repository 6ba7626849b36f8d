"""``--profile``, ``--trace`` and ``--log-format json``: what a person and a machine are told."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.call import flyoff
from tests.pipeline.flights import card, flight

WORDS = "SECRETWORD"


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    card(tmp_path / "card", 2)
    (tmp_path / "card" / "no.BIN").write_text(f"{WORDS} and more")
    (tmp_path / "card" / "00000000.waypoints").write_text(f"{WORDS} no plan")
    return tmp_path / "card"


def _lines(err: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in err.splitlines()]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_every_line_of_standard_error_is_json_and_quotes_no_file(
    jobs: str, logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", f"{WORDS}2")
    plain = flyoff("ingest", logs, "--store", tmp_path / "a", "--json", "--jobs", jobs)
    assert WORDS in plain.err, "else this test would be blind"
    done = flyoff(
        "ingest", logs, "--store", tmp_path / "b", "--json", "--jobs", jobs, "--log-format", "json"
    )
    assert (done.code, done.lines[0]["logs"]) == (1, 2)
    assert WORDS not in done.err
    lines = _lines(done.err)
    assert all({"time", "level", "logger", "says"} <= set(line) for line in lines)
    told = [line for line in lines if line["logger"] == "flyoff.stage"]
    assert told[-1]["stage"] == "flyoff ingest"
    assert all(line["seconds"] >= 0 for line in told)
    decoded = [line for line in told if line["stage"] == "decode"]
    assert sorted(line["bytes"] for line in decoded) == sorted(
        p.stat().st_size for p in logs.glob("0*.BIN")
    )
    assert all(len(line["log"]) == 64 for line in decoded)
    problems = {p for line in lines for p in line.get("problems", [])}
    assert problems == {"DecodeError", "plan"}
    (said,) = (line["says"] for line in lines if line["level"] == "error" and "no.BIN" in str(line))
    assert said == f"{logs / 'no.BIN'}: cannot be read"


def test_the_environment_asks_for_it_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLYOFF_LOG", "json")
    done = flyoff("sorties", "--store", tmp_path / "none")
    assert done.code == 1
    (line,) = _lines(done.err)
    assert line["level"] == "error"
    assert "there is no store here" in line["says"]
    monkeypatch.setenv("FLYOFF_LOG", "xml")
    done = flyoff("sorties", "--store", tmp_path / "none")
    assert (done.code, done.err) == (2, "flyoff: FLYOFF_LOG is 'xml', expected one of text, json\n")
    monkeypatch.delenv("FLYOFF_LOG")
    assert flyoff("sorties", "--store", tmp_path / "none").err.startswith("flyoff: store ")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_profile_says_what_took_how_long(jobs: str, logs: Path, tmp_path: Path) -> None:
    chart = tmp_path / "chart.json"
    plain = flyoff("judge", logs, "--json", "--jobs", jobs)
    done = flyoff("judge", logs, "--json", "--jobs", jobs, "--profile", "--trace", chart)
    assert (done.code, done.out) == (plain.code, plain.out)
    table = done.err.splitlines()[len(plain.err.splitlines()) :]
    assert table[0].split()[:2] == ["stage", "times"]
    times = {line.rsplit(maxsplit=1)[0].split()[0]: line.split() for line in table[1:-1]}
    assert list(times)[:5] == ["walk", "open", "digest", "decode", "judge"]
    assert times["judge"][1] == "2"
    assert table[-1].startswith("3 logs, ")
    assert table[-1].endswith("in 1 processes" if jobs == "1" else "in 3 processes")
    assert json.loads(chart.read_text())["traceEvents"]


def test_a_chart_that_cannot_be_written_is_told_first(logs: Path, tmp_path: Path) -> None:
    done = flyoff("judge", logs, "--trace", tmp_path / "no" / "chart.json")
    assert (done.code, done.out) == (1, "")
    assert "cannot be written: no such file or directory" in done.err


def test_a_run_that_fails_still_tells_its_profile(tmp_path: Path) -> None:
    (tmp_path / "a.BIN").write_bytes(flight())
    (tmp_path / "strange").mkdir()
    (tmp_path / "strange" / "file").touch()
    done = flyoff("ingest", tmp_path / "a.BIN", "--store", tmp_path / "strange", "--profile")
    assert done.code == 1
    assert "rest of the run" in done.err
