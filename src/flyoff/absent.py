"""Packages that are installed and shall not be found: what a library looks for of its own accord.

Some libraries load others that nothing here uses, only because they are installed. For a while
these can be told that there are none. That is for processes that are ours alone; in one that
imports Flyoff as a library, its user may want what is left out.
"""

import contextlib
import sys
from collections.abc import Iterator, Sequence


class _NotFound:
    """A finder of modules that says of some that there are none."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names

    def find_spec(self, name: str, *_: object) -> None:
        """Raise for the names; of others nothing is known."""
        if name in self._names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


@contextlib.contextmanager
def absent(*names: str) -> Iterator[None]:
    """Let modules not be found for now; one that is loaded already stays."""
    finder = _NotFound(names)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
