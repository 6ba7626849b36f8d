"""Read ``cards.csv``: what was planned, who flew, and what the test director wrote down."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path

from flyoff.campaign.problems import Problem, meant
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
        text = path.read_text(encoding="utf-8-sig")
        rows = list(_rows(text))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        return (), [Problem(path.name, 0, str(error).lower())]
    if not rows:
        return (), [Problem(path.name, 1, f"no header; expected {','.join(COLUMNS)}")]
    header = [name.strip() for name in rows[0][1]]
    problems = _header_problems(path.name, header)
    if any(p.gravity == "error" for p in problems):
        return (), problems
    cards = []
    for line, row in rows[1:]:
        if not any(value.strip() for value in row):
            continue
        if len(row) != len(header):
            problems.append(
                Problem(path.name, line, f"{len(row)} fields, expected {len(header)} as the header")
            )
            continue
        card, wrong = _card(path.name, line, dict(zip(header, row, strict=True)))
        cards.append(card)
        problems += wrong
    return tuple(cards), problems + _duplicates(path.name, cards)


def _rows(text: str) -> Sequence[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows, start = [], 1
    for row in reader:
        rows.append((start, row))
        start = reader.line_num + 1
    return rows


def _header_problems(file: str, header: list[str]) -> list[Problem]:
    problems = [
        Problem(file, 1, f"no column {name!r}; expected {','.join(REQUIRED)}")
        for name in REQUIRED
        if name not in header
    ]
    problems += [
        Problem(file, 1, f"column {name!r} stands there twice")
        for name in sorted({n for n in header if header.count(n) > 1})
    ]
    problems += [
        Problem(file, 1, f"column {name!r} is not used{meant(name, COLUMNS)}", "warning")
        for name in header
        if name not in COLUMNS
    ]
    return problems


def _card(file: str, line: int, row: dict[str, str]) -> tuple[Card, list[Problem]]:
    got = {name: row.get(name, "").strip() for name in COLUMNS}
    problems: list[str] = []
    if not got["card"]:
        problems.append("no card number")
    problems += _moment_problems(got["date"], got["time"])
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


def _moment_problems(day: str, clock: str) -> list[str]:
    problems = []
    if day:
        try:
            year = date.fromisoformat(day).year
            if not _EARLIEST <= year <= _LATEST:
                problems.append(f"date {day}: the year is not between {_EARLIEST} and {_LATEST}")
        except ValueError:
            problems.append(f"date {day!r} is impossible; expected a date like 2026-05-04")
    if clock:
        try:
            time.fromisoformat(clock)
        except ValueError:
            problems.append(f"time {clock!r} is impossible; expected UTC like 14:05")
    return problems


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
