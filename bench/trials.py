"""Speed of the scores of a trial against Stone Soup: SIAP, OSPA and GOSPA of the same scene.

    python bench/trials.py                      a minute of a trial, scored by both
    python bench/trials.py --seconds 3600       the hour of the issue; Stone Soup takes very long
    python bench/trials.py --ours --seconds 3600

Needs `pip install stonesoup` unless --ours. Both run in this process, one after the other, on the
same numbers; what counts is the ratio. A ratio measured on a part of the trial is a lower bound for
the whole one: Stone Soup's SIAP looks through all states of all paths at every time.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # the tests' builder of oracle scenes

from flyoff.trials.gospa import gospa_over_time
from flyoff.trials.ospa import ospa_over_time
from flyoff.trials.scene import Association, Paths, Scene
from flyoff.trials.siap import siap, siap_at_times

CUTOFF, ORDER, SWITCHING = 30.0, 2.0, 10.0


def trial(seconds: float, targets: int, rate_hz: float) -> Scene:
    """Targets on circles, each followed by one track or by two in turn, and two false tracks."""
    rng = np.random.default_rng(2026)
    t = np.arange(int(seconds * rate_hz)) / rate_hz
    centre, radius = rng.uniform(-1500, 1500, (targets, 1, 3)), rng.uniform(50, 300, (targets, 1))
    turning = rng.uniform(0.02, 0.1, (targets, 1))
    angle = turning * t + rng.uniform(0, 2 * np.pi, (targets, 1))
    truth = centre + radius[..., None] * np.stack((np.cos(angle), np.sin(angle), 0 * angle), 2)
    speed = np.stack((-np.sin(angle), np.cos(angle), 0 * angle), 2) * (radius * turning)[..., None]
    names = tuple(f"t{j}" for j in range(targets))
    noise = rng.normal(0, 4, truth.shape)
    position, velocity = truth + noise, speed + rng.normal(0, 0.5, truth.shape)
    # every fourth target is followed by two tracks in turn: the second takes over half-way
    first = np.arange(t.size) < t.size // 2
    whole = np.ones_like(first)
    rows, speeds, said, tracks = [], [], [], []
    for j in range(targets):
        for part, kept in (("a", first), ("b", ~first)) if j % 4 == 0 else (("", whole),):
            rows.append(np.where(kept[:, None], position[j], np.nan))
            speeds.append(np.where(kept[:, None], velocity[j], np.nan))
            tracks.append(f"k{j}{part}")
            said.append(Association(f"t{j}", tracks[-1], *t[kept][[0, -1]].tolist()))
    for n in range(2):
        rows.append(rng.uniform(-1500, 1500, (t.size, 3)))
        speeds.append(np.zeros((t.size, 3)))
        tracks.append(f"false{n}")
    paths = Paths(tuple(tracks), np.array(rows), np.array(speeds))
    return Scene(t, Paths(names, truth, speed), paths, tuple(said))


def ours(scene: Scene) -> dict[str, float]:
    options = {"c": CUTOFF, "p": ORDER}
    siap_at_times(scene)  # theirs computes both in one go
    return {
        "completeness": siap(scene).completeness,
        "mean OSPA": float(ospa_over_time(scene, **options).mean()),
        "mean GOSPA": float(
            gospa_over_time(scene, **options, switching_penalty=SWITCHING).distance.mean()
        ),
    }


def theirs(scene: Scene) -> dict[str, float]:
    from tests.trials import stone_soup

    return stone_soup.scores(scene, c=CUTOFF, p=ORDER, switching_penalty=SWITCHING)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--targets", type=int, default=20)
    parser.add_argument("--rate", type=float, default=5.0, help="reports of each track a second")
    parser.add_argument("--ours", action="store_true", help="without Stone Soup")
    given = parser.parse_args()
    scene = trial(given.seconds, given.targets, given.rate)
    ours(trial(2.0, given.targets, given.rate))  # imports scipy
    start = time.process_time()
    shown = ours(scene)
    took = time.process_time() - start
    size = f"{given.targets} targets, {given.rate:g} Hz, {scene.times_s.size} times"
    print(f"{given.seconds:g} s, {size}")
    print(f"flyoff      {took:10.3f} s  {shown}")
    if given.ours:
        return 0
    start = time.process_time()
    compared = theirs(scene)
    slower = time.process_time() - start
    print(f"Stone Soup  {slower:10.3f} s  {compared}")
    print(f"ratio       {slower / took:10.1f}")
    agree = all(np.isclose(shown[name], compared[name]) for name in shown)
    print("the scores agree" if agree else "the scores DIFFER")
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main())
