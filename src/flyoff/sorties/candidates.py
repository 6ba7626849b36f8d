"""Which recordings are worth comparing: clocks, identities and places rule most pairs out.

Nothing here grows with the square of the recordings, unless as many really were in one place at one
time: clocks are swept in order, a flight that many recordings tell of is represented by a few of
them, and where no clock says anything a recording is held against those that came next to it.
"""

from collections.abc import Callable, Iterator, MutableMapping, Sequence
from itertools import combinations
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from flyoff.sorties.witness import Witness
from flyoff.units import BoolArray, IntArray

#: Clocks that say so are believed within three times their uncertainty and this much [s].
CLOCK_SLACK_S = 10.0
#: A clock that is no better than this is a computer's, which may be set to anything [s].
COMPUTER_S = 10.0
#: Medians of the positions further apart than this are two vehicles [m].
APART_M = 15.0
#: Of one flight so many recordings are held against a further one. A flight has one recording for
#: each thing that logs it; more than this are copies, and what is like one is like them all.
TOGETHER = 8
#: A recording without a good clock is held against at most so many that came after it.
MOST_UNTIMED = 1000
_METRES_PER_DEGREE = 111_000.0
Key = TypeVar("Key")


class Candidates:
    """Pairs of some witnesses that may be of one flight.

    Parameters
    ----------
    witnesses : sequence of Witness
    came : sequence of int or None
        In which order they came, each number once; None where they are in that order.
    """

    def __init__(self, witnesses: Sequence[Witness], came: Sequence[int] | None = None) -> None:
        self._witnesses = witnesses
        self._order = np.argsort(np.arange(len(witnesses)) if came is None else np.array(came))
        self._vouched = np.array([is_vouched(w) for w in witnesses], dtype=np.bool_)
        spans = [_span(w) if w.utc is not None else (np.nan, np.nan) for w in witnesses]
        self._spans = np.array(spans, dtype=np.float64).reshape(-1, 2)
        boxes = [box(w) or (np.nan,) * 4 for w in witnesses]
        self._boxes = np.array(boxes, dtype=np.float64).reshape(-1, 4)
        named = [identity(w.vehicle_id) for w in witnesses]
        self._scheme = _numbered([scheme for scheme, _ in named])
        self._number = _numbered([number for _, number in named])

    def sweep(self, compare: Callable[[int, int], bool]) -> None:
        """Hold every two whose clocks overlap against each other.

        Parameters
        ----------
        compare : callable
            Gets the places of two witnesses, the lower first; says whether they are of one flight.
        """
        timed = np.flatnonzero(np.isfinite(self._spans[:, 0]))
        home = {i: i for i in range(len(self._witnesses))}
        near: list[int] = []
        for i in sorted(timed.tolist(), key=lambda k: tuple(self._spans[k])):
            near = [j for j in near if self._spans[j, 1] >= self._spans[i, 0]]
            others = np.array(near, dtype=np.int64)
            for j in others[self._may_be_one(i, others)].tolist():
                if compare(min(i, j), max(i, j)):
                    home[root(home, i)] = root(home, j)
            own = root(home, i)
            if sum(root(home, j) == own for j in near) < TOGETHER:
                near.append(i)

    def untimed(self) -> Iterator[tuple[int, IntArray]]:
        """Of each witness, later ones in the list of which no good clock says anything."""
        found: dict[int, list[int]] = {}
        for at, i in enumerate(self._order.tolist() if not self._vouched.all() else ()):
            others = self._order[at + 1 : at + 1 + MOST_UNTIMED]
            for j in others[self._is_untimed(i, others)].tolist():
                found.setdefault(min(i, j), []).append(max(i, j))
        for i in sorted(found):
            yield i, np.array(sorted(found[i]), dtype=np.int64)

    def told(self) -> Iterator[tuple[int, int]]:
        """Untimed pairs that were told the same name of a log."""
        heard: dict[str, list[int]] = {}
        for i, witness in enumerate(self._witnesses):
            for name in witness.log_names:
                heard.setdefault(name, []).append(i)
        pairs = {pair for some in heard.values() for pair in combinations(some, 2)}
        for i, j in sorted(pairs):
            if self._is_untimed(i, np.array([j], dtype=np.int64)).all():
                yield i, j

    def _is_untimed(self, i: int, others: IntArray) -> BoolArray:
        spans = self._spans[others]
        overlap = (spans[:, 0] <= self._spans[i, 1]) & (spans[:, 1] >= self._spans[i, 0])
        loose = ~(self._vouched[others] & self._vouched[i])
        found: BoolArray = loose & ~overlap
        found[found] = self._may_be_one(i, others[found])
        return found

    def _may_be_one(self, i: int, others: IntArray) -> BoolArray:
        """Identities of one scheme must agree, and what was flown over touch.

        A log that names no vehicle may be anybody's; who has no position may have been anywhere.
        """
        mine, theirs = self._number[i], self._number[others]
        same = (mine == theirs) | (self._scheme[others] != self._scheme[i])
        same |= (theirs == 0) | (mine == 0)
        south, north, west, east = self._boxes[i]
        spare = APART_M / _METRES_PER_DEGREE
        wide = spare / max(np.cos(np.radians(south)), 0.01)
        boxes = self._boxes[others]
        touch = (south - spare <= boxes[:, 1]) & (boxes[:, 0] - spare <= north)
        touch &= (west - wide <= boxes[:, 3]) & (boxes[:, 2] - wide <= east)
        touch |= np.isnan(boxes[:, 0]) | np.isnan(south)
        return np.asarray(same & touch)


def is_vouched(witness: Witness) -> bool:
    """Whether a clock better than a computer's says when it was."""
    return witness.utc is not None and witness.utc.uncertainty_s < COMPUTER_S


def identity(vehicle_id: str) -> tuple[str, str]:
    """Scheme and number; a stand-in made of parameters is no number, since logs hold not all.

    Examples
    --------
    >>> identity("ap:3A00-quad"), identity("ap:p-12AB"), identity("unknown")
    (('ap', '3A00'), ('ap', ''), ('unknown', ''))
    """
    scheme, _, number = vehicle_id.partition(":")
    number = number.partition("-")[0]
    return scheme, "" if number == "p" else number.upper()


def box(witness: Witness) -> tuple[float, float, float, float] | None:
    """South, north, west, east [deg] of where it was; None without a position."""
    lat, lon = witness.columns.get("lat"), witness.columns.get("lon")
    if lat is None or lon is None:
        return None
    good = np.isfinite(lat) & np.isfinite(lon)
    if not good.any():
        return None
    lat, lon = lat[good], lon[good]
    return float(lat.min()), float(lat.max()), float(lon.min()), float(lon.max())


def root(home: MutableMapping[Key, Key], one: Key) -> Key:
    """What stands for all that were joined with one, where each is at home with another or itself.

    Examples
    --------
    >>> home = {"a": "a", "b": "a", "c": "b", "d": "d"}
    >>> root(home, "c"), root(home, "d")
    ('a', 'd')
    """
    while home[one] != one:
        home[one] = home[home[one]]
        one = home[one]
    return one


def _span(witness: Witness) -> tuple[float, float]:
    """UTC span with its slack [µs]."""
    assert witness.utc is not None
    slack = (3.0 * witness.utc.uncertainty_s + CLOCK_SLACK_S) * 1e6
    offset = witness.utc.offset_us
    return witness.start_us + offset - slack, witness.end_us + offset + slack


def _numbered(words: Sequence[str]) -> npt.NDArray[np.int64]:
    """A number for each word; 0 for the empty one."""
    known = {"": 0}
    return np.array([known.setdefault(word, len(known)) for word in words], dtype=np.int64)


__all__ = ["APART_M", "CLOCK_SLACK_S", "TOGETHER", "Candidates", "box", "is_vouched", "root"]
