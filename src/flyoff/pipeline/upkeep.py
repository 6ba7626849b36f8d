"""Looking after a store."""

from collections.abc import Iterator

from flyoff.lake.commit import optimise as optimise_store
from flyoff.lake.health import Damage, check_store
from flyoff.lake.home import StoreName
from flyoff.lake.store import Store


def check(path: StoreName) -> Iterator[Damage]:
    """Tell everything that is wrong with a store; StoreError if it cannot be opened at all."""
    return check_store(Store(path))


def optimise(path: StoreName) -> tuple[int, int]:
    """Join the small files of a store's tables; how many there were, and are."""
    return optimise_store(Store(path))


__all__ = ["Damage", "check", "optimise"]
