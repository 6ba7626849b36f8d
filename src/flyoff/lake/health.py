"""Whether a store is whole: each raw file is what its name says, each table can be read."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
from deltalake import DeltaTable

from flyoff.lake import raw
from flyoff.lake.opened import newest_commit
from flyoff.lake.query import connect
from flyoff.lake.schema import IMPORTED, LINKED, PEOPLE, SCHEMAS
from flyoff.lake.store import Store

_CHUNK = 4 << 20


@dataclass(frozen=True, slots=True)
class Damage:
    """One thing that is wrong with a store.

    Attributes
    ----------
    where : str
        File or table, relative to the store.
    what : str
    remedy : str
    """

    where: str
    what: str
    remedy: str


def check_store(store: Store) -> Iterator[Damage]:
    """Read everything in a store; nothing is changed.

    Yields
    ------
    Damage
        In the order raw files, tables, logs whose raw file is missing.
    """
    yield from _raw_damage(store)
    found = [
        d for name in (*SCHEMAS, *PEOPLE, *LINKED, *IMPORTED) for d in _table_damage(store, name)
    ]
    yield from found
    if not found:  # else the table of logs may not be readable
        yield from _missing(store)


def _raw_damage(store: Store) -> Iterator[Damage]:
    for file in sorted(store.raw.glob("[0-9a-f][0-9a-f]/*")):
        if len(file.name) != 62:  # what a CSV's columns mean, beside it
            continue
        try:
            digest = _sha256(file)
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            yield Damage(_relative(store, file), f"cannot be read: {why}", _INGEST)
            continue
        if digest != file.parent.name + file.name:
            yield Damage(_relative(store, file), "is not its SHA-256 any more", _INGEST)


_INGEST = "move this file away, and ingest the log again from where it came from"
_PEOPLE = "this is in no other place: bring this table back from a backup"
_DERIVED = "bring the folder tables/ back from a backup, or ingest the logs into a new store"


def _table_damage(store: Store, name: str) -> Iterator[Damage]:
    home = store.tables / name
    if name not in SCHEMAS and not newest_commit(home):
        return  # made when the first row comes
    remedy = _DERIVED if name in (*SCHEMAS, *LINKED) else _PEOPLE
    try:
        files = DeltaTable(str(home)).file_uris()
    except Exception as error:  # a damaged log raises what it likes; each means the same here
        yield Damage(_relative(store, home), f"cannot be opened: {_line(error)}", remedy)
        return
    for uri in sorted(files):
        path = Path(uri.removeprefix("file://"))
        try:
            with pq.ParquetFile(path) as parquet:
                for _ in parquet.iter_batches():
                    pass
        except Exception as error:  # likewise
            yield Damage(_relative(store, path), f"cannot be read: {_line(error)}", remedy)


def _missing(store: Store) -> Iterator[Damage]:
    with connect(store) as db:
        rows = db.execute("SELECT log_sha256, path FROM logs ORDER BY ALL").fetchall()
    for sha256, path in rows:
        file = raw.place(store.raw, sha256)
        if not file.is_file():
            yield Damage(_relative(store, file), f"the raw file of {path} is missing", _INGEST)


def _sha256(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb", buffering=0) as opened:
        while chunk := opened.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _relative(store: Store, path: Path) -> str:
    return path.relative_to(store.path).as_posix() if path.is_relative_to(store.path) else str(path)


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
