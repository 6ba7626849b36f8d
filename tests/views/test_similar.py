"""Likeness of stretches: the fast distances are the plain ones, and the same movement is found."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flyoff.errors import FlyoffError
from flyoff.lake.entry import LogEntry
from flyoff.model.sortie import Outcome
from flyoff.views.similar import LEAST_SAMPLES, distances, similar
from tests.cli.call import flyoff
from tests.views import build


def plain(query: np.ndarray, series: np.ndarray, floors: np.ndarray) -> np.ndarray:
    """The definition, stretch by stretch."""
    m = query.shape[0]
    out = []
    for start in range(series.shape[0] - m + 1):
        part = series[start : start + m]
        if not np.isfinite(part).all():
            out.append(np.inf)
            continue
        a = (query - query.mean(axis=0)) / np.maximum(query.std(axis=0), floors)
        b = (part - part.mean(axis=0)) / np.maximum(part.std(axis=0), floors)
        out.append(float(np.sqrt(((a - b) ** 2).mean())))
    return np.array(out)


@given(
    st.integers(0, 2**32 - 1),
    st.integers(2, 30),
    st.integers(0, 80),
    st.integers(1, 4),
    st.sampled_from([0.0, 5e4]),
)
def test_the_fast_distances_are_the_plain_ones(seed, m, more, channels, level) -> None:
    rng = np.random.default_rng(seed)
    query = rng.normal(size=(m, channels)).cumsum(axis=0) + level
    series = rng.normal(size=(m + more, channels)).cumsum(axis=0) + level
    series[rng.random(m + more) < 0.03] = np.nan
    floors = rng.uniform(0.05, 1.0, channels)
    fast, slow = distances(query, series, floors), plain(query, series, floors)
    assert fast.shape == slow.shape
    assert (np.isinf(fast) == np.isinf(slow)).all()
    good = np.isfinite(slow)
    # squared: the root makes much of the last digits of what is 0
    assert fast[good] ** 2 == pytest.approx(slow[good] ** 2, rel=1e-6, abs=1e-7)


def test_a_series_shorter_than_the_query_has_no_stretch() -> None:
    assert distances(np.zeros((5, 1)), np.zeros((4, 1)), np.ones(1)).size == 0


#: When the vehicle of each log drops and rolls [s on its own clock]; None: it never does.
DROPS = (40.0, 63.0, None, None)


def flown(number: int, drop_s: float | None) -> LogEntry:
    made = build.entry(number, Outcome.CRASHED if drop_s else Outcome.COMPLETED, 70.0)
    (recording,) = made.recordings
    t_us = np.arange(13_000_000, 98_000_000, 200_000, dtype=np.int64)
    t = t_us / 1e6
    rng = np.random.default_rng(number)
    since = np.clip(t - (drop_s if drop_s is not None else 1e9), 0.0, 3.0)
    track = {
        "lat": np.full(t.size, 47.0),
        "lon": np.full(t.size, 8.0),
        "alt_msl": np.full(t.size, np.nan),
        "height": 60.0 + number * 20 - 4.9 * since**2,
        "velocity_north": 2.0 * np.sin(t / (3.0 + number)),
        "velocity_east": 0.1 * rng.normal(size=t.size),
        "velocity_down": 9.8 * since * (since < 3.0) + 0.1 * rng.normal(size=t.size),
        "roll": np.minimum(since, 1.5) + 0.02 * rng.normal(size=t.size),
        "pitch": 0.1 * np.sin(t / (2.0 + number)),
        "yaw": np.zeros(t.size),
    }
    sortie = replace(recording.sorties[0], end_s=97.0)
    entry = replace(recording, sorties=(sortie,), track_us=t_us, track=track)
    return replace(made, recordings=(entry,))


@pytest.fixture
def store(tmp_path: Path) -> str:
    return build.store(tmp_path, [flown(k, drop) for k, drop in enumerate(DROPS)])


def test_the_same_movement_is_found_where_it_was(store: str) -> None:
    first = build.entry(0, Outcome.CRASHED, 1.0).recordings[0].sorties[0].id
    second = build.entry(1, Outcome.CRASHED, 1.0).recordings[0].sorties[0].id
    made = similar(store, first, (38.0, 46.0))
    assert made.compared == 3
    assert made.nearest[0].sortie_id == second
    assert made.nearest[0].start_s == pytest.approx(61.0, abs=0.5)
    assert made.nearest[0].distance < 0.8 * made.nearest[1].distance
    assert [s.distance for s in made.nearest] == sorted(s.distance for s in made.nearest)
    assert first not in [s.sortie_id for s in made.nearest]


def test_without_a_span_the_onset_of_the_cause_is_taken(store: str) -> None:
    first = build.entry(0, Outcome.CRASHED, 1.0).recordings[0].sorties[0].id
    made = similar(store, first[:10])
    assert (made.start_s, made.end_s) == (50.0, 65.0)  # the built cause begins at 55 s


def test_what_cannot_be_asked_is_said(store: str) -> None:
    first = build.entry(0, Outcome.CRASHED, 1.0).recordings[0].sorties[0].id
    for name, span, words in (
        ("nobody", None, "no sortie"),
        ("", None, "4 sorties begin"),
        (first, (40.0, 40.0 + 0.2 * (LEAST_SAMPLES - 2)), "samples without a gap"),
        (first, (200.0, 210.0), "samples without a gap"),
    ):
        with pytest.raises(FlyoffError, match=words):
            similar(store, name, span)


def test_the_command_prints_and_speaks_to_machines(store: str) -> None:
    first = build.entry(0, Outcome.CRASHED, 1.0).recordings[0].sorties[0].id
    words = ("similar", "--store", store, first, "--span", 38, 46)
    told = flyoff(*words)
    assert told.code == 0
    assert "distance" in told.out
    assert len(flyoff(*words, "--json").lines[0]["nearest"]) == 3
    assert flyoff("similar", "--store", store, "nobody").code == 1
