"""Tables of what people wrote: appended only, made when the first row comes."""

import time
from collections.abc import Sequence

import pyarrow as pa
from deltalake import CommitProperties, write_deltalake

from flyoff.campaign.review import Review
from flyoff.lake.query import connect
from flyoff.lake.schema import PEOPLE
from flyoff.lake.store import Store, explained, make_table

_RETRIES = 50


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


def known_sorties(store: Store) -> dict[str, str]:
    """Every sortie's id and the outcome judged."""
    with connect(store) as db:
        return dict(db.execute("SELECT sortie_id, outcome FROM sorties").fetchall())


def log_names(store: Store) -> set[str]:
    """File names and SHA-256 of all logs."""
    with connect(store) as db:
        rows = db.execute(
            "SELECT log_sha256, parse_filename(path, false, 'both_slash') FROM logs"
        ).fetchall()
    return {word for row in rows for word in row}
