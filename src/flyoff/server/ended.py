"""Sessions that were logged out, on disk: a copied cookie stays worthless after a restart, too.

A line a session, appended to the file of the day on which the session began. No file is ever
rewritten, so several processes may append; one that no good session can be in any more is deleted.
"""

import contextlib
import os
import threading
from datetime import UTC, datetime
from pathlib import Path

_FOLDER = "ended"
#: No session lasts longer than half a day: it began today or yesterday.
_KEPT_DAYS = 2
_DAY_S = 86_400.0


class Ended:
    """The ids of sessions that ended before their time.

    Parameters
    ----------
    folder : Path
        The server's own; made when the first session ends.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / _FOLDER
        self._here: set[str] = set()
        self._read: dict[str, tuple[tuple[int, int], frozenset[str]]] = {}
        self._lock = threading.Lock()

    def add(self, session_id: str, begun_s: float) -> None:
        """Remember that a session has ended.

        Raises
        ------
        OSError
            If it cannot be written; this process remembers it all the same.
        """
        with self._lock:
            self._here.add(session_id)
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
            handle = os.open(self._folder / _day(begun_s), flags, 0o600)
            try:
                os.write(handle, f"{session_id}\n".encode())
                os.fsync(handle)
            finally:
                os.close(handle)
            self._drop_old()

    def __contains__(self, session: tuple[str, float]) -> bool:
        """Whether a session (its id, and when it began) has ended."""
        session_id, begun_s = session
        return session_id in self._here or session_id in self._of_day(_day(begun_s))

    def _of_day(self, day: str) -> frozenset[str]:
        path = self._folder / day
        try:
            state = path.stat()
        except FileNotFoundError:
            return frozenset()
        mark = (state.st_size, state.st_ino)  # the file only grows
        with self._lock:
            found = self._read.get(day)
            if found is None or found[0] != mark:
                found = (mark, frozenset(path.read_text(encoding="ascii").split()))
                self._read[day] = found
            return found[1]

    def _drop_old(self) -> None:
        oldest = _day(datetime.now(UTC).timestamp() - _KEPT_DAYS * _DAY_S)
        for path in self._folder.iterdir():
            if path.name < oldest:
                self._read.pop(path.name, None)
                with contextlib.suppress(FileNotFoundError):
                    path.unlink()


def _day(at_s: float) -> str:
    return datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%d")
