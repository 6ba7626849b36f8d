"""What was meant: told to fly, and by whom it was broken off; and how far the plan was flown."""

import math

import numpy as np
import pytest

from flyoff.model.event import EventKind
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.intent import break_offs, is_refusal, mission_is_done, told_to_fly, was_in_mission
from flyoff.model.mission import Command, Mission, MissionItem
from flyoff.model.progress import distance_to_track, progress
from flyoff.model.route import distance_from_route
from flyoff.sorties.arrival import arrival
from flyoff.sorties.segment import segment
from tests.scenarios.stories import LAND, RETURN, Story, at, failsafe, mode, within
from tests.sorties.flown import AWAY, BOAT, DOWN, ELSEWHERE, HOME, SOUND, STANDS


def flown(story: Story):
    (only,) = segment(story.recording(), story.mission(story.planned, "plan"))
    return only


def test_thrust_held_above_idle_is_an_order_to_fly():
    told = told_to_fly(flown(STANDS.with_channels(throttle__demand=within(8, 10, 0.5))))
    assert told is not None
    assert told.t_s == pytest.approx(8.0)


@pytest.mark.parametrize(
    "change", [within(8, 10, 0.12), within(8, 8.4, 0.9)], ids=["idle", "a blip"]
)
def test_idling_is_no_order(change):
    assert told_to_fly(flown(STANDS.with_channels(throttle__demand=change))) is None


def test_a_mission_mode_is_an_order():
    assert told_to_fly(flown(STANDS.with_events(mode(7, "AUTO")))) is not None
    assert told_to_fly(flown(STANDS.with_events(mode(1, "AUTO")))) is not None
    assert told_to_fly(flown(STANDS.with_events(mode(7, "LOITER")))) is None


@pytest.mark.parametrize(
    ("events", "by", "reason"),
    [
        ([mode(34, "RTL")], "operator", "operator"),
        ([mode(34, "RTL", "battery")], "failsafe", "battery"),
        ([failsafe(33, "radio"), mode(34, "RTL", "unknown")], "failsafe", "radio"),
    ],
)
def test_who_broke_off(events, by, reason):
    (change,) = break_offs(flown(HOME.with_events(*events)))
    assert (change.by, change.reason) == (by, reason)
    assert (change.from_mode, change.to_mode) == ("AUTO", "RTL")


@pytest.mark.parametrize(
    "events",
    [
        [mode(34, "RTL", "mission")],
        [mode(34, "RTL", "unknown")],
        [mode(6.5, "LOITER")],
        [mode(82, "LOITER")],
        [failsafe(20, "radio"), mode(34, "RTL", "unknown")],
    ],
    ids=["mission", "unexplained", "before take-off", "after landing", "long after a failsafe"],
)
def test_what_breaks_nothing_off(events):
    assert break_offs(flown(HOME.with_events(*events))) == []


def test_from_hand_to_hand_nothing_is_broken_off():
    story = HOME.but(events=(mode(6, "LOITER"), mode(34, "POSHOLD")))
    assert break_offs(flown(story)) == []
    assert not was_in_mission(flown(story))


def test_the_mission_is_done_when_its_last_waypoint_was_reached():
    story = flown(SOUND.with_events(at(60, EventKind.MISSION_REACHED, value=3.0)))
    assert not mission_is_done(story, 59_000_000)
    assert mission_is_done(story, 61_000_000)
    assert not mission_is_done(flown(SOUND), 61_000_000)


def test_refusals_are_answers_not_complaints():
    assert is_refusal("  Arm: Gyros inconsistent")
    assert not is_refusal("Alarm: Gyros inconsistent")


def test_waypoints_are_passed_by_position():
    story = SOUND.but(planned=((60.0, 0.0), (60.0, -60.0)))
    plan = story.mission(story.planned, "plan")
    assert plan is not None
    done = progress(flown(story), plan)
    assert done is not None
    assert (done.planned, done.passed, done.is_complete) == (2, 1, False)
    assert done.nearest_m == pytest.approx((0.0, 60.0), abs=1.5)


def test_a_waypoint_between_two_samples_is_passed():
    north, east = np.array([0.0, 100.0]), np.array([0.0, 0.0])
    assert distance_to_track(50.0, 3.0, north, east) == (3.0, 0)
    assert distance_to_track(130.0, 40.0, north, east)[0] == pytest.approx(50.0)
    assert distance_to_track(3.0, 4.0, north[:1], east[:1]) == (5.0, 0)


def test_the_route_includes_the_ways_out_and_home():
    away = distance_from_route(flown(SOUND))
    assert away is not None
    assert float(away.values.max()) < 1.0
    far = distance_from_route(flown(SOUND.but(way=AWAY, armed=((5.0, None),), end_s=60.0)))
    assert far is not None
    assert float(far.values[-1]) == pytest.approx(360.0, abs=2.0)
    assert distance_from_route(flown(SOUND.but(planned=(), uploaded=()))) is None


def item(seq: int, command: int, lat: float = math.nan, lon: float = math.nan) -> MissionItem:
    return MissionItem(seq, command, lat, lon, 10.0)


HOME_ITEM = item(0, Command.WAYPOINT, 47.0, 8.0)
OUT = item(1, Command.WAYPOINT, 47.1, 8.1)


@pytest.mark.parametrize(
    ("last", "place"),
    [
        (item(2, Command.LAND, 47.2, 8.2), (47.2, 8.2)),
        (item(2, Command.LAND), (47.1, 8.1)),
        (item(2, Command.RETURN_TO_LAUNCH), (47.0, 8.0)),
        (item(2, Command.WAYPOINT, 47.3, 8.3), None),
    ],
    ids=["land there", "land here", "return", "no end"],
)
def test_where_a_mission_ends(last, place):
    assert Mission((HOME_ITEM, OUT, last), "x").destination == place


def test_home_is_no_waypoint_and_a_stated_home_goes_before_item_zero():
    mission = Mission((HOME_ITEM, OUT, item(2, RETURN)), "x", home=(1.0, 2.0, 3.0))
    assert mission.waypoints == (OUT,)
    assert mission.destination == (1.0, 2.0)


def test_arrival_at_the_planned_place():
    got = arrival(flown(SOUND), [])
    assert got.is_planned
    assert got.is_at_destination
    assert got.is_at_launch
    assert got.is_flown
    assert got.broken_off is None
    assert got.farthest_m == pytest.approx(math.hypot(60, 60), abs=1.5)


def test_arrival_elsewhere_after_a_failsafe():
    got = arrival(flown(DOWN.with_events(failsafe(33.9, "ekf"), mode(34, "LAND", "ekf"))), [])
    assert not got.is_at_destination
    assert not got.is_at_launch
    assert got.from_launch_m == pytest.approx(math.hypot(60, 12), abs=0.5)
    assert got.broken_off is not None
    assert got.broken_off.reason == "ekf"


def test_a_boat_arrives_where_its_last_waypoint_is():
    got = arrival(flown(BOAT.but(ends_with=178)), [])
    assert got.destination == pytest.approx((40.0, 40.0), abs=0.1)
    assert got.is_at_destination


def test_without_a_plan_what_was_uploaded_is_held_against_the_flight():
    got = arrival(flown(SOUND.but(planned=(), uploaded=ELSEWHERE, ends_with=LAND)), [])
    assert not got.is_planned
    assert not got.is_at_destination
    by_hand = arrival(flown(SOUND.but(planned=(), events=(mode(6, "LOITER"),))), [])
    assert by_hand.destination is None


def test_a_position_that_was_pulled_is_put_right():
    """Two detectors that see one pull see one pull: the larger is taken, not the sum."""

    def pull(kind: Kind, north: float, east: float) -> Finding:
        seen = (
            Evidence("north", "gnss.offset.north", 40.0, north),
            Evidence("east", "gnss.offset.east", 40.0, east),
        )
        return Finding(kind, 40.0, 79.0, Severity.CRITICAL, seen)

    findings = [pull(Kind.GNSS_SPOOFING, 30.0, -40.0), pull(Kind.GNSS_GLITCH, 3.0, 4.0)]
    got = arrival(flown(SOUND), findings)
    assert got.end == pytest.approx((-30.0, 40.0), abs=0.5)
    assert got.offset_m == pytest.approx(50.0)
    assert not got.is_at_destination
