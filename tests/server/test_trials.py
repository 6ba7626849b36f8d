"""Counter-drone trials over HTTP: the report's figures, scored once, and no word of the machine."""

import json
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from flyoff.pipeline.trial.document import document, document_json
from flyoff.pipeline.trial.scoring import Scored, score_trial
from flyoff.reports.trial.page import trial_page
from flyoff.server.settings import Settings
from tests.server.conftest import TRIAL, served

T = "/api/trials/trial"


@pytest.fixture(scope="module")
def scored() -> Scored:
    return score_trial(TRIAL)


def test_the_scores_are_those_of_the_command_line_byte_for_byte(
    client: TestClient, scored: Scored
) -> None:
    assert client.get(f"{T}/scores").content == document_json(document(scored))


def test_the_page_says_what_the_report_says(client: TestClient, scored: Scored) -> None:
    page, report = client.get(T).json(), trial_page(scored)
    cells = re.findall(r"<td>(?:<span[^>]*>)?(.*?)(?:</span>)?</td>", report)
    told = [cell for s in page["sensors"] for row in s["scores"]["rows"] for cell in row]
    assert len(told) > 100
    assert {re.sub(r"[<>&'\"].*", "", c) for c in told} <= {re.sub("&.*", "", c) for c in cells}
    for row in page["requirements"]:
        assert row["verdict"] in cells
        assert row["interval"] in cells


def test_every_scan_is_drawn_seen_or_missed(client: TestClient, scored: Scored) -> None:
    drawn = {s["sensor"]: s["drawing"] for s in client.get(T).json()["sensors"]}
    for e in scored.evidences:
        own = drawn[e.data.setup.name]
        assert sum(own["scans"]["is_seen"]) == int(e.opportunities.detected.sum())
        assert len(own["scans"]["t_s"]) == e.opportunities.detected.size
        reported = own["scans"]["reported_east_m"]
        assert [v is not None for v in reported] == own["scans"]["is_seen"]
        assert [p["target"] for p in own["passes"]] == [p.target for p in e.passes]
        for followed, one in zip(own["passes"], e.passes, strict=True):
            held = [s for s in followed["spans"] if s["nth"] >= 0]
            assert len({s["nth"] for s in held}) == one.tracks


def test_a_trial_that_is_not_shown_is_refused_with_those_that_are(client: TestClient) -> None:
    answer = client.get("/api/trials/other")
    assert answer.status_code == 404
    assert "there is trial" in answer.json()["detail"]
    assert client.get("/api/trials/other/scores").status_code == 404


def test_a_broken_trial_is_told_without_a_folder_of_this_machine(
    settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    text = (TRIAL / "trial.toml").read_text()
    (folder / "trial.toml").write_text(text)  # its files are not there
    client = served(settings, trials=(folder,))
    (line,) = client.get("/api/trials").json()["trials"]
    answer = client.get("/api/trials/broken")
    assert line["problem"]
    assert answer.status_code == 422
    for said in (line["problem"], json.dumps(answer.json())):
        assert str(tmp_path) not in said


def test_a_trial_is_scored_anew_when_one_of_its_files_changes(
    settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    for name in ("radar.jsonl", "rf.ast"):
        (folder / name).symlink_to(TRIAL / name)
    text = (TRIAL / "trial.toml").read_text()
    text = text.replace("../campaign", str(TRIAL.parent / "campaign"))
    parts = text.split("[sensors.rf]")  # one sensor is enough
    text = parts[0] + "[targets" + parts[1].split("[targets", 1)[1]
    (folder / "trial.toml").write_text(text)
    client = served(settings, trials=(folder,))
    first = client.get("/api/trials/own")
    again = client.get("/api/trials/own", headers={"If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    (folder / "trial.toml").write_text(text.replace("at_least = 0.60", "at_least = 0.99"))
    after = client.get("/api/trials/own").json()
    assert first.json()["requirements"][0]["verdict"] == "met"
    assert after["requirements"][0]["verdict"] == "undecided"
