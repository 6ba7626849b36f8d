"""Tables of what people wrote: appended only, made when the first row comes."""

import time
from collections.abc import Sequence

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, write_deltalake

from flyoff.campaign.review import Review
from flyoff.lake.schema import PEOPLE
from flyoff.lake.store import Store, explained, make_table

_RETRIES = 50


def written(store: Store, name: str) -> object:
    """A table that people wrote, for DuckDB; empty if nobody has written yet."""
    path = store.tables / name
    if not DeltaTable.is_deltatable(str(path)):
        return PEOPLE[name].empty_table()
    return store.table(name).to_pyarrow_dataset()


def append_reviews(store: Store, reviews: Sequence[Review]) -> None:
    """Append reviews, durably and whole; what was written before stays as it is."""
    schema, now = PEOPLE["reviews"], time.time_ns() // 1000
    rows = [
        {
            "sortie_id": r.sortie_id,
            "outcome": r.outcome or None,
            "cause": r.cause or None,
            "cause_class": r.cause_class or None,
            "by": r.by.strip(),
            "because": r.because.strip(),
            "reviewed_us": now + i,
        }
        for i, r in enumerate(reviews)
    ]
    with store.locked(), explained(store.path):
        make_table(store.tables / "reviews", schema)
        write_deltalake(
            str(store.tables / "reviews"),
            pa.Table.from_pylist(rows, schema=schema),
            mode="append",
            commit_properties=CommitProperties(max_commit_retries=_RETRIES),
        )
