"""Whether a store is whole: each raw file is what its name says, each table can be read."""

import hashlib
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyarrow.parquet as pq

from flyoff.lake import raw
from flyoff.lake.query import connect
from flyoff.lake.schema import IMPORTED, LINKED, PEOPLE, SCHEMAS
from flyoff.lake.store import Store


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
    for key in store.home.keys("raw"):
        digest = "".join(key.split("/")[1:])
        if len(digest) != 64:  # what a CSV's columns mean, beside it
            continue
        try:
            found = _sha256(store.home.chunks(key))
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            yield Damage(key, f"cannot be read: {why}", _INGEST)
            continue
        if found != digest:
            yield Damage(key, "is not its SHA-256 any more", _INGEST)


_INGEST = "move this file away, and ingest the log again from where it came from"
_PEOPLE = "this is in no other place: bring this table back from a backup"
_DERIVED = "bring the folder tables/ back from a backup, or ingest the logs into a new store"


def _table_damage(store: Store, name: str) -> Iterator[Damage]:
    home = f"tables/{name}"
    if name not in SCHEMAS and not store.newest_commits([name])[0]:
        return  # made when the first row comes
    remedy = _DERIVED if name in (*SCHEMAS, *LINKED) else _PEOPLE
    try:
        files = store.table(name).file_uris()
    except Exception as error:  # a damaged log raises what it likes; each means the same here
        yield Damage(home, f"cannot be opened: {_line(error)}", remedy)
        return
    for uri in sorted(files):
        key = f"{home}/{uri.removeprefix('file://').removeprefix(store.uri(name)).lstrip('/')}"
        try:
            with pq.ParquetFile(store.home.local(key) or io.BytesIO(store.home.read(key))) as found:
                for _ in found.iter_batches():
                    pass
        except Exception as error:  # likewise
            yield Damage(key, f"cannot be read: {_line(error)}", remedy)


def _missing(store: Store) -> Iterator[Damage]:
    there = set(store.home.keys("raw"))
    with connect(store) as db:
        rows = db.execute("SELECT log_sha256, path FROM logs ORDER BY ALL").fetchall()
    for sha256, path in rows:
        if raw.key_of(sha256) not in there:
            yield Damage(raw.key_of(sha256), f"the raw file of {path} is missing", _INGEST)


def _sha256(chunks: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
