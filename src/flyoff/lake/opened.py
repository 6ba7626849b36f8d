"""Tables that are open already: a table's newest commit says whether it is still the same."""

import os
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any

from deltalake import DeltaTable

from flyoff.errors import StoreError

#: Tables of a few stores; each is a list of files, not their content.
_KEPT = 64
_open: OrderedDict[tuple[str, tuple[int, int], str], Any] = OrderedDict()
_lock = threading.Lock()


def newest_commit(table: Path) -> str:
    """Name of a table's newest commit; empty where there is no table. Names grow in order."""
    try:
        with os.scandir(table / "_delta_log") as found:
            names = (e.name for e in found if e.name.endswith(".json"))
            return max((n for n in names if n[:1].isdigit()), default="")
    except FileNotFoundError:
        return ""


def opened(table: Path) -> Any:
    """A table as an Arrow dataset at its newest commit.

    Opening reads the table's whole history, which takes longer than most questions to it.

    Raises
    ------
    StoreError
        If a file of the table is missing.
    """
    key = (str(table), _identity(table), newest_commit(table))
    with _lock:
        if key in _open:
            _open.move_to_end(key)
            return _open[key]
    try:
        found = DeltaTable(str(table)).to_pyarrow_dataset()
    except FileNotFoundError as error:
        raise StoreError(str(table), f"a table's file is missing: {error.filename}") from error
    with _lock:
        _open[key] = found
        while len(_open) > _KEPT:
            _open.popitem(last=False)
    return found


def _identity(table: Path) -> tuple[int, int]:
    """Tells a table from another one that was put in its place, by a backup or a repair."""
    try:
        found = (table / "_delta_log").stat()
    except OSError:
        return (0, 0)
    return (found.st_ino, found.st_mtime_ns)  # numbers of files are used again
