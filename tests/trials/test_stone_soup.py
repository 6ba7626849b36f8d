"""Equality with Stone Soup on random scenes, where it is installed.

Where it deviates from the definitions, the test says so: its OSPA assigns by the sum of distances
whatever the order p; at a time without any track its switching loss forgets that truths had one.
"""

import math

import numpy as np
import pytest

from flyoff.trials.clear_mot import clear_mot
from flyoff.trials.gospa import gospa_over_time
from flyoff.trials.ospa import ospa_over_time
from flyoff.trials.siap import siap, siap_at_times
from tests.trials.scenes import random_scene

pytest.importorskip("stonesoup", reason="Stone Soup is not installed: pip install stonesoup")

from stonesoup.metricgenerator.clearmotmetrics import ClearMotMetrics
from stonesoup.metricgenerator.ospametric import GOSPAMetric, OSPAMetric
from stonesoup.metricgenerator.tracktotruthmetrics import SIAPMetrics

from tests.trials.stone_soup import manager_of, measures

POSITION, VELOCITY = measures(random_scene(0))


def _gapless(seed, **options):
    """Stone Soup demands a state of both wherever they are associated."""
    scene = random_scene(seed, **options)
    for held in (scene.truths, scene.tracks):
        for row in range(len(held.names)):
            for values in (held.position[row], held.velocity[row]):
                missing = np.isnan(values).any(axis=1)
                last = np.maximum.accumulate(np.where(missing, 0, np.arange(missing.size)))
                values[:] = values[last]
    return scene


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("p", [1, 2, math.inf])
def test_ospa(seed, p):
    scene = random_scene(seed)
    generator = OSPAMetric(c=8.0, p=p, measure=POSITION)
    theirs = [m.value for m in generator.compute_metric(manager_of(scene, generator)).value]
    ours = ospa_over_time(scene, c=8.0, p=p)
    if p == 1:
        assert ours == pytest.approx(theirs, rel=1e-9)
    else:  # theirs is an assignment, ours the best one
        assert (ours <= np.array(theirs) * (1 + 1e-9)).all()
        assert np.isclose(ours, theirs, rtol=1e-9).mean() > 0.9


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("p", [1, 2, 3])
def test_gospa_with_parts_and_switching(seed, p):
    scene = random_scene(seed)
    generator = GOSPAMetric(c=8.0, p=p, switching_penalty=2.0, measure=POSITION)
    theirs = [m.value for m in generator.compute_metric(manager_of(scene, generator)).value]
    ours = gospa_over_time(scene, c=8.0, p=p, switching_penalty=2.0)
    for name in ("localisation", "missed", "false", "switching", "distance"):
        expected = [float(value[name]) for value in theirs]
        assert getattr(ours, name) == pytest.approx(expected, rel=1e-9, abs=1e-9), name


@pytest.mark.parametrize("seed", range(10))
def test_siap(seed):
    scene = _gapless(seed)
    generator = SIAPMetrics(position_measure=POSITION, velocity_measure=VELOCITY)
    found = generator.compute_metric(manager_of(scene, generator))
    theirs = {metric.title: metric.value for metric in found}
    ours, at = siap(scene), siap_at_times(scene)
    whole = {
        "SIAP Completeness": ours.completeness,
        "SIAP Ambiguity": ours.ambiguity,
        "SIAP Spuriousness": ours.spuriousness,
        "SIAP Position Accuracy": ours.position_accuracy,
        "SIAP Velocity Accuracy": ours.velocity_accuracy,
        "SIAP Rate of Track Number Change": ours.rate_of_track_number_change,
        "SIAP Longest Track Segment": ours.longest_track_segment,
    }
    for title, value in whole.items():
        assert value == pytest.approx(theirs[title]), title
    for title, values, of_nothing in (
        ("SIAP Completeness at times", at.completeness, 0.0),
        ("SIAP Ambiguity at times", at.ambiguity, 1.0),
        ("SIAP Position Accuracy at times", at.position_accuracy, 0.0),
    ):
        expected = [metric.value for metric in theirs[title]]
        # a share of nothing is NaN with us and a perfect or worst score with them
        assert np.nan_to_num(values, nan=of_nothing) == pytest.approx(expected), title


@pytest.mark.parametrize("seed", range(10))
def test_clear_mot(seed):
    scene = _gapless(seed, one_to_one=True)
    generator = ClearMotMetrics(distance_measure=POSITION)
    motp, mota = (metric.value for metric in generator.compute_metric(manager_of(scene, generator)))
    shown = clear_mot(scene, across_gaps=False)
    assert shown.mota == pytest.approx(mota)
    assert shown.motp == pytest.approx(motp)
