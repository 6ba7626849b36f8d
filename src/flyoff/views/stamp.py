"""What state a store is in: a word that changes whenever one of its tables does."""

import os
from pathlib import Path

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
        return ",".join(_newest(home / "tables" / t) for t in (*SCHEMAS, *PEOPLE, *LINKED))


def _newest(table: Path) -> str:
    """Name of a table's newest commit; names are numbers of equal length."""
    try:
        with os.scandir(table / "_delta_log") as found:
            return max((e.name[:20] for e in found if e.name.endswith(".json")), default="").lstrip(
                "0"
            )
    except FileNotFoundError:
        return ""
