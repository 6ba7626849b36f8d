"""Tables that a writer keeps open: brought up to date, since opening reads a table's whole log."""

from collections.abc import Sequence

from deltalake import DeltaTable

from flyoff.lake.store import Store


class HeldTables:
    """Some tables of a store, as they are when they are asked for.

    Parameters
    ----------
    store : Store
    names : sequence of str
    """

    def __init__(self, store: Store, names: Sequence[str]) -> None:
        self._store, self._names = store, tuple(names)
        self._open: dict[str, tuple[DeltaTable, int]] = {}

    def now(self) -> dict[str, DeltaTable]:
        """Each table at its newest version; under the lock it stays the newest."""
        commits = self._store.newest_commits(self._names)
        for name, commit in zip(self._names, commits, strict=True):
            held, place = self._open.get(name, (None, 0))
            newest, now_at = version_of(commit), place_of(self._store, name)
            if held is None or place != now_at or newest < held.version():
                held = self._store.table(name)  # or another was put in its place
            elif newest > held.version():
                held.update_incremental()
            self._open[name] = (held, now_at)
        return {name: table for name, (table, _) in self._open.items()}

    def forget(self) -> None:
        """Open them anew the next time: a commit to one of them failed."""
        self._open.clear()


def place_of(store: Store, name: str) -> int:
    """Tells a table from another one that a repair put in its place; only a folder has it."""
    log = store.home.local(f"tables/{name}/_delta_log")
    try:
        return log.stat().st_ino if log is not None else 0
    except FileNotFoundError:
        return -1


def version_of(commit: str) -> int:
    """Of a commit's name; -1 where there is none.

    Examples
    --------
    >>> version_of("00000000000000000012.json"), version_of("")
    (12, -1)
    """
    digits = commit.partition(".")[0]
    return int(digits) if digits else -1
