"""Answers and decoded columns kept for the next question: bounded by bytes, each made once."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Cache(Generic[T]):
    """Least recently used values, up to so many bytes.

    Who asks for a value that somebody is making waits for it instead of making it again.

    Parameters
    ----------
    most_bytes : int
    size_of : function of a value to its bytes
    """

    def __init__(self, most_bytes: int, size_of: Callable[[T], int]) -> None:
        self._most, self._size_of = most_bytes, size_of
        self._kept: OrderedDict[Hashable, tuple[T, int]] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}
        self._lock = threading.Lock()
        self.bytes = self.hits = self.misses = 0

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value of a key; made if it is not kept. What `make` raises goes to the one asking."""
        found = self._find(key)
        if found is not None:
            return found[0]
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        with making:
            found = self._find(key)
            if found is not None:
                return found[0]
            try:
                value = make()
                self._keep(key, value)
            finally:
                with self._lock:
                    self._making.pop(key, None)
        return value

    def forget(self) -> None:
        """Drop everything."""
        with self._lock:
            self._kept.clear()
            self.bytes = 0

    def _find(self, key: Hashable) -> tuple[T, int] | None:
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
                self.hits += 1
            return found

    def _keep(self, key: Hashable, value: T) -> None:
        size = self._size_of(value)
        with self._lock:
            self.misses += 1
            if size > self._most:
                return
            self._kept[key] = (value, size)
            self.bytes += size
            while self.bytes > self._most:
                _, (_, gone) = self._kept.popitem(last=False)
                self.bytes -= gone
