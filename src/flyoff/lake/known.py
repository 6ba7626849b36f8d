"""Which logs a store has: asked for every batch, so that only what is new is read."""

import io
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
from deltalake import DeltaTable

from flyoff.lake.store import Store, explained

#: Of more new files than this, the whole table is read at once.
_FEW = 8


class KnownLogs:
    """The logs of a store, as of the newest ``logs`` that it was shown.

    Parameters
    ----------
    store : Store
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._version = -1
        self._files: set[str] = set()
        self._old = np.empty(0, dtype="S64")
        self._new: set[str] = set()

    def update(self, logs: DeltaTable) -> None:
        """Take in what was written since; also by other processes."""
        if logs.version() == self._version:
            return
        files = {uri.rpartition("/")[2] for uri in logs.file_uris()}
        new = files - self._files
        if self._files - files or len(new) > _FEW or not self._files:
            self._old, self._new = _sha256s(logs), set()
        else:
            for name in new:
                content = io.BytesIO(self._store.home.read(f"tables/logs/{name}"))
                self._new.update(pq.read_table(content, columns=["log_sha256"])[0].to_pylist())
        self._files, self._version = files, logs.version()

    def among(self, sha256s: Iterable[str]) -> set[str]:
        """Those of some logs that the store has."""
        return {s for s in sha256s if s in self._new or is_known(self._old, s)}


def known_logs(store: Store) -> npt.NDArray[np.bytes_]:
    """SHA-256 of all logs in the store, sorted, bytes shape (n,)."""
    with explained(store.path):
        return _sha256s(store.table("logs"))


def is_known(known: npt.NDArray[np.bytes_], sha256: str) -> bool:
    """Whether a SHA-256 is among the sorted ones."""
    wanted = np.bytes_(sha256.encode())
    at = int(np.searchsorted(known, wanted))
    return at < known.size and bool(known[at] == wanted)


def _sha256s(logs: DeltaTable) -> npt.NDArray[np.bytes_]:
    rows = logs.to_pyarrow_dataset().to_table(columns=["log_sha256"])
    return np.unique(np.array(rows["log_sha256"].to_pylist(), dtype="S64"))
