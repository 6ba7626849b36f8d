"""Looking after a store."""

from collections.abc import Iterator
from pathlib import Path

from flyoff.lake.commit import optimise as optimise_store
from flyoff.lake.health import Damage, check_store
from flyoff.lake.store import Store


def check(path: Path) -> Iterator[Damage]:
    """Tell everything that is wrong with a store; StoreError if it cannot be opened at all."""
    return check_store(Store(path))


def optimise(path: Path) -> tuple[int, int]:
    """Join the small files of a store's tables; how many there were, and are."""
    return optimise_store(Store(path))


__all__ = ["Damage", "check", "optimise"]
