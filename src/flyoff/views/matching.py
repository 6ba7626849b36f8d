"""Which card belongs to which sortie: by log, else by vehicle and day."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa

from flyoff.campaign.cards import Card
from flyoff.campaign.folder import Campaign
from flyoff.lake.people import names_of

# two looks-up and not one join on either: that would compare every log with every card
_LOGS = """
SELECT log_sha256, path
FROM logs
WHERE log_sha256 IN (SELECT word FROM _wanted)
   OR parse_filename(path, false, 'both_slash') IN (SELECT word FROM _wanted)
   OR contains(path, '!')
ORDER BY ALL
"""
_OF_LOGS = """
SELECT DISTINCT c.card, s.vehicle_id FROM sorties s JOIN _card_of_log c USING (log_sha256)
"""
_ON_DAYS = """
SELECT s.sortie_id, s.vehicle_id, s.start_utc
FROM counted_sorties s
SEMI JOIN _days d ON s.vehicle_id = d.vehicle AND left(s.start_utc, 10) = d.day
ANTI JOIN _card_of_log c USING (log_sha256)
WHERE s.outcome <> 'not_flown'
ORDER BY s.start_utc, s.sortie_id
"""


@dataclass(slots=True)
class Matches:
    """Cards by index into the campaign's.

    Attributes
    ----------
    of_log : mapping of SHA-256 of a log to card
    of_sortie : mapping of sortie id to card
        Matched by vehicle and day.
    without_log : list of int
        Cards that no sortie of the store belongs to: sorties without a log.
    missing : list of int
        Cards that name a log which the store does not hold.
    notes : list of str
    """

    of_log: dict[str, int] = field(default_factory=dict)
    of_sortie: dict[str, int] = field(default_factory=dict)
    without_log: list[int] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def match(db: duckdb.DuckDBPyConnection, campaign: Campaign) -> Matches:
    """Match all cards, and leave the table ``_card_of_log`` in the connection."""
    found = Matches()
    cards = campaign.cards
    _by_log(db, cards, found)
    pairs = sorted(found.of_log.items())
    db.register(
        "_card_of_log",
        pa.table(
            {
                "log_sha256": pa.array([sha for sha, _ in pairs], pa.string()),
                "card": pa.array([card for _, card in pairs], pa.int64()),
            }
        ),
    )
    logged = set(found.of_log.values())
    left = [i for i, card in enumerate(cards) if i not in logged]
    _by_day(db, campaign, [i for i in left if not cards[i].log], found)
    matched = logged | set(found.of_sortie.values())
    found.without_log = [i for i in range(len(cards)) if i not in matched]
    return found


def _by_log(db: duckdb.DuckDBPyConnection, cards: Sequence[Card], found: Matches) -> None:
    named = [i for i, card in enumerate(cards) if card.log]
    if not named:
        return
    words = sorted({cards[i].log_sha256 or cards[i].log_name for i in named})
    db.register("_wanted", pa.table({"word": pa.array(words, pa.string())}))
    here: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for sha, path in db.execute(_LOGS).fetchall():
        for word in (sha, *names_of(path)):
            here[word].append((sha, path))
    for i in named:
        card = cards[i]
        logs = here[card.log_sha256 or card.log_name]
        if len(logs) > 1:
            wanted = card.log.replace("\\", "/").lstrip("./")
            exact = [(s, p) for s, p in logs if _is_at(p.replace("\\", "/"), wanted)]
            logs = exact or logs
        if not logs:
            found.missing.append(i)
            found.notes.append(
                f"card {card.card} (line {card.line}): its log {card.log} is not in the store; "
                "counted as a sortie without a log"
            )
        if len(logs) > 1:
            found.notes.append(
                f"card {card.card} (line {card.line}): {len(logs)} logs of the store are called "
                f"{card.log_name}; all are taken"
            )
        for sha, _ in logs:
            found.of_log.setdefault(sha, i)


def _is_at(path: str, wanted: str) -> bool:
    """Whether a log lies where a card says; one out of an archive, as if it were unpacked there."""
    archive, mark, member = path.rpartition("!")
    places = [path, archive, f"{archive.rpartition('/')[0]}/{member}"] if mark else [path]
    return any(f"/{place}".endswith(f"/{wanted}") for place in places)


def _by_day(
    db: duckdb.DuckDBPyConnection, campaign: Campaign, left: list[int], found: Matches
) -> None:
    """Cards without a log's name: in the order of time, a card for each sortie of that day."""
    cards = campaign.cards
    if not left:
        return
    ids = _aliases(db, cards)
    days: dict[tuple[str, str], list[int]] = defaultdict(list)
    for i in left:
        if cards[i].vehicle and cards[i].date:
            days[ids.get(cards[i].vehicle, cards[i].vehicle), cards[i].date].append(i)
    if not days:
        return
    db.register(
        "_days",
        pa.table(
            {
                "vehicle": pa.array([v for v, _ in days], pa.string()),
                "day": pa.array([d for _, d in days], pa.string()),
            }
        ),
    )
    flown: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for sortie, vehicle, start in db.execute(_ON_DAYS).fetchall():
        flown[vehicle, start[:10]].append((sortie, start[11:16]))
    for key, mine in days.items():
        _one_day(cards, mine, flown[key], found)


def _one_day(
    cards: Sequence[Card], mine: list[int], flown: list[tuple[str, str]], found: Matches
) -> None:
    """Timed cards take the sortie nearest in time, the others what is left, in order."""
    rest = list(flown)
    for i in [i for i in mine if cards[i].time]:
        near = min(rest, key=lambda f: abs(_minutes(f[1]) - _minutes(cards[i].time)), default=None)
        if near is not None and abs(_minutes(near[1]) - _minutes(cards[i].time)) <= _NEAR_MIN:
            found.of_sortie[near[0]] = i
            rest.remove(near)
    untimed = [i for i in mine if not cards[i].time]
    for i, (sortie, _) in zip(untimed, rest, strict=False):
        found.of_sortie[sortie] = i
    if untimed and rest and len(untimed) != len(rest):
        found.notes.append(
            f"{cards[untimed[0]].vehicle} on {cards[untimed[0]].date}: {len(untimed)} cards "
            f"without log and time, but {len(rest)} sorties; matched in the order of time"
        )


_NEAR_MIN = 20


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")[:2]
    return 60 * int(hours) + int(minutes)


def _aliases(db: duckdb.DuckDBPyConnection, cards: Sequence[Card]) -> dict[str, str]:
    """Ids of vehicles whose names the cards use, learnt from cards with logs where unambiguous."""
    ids: dict[str, set[str]] = defaultdict(set)
    names: dict[str, set[str]] = defaultdict(set)
    for card, vehicle in db.execute(_OF_LOGS).fetchall():
        ids[cards[card].vehicle].add(vehicle)
        names[vehicle].add(cards[card].vehicle)
    return {
        name: next(iter(found))
        for name, found in ids.items()
        if len(found) == 1 and len(names[next(iter(found))]) == 1
    }
