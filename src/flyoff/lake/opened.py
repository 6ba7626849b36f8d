"""Tables that are open already: a table's newest commit says whether it is still the same."""

import threading
from collections import OrderedDict
from typing import Any

from flyoff.errors import StoreError
from flyoff.lake.dataset import as_dataset
from flyoff.lake.store import Store

#: Tables of a few stores; each is a list of files, not their content.
_KEPT = 64
_open: OrderedDict[tuple[str, object, str], Any] = OrderedDict()
_lock = threading.Lock()


def opened(store: Store, name: str, commit: str) -> Any:
    """A table as an Arrow dataset, at this commit or a newer one.

    Opening reads the table's whole history, which takes longer than most questions to it.

    Raises
    ------
    StoreError
        If a file of the table is missing.
    """
    key = (store.uri(name), store.home.identity(f"tables/{name}"), commit)
    with _lock:
        if key in _open:
            _open.move_to_end(key)
            return _open[key]
    try:
        found = as_dataset(store.table(name))
    except FileNotFoundError as error:
        raise StoreError(store.uri(name), f"a table's file is missing: {error.filename}") from error
    with _lock:
        _open[key] = found
        while len(_open) > _KEPT:
            _open.popitem(last=False)
    return found
