"""Moved places: distances, heights and turns stay; adding degrees does not do that."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flyoff.errors import ExchangeError
from flyoff.exchange.relocate import Relocation, distortion, path_length
from flyoff.model.frames import from_enu, to_enu

lats = st.floats(-80, 80)
lons = st.floats(-179, 179)
heights = st.floats(-100, 4000)
turns = st.floats(-math.pi, math.pi)
places = st.tuples(lats, lons, heights)


def _flight(origin, seed=0, reach=3000.0):
    """A wandering flight around a place, as latitude, longitude, height."""
    rng = np.random.default_rng(seed)
    east, north = rng.uniform(-reach, reach, (2, 60))
    return from_enu(east, north, rng.uniform(0, 300, 60), origin)


@given(places, places, turns)
def test_distances_between_all_points_stay(origin, target, turn):
    move = Relocation(origin, target, turn)
    flight = _flight(origin)
    before = np.column_stack(to_enu(*flight, origin))
    after = np.column_stack(to_enu(*move.move(*flight), target))
    apart = [np.linalg.norm(p[:, None] - p[None], axis=2) for p in (before, after)]
    assert apart[1] == pytest.approx(apart[0], abs=1e-4)


@given(places, places, turns)
def test_lengths_on_the_ellipsoid_and_heights_stay(origin, target, turn):
    """By another formula than the move's own: Vincenty's along the ground, heights above it."""
    flight = _flight(origin)
    moved = Relocation(origin, target, turn).move(*flight)
    shown = distortion(*(list(zip(*held[:2], strict=True)) for held in (flight, moved)))
    assert shown.ratio == pytest.approx(1.0, abs=1e-3)  # the promise of redaction: 0.1 %
    rise = [held[2] - held[2][0] for held in (flight, moved)]
    assert rise[1] == pytest.approx(rise[0], abs=0.1)  # the earth's curve differs by centimetres


@given(places, places, turns)
def test_the_inverse_brings_back(origin, target, turn):
    move = Relocation(origin, target, turn)
    flight = _flight(origin)
    back = move.inverse().move(*move.move(*flight))
    for found, given_, within in zip(back, flight, (1e-8, 1e-7, 1e-3), strict=True):
        assert found == pytest.approx(given_, abs=within)


def test_a_quarter_turn_sends_north_to_west():
    east, north = Relocation((0, 0, 0), (0, 0, 0), math.pi / 2).turned(np.zeros(1), np.ones(1))
    assert (east[0], north[0]) == pytest.approx((-1.0, 0.0), abs=1e-12)


def test_a_gap_stays_a_gap():
    gap = np.array([math.nan])
    moved = Relocation((50.0, 8.0, 100.0), (0.0, 0.0, 0.0)).move(gap, gap, gap)
    assert all(np.isnan(values).all() for values in moved)


@given(st.floats(20, 75))
def test_adding_degrees_stretches_by_the_cosine(lat):
    shown = distortion([(lat, 10.0), (lat, 10.01)], [(0.0, 0.0), (0.0, 0.01)])
    assert shown.ratio == pytest.approx(1 / math.cos(math.radians(lat)), rel=4e-3)
    faithful = Relocation((lat, 10.0, 0.0), (0.0, 0.0, 0.0)).move(
        np.array([lat, lat]), np.array([10.0, 10.01]), np.zeros(2)
    )
    moved = list(zip(*faithful[:2], strict=True))
    assert distortion([(lat, 10.0), (lat, 10.01)], moved).ratio == pytest.approx(1.0, abs=1e-6)


def test_paths_without_length():
    assert path_length([]) == path_length([(1.0, 1.0)]) == 0.0
    assert math.isnan(distortion([(1, 1), (1, 1)], [(2, 2), (2, 2)]).ratio)


def test_what_is_no_place_is_refused():
    for bad in ((91.0, 0.0, 0.0), (0.0, 181.0, 0.0), (0.0, 0.0, math.nan), (math.nan, 0.0, 0.0)):
        with pytest.raises(ExchangeError, match="no place on earth"):
            Relocation((0.0, 0.0, 0.0), bad)
    with pytest.raises(ExchangeError, match="finite angle"):
        Relocation((0.0, 0.0, 0.0), (0.0, 0.0, 0.0), math.inf)
    with pytest.raises(ExchangeError, match="2 places became one of 1"):
        distortion([(0, 0), (0, 1)], [(0, 0)])
    with pytest.raises(ExchangeError, match="in degrees"):
        path_length([(91, 0), (0, 0)])
