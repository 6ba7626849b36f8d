"""What state a store is in: a word that changes whenever one of its tables does."""

import os
from pathlib import Path

from flyoff.lake.opened import newest_commit
from flyoff.lake.schema import LINKED, PEOPLE, SCHEMAS
from flyoff.lake.store import explained

_MARK = "flyoff.json"


def store_stamp(store: str | os.PathLike[str]) -> str:
    """The newest commit of every table, without opening any.

    Raises
    ------
    StoreError
        If there is no store, or it cannot be read.
    """
    home = Path(store)
    with explained(home):
        (home / _MARK).stat()
        return ",".join(newest_commit(home / "tables" / t) for t in (*SCHEMAS, *PEOPLE, *LINKED))
