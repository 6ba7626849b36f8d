"""A trial on one time base: truths, tracks, and which track was said to follow which truth when."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from flyoff.errors import TrialError
from flyoff.trials.points import distances, point_set, present, require_same_axes
from flyoff.units import BoolArray, FloatArray, IntArray, Seconds

_BLOCK_CELLS: Final = 2_000_000  # distances held at once: 16 MB, whatever the length of the trial


@dataclass(frozen=True, slots=True, eq=False)
class Paths:
    """Truths, or tracks, on the times of a scene.

    Attributes
    ----------
    names : tuple of str
    position : float64, shape (paths, times, d) [m]
        NaN where there is no state.
    velocity : float64, shape (paths, times, e) [m/s], or None
    """

    names: tuple[str, ...]
    position: FloatArray
    velocity: FloatArray | None = None

    def __post_init__(self) -> None:
        if len(set(self.names)) != len(self.names):
            raise TrialError(f"names are given twice: {', '.join(self.names)}")
        for what, values in (("positions", self.position), ("velocities", self.velocity)):
            if values is not None and (values.ndim != 3 or values.shape[0] != len(self.names)):
                raise TrialError(f"{len(self.names)} names but {what} of shape {values.shape}")

    @property
    def present(self) -> BoolArray:
        """Where there is a state; shape (paths, times)."""
        return present(self.position)


@dataclass(frozen=True, slots=True)
class Association:
    """A track follows a truth from `start_s` to `end_s`, both included [s]."""

    truth: str
    track: str
    start_s: Seconds
    end_s: Seconds


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A trial, ready to be scored.

    Attributes
    ----------
    times_s : float64, shape (times,) [s]
        Strictly increasing.
    truths, tracks : Paths
    associations : tuple of Association
    """

    times_s: FloatArray
    truths: Paths
    tracks: Paths
    associations: tuple[Association, ...] = ()

    def __post_init__(self) -> None:
        if self.times_s.ndim != 1 or not (np.diff(self.times_s) > 0).all():
            raise TrialError("the times of a scene increase strictly")
        for what, paths in (("truths", self.truths), ("tracks", self.tracks)):
            if paths.position.shape[1] != self.times_s.size:
                raise TrialError(
                    f"{what} have {paths.position.shape[1]} times, the scene {self.times_s.size}"
                )
        for said in self.associations:
            self._check(said)

    def _check(self, said: Association) -> None:
        if said.truth not in self.truths.names or said.track not in self.tracks.names:
            raise TrialError(f"association of {said.truth!r} with {said.track!r}: no such pair")
        if not said.start_s <= said.end_s:
            raise TrialError(
                f"association of {said.truth!r} with {said.track!r} ends at {said.end_s:g} s, "
                f"before it begins at {said.start_s:g} s"
            )


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """Some consecutive instants of a scene, as the set scores take them.

    Attributes
    ----------
    distance : float64, shape (times, truths, tracks) [m]
        Infinite where one of both is missing.
    truths : bool, shape (times, truths)
    tracks : bool, shape (times, tracks)
    """

    distance: FloatArray
    truths: BoolArray
    tracks: BoolArray

    @classmethod
    def of(cls, truths: FloatArray, tracks: FloatArray) -> "Frames":
        """Take positions of shape (times, paths, d)."""
        truths, tracks = require_same_axes(truths, tracks)
        return cls(distances(truths, tracks), present(truths), present(tracks))


def frame(truths: Any, tracks: Any) -> Frames:
    """One instant, from two sets of points."""
    return Frames.of(point_set(truths, "truths")[None], point_set(tracks, "tracks")[None])


def frames(scene: Scene) -> Iterator[tuple[slice, Frames]]:
    """Walk over a scene in blocks of bounded size."""
    truths = scene.truths.position.transpose(1, 0, 2)
    tracks = scene.tracks.position.transpose(1, 0, 2)
    step = max(1, _BLOCK_CELLS // max(1, truths.shape[1] * tracks.shape[1]))
    for start in range(0, scene.times_s.size, step):
        at = slice(start, start + step)
        yield at, Frames.of(truths[at], tracks[at])


@dataclass(frozen=True, slots=True, eq=False)
class States:
    """States of one truth or track at its own times.

    Attributes
    ----------
    t_s : float64, shape (n,) [s]
        In the order in which they were reported; the same time may occur again.
    position : float64, shape (n, d) [m]
    velocity : float64, shape (n, e) [m/s], or None
    """

    t_s: FloatArray
    position: FloatArray
    velocity: FloatArray | None = None


def paths(states: Mapping[str, States], times_s: FloatArray) -> Paths:
    """Put states on the times of a scene; of two at one time the last counts.

    A tracker that updates twice at one instant has corrected itself. Nothing is interpolated here:
    truth is brought to the times of the reports before, never the reverse.

    Examples
    --------
    >>> twice = States(np.array([0.0, 1.0, 1.0]), np.array([[0.0], [5.0], [6.0]]))
    >>> paths({"k": twice}, np.array([0.0, 1.0, 2.0])).position[0, :, 0].tolist()
    [0.0, 6.0, nan]
    """
    position = _spread([(s.t_s, s.position) for s in states.values()], times_s)
    moving = [(s.t_s, s.velocity) for s in states.values() if s.velocity is not None]
    velocity = _spread(moving, times_s) if moving and len(moving) == len(states) else None
    return Paths(tuple(states), position, velocity)


def _spread(given: Sequence[tuple[FloatArray, FloatArray]], times_s: FloatArray) -> FloatArray:
    width = given[0][1].shape[1] if given else 1
    spread = np.full((len(given), times_s.size, width), np.nan)
    for row, (t_s, values) in enumerate(given):
        at = np.searchsorted(times_s, t_s)
        if not (at < times_s.size).all() or (times_s[at] != t_s).any():
            raise TrialError("a state lies at a time that the scene does not have")
        if values.shape != (t_s.size, width):
            raise TrialError(f"{t_s.size} times of {width} coordinates, got {values.shape}")
        # the first of a time from behind is its last
        times, behind = np.unique(at[::-1], return_index=True)
        spread[row, times] = values[::-1][behind]
    return spread


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Every truth and track that were ever associated.

    Attributes
    ----------
    truth, track : int64, shape (pairs,)
        Indices into the scene's paths.
    active : bool, shape (pairs, times)
        Where they are associated and both have a state.
    spans : tuple of float64, shape (n, 2) [s]
        The times of association of each pair, merged where they touch.
    """

    truth: IntArray
    track: IntArray
    active: BoolArray
    spans: tuple[FloatArray, ...]


def pairs(scene: Scene) -> Pairs:
    """Merge the associations of each truth with each track."""
    said: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for one in scene.associations:
        key = scene.truths.names.index(one.truth), scene.tracks.names.index(one.track)
        said.setdefault(key, []).append((one.start_s, one.end_s))
    spans = tuple(merged(of_pair) for of_pair in said.values())
    truth = np.array([key[0] for key in said], dtype=np.int64)
    track = np.array([key[1] for key in said], dtype=np.int64)
    active = np.zeros((len(said), scene.times_s.size), dtype=np.bool_)
    for row, of_pair in zip(active, spans, strict=True):
        first = np.searchsorted(scene.times_s, of_pair[:, 0], side="left")
        after = np.searchsorted(scene.times_s, of_pair[:, 1], side="right")
        for i, j in zip(first, after, strict=True):
            row[i:j] = True
    if said:
        active &= scene.truths.present[truth] & scene.tracks.present[track]
    return Pairs(truth, track, active, spans)


def merged(spans: Sequence[tuple[float, float]]) -> FloatArray:
    """Join spans that overlap or touch.

    Examples
    --------
    >>> merged([(2.0, 3.0), (0.0, 1.0), (1.0, 1.5)]).tolist()
    [[0.0, 1.5], [2.0, 3.0]]
    """
    joined: list[list[float]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1][1] = max(joined[-1][1], end)
        else:
            joined.append([start, end])
    return np.array(joined, dtype=np.float64).reshape(-1, 2)
