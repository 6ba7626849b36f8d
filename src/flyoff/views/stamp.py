"""What state a store is in: a word that changes whenever one of its tables does."""

import os

from flyoff.lake.schema import LINKED, PEOPLE, SCHEMAS
from flyoff.lake.store import Store, explained


def store_stamp(store: str | os.PathLike[str]) -> str:
    """The newest commit of every table, without opening any.

    Raises
    ------
    StoreError
        If there is no store, or it cannot be read.
    """
    lake = Store(store)
    with explained(lake.path):
        return ",".join(lake.newest_commits([*SCHEMAS, *PEOPLE, *LINKED]))
