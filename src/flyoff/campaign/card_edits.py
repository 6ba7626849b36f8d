"""Change cells of ``cards.csv`` and add lines: what is not changed stays, byte for byte."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flyoff.errors import CampaignError

#: Longer cells are no card.
MOST_CELL = 10_000


@dataclass(frozen=True, slots=True)
class CellChange:
    """One cell: the line on which its row begins, from 1, its column, and what it is to hold."""

    line: int
    column: str
    value: str


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row of the file: where it begins, its text with the line's end, and its cells."""

    line: int
    text: str
    cells: tuple[str, ...]


def table_rows(text: str) -> list[TableRow]:
    r"""Split a table into rows; a row with line breaks in quotes is one row.

    Examples
    --------
    >>> [r.cells for r in table_rows('a,b\n1,"x\ny"\n')]
    [('a', 'b'), ('1', 'x\ny')]
    """
    lines = io.StringIO(text, newline="").readlines()
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows, start = [], 0
    try:
        for cells in reader:
            rows.append(TableRow(start + 1, "".join(lines[start : reader.line_num]), tuple(cells)))
            start = reader.line_num
    except csv.Error as error:
        raise CampaignError(f"cards.csv line {start + 1}: {error}") from None
    return rows


def edited(text: str, changes: Sequence[CellChange], added: Sequence[Mapping[str, str]]) -> str:
    r"""The text with cells changed and lines added.

    Raises
    ------
    CampaignError
        If a line or column is not there, or a value is no cell.

    Examples
    --------
    >>> edited("card,notes\nC1,old\nC2,\n", [CellChange(2, "notes", "a, b")], [{"card": "C3"}])
    'card,notes\nC1,"a, b"\nC2,\nC3,\n'
    """
    rows = table_rows(text)
    if not rows:
        raise CampaignError("cards.csv is empty; its first line names the columns")
    header = [name.strip() for name in rows[0].cells]
    end = "\r\n" if rows[0].text.endswith("\r\n") else "\n"
    wanted: dict[int, dict[int, str]] = {}
    for change in changes:
        value = _checked(change.value)
        wanted.setdefault(change.line, {})[_place(header, change.column)] = value
    there = {row.line: row for row in rows[1:]}
    for line in wanted:
        if line not in there or len(there[line].cells) != len(header):
            raise CampaignError(f"cards.csv has no row of {len(header)} cells on line {line}")
    out = [
        _written(_changed(row.cells, wanted[row.line]), end) if row.line in wanted else row.text
        for row in rows
    ]
    if added and out and not out[-1].endswith(("\n", "\r")):
        out[-1] += end
    for new in added:
        cells = [""] * len(header)
        for column, value in new.items():
            cells[_place(header, column)] = _checked(value)
        out.append(_written(cells, end))
    return "".join(out)


def _place(header: Sequence[str], column: str) -> int:
    if column not in header:
        raise CampaignError(f"cards.csv has no column {column!r}; it has {', '.join(header)}")
    return header.index(column)


def _checked(value: str) -> str:
    if len(value) > MOST_CELL or any(not (c.isprintable() or c in "\n\t") for c in value):
        raise CampaignError(f"a cell holds at most {MOST_CELL} printable characters")
    return value


def _changed(cells: Sequence[str], new: Mapping[int, str]) -> list[str]:
    return [new.get(i, cell) for i, cell in enumerate(cells)]


def _written(cells: Sequence[str], end: str) -> str:
    made = io.StringIO()
    csv.writer(made, lineterminator=end).writerow(cells)
    return made.getvalue()
