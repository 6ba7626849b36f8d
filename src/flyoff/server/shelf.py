"""Logs and decoded series that are at hand: bounded by bytes, so that panning needs no decoding."""

import threading

import numpy as np

from flyoff.pipeline.stored_log import Place, Series, StoredLog, open_log, place_of
from flyoff.server.cache import Cache
from flyoff.server.problems import Refusal
from flyoff.views.stamp import store_stamp

#: Around an instant of evidence, the signal may reach the value so much earlier or later [s].
_NEAR_S = 0.6
#: Sorties of which it is remembered where they lie: panning asks for the same one again and again.
_PLACES = 10_000


class Shelf:
    """Opened logs and series.

    Parameters
    ----------
    store : str
    most_bytes : int
        A quarter of it for the indexes of logs, the rest for series.
    """

    def __init__(self, store: str, most_bytes: int) -> None:
        self._store = store
        self._logs: Cache[tuple[StoredLog, threading.Lock]] = Cache(
            most_bytes // 4, lambda kept: kept[0].nbytes
        )
        self._places: Cache[Place] = Cache(_PLACES, lambda _: 1)
        self._series: Cache[Series] = Cache(most_bytes * 3 // 4, lambda s: s.nbytes)

    def place(self, sortie: str) -> Place:
        """Where a sortie lies; refuses an id that the store does not have."""

        def make() -> Place:
            found = place_of(self._store, sortie)
            if found is None:
                raise Refusal(404, f"the store has no sortie {sortie}")
            return found

        return self._places.get((sortie, store_stamp(self._store)), make)

    def mark(self, sortie: str) -> str:
        """Another word whenever the log of a sortie was judged anew, or the sortie lies elsewhere.

        What is read out of a log stays the same whatever else comes into the store.
        """
        return repr(self.place(sortie))

    def log(self, place: Place) -> tuple[StoredLog, threading.Lock]:
        """An opened log, and the lock to decode it under: its columns come one at a time."""
        return self._logs.get(
            place.sha256, lambda: (open_log(self._store, place), threading.Lock())
        )

    def series(self, place: Place, name: str) -> Series:
        """A decoded series."""

        def make() -> Series:
            log, lock = self.log(place)
            with lock:
                return log.series(name, place.boot)

        return self._series.get((place.sha256, place.boot, name), make)

    def near(self, place: Place, channel: str, t_s: float) -> tuple[float, ...]:
        """Values of a channel at an instant: the nearest, and the extremes around it."""
        series = self.series(place, f"channel:{channel}")
        a, b = np.searchsorted(series.t_s, (t_s - _NEAR_S, t_s + _NEAR_S))
        part = series.values[a:b]
        part = part[np.isfinite(part)]
        if not part.size:
            return ()
        at = min(int(np.searchsorted(series.t_s, t_s)), series.t_s.size - 1)
        return float(series.values[at]), float(part.min()), float(part.max())

    @property
    def bytes(self) -> tuple[int, int]:
        """Taken by logs, and by series."""
        return self._logs.bytes, self._series.bytes
