"""Random point sets and scenes for the tests of scores."""

import numpy as np
from hypothesis import strategies as st

from flyoff.trials.scene import Association, Paths, Scene

# Coordinates on a grid of an eighth: distances are exact enough to compare, and ties do occur.
coordinates = st.integers(-160, 160).map(lambda k: k / 8.0)
cutoffs = st.sampled_from([1.0, 5.0, 10.0, 25.0])
orders = st.sampled_from([1.0, 1.5, 2.0, 3.0])


def point_sets(most=5, dimensions=2):
    return st.lists(st.tuples(*[coordinates] * dimensions), min_size=0, max_size=most).map(
        lambda rows: np.array(rows, dtype=float).reshape(-1, dimensions)
    )


def random_scene(seed, truths=4, tracks=5, times=12, *, one_to_one=False):
    """Truths that wander, tracks that follow one of them with an error, gaps, and associations."""
    rng = np.random.default_rng(seed)
    t = np.arange(times, dtype=float)
    start = rng.uniform(-40, 40, (truths, 1, 2))
    speed = rng.uniform(-3, 3, (truths, 1, 2))
    truth = start + speed * t[None, :, None]
    truth_velocity = np.broadcast_to(speed, truth.shape).copy()
    of = rng.permutation(tracks) % truths if not one_to_one else np.arange(tracks)
    position = np.full((tracks, times, 2), 1e3)
    velocity = np.zeros((tracks, times, 2))
    said = []
    for k, j in enumerate(of):
        if j >= truths:  # a false track
            position[k] = rng.uniform(-60, 60, (times, 2))
            continue
        position[k] = truth[j] + rng.normal(0, 2, (times, 2))
        velocity[k] = truth_velocity[j] + rng.normal(0, 0.3, (times, 2))
        a, b = sorted(rng.choice(times, 2, replace=False))
        said.append(Association(f"t{j}", f"k{k}", float(t[a]), float(t[b])))
    for held, vel, share in ((truth, truth_velocity, 0.1), (position, velocity, 0.15)):
        gone = rng.random(held.shape[:2]) < share
        gone[:, 0] = gone[:, -1] = False
        held[gone] = np.nan
        vel[gone] = np.nan
    names = [tuple(f"{c}{n}" for n in range(size)) for c, size in (("t", truths), ("k", tracks))]
    return Scene(
        t, Paths(names[0], truth, truth_velocity), Paths(names[1], position, velocity), tuple(said)
    )
