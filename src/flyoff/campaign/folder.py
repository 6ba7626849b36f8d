"""Read a campaign folder: ``campaign.toml`` (candidates and vehicles) and ``cards.csv``.

Only what says which sortie belongs to whom is read so far: a card names its log by file, and a
sortie without a card belongs to the candidate that lists its vehicle.
"""

import csv
import tomllib
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from flyoff.errors import CampaignError

CONFIGURATION, CARDS = "campaign.toml", "cards.csv"
#: Columns that a table of cards has to have; it may have more.
COLUMNS = ("card", "date", "candidate", "vehicle", "log")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A product under evaluation.

    Attributes
    ----------
    name : str
    vehicles : tuple of str
        Ids as ``flyoff judge`` prints them, or names that the cards use.
    about : str
    """

    name: str
    vehicles: tuple[str, ...]
    about: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One line of ``cards.csv``.

    Attributes
    ----------
    card, date, candidate, vehicle : str
    log : str
        Path of the log, relative to the folder; empty where no log was kept.
    line : int
        Of the file, from 1.
    """

    card: str
    date: str
    candidate: str
    vehicle: str
    log: str
    line: int

    @property
    def log_name(self) -> str:
        """The log's file name: what is left of a path once a log lies in a store."""
        return self.log.replace("\\", "/").rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Campaign:
    """What a campaign folder says.

    Attributes
    ----------
    name : str
    candidates : tuple of Candidate, in the file's order
    cards : tuple of Card, in the file's order
    """

    name: str
    candidates: tuple[Candidate, ...]
    cards: tuple[Card, ...] = ()


def read_campaign(folder: str | PathLike[str]) -> Campaign:
    """Read a campaign folder.

    Raises
    ------
    CampaignError
        If a file is missing or malformed, or both contradict each other.
    """
    home = Path(folder)
    name, candidates = _configuration(home / CONFIGURATION)
    cards = _cards(home / CARDS) if (home / CARDS).exists() else ()
    _agree(home / CARDS, candidates, cards)
    return Campaign(name or home.resolve().name, candidates, cards)


def _configuration(path: Path) -> tuple[str, tuple[Candidate, ...]]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CampaignError(f"{path}: not there; a campaign folder has a {CONFIGURATION}") from None
    except (OSError, ValueError) as error:  # TOMLDecodeError and UnicodeDecodeError are ValueErrors
        raise CampaignError(f"{path}: {error}") from None
    table = content.get("candidates")
    if not isinstance(table, dict) or not table:
        raise CampaignError(f"{path}: no candidate; expected tables like [candidates.kestrel]")
    campaign = content.get("campaign", {})
    name = str(campaign.get("name", "")) if isinstance(campaign, dict) else ""
    candidates = tuple(_candidate(path, key, value) for key, value in table.items())
    owners: dict[str, str] = {}
    for candidate in candidates:
        for vehicle in candidate.vehicles:
            other = owners.setdefault(vehicle, candidate.name)
            if other != candidate.name:
                raise CampaignError(
                    f"{path}: vehicle {vehicle!r} belongs to both {other!r} and {candidate.name!r}"
                )
    return name, candidates


def _candidate(path: Path, name: str, value: Any) -> Candidate:
    vehicles = value.get("vehicles", []) if isinstance(value, dict) else None
    if not isinstance(vehicles, list) or not all(isinstance(v, str) for v in vehicles):
        raise CampaignError(
            f'{path}: candidates.{name}: expected vehicles = ["K-01", …], got {vehicles!r}'
        )
    return Candidate(name, tuple(vehicles), str(value.get("about", "")))


def _cards(path: Path) -> tuple[Card, ...]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(handle, strict=True)
            missing = [c for c in COLUMNS if c not in (reader.fieldnames or ())]
            if missing:
                raise CampaignError(f"{path}:1: no column {missing[0]!r}; expected {COLUMNS}")
            return tuple(_card(row, reader.line_num) for row in reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CampaignError(f"{path}: {error}") from None


def _card(row: dict[str, str], line: int) -> Card:
    card, date, candidate, vehicle, log = ((row[c] or "").strip() for c in COLUMNS)
    return Card(card, date, candidate, vehicle, log, line)


def _agree(path: Path, candidates: tuple[Candidate, ...], cards: tuple[Card, ...]) -> None:
    """Refuse cards of nobody's candidate and two cards for one log."""
    names = [c.name for c in candidates]
    seen: dict[str, Card] = {}
    for card in cards:
        if card.candidate not in names:
            raise CampaignError(
                f"{path}:{card.line}: candidate {card.candidate!r} is none of {', '.join(names)}"
            )
        if not card.log:
            continue
        first = seen.setdefault(card.log_name, card)
        if first is not card:
            raise CampaignError(
                f"{path}:{card.line}: log {card.log_name!r} has a card already, on line "
                f"{first.line}; file names must differ"
            )
