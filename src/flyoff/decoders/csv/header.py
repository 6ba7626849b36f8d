"""Where a CSV's header stands, and between what its cells lie."""

import csv
from dataclasses import dataclass
from itertools import pairwise

#: Delimiters that are tried, the commonest first.
DELIMITERS = (",", ";", "\t")
#: Lines of greeting, comment or ``sep=,`` that may stand before the header.
MAX_BEFORE = 20
#: Converters of DJI's records leave a NUL behind a name here and there; binary files are full.
_TEXT_PER_NUL = 50
#: A table of fewer columns is a list.
FEWEST = 3


@dataclass(frozen=True, slots=True)
class Header:
    """The line with the names.

    Attributes
    ----------
    names : tuple of str
        A name met again gets ``#2``; one that is missing ``column 7``.
    line : int
        Its number, from 0.
    delimiter : str
    """

    names: tuple[str, ...]
    line: int
    delimiter: str


def find_header(head: bytes) -> Header | None:
    r"""The header among the first lines: names, above a row with a number and as many cells.

    Examples
    --------
    >>> find_header(b"sep=,\nt,lat,lon\n1,2.0,3.0\n")
    Header(names=('t', 'lat', 'lon'), line=1, delimiter=',')
    >>> find_header(b"dear diary,\nI am, as ever, here\n") is None
    True
    """
    if head.count(b"\0") * _TEXT_PER_NUL > len(head):
        return None
    lines = head.decode("utf-8-sig", "replace").splitlines()[: MAX_BEFORE + 2]
    for delimiter in DELIMITERS:
        rows = [_cells(line, delimiter) for line in lines]
        for i, (names, row) in enumerate(pairwise(rows)):
            if names and not names[-1]:
                names = names[:-1]  # a delimiter at the end of the line
            if len(names) >= FEWEST and _is_row(row, len(names)) and _are_names(names):
                return Header(_named(names), i, delimiter)
    return None


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        cells = next(csv.reader([line.replace("\0", "")], delimiter=delimiter), [])
        return [cell.strip() for cell in cells]
    except csv.Error:
        return []


def _are_names(cells: list[str]) -> bool:
    return not any(_is_number(c) for c in cells) and sum(map(bool, cells)) > len(cells) / 2


def _is_row(cells: list[str], width: int) -> bool:
    # a name without a column, or the reverse, is a delimiter at the end of the line
    return abs(len(cells) - width) <= 1 and any(_is_number(c) for c in cells)


def _is_number(cell: str) -> bool:
    try:
        float(cell.replace(",", "."))
    except ValueError:
        return False
    return True


def _named(cells: list[str]) -> tuple[str, ...]:
    seen: dict[str, int] = {}
    names = []
    for i, cell in enumerate(cells):
        name = cell or f"column {i + 1}"
        seen[name] = count = seen.get(name, 0) + 1
        names.append(name if count == 1 else f"{name}#{count}")
    return tuple(names)
