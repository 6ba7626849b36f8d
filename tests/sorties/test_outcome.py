"""Each end of the closed list, by a flight that ends so; and what must not sway the judge."""

import numpy as np
import pytest

from flyoff.model.event import EventKind
from flyoff.model.finding import Finding, Kind, Severity
from flyoff.model.sortie import Outcome
from flyoff.sorties.outcome import decide
from flyoff.sorties.segment import segment
from tests.scenarios.stories import after, at, failsafe, mode, within
from tests.sorties.flown import (
    AWAY,
    BOAT,
    CRASH,
    DOWN,
    ENDS,
    FALL_S,
    HIT_S,
    HOME,
    LOST_MOTOR,
    SOUND,
    STANDS,
    STILL,
    SUPPLY_LOST,
    TIPPED,
    VTOL,
    WING,
    WING_CRASH,
)

SOUND_FLIGHTS = {"multirotor": SOUND, "wing": WING, "vtol": VTOL, "boat": BOAT}


@pytest.mark.parametrize("name", ENDS)
def test_it_ended_so_and_therefore(name):
    story, outcome, cause = ENDS[name]
    sortie = story.sortie()
    assert sortie.outcome is outcome
    assert (sortie.cause.kind if sortie.cause else None) is cause
    assert sortie.evidence, "an outcome without evidence"
    assert 0.5 <= sortie.confidence <= 1.0


def test_every_outcome_is_told():
    assert {outcome for _, outcome, _ in ENDS.values()} == set(Outcome)


@pytest.mark.parametrize("name", ENDS)
def test_neither_place_nor_clock_matters(name):
    story = ENDS[name][0]
    here, there = story.sortie(), story.moved(-33.9, 151.2, 1234.5).sortie()
    assert there.outcome is here.outcome
    assert there.confidence == here.confidence
    assert [f.kind for f in there.findings] == [f.kind for f in here.findings]
    for one, other in zip(here.findings, there.findings, strict=True):
        assert other.onset_s == pytest.approx(one.onset_s + 1234.5, abs=0.1)
        assert other.severity is one.severity


@pytest.mark.parametrize("vehicle", SOUND_FLIGHTS)
def test_a_sound_flight_raises_nothing(vehicle):
    sortie = SOUND_FLIGHTS[vehicle].sortie()
    assert [f.kind for f in sortie.findings if f.severity is not Severity.INFO] == []


@pytest.mark.parametrize("vehicle", SOUND_FLIGHTS)
@pytest.mark.parametrize("share", [0.2, 0.45, 0.7, 0.9])
def test_a_log_cut_under_way_decides_nothing(vehicle, share):
    story = SOUND_FLIGHTS[vehicle]
    whole = story.sortie()
    aloft = [p for p in whole.phases if p.phase != "ground"]
    at_s = aloft[0].start_s + share * (aloft[-1].end_s - aloft[0].start_s)
    assert story.cut(at_s).sortie().outcome is Outcome.UNDETERMINED


@pytest.mark.parametrize("before_s", [5.0, 2.0, 0.5])
def test_a_log_cut_before_the_fall_is_no_crash(before_s):
    assert LOST_MOTOR.cut(FALL_S - before_s).sortie().outcome is Outcome.UNDETERMINED


def test_a_fault_seen_before_the_cut_is_still_reported():
    sortie = LOST_MOTOR.cut(FALL_S + 1.2).sortie()
    assert sortie.outcome is Outcome.UNDETERMINED
    assert Kind.MOTOR_FAILURE in [f.kind for f in sortie.findings]


def test_without_power_a_multirotor_comes_down_whether_the_log_shows_it_or_not():
    sortie = SUPPLY_LOST.cut(FALL_S + 1.0).sortie()
    assert sortie.outcome is Outcome.CRASHED
    assert sortie.cause is not None
    assert sortie.cause.kind is Kind.POWER_LOSS


def test_a_wing_without_power_still_glides():
    story = WING.with_channels(battery__voltage=after(55, 0.4)).cut(60.0)
    assert story.sortie().outcome is Outcome.UNDETERMINED


def test_a_hard_landing_is_no_crash():
    """3 m/s straight down breaks legs at worst; above 4 m/s it is a crash."""
    soft, hard, crash = (_comes_down_at(v).sortie() for v in (0.6, 3.3, 6.0))
    assert [s.outcome for s in (soft, hard, crash)] == [
        Outcome.COMPLETED,
        Outcome.COMPLETED,
        Outcome.CRASHED,
    ]
    assert [f.kind for f in soft.findings] == []
    assert [f.kind for f in hard.findings] == [Kind.HARD_LANDING]
    assert Kind.IMPACT in [f.kind for f in crash.findings]


def _comes_down_at(speed):
    down_s = 66 + 10 / speed
    way = (*[p for p in SOUND.way if p[0] <= 66], (down_s, 0, 0, 0), (down_s + 6, 0, 0, 0))
    return SOUND.but(way=way, impact_s=down_s, armed=((5.0, down_s + 3),), end_s=down_s + 6)


def test_meeting_the_ground_tilted_is_a_crash():
    story = _comes_down_at(2.0)
    tipped = story.with_channels(attitude__roll=within(69.5, 80, 1.0))
    assert story.sortie().outcome is Outcome.COMPLETED
    assert tipped.sortie().outcome is Outcome.CRASHED


def test_a_canopy_makes_a_fast_descent_a_landing():
    story = CRASH.with_events(at(FALL_S + 0.5, EventKind.TEXT, "Parachute: Released"))
    assert story.sortie().outcome is Outcome.FORCED_LANDING


def test_the_firmwares_crash_flag_alone_decides_nothing():
    said = at(40, EventKind.TEXT, "Crash: Disarming: AngErr=92>30")
    assert SOUND.with_events(said).sortie().outcome is Outcome.COMPLETED


def test_a_failsafe_without_consequence_leaves_the_flight_completed():
    assert SOUND.with_events(failsafe(40, "gcs")).sortie().outcome is Outcome.COMPLETED


def test_an_operator_who_brings_a_sick_vehicle_home_did_not_abort():
    story = HOME.with_events(mode(34, "RTL")).with_channels(
        **{"motor__command[1]": within(32, 64, 0.8), "motor__command[2]": within(32, 64, 0.2)}
    )
    sortie = story.sortie()
    assert sortie.outcome is Outcome.RETURNED
    assert sortie.cause is not None
    assert sortie.cause.kind is Kind.MOTOR_FAILURE


def test_a_low_hover_is_a_flight():
    low = (
        (0, 0, 0, 0),
        (8, 0, 0, 0),
        (10, 0, 0, 0.8),
        (25, 0, 0, 0.8),
        (28, 0, 0, 0),
        (36, 0, 0, 0),
    )
    story = STANDS.but(way=low, armed=((5.0, 32.0),), end_s=36.0, events=(mode(6, "LOITER"),))
    assert story.sortie().outcome is Outcome.COMPLETED


def test_thrown_back_from_below_four_metres_is_a_failed_launch():
    way = (
        (0, 0, 0, 0),
        (8, 0, 0, 0),
        (10, 0, 0, 3),
        (10.5, 0, 0, 3),
        (11.1, 0, 0, 0),
        (20, 0, 0, 0),
    )
    story = STANDS.but(
        way=way, impact_s=11.1, armed=((5.0, 15.0),), end_s=20.0, events=(mode(6, "AUTO"),)
    )
    assert story.sortie().outcome is Outcome.FAILED_LAUNCH


def test_told_to_fly_a_moment_before_the_log_ends_is_undetermined():
    story = STANDS.but(events=(mode(6, "AUTO"),), armed=((5.0, None),))
    told = story.with_channels(throttle__demand=within(7, 99, 0.5))
    assert told.cut(10.0).sortie().outcome is Outcome.UNDETERMINED
    assert told.cut(29.0).sortie().outcome is Outcome.FAILED_LAUNCH


def test_far_off_but_coming_down_has_not_flown_away():
    """What sinks is about to land somewhere: until it has, nobody knows where."""
    down = (*AWAY[:-1], (55, 360, 0, 10), (60, 420, 0, 6))
    story = SOUND.but(way=down, armed=((5.0, None),), end_s=60.0)
    assert story.sortie().outcome is Outcome.UNDETERMINED


def test_a_boat_without_any_position_is_undetermined():
    story = BOAT.but(missing=("position.", "velocity.", "gnss."))
    assert story.sortie().outcome is Outcome.UNDETERMINED


def test_the_impact_is_where_the_ground_stopped_it():
    (impact,) = [f for f in CRASH.sortie().findings if f.kind is Kind.IMPACT]
    assert impact.onset_s == pytest.approx(HIT_S, abs=0.2)
    assert impact.evidence[0].value == pytest.approx(10.0, abs=0.3)


def test_a_crash_needs_no_attitude():
    """Height and climb alone show it; what the attitude would have told is not assessed."""
    sortie = WING_CRASH.but(missing=("attitude",)).sortie()
    assert sortie.outcome is Outcome.CRASHED
    assert Kind.ATTITUDE_CONTROL_LOSS in [n.kind for n in sortie.not_assessed]


def test_without_a_height_nobody_knows_whether_it_left_the_ground():
    story = SOUND.but(missing=("position.", "velocity.", "gnss.", "baro."))
    assert story.sortie().outcome is Outcome.UNDETERMINED
    tipped = TIPPED.but(missing=story.missing)
    assert tipped.sortie().outcome is Outcome.FAILED_LAUNCH  # the lean needs no height


def test_landing_off_the_plan_by_a_failsafe_is_forced_not_wrong():
    story = DOWN.with_events(failsafe(33.9, "ekf"), mode(34, "LAND", "ekf"))
    assert story.sortie().outcome is Outcome.FORCED_LANDING


def test_nobody_at_home_on_a_still_vehicle():
    """Armed and idle when the log ends: it may still have been told to fly."""
    story = STANDS.but(way=STILL, armed=((5.0, None),))
    assert story.sortie().outcome is Outcome.UNDETERMINED


@pytest.mark.parametrize("kind", [Kind.ATTITUDE_CONTROL_LOSS, Kind.POWER_LOSS])
@pytest.mark.parametrize(
    ("ends_s", "outcome"), [(41.7, Outcome.CRASHED), (39.0, Outcome.UNDETERMINED)]
)
def test_what_was_over_before_the_log_ended_dooms_nobody(kind, ends_s, outcome):
    """Falling, a few metres from the ground: lost if what took its lift is still there."""
    (flight,) = segment(CRASH.cut(41.9).recording())
    told = Finding(kind, 38.0, ends_s, Severity.CRITICAL)
    assert decide(flight, [told]).outcome is outcome


def test_a_rover_that_stops_on_its_way_has_not_gone_astray():
    """Nothing tells its drive; it stands for 40 s on its first leg, its mission not done."""
    stands = BOAT.but(way=((0, 0, 0, 0), (8, 0, 0, 0), (18, 20, 0, 0), (60, 20, 0, 0)))
    sortie = stands.but(missing=("throttle",)).sortie()
    assert sortie.outcome is Outcome.FORCED_LANDING


def test_a_position_pulled_away_needs_no_plan_to_be_the_wrong_place():
    """In its mission to the end, down where it believed: the receiver shows 40 m from there."""
    flown = SOUND.recording()
    north, east = flown["velocity.north"], flown["velocity.east"]

    def velocity(t):
        at_us = (t * 1e6).astype(np.int64)
        return north.interpolated(at_us), east.interpolated(at_us)

    pulled = SOUND.but(planned=(), uploaded=()).with_channels(
        gnss__lat=_pulled_north,
        gnss__fix=lambda t, u: np.full(t.size, 3.0),
        gnss__speed=lambda t, u: np.hypot(*velocity(t)),
        gnss__course=lambda t, u: np.arctan2(*velocity(t)[::-1]),
    )
    sortie = pulled.sortie()
    assert sortie.outcome is Outcome.WRONG_DESTINATION
    assert sortie.cause is not None
    assert sortie.cause.kind is Kind.GNSS_SPOOFING
    by_hand = pulled.but(events=(mode(6, "LOITER"),))
    assert by_hand.sortie().outcome is Outcome.COMPLETED  # a person saw where it was


def _pulled_north(t, usual):
    return usual + np.clip((t - 35.0) * 1.0, 0.0, 40.0) / 111_195.0
