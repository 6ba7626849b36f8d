"""Whose sortie is it: the cards of a campaign laid over the sorties of a store."""

import duckdb
import pyarrow as pa

from flyoff.campaign.folder import Campaign

#: Candidate of sorties that neither a card nor a vehicle claims; never dropped silently.
NOBODY = ""

#: Only the logs that have a card are joined: they are few, and a store may hold millions.
_CARDED = """
CREATE TEMP VIEW carded AS
WITH named AS (
    SELECT l.log_sha256, c.candidate, c.vehicle, c.card
    FROM logs l JOIN _cards c ON c.log = parse_filename(l.path, false, 'both_slash')
)
SELECT * FROM named
UNION ALL -- a card may name the ground station's log of a sortie that counts by another one
SELECT DISTINCT ON (p.log_sha256) p.log_sha256, n.candidate, n.vehicle, n.card
FROM same_sorties m JOIN sorties p ON p.sortie_id = m.counted_as
JOIN sorties q ON q.sortie_id = m.sortie_id JOIN named n ON n.log_sha256 = q.log_sha256
WHERE p.log_sha256 NOT IN (SELECT log_sha256 FROM named)
"""
_OWNED = """
CREATE TEMP VIEW owned AS
SELECT s.sortie_id, s.outcome, s.airborne_s,
       coalesce(c.candidate, v.candidate, '') AS candidate,
       coalesce(nullif(c.vehicle, ''), s.vehicle_id) AS vehicle,
       coalesce(c.card, '') AS card
FROM counted_sorties s
LEFT JOIN carded c USING (log_sha256)
LEFT JOIN _vehicles v ON v.vehicle = s.vehicle_id
"""

#: The same without the names. Logs are looked up first, and only for the cards: few of a million.
_COUNTABLE = """
CREATE TEMP VIEW countable AS
SELECT s.sortie_id, s.outcome, s.airborne_s, {candidate} AS candidate
FROM counted_sorties s {by_card}
LEFT JOIN _vehicles v ON v.vehicle = s.vehicle_id
"""
_OF_CARDS = """
CREATE TEMP TABLE _of_cards AS
SELECT l.log_sha256, k.candidate
FROM logs l JOIN _cards k ON k.log = parse_filename(l.path, false, 'both_slash')
"""


def claim(db: duckdb.DuckDBPyConnection, campaign: Campaign) -> None:
    """Add the view ``owned``: of each sortie its candidate, vehicle, card and outcome.

    Beside it ``carded`` holds the same of each log that has a card.

    Parameters
    ----------
    db : duckdb.DuckDBPyConnection
        As ``flyoff.lake.query.connect`` yields it.
    campaign : Campaign
        A card decides by the log's file name; without one, the vehicle's id does.
    """
    cards = [c for c in campaign.cards if c.log]
    db.register(
        "_cards",
        _texts(
            log=[c.log_name for c in cards],
            card=[c.card for c in cards],
            candidate=[c.candidate for c in cards],
            vehicle=[c.vehicle for c in cards],
        ),
    )
    pairs = [(c.name, v) for c in campaign.candidates for v in c.vehicles]
    db.register("_vehicles", _texts(candidate=[p[0] for p in pairs], vehicle=[p[1] for p in pairs]))
    db.execute(_CARDED)
    db.execute(_OWNED)
    if cards:
        db.execute(_OF_CARDS)
    db.execute(
        _COUNTABLE.format(
            candidate=f"coalesce({'c.candidate, ' if cards else ''}v.candidate, '')",
            by_card="LEFT JOIN _of_cards c USING (log_sha256)" if cards else "",
        )
    )


def _texts(**columns: list[str]) -> pa.Table:
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
