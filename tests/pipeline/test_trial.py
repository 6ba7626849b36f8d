"""Trials scored whole: drawn ones against what was drawn, the sample against its schema."""

from dataclasses import replace

import numpy as np
import pytest

from flyoff.errors import StatsError
from flyoff.pipeline.trial import counts, sets
from flyoff.pipeline.trial.clock import Clock
from flyoff.pipeline.trial.evidence import Evidence
from flyoff.pipeline.trial.scoring import Unscored, score_sensor
from flyoff.pipeline.trial.sensors import off_the_earth
from flyoff.pipeline.trial.setup import ClockRule
from flyoff.trials.following import Verdict
from flyoff.trials.reports import Reports
from flyoff.trials.rules import Declaration, Gate, Period, Sector, Volume
from flyoff.trials.truth import TruthTrack
from tests.scenarios.trials import START, Faults, World, _reports, with_reports, world


def scored(made: World, **setup: object) -> Evidence:
    found, _ = score_sensor(made.data, made.truths, (), replace(made.setup, **setup))
    assert isinstance(found, Evidence), found.because
    return found


def refused(made: World) -> tuple[Unscored, str]:
    found, says = score_sensor(made.data, made.truths, (), made.setup)
    assert isinstance(found, Unscored)
    return found, " | ".join(says)


@pytest.fixture(scope="module")
def one() -> tuple[World, Evidence]:
    made = world(7)
    return made, scored(made)


def test_what_was_drawn_is_found(one: tuple[World, Evidence]) -> None:
    """Point estimates near the truth; whether intervals hold it is for docs/trial-coverage.md."""
    made, found = one
    faults = made.faults
    assert found.clock.offset is not None
    assert found.clock.offset.value == pytest.approx(faults.offset_s, abs=0.05)
    assert counts.range_of(found, 0.5, 0.9).value == pytest.approx(faults.r50_m, rel=0.06)
    for axis, truth in zip(("east", "north"), faults.bias_m, strict=True):
        assert counts.bias(found, axis, 0.9).value == pytest.approx(truth, abs=0.7)
    assert counts.false_starts(found, found.free).size == made.false_tracks
    # the last look of a run may lie beyond its last whole scan, with the swap in it
    assert made.swaps - 2 <= sum(p.swaps for p in found.passes) <= made.swaps
    assert counts.latency(found, 0.5, 0.9).value == pytest.approx(faults.latency_s, rel=0.1)


def test_every_report_has_one_verdict(one: tuple[World, Evidence]) -> None:
    _, found = one
    verdict = found.following.verdict
    seen = verdict[found.following.report[found.following.report >= 0]]
    assert set(seen.tolist()) == {int(Verdict.TARGET)}
    assert (found.following.truth[verdict == Verdict.FALSE] == -1).all()


def test_the_claimed_spread_is_consistent_without_bias() -> None:
    made = world(3, Faults(bias_m=(0.0, 0.0), offset_s=0.0))
    nees = scored(made).errors.nees
    assert float(nees[np.isfinite(nees)].mean()) == pytest.approx(2.0, rel=0.12)


def test_the_set_scores_count_what_the_scans_count(one: tuple[World, Evidence]) -> None:
    _, found = one
    picture = sets.picture(found)
    seen = int((found.following.report >= 0)[found.following.opportunity].sum())
    assert picture.mot.matches == seen
    assert picture.mot.misses == int(found.following.opportunity.sum()) - seen
    assert picture.siap.completeness == pytest.approx(seen / picture.mot.truth_states)
    assert picture.mot.mismatches == sum(p.swaps for p in found.passes)
    cutoff = found.rules.cutoff_m
    missed = picture.missed.sum() / (cutoff**2 / 2)
    assert round(missed) == picture.mot.misses


def test_a_drifting_clock_is_found_and_a_steady_one_is_not_called_drifting() -> None:
    faults = Faults(drift_s_per_h=1.5)
    made = world(11, faults)
    loose = replace(made.data.setup, clock=ClockRule(search_s=5.0, drift="auto"))
    found = scored(with_reports(made, made.data.reports, clock=loose.clock))
    assert found.clock.drift is not None
    assert found.clock.drift.low < 1.5 < found.clock.drift.high
    steady = world(12)
    steady = with_reports(steady, steady.data.reports, clock=loose.clock)
    assert scored(steady).clock.drift is None


def test_a_target_that_hovers_tells_nothing_of_the_clock() -> None:
    t = np.arange(0.0, 120.0, 0.2)
    still = t, np.column_stack([0 * t, 0 * t, 50 + 0 * t])
    why, _ = refused(world(1, tracks=[still]))
    assert "clock cannot be known" in why.because
    assert "trusted" in why.because


def test_a_trusted_clock_is_taken_as_told() -> None:
    made = world(2)
    rule = ClockRule(mode="trusted", offset_s=0.4, uncertainty_s=0.01)
    found = scored(with_reports(made, made.data.reports, clock=rule))
    assert found.clock.status == "trusted"
    assert counts.range_of(found, 0.5, 0.9).value == pytest.approx(450, rel=0.1)


def test_local_time_is_suspected_and_said() -> None:
    made = world(4)
    late = made.data.reports.time_s + 7200.0
    why, says = refused(with_reports(made, made.data.reports.with_numbers(time_s=late)))
    assert "local time, UTC+2 h" in says
    assert "clock.offset_s = 7200" in says
    assert why.clock.status == "refused"


def test_no_overlap_in_time_is_said() -> None:
    made = world(4)
    years = made.data.reports.time_s + 3e7
    why, _ = refused(with_reports(made, made.data.reports.with_numbers(time_s=years)))
    assert why.because == "its reports and the truths do not overlap in time"


def test_swapped_axes_are_suspected() -> None:
    made = world(5)
    n = made.data.reports.numbers
    turned = made.data.reports.with_numbers(lat=n["lon"], lon=n["lat"])
    _, says = refused(with_reports(made, turned))
    assert "latitude and longitude are swapped" in says


def test_axes_swapped_where_longitude_is_no_latitude() -> None:
    """West of 90° a swapped latitude lies off the earth: no place at all, and that is said."""
    n = world(5).data.reports.numbers
    turned = world(5).data.reports.with_numbers(lat=n["lon"] - 113.0, lon=n["lat"])
    assert not turned.has_place.any()
    assert "swapped" in off_the_earth(turned)[0]
    assert not off_the_earth(world(5).data.reports)


def test_another_datum_is_suspected() -> None:
    made = world(6)
    n = made.data.reports.numbers
    moved = made.data.reports.with_numbers(lat=n["lat"] + 120 / 111_195)
    found, says = score_sensor(with_reports(made, moved).data, made.truths, (), made.setup)
    assert any("another datum" in s and "+1" in s for s in says), (found, says)


def test_a_clock_in_gps_time_is_suspected_and_put_right() -> None:
    made = world(17, Faults(offset_s=18.0))
    wide = ClockRule(search_s=25.0, drift="none")
    made = with_reports(made, made.data.reports, clock=wide)
    found, says = score_sensor(made.data, made.truths, (), made.setup)
    assert isinstance(found, Evidence)
    assert any("18 s ahead" in s and "GPS time" in s for s in says)
    steady = world(17)
    assert not score_sensor(steady.data, steady.truths, (), steady.setup)[1]


def test_reports_without_track_ids_are_scored_without_tracks() -> None:
    made = world(8)
    bare = replace(
        made.data.reports,
        texts={**made.data.reports.texts, "track": np.full(len(made.data.reports), "")},
    )
    found = scored(with_reports(made, bare))
    assert counts.passes(found, 0.9).value > 0.5
    # every report of every false track counts by itself
    assert counts.false_starts(found, found.free).size == made.false_tracks * 4
    for count in (counts.swaps, counts.breaks):
        with pytest.raises(StatsError, match="no track id"):
            count(found, 0.9)


def test_an_empty_sensor_and_an_empty_run_are_told() -> None:
    made = world(9)
    why, _ = refused(with_reports(made, Reports.of([])))
    assert why.because.startswith("it reported nothing; if it was on and saw nothing, say")
    start = made.setup.runs[-1].end_s + 10
    empty = Period("nobody flew", start, start + 20)
    found = scored(made, runs=(*made.setup.runs, empty))
    assert {p.run for p in found.passes} == {r.name for r in made.setup.runs}


def test_no_credit_before_a_track_is_declared() -> None:
    made = world(10, Faults(swaps_per_hour=0.0))
    at_once = scored(made)
    rule = Declaration(reports=4, within_s=20.0)
    later = scored(made, rules=replace(made.setup.rules, declaration=rule))
    first = [p.first_s for p in at_once.passes if p.is_detected]
    after = [p.first_s for p in later.passes if p.is_detected]
    assert min(np.array(after) - np.array(first[: len(after)])) > 0.0
    undeclared = (later.following.verdict == Verdict.UNDECLARED).sum()
    assert undeclared >= 3 * len(after)
    assert later.opportunities.detected.sum() < at_once.opportunities.detected.sum()


def test_two_targets_closer_than_the_gate_are_counted_apart() -> None:
    made = world(13)
    twin = made.truths[0]
    beside = TruthTrack(
        "twin", "uas", twin.time_s, twin.position + 20.0, twin.velocity, twin.sigma_m
    )
    runs = tuple(replace(r, targets=(*r.targets, "twin")) for r in made.setup.runs)
    found, _ = score_sensor(made.data, (*made.truths, beside), (), replace(made.setup, runs=runs))
    assert isinstance(found, Evidence)
    of_run = [p for p in found.passes if p.run == "run 0"]
    assert {p.target for p in of_run} == {"t0", "twin"}
    assert all(p.ambiguous == p.opportunities for p in of_run)
    assert all(p.swaps == 0 for p in of_run)
    assert all(p.ambiguous == 0 for p in found.passes if p.run != "run 0")


def _crossing(swapped: bool, hysteresis: float) -> Evidence:
    """Two targets that pass each other at 30 m, and a tracker that keeps, or swaps, its names."""
    t = np.arange(0.0, 120.0, 0.2) + START
    along, none = 10.0 * (t - START - 60.0), 0.0 * t
    ways = np.stack(
        [
            np.column_stack([along, none + 15.0, none + 50.0]),
            np.column_stack([-along, none - 15.0, none + 50.0]),
        ]
    )
    truths = tuple(
        TruthTrack(f"t{k}", "uas", t, way, way * np.nan, np.ones(t.size))
        for k, way in enumerate(ways)
    )
    looks = np.arange(0.5, 119.0, 1.0) + START
    noise = np.random.default_rng(5).normal(0, 9.0, (2, looks.size, 3))
    rows = []
    for k, truth in enumerate(truths):
        place = truth.at(looks).position + noise[k]
        later = looks > START + 60.0
        name = np.where(later, 1 - k, k) if swapped else np.full(looks.size, k)
        rows.append(np.column_stack([looks, place, name]))
    made = world(0)
    faults = replace(made.faults, offset_s=0.0)
    reports = _reports(rows, faults, np.random.default_rng(1))
    made = with_reports(made, reports, clock=ClockRule(mode="trusted"))
    run = Period("run", START, START + 119.0)
    # the gate is narrower than the targets are apart: neither is ambiguous
    rules = replace(made.setup.rules, gate=Gate(29.0), hysteresis=hysteresis)
    setup = replace(made.setup, runs=(run,), target_free=(), rules=rules)
    found, _ = score_sensor(made.data, truths, (), setup)
    assert isinstance(found, Evidence)
    return found


def test_a_swap_is_counted_on_both_targets_and_none_is_made_up() -> None:
    assert [p.swaps for p in _crossing(True, 0.3).passes] == [1, 1]
    assert [p.swaps for p in _crossing(False, 0.3).passes] == [0, 0]


def test_hysteresis_keeps_what_was_followed() -> None:
    """Noise near the crossing would make swaps where the tracker made none."""
    swaps = [sum(p.swaps for p in _crossing(False, h).passes) for h in (0.0, 0.3)]
    assert swaps[1] == 0
    assert swaps[0] >= swaps[1]


def test_reports_of_other_traffic_are_not_false() -> None:
    made = world(14)
    rows = counts.false_starts(scored(made), made.setup.target_free)
    time_s = made.data.placed.time_s[rows[0]] + np.array([-10.0, 0.0, 10.0])
    where = np.tile(made.data.placed.position[rows[0]], (3, 1))
    plane = TruthTrack("4CA7A8", "traffic", time_s, where, where * np.nan, np.ones(3), 0.0, 15.0)
    with_plane, _ = score_sensor(made.data, made.truths, (plane,), made.setup)
    assert isinstance(with_plane, Evidence)
    assert counts.false_starts(with_plane, with_plane.free).size == made.false_tracks - 1


def test_truth_is_never_drawn_out_over_a_gap() -> None:
    t = np.concatenate([np.arange(0, 10, 0.2), np.arange(30, 40, 0.2)])
    place = np.column_stack([t, 0 * t, 0 * t])
    truth = TruthTrack("a", "uas", t, place, place * np.nan, np.ones(t.size))
    at = truth.at(np.array([5.05, 20.0, 35.0, 41.0, -1.0]))
    assert at.position[0, 0] == pytest.approx(5.05)
    assert np.isnan(at.position[[1, 3, 4]]).all()
    assert truth.is_in_gap(np.array([20.0, 35.0, 41.0])).tolist() == [1.0, 0.0, 0.0]


def test_outside_the_protected_volume_nothing_is_an_opportunity() -> None:
    made = world(15)
    small = replace(made.setup.rules, volume=Volume(radius_m=300.0))
    found = scored(made, rules=small)
    assert found.opportunities.range_m.max() < 310.0
    assert found.opportunities.detected.size < scored(made).opportunities.detected.size


def test_sectors_split_the_false_tracks() -> None:
    made = world(16)
    halves = (Sector("east", 0, 180), Sector("west", 180, 360))
    found = scored(made, rules=replace(made.setup.rules, sectors=halves))
    places = found.reports.position[counts.false_starts(found, found.free)]
    assert sum(int(s.holds(places).sum()) for s in halves) == made.false_tracks


def test_a_wider_gate_never_sees_less(one: tuple[World, Evidence]) -> None:
    _, found = one
    narrow, wide = (found.regated(s).opportunities.detected.sum() for s in (0.1, 1.5))
    assert narrow < found.opportunities.detected.sum() <= wide


def test_a_clock_that_is_refused_changes_no_time() -> None:
    assert Clock("refused").corrected(np.array([1.0])).tolist() == [1.0]
