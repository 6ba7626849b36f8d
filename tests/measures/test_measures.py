"""Numbers of a sortie, held against the way that was flown; None where the log does not tell."""

import math

import numpy as np
import pytest

from flyoff.measures import BUILTIN, measure
from flyoff.sorties.segment import segment
from tests.scenarios.stories import Story
from tests.sorties.flown import AWAY, BOAT, CRASH, ELSEWHERE, ENDS, SOUND, STANDS, WING


def measured(story: Story) -> dict[str, float | None]:
    (flight,) = segment(story.recording(), story.mission(story.planned, "plan"))
    return measure(flight)


HERE = measured(SOUND)
#: 60 m out, 60 m across, 84.9 m home.
WAY_M = 60 + 60 + math.hypot(60, 60)


@pytest.mark.parametrize(
    ("name", "value", "within"),
    [
        ("airborne_s", 71.0, 1.0),
        ("arming_to_airborne_s", 3.0, 0.6),
        ("distance_m", WAY_M, 3.0),
        ("max_height_m", 10.0, 0.1),
        ("max_distance_m", math.hypot(60, 60), 1.5),
        ("max_speed_ms", math.hypot(60, 60) / 20, 0.2),
        ("mean_speed_ms", WAY_M / 71, 0.2),
        ("max_climb_ms", 10 / 6, 0.1),
        ("max_descent_ms", 7 / 8, 0.1),
        ("touchdown_descent_ms", 0.6, 0.1),
        ("landing_error_m", 0.0, 0.2),
        ("arrival_error_m", 0.0, 1.5),
        ("return_error_m", 0.0, 0.2),
        ("waypoints_passed", 2.0, 0.0),
        ("waypoints_planned", 2.0, 0.0),
    ],
)
def test_a_measure_agrees_with_the_way(name, value, within):
    assert HERE[name] == pytest.approx(value, abs=within)


def test_energy_is_power_over_time():
    """15 V times 20 A for the 79 s between arming and disarming."""
    story = SOUND.with_channels(
        battery__voltage=lambda t, u: 0.0 * t + 15.0,
        battery__current=lambda t, u: 0.0 * t + 20.0,
        battery__consumed=lambda t, u: 20.0 * t / 3.6,
        battery__remaining=lambda t, u: 1.0 - t / 100,
    )
    got = measured(story)
    assert got["energy_wh"] == pytest.approx(15 * 20 * 79 / 3600, rel=1e-3)
    assert got["mean_power_w"] == pytest.approx(300.0, rel=1e-3)
    assert got["charge_mah"] == pytest.approx(20 * 79 / 3.6, rel=1e-3)
    assert got["battery_at_landing_v"] == 15.0
    assert got["battery_at_landing_share"] == pytest.approx(0.2, abs=0.02)


def test_a_battery_that_is_not_measured_costs_nothing_known():
    got = measured(SOUND.with_channels(battery__voltage=lambda t, u: 0.0 * t + 0.1))
    assert got["energy_wh"] is None
    assert got["battery_at_landing_v"] is None


def test_a_sortie_that_charged_its_battery_has_a_wrong_current_sensor():
    """Regeneration gives back a part of what was drawn, never more than all of it."""
    story = SOUND.with_channels(
        battery__voltage=lambda t, u: 0.0 * t + 15.0,
        battery__current=lambda t, u: 0.0 * t - 11.0,
        battery__consumed=lambda t, u: -11.0 * t / 3.6,
    )
    got = measured(story)
    assert [got[name] for name in ("energy_wh", "mean_power_w", "charge_mah")] == [None] * 3
    assert got["battery_at_landing_v"] == 15.0


def test_wind_is_the_estimators():
    blowing = SOUND.with_channels(
        wind__north=lambda t, u: 0.0 * t + 3.0, wind__east=lambda t, u: np.where(t < 40, 4.0, 0.0)
    )
    got = measured(blowing)
    assert got["wind_max_ms"] == pytest.approx(5.0)
    assert 3.0 < (got["wind_mean_ms"] or 0) < 5.0
    still = SOUND.with_channels(wind__north=lambda t, u: u, wind__east=lambda t, u: u)
    assert measured(still)["wind_max_ms"] is None


def test_the_plan_counts_not_what_was_uploaded():
    got = measured(SOUND.but(planned=ELSEWHERE))
    assert got["waypoints_passed"] == 1.0
    assert got["arrival_error_m"] == pytest.approx(60.0, abs=1.0)


def test_without_a_plan_what_was_uploaded_counts():
    assert measured(SOUND.but(planned=()))["waypoints_passed"] == 2.0
    nothing = measured(SOUND.but(planned=(), uploaded=()))
    assert nothing["waypoints_planned"] is None
    assert nothing["landing_error_m"] is None


def test_what_did_not_land_has_no_landing():
    gone = measured(SOUND.but(way=AWAY, armed=((5.0, None),), end_s=60.0))
    assert gone["landing_error_m"] is None
    assert gone["return_error_m"] is None
    assert gone["max_distance_m"] == pytest.approx(420, abs=3)


def test_what_never_flew_has_no_flight():
    got = measured(STANDS)
    assert got["airborne_s"] == 0
    for name in ("distance_m", "max_height_m", "arming_to_airborne_s", "touchdown_descent_ms"):
        assert got[name] is None


def test_a_boat_neither_climbs_nor_sinks():
    got = measured(BOAT)
    assert got["max_climb_ms"] is None
    assert got["max_descent_ms"] is None
    assert got["distance_m"] == pytest.approx(80, abs=3)


def test_a_wing_touches_down_before_it_rolls_out():
    assert measured(WING)["touchdown_descent_ms"] == pytest.approx(0.8, abs=0.3)


def test_a_crash_is_measured_at_the_ground():
    assert measured(CRASH)["touchdown_descent_ms"] == pytest.approx(10.0, abs=0.3)


def test_lean_is_in_degrees():
    story = SOUND.with_channels(attitude__roll=lambda t, u: np.where((t > 40) & (t < 41), 0.5, 0.0))
    assert measured(story)["max_tilt_deg"] == pytest.approx(math.degrees(0.5), abs=8)


def test_a_log_without_channels_measures_nothing_but_time():
    bare = measured(SOUND.but(missing=("",)))
    assert {n for n, v in bare.items() if v is not None} <= {"airborne_s", "waypoints_planned"}


@pytest.mark.parametrize("name", ENDS)
def test_every_story_has_every_measure_finite_or_none(name):
    got = ENDS[name][0].sortie().measures
    assert set(got) == set(BUILTIN)
    assert all(v is None or math.isfinite(v) for v in got.values())


@pytest.mark.parametrize("story", [SOUND, WING, BOAT], ids=["multirotor", "wing", "boat"])
def test_measures_are_the_same_elsewhere_and_later(story):
    here, there = measured(story), measured(story.moved(-33.9, 151.2, 777.0))
    assert [n for n, v in there.items() if v is None] == [n for n, v in here.items() if v is None]
    for name, value in here.items():
        assert value is None or there[name] == pytest.approx(value, rel=0.002, abs=0.05), name


def test_a_link_holds_until_it_is_lost():
    """Lost while still going out, and the way on and back says nothing of the link."""
    lost = measured(SOUND.with_channels(rc__is_lost=lambda t, u: np.where(t > 25, 1.0, 0.0)))
    never = measured(SOUND.with_channels(rc__is_lost=lambda t, u: 0.0 * t))
    assert never["link_held_m"] == pytest.approx(math.hypot(60, 60), abs=1.5)
    assert never["link_lost_m"] is None
    assert 1.0 < lost["link_held_m"] < never["link_held_m"] - 1.0
    assert lost["link_lost_m"] == pytest.approx(lost["link_held_m"], abs=3.0)


def test_silence_of_the_ground_station_began_with_its_last_heartbeat():
    """Flagged after a time-out, in which the vehicle flew on."""
    by_age = measured(
        SOUND.with_channels(link__gcs_age=lambda t, u: np.where(t > 25, t - 25.0, 0.5))
    )
    by_flag = measured(SOUND.with_channels(rc__is_lost=lambda t, u: np.where(t > 25, 1.0, 0.0)))
    assert by_age["link_lost_m"] == pytest.approx(by_flag["link_lost_m"], abs=3.0)


def test_a_link_never_heard_and_a_flicker_are_no_loss():
    deaf = measured(SOUND.with_channels(link__is_lost=lambda t, u: 0.0 * t + 1.0))
    assert deaf["link_held_m"] is None
    assert deaf["link_lost_m"] is None
    brief = measured(
        SOUND.with_channels(rc__is_lost=lambda t, u: np.where((t > 25) & (t < 25.3), 1.0, 0.0))
    )
    assert brief["link_lost_m"] is None
