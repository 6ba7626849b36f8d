"""What a report consists of: headings, paragraphs, tables, figures; no markup, only text.

The same blocks become PDF and HTML, so both have the same content. Text is only ever text: nothing
that a log or a card says can become markup of either.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of text.

    Attributes
    ----------
    text : str
    sign : str
        Outcome or verdict whose sign stands before it.
    look : str
        ``strong``, ``soft``, ``mono`` or empty.
    target : str
        Anchor that it leads to.
    below : str
        A second line in small print.
    order : float or None
        What a table is sorted by, where it is not the text.
    """

    text: str
    sign: str = ""
    look: str = ""
    target: str = ""
    below: str = ""
    order: float | None = None


Text = str | Cell
#: A paragraph may be of several pieces.
Run = Text | Sequence[Text]


@dataclass(frozen=True, slots=True)
class Heading:
    """A title; level 1 begins a page, unless it is not ``fresh``."""

    level: int
    text: str
    anchor: str = ""
    sign: str = ""
    fresh: bool = True


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; ``look`` is ``lead``, ``note`` or empty."""

    text: Run
    look: str = ""


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list."""

    items: Sequence[Run]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    Attributes
    ----------
    head : sequence of str
    rows : sequence of rows of text
    widths : sequence of float
        Shares of the width; 0 takes what the content needs.
    numeric : frozenset of int
        Columns set to the right.
    name : str
        What it shows, for those who do not see it.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[Text]]
    widths: Sequence[float]
    numeric: frozenset[int] = frozenset()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing, what it says in words, and its caption; ``width`` is a share of the line."""

    svg: str
    alt: str
    caption: str = ""
    width: float = 1.0


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula in Typst's mathematics, the same as text, and how it is read out."""

    typst: str
    text: str
    spoken: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Pairs of a word and its value, side by side."""

    pairs: Sequence[tuple[str, Text]]


@dataclass(frozen=True, slots=True)
class Columns:
    """Two columns of blocks with their widths."""

    left: "Sequence[Block]"
    right: "Sequence[Block]"
    widths: tuple[float, float] = (1.0, 1.0)


@dataclass(frozen=True, slots=True)
class OnePage:
    """Blocks that fill one page, set smaller if need be."""

    blocks: "Sequence[Block]"


Block = Heading | Paragraph | Bullets | Table | Figure | Formula | Facts | Columns | OnePage


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report.

    Attributes
    ----------
    title, subtitle : str
    language : str
    instant : str
        ISO date of the evidence; the document bears it, so that the same input gives the same file.
    imprint : str
        Stands at the foot of every page.
    blocks : sequence of Block
    terms : mapping of name to str
        Words that the setting itself needs: "page", "contents".
    """

    title: str
    subtitle: str
    language: str
    instant: str
    imprint: str
    blocks: Sequence[Block]
    terms: dict[str, str] = field(default_factory=dict)


def pieces(run: Run) -> list[Cell]:
    """A run as its pieces."""
    parts = [run] if isinstance(run, str | Cell) else list(run)
    return [p if isinstance(p, Cell) else Cell(p) for p in parts]
