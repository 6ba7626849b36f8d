"""A trial whose files are missing, empty, cut, garbage or hostile: told plainly, no trace."""

import shutil
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest

from flyoff.pipeline.trial.document import document, schema
from flyoff.pipeline.trial.scoring import score_trial
from flyoff.reports.trial.page import trial_page
from tests.cli.call import flyoff
from tests.shared import ROOT

SAMPLE = ROOT / "samples" / "trial"
SWIFT = "logs/swift/S-01_2025-08-24_02.BIN.xz"
RADAR, RF = "radar.jsonl", "rf.ast"
#: Bytes of no format that are the same in every run.
NOISE = b"\xff\xfe" + bytes((k * k * 37 + 11) % 256 for k in range(4000))
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY a%d "%s">' % (k, b"&a%d;" % (k - 1) * 10) for k in range(1, 10))
    + b']><event version="2.0" uid="&a9;" type="a-f-A" time="2026-05-04T10:00:10Z"/>'
)


@pytest.fixture
def trial(tmp_path: Path) -> Callable[..., Path]:
    def make(*changes: tuple[str, str], **files: bytes) -> Path:
        folder = tmp_path / "trial"
        shutil.copytree(SAMPLE, folder)
        text = (folder / "trial.toml").read_text()
        text = text.replace("../campaign", str(SAMPLE.parent / "campaign"))
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (folder / "trial.toml").write_text(text)
        for name, data in files.items():
            (folder / name.replace("_", ".")).write_bytes(data)
        return folder

    return make


def _campaign(log: str) -> str:
    return str(SAMPLE.parent / "campaign" / log)


def test_a_log_that_is_not_there(trial: Callable[..., Path]) -> None:
    folder = trial((_campaign(SWIFT), "gone.BIN"))
    told = flyoff("trial", "check", folder)
    assert told.code == 1
    assert told.out.count("gone.BIN: no such file") == 4
    assert flyoff("trial", "score", folder).err == (
        "flyoff: trial.toml:64: gone.BIN: no such file (and 3 more: see flyoff trial check)\n"
    )


def test_a_log_of_noise(trial: Callable[..., Path]) -> None:
    folder = trial((_campaign(SWIFT), "bad.BIN"), bad_BIN=NOISE)
    done = flyoff("trial", "score", folder)
    assert done.code == 1
    assert "not a log that this version reads" in done.err


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "radar.jsonl: the file is empty; if the sensor reported nothing, say in which"),
        (NOISE, "radar.jsonl: the format is not known: it begins with ff fe 0b"),
    ],
)
def test_a_sensor_s_file_of_nothing_or_noise(
    trial: Callable[..., Path], data: bytes, says: str
) -> None:
    folder = trial(radar_jsonl=data)
    for word in ("check", "score"):
        done = flyoff("trial", word, folder)
        assert done.code == 1
        assert says in " ".join((done.out + done.err).split())


def test_what_a_cut_recording_still_holds_is_scored(trial: Callable[..., Path]) -> None:
    cut = {name: (SAMPLE / name).read_bytes() for name in (RADAR, RF)}
    folder = trial(
        radar_jsonl=cut[RADAR][: len(cut[RADAR]) // 2 - 7], rf_ast=cut[RF][: len(cut[RF]) // 2 + 3]
    )
    told = flyoff("trial", "check", folder)
    assert told.code == 0
    assert "bytes could not be read: a line that is no JSON" in told.out
    assert "the recording ends inside a block" in told.out
    found = document(score_trial(folder))
    jsonschema.validate(found, schema())
    assert [s["scored"] for s in found["sensors"]] == [True, True]


def test_an_xml_bomb_expands_to_nothing(trial: Callable[..., Path]) -> None:
    folder = trial(('files = ["rf.ast"]', 'files = ["rf.xml"]'), rf_xml=BOMB)
    found = document(score_trial(folder))
    assert [s["scored"] for s in found["sensors"]] == [True, False]
    account = found["sensors"][1]["files"][0]["account"]
    assert account["skipped_bytes"] > 0
    assert account["decoded_bytes"] + account["skipped_bytes"] == len(BOMB)


def test_silence_is_a_result_where_the_sensor_was_on(trial: Callable[..., Path]) -> None:
    """The worst sensor of all must not drop out of the table."""
    on = '[sensors.rf]\nformat = "asterix"\nclock = { mode = "trusted" }'
    scored = score_trial(trial(("[sensors.rf]", on), rf_ast=b""))
    found = document(scored)
    jsonschema.validate(found, schema())
    rf = found["sensors"][1]
    assert rf["scored"]
    assert (rf["scores"]["detection"]["passes"]["value"], rf["reports"]) == (0.0, 0)
    assert rf["scores"]["first_detection"]["missed"] == 8
    verdicts = {(r["id"], r["sensor"]): r["verdict"] for r in found["requirements"]}
    assert verdicts["seen", "rf"] == "missed"
    (pair,) = found["comparisons"]
    assert (pair["only_first"], pair["only_second"]) == (8, 0)
    assert "missed" in trial_page(scored)


def test_silence_of_a_sensor_nobody_vouches_for_is_not_scored(trial: Callable[..., Path]) -> None:
    said = ("[sensors.rf]", '[sensors.rf]\nformat = "asterix"')
    done = flyoff("trial", "score", trial(said, rf_ast=b""))
    assert done.code == 0
    assert "not scored: it reported nothing; if it was on and saw nothing, say" in done.out
