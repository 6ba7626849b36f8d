"""Connections that serve the next question, too: making one takes longer than most questions.

A server asks one state of a store again and again. What is borrowed goes back to a small pool under
the state that it was made of, and is lent again only while the store is in that very state.
"""

import contextlib
import threading
from collections.abc import Iterator

import duckdb

from flyoff.lake.query import TABLES, connected
from flyoff.lake.store import Store, explained

State = tuple[object, ...]

#: Connections that wait for a question: about as many as questions are answered at once.
_MOST = 6
_idle: list[tuple[State, duckdb.DuckDBPyConnection]] = []
_lock = threading.Lock()


@contextlib.contextmanager
def borrowed(store: Store) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection as ``connect`` yields it, for questions that leave nothing behind in it.

    Yields
    ------
    duckdb.DuckDBPyConnection
        Nobody else uses it meanwhile. No table, view or registered name may be added to it.
    """
    state = _state(store)
    connection = _taken(state)
    if connection is None:
        connection = connected(store)
    try:
        yield connection
    except BaseException:
        connection.close()  # whatever it was: the next question begins anew
        raise
    # made while somebody committed, it may show more than its state says: not kept
    if _state(store) == state:
        _give_back(state, connection)
    else:
        connection.close()


def _state(store: Store) -> State:
    """Every table's newest commit, where they lie, and whether all rows in them count."""
    with explained(store.path):
        names = list(TABLES)
        where = tuple((store.uri(name), store.home.identity(f"tables/{name}")) for name in names)
        return (where, tuple(store.newest_commits(names)), store.is_settled)


def _taken(state: State) -> duckdb.DuckDBPyConnection | None:
    """One that waits under this state, the latest used first."""
    with _lock:
        for at in range(len(_idle) - 1, -1, -1):
            if _idle[at][0] == state:
                return _idle.pop(at)[1]
    return None


def _give_back(state: State, connection: duckdb.DuckDBPyConnection) -> None:
    with _lock:
        _idle.append((state, connection))
        gone = [_idle.pop(0) for _ in range(len(_idle) - _MOST)]
    for _, old in gone:
        old.close()
