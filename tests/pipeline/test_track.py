"""Tracks lie evenly, invent nothing over gaps, and stay small whatever the clock says."""

import numpy as np
import pytest

from flyoff.model.channel import Channel
from flyoff.model.recording import LogReference, Recording, Vehicle
from flyoff.pipeline.track import track_of


def _recording(t_us: list[int], lat: list[float], **others: list[float]) -> Recording:
    times = np.array(t_us, dtype=np.int64)
    values = {"position.lat": lat, "position.lon": [8.0] * len(lat)}
    values |= {name.replace("__", "."): column for name, column in others.items()}

    def loader(name: str) -> Channel:
        return Channel(name, times, np.array(values[name]))

    loaders = {name: (lambda name=name: loader(name)) for name in values}
    log = LogReference("x", "", "built", 0)
    return Recording(log, Vehicle(), min(t_us), max(t_us), loaders)


def test_samples_lie_on_multiples_of_the_period() -> None:
    track = track_of(_recording([100_000, 1_100_000, 2_100_000], [47.0, 48.0, 49.0]))
    assert track is not None
    assert track.t_us.tolist() == list(range(200_000, 2_100_001, 200_000))
    assert track.columns["lat"] == pytest.approx(47.0 + (track.t_us - 100_000) / 1e6)


def test_a_gap_is_not_drawn_over() -> None:
    track = track_of(_recording([0, 1_000_000, 61_000_000, 62_000_000], [1.0, 2.0, 3.0, 4.0]))
    assert track is not None
    inside = (track.t_us > 1_000_000) & (track.t_us < 61_000_000)
    assert not inside.any()
    assert track.t_us.size == 12


def test_a_time_stamp_years_away_costs_nothing() -> None:
    recording = _recording([0, 1_000_000, 4 * 10**17], [1.0, 2.0, 3.0])
    track = track_of(recording)
    assert track is not None
    assert track.t_us.size < 20


def test_angles_go_the_shorter_way_round() -> None:
    recording = _recording([0, 1_000_000], [1.0, 2.0], attitude__yaw=[3.1, -3.1])
    track = track_of(recording)
    assert track is not None
    yaw = track.columns["yaw"]
    assert (np.abs(yaw) >= 3.1 - 1e-9).all()
    assert (np.abs(yaw) <= np.pi).all()
    assert (np.diff(np.unwrap(yaw)) > 0).all()


def test_what_was_not_logged_is_nan() -> None:
    track = track_of(_recording([0, 1_000_000], [1.0, 2.0]))
    assert track is not None
    assert np.isnan(track.columns["height"]).all()


def test_no_position_is_no_track() -> None:
    assert track_of(Recording(LogReference("x", "", "b", 0), Vehicle(), 0, 1, {})) is None
