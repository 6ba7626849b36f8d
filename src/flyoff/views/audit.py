"""Reviews as an audit trail, and the mark that says which of them somebody has seen."""

import hashlib
from typing import Any

from flyoff.lake.borrowed import borrowed
from flyoff.lake.query import dicts
from flyoff.lake.store import Store
from flyoff.views.one_sortie import review_facts

_ALL = "SELECT * FROM reviews ORDER BY reviewed_us DESC LIMIT ?"
_ONE = "SELECT * FROM reviews WHERE sortie_id = ? ORDER BY reviewed_us DESC"
_KNOWN = "SELECT count(*) FROM sorties WHERE sortie_id = ?"


def review_trail(store: str, limit: int) -> list[dict[str, Any]]:
    """The newest reviews of all sorties, newest first."""
    return _reviews(store, _ALL, limit)


def sortie_trail(store: str, sortie_id: str) -> list[dict[str, Any]]:
    """All reviews of one sortie, newest first."""
    return _reviews(store, _ONE, sortie_id)


def is_known(store: str, sortie_id: str) -> bool:
    """Whether the store has such a sortie."""
    with borrowed(Store(store)) as db:
        row = db.execute(_KNOWN, [sortie_id]).fetchone()
    return bool(row and row[0])


def trail_mark(trail: list[dict[str, Any]]) -> str:
    """Another word for every other trail.

    Examples
    --------
    >>> trail_mark([]) == trail_mark([]), len(trail_mark([]))
    (True, 16)
    """
    return hashlib.sha256(repr(trail).encode()).hexdigest()[:16]


def _reviews(store: str, query: str, value: Any) -> list[dict[str, Any]]:
    with borrowed(Store(store)) as db:
        return [review_facts(row) for row in dicts(db.execute(query, [value]))]
