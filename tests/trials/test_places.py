"""Ranges, bearings and degrees become metres about the site, with the spread that was claimed."""

from dataclasses import replace

import numpy as np
import pytest

from flyoff.pipeline.trial import counts
from flyoff.pipeline.trial.evidence import Evidence
from flyoff.pipeline.trial.scoring import score_sensor
from flyoff.pipeline.trial.setup import ClockRule
from flyoff.trials.reports import Report, Reports
from flyoff.trials.rules import Volume
from flyoff.trials.scans import scans, update_interval
from flyoff.trials.site import Post, Site, place
from tests.scenarios.trials import START, Faults, with_reports, world

SITE = Site(47.0, 8.0, 500.0, 48.0)
POST = Post(47.0, 8.0, 510.0)


def test_range_and_bearing_with_their_spread() -> None:
    said = Report(
        0.0,
        range_m=1000.0,
        azimuth_deg=90.0,
        elevation_deg=30.0,
        sigma_range=5.0,
        sigma_azimuth=1.0,
        sigma_elevation=0.0,
    )
    placed = place(Reports.of([said]), POST, SITE)
    east = 1000.0 * np.cos(np.radians(30))
    np.testing.assert_allclose(placed.position[0], [east, 0.0, 510.0], atol=1e-6)
    spread = placed.covariance[0]
    assert spread[1, 1] == pytest.approx((east * np.radians(1.0)) ** 2)
    assert spread[0, 0] == pytest.approx((5.0 * np.cos(np.radians(30))) ** 2)
    assert spread[0, 2] == pytest.approx(25.0 * np.sin(np.radians(30)) * np.cos(np.radians(30)))


def test_a_sensor_turned_from_north_and_without_elevation() -> None:
    said = Reports.of([Report(0.0, range_m=500.0, azimuth_deg=350.0)])
    placed = place(said, replace(POST, north_deg=10.0, target_height_m=300.0), SITE)
    np.testing.assert_allclose(placed.position[0, :2], [0.0, 400.0], atol=1e-9)
    assert np.isnan(placed.position[0, 2])
    assert "slant range is taken for distance" in place(said, POST, SITE).notes[0]


def test_heights_above_the_sea_and_by_pressure() -> None:
    rows = [
        Report(0.0, lat=47.0, lon=8.0, height_m=552.0, height_above=above)
        for above in ("ellipsoid", "msl", "pressure", "unknown")
    ]
    placed = place(Reports.of(rows), POST, SITE)
    np.testing.assert_allclose(placed.position[:, 2], [52.0, 100.0, np.nan, 52.0], atol=1e-6)
    assert len(placed.notes) == 2
    bare = place(Reports.of(rows[1:2]), POST, replace(SITE, geoid_m=None))
    assert "geoid_m" in bare.notes[0]


def test_bearings_alone_are_scored_across_the_line_of_sight() -> None:
    made = world(21, Faults(offset_s=0.0, bias_m=(0.0, 0.0), swaps_per_hour=0.0))
    at = made.data.placed.position
    azimuth = np.degrees(np.arctan2(at[:, 0], at[:, 1]))
    nothing = np.full(azimuth.size, np.nan)
    bearings = made.data.reports.with_numbers(
        lat=nothing, lon=nothing, height_m=nothing, azimuth_deg=azimuth
    )
    trusted = with_reports(made, bearings, clock=ClockRule(mode="trusted"))
    found, _ = score_sensor(trusted.data, made.truths, (), made.setup)
    whole, _ = score_sensor(
        with_reports(made, made.data.reports, clock=ClockRule(mode="trusted")).data,
        made.truths,
        (),
        made.setup,
    )
    assert isinstance(found, Evidence)
    assert isinstance(whole, Evidence)
    np.testing.assert_array_equal(found.opportunities.detected, whole.opportunities.detected)
    # only the error across the line of sight is left of the two in the plane
    across = float(np.sqrt(np.mean(found.errors.distance_m**2)))
    assert across == pytest.approx(made.faults.noise_m, rel=0.1)
    assert counts.passes(found, 0.9).value == counts.passes(whole, 0.9).value


def test_scans_begin_where_the_sensor_is_silent() -> None:
    run = world(0).setup.runs[0]
    for phase in (0.02, 0.5, 0.97):
        looks = START + phase + np.arange(60.0) + np.random.default_rng(1).normal(0, 0.02, 60)
        cut = scans([run], looks, 1.0)
        inside = np.bincount(cut.of(looks[(looks > START + 1) & (looks < START + 58)]))
        assert set(inside[inside > 0].tolist()) == {1}, phase
    assert update_interval(looks, np.zeros(60, dtype=np.int64)) == pytest.approx(1.0, abs=0.05)


def test_the_volume_is_a_circle_or_a_polygon_between_heights() -> None:
    places = np.array([[0.0, 90.0, 10.0], [0.0, 110.0, 10.0], [0.0, 0.0, 300.0], [5, 5, np.nan]])
    assert Volume(100.0, ceiling_m=200.0).holds(places).tolist() == [True, False, False, True]
    square = ((-10.0, -10.0), (10.0, -10.0), (10.0, 120.0), (-10.0, 120.0))
    assert Volume(corners=square).holds(places).tolist() == [True, True, True, True]
