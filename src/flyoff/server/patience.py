"""How often somebody may be wrong: failed log-ins are counted by address, and then refused."""

import threading
import time
from collections import OrderedDict, deque

from flyoff.server.problems import Refusal

#: So many failures within so many seconds.
MOST, WITHIN_S = 10, 60.0
#: Addresses that are remembered.
_REMEMBERED = 10_000


class Patience:
    """Counts failures by address."""

    def __init__(self) -> None:
        self._failed: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, address: str) -> None:
        """Refuse an address that was wrong too often.

        Raises
        ------
        Refusal
            429, with the time to wait.
        """
        now = time.monotonic()
        with self._lock:
            failed = self._failed.get(address)
            while failed and now - failed[0] > WITHIN_S:
                failed.popleft()
            if failed and len(failed) >= MOST:
                wait = max(1, round(WITHIN_S - (now - failed[0])))
                raise Refusal(
                    429, f"too many failed log-ins from here; try again in {wait} s",
                    {"Retry-After": str(wait)},
                )  # fmt: skip

    def failed(self, address: str) -> None:
        """Count a failure."""
        with self._lock:
            self._failed.setdefault(address, deque(maxlen=MOST)).append(time.monotonic())
            self._failed.move_to_end(address)
            while len(self._failed) > _REMEMBERED:
                self._failed.popitem(last=False)
