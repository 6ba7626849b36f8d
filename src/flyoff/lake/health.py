"""Whether a store is whole: each raw file is what its name says, each table can be read."""

import hashlib
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from flyoff.errors import reason_of
from flyoff.lake import raw
from flyoff.lake.journal import missing, noted
from flyoff.lake.query import connect, dicts
from flyoff.lake.schema import DERIVED, IMPORTED, LINKED, PEOPLE, SCHEMAS
from flyoff.lake.store import Store
from flyoff.lake.unchanged import said_beside

#: Where a repair puts what it takes away, and what it has still to do.
DAMAGED = "damaged"
PENDING = f"{DAMAGED}/pending.json"
#: What files of a table, and of its log, end in.
_PARTS = (".parquet", ".json")


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
        for name, logs in lost_commits(store).items():
            yield Damage(f"tables/{name}", f"lacks what was written of {len(logs)} logs", _REPAIR)
        if count := unvouched(store):
            yield Damage("tables/logs", f"lacks {count} logs that other tables have", _REPAIR)
        yield from _unheard(store)


def is_pending(store: Store) -> bool:
    """Whether a repair was begun and not ended."""
    return store.home.size(PENDING) is not None


def altered_raw(store: Store) -> Iterator[str]:
    """Keys of raw files that are not their SHA-256."""
    for damage in _raw_damage(store):
        yield damage.where


def _raw_damage(store: Store) -> Iterator[Damage]:
    for key in store.home.keys("raw"):
        digest = raw.digest_of(key)
        if len(digest) != 64:  # what a CSV's columns mean, beside it
            continue
        try:
            found = _sha256(store.home.chunks(key))
        except OSError as error:
            why = reason_of(error)
            yield Damage(key, f"cannot be read: {why}", _INGEST)
            continue
        if found != digest:
            yield Damage(key, "is not its SHA-256 any more", _INGEST)


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
    bad : tuple of (str, str)
        Keys of its files that are missing or cannot be read, and why.
    """

    error: str = ""
    bad: tuple[tuple[str, str], ...] = ()


def look(store: Store, name: str) -> Look:
    """Read everything in a table; one that is made when its first row comes may be absent."""
    home = f"tables/{name}"
    if name not in SCHEMAS and not any(k.endswith(_PARTS) for k in store.home.keys(home)):
        return Look()
    try:
        files = pa.table(store.table(name).get_add_actions()).column("path").to_pylist()
    except Exception as error:  # a damaged log raises what it likes; each means the same here
        return Look(_line(error))
    # as the log names them: the URIs of the files are absolute, and quoted
    keys = [f"{home}/{file}" for file in sorted(files)]
    return Look(bad=tuple((key, why) for key in keys if (why := unreadable(store, key))))


def unreadable(store: Store, key: str) -> str:
    """Why a Parquet file cannot be read; empty if it can."""
    try:
        with pq.ParquetFile(store.home.local(key) or io.BytesIO(store.home.read(key))) as found:
            for _ in found.iter_batches():
                pass
    except Exception as error:  # a damaged file raises what it likes, too
        return _line(error) or type(error).__name__
    return ""


def _table_damage(store: Store, name: str) -> Iterator[Damage]:
    remedy = _REPAIR if name in (*SCHEMAS, *LINKED) else _PEOPLE if name in PEOPLE else _IMPORT
    found = look(store, name)
    if found.error:
        yield Damage(f"tables/{name}", f"cannot be opened: {found.error}", remedy)
    for key, why in found.bad:
        yield Damage(key, f"cannot be read: {why}", remedy)


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


def lost_commits(store: Store) -> dict[str, set[str]]:
    """Logs that were written to a table whose own log does not know of it any more.

    After a power cut the newest entry of a table's log may be gone, and the table looks whole as it
    was before. Each commit to it named its ingest; ``logs``, which was written last, says where.
    """
    said = said_beside(store.table("logs"))
    with connect(store) as db:
        rows = db.execute("SELECT log_sha256, ingest_id FROM logs").fetchall()
    found: dict[str, set[str]] = {}
    tables = {name: store.table(name) for name in DERIVED}
    for ingest in {ingest for _, ingest in rows} & said.keys():
        for name in said[ingest]:
            if tables[name].transaction_version(ingest) is None:
                logs = {sha for sha, own in rows if own == ingest}
                found[name] = found.get(name, set()) | logs
    return found


def unvouched(store: Store) -> int:
    """How many logs have rows that nothing vouches for, although nobody is writing."""
    if not store.is_settled:
        return 0
    logs: set[str] = set()
    with connect(store) as db:
        for name in DERIVED:
            asked = f"FROM {name} ANTI JOIN logs USING (log_sha256, ingest_id)"
            rows = db.execute(f"SELECT DISTINCT log_sha256 {asked}").fetchall()
            logs |= {row[0] for row in rows}
    return len(logs)


def _unheard(store: Store) -> Iterator[Damage]:
    for name in PEOPLE:
        with connect(store) as db:
            there = dicts(db.execute(f"SELECT * FROM {name}"))
        if lost := missing(noted(store, name), there):
            yield Damage(f"tables/{name}", f"lacks {len(lost)} rows that the journal has", _PEOPLE)


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
