"""SIAP: how complete, clear and continuous the air picture was, from given associations.

References
----------
Votruba et al. (2001), Single Integrated Air Picture (SIAP) Metrics Implementation.

Traps: ambiguity is over tracked truths only, so it can hide misses; a share of nothing is NaN here,
never a perfect 0 or 1; a track that returns to a truth after a gap is needed twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from flyoff.errors import TrialError
from flyoff.trials.scene import Pairs, Scene, merged, pairs
from flyoff.units import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class SiapCounts:
    """What is counted at each time; all shape (times,).

    Attributes
    ----------
    truths, tracked_truths, tracks, associated_tracks : int64
    position_error : float64 [m]
        Sum over all associated pairs.
    velocity_error : float64 [m/s]
        NaN throughout where truths or tracks have no velocity.
    """

    truths: IntArray
    tracked_truths: IntArray
    tracks: IntArray
    associated_tracks: IntArray
    position_error: FloatArray
    velocity_error: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Custody:
    """How each truth was followed; all shape (truths,).

    Attributes
    ----------
    lifetime_s : float64 [s]
        From a truth's first state to its last.
    tracked_s : float64 [s]
        Within it, with at least one track.
    longest_s : float64 [s]
        With the one track that was longest on it; its spans are added up.
    tracks_needed : int64
        The least number of unbroken pieces of track that cover all tracked times.
    """

    lifetime_s: FloatArray
    tracked_s: FloatArray
    longest_s: FloatArray
    tracks_needed: IntArray

    @property
    def rate_of_track_number_change(self) -> float:
        """Pieces beyond the first, for each second tracked [1/s]; NaN if nothing was."""
        changes = np.maximum(self.tracks_needed - 1, 0).sum()
        return _share(float(changes), float(self.tracked_s.sum()))

    @property
    def longest_track_segment(self) -> float:
        """Share of the truths' lifetimes that their longest tracks cover."""
        return _share(float(self.longest_s.sum()), float(self.lifetime_s.sum()))


@dataclass(frozen=True, slots=True, eq=False)
class SiapSeries:
    """The measures at each time, shape (times,); NaN where they are shares of nothing."""

    completeness: FloatArray
    ambiguity: FloatArray
    spuriousness: FloatArray
    position_accuracy: FloatArray
    velocity_accuracy: FloatArray


@dataclass(frozen=True, slots=True)
class Siap:
    """The measures over a whole scene; NaN where they are shares of nothing.

    Attributes
    ----------
    completeness : float
        Share of truths that are tracked; 1 is best.
    ambiguity : float
        Associated tracks for each tracked truth; 1 is best.
    spuriousness : float
        Share of tracks that are associated with no truth; 0 is best.
    position_accuracy : float [m]
    velocity_accuracy : float [m/s]
        Summed errors for each associated track; 0 is best.
    rate_of_track_number_change : float [1/s]
    longest_track_segment : float
    """

    completeness: float
    ambiguity: float
    spuriousness: float
    position_accuracy: float
    velocity_accuracy: float
    rate_of_track_number_change: float
    longest_track_segment: float


@dataclass(frozen=True, slots=True, eq=False)
class IdMeasures:
    """How well tracked truths were identified.

    Attributes
    ----------
    completeness, correctness, ambiguity : float
        Shares of tracked truths with any identity, with the right one only, and with several.
    completeness_at, correctness_at, ambiguity_at : float64, shape (times,)
    """

    completeness: float
    correctness: float
    ambiguity: float
    completeness_at: FloatArray
    correctness_at: FloatArray
    ambiguity_at: FloatArray


def siap_counts(scene: Scene) -> SiapCounts:
    """Count truths, tracks and errors at each time."""
    found = pairs(scene)
    return SiapCounts(
        scene.truths.present.sum(axis=0),
        _distinct(found.truth, found, len(scene.truths.names)),
        scene.tracks.present.sum(axis=0),
        _distinct(found.track, found, len(scene.tracks.names)),
        _errors(scene.truths.position, scene.tracks.position, found),
        _errors(scene.truths.velocity, scene.tracks.velocity, found),
    )


def siap_at_times(scene: Scene) -> SiapSeries:
    """Measures at each time."""
    n = siap_counts(scene)
    return SiapSeries(
        _shares(n.tracked_truths, n.truths),
        _shares(n.associated_tracks, n.tracked_truths),
        _shares(n.tracks - n.associated_tracks, n.tracks),
        _shares(n.position_error, n.associated_tracks),
        _shares(n.velocity_error, n.associated_tracks),
    )


def siap(scene: Scene) -> Siap:
    """Measures over the whole scene: sums over all times, divided once."""
    n, kept = siap_counts(scene), custody(scene)
    truths, tracked = float(n.truths.sum()), float(n.tracked_truths.sum())
    tracks, associated = float(n.tracks.sum()), float(n.associated_tracks.sum())
    return Siap(
        _share(tracked, truths),
        _share(associated, tracked),
        _share(tracks - associated, tracks),
        _share(float(n.position_error.sum()), associated),
        _share(float(n.velocity_error.sum()), associated),
        kept.rate_of_track_number_change,
        kept.longest_track_segment,
    )


def custody(scene: Scene) -> Custody:
    """Follow each truth over its life."""
    found, count = pairs(scene), len(scene.truths.names)
    lifetime, tracked, longest = np.zeros(count), np.zeros(count), np.zeros(count)
    needed = np.zeros(count, dtype=np.int64)
    for j, there in enumerate(scene.truths.present):
        times = scene.times_s[there]
        held = [spans for spans, of in zip(found.spans, found.truth, strict=True) if of == j]
        if times.size == 0 or not held:
            lifetime[j] = times[-1] - times[0] if times.size else 0.0
            continue
        lifetime[j] = times[-1] - times[0]
        within = [np.clip(spans, times[0], times[-1]) for spans in held]
        longest[j] = max(float(np.diff(spans).sum()) for spans in within)
        every = np.concatenate(held)
        tracked[j] = np.diff(merged([(a, b) for a, b in np.concatenate(within)])).sum()
        needed[j] = _pieces(times, every)
    return Custody(lifetime, tracked, longest, needed)


def id_measures(
    scene: Scene,
    truth_ids: Mapping[str, str | None],
    track_ids: Mapping[str, Sequence[str | None]],
) -> IdMeasures:
    """Compare the identities that tracks declared with those of the truths they follow.

    Parameters
    ----------
    scene : Scene
    truth_ids : mapping from truth to its identity
    track_ids : mapping from track to its declared identity at each time of the scene
        None where nothing is declared.
    """
    found = pairs(scene)
    shape = len(scene.truths.names), scene.times_s.size
    declared, right, wrong = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    associated = np.zeros(shape, dtype=np.int64)
    for j, k, active in zip(found.truth, found.track, found.active, strict=True):
        said = _declared(track_ids, scene.tracks.names[k], scene.times_s.size)
        truth = truth_ids.get(scene.truths.names[j])
        any_id = np.array([one is not None for one in said], dtype=np.bool_)
        same = np.array([one is not None and one == truth for one in said], dtype=np.bool_)
        associated[j] += active
        declared[j] += active & any_id
        right[j] += active & same
        wrong[j] += active & any_id & ~same
    tracked = associated > 0
    unknown = tracked & (declared == 0)
    correct = tracked & (right == associated)
    other = (
        tracked & ~unknown & ~correct & (wrong != associated)
    )  # several identities, or some none
    counts = [held.sum(axis=0) for held in (tracked & ~unknown, correct, other)]
    total = tracked.sum(axis=0)
    at = [_shares(count, total) for count in counts]
    over = [_share(float(count.sum()), float(total.sum())) for count in counts]
    return IdMeasures(over[0], over[1], over[2], at[0], at[1], at[2])


def _declared(
    track_ids: Mapping[str, Sequence[str | None]], track: str, times: int
) -> Sequence[str | None]:
    said = track_ids.get(track, [None] * times)
    if len(said) != times:
        raise TrialError(f"track {track!r} declares {len(said)} identities at {times} times")
    return said


def _pieces(times: FloatArray, spans: FloatArray) -> int:
    """Least number of spans that cover all covered times: at each, take what reaches furthest."""
    pieces, at = 0, 0
    while at < times.size:
        covering = spans[(spans[:, 0] <= times[at]) & (times[at] <= spans[:, 1])]
        if covering.size == 0:
            # on to the next time that any span reaches
            starts = spans[spans[:, 0] > times[at], 0]
            if starts.size == 0:
                break
            at = max(at + 1, int(np.searchsorted(times, starts.min(), side="left")))
            continue
        pieces += 1
        at = int(np.searchsorted(times, covering[:, 1].max(), side="right"))
    return pieces


def _distinct(index: IntArray, found: Pairs, paths: int) -> IntArray:
    """How many different paths are in an active pair, at each time."""
    held = np.zeros((paths, found.active.shape[1]), dtype=np.bool_)
    for i, active in zip(index, found.active, strict=True):
        held[i] |= active
    return np.asarray(held.sum(axis=0))


def _errors(truths: FloatArray | None, tracks: FloatArray | None, found: Pairs) -> FloatArray:
    """Sum of the distances of all active pairs, at each time."""
    total = np.zeros(found.active.shape[1])
    if truths is None or tracks is None:
        return np.full_like(total, np.nan)
    for j, k, active in zip(found.truth, found.track, found.active, strict=True):
        apart = np.sqrt(((truths[j] - tracks[k]) ** 2).sum(axis=1))
        total += np.where(active, apart, 0.0)
    return total


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0.0 else float("nan")


def _shares(part: IntArray | FloatArray, whole: IntArray) -> FloatArray:
    shares = np.full(whole.shape, np.nan)
    np.divide(part, whole, out=shares, where=whole > 0)
    return shares
