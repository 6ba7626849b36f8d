"""The truth of a target whose flights lie in several logs, of whatever format."""

from pathlib import Path

import numpy as np
import pytest

from flyoff.errors import TrialError
from flyoff.pipeline.trial.reading import read_setup
from flyoff.pipeline.trial.setup import TargetSetup
from flyoff.pipeline.trial.truths import quality, read_truth
from flyoff.trials.site import Site
from flyoff.trials.truth import MAX_GAP_S
from tests.shared import ROOT

KESTREL = ROOT / "samples" / "campaign" / "logs" / "kestrel"
FIRST, SECOND, ULOG = (
    KESTREL / name
    for name in (
        "K-01_2024-01-05_01.BIN.xz",
        "K-02_2024-02-12_01.BIN.xz",
        "K-04_2026-11-22_01.ulg.xz",
    )
)
SITE = Site(40.0142, -105.2755, 1560.0, 0.0)


def test_logs_of_any_format_make_one_truth_with_gaps_between() -> None:
    alone = [read_truth(TargetSetup("k", (log,)), SITE) for log in (FIRST, SECOND, ULOG)]
    truth = read_truth(TargetSetup("k", (ULOG, FIRST, SECOND)), SITE)
    assert truth.time_s.size == sum(t.time_s.size for t in alone)
    assert truth.span == (min(t.span[0] for t in alone), max(t.span[1] for t in alone))
    assert quality(truth)["gaps"] == sum(quality(t)["gaps"] for t in alone) + 2
    between = (alone[0].span[1] + alone[1].span[0]) / 2
    assert np.isnan(truth.at(np.array([between])).position).all()
    assert MAX_GAP_S < alone[1].span[0] - alone[0].span[1]
    assert all(log.name in truth.source for log in (FIRST, SECOND, ULOG))


def test_two_recorders_of_one_flight_are_not_mixed(tmp_path: Path) -> None:
    copy = tmp_path / "copy.BIN.xz"
    copy.write_bytes(FIRST.read_bytes())
    once, twice = (read_truth(TargetSetup("k", logs), SITE) for logs in ((FIRST,), (FIRST, copy)))
    assert twice.time_s.tolist() == once.time_s.tolist()
    assert any("copy.BIN.xz: used only where" in note for note in twice.notes)


def test_a_log_without_truth_beside_a_good_one_is_told(tmp_path: Path) -> None:
    with pytest.raises(TrialError, match="no truth for 'k'"):
        read_truth(TargetSetup("k", (FIRST, SECOND), recording=7), SITE)


def test_the_trial_file_names_one_log_or_several(tmp_path: Path) -> None:
    text = (ROOT / "samples" / "trial" / "trial.toml").read_text()
    base = (ROOT / "samples").as_posix()
    text = text.replace("../campaign", f"{base}/campaign")
    one = f'log = "{base}/campaign/logs/kestrel/K-02_2025-06-18_03.BIN.xz"'
    assert one in text
    several = f'log = ["{FIRST.as_posix()}", "nothere.BIN"]'
    (tmp_path / "trial.toml").write_text(text.replace(one, several, 1))
    setup, problems = read_setup(tmp_path)
    assert [log.name for log in setup.targets[0].logs] == [FIRST.name, "nothere.BIN"]
    assert len(setup.targets[1].logs) == 1
    told = [p.text for p in problems]
    assert "nothere.BIN: no such file" in told
    assert any(t.startswith("start_utc is of one log, but log names 2") for t in told)
