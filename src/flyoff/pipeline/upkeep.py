"""Looking after a store."""

from collections.abc import Iterator
from pathlib import Path

from flyoff.lake.health import Damage, check_store
from flyoff.lake.store import Store


def check(path: Path) -> Iterator[Damage]:
    """Tell everything that is wrong with a store; StoreError if it cannot be opened at all."""
    return check_store(Store(path))


__all__ = ["Damage", "check"]
