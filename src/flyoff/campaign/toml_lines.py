"""On which line of a TOML file a key stands, for messages; the reading itself is tomllib's."""

import re

Path = tuple[str | int, ...]

_TABLE = re.compile(r"^\s*\[\s*([^\[\]]+?)\s*\]\s*(#.*)?$")
_ARRAY = re.compile(r"^\s*\[\[\s*([^\[\]]+?)\s*\]\]\s*(#.*)?$")
_KEY = re.compile(r"^\s*([A-Za-z0-9_.\-\"' ]+?)\s*=")


def toml_lines(text: str) -> dict[Path, int]:
    r"""Map every table and key to its line.

    Examples
    --------
    >>> lines = toml_lines('[a.b]\nx = 1\n[[c]]\ny = 2\n[[c]]\ny = 3\n')
    >>> lines["a", "b", "x"], lines["c", 0, "y"], lines["c", 1, "y"]
    (2, 4, 6)
    """
    found: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if array := _ARRAY.match(line):
            name = _parts(array.group(1))
            table = (*name, counts.get(name, 0))
            counts[name] = counts.get(name, 0) + 1
            found.setdefault(name, number)
            found[table] = number
        elif header := _TABLE.match(line):
            table = _parts(header.group(1))
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            found.setdefault((*table, *_parts(key.group(1))), number)
    return found


def line_of(lines: dict[Path, int], path: Path) -> int:
    """The line of a key, else of what holds it; 0 if nothing is known."""
    for end in range(len(path), 0, -1):
        if path[:end] in lines:
            return lines[path[:end]]
    return 0


def _parts(dotted: str) -> tuple[str, ...]:
    parts = re.findall(r'"[^"]*"|\'[^\']*\'|[^.\s]+', dotted)
    return tuple(p[1:-1] if p[0] in "\"'" else p for p in parts)
