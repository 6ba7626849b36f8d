"""Real telemetry: the catalogue's ranges, agreement with pymavlink and with the truth."""

import json
from pathlib import Path

import numpy as np
import pytest

from flyoff.decoders.plans import find_plan, read_plan
from flyoff.decoders.receipt import Status
from flyoff.decoders.source import Source
from flyoff.decoders.tlog import DECODER
from flyoff.model.catalogue import CATALOGUE, base_name
from flyoff.pipeline.judgement import judge_recording
from tests.compare.tlog import compare
from tests.shared import REASON, flights, logs, needs_shared


def _flights() -> list[Path]:
    folder = flights()
    found = sorted(folder.glob("*.tlog")) if folder else []
    if not found:
        pytest.skip(REASON)
    return found


@pytest.mark.parametrize("path", logs("tlog"), ids=lambda p: p.name[-40:])
def test_equal_to_pymavlink(path: Path) -> None:
    if path.stat().st_size > 300_000:
        pytest.skip("compared by make compare: pymavlink takes long")
    assert compare(path) == []


@needs_shared
def test_every_shared_log_accounts_for_its_bytes() -> None:
    for path in logs("tlog"):
        receipt = DECODER.decode(Source(str(path))).receipt
        assert receipt.decoded_bytes + receipt.skipped_bytes == receipt.bytes
        assert receipt.status is Status.COMPLETE or all(
            "checksum" in gap.reason for gap in receipt.gaps
        )


@needs_shared
def test_channels_keep_the_catalogues_ranges() -> None:
    wrong = []
    for path in [*logs("tlog"), *_flights()]:
        for recording in DECODER.normalise(DECODER.decode(Source(str(path)))):
            for name in recording:
                channel, quantity = recording[name], CATALOGUE[base_name(name)]
                values = channel.values[np.isfinite(channel.values)]
                assert (np.diff(channel.t_us) >= 0).all()
                outside = (values < quantity.low) | (values > quantity.high)
                if outside.any():
                    wrong.append((path.name, name, values[outside][:3]))
    assert not wrong


@needs_shared
def test_telemetry_alone_agrees_with_the_truth() -> None:
    """Where it says anything: a log that ends in the air decides nothing, and must not."""
    wrong, undecided, all_ = [], [], _flights()
    for path in all_:
        truth = json.loads(path.with_suffix(".json").read_text())
        plan = find_plan(path)
        sorties = [
            sortie
            for recording in DECODER.normalise(DECODER.decode(Source(str(path))))
            for sortie in judge_recording(recording, read_plan(plan) if plan else None)
        ]
        said = max(sorties, key=lambda s: s.end_s - s.start_s).outcome.value if sorties else "none"
        if said == "undetermined":
            undecided.append(path.name)
        elif said != truth["outcome"] and not truth["label_doubt"]:
            # armed and disarmed at once: nobody meant to fly
            if (said, truth["outcome"]) != ("not_flown", "aborted"):
                wrong.append((path.name, said, truth["outcome"]))
    assert len(wrong) <= len(all_) // 20, wrong
    assert len(undecided) <= len(all_) // 10, undecided
