"""The table of sorties, page by page: filtered, sorted, each page from where the last one ended.

All lines are read once for a state of the store and kept in a database in memory, because a page of
a long table must come faster than the lake's files can be scanned. A page begins after a sortie and
not at a number, so that a sortie that comes in meanwhile neither repeats a line nor hides one.
"""

import base64
import binascii
import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from flyoff.campaign.folder import Campaign
from flyoff.errors import FlyoffError
from flyoff.lake.query import connect, dicts
from flyoff.lake.store import Store
from flyoff.model.finding import Evidence
from flyoff.views.candidates import claim
from flyoff.views.sortie import said

#: What the table can be sorted by.
SORTS = (
    "start_utc",
    "vehicle",
    "candidate",
    "outcome",
    "cause",
    "airborne_s",
    "confidence",
    "max_height_m",
    "distance_m",
    "log_name",
)
#: What it can be filtered by, with its choices counted.
COUNTED = ("outcome", "cause", "vehicle_kind", "vehicle", "candidate", "day")
#: A filter with more choices than this is typed, not chosen.
MOST_CHOICES = 2_000
_LATEST = """
CREATE TEMP VIEW latest_reviews AS
SELECT sortie_id,
       max_by(outcome, reviewed_us) FILTER (outcome IS NOT NULL) AS outcome,
       max_by(cause, reviewed_us) FILTER (cause IS NOT NULL) AS cause
FROM reviews GROUP BY sortie_id
"""
_LINES = """
WITH shown AS (
  SELECT * FROM counted_sorties {where}
  UNION ALL -- one that is counted by another log has a line where it is asked for by its id
  SELECT * FROM sorties {where} {counted_elsewhere}
), numbers AS (
  SELECT sortie_id, max(value) FILTER (measure = 'max_height_m') AS max_height_m,
         max(value) FILTER (measure = 'distance_m') AS distance_m
  FROM measures WHERE measure IN ('max_height_m', 'distance_m') {and_where} GROUP BY sortie_id
)
SELECT s.sortie_id, s.start_utc, coalesce(c.candidate, v.candidate, '') AS candidate,
       coalesce(nullif(c.vehicle, ''), s.vehicle_id) AS vehicle, s.vehicle_kind,
       coalesce(s.autopilot, '') AS autopilot,
       coalesce(c.card, '') AS card, coalesce(r.outcome, s.outcome) AS outcome,
       s.outcome AS judged, r.sortie_id IS NOT NULL AS is_reviewed, s.confidence,
       coalesce(r.cause, s.cause) AS cause, s.airborne_s, n.max_height_m, n.distance_m,
       coalesce(parse_filename(l.path, false, 'both_slash'), '') AS log_name,
       CASE WHEN s.outcome = 'failed_launch' AND json_array_length(s.evidence) > 1
            THEN s.evidence -> '$[1]' ELSE s.evidence -> '$[0]' END AS says
FROM shown s
LEFT JOIN (SELECT log_sha256, path FROM logs) l USING (log_sha256)
LEFT JOIN carded c USING (log_sha256)
LEFT JOIN _vehicles v ON v.vehicle = s.vehicle_id
LEFT JOIN latest_reviews r USING (sortie_id)
LEFT JOIN numbers n USING (sortie_id)
"""
_CHOICES = f"""
WITH lines AS (SELECT *, left(start_utc, 10) AS day FROM listing)
SELECT {", ".join(COUNTED)}, count(*) AS n, grouping({", ".join(COUNTED)}) AS which
FROM lines GROUP BY GROUPING SETS ({", ".join(f"({c})" for c in COUNTED)}, ())
"""


Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Filters and order of the table; empty filters take all.

    Attributes
    ----------
    outcome, cause, candidate, vehicle, kind : sequence of str
        Alternatives within one; all of them together. ``kind``: has a finding of that kind.
    since, until : str
        ISO 8601, UTC; sorties without UTC do not match.
    text : str
        Part of the id, vehicle, card or log's name.
    sort : str
        Of ``SORTS``.
    is_descending : bool
        Sorties without a value come last either way.
    """

    outcome: Sequence[str] = ()
    cause: Sequence[str] = ()
    candidate: Sequence[str] = ()
    vehicle: Sequence[str] = ()
    kind: Sequence[str] = ()
    since: str = ""
    until: str = ""
    text: str = ""
    sort: str = "start_utc"
    is_descending: bool = True


@dataclass(frozen=True, slots=True)
class Page:
    """Lines of the table, and where the next page begins; None at the end."""

    rows: tuple[Line, ...]
    next: str | None


class Listing:
    """All lines of the table, for one state of a store and a campaign.

    Several threads may ask at once.

    Parameters
    ----------
    store : str
    campaign : Campaign
        By which candidates and cards are told.
    """

    def __init__(self, store: str, campaign: Campaign) -> None:
        self._db = duckdb.connect(":memory:")
        self._db.execute("SET enable_progress_bar = false")
        self._lock = threading.Lock()
        none = {"where": "", "and_where": "", "counted_elsewhere": "WHERE false"}
        with connect(Store(store)) as lake:
            prepare(lake, campaign)
            self._db.register("_lines", lake.sql(_LINES.format(**none)).to_arrow_reader(100_000))
            self._db.execute("CREATE TABLE listing AS SELECT * FROM _lines")
            kinds = lake.sql("SELECT DISTINCT kind, sortie_id FROM findings").to_arrow_reader()
            self._db.register("_kinds", kinds)
            self._db.execute("CREATE TABLE kinds AS SELECT * FROM _kinds")
        for name in ("_lines", "_kinds"):
            self._db.unregister(name)
        self.size = self._count("", [])

    def page(self, wanted: Wanted, *, after: str = "", offset: int = 0, limit: int = 100) -> Page:
        """Read a page.

        Parameters
        ----------
        wanted : Wanted
        after : str
            ``next`` of the page before; empty for the first.
        offset : int
            So many lines are passed over: for a scroll bar, which jumps to a number.
        limit : int

        Raises
        ------
        FlyoffError
            If `after` is not what a page gave, or the table cannot be sorted so.
        """
        if wanted.sort not in SORTS:
            raise FlyoffError(f"sorties cannot be sorted by {wanted.sort!r}; by {', '.join(SORTS)}")
        conditions, values = _conditions(wanted)
        if after:
            begins, more = _after(wanted.sort, wanted.is_descending, after)
            conditions, values = [*conditions, begins], [*values, *more]
        way = "DESC" if wanted.is_descending else "ASC"
        query = (
            f"SELECT * FROM listing {_where(conditions)} "
            f"ORDER BY {wanted.sort} {way} NULLS LAST, sortie_id "
            f"LIMIT {int(limit) + 1} OFFSET {int(offset)}"
        )
        try:
            rows = dicts(self._cursor().execute(query, values))
        except duckdb.ConversionException:
            raise FlyoffError("after: not what a page of this order gave as next") from None
        shown = [_line(row) for row in rows[:limit]]
        more_follow = len(rows) > limit
        last = shown[-1] if more_follow else None
        return Page(tuple(shown), _cursor(last[wanted.sort], last["sortie_id"]) if last else None)

    def count(self, wanted: Wanted) -> int:
        """Count the sorties that fit the filters."""
        conditions, values = _conditions(wanted)
        return self._count(_where(conditions), values)

    def choices(self) -> dict[str, list[tuple[str, int]]]:
        """Of each filter its values with counts, the most frequent first; days by date."""
        found: dict[str, list[tuple[str, int]]] = {name: [] for name in COUNTED}
        for *values, count, which in self._cursor().execute(_CHOICES).fetchall():
            for place, (name, value) in enumerate(zip(COUNTED, values, strict=True)):
                is_it = not which >> (len(COUNTED) - 1 - place) & 1
                if is_it and value is not None:
                    found[name].append((value, count))
        for name, own in found.items():
            own.sort()
            if name != "day":
                own.sort(key=lambda c: -c[1])
        return {name: own[:MOST_CHOICES] for name, own in found.items()}

    def _count(self, where: str, values: Sequence[Any]) -> int:
        row = self._cursor().execute(f"SELECT count(*) FROM listing {where}", values).fetchone()
        return int(row[0]) if row else 0

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        with self._lock:
            return self._db.cursor()


def rows_by_id(store: str, campaign: Campaign, ids: Sequence[str]) -> list[Line]:
    """Lines of some sorties in the order asked for; unknown ids are left out."""
    with connect(Store(store)) as db:
        prepare(db, campaign)
        return rows_of(db, ids)


def rows_of(db: duckdb.DuckDBPyConnection, ids: Sequence[str]) -> list[Line]:
    """Lines of some sorties in the order asked for; after ``prepare``."""
    db.register("_page", pa.table({"sortie_id": pa.array(ids, pa.string())}))
    own = "sortie_id IN (SELECT sortie_id FROM _page)"
    parts = {
        "where": f"WHERE {own}",
        "and_where": f"AND {own}",
        "counted_elsewhere": "AND sortie_id IN (SELECT sortie_id FROM same_sorties) AND sortie_id "
        f"NOT IN (SELECT sortie_id FROM counted_sorties WHERE {own})",
    }
    found = {row["sortie_id"]: _line(row) for row in dicts(db.execute(_LINES.format(**parts)))}
    return [found[i] for i in ids if i in found]


def prepare(db: duckdb.DuckDBPyConnection, campaign: Campaign) -> None:
    """Add the views that lines of the table need: whose sortie it is, and the latest reviews."""
    claim(db, campaign)
    db.execute(_LATEST)


def _line(row: Line) -> Line:
    """The line with its decisive piece of evidence in words."""
    decisive = json.loads(row["says"]) if row["says"] else None
    return row | {"says": said(Evidence(**decisive)) if decisive else ""}


def _where(conditions: Sequence[str]) -> str:
    return f"WHERE {' AND '.join(conditions)}" if conditions else ""


def _conditions(wanted: Wanted) -> tuple[list[str], list[Any]]:
    conditions: list[str] = []
    values: list[Any] = []
    for name in ("outcome", "cause", "candidate", "vehicle"):
        given = getattr(wanted, name)
        if given:
            conditions.append(f"{name} IN ({', '.join('?' * len(given))})")
            values += given
    if wanted.kind:
        marks = ", ".join("?" * len(wanted.kind))
        conditions.append(f"sortie_id IN (SELECT sortie_id FROM kinds WHERE kind IN ({marks}))")
        values += wanted.kind
    for bound, sign in ((wanted.since, ">="), (wanted.until, "<")):
        if bound:
            conditions.append(f"start_utc {sign} ?")  # ISO 8601 in UTC sorts as text
            values.append(bound)
    if wanted.text:
        places = ("sortie_id", "vehicle", "card", "log_name")
        conditions.append(f"({' OR '.join(f'contains(lower({p}), ?)' for p in places)})")
        values += [wanted.text.lower()] * len(places)
    return conditions, values


def _after(key: str, is_descending: bool, after: str) -> tuple[str, list[Any]]:
    """The condition that begins after a line, those without a value last."""
    value, sortie = _read_cursor(after)
    if value is None:
        return f"({key} IS NULL AND sortie_id > ?)", [sortie]
    sign = "<" if is_descending else ">"
    return (
        f"({key} {sign} ? OR ({key} = ? AND sortie_id > ?) OR {key} IS NULL)",
        [value, value, sortie],
    )


def _cursor(value: Any, sortie: str) -> str:
    text = json.dumps([value, sortie], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_cursor(text: str) -> tuple[Any, str]:
    try:
        content = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        value, sortie = content
        if isinstance(sortie, str) and isinstance(value, str | float | int | None):
            return value, sortie
    except (binascii.Error, ValueError, TypeError):
        pass
    raise FlyoffError("after: not what a page of sorties gave as next")
