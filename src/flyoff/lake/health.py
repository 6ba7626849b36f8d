"""Whether a store is whole: each raw file is what its name says, each table can be read."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
from deltalake import DeltaTable

from flyoff.lake import raw
from flyoff.lake.journal import missing, noted
from flyoff.lake.query import connect
from flyoff.lake.schema import IMPORTED, LINKED, PEOPLE, SCHEMAS
from flyoff.lake.store import Store

_CHUNK = 4 << 20
#: Where a repair puts what it takes away, and what it has still to do.
DAMAGED = "damaged"
PENDING = f"{DAMAGED}/pending.json"


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
        In the order raw files, tables, logs whose raw file or rows are missing.
    """
    yield from _raw_damage(store)
    found = [
        d for name in (*SCHEMAS, *PEOPLE, *LINKED, *IMPORTED) for d in _table_damage(store, name)
    ]
    yield from found
    if is_pending(store):
        yield Damage(PENDING, "a repair was broken off", "run flyoff store repair again")
    if not found:  # else the table of logs may not be readable
        yield from _missing(store)
        yield from _uncounted(store)
        yield from _unheard(store)


def is_pending(store: Store) -> bool:
    """Whether a repair was begun and not ended."""
    return (store.path / PENDING).exists()


def altered_raw(store: Store) -> Iterator[Path]:
    """Raw files that are not their SHA-256."""
    for damage in _raw_damage(store):
        yield store.path / damage.where


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


_INGEST = "flyoff store repair moves it away; then ingest the log again from where it came from"
_REPAIR = "flyoff store repair builds it anew"
_IMPORT = "flyoff store repair keeps what is left; then import the bundles again"
_PEOPLE = "flyoff store repair brings back what the journal has; else take it from a backup"


@dataclass(frozen=True, slots=True)
class Look:
    """What can be read of a table.

    Attributes
    ----------
    error : str
        Why it cannot be opened; empty if it can.
    bad : tuple of (Path, str)
        Files of it that are missing or cannot be read, and why.
    """

    error: str = ""
    bad: tuple[tuple[Path, str], ...] = ()


def look(store: Store, name: str) -> Look:
    """Read everything in a table; one that is made when its first row comes may be absent."""
    home = store.tables / name
    if name not in SCHEMAS and not any(home.glob("**/*.json")) and not any(home.glob("*.parquet")):
        return Look()
    try:
        files = DeltaTable(str(home)).file_uris()
    except Exception as error:  # a damaged log raises what it likes; each means the same here
        return Look(_line(error))
    bad = []
    for uri in sorted(files):
        path = Path(uri.removeprefix("file://"))
        if why := unreadable(path):
            bad.append((path, why))
    return Look(bad=tuple(bad))


def unreadable(path: Path) -> str:
    """Why a Parquet file cannot be read; empty if it can."""
    try:
        with pq.ParquetFile(path) as parquet:
            for _ in parquet.iter_batches():
                pass
    except Exception as error:  # a damaged file raises what it likes, too
        return _line(error) or type(error).__name__
    return ""


def _table_damage(store: Store, name: str) -> Iterator[Damage]:
    remedy = _REPAIR if name in (*SCHEMAS, *LINKED) else _PEOPLE if name in PEOPLE else _IMPORT
    found = look(store, name)
    if found.error:
        where = _relative(store, store.tables / name)
        yield Damage(where, f"cannot be opened: {found.error}", remedy)
    for path, why in found.bad:
        yield Damage(_relative(store, path), f"cannot be read: {why}", remedy)


#: Logs of which a table has not the rows that ``logs`` says it has.
UNCOUNTED = """
SELECT l.log_sha256, l.path, l.{table}, count(t.log_sha256) AS rows
FROM logs l LEFT JOIN {table} t USING (log_sha256)
GROUP BY ALL HAVING count(t.log_sha256) != l.{table} ORDER BY l.path
"""


def _uncounted(store: Store) -> Iterator[Damage]:
    for table in ("recordings", "sorties"):
        with connect(store) as db:
            rows = db.execute(UNCOUNTED.format(table=table)).fetchall()
        for _, path, should, has in rows:
            yield Damage(f"tables/{table}", f"has {has} rows of {path}, not {should}", _REPAIR)


def _unheard(store: Store) -> Iterator[Damage]:
    for name in PEOPLE:
        with connect(store) as db:
            done = db.execute(f"SELECT * FROM {name}")
            columns = [d[0] for d in done.description or ()]
            there = [dict(zip(columns, row, strict=True)) for row in done.fetchall()]
        if lost := missing(noted(store, name), there):
            yield Damage(f"tables/{name}", f"lacks {len(lost)} rows that the journal has", _PEOPLE)


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
