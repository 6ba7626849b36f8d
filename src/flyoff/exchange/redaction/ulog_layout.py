"""Layouts of ULog topics without the fields that are not allowed, nested records included."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from flyoff.decoders.ulog.layout import TYPES, Field, Fields, Layout
from flyoff.exchange.redaction.block import Cell
from flyoff.exchange.redaction.tables import Contents

#: As deep as allowed formats nest; no firmware goes beyond two.
_MOST_DEEP = 4


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A topic's layout with what is allowed of it.

    Attributes
    ----------
    formats : tuple of (name, text)
        Its ``F`` messages, those that it consists of first.
    stretches : tuple of (int, int)
        Start and width in the old payload of each stretch that stays [byte].
    cells : mapping of flattened field name to Cell
        In the new payload.
    treated : tuple of (prefix, Contents)
        What to apply to the cells whose names begin with the prefix.
    """

    formats: tuple[tuple[str, str], ...]
    stretches: tuple[tuple[int, int], ...]
    cells: Mapping[str, Cell]
    treated: tuple[tuple[str, Contents], ...]

    @property
    def width(self) -> int:
        """Bytes of the new payload."""
        return sum(width for _, width in self.stretches)


def common_fields(layouts: Iterable[Layout]) -> dict[str, frozenset[Field]]:
    """Fields that each format has in every layout of a log.

    A log may change a format half way, but has only one name for it: what stays of it then is what
    both forms have.
    """
    found: dict[str, frozenset[Field]] = {}
    for layout in layouts:
        for name, fields in layout.formats.items():
            found[name] = found.get(name, frozenset(fields)) & frozenset(fields)
    return found


def narrowed(
    layout: Layout, table: Mapping[str, Contents], common: Mapping[str, frozenset[Field]]
) -> Narrowed | None:
    """Lay a topic out anew, with fields of `common` only; None if nothing of it stays."""
    walk = _Walk(layout.formats, table, common)
    walk.take(layout.name, 0, "", 0)
    if not walk.cells:
        return None
    return Narrowed(
        tuple((name, f"{name}:{text}") for name, text in walk.formats.items()),
        tuple(walk.stretches),
        walk.cells,
        tuple(walk.treated),
    )


class _Walk:
    """Goes through a format and those within it, as they lie in the payload."""

    def __init__(
        self,
        described: Mapping[str, Fields],
        table: Mapping[str, Contents],
        common: Mapping[str, frozenset[Field]],
    ) -> None:
        self.described, self.table, self.common = described, table, common
        self.formats: dict[str, str] = {}
        self.stretches: list[tuple[int, int]] = []
        self.cells: dict[str, Cell] = {}
        self.treated: list[tuple[str, Contents]] = []
        self.to = 0

    def take(self, name: str, at: int, prefix: str, depth: int) -> None:
        """Take the allowed fields of one format that begins at an offset of the old payload."""
        contents = self.table.get(name)
        if contents is None or depth > _MOST_DEEP:
            return
        self.treated.append((prefix, contents))
        kept = []
        for one, start in self._placed(name, at):
            if one in self.common[name] and self._take_field(one, start, prefix, contents, depth):
                size = f"[{one.length}]" if one.length else ""
                kept.append(f"{one.type}{size} {one.name};")
        self.formats[name] = "".join(kept)

    def _take_field(
        self, one: Field, start: int, prefix: str, contents: Contents, depth: int
    ) -> bool:
        if one.name not in contents.bases or one.type == "char":
            return False
        count = max(one.length, 1)
        names = [one.name if not one.length else f"{one.name}[{i}]" for i in range(count)]
        if one.type in TYPES:
            width, code = TYPES[one.type]
            self.stretches.append((start, width * count))
            for name in names:
                self.cells[prefix + name] = Cell(self.to, np.dtype(code))
                self.to += width
            return True
        before = len(self.cells)
        for i, name in enumerate(names):
            self.take(one.type, start + i * self._size(one.type), f"{prefix}{name}.", depth + 1)
        return len(self.cells) > before

    def _placed(self, name: str, at: int) -> Iterator[tuple[Field, int]]:
        for one in self.described[name]:
            yield one, at
            at += max(one.length, 1) * self._size(one.type)

    def _size(self, kind: str) -> int:
        if kind in TYPES:
            return TYPES[kind][0]
        return sum(max(one.length, 1) * self._size(one.type) for one in self.described[kind])
