"""Stores by their names, for those who start the pipeline: whether there is one, and where."""

from flyoff.lake.home import StoreName, home_of, is_url, resolved
from flyoff.lake.store import MARK, explained


def is_store(path: StoreName) -> bool:
    """Whether a store lies there."""
    home = home_of(path)
    with explained(home.path):
        return home.size(MARK) is not None


__all__ = ["StoreName", "is_store", "is_url", "resolved"]
