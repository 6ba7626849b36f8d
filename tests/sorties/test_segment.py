"""Recordings cut into sorties: where each begins and ends, and when it was under way."""

from dataclasses import replace

import numpy as np
import pytest

import flyoff
from flyoff.model.channel import Channel
from flyoff.model.event import EventKind
from flyoff.model.sortie import Outcome
from flyoff.pipeline.judgement import judge_recording
from flyoff.sorties.segment import armed_spans, segment
from tests.scenarios.flights import recording
from tests.scenarios.stories import Story, at, mode
from tests.shared import logs, needs_shared
from tests.sorties.flown import AWAY, BOAT, CRASH, HIT_S, LOST_MOTOR, SOUND, STANDS, VTOL, WING

HOP = ((0, 0, 0, 0), (8, 0, 0, 0), (12, 0, 0, 5), (16, 0, 0, 5), (22, 0, 0, 0))


def hops(*starts: float) -> Story:
    """The same short flight, several times, armed for each."""
    way = [(t + s, n, e, h) for s in starts for t, n, e, h in HOP]
    end_s = starts[-1] + 32
    armed = tuple((s + 5.0, s + 26.0) for s in starts)
    return Story((*way, (end_s, 0, 0, 0)), armed=armed, end_s=end_s, events=(mode(1, "LOITER"),))


def flights_of(story: Story):
    return segment(story.recording())


def test_a_sortie_lasts_from_arming_to_disarming():
    (flight,) = flights_of(SOUND)
    assert (flight.start_us, flight.end_us) == (5_000_000, 84_000_000)
    assert not flight.starts_armed
    assert not flight.ends_armed


def test_each_arming_is_a_sortie_of_its_own():
    sorties = hops(0, 40, 80).judged()
    assert [round(s.start_s) for s in sorties] == [5, 45, 85]
    assert [s.outcome for s in sorties] == [Outcome.COMPLETED] * 3
    assert len({s.id for s in sorties}) == 3


def test_two_landings_within_one_arming_are_one_sortie():
    story = hops(0, 40).but(armed=((5.0, 66.0),))
    (flight,) = flights_of(story)
    assert len(flight.under_way) == 2


@pytest.mark.parametrize(
    ("story", "up_s", "down_s"),
    [(SOUND, 8, 79), (WING, 8, 148), (VTOL, 8, 130), (BOAT, 8, 48)],
    ids=["multirotor", "wing", "vtol", "boat"],
)
def test_it_is_under_way_from_lift_off_to_touch_down(story, up_s, down_s):
    (flight,) = flights_of(story)
    assert len(flight.under_way) == 1
    assert flight.takeoff_us / 1e6 == pytest.approx(up_s, abs=1.0)
    assert flight.landing_us / 1e6 == pytest.approx(down_s, abs=1.6)


def test_after_a_crash_it_lies():
    (flight,) = flights_of(CRASH)
    assert flight.landing_us / 1e6 == pytest.approx(HIT_S, abs=1.0)


def test_falling_on_its_side_it_is_still_in_the_air():
    """What leans far and does not turn lies on the ground, unless it sinks at 10 m/s."""
    (flight,) = flights_of(LOST_MOTOR)
    assert len(flight.under_way) == 1
    assert flight.landing_us / 1e6 == pytest.approx(HIT_S, abs=1.0)


def test_a_log_that_begins_in_the_air():
    """The first news is the disarming: it was armed all along, and up before that."""
    way = ((0, 0, 0, 20), (10, 60, 0, 20), (30, 60, 0, 4), (38, 60, 0, 0), (45, 60, 0, 0))
    story = Story(way, armed=(), events=(at(42, EventKind.DISARM),), end_s=45.0)
    (flight,) = flights_of(story)
    assert flight.starts_armed
    assert flight.start_us == 0
    assert flight.takeoff_us is not None


def test_a_log_that_ends_in_the_air():
    (flight,) = flights_of(SOUND.cut(40.0))
    assert flight.ends_armed
    assert flight.ends_under_way
    assert flight.end_us == 40_000_000


def test_armed_but_never_up_is_not_under_way():
    (flight,) = flights_of(STANDS)
    assert flight.under_way == ()


def test_a_refused_arming_is_a_sortie():
    asked = (at(6, EventKind.TEXT, "Arm: Gyros not calibrated"),)
    (flight,) = flights_of(STANDS.but(armed=(), events=asked))
    assert not flight.is_armed
    assert flight.start_us == 6_000_000


def test_a_check_that_nobody_asked_for_is_no_sortie():
    """An autopilot that waits on the ground repeats its complaints by itself."""
    said = (at(6, EventKind.TEXT, "PreArm: Gyros not calibrated"),)
    assert flights_of(STANDS.but(armed=(), events=said)) == []


def test_a_refusal_before_a_flight_belongs_to_no_sortie_of_its_own():
    story = SOUND.with_events(at(3, EventKind.TEXT, "Arm: Throttle too high"))
    (flight,) = flights_of(story)
    assert flight.is_armed


def test_disarmed_in_the_air_the_sortie_goes_on_to_the_ground():
    (flight,) = flights_of(CRASH.but(armed=((5.0, 40.5),)))
    assert flight.end_us / 1e6 > HIT_S
    assert CRASH.but(armed=((5.0, 40.5),)).sortie().outcome is Outcome.CRASHED


def test_disarmed_in_the_air_and_armed_again_is_one_sortie():
    (flight,) = flights_of(SOUND.but(armed=((5.0, 40.0), (41.0, 84.0))))
    assert flight.start_us == 5_000_000
    assert flight.end_us == 84_000_000


def test_a_log_that_never_speaks_of_arming_but_shows_a_flight():
    (flight,) = flights_of(SOUND.but(armed=(), events=()))
    assert flight.starts_armed
    assert flight.takeoff_us / 1e6 == pytest.approx(8, abs=1.0)


def test_a_flag_of_arming_without_a_sample_is_silent_on_a_log_that_begins_in_the_air():
    """The log has a place for the flag and nothing in it: its flight is told by its motion."""
    way = ((0, 0, 0, 20), (10, 60, 0, 30), (30, 120, 0, 30))
    told = Story(way, armed=(), events=(), end_s=30.0).recording()
    none = Channel("arm.is_armed", np.empty(0, dtype=np.int64), np.empty(0))
    (flight,) = segment(replace(told, loaders={**told.loaders, "arm.is_armed": lambda: none}))
    assert (flight.start_us, flight.end_us) == (told.start_us, told.end_us)
    assert flight.starts_armed
    assert flight.ends_under_way


def test_a_log_that_never_speaks_of_arming_and_stands_holds_no_sortie():
    assert flights_of(STANDS.but(armed=())) == []


def test_the_armed_flag_serves_where_no_event_tells():
    t = np.arange(0.0, 30.0, 0.5)
    flag = ((t >= 4) & (t < 20)).astype(float)
    assert armed_spans(recording({"arm.is_armed": (t, flag)})) == [
        (4_000_000, 20_000_000, False, False)
    ]


def test_the_armed_flag_raised_all_along_spans_the_log():
    t = np.arange(0.0, 30.0, 0.5)
    spans = armed_spans(recording({"arm.is_armed": (t, np.ones(t.size))}))
    assert spans == [(0, 29_500_000, False, True)]


def test_an_arming_long_before_the_first_sample_is_a_stray():
    log = STANDS.but(armed=(), events=(at(-100, EventKind.ARM),)).recording()
    assert len(armed_spans(log)) == 1
    log.start_us = 0  # as normalisation gives it: the first trustworthy time
    assert armed_spans(log) == []


@pytest.mark.parametrize("idle_s", [2.0, 20.0])
def test_a_long_wait_on_the_ground_does_not_count_as_flying(idle_s):
    story = SOUND.but(way=tuple((t + idle_s, n, e, h) for t, n, e, h in SOUND.way))
    story = story.but(
        way=((0, 0, 0, 0), *story.way), end_s=86 + idle_s, armed=((5.0, 84 + idle_s),)
    )
    assert story.sortie().airborne_s == pytest.approx(SOUND.sortie().airborne_s, abs=0.5)


def test_a_landed_flag_that_motion_contradicts_is_not_believed():
    """A flag that says landed in fast level flight, as it does on vibration or at low thrust."""
    fast = SOUND.but(way=AWAY, armed=((5.0, None),), end_s=60.0)
    (honest,), (fooled,) = (
        flights_of(s)
        for s in (fast, fast.with_channels(land__is_landed=lambda t, u: (t < 8) | (t > 45)))
    )
    assert fooled.under_way == honest.under_way


UP = ((0, 0, 0, 2.5), (1, 0, 0, 2.9), (30, 0, 0, 3.0))


@pytest.mark.parametrize("landed", [0.0, 1.0])
@pytest.mark.parametrize("armed", [((0.0, 90.0),), ((1.0, 90.0),)], ids=["at once", "a beat later"])
def test_telemetry_that_begins_in_the_air(landed, armed):
    """Half a metre of climb is all it sees, but two witnesses say where the ground is."""
    told = Story(UP, armed=armed, end_s=30.0).recording()
    down = told["position.down"]
    over_home = 2.5 - (down.values - down.values[0])
    height = Channel("position.height", down.t_us, over_home)
    flag = Channel("land.is_landed", down.t_us, np.full(len(down), landed))
    more = {"position.height": lambda: height, "land.is_landed": lambda: flag}
    loaders = {**told.loaders, **more}
    (flight,) = segment(replace(told, loaders=loaders))
    assert flight.starts_armed == (landed == 0.0)
    assert bool(flight.under_way) == (landed == 0.0)
    if landed == 0.0:
        assert flight.height is not None
        assert flight.height.values[0] == pytest.approx(2.5, abs=0.2)
        assert flight.ends_under_way


@needs_shared
@pytest.mark.parametrize("path", [p for p in logs("tlog") if "wlichon" in p.name], ids=str)
def test_real_telemetry_that_begins_at_two_metres_is_no_failed_launch(path):
    """The streams were asked for in flight, and stop in flight: nothing tells how it ended."""
    sorties = [s for r in flyoff.read(path) for s in judge_recording(r)]
    assert [s.outcome for s in sorties] == [Outcome.UNDETERMINED]
