"""What takes long to make and serves many questions: evaluations and the table of sorties."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flyoff.server.cache import Cache
from flyoff.views.campaign import evaluate_campaign, evaluation_json
from flyoff.views.campaign_page import campaign_of
from flyoff.views.listing import Listing

#: A table of more lines is shown as it was while the new one is made.
LARGE = 200_000
#: Memory that a line of the table takes: the peak of a process over a million sorties, less that
#: over twenty, 1.44 GB [byte].
_LINE_BYTES = 1_440


class Kept:
    """Evaluations and listings, made once for each state of store and campaign.

    Parameters
    ----------
    store : str
    most_bytes : int
        For evaluations; listings are kept one for each campaign.
    """

    def __init__(self, store: str, most_bytes: int) -> None:
        self._store = store
        self._documents: Cache[dict[str, Any]] = Cache(most_bytes, lambda d: len(json.dumps(d)))
        #: Of each campaign the newest table, with its stamp and that of the table before: who is
        #: still shown that state may see newer lines, but waits for none.
        self._listings: dict[str, tuple[tuple[str, str], Listing]] = {}
        self._begun = 0
        self._newest: dict[str, int] = {}
        self._making: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()

    def document(self, folder: Path, stamp: str) -> dict[str, Any]:
        """The evaluation of a campaign."""
        return self._documents.get(
            (str(folder), stamp), lambda: evaluate_campaign(self._store, folder)
        )

    def document_bytes(self, folder: Path, stamp: str) -> bytes:
        """The evaluation as the command line prints it."""
        return evaluation_json(self.document(folder, stamp))

    def listing(self, folder: Path | None, stamp: str) -> Listing:
        """The table of sorties; a large one may be that of a moment ago."""
        name = str(folder or "")
        with self._lock:
            found = self._listings.get(name)
            making = self._making.setdefault(name, threading.Lock())
        if found is not None and stamp in found[0]:
            return found[1]
        if found is not None and found[1].size > LARGE:
            if making.acquire(blocking=False):
                self._in_background(lambda: self._make(name, folder, stamp), making)
            return found[1]
        with making:
            with self._lock:
                found = self._listings.get(name)
            if found is not None and stamp in found[0]:
                return found[1]
            return self._make(name, folder, stamp)

    @property
    def listed_bytes(self) -> int:
        """About how much memory the tables of sorties take."""
        with self._lock:
            return sum(listing.size for _, listing in self._listings.values()) * _LINE_BYTES

    def _make(self, name: str, folder: Path | None, stamp: str) -> Listing:
        with self._lock:
            self._begun += 1
            number = self._begun
        made = Listing(self._store, campaign_of(folder))
        with self._lock:
            # one that was begun earlier and took longer replaces none
            if number > self._newest.get(name, 0):
                before = self._listings.get(name)
                self._listings[name] = ((stamp, before[0][0] if before else stamp), made)
                self._newest[name] = number
        return made

    @staticmethod
    def _in_background(work: Callable[[], object], making: threading.Lock) -> None:
        def run() -> None:
            try:
                work()
            finally:
                making.release()

        threading.Thread(target=run, name="listing", daemon=True).start()
