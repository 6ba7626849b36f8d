"""SIAP and CLEAR-MOT: counts by hand, coverings tried exhaustively, and the known traps."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flyoff.errors import TrialError
from flyoff.trials.clear_mot import clear_mot
from flyoff.trials.scene import Association, Paths, Scene, States, merged, paths
from flyoff.trials.siap import custody, id_measures, siap, siap_at_times, siap_counts
from tests.trials.scenes import random_scene


def _scene(truths, tracks, associations, times=None):
    """Scene of points on a line, None where there is no state."""

    def held(rows):
        values = [[math.nan if v is None else v for v in row] for row in rows.values()]
        n = len(next(iter(rows.values()))) if rows else len(times)
        return Paths(tuple(rows), np.array(values, dtype=float).reshape(len(rows), n, 1))

    times = times or list(range(len(next(iter((truths or tracks).values())))))
    said = tuple(Association(*one) for one in associations)
    return Scene(np.array(times, dtype=float), held(truths), held(tracks), said)


def _by_hand(scene):
    """Counts at each time, by plain loops."""
    for t, time in enumerate(scene.times_s):
        there = [
            {n for n, row in zip(p.names, p.position, strict=True) if not np.isnan(row[t]).any()}
            for p in (scene.truths, scene.tracks)
        ]
        both = {
            (a.truth, a.track)
            for a in scene.associations
            if a.start_s <= time <= a.end_s and a.truth in there[0] and a.track in there[1]
        }
        error = sum(
            float(
                np.linalg.norm(
                    scene.truths.position[scene.truths.names.index(j), t]
                    - scene.tracks.position[scene.tracks.names.index(k), t]
                )
            )
            for j, k in both
        )
        yield (
            len(there[0]),
            len({j for j, _ in both}),
            len(there[1]),
            len({k for _, k in both}),
            error,
        )


@pytest.mark.parametrize("seed", range(12))
def test_counts_are_those_of_plain_loops(seed):
    scene = random_scene(seed)
    counts = siap_counts(scene)
    for t, expected in enumerate(_by_hand(scene)):
        shown = (
            counts.truths[t],
            counts.tracked_truths[t],
            counts.tracks[t],
            counts.associated_tracks[t],
            counts.position_error[t],
        )
        assert shown == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(12))
def test_the_whole_is_sums_divided_once(seed):
    scene = random_scene(seed)
    whole, counts, at = siap(scene), siap_counts(scene), siap_at_times(scene)
    assert whole.completeness == counts.tracked_truths.sum() / counts.truths.sum()
    spurious = counts.tracks.sum() - counts.associated_tracks.sum()
    assert whole.spuriousness == spurious / counts.tracks.sum()
    weighted = np.nansum(at.position_accuracy * counts.associated_tracks)
    assert whole.position_accuracy == pytest.approx(weighted / counts.associated_tracks.sum())
    assert 0.0 <= whole.completeness <= 1.0
    assert whole.longest_track_segment <= 1.0


def test_a_share_of_nothing_is_not_a_perfect_score():
    scene = _scene({"t": [0, 0]}, {}, [])
    shown = siap(scene)
    assert shown.completeness == 0.0
    undefined = (shown.ambiguity, shown.spuriousness, shown.position_accuracy)
    assert all(math.isnan(value) for value in undefined)
    assert math.isnan(shown.rate_of_track_number_change)


def test_without_truths_every_track_is_spurious():
    shown = siap(_scene({}, {"k": [0, 0]}, []))
    assert shown.spuriousness == 1.0
    assert math.isnan(shown.completeness)


def test_an_empty_scene_has_no_scores():
    shown = siap(_scene({}, {}, [], times=[0, 1]))
    assert math.isnan(shown.completeness)
    assert math.isnan(shown.longest_track_segment)


def test_ambiguity_hides_misses():
    """Over tracked truths only: one of four tracked by one track looks as clear as all four."""
    one = _scene({f"t{n}": [n] for n in range(4)}, {"k": [0]}, [("t0", "k", 0, 0)])
    assert (siap(one).ambiguity, siap(one).completeness) == (1.0, 0.25)


def test_a_pair_associated_twice_counts_once():
    scene = _scene({"t": [0, 0, 0]}, {"k": [1, 1, 1]}, [("t", "k", 0, 1), ("t", "k", 1, 2)])
    assert siap_counts(scene).position_error.tolist() == [1.0, 1.0, 1.0]
    assert custody(scene).tracks_needed.tolist() == [1]


def test_an_association_holds_only_where_both_are_there():
    scene = _scene({"t": [0, None, 0]}, {"k": [1, 1, None]}, [("t", "k", 0, 2)])
    assert siap_counts(scene).tracked_truths.tolist() == [1, 0, 0]


def test_a_track_that_returns_is_needed_twice_and_its_time_added():
    scene = _scene({"t": [0] * 6}, {"k": [0] * 6}, [("t", "k", 0, 1), ("t", "k", 4, 5)])
    kept = custody(scene)
    assert (kept.tracks_needed[0], kept.tracked_s[0], kept.longest_s[0]) == (2, 2.0, 2.0)
    assert kept.rate_of_track_number_change == 0.5
    assert kept.longest_track_segment == pytest.approx(2 / 5)


def test_only_the_life_of_a_truth_can_be_tracked():
    scene = _scene({"t": [None, 0, 0, None]}, {"k": [0] * 4}, [("t", "k", 0, 3)])
    assert (custody(scene).tracked_s[0], custody(scene).longest_s[0]) == (1.0, 1.0)


spans = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 4)).map(lambda s: (s[0], min(s[0] + s[1], 9))),
    min_size=1,
    max_size=6,
)


@given(spans)
def test_no_fewer_tracks_cover_a_truth(given_):
    tracks = {f"k{n}": [0] * 10 for n in range(len(given_))}
    said = [("t", f"k{n}", a, b) for n, (a, b) in enumerate(given_)]
    covered = [set(range(a, b + 1)) for a, b in given_]
    every = set().union(*covered)
    least = next(
        size
        for size in range(1, len(covered) + 1)
        if any(set().union(*some) == every for some in itertools.combinations(covered, size))
    )
    assert custody(_scene({"t": [0] * 10}, tracks, said)).tracks_needed.tolist() == [least]


@given(spans)
def test_merged_spans_are_disjoint_and_cover_the_same(given_):
    joined = merged([(float(a), float(b)) for a, b in given_])
    assert (joined[1:, 0] > joined[:-1, 1]).all()
    for t in np.arange(0, 10, 0.5):
        inside = any(a <= t <= b for a, b in given_)
        assert inside == bool(((joined[:, 0] <= t) & (t <= joined[:, 1])).any())


def test_the_last_of_two_states_at_one_time_counts():
    twice = States(np.array([1.0, 0.0, 1.0]), np.array([[7.0], [5.0], [6.0]]))
    assert paths({"k": twice}, np.array([0.0, 1.0])).position[0].tolist() == [[5.0], [6.0]]
    late = States(np.array([0.5]), np.array([[0.0]]))
    with pytest.raises(TrialError, match="a time that the scene does not have"):
        paths({"k": late}, np.array([0.0, 1.0]))
    with pytest.raises(TrialError, match="a time that the scene does not have"):
        paths({"k": States(np.array([2.0]), np.array([[0.0]]))}, np.array([0.0, 1.0]))


def test_identities():
    said = [("a", "k0", 0, 3), ("a", "k1", 0, 3)]
    scene = _scene({"a": [0] * 4}, {"k0": [0] * 4, "k1": [0] * 4}, said)
    declared = {"k0": ["red", "red", "blue", None], "k1": ["red", "blue", "blue", None]}
    shown = id_measures(scene, {"a": "red"}, declared)
    assert shown.correctness_at.tolist() == [1, 0, 0, 0]
    assert shown.ambiguity_at.tolist() == [0, 1, 0, 0]
    assert shown.completeness_at.tolist() == [1, 1, 1, 0]
    assert (shown.completeness, shown.correctness, shown.ambiguity) == (0.75, 0.25, 0.25)


def test_an_unknown_truth_is_never_correct():
    scene = _scene({"a": [0]}, {"k": [0]}, [("a", "k", 0, 0)])
    assert id_measures(scene, {"a": None}, {"k": [None]}).correctness == 0.0
    assert id_measures(scene, {}, {}).completeness == 0.0
    with pytest.raises(TrialError, match="2 identities at 1 times"):
        id_measures(scene, {"a": "red"}, {"k": ["red", "red"]})


@pytest.mark.parametrize(
    ("associations", "message"),
    [
        ([("nobody", "k", 0, 1)], "no such pair"),
        ([("t", "k", 1, 0)], "before it begins"),
        ([("t", "k", math.nan, 1)], "before it begins"),
    ],
)
def test_impossible_associations_are_refused(associations, message):
    with pytest.raises(TrialError, match=message):
        _scene({"t": [0, 0]}, {"k": [0, 0]}, associations)


def test_impossible_scenes_are_refused():
    with pytest.raises(TrialError, match="increase strictly"):
        _scene({"t": [0, 0]}, {"k": [0, 0]}, [], times=[1, 1])
    with pytest.raises(TrialError, match="twice"):
        Paths(("t", "t"), np.zeros((2, 1, 1)))
    with pytest.raises(TrialError, match="the scene 3"):
        _scene({"t": [0, 0]}, {"k": [0, 0]}, [], times=[0, 1, 2])


def test_mota_counts_misses_false_tracks_and_mixups():
    truths = {"t0": [0] * 4, "t1": [50] * 4}
    tracks = {"a": [0.1, 0.1, None, None], "b": [None, None, 0.1, 0.1], "c": [99] * 4}
    scene = _scene(truths, tracks, [("t0", "a", 0, 1), ("t0", "b", 2, 3)])
    shown = clear_mot(scene)
    assert (shown.misses, shown.false_positives, shown.mismatches) == (4, 4, 1)
    assert shown.mota == pytest.approx(-0.125)
    assert shown.motp == pytest.approx(0.1)


def test_mota_has_no_floor():
    tracks = {f"k{n}": [n] for n in range(30)}
    assert clear_mot(_scene({"t": [0]}, tracks, [])).mota == -30.0


def test_several_tracks_on_one_truth_are_refused():
    both = {"a": [0, 0], "b": [0, 0]}
    with pytest.raises(TrialError, match="not one to one at 1 s"):
        clear_mot(_scene({"t": [0, 0]}, both, [("t", "a", 0, 1), ("t", "b", 1, 1)]))
    with pytest.raises(TrialError, match="not one to one at 0 s"):
        clear_mot(_scene(both, {"t": [0, 0]}, [("a", "t", 0, 1), ("b", "t", 0, 1)]))


def test_losing_a_target_does_not_hide_that_another_track_found_it():
    tracks = {"a": [0, None, None], "b": [None, None, 0]}
    scene = _scene({"t": [0, 0, 0]}, tracks, [("t", "a", 0, 0), ("t", "b", 2, 2)])
    assert clear_mot(scene).mismatches == 1
    assert clear_mot(scene, across_gaps=False).mismatches == 0


def test_without_truth_or_match_there_is_no_score():
    shown = clear_mot(_scene({}, {"k": [0]}, []))
    assert math.isnan(shown.mota)
    assert math.isnan(shown.motp)
