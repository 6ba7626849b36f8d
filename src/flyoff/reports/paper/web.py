"""A document as one HTML file that needs nothing else: the same blocks as the PDF.

Tables sort by a click, marks in figures tell their values under the pointer; nothing is fetched.
"""

import re
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from flyoff.errors import ReportError
from flyoff.reports.figures.marks import sign, symbols
from flyoff.reports.markup import Html, Value, el, join
from flyoff.reports.paper.blocks import (
    Block,
    Bullets,
    Cell,
    Columns,
    Document,
    Facts,
    Figure,
    Formula,
    Heading,
    OnePage,
    Paragraph,
    Table,
    Text,
    pieces,
)

#: Nothing may be fetched from anywhere: the browser itself holds the page to that.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
#: A template's own style, added after ours.
STYLE = "report.css"
_STYLE_INSIDE = re.compile(r"<style>.*?</style>", re.S)


def page(document: Document, template: Path | None = None) -> str:
    """The whole page; the same input gives the same text."""
    style = join(_asset("page.css"), _asset("figures/figures.css"), _asset("paper/report.css"))
    head = el(
        "head",
        None,
        el("meta", {"charset": "utf-8"}),
        el("meta", {"http-equiv": "Content-Security-Policy", "content": _POLICY}),
        el("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        el("meta", {"name": "color-scheme", "content": "light dark"}),
        el("title", None, f"{document.title}: {document.subtitle}"),
        el("style", None, join(style, _own(template))),
    )
    body = el(
        "body",
        {"class": "report"},
        symbols(),
        _contents(document),
        el("main", None, *(_block(b) for b in document.blocks)),
        el("footer", None, el("p", None, document.imprint)),
        el("script", None, _asset("page.js")),
    )
    return f"<!doctype html>\n{el('html', {'lang': document.language}, head, body)}\n"


def _asset(name: str) -> Html:
    return Html((files("flyoff.reports") / name).read_text(encoding="utf-8"))


def _own(template: Path | None) -> Html | None:
    if template is None:
        return None
    try:
        text = (template / STYLE).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ReportError(f"{template / STYLE}: cannot be read: {str(error).lower()}") from None
    if "</" in text:
        at = text[: text.index("</")].count("\n") + 1
        raise ReportError(f"{template / STYLE}:{at}: '</' would end the style; only CSS goes here")
    return Html(text)


def _contents(document: Document) -> Html:
    """Links to every chapter."""
    found = [b for b in document.blocks if isinstance(b, Heading) and b.level == 1 and b.anchor]
    links = [el("li", None, el("a", {"href": f"#{h.anchor}"}, _bdi(h.text))) for h in found]
    name = {"aria-label": document.terms.get("contents", "")}
    return el("nav", dict(name), el("ul", None, *links))


def _block(b: Block) -> Html:
    match b:
        case Heading():
            return _heading(b)
        case Paragraph():
            return el("p", {"class": b.look or None}, *(_piece(c) for c in pieces(b.text)))
        case Bullets():
            items = [el("li", None, *(_piece(c) for c in pieces(i))) for i in b.items]
            return el("ol" if b.numbered else "ul", None, *items)
        case Table():
            return _table(b)
        case Figure():
            return _figure(b)
        case Formula():
            return el("p", {"class": "formula", "title": b.spoken}, b.text)
        case Facts():
            pairs = (el("div", None, el("dt", None, k), el("dd", None, _text(v)))
                     for k, v in b.pairs)  # fmt: skip
            return el("dl", {"class": "measures"}, *pairs)
        case Columns():
            sides = (el("div", None, *map(_block, side)) for side in (b.left, b.right))
            return el("div", {"class": "pair"}, *sides)
        case OnePage():
            return el("section", {"class": "onepage"}, *map(_block, b.blocks))


def _heading(b: Heading) -> Html:
    name = f"h{max(b.level, 1)}"
    mark = sign(b.sign) if b.sign else None
    return el(name, {"id": b.anchor or None, "class": f"l{b.level}"}, mark, _bdi(b.text))


def _piece(c: Cell) -> Html:
    shown = _bdi(c.text)
    if c.look == "mono":
        shown = el("code", None, c.text)
    elif c.look:
        shown = el("b" if c.look == "strong" else "span", {"class": c.look}, shown)
    if c.target:
        shown = el("a", {"href": f"#{c.target}"}, shown)
    mark = sign(c.sign) if c.sign else None
    below = el("small", None, _bdi(c.below)) if c.below else None
    return join(mark, shown, below)


def _bdi(text: str) -> Html:
    """Text that keeps its direction to itself; plain where it is of Latin or Cyrillic letters."""
    return el("bdi", None, text) if any(ord(c) > 0x58F for c in text) else join(text)


def _text(text: Text) -> Html:
    return _piece(pieces(text)[0])


def _table(b: Table) -> Html:
    has_head = any(b.head)
    titles = (
        el("th", {"scope": "col", "class": "num" if i in b.numeric else None}, h)
        for i, h in enumerate(b.head)
    )
    rows = []
    for row in b.rows:
        cells = []
        for i, c in enumerate(row):
            order = pieces(c)[0].order
            given: dict[str, Value] = {
                "class": "num" if i in b.numeric else None,
                "data-order": None if order is None else repr(order),
            }
            cells.append(el("td", given, _text(c)))
        rows.append(el("tr", None, *cells))
    whole = el(
        "table",
        {"class": "sortable" if has_head else None, "aria-label": b.name or None},
        el("thead", None, el("tr", None, *titles)) if has_head else None,
        el("tbody", None, *rows),
    )
    return el("div", {"class": "scroll"}, whole)


def _figure(b: Figure) -> Html:
    drawing = Html(_STYLE_INSIDE.sub("", b.svg, count=1))
    caption = el("figcaption", None, b.caption) if b.caption else None
    return el("figure", None, drawing, caption)


def inside(blocks: Sequence[Block]) -> list[Block]:
    """Every block, those within others too."""
    found: list[Block] = []
    for b in blocks:
        found.append(b)
        if isinstance(b, OnePage):
            found += inside(b.blocks)
        elif isinstance(b, Columns):
            found += inside([*b.left, *b.right])
    return found
