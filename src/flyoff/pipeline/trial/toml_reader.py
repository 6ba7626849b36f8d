"""Values of a TOML file, checked as they are read: what is wrong is noted with its line."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from flyoff.campaign.problems import Gravity, Problem, meant
from flyoff.campaign.toml_lines import line_of
from flyoff.pipeline.trial.setup import CONFIGURATION

Table = Mapping[str, Any]


@dataclass(slots=True)
class TomlReader:
    """A trial file while it is read: its values, checked, and the problems met."""

    folder: Path
    lines: Mapping[tuple[str | int, ...], int]
    problems: list[Problem] = field(default_factory=list)
    day: date | None = None

    def say(self, path: tuple[str | int, ...], text: str, gravity: Gravity = "error") -> None:
        """Note a problem, with the line of a key."""
        line = line_of(dict(self.lines), path)
        self.problems.append(Problem(CONFIGURATION, line, text, gravity))

    def words(self, table: Table, path: tuple[str | int, ...], known: str) -> None:
        """Note every word that is not known."""
        names = known.split()
        for word in table:
            if word not in names:
                self.say((*path, word), f"unknown {word!r}{meant(word, names)}")

    def number(self, table: Table, path: tuple[str | int, ...], name: str, default: float) -> float:
        """A number."""
        value = table.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.say((*path, name), f"{name} is {value!r}, expected a number")
            return default
        if math.isnan(value) and not math.isnan(default):
            self.say((*path, name), f"{name} is missing, or no number")
        return float(value)

    def text(self, table: Table, path: tuple[str | int, ...], name: str, default: str = "") -> str:
        """A text."""
        value = table.get(name, default)
        if not isinstance(value, str):
            self.say((*path, name), f"{name} is {value!r}, expected text")
            return default
        return value

    def texts(self, table: Table, path: tuple[str | int, ...], name: str) -> tuple[str, ...]:
        """A list of texts; one text stands for a list of one."""
        value = table.get(name, ())
        value = [value] if isinstance(value, str) else value
        if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
            self.say((*path, name), f"{name} is {value!r}, expected texts")
            return ()
        return tuple(value)

    def files(self, table: Table, path: tuple[str | int, ...], name: str) -> tuple[Path, ...]:
        """Files of the folder: a list, or one."""
        found = tuple(self.folder / given for given in self.texts(table, path, name) if given)
        for missing in (f for f in found if not f.is_file()):
            self.say((*path, name), f"{missing.name}: no such file")
        return found

    def file(self, table: Table, path: tuple[str | int, ...], name: str) -> Path | None:
        """A file of the folder; None where none is named."""
        given = self.text(table, path, name)
        if not given:
            return None
        found = self.folder / given
        if not found.is_file():
            self.say((*path, name), f"{given}: no such file")
        return found

    def instant(self, table: Table, path: tuple[str | int, ...], name: str) -> float:
        """UTC of a date with time, of a time of the trial's date, or of either as text."""
        value = table.get(name)
        if isinstance(value, str):
            try:
                value = (
                    time.fromisoformat(value) if ":" in value[:3] else datetime.fromisoformat(value)
                )
            except ValueError:
                value = None
        if isinstance(value, time) and self.day is not None:
            value = datetime.combine(self.day, value)
        if not isinstance(value, datetime):
            self.say((*path, name), f"{name} is {table.get(name)!r}, expected a time, UTC")
            return math.nan
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
