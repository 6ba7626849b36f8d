"""A barometer that drifts or jumps, and satellites that do."""

import numpy as np
import pytest

from flyoff.detectors.baro_fault import BaroFault
from flyoff.model.finding import Answer
from tests.scenarios.flights import flight, sound, without

ONSET = 40.0


def off(error, name: str = "baro.height", **kinds):
    channels = sound(**kinds)
    t, height = channels[name]
    channels[name] = (t, height + error(t))
    return channels


def drift(t):
    return np.clip(t - ONSET, 0.0, None) * 0.4


def step(t):
    return np.where((t > ONSET) & (t < ONSET + 8.0), -15.0, 0.0)


@pytest.mark.parametrize("error", [drift, step], ids=["drift", "step"])
def test_a_wrong_height_is_found_where_it_began(error):
    (finding,) = BaroFault().assess(flight(off(error))).findings
    assert finding.onset_s == pytest.approx(ONSET, abs=1.0)


def test_a_drifting_satellite_height_is_not_the_barometers_fault():
    assert BaroFault().assess(flight(off(drift, "gnss.alt_msl"))).answer is Answer.CLEAR


def test_warm_air_stretches_heights_by_a_few_per_cent():
    channels = sound()
    t, height = channels["baro.height"]
    channels["baro.height"] = (t, 400.0 + (height - 400.0) * 1.07)
    assert BaroFault().assess(flight(channels)).answer is Answer.CLEAR


def test_a_second_barometer_tells_without_satellites():
    channels = without(off(step), "gnss.")
    channels["baro.height[1]"] = sound(seed=2)["baro.height"]
    (finding,) = BaroFault().assess(flight(channels)).findings
    assert finding.onset_s == pytest.approx(ONSET, abs=1.0)


def test_one_barometer_alone_allows_no_conclusion():
    channels = without(off(step), "gnss.")
    assert BaroFault().assess(flight(channels)).answer is Answer.INSUFFICIENT_DATA


def test_a_vehicle_that_never_moved_is_not_asked():
    assert BaroFault().assess(flight(sound(), under_way=())).answer is Answer.NOT_APPLICABLE
