"""OSPA and GOSPA: axioms of a metric, every assignment tried by hand, and the known traps."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flyoff.errors import TrialError
from flyoff.trials.gospa import gospa, gospa_over_time, switching_losses
from flyoff.trials.ospa import ospa, ospa_over_time
from flyoff.trials.scene import Paths, Scene
from tests.trials.scenes import cutoffs, orders, point_sets, random_scene

any_order = st.one_of(orders, st.just(math.inf))


def _distances(a, b):
    return np.linalg.norm(a[:, None] - b[None], axis=2) if len(a) and len(b) else np.zeros((0, 0))


def _injections(a, b):
    """Every assignment of the smaller set into the larger, as sums over pairs of cut distances."""
    few, many = sorted((a, b), key=len)
    apart = _distances(few, many)
    for chosen in itertools.permutations(range(len(many)), len(few)):
        yield [apart[i, j] for i, j in enumerate(chosen)], len(many) - len(few)


def _ospa_by_hand(a, b, c, p):
    most = max(len(a), len(b))
    if most == 0:
        return 0.0
    if math.isinf(p):
        if len(a) != len(b):
            return c
        return min(max(min(d, c) for d in pairs) for pairs, _ in _injections(a, b))
    costs = (
        sum(min(d, c) ** p for d in pairs) + surplus * c**p for pairs, surplus in _injections(a, b)
    )
    return (min(costs) / most) ** (1 / p)


def _gospa_by_hand(a, b, c, p, alpha):
    costs = (
        sum(min(d, c) ** p for d in pairs) + surplus * c**p / alpha
        for pairs, surplus in _injections(a, b)
    )
    return min(costs) ** (1 / p)


@given(point_sets(), point_sets(), cutoffs, any_order)
def test_ospa_is_the_best_of_all_assignments(truths, tracks, c, p):
    by_hand = _ospa_by_hand(truths, tracks, c, p)
    assert ospa(truths, tracks, c=c, p=p).distance == pytest.approx(by_hand, rel=1e-9, abs=1e-9)


@given(point_sets(), point_sets(), cutoffs, orders, st.sampled_from([0.5, 1.0, 1.7, 2.0]))
def test_gospa_is_the_best_of_all_assignments(truths, tracks, c, p, alpha):
    shown = gospa(truths, tracks, c=c, p=p, alpha=alpha)
    by_hand = _gospa_by_hand(truths, tracks, c, p, alpha)
    assert shown.distance == pytest.approx(by_hand, rel=1e-9, abs=1e-9)


def _ospa(a, b, c, p):
    return ospa(a, b, c=c, p=p).distance


def _gospa(a, b, c, p):
    return gospa(a, b, c=c, p=2.0 if math.isinf(p) else p).distance


@pytest.mark.parametrize("score", [_ospa, _gospa])
@given(point_sets(4), point_sets(4), point_sets(4), cutoffs, any_order)
def test_axioms_of_a_metric(score, a, b, between, c, p):
    assert score(a, a[::-1], c, p) == 0.0
    assert score(a, b, c, p) == pytest.approx(score(b, a, c, p), rel=1e-9)
    by_way = score(a, between, c, p) + score(between, b, c, p)
    assert score(a, b, c, p) <= by_way * (1 + 1e-9) + 1e-9
    if sorted(map(tuple, a)) != sorted(map(tuple, b)):
        assert score(a, b, c, p) > 0.0


@given(point_sets(), point_sets(), cutoffs, any_order, st.randoms(use_true_random=False))
def test_order_of_points_does_not_matter(a, b, c, p, random):
    shuffled = a[random.sample(range(len(a)), len(a))]
    assert _ospa(shuffled, b, c, p) == pytest.approx(_ospa(a, b, c, p), rel=1e-12)
    assert _gospa(shuffled, b, c, p) == pytest.approx(_gospa(a, b, c, p), rel=1e-12)


@given(point_sets(), point_sets(), cutoffs, orders, st.sampled_from([1.0, 2.0]))
def test_parts_make_the_whole(truths, tracks, c, p, alpha):
    shown = gospa(truths, tracks, c=c, p=p, alpha=alpha)
    parts = (shown.localisation, shown.missed, shown.false)
    assert shown.distance**p == pytest.approx(sum(parts), rel=1e-9, abs=1e-9)
    assert all(math.copysign(1.0, part) == 1.0 for part in parts)  # no negative zero either
    assert shown.missed_truths - shown.false_tracks == len(truths) - len(tracks)
    mean = ospa(truths, tracks, c=c, p=p)
    assert mean.distance**p == pytest.approx(
        mean.localisation**p + mean.cardinality**p, rel=1e-9, abs=1e-9
    )
    assert mean.distance <= c * (1 + 1e-12)


def test_parts_of_gospa_are_in_metres_to_the_p():
    shown = gospa([[0.0, 0.0]], [[3.0, 4.0]], c=10.0, p=2)
    assert (shown.distance, shown.localisation) == pytest.approx((5.0, 25.0))


@pytest.mark.parametrize("apart", [10.0, 10.5, 1e6])
def test_a_pair_at_the_cutoff_is_missed_and_false(apart):
    shown = gospa([0.0], [apart], c=10.0, p=1)
    assert (shown.localisation, shown.missed, shown.false) == (0.0, 5.0, 5.0)
    assert (shown.missed_truths, shown.false_tracks) == (1, 1)
    nearer = gospa([0.0], [9.999], c=10.0, p=1)
    assert (nearer.missed_truths, nearer.false_tracks) == (0, 0)


def test_a_quiet_scene_with_one_false_track_scores_the_whole_cutoff():
    assert ospa([], [[0.0, 0.0]], c=10.0, p=2).distance == 10.0
    assert gospa([], [[0.0, 0.0]], c=10.0, p=2).distance == pytest.approx(math.sqrt(50.0))


@pytest.mark.parametrize("p", [1, 2, math.inf])
def test_nothing_against_nothing(p):
    assert ospa([], [], c=10.0, p=p).distance == 0.0
    if not math.isinf(p):
        shown = gospa([], [], c=10.0, p=p)
        assert (shown.distance, shown.missed, shown.false) == (0.0, 0.0, 0.0)


def test_the_smallest_sum_is_not_the_smallest_power():
    """Distances 0 and 5.59 in one assignment, 3 and 4.03 in the other: the order p decides."""
    truths, tracks = [[0.0, 0.0], [3.0, 0.0]], [[0.0, 0.0], [-1.0, 3.9]]
    far, near = math.hypot(4.0, 3.9), math.hypot(1.0, 3.9)
    assert ospa(truths, tracks, c=100.0, p=1).distance == pytest.approx(far / 2)
    squares = math.sqrt((near**2 + 3.0**2) / 2)
    assert ospa(truths, tracks, c=100.0, p=2).distance == pytest.approx(squares)
    assert ospa(truths, tracks, c=100.0, p=math.inf).distance == pytest.approx(near)


def test_missing_states_are_not_there():
    gap = [math.nan, 0.0]
    assert ospa([[0.0, 0.0], gap], [[1.0, 0.0]], c=10.0, p=1).distance == 1.0
    shown = gospa([gap], [[1.0, 0.0], gap], c=10.0, p=1)
    assert (shown.missed_truths, shown.false_tracks) == (0, 1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"c": 0.0}, "cut-off"),
        ({"c": math.nan}, "cut-off"),
        ({"p": 0.5}, "order"),
        ({"p": math.nan}, "order"),
        ({"truths": [[0.0, 1.0, 2.0]]}, "3 coordinates but tracks 2"),
        ({"truths": [[math.inf, 1.0]]}, "infinite"),
        ({"truths": [[0.0], [1.0, 2.0]]}, "truths are no rows"),
        ({"truths": ["north"]}, "truths are no rows"),
    ],
)
def test_impossible_input_is_refused(change, message):
    given_ = {"truths": [[0.0, 0.0]], "tracks": [[1.0, 1.0]], "c": 10.0, "p": 2.0, **change}
    truths, tracks = given_.pop("truths"), given_.pop("tracks")
    for score in (ospa, gospa):
        with pytest.raises(TrialError, match=message):
            score(truths, tracks, **given_)


@pytest.mark.parametrize("alpha", [0.0, 2.5, math.nan])
def test_alpha_outside_its_range_is_refused(alpha):
    with pytest.raises(TrialError, match="alpha"):
        gospa([0.0], [0.0], c=1.0, p=1, alpha=alpha)
    with pytest.raises(TrialError, match="order"):
        gospa([0.0], [0.0], c=1.0, p=math.inf)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("p", [1.0, 2.0, math.inf])
def test_over_time_is_each_time(seed, p):
    scene = random_scene(seed)
    over = ospa_over_time(scene, c=8.0, p=p)
    for t in range(scene.times_s.size):
        truths, tracks = scene.truths.position[:, t], scene.tracks.position[:, t]
        assert over[t] == pytest.approx(ospa(truths, tracks, c=8.0, p=p).distance, rel=1e-12)
        if math.isinf(p):
            continue
        series, one = gospa_over_time(scene, c=8.0, p=p), gospa(truths, tracks, c=8.0, p=p)
        shown = [getattr(series, name)[t] for name in ("distance", "localisation", "missed")]
        assert shown == pytest.approx([one.distance, one.localisation, one.missed])


def test_a_scene_longer_than_one_block(monkeypatch):
    scene = random_scene(3, times=40)
    whole = ospa_over_time(scene, c=8.0, p=2.0), gospa_over_time(scene, c=8.0, p=2.0)
    monkeypatch.setattr("flyoff.trials.scene._BLOCK_CELLS", 60)
    assert (ospa_over_time(scene, c=8.0, p=2.0) == whole[0]).all()
    assert (gospa_over_time(scene, c=8.0, p=2.0).distance == whole[1].distance).all()


def _line(rows):
    positions = np.array(rows, dtype=float)[:, :, None]
    return Paths(tuple(str(n) for n in range(len(rows))), positions)


@pytest.mark.parametrize("p", [1.0, 2.0, 3.0])
def test_switching_is_joined_with_alpha_not_with_p(p):
    truths = _line([[1, 1, 1], [2, 2, 2], [3, 3, 3]])
    tracks = _line([[1, 2, 2], [2, 1, 1], [3, 100, 3]])
    scene = Scene(np.arange(3.0), truths, tracks)
    shown = gospa_over_time(scene, c=2.0, p=p, switching_penalty=3.0)
    loss = 3.0 * 2.5 ** (1 / p)  # two swapped, one lost
    assert shown.switching.tolist() == pytest.approx([0.0, loss, 3.0 * 0.5 ** (1 / p)])
    apart = (2.0**p) ** (1 / p)  # one missed and one false, half of c^p each
    assert shown.distance[1] == pytest.approx(math.hypot(apart, loss))
    assert shown.missed[1] == pytest.approx(2.0**p / 2)
    if p != 2.0:
        assert shown.distance[1] != pytest.approx((apart**p + loss**p) ** (1 / p), rel=1e-3)


@pytest.mark.parametrize(
    ("steps", "losses"),
    [
        ([{0: 0, 1: 1}, {0: None, 1: None}, {0: 3, 1: None}], [0, 1.0, 0.5]),
        ([{0: None}, {0: 0}], [0, 0]),  # the first track of a truth is no switch
        ([{0: 0}, {0: 0, 1: 1}, {0: 0, 1: 1, 2: 3}], [0, 0, 0]),
        ([{0: 0, 1: 1}, {0: 0}, {0: 0, 1: 1}, {0: 0, 1: 2}], [0, 0, 0, 1]),  # a truth not seen
        ([{"a": "x", "b": "y"}, {"a": "y", "b": "x"}], [0, 2]),
        ([{}, {}], [0, 0]),
    ],
)
def test_switches_are_counted(steps, losses):
    assert switching_losses(steps, penalty=1.0, p=1).tolist() == losses
    assert switching_losses(steps, penalty=2.0, p=2).tolist() == pytest.approx(
        [2.0 * math.sqrt(loss) for loss in losses]
    )


def test_a_truth_that_loses_all_tracks_has_switched():
    """A time without any track is a loss for those that had one."""
    scene = Scene(np.arange(3.0), _line([[1, 1, 1]]), _line([[1, math.nan, 1]]))
    shown = gospa_over_time(scene, c=2.0, p=1, switching_penalty=1.0)
    assert shown.switching.tolist() == [0.0, 0.5, 0.5]


def test_negative_penalty_is_refused():
    with pytest.raises(TrialError, match="penalty"):
        switching_losses([{0: 0}], penalty=-1.0, p=1)
