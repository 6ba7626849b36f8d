"""Channels, spans and frames: what everything that judges is made of."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flyoff.errors import ModelError
from flyoff.model.channel import Channel
from flyoff.model.frames import (
    distance_m,
    lean_between,
    quaternion_to_euler,
    tilt,
    to_local,
    wrap_pi,
)
from flyoff.model.span import spans
from flyoff.model.track import track_of_metres, track_of_places

US = 1_000_000


def channel(*values: float, step_us: int = US, start_us: int = 0) -> Channel:
    t = start_us + step_us * np.arange(len(values), dtype=np.int64)
    return Channel("x", t, np.array(values, dtype=np.float64))


def test_times_and_values_go_together():
    with pytest.raises(ModelError, match="2 times but 3 values"):
        Channel("x", np.arange(2), np.zeros(3))


def test_between_includes_both_ends():
    part = channel(0, 1, 2, 3).between(US, 2 * US)
    assert part.values.tolist() == [1, 2]
    assert len(channel(0, 1).between(5 * US, 9 * US)) == 0


def test_at_holds_the_last_value_until_it_is_too_old():
    c, at = channel(1, 2), np.array([-1, 0, 1_500_000, 9 * US])
    assert c.at(at)[1:].tolist() == [1, 2, 2]
    assert math.isnan(c.at(at)[0])
    assert math.isnan(c.at(at, max_age_s=1.0)[3])
    assert np.isnan(channel().at(at)).all()


def test_interpolated_bridges_absent_samples_but_not_long_gaps():
    c = channel(0, math.nan, 2, 3)
    assert c.interpolated(np.array([US, 2_500_000])).tolist() == [1.0, 2.5]
    assert np.isnan(c.interpolated(np.array([-1, 4 * US]))).all()
    gap = c.interpolated(np.array([0, US, 2 * US, 2_500_000]), max_gap_s=1.5)
    assert np.isnan(gap).tolist() == [False, True, False, False]


def test_on_the_same_clock_values_are_taken_as_they_are():
    c = channel(0, math.nan, 2)
    assert c.on(c.t_us) is c.values
    assert c.on(c.t_us.copy()) is c.values
    assert c.on(np.array([US])).tolist() == [1.0]


def test_the_rate_is_the_usual_one():
    assert channel(*[0] * 9, step_us=20_000).rate_hz == 50.0
    assert math.isnan(channel(1).rate_hz)
    assert channel(1, 2).t_s.tolist() == [0.0, 1.0]


CONDITIONS = st.lists(st.booleans(), max_size=40)


@given(CONDITIONS)
def test_spans_are_exactly_where_the_condition_holds(flags):
    t = np.arange(len(flags), dtype=np.int64) * US
    held = np.zeros(len(flags), dtype=bool)
    for span in spans(t, np.array(flags, dtype=bool)):
        assert (span.start_us, span.end_us) == (t[span.first], t[span.last])
        held[span.first : span.last + 1] = True
    assert held.tolist() == flags


@given(CONDITIONS, st.integers(0, 5), st.integers(0, 5))
def test_bridged_and_held_spans_are_long_and_far_apart(flags, hold_s, bridge_s):
    t = np.arange(len(flags), dtype=np.int64) * US
    found = spans(t, np.array(flags, dtype=bool), hold_s=hold_s, bridge_s=bridge_s)
    assert all(s.duration_s >= hold_s for s in found)
    assert all(flags[s.first] and flags[s.last] for s in found)
    assert all((b.start_us - a.end_us) / US > bridge_s for a, b in pairwise(found))


def test_a_silence_ends_a_span():
    t = np.array([0, 1, 2, 9, 10]) * US
    found = spans(t, np.ones(5, dtype=bool), max_gap_s=2.0)
    assert [(s.first, s.last) for s in found] == [(0, 2), (3, 4)]


def test_metres_around_a_place():
    """A degree of latitude at 45° is 111.13 km, of longitude 78.85 km (WGS-84)."""
    north, east = to_local(np.array([45.001, 45.0]), np.array([7.0, 7.001]), (45.0, 7.0))
    assert north.tolist() == pytest.approx([111.13, 0.0], abs=0.01)
    assert east.tolist() == pytest.approx([0.0, 78.85], abs=0.01)
    assert distance_m((45.001, 7.0), (45.0, 7.0)) == pytest.approx(111.13, abs=0.01)


def test_east_of_the_date_line_is_near():
    assert distance_m((0.0, 179.999), (0.0, -179.999)) == pytest.approx(222.6, abs=0.2)


ANGLES = st.floats(-1.4, 1.4)


@given(ANGLES, ANGLES, ANGLES)
def test_a_quaternion_gives_back_its_angles(roll, pitch, yaw):
    cr, sr, cp, sp = (f(a / 2) for a in (roll, pitch) for f in (math.cos, math.sin))
    cy, sy = math.cos(yaw / 2), math.sin(yaw / 2)
    w, x = cr * cp * cy + sr * sp * sy, sr * cp * cy - cr * sp * sy
    y, z = cr * sp * cy + sr * cp * sy, cr * cp * sy - sr * sp * cy
    got = quaternion_to_euler(*(np.array([q]) for q in (w, x, y, z)))
    assert [float(a[0]) for a in got] == pytest.approx([roll, pitch, yaw], abs=1e-9)


@given(ANGLES, ANGLES)
def test_tilt_is_the_lean_from_level(roll, pitch):
    level = np.zeros(1)
    between = lean_between(np.array([roll]), np.array([pitch]), level, level)
    assert tilt(np.array([roll]), np.array([pitch])) == pytest.approx(between, abs=1e-6)
    itself = lean_between(*(np.array([a]) for a in (roll, pitch, roll, pitch)))
    assert itself == pytest.approx(0.0, abs=1e-6)


@given(st.floats(-50, 50))
def test_wrapped_angles_are_the_same_direction(angle):
    wrapped = float(wrap_pi(np.array([angle]))[0])
    assert -math.pi <= wrapped <= math.pi
    assert math.cos(wrapped) == pytest.approx(math.cos(angle), abs=1e-9)


def test_no_place_is_no_point_of_a_track():
    lat, lon = channel(0.0, math.nan, 47.0), channel(0.0, 8.0, 8.0)
    track = track_of_places(lat, lon, (47.0, 8.0))
    assert track is not None
    assert track[0].tolist() == [2 * US]
    assert track_of_places(channel(0, 0), channel(0, 0), (47.0, 8.0)) is None


def test_a_track_in_metres_begins_at_its_first_point():
    track = track_of_metres(channel(math.nan, 5, 7), channel(1, 2, 2))
    assert track is not None
    assert [a.tolist() for a in track] == [[US, 2 * US], [0, 2], [0, 0]]
    assert track_of_metres(channel(math.nan), channel(1)) is None
