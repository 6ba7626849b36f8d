"""Evidence of others in a store: beside the own tables, never in them.

The bundles lie in ``bundles/``, as received; the tables ``imports`` and ``imported_…`` are made of
them. A row counts only if ``imports`` names its bundle, and that row is written last: an import
that is killed leaves nothing that counts.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa

from flyoff.errors import ExchangeError
from flyoff.faults import step
from flyoff.lake.parcel import PARCELS
from flyoff.lake.query import connect, dicts
from flyoff.lake.schema import IMPORTED, IMPORTED_FROM
from flyoff.lake.store import Store, explained

BUNDLES: Final = "bundles"


@dataclass(frozen=True, slots=True)
class Import:
    """One bundle in a store.

    Attributes
    ----------
    origin : str
        Whose evidence it is, as this store calls them.
    bundle_sha256, campaign, policy : str
    created_utc : str
    keyids : str
        Of the trusted keys that signed it, with spaces between.
    imported_us : int
    sorties : int
    """

    origin: str
    bundle_sha256: str
    campaign: str
    policy: str
    created_utc: str
    keyids: str
    imported_us: int
    sorties: int


def imports(store: Store) -> list[Import]:
    """All bundles of a store that count, in the order of import."""
    columns = ", ".join(Import.__dataclass_fields__)
    with connect(store) as db:
        rows = db.execute(f"SELECT {columns} FROM imports ORDER BY imported_us").fetchall()
    return [Import(*row) for row in rows]


def put_bundle(store: Store, made: Import, data: memoryview, tables: Mapping[str, pa.Table]) -> str:
    """Write a verified bundle and its tables.

    Returns
    -------
    str
        What of the same campaign and origin it took the place of; empty if nothing.

    Raises
    ------
    ExchangeError
        If a newer bundle of this origin and campaign is there: an old one is no news.
    """
    with store.locked(), explained(store.path):
        before = [
            one
            for one in imports(store)
            if (one.origin, one.campaign) == (made.origin, made.campaign)
        ]
        newest = max(before, key=lambda one: one.created_utc, default=None)
        if newest is not None and newest.created_utc > made.created_utc:
            raise ExchangeError(
                f"{made.origin} sent a newer bundle of {made.campaign!r}, of {newest.created_utc}; "
                f"this one of {made.created_utc} would take it back"
            )
        store.home.create(f"{BUNDLES}/{made.bundle_sha256}.flyoff", data)
        step("import.kept")
        for name in IMPORTED_FROM:
            _append(store, f"imported_{name}", _with_origin(name, tables[name], made))
        row = {name: getattr(made, name) for name in Import.__dataclass_fields__}
        _append(store, "imports", pa.Table.from_pylist([row], schema=IMPORTED["imports"]))
    return newest.bundle_sha256 if newest is not None else ""


def now_us() -> int:
    """Now [µs, UNIX]."""
    return time.time_ns() // 1000


def _with_origin(name: str, table: pa.Table, made: Import) -> pa.Table:
    size = len(table)
    for column, text in (("bundle_sha256", made.bundle_sha256), ("origin", made.origin)):
        table = table.add_column(0, column, pa.repeat(pa.scalar(text, pa.string()), size))
    return table.cast(IMPORTED[f"imported_{name}"])


def _append(store: Store, name: str, rows: pa.Table) -> None:
    store.make_table(name, IMPORTED[name])
    if len(rows):
        store.append(name, rows)
    step(f"import.appended.{name}")


def parcel_rows(store: Store, sorties: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """What a store holds of some sorties: rows of a bundle's tables, not redacted yet.

    ``evidence`` is not among them: what counts is for a campaign to say.
    """
    with connect(store) as db:
        db.register("_wanted", pa.table({"sortie_id": pa.array(sorted(sorties), pa.string())}))
        db.execute("CREATE TEMP TABLE _w AS SELECT sortie_id FROM _wanted")
        return {name: dicts(db.execute(query)) for name, query in _PARCELS.items()}


def _columns(name: str, without: Sequence[str] = ()) -> str:
    return ", ".join(f'"{c}"' for c in PARCELS[name].names if c not in without)


_PARCELS: Final = {
    "logs": f"SELECT {_columns('logs', ('redacted', 'redacted_sha256'))}, path FROM logs SEMI JOIN "
    "(SELECT log_sha256 FROM sorties SEMI JOIN _w USING (sortie_id)) USING (log_sha256) "
    "ORDER BY log_sha256",
    "sorties": f"SELECT {_columns('sorties')} FROM counted_sorties SEMI JOIN _w USING (sortie_id) "
    "ORDER BY sortie_id",
    "findings": f"SELECT {_columns('findings')} FROM findings SEMI JOIN _w USING (sortie_id) "
    "ORDER BY ALL",
    "measures": f"SELECT {_columns('measures')} FROM measures SEMI JOIN _w USING (sortie_id) "
    "ORDER BY ALL",
    "reviews": f"SELECT {_columns('reviews')} FROM reviews SEMI JOIN _w USING (sortie_id) "
    "ORDER BY sortie_id, reviewed_us",
}
