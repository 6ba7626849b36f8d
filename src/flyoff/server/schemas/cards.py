"""The table of cards: what stands in it, and what people change."""

from typing import Literal

from flyoff.server.schemas.base import Model


class CardRow(Model):
    """One line of ``cards.csv``: every column as it stands in the file."""

    line: int
    """Of the file, from 1: names the card in a change."""
    values: dict[str, str]


class FolderProblem(Model):
    """Something that is wrong in the campaign's folder."""

    file: str
    line: int
    text: str
    gravity: Literal["error", "warning"]


class Cards(Model):
    """The table of cards; ``ETag`` of the answer is needed to change it."""

    columns: list[str]
    """As the file has them, in its order."""
    known_columns: list[str]
    """Columns that Flyoff reads."""
    required_columns: list[str]
    choices: dict[str, list[str]]
    """Allowed words of ``result``, ``disposition`` and ``candidate``."""
    rows: list[CardRow]
    problems: list[FolderProblem]
    is_writable: bool


class CardChange(Model):
    """One cell to be written."""

    line: int
    column: str
    value: str


class CardChanges(Model):
    """Cells to be written and lines to be added, all or none."""

    changes: list[CardChange]
    added: list[dict[str, str]]
