"""Which state of the store is shown: the newest one whose slow answers are made.

While logs come in, a store changes several times a second, and each change makes evaluation and
table anew. Readers need not wait for that: they are shown the state of a moment ago, one thread
makes the answers of the newest one, and only then it is shown, and open pages are told. Changes
that come meanwhile are made together, and after a making there is a rest as long as it took, so
that at most half of a core goes into it. What was written through this very server is shown at
once.
"""

import logging
import threading
import time
from collections.abc import Callable

from flyoff.errors import FlyoffError

LOG = logging.getLogger("flyoff.server")
#: The longest rest between two makings [s].
_REST_S = 10.0


class Shown:
    """The state that is shown.

    Parameters
    ----------
    look : function
        Gives the stamp of the state that is there now.
    make : function of a stamp
        Makes the slow answers of that state.
    """

    def __init__(self, look: Callable[[], str], make: Callable[[str], None]) -> None:
        self._look, self._make = look, make
        self._news = threading.Condition()
        self._thread: threading.Thread | None = None
        self._stamp, self._is_wanted, self._is_urgent, self._ends = "", False, False, False
        #: Times that a stamp was shown; rounds of making that began, and that ended.
        self._times = self._begun = self._done = 0
        #: Who waits until what is there now is shown: then there is no rest.
        self._settling = 0

    def start(self) -> None:
        """Begin to make answers before they are shown; until then the newest state is shown."""
        self._thread = threading.Thread(target=self._run, name="shown", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; a round under way is waited for, but not long."""
        with self._news:
            self._ends = True
            self._news.notify_all()
        if self._thread is not None:
            self._thread.join(timeout=5)
            self._thread = None

    def stamp(self) -> str:
        """The state to answer by.

        Raises
        ------
        StoreError
            If the store cannot be reached.
        """
        newest = self._look()
        with self._news:
            if self._thread is None or not self._stamp or self._is_urgent:
                self._show(newest)
            elif newest != self._stamp and not self._is_wanted:
                self._is_wanted = True
                self._news.notify_all()
            return self._stamp

    def must_be_new(self) -> None:
        """Show the newest state from the next question on, however long its answer takes."""
        with self._news:
            self._is_urgent = True

    def settle(self, most_s: float) -> None:
        """Wait until what is in the store now is shown, but no longer than `most_s`."""
        with self._news:
            if self._thread is None:
                return
            wanted = self._begun + 1
            self._is_wanted = True
            self._settling += 1
            self._news.notify_all()
            self._news.wait_for(lambda: self._done >= wanted or self._ends, most_s)
            self._settling -= 1

    def _show(self, stamp: str) -> None:
        self._stamp, self._is_urgent = stamp, False
        self._times += 1

    def _run(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._is_wanted or self._ends)
                if self._ends:
                    return
                self._is_wanted = False
                self._begun += 1
                times = self._times
            begun = time.monotonic()
            newest = self._made()
            took_s = time.monotonic() - begun
            with self._news:
                # who asked for the newest state meanwhile was shown it: never back behind that
                if newest and times == self._times:
                    self._show(newest)
                self._done = self._begun
                self._news.notify_all()
                self._news.wait_for(lambda: self._settling or self._ends, min(took_s, _REST_S))

    def _made(self) -> str:
        """Make what is slow; the stamp that it was made of, empty while there is no store."""
        try:
            newest = self._look()
        except FlyoffError:
            return ""
        try:
            self._make(newest)
        except FlyoffError:
            pass  # whoever asks is told
        except (
            Exception
        ):  # a bug in an answer: who asks for it is told; the state is shown all the same
            LOG.exception("answers of the state %s could not be made ahead", newest)
        return newest
