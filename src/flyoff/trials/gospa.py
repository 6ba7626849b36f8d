"""GOSPA: the summed error of a set of tracks, split into localisation, missed and false.

References
----------
Rahmathullah, García-Fernández and Svensson (2017), 20th Int. Conf. on Information Fusion.

Traps: the parts are in metres to the power p, the distance in metres; a pair at exactly the
cut-off counts as one missed and one false; only for alpha = 2 are the parts unambiguous; the
switching loss is joined with the exponent alpha, not p.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from flyoff.errors import TrialError
from flyoff.trials.assignment import UNASSIGNED, assign
from flyoff.trials.ospa import pair_costs
from flyoff.trials.points import Points, require_policy
from flyoff.trials.scene import Frames, Scene, frame, frames
from flyoff.units import BoolArray, FloatArray, IntArray

_NEVER: Final = -2  # a truth that has had no track yet: its first one is no switch
_ABSENT: Final = -3  # a truth that is not in the scene at this time


@dataclass(frozen=True, slots=True)
class Gospa:
    """GOSPA of one instant; distance^p = localisation + missed + false.

    Attributes
    ----------
    distance : float [m]
    localisation, missed, false : float [m^p]
    missed_truths, false_tracks : int
        How many: `missed` is c^p / 2 for each if alpha is 2.
    c : float [m]
    p, alpha : float
    """

    distance: float
    localisation: float
    missed: float
    false: float
    missed_truths: int
    false_tracks: int
    c: float
    p: float
    alpha: float


@dataclass(frozen=True, slots=True, eq=False)
class GospaSeries:
    """GOSPA at each time of a scene; all shape (times,).

    Attributes
    ----------
    distance : float64 [m]
        With the switching loss: (d^alpha + switching^alpha)^(1/alpha).
    localisation, missed, false : float64 [m^p]
    switching : float64 [m]
    """

    distance: FloatArray
    localisation: FloatArray
    missed: FloatArray
    false: FloatArray
    switching: FloatArray


def gospa(truths: Points, tracks: Points, *, c: float, p: float, alpha: float = 2.0) -> Gospa:
    """Score a set of tracks against the truths of one instant.

    Parameters
    ----------
    truths, tracks : float64, shape (n, d) or (n,) [m]
        Either may be empty; rows with NaN are missing.
    c : float [m]
        Cut-off; policy, to be published with the figure.
    p : float
        Finite order of at least 1.
    alpha : float
        A track or truth too many costs c^p / alpha; above 0, at most 2.

    Examples
    --------
    >>> shown = gospa([[1, 0], [10, 2]], [[0, 0], [10, 0], [50, 50]], c=10.0, p=2)
    >>> round(shown.distance, 6), round(shown.localisation, 6), shown.missed, shown.false
    (7.416198, 5.0, 0.0, 50.0)
    """
    _require(c, p, alpha)
    one = frame(truths, tracks)
    chosen = assign(one.distance, c=c, p=p)
    near, missed, false = (float(part[0]) for part in _parts(one, chosen, c, p, alpha))
    assigned = int((chosen != UNASSIGNED).sum())
    return Gospa(
        c * (near + missed + false) ** (1.0 / p),
        near * c**p,
        missed * c**p,
        false * c**p,
        int(one.truths.sum()) - assigned,
        int(one.tracks.sum()) - assigned,
        c,
        p,
        alpha,
    )


def gospa_over_time(
    scene: Scene, *, c: float, p: float, alpha: float = 2.0, switching_penalty: float = 0.0
) -> GospaSeries:
    """Score each time of a scene, with a loss where a truth changes its track.

    Parameters
    ----------
    scene : Scene
        Its associations are not used: GOSPA makes its own assignment.
    c, p, alpha : float
        As in `gospa`.
    switching_penalty : float [m]
        Loss of one switch.
    """
    _require(c, p, alpha)
    parts = np.zeros((3, scene.times_s.size))
    followed = np.full((scene.times_s.size, len(scene.truths.names)), _ABSENT, dtype=np.int64)
    for at, some in frames(scene):
        chosen = assign(some.distance, c=c, p=p)
        parts[:, at] = _parts(some, chosen, c, p, alpha)
        followed[at] = np.where(some.truths, chosen, _ABSENT)
    switching = _losses(followed, switching_penalty, p)
    apart = c * parts.sum(axis=0) ** (1.0 / p)
    distance = apart if switching_penalty == 0.0 else _joined(apart, switching, alpha)
    near, missed, false = parts * c**p
    return GospaSeries(distance, near, missed, false, switching)


def switching_losses(
    associations: Sequence[Mapping[Hashable, Hashable | None]], *, penalty: float, p: float
) -> FloatArray:
    """Loss of each step from truths that change their track.

    Half a switch for a track that is lost or found again, a whole one for another track. The first
    track of a truth costs nothing, nor does a step that does not name the truth.

    Parameters
    ----------
    associations : sequence of mappings from truth to track
        None where the truth has no track.
    penalty : float [m]
    p : float

    Returns
    -------
    float64, shape (steps,) [m]

    Examples
    --------
    >>> switching_losses([{"a": 1}, {"a": None}, {"a": 1}, {"a": 2}], penalty=1.0, p=1).tolist()
    [0.0, 0.5, 0.5, 1.0]
    """
    require_policy(1.0, p, infinite_p=False)
    truths = {truth: None for step in associations for truth in step}
    numbers: dict[Hashable, int] = {}
    followed = np.full((len(associations), len(truths)), _ABSENT, dtype=np.int64)
    for row, step in zip(followed, associations, strict=True):
        for column, truth in enumerate(truths):
            if truth in step:
                track = step[truth]
                row[column] = (
                    UNASSIGNED if track is None else numbers.setdefault(track, len(numbers))
                )
    return _losses(followed, penalty, p)


def _require(c: float, p: float, alpha: float) -> None:
    require_policy(c, p, infinite_p=False)
    if not 0.0 < alpha <= 2.0:
        raise TrialError(f"alpha is {alpha:g}, expected above 0 and at most 2")


def _parts(
    some: Frames, chosen: IntArray, c: float, p: float, alpha: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Localisation, missed and false at each time [c^p]."""
    truths, tracks = some.truths.sum(axis=1), some.tracks.sum(axis=1)
    near = pair_costs(some.distance, chosen, c, p).sum(axis=1)
    # the smaller set is assigned whole; its pairs as far as the cut-off are one of each kind
    beyond = np.minimum(truths, tracks) - (chosen != UNASSIGNED).sum(axis=1)
    missed = beyond / 2.0 + np.maximum(truths - tracks, 0) / alpha
    false = beyond / 2.0 + np.maximum(tracks - truths, 0) / alpha
    return near, missed, false


def _joined(apart: FloatArray, switching: FloatArray, alpha: float) -> FloatArray:
    return np.asarray((apart**alpha + switching**alpha) ** (1.0 / alpha))


def _losses(followed: IntArray, penalty: float, p: float) -> FloatArray:
    """Losses from the track of each truth at each time, shape (times, truths)."""
    if not penalty >= 0.0:
        raise TrialError(f"switching penalty is {penalty:g}, expected at least 0")
    switches = np.zeros(followed.shape[0])
    last = np.full(followed.shape[1], _NEVER, dtype=np.int64)
    for t in np.flatnonzero(_moves(followed)):
        now = followed[t]
        known = (now != _ABSENT) & ((last != _NEVER) | (now != UNASSIGNED))
        changed = known & (last != _NEVER) & (now != last)
        both = changed & (now != UNASSIGNED) & (last != UNASSIGNED)
        switches[t] = 0.5 * changed.sum() + 0.5 * both.sum()
        last = np.where(known, now, last)
    return np.asarray(penalty * switches ** (1.0 / p))


def _moves(followed: IntArray) -> BoolArray:
    """Times that differ from the one before; at all others nothing can switch."""
    moves = np.ones(followed.shape[0], dtype=np.bool_)
    moves[1:] = (followed[1:] != followed[:-1]).any(axis=1)
    return moves
