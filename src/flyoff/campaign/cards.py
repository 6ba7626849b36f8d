"""Read ``cards.csv``: what was planned, who flew, and what the test director wrote down."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path

from flyoff.campaign.dialect import rows_of, text_of
from flyoff.campaign.problems import Problem, meant, unread
from flyoff.model.sortie import Outcome

CARDS = "cards.csv"
#: Columns that a table of cards has to have.
REQUIRED = ("card", "date", "candidate", "vehicle", "log")
OPTIONAL = (
    "time",
    "operator",
    "site",
    "configuration",
    "plan",
    "result",
    "disposition",
    "disposition_by",
    "disposition_because",
    "conditions",
    "notes",
)
COLUMNS = (*REQUIRED, *OPTIONAL)
DISPOSITIONS = ("valid", "no-test", "excluded")
#: Words that test directors write, and the outcome that each means.
WORDS = {
    "success": Outcome.COMPLETED,
    "complete": Outcome.COMPLETED,
    "crash": Outcome.CRASHED,
    "no_launch": Outcome.FAILED_LAUNCH,
    "launch_failure": Outcome.FAILED_LAUNCH,
    "flyaway": Outcome.FLEW_AWAY,
    "abort": Outcome.ABORTED,
    "return": Outcome.RETURNED,
    "unknown": Outcome.UNDETERMINED,
}
_EARLIEST, _LATEST = 2000, 2100
_SWAPPED = re.compile(r"\d{1,2}[./]\d{1,2}[./]\d{2,4}").fullmatch


@dataclass(frozen=True, slots=True)
class Card:
    """One line of ``cards.csv``.

    Attributes
    ----------
    card, date, candidate, vehicle : str
    log : str
        Path of the log, relative to the folder, or its SHA-256; empty where no log was kept.
    line : int
        Of the file, from 1.
    result : str
        The test director's word as an outcome of the closed list; empty if none was written.
    disposition : str
        ``valid``, ``no-test`` or ``excluded``; the last two say by whom and why.
    """

    card: str
    date: str
    candidate: str
    vehicle: str
    log: str
    line: int
    time: str = ""
    operator: str = ""
    site: str = ""
    configuration: str = ""
    plan: str = ""
    result: str = ""
    disposition: str = "valid"
    disposition_by: str = ""
    disposition_because: str = ""
    conditions: str = ""
    notes: str = ""

    @property
    def log_name(self) -> str:
        """The log's file name: what is left of a path once a log lies in a store."""
        return self.log.replace("\\", "/").rpartition("/")[2]

    @property
    def log_sha256(self) -> str:
        """The log's SHA-256 where the card names it by that; else empty."""
        return self.log.lower() if re.fullmatch(r"[0-9a-fA-F]{64}", self.log) else ""


def read_cards(path: Path) -> tuple[tuple[Card, ...], list[Problem]]:
    """Read a table of cards; what is wrong with a line is told and the line left out."""
    try:
        rows = list(rows_of(text_of(path.read_bytes())))
    except (OSError, ValueError, csv.Error) as error:
        return (), [Problem(path.name, 0, unread(error))]
    if not rows:
        return (), [Problem(path.name, 1, f"no header; expected {','.join(COLUMNS)}")]
    (at, names), *lines = rows
    header = [name.strip().lower() for name in names]
    while header and not header[-1]:
        header.pop()  # columns that a spreadsheet left behind
    problems = _header_problems(path.name, at, header)
    if any(p.gravity == "error" for p in problems):
        return (), problems
    cards = []
    for line, row in lines:
        if not any(value.strip() for value in row):
            continue
        if len(row) < len(header) or any(value.strip() for value in row[len(header) :]):
            problems.append(
                Problem(path.name, line, f"{len(row)} fields, expected {len(header)} as the header")
            )
            continue
        card, wrong = _card(path.name, line, dict(zip(header, row, strict=False)))
        cards.append(card)
        problems += wrong
    return tuple(cards), problems + _duplicates(path.name, cards)


def _header_problems(file: str, line: int, header: list[str]) -> list[Problem]:
    problems = [
        Problem(file, line, f"no column {name!r}; expected {','.join(REQUIRED)}")
        for name in REQUIRED
        if name not in header
    ]
    problems += [
        Problem(file, line, f"column {name!r} stands there twice")
        for name in sorted({n for n in header if header.count(n) > 1})
    ]
    problems += [
        Problem(file, line, f"column {name!r} is not used{meant(name, COLUMNS)}", "warning")
        for name in header
        if name not in COLUMNS
    ]
    return problems


def _card(file: str, line: int, row: dict[str, str]) -> tuple[Card, list[Problem]]:
    got = {name: row.get(name, "").strip() for name in COLUMNS}
    problems: list[str] = []
    if not got["card"]:
        problems.append("no card number")
    for name, moment in (("date", _date), ("time", _time)):
        got[name], problem = moment(got[name])
        problems += [problem] if problem else []
    word = got["result"].lower().replace(" ", "_").replace("-", "_")
    outcome = WORDS.get(word, word)
    if word and outcome not in list(Outcome):
        known = [*(str(o) for o in Outcome), *WORDS]
        problems.append(f"result {got['result']!r} is no outcome{meant(word, known)}")
        outcome = ""
    got["result"] = str(outcome)
    got["disposition"] = got["disposition"].lower().replace(" ", "-") or "valid"
    word = got["disposition"]
    if word not in DISPOSITIONS:
        problems.append(f"disposition {word!r} is unknown{meant(word, DISPOSITIONS)}")
        got["disposition"] = "valid"
    elif word != "valid":
        missing = [n for n in ("disposition_by", "disposition_because") if not got[n]]
        if missing:
            problems.append(
                f"disposition {word!r} without {' and '.join(missing)}: "
                "a sortie is left out only with a name and a reason"
            )
    told = [Problem(file, line, text) for text in problems]
    if not got["date"]:
        told.append(Problem(file, line, "no date; expected a date like 2026-05-04", "warning"))
    return Card(line=line, **got), told


def _date(day: str) -> tuple[str, str]:
    """A day as it is compared, and what is wrong with it."""
    try:
        parsed = date.fromisoformat(day) if day else None
    except ValueError:
        hint = "; which is the day and which the month cannot be told" if _SWAPPED(day) else ""
        return day, f"date {day!r} is impossible; expected a date like 2026-05-04{hint}"
    if parsed is None:
        return "", ""
    if not _EARLIEST <= parsed.year <= _LATEST:
        return day, f"date {day}: the year is not between {_EARLIEST} and {_LATEST}"
    return parsed.isoformat(), ""


def _time(clock: str) -> tuple[str, str]:
    """A time of day as it is compared, and what is wrong with it."""
    try:
        parsed = time.fromisoformat(clock.removesuffix("Z")) if clock else None
    except ValueError:
        return clock, f"time {clock!r} is impossible; expected UTC like 14:05"
    if parsed is None:
        return "", ""
    if parsed.tzinfo is not None and parsed.utcoffset():
        return "", f"time {clock!r} is not UTC; expected UTC like 14:05"
    return parsed.isoformat("minutes"), ""


def _duplicates(file: str, cards: Sequence[Card]) -> list[Problem]:
    """Two cards of one number, and two cards for one log."""
    problems = []
    numbers: dict[str, Card] = {}
    logs: dict[str, Card] = {}
    for card in cards:
        first = numbers.setdefault(card.card, card) if card.card else card
        if first is not card:
            problems.append(
                Problem(file, card.line, f"card {card.card!r} is on line {first.line} already")
            )
        if not card.log:
            continue
        first = logs.setdefault(card.log_name, card)
        if first is not card:
            problems.append(
                Problem(
                    file,
                    card.line,
                    f"log {card.log_name!r} has a card already, on line {first.line}; "
                    "file names must differ",
                )
            )
    return problems
