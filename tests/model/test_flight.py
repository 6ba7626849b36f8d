"""One sortie's stretch of a recording: signals derived once, from the best source there is."""

import math

import numpy as np
import pytest

from flyoff.model.contact import contacts, hard_stops
from flyoff.model.event import EventKind
from flyoff.model.flight import Flight
from flyoff.sorties.segment import segment
from tests.scenarios.flights import flight
from tests.scenarios.stories import Story, at, mode, within
from tests.sorties.flown import CRASH, HIT_S, SOUND, WING

T = np.arange(0.0, 103.0, 0.1)
FLAT = np.zeros(T.size)


def flown(story: Story) -> Flight:
    (only,) = segment(story.recording(), story.mission(story.planned, "plan"))
    return only


def test_height_counts_from_the_ground_it_stood_on():
    """Before arming at 5 s the barometer read 412 m."""
    height = flight({"baro.height": (T, 412.0 + np.clip(T - 8, 0, 20))}).height
    assert height is not None
    assert height.at(np.array([6_000_000, 18_000_000])).tolist() == pytest.approx([0, 10])


@pytest.mark.parametrize(
    ("name", "sign"),
    [("position.down", -1), ("position.height", 1), ("baro.height", 1), ("gnss.alt_msl", 1)],
)
def test_any_source_of_height_serves(name, sign):
    height = flight({name: (T, sign * np.clip(T - 8, 0, 20))}).height
    assert height is not None
    assert float(height.values.max()) == pytest.approx(20.0)


def test_the_fused_height_goes_before_the_barometers():
    both = {"position.down": (T, -1.0 * (T > 50)), "baro.height": (T, 9.0 * (T > 50))}
    height = flight(both).height
    assert height is not None
    assert float(height.values.max()) == 1.0


def test_a_log_that_begins_high_and_ends_low_stands_at_its_end():
    high = flight({"position.down": (T, -np.clip(60 - T, 0, 30))})
    high.starts_armed = True
    assert high.height is not None
    assert float(high.height.values[-1]) == 0.0


def test_a_drift_of_the_barometer_moves_no_ground():
    drifted = flight({"baro.height": (T, -0.02 * T)})
    drifted.starts_armed = True
    assert drifted.height is not None
    assert float(drifted.height.values[0]) == pytest.approx(0.0, abs=0.1)


def test_climb_is_differenced_where_no_velocity_is_logged():
    climb = flight({"baro.height": (T, 2.0 * T)}).climb
    assert climb is not None
    assert climb.values == pytest.approx(2.0)


def test_speed_is_the_receivers_where_nothing_is_fused():
    assert flight({"gnss.speed": (T, FLAT + 3.0)}).speed.values[0] == 3.0
    fused = {"velocity.north": (T, FLAT + 3), "velocity.east": (T, FLAT - 4)}
    assert flight(fused | {"gnss.speed": (T, FLAT)}).speed.values[0] == 5.0
    assert flight({"x": (T, FLAT)}).speed is None


def test_a_speed_that_the_estimator_itself_doubts_is_not_trusted():
    base = {"velocity.north": (T, FLAT), "velocity.east": (T, FLAT)}
    doubted = flight(base | {"estimator.position_lost": (T, ((T > 40) & (T < 45)).astype(float))})
    assert doubted.trusted_speed is not None
    lost = np.isnan(doubted.trusted_speed.values)
    assert lost[(T > 40) & (T < 54)].all()
    assert not lost[(T < 39) | (T > 56)].any()


def test_lean_error_takes_roll_and_pitch_together():
    channels = {
        "attitude.roll": (T, FLAT + 0.3),
        "attitude.pitch": (T, FLAT),
        "attitude_demand.roll": (T, FLAT - 0.2),
        "attitude_demand.pitch": (T, FLAT),
    }
    error = flight(channels).lean_error
    assert error is not None
    assert error.values == pytest.approx(0.5, abs=1e-6)
    assert flight({"attitude.roll": (T, FLAT)}).lean_error is None


def test_a_channel_without_samples_in_the_sortie_is_absent():
    late = flight({"x": (T, FLAT), "late": ([300.0], [1.0])})
    assert late.get("late") is None
    assert late.has("x")
    assert not late.has("x", "late")


def test_the_mode_in_force_is_the_last_one_named():
    events = [mode(1, "STABILIZE"), at(2, EventKind.TEXT, "hello"), mode(50, "AUTO")]
    modes = flight({"x": (T, FLAT)}, events)
    assert [modes.mode_at(t * 1_000_000) for t in (0, 10, 60)] == ["", "STABILIZE", "AUTO"]


def test_what_several_ask_for_is_made_once():
    made = []
    one = flight({"x": (T, FLAT)})

    def make(asked):
        made.append(asked)
        return len(made)

    assert (one.once(make), one.once(make)) == (1, 1)


def test_the_track_is_local_where_no_place_is_logged():
    metres = flight({"position.north": (T, 5 + T), "position.east": (T, FLAT)})
    track = metres.track()
    assert track is not None
    assert track[1][-1] - track[1][0] == pytest.approx(T[-1])
    assert metres.track("gnss") is None


def test_a_landing_is_a_contact_and_so_is_a_fall():
    (landing,) = flown(SOUND).contacts
    assert not landing.stopped_by_ground
    assert landing.descent == pytest.approx(0.6, abs=0.1)
    (fall,) = [c for c in flown(CRASH).contacts if c.stopped_by_ground]
    assert fall.t_us / 1e6 == pytest.approx(HIT_S, abs=0.2)
    assert fall.energy_speed == pytest.approx(math.hypot(10.0, 2 / 2.3), abs=0.4)


def test_a_contact_knows_the_lean_just_before():
    tilted = CRASH.with_channels(attitude__roll=within(HIT_S - 1, HIT_S, 0.9))
    (fall,) = [c for c in flown(tilted).contacts if c.stopped_by_ground]
    assert fall.tilt == pytest.approx(0.9, abs=0.05)


@pytest.mark.parametrize(
    ("stop_s", "is_ground"), [(0.05, True), (0.2, True), (1.0, False), (2.0, False)]
)
def test_only_the_ground_stops_so_fast(stop_s, is_ground):
    """From 5 m/s: within 0.2 s that is 25 m/s², within 1 s what thrust can do."""
    t = np.arange(0, 10, 0.02)
    climb = -5.0 + np.clip((t - 5) / stop_s, 0, 1) * 5.0
    t_us = np.round(t * 1e6).astype(np.int64)
    assert bool(hard_stops(t_us, climb)) is is_ground


def test_a_wing_that_flares_makes_no_hard_stop():
    assert not [c for c in flown(WING).contacts if c.stopped_by_ground]


def test_too_few_samples_show_no_contact():
    short = flight({"velocity.down": ([10.0, 11.0], [1.0, 0.0])})
    assert short.climb is not None
    assert contacts(short.climb, None, None, None, 0, 10**8, None) == ()
