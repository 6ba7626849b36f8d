"""CLEAR-MOT: one figure for misses, false tracks and mix-ups (MOTA), one for precision (MOTP).

References
----------
Bernardin and Stiefelhagen (2008), EURASIP J. Image Video Process. 246309.

Traps: MOTA is unbounded below (enough false tracks make any negative figure); it needs one-to-one
matches, so several tracks on one truth are refused rather than resolved silently.
"""

from dataclasses import dataclass

import numpy as np

from flyoff.errors import TrialError
from flyoff.trials.scene import Pairs, Scene, pairs
from flyoff.units import IntArray


@dataclass(frozen=True, slots=True)
class ClearMot:
    """CLEAR-MOT scores with their counts.

    Attributes
    ----------
    mota : float
        1 − (misses + false positives + mismatches) / truth states; at most 1.
    motp : float [m]
        Mean distance of the matches; NaN without any.
    misses, false_positives, mismatches, matches, truth_states : int
    """

    mota: float
    motp: float
    misses: int
    false_positives: int
    mismatches: int
    matches: int
    truth_states: int


def clear_mot(scene: Scene, *, across_gaps: bool = True) -> ClearMot:
    """Score a scene by its associations.

    Parameters
    ----------
    scene : Scene
        At each time a truth has at most one track and a track at most one truth.
    across_gaps : bool
        Whether a truth that was lost and is found again by another track is a mismatch. Without it
        only a change from one time to the next is, so that a tracker gains by losing the target.
    """
    found = pairs(scene)
    followed = _followed(scene, found)
    matched = followed >= 0
    truth_states = int(scene.truths.present.sum())
    misses = truth_states - int(matched.sum())
    false = int(scene.tracks.present.sum()) - int(matched.sum())
    mismatches = sum(_changes(row, across_gaps) for row in followed)
    errors = sum(
        float(
            np.sqrt(((scene.truths.position[j] - scene.tracks.position[k]) ** 2).sum(1))[on].sum()
        )
        for j, k, on in zip(found.truth, found.track, found.active, strict=True)
    )
    matches, nothing = int(matched.sum()), float("nan")
    mota = 1.0 - (misses + false + mismatches) / truth_states if truth_states else nothing
    motp = errors / matches if matches else nothing
    return ClearMot(mota, motp, misses, false, mismatches, matches, truth_states)


def _followed(scene: Scene, found: Pairs) -> IntArray:
    """Track of each truth at each time, -1 where none; refuses more than one either way."""
    followed = np.full((len(scene.truths.names), scene.times_s.size), -1, dtype=np.int64)
    taken = np.zeros((len(scene.tracks.names), scene.times_s.size), dtype=np.bool_)
    for j, k, active in zip(found.truth, found.track, found.active, strict=True):
        twice = active & ((followed[j] >= 0) | taken[k])
        if twice.any():
            raise TrialError(
                f"truth {scene.truths.names[j]!r} and track {scene.tracks.names[k]!r} are not "
                f"one to one at {scene.times_s[twice.argmax()]:g} s: associate them again"
            )
        followed[j][active] = k
        taken[k] |= active
    return followed


def _changes(followed: IntArray, across_gaps: bool) -> int:
    if across_gaps:
        held = followed[followed >= 0]
        return int((held[1:] != held[:-1]).sum())
    before, after = followed[:-1], followed[1:]
    return int(((before >= 0) & (after >= 0) & (before != after)).sum())
