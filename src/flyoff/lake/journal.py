"""A second copy, in plain text, of what no raw file says: for the day a table is lost.

The names and plans that logs came with, and every word that people wrote, are appended here as JSON
lines before they get into a table, a file for each append. Nothing here is read but by
``flyoff store repair``.
"""

import json
import os
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from flyoff.faults import step
from flyoff.lake.raw import sync_folder
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
    write_whole(store.path / JOURNAL / name / f"{stamp}.jsonl", text.encode())
    step(f"journal.noted.{name}")


def note_names(store: Store, rows: Iterable[Mapping[str, Any]]) -> None:
    """Append what the bytes of some logs do not say."""
    note(store, "logs", [{column: row[column] for column in NAMES} for row in rows])


def noted(store: Store, name: str) -> list[dict[str, Any]]:
    """All rows of a table that were noted, in the order of noting, each once."""
    found: dict[str, dict[str, Any]] = {}
    for file in sorted((store.path / JOURNAL / name).glob("*.jsonl")):
        for line in file.read_text().splitlines():
            found.setdefault(line, json.loads(line))
    return list(found.values())


def is_noted(store: Store) -> bool:
    """Whether the journal has been there from the beginning, or was made up for since."""
    return store.version >= 2  # the format that brought it


def write_whole(place: Path, data: bytes) -> None:
    """Write a file whole or not at all, so that it survives a power cut."""
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_name(f".{place.name}.{uuid.uuid4().hex}")
    with part.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    os.replace(part, place)
    sync_folder(place.parent)


def upgrade(store: Store) -> tuple[int, int]:
    """Bring a store of an older format to the newest; killed, it is run again.

    Returns
    -------
    before, after : int
        Format versions.
    """
    from flyoff.lake.query import connect

    before = store.version
    with store.locked():
        if not is_noted(store):
            with connect(store) as db:
                for name in NOTED:
                    done = db.execute(f"SELECT * FROM {name}")
                    columns = [d[0] for d in done.description or ()]
                    rows = [dict(zip(columns, row, strict=True)) for row in done.fetchall()]
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
