"""The sample trial: its document, its schema, its commands, and the trial file itself."""

import json
import math
import shutil
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner

from flyoff.cli.main import app
from flyoff.errors import TrialError
from flyoff.pipeline.trial.document import document, document_json, schema
from flyoff.pipeline.trial.reading import read_setup
from flyoff.pipeline.trial.scoring import score_trial
from flyoff.pipeline.trial.template import write_template
from flyoff.trials import readers
from tests.scenarios.trials import loop
from tests.shared import ROOT

SAMPLE = ROOT / "samples" / "trial"


@pytest.fixture(scope="module")
def sample() -> dict[str, object]:
    return document(score_trial(SAMPLE))


def test_the_sample_is_valid_against_the_shipped_schema(sample: dict[str, object]) -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(sample, schema())


def test_the_document_is_the_same_bytes_again(sample: dict[str, object]) -> None:
    assert document_json(sample) == document_json(document(score_trial(SAMPLE)))


def test_the_sample_holds_what_was_drawn(sample: dict[str, object]) -> None:
    radar, rf = sample["sensors"]
    assert rf["clock"]["offset_s"]["low"] < 2.3 < rf["clock"]["offset_s"]["high"]
    assert radar["clock"]["offset_s"]["low"] < 0.0 < radar["clock"]["offset_s"]["high"]
    assert radar["scores"]["false_tracks"]["per_hour"]["n"] == 5
    assert sum(s["tracks"] for s in radar["scores"]["false_tracks"]["sectors"]) == 5
    assert rf["scores"]["classification"]["recall"] == {"unknown": "the sensor names no class"}
    assert [g["scale"] for g in radar["scores"]["gate_sensitivity"]] == [0.5, 1.0, 1.5]
    verdicts = {(r["id"], r["sensor"]): r["verdict"] for r in sample["requirements"]}
    assert verdicts["exact", "radar"] == "met"
    assert verdicts["exact", "rf"] == "missed"
    (defeat,) = sample["defeats"]
    assert (defeat["attempts"], defeat["effective"]) == (3, 2)


def test_a_sensor_that_is_not_scored_is_valid_too(tmp_path: Path) -> None:
    folder = tmp_path / "trial"
    shutil.copytree(SAMPLE, folder)
    logs = str(SAMPLE.parent / "campaign")
    text = (folder / "trial.toml").read_text().replace("../campaign", logs)
    (folder / "trial.toml").write_text(text)
    (folder / "rf.ast").write_bytes((folder / "rf.ast").read_bytes()[:400])
    found = document(score_trial(folder))
    jsonschema.validate(found, schema())
    rf = found["sensors"][1]
    assert not rf["scored"]
    assert rf["files"][0]["account"]["status"] == "truncated"


def test_a_trial_file_is_checked_word_by_word(tmp_path: Path) -> None:
    (tmp_path / "trial.toml").write_text(
        '[trial]\nname = "x"\ndate = 2026-05-04\nscenario = "airprt"\n[site]\nlat = 47\n'
        "[gate]\nmeters = 5\n[[runs]]\nstart = 10:00:00\nend = 09:00:00\n"
        '[[requirements]]\nmeasure = "r51_m"\nat_least = 4\n'
    )
    told = "\n".join(str(p) for p in read_setup(tmp_path)[1])
    for text in (
        "trial.toml:4: scenario 'airprt' is none of CWA 18150; did you mean 'airport'?",
        "the site's lon is missing",
        "trial.toml:8: unknown 'meters'; did you mean 'metres'?",
        "run",
        "ends before it begins",
        "measure 'r51_m'; did you mean 'r50_m'?",
        "no sensors: nothing can be scored",
    ):
        assert text in told
    with pytest.raises(TrialError, match="more: see flyoff trial check"):
        score_trial(tmp_path)


def test_the_template_is_read_without_an_unknown_word(tmp_path: Path) -> None:
    write_template(tmp_path)
    _, problems = read_setup(tmp_path)
    assert {p.text.split(": ")[1] for p in problems} == {"no such file"}
    with pytest.raises(TrialError, match="is there already"):
        write_template(tmp_path)


@pytest.mark.parametrize("words", [["check"], ["score"], ["score", "--json"]])
def test_the_commands_run_on_the_sample(words: list[str]) -> None:
    done = CliRunner().invoke(app, ["trial", words[0], str(SAMPLE), *words[1:]])
    assert done.exit_code == 0, done.output
    if "--json" in words:
        jsonschema.validate(json.loads(done.stdout), schema())
    else:
        assert "radar" in done.output or "2 sensors" in done.output


def test_the_loop_of_the_generator_is_finite() -> None:
    assert math.isfinite(float(loop()[1].sum()))


def test_local_time_is_that_of_the_most_reports(tmp_path: Path) -> None:
    """The sample's flights are the same again every ten minutes: other zones fit a few reports."""
    folder = tmp_path / "trial"
    shutil.copytree(SAMPLE, folder)
    text = (folder / "trial.toml").read_text()
    text = text.replace("../campaign", str(SAMPLE.parent / "campaign"))
    text = text.replace('files = ["rf.ast"]', 'files = ["rf.csv"]\ncolumns = "rf.columns"')
    (folder / "trial.toml").write_text(text)
    (folder / "rf.columns").write_text(
        '[columns]\ntime = "t"\nlat = "lat"\nlon = "lon"\ntrack = "id"\n[time]\nformat = "unix_s"\n'
    )
    options = readers.Options(start_s=read_setup(SAMPLE)[0].start_s)
    said = readers.read((folder / "rf.ast").read_bytes(), options=options).reports
    columns = zip(said.time_s, said.numbers["lat"], said.numbers["lon"], said.track, strict=True)
    rows = [f"{t + 7200:.3f},{lat:.7f},{lon:.7f},{name}" for t, lat, lon, name in columns]
    (folder / "rf.csv").write_text("\n".join(["t,lat,lon,id", *rows]) + "\n")
    rf = document(score_trial(folder))["sensors"][1]
    assert rf["suspected"] == [
        "the clock seems to be local time, UTC+2 h: set clock.offset_s = 7200"
    ]
