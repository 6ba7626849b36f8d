"""What is otherwise than at an earlier instant: sorties, reviews, and the verdicts they moved.

The earlier state is what the store could have said then: without the logs that came in since and
with the reviews of that time. Cards are taken as they are now, because a folder keeps no history
that this program reads.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from os import PathLike
from typing import Any

import duckdb
import numpy as np

from flyoff.campaign.flown import CODE, NONE, Flown
from flyoff.campaign.folder import read_campaign
from flyoff.campaign.report import evaluate
from flyoff.errors import FlyoffError
from flyoff.lake.query import connect, dicts
from flyoff.lake.store import Store
from flyoff.views.campaign import read_flown
from flyoff.views.listing import prepare, rows_of
from flyoff.views.one_sortie import review_facts

Facts = dict[str, Any]

#: So many new sorties are named.
MOST_NAMED = 200

_LAST = """
SELECT greatest((SELECT max(ingested_us) FROM logs), (SELECT max(reviewed_us) FROM reviews))
"""
_NEW = """
SELECT s.sortie_id, s.log_sha256 FROM counted_sorties s
SEMI JOIN (SELECT log_sha256 FROM logs WHERE ingested_us >= $since) l USING (log_sha256)
ORDER BY s.start_utc DESC NULLS LAST, s.sortie_id
"""
_REVIEWS = "SELECT * FROM reviews WHERE reviewed_us >= $since ORDER BY reviewed_us DESC"
_BEFORE = """
SELECT sortie_id, max_by(outcome, reviewed_us)
       FILTER (outcome IS NOT NULL AND reviewed_us < $since) AS outcome
FROM reviews SEMI JOIN (SELECT sortie_id FROM reviews WHERE reviewed_us >= $since)
USING (sortie_id) GROUP BY sortie_id
"""


def changes(
    store: str, folder: str | PathLike[str], document: Mapping[str, Any], since: str = ""
) -> Facts:
    """What is otherwise than at an instant, in plain values.

    Parameters
    ----------
    store : str
    folder : path-like
    document : mapping
        The evaluation as it is now.
    since : str
        ISO 8601, UTC; empty is the beginning of the last day on which anything came in.

    Raises
    ------
    FlyoffError
        If `since` is no instant.
    """
    campaign = read_campaign(folder)
    with connect(Store(store)) as db:
        since_us = _instant(since) if since else _last_day(db)
        new = db.execute(_NEW, {"since": since_us}).fetchall()
        prepare(db, campaign)
        lines = rows_of(db, [row[0] for row in new[:MOST_NAMED]])
        reviews = dicts(db.execute(_REVIEWS, {"since": since_us}))
        earlier = dict(db.execute(_BEFORE, {"since": since_us}).fetchall())
    before = None
    if new or earlier:
        flown, _ = read_flown(store, campaign)
        before = evaluate(campaign, _at_that_time(flown, {s for s, _ in new}, earlier))
    kept = ("sortie_id", "candidate", "vehicle", "outcome", "cause", "start_utc")
    shown = ("sortie_id", "by", "because", "outcome", "cause", "reviewed_utc")
    at = datetime.fromtimestamp(since_us / 1e6, UTC)
    return {
        "since": at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "new_sorties": len(new),
        "sorties": [{k: row[k] for k in kept} for row in lines],
        "verdicts": _moved(before, document) if before is not None else [],
        "reviews": [{k: v for k, v in review_facts(r).items() if k in shown} for r in reviews],
    }


def _last_day(db: duckdb.DuckDBPyConnection) -> int:
    row = db.execute(_LAST).fetchone()
    last = row[0] if row and row[0] is not None else 0
    day_us = 86_400_000_000
    return int(last) // day_us * day_us


def _instant(text: str) -> int:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise FlyoffError(f"since {text!r} is no instant; write 2026-05-04T18:00:00Z") from None
    at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return int(at.timestamp() * 1e6)


def _at_that_time(flown: Flown, new: set[str], earlier: Mapping[str, str | None]) -> Flown:
    ids = list(flown.ids)
    reviewed = flown.reviewed.copy()
    for row, sortie in enumerate(ids):
        if sortie in earlier:
            reviewed[row] = CODE.get(earlier[sortie] or "", NONE)
    old = np.array([i for i, s in enumerate(ids) if s not in new], dtype=np.int64)
    return replace(flown, reviewed=reviewed).rows(old)


def _moved(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[Facts]:
    """Verdicts whose word or deciding interval is another one now, changed words first."""
    earlier = {(v["candidate"], v["requirement"]): v for v in before["verdicts"]}
    made = []
    for verdict in now["verdicts"]:
        old = earlier.get((verdict["candidate"], verdict["requirement"]))
        word = old["verdict"] if old is not None and old["decides"] is not None else None
        was = old["decides"] if old is not None else None
        if word == verdict["verdict"] and was == verdict["decides"]:
            continue
        if was is None and verdict["decides"] is None:
            continue
        made.append(
            {
                "candidate": verdict["candidate"],
                "requirement": verdict["requirement"],
                "says": verdict["says"],
                "before": word,
                "now": verdict["verdict"],
                "decides_before": was,
                "decides_now": verdict["decides"],
            }
        )
    return sorted(made, key=lambda m: m["before"] in (None, m["now"]))
