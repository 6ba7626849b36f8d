"""Labelled simulated flights: the outcome is right, a cut is no crash, place and clock are nothing.

By default a sample of many different faults; the marker ``slow`` takes every flight. The rules know
none of these flights: the labels come from the simulator's own records.
"""

from collections import Counter

import pytest

from flyoff.model.sortie import Outcome
from flyoff.pipeline.judgement import judge_recording
from tests.shared import needs_shared
from tests.sorties.forms import SAME
from tests.sorties.labelled import (
    LATER_US,
    Labelled,
    cut_in_the_air,
    is_right,
    labelled,
    longest,
    moved,
    moved_plan,
    origin_of,
    sample,
    telemetry,
)

pytestmark = needs_shared

NOT_BAD = {Outcome.COMPLETED, Outcome.ABORTED, Outcome.NOT_FLOWN, Outcome.UNDETERMINED}


def share_right(flights: list[Labelled]) -> float:
    sure = [f for f in flights if f.is_sure]
    return sum(is_right(f, f.judged()) for f in sure) / len(sure)


def test_outcomes_of_a_sample():
    assert share_right(sample(25)) >= 0.9


@pytest.mark.slow
def test_outcomes_of_all():
    assert share_right(list(labelled())) >= 0.97


def cut_outcomes(flights: list[Labelled], seed: int) -> Counter[Outcome]:
    """What is said of each flight cut in the air, before anything went wrong."""
    said = (cut_in_the_air(flight, seed) for flight in flights)
    return Counter(outcome for outcome in said if outcome is not None)


def test_a_cut_in_the_air_decides_nothing():
    said = cut_outcomes(sample(14), seed=11)
    assert sum(said.values()) >= 7
    assert set(said) == {Outcome.UNDETERMINED}


def test_a_cut_in_a_ground_stations_log_decides_nothing():
    said = cut_outcomes(telemetry()[:6], seed=11)
    assert sum(said.values()) >= 4
    assert set(said) == {Outcome.UNDETERMINED}


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_no_cut_in_the_air_is_a_crash(seed):
    said = cut_outcomes(list(labelled()), seed)
    assert said[Outcome.CRASHED] == 0
    assert said[Outcome.UNDETERMINED] >= 0.98 * sum(said.values())


def assert_moving_changes_nothing(flight: Labelled) -> None:
    recording, plan = flight.recording(), flight.plan()
    here = longest(judge_recording(recording, plan))
    there = longest(judge_recording(moved(recording), moved_plan(plan, origin_of(recording))))
    assert (here is None) == (there is None)
    if here is None or there is None:
        return
    assert there.outcome is here.outcome
    assert [f.kind for f in there.findings] == [f.kind for f in here.findings]
    assert [f.severity for f in there.findings] == [f.severity for f in here.findings]
    for one, other in zip(here.findings, there.findings, strict=True):
        assert other.onset_s == pytest.approx(one.onset_s + LATER_US / 1e6, abs=0.5)
    assert (here.cause and here.cause.kind) == (there.cause and there.cause.kind)


@pytest.mark.parametrize("flight", sample(14), ids=lambda f: f"{f.name}-{f.fault}")
def test_neither_place_nor_clock_matters(flight):
    assert_moving_changes_nothing(flight)


@pytest.mark.slow
@pytest.mark.parametrize("flight", labelled(), ids=lambda f: f"{f.name}-{f.fault}")
def test_neither_place_nor_clock_matters_to_any(flight):
    assert_moving_changes_nothing(flight)


@pytest.mark.parametrize("form", ["turned by 137°", "left and right swapped", "2,500 m higher"])
@pytest.mark.parametrize("flight", sample(8), ids=lambda f: f"{f.name}-{f.fault}")
def test_neither_heading_nor_side_nor_height_matters(flight, form):
    recording, plan = flight.recording(), flight.plan()
    here = longest(judge_recording(recording, plan))
    there = longest(judge_recording(*SAME[form](recording, plan)))
    assert (here is None) == (there is None)
    if here is not None and there is not None:
        assert there.outcome is here.outcome
        assert (there.cause and there.cause.kind) == (here.cause and here.cause.kind)
        assert {f.kind for f in there.findings} == {f.kind for f in here.findings}


@pytest.mark.slow
def test_a_bad_end_has_a_cause():
    ends = [f.judged() for f in labelled() if f.is_sure and f.outcome not in NOT_BAD]
    explained = [s for s in ends if s is not None and s.cause is not None]
    assert len(explained) >= 0.9 * len(ends)
