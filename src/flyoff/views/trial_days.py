"""A test day at a glance: a lane for each vehicle, a mark for each sortie."""

from datetime import UTC, datetime, timedelta
from typing import Any

from flyoff.campaign.folder import Campaign
from flyoff.errors import FlyoffError
from flyoff.lake.query import connect, dicts
from flyoff.lake.store import Store
from flyoff.views.campaign_page import days
from flyoff.views.listing import prepare

Facts = dict[str, Any]

#: More marks than this cannot be told apart on any screen.
MOST = 5_000
ALL = "all"

_MARKS = f"""
SELECT s.sortie_id, s.start_utc, coalesce(s.end_s - s.start_s, 0) AS lasted_s,
       coalesce(r.outcome, s.outcome) AS outcome, coalesce(r.cause, s.cause) AS cause,
       s.airborne_s, coalesce(c.card, '') AS card, r.sortie_id IS NOT NULL AS is_reviewed,
       coalesce(nullif(c.vehicle, ''), s.vehicle_id) AS vehicle,
       coalesce(c.candidate, v.candidate, '') AS candidate
FROM counted_sorties s
LEFT JOIN carded c USING (log_sha256)
LEFT JOIN _vehicles v ON v.vehicle = s.vehicle_id
LEFT JOIN latest_reviews r USING (sortie_id)
WHERE s.start_utc >= ? AND s.start_utc < ?
ORDER BY s.start_utc DESC LIMIT {MOST}
"""
_WITHOUT = "SELECT sortie_id FROM counted_sorties WHERE start_utc IS NULL ORDER BY 1 LIMIT 1000"


def timeline(store: str, campaign: Campaign, day: str = "") -> Facts:
    """Lanes of a day, in plain values.

    Parameters
    ----------
    store : str
    campaign : Campaign
        Its candidates' vehicles come first, in its order.
    day : str
        UTC; empty is the last one, ``all`` every day (the newest 5,000 sorties).
    """
    known = days(store)
    chosen = day or (known[-1] if known else ALL)
    first, last = ("", "~") if chosen == ALL else (chosen, _next(chosen))
    with connect(Store(store)) as db:
        prepare(db, campaign)
        rows = dicts(db.execute(_MARKS, [first, last]))[::-1]
        without = [row[0] for row in db.execute(_WITHOUT).fetchall()]
    lanes: dict[tuple[str, str], list[Facts]] = {}
    for row in rows:
        row["end_utc"] = _later(row["start_utc"], row.pop("lasted_s"))
        lanes.setdefault((row.pop("candidate"), row.pop("vehicle")), []).append(row)
    order = {c.name: i for i, c in enumerate(campaign.candidates)}
    keys = sorted(lanes, key=lambda k: (order.get(k[0], len(order)), k))
    return {
        "day": chosen,
        "start_utc": rows[0]["start_utc"] if rows else None,
        "end_utc": max((r["end_utc"] for r in rows), default=None),
        "days": known,
        "lanes": [{"vehicle": v, "candidate": c, "marks": lanes[c, v]} for c, v in keys],
        "without_utc": without,
    }


def _next(day: str) -> str:
    try:
        return (datetime.fromisoformat(day) + timedelta(days=1)).date().isoformat()
    except (ValueError, OverflowError):
        raise FlyoffError(f"{day!r} is no day; write 2026-05-04") from None


def _later(utc: str, seconds: float) -> str:
    at = datetime.fromisoformat(utc) + timedelta(seconds=seconds)
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
