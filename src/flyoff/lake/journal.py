"""A second copy, in plain text, of what no raw file says: for the day a table is lost.

The names and plans that logs came with, and every word that people wrote, are appended here as JSON
lines before they get into a table, a file for each append. Nothing here is read but by
``flyoff store repair``.
"""

import json
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from flyoff.faults import step
from flyoff.lake.schema import PEOPLE
from flyoff.lake.store import Store

JOURNAL: Final = "journal"
#: Of a log, what its bytes do not say.
NAMES: Final = ("log_sha256", "path", "plan_sha256", "plan_path")
NOTED: Final = ("logs", *PEOPLE)


def note(store: Store, name: str, rows: Iterable[Mapping[str, Any]]) -> None:
    """Append rows of a table, durably and whole."""
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    stamp = f"{time.time_ns() // 1000:016}-{uuid.uuid4().hex[:8]}"
    store.home.create(f"{JOURNAL}/{name}/{stamp}.jsonl", text.encode())
    step(f"journal.noted.{name}")


def note_names(store: Store, rows: Iterable[Mapping[str, Any]]) -> None:
    """Append what the bytes of some logs do not say."""
    note(store, "logs", [{column: row[column] for column in NAMES} for row in rows])


def noted(store: Store, name: str) -> list[dict[str, Any]]:
    """All rows of a table that were noted, in the order of noting, each once."""
    found: dict[str, dict[str, Any]] = {}
    for key in store.home.keys(f"{JOURNAL}/{name}"):
        if not key.endswith(".jsonl"):  # was being written
            continue
        for line in store.home.read(key).decode().split("\n")[:-1]:
            found.setdefault(line, json.loads(line))
    return list(found.values())


def is_noted(store: Store) -> bool:
    """Whether the journal has been there from the beginning, or was made up for since."""
    return store.version >= 2  # the format that brought it


def upgrade(store: Store) -> tuple[int, int]:
    """Bring a store of an older format to the newest; killed, it is run again.

    Returns
    -------
    before, after : int
        Format versions.
    """
    from flyoff.lake.query import connect, dicts

    before = store.version
    with store.locked():
        if not is_noted(store):
            with connect(store) as db:
                for name in NOTED:
                    rows = dicts(db.execute(f"SELECT * FROM {name}"))
                    if rows and name == "logs":
                        note_names(store, rows)
                    elif rows:
                        note(store, name, rows)
            store.renew()
            step("upgrade.marked")
    return before, store.version


def missing(noted_rows: Sequence[Mapping[str, Any]], there: Iterable[Mapping[str, Any]]) -> (
    list[dict[str, Any]]
):  # fmt: skip
    """Rows that were noted and are not there."""
    known = {json.dumps(dict(row), sort_keys=True) for row in there}
    return [dict(r) for r in noted_rows if json.dumps(dict(r), sort_keys=True) not in known]
