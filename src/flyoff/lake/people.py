"""Tables of what people wrote: appended only, made when the first row comes."""

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa

from flyoff.campaign.cards import Card
from flyoff.campaign.review import Review
from flyoff.faults import step
from flyoff.lake.journal import note
from flyoff.lake.query import connect
from flyoff.lake.schema import PEOPLE
from flyoff.lake.store import Store, explained


def append_reviews(store: Store, reviews: Sequence[Review]) -> None:
    """Append reviews, durably and whole; what was written before stays as it is."""
    with store.locked(), explained(store.path):
        with connect(store) as db:
            (newest,) = db.execute("SELECT max(reviewed_us) FROM reviews").fetchone() or (None,)
        # the last word counts, whatever the clock says now
        now = max(time.time_ns() // 1000, (newest or 0) + 1)
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
        _append(store, "reviews", rows)


@dataclass(frozen=True, slots=True)
class RecordedCampaign:
    """A campaign as it was evaluated.

    Attributes
    ----------
    name : str
    configuration, cards : bytes
        Both files as they lie in the folder; no cards is no file.
    rows : tuple of Card
        What was read of the cards.
    evaluation : bytes
        The document as ``flyoff campaign evaluate --json`` prints it.
    """

    name: str
    configuration: bytes
    cards: bytes
    rows: tuple[Card, ...]
    evaluation: bytes

    @property
    def cards_sha256(self) -> str:
        """Names this version of the cards."""
        return hashlib.sha256(self.cards).hexdigest()

    @property
    def sha256(self) -> str:
        """Names this version of the campaign: of the hashes of its parts, in their order."""
        parts = (self.configuration, self.cards, self.evaluation)
        return hashlib.sha256(b"".join(hashlib.sha256(p).digest() for p in parts)).hexdigest()


def append_campaign(store: Store, campaign: RecordedCampaign) -> bool:
    """Append a version of a campaign and of its cards; whether it was not there yet.

    The cards come first, so that a campaign never names cards that are not there.
    """
    with store.locked(), explained(store.path):
        with connect(store) as db:
            known = {s for (s,) in db.execute("SELECT campaign_sha256 FROM campaigns").fetchall()}
            cards = {s for (s,) in db.execute("SELECT cards_sha256 FROM cards").fetchall()}
        if campaign.sha256 in known:
            return False
        if campaign.rows and campaign.cards_sha256 not in cards:
            _append(
                store,
                "cards",
                [asdict(c) | {"cards_sha256": campaign.cards_sha256} for c in campaign.rows],
            )
        _append(
            store,
            "campaigns",
            [
                {
                    "campaign_sha256": campaign.sha256,
                    "campaign": campaign.name,
                    "configuration": campaign.configuration.decode(errors="backslashreplace"),
                    "cards_sha256": campaign.cards_sha256,
                    "cards": len(campaign.rows),
                    "evaluation": campaign.evaluation.decode(),
                    "recorded_us": time.time_ns() // 1000,
                }
            ],
        )
        return True


def _append(store: Store, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append to a table of ``PEOPLE``, which is made when its first row comes."""
    note(store, name, rows)
    store.make_table(name, PEOPLE[name])
    store.append(name, pa.Table.from_pylist([dict(r) for r in rows], schema=PEOPLE[name]))
    step(f"people.appended.{name}")


def known_sorties(store: Store) -> dict[str, str]:
    """Every sortie's id and the outcome judged."""
    with connect(store) as db:
        return dict(db.execute("SELECT sortie_id, outcome FROM sorties").fetchall())


def log_names(store: Store) -> set[str]:
    """File names and SHA-256 of all logs."""
    with connect(store) as db:
        rows = db.execute("SELECT log_sha256, path FROM logs").fetchall()
    return {word for sha256, path in rows for word in (sha256, *names_of(path))}


def names_of(path: str) -> tuple[str, ...]:
    """File names that a card may call a log by: one out of an archive by its own, or the archive's.

    Examples
    --------
    >>> names_of("logs/K-01.BIN"), names_of("logs/K-01.BIN.xz!K-01.BIN")
    (('K-01.BIN',), ('K-01.BIN.xz!K-01.BIN', 'K-01.BIN', 'K-01.BIN.xz'))
    """
    archive, mark, member = path.rpartition("!")
    names = [path, member, archive] if mark else [path]
    return tuple(dict.fromkeys(n.replace("\\", "/").rpartition("/")[2] for n in names))
