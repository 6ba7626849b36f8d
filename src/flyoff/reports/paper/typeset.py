"""A document as PDF: its blocks as JSON, set by Typst through a template that can be replaced.

No text of a log or a card is ever part of the template's code: it is read from a JSON file, so that
markup in it stays text. The PDF is PDF/A-2b and PDF/UA-1, bears the date of the evidence, embeds
its fonts, and is the same bytes for the same input.
"""

import json
import re
import shutil
import tempfile
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import asdict, is_dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from flyoff.errors import ReportError
from flyoff.reports.figures.standalone import SIGN_COLOURS, sign_file
from flyoff.reports.paper.blocks import (
    Block,
    Bullets,
    Cell,
    Columns,
    Document,
    Facts,
    Figure,
    OnePage,
    Paragraph,
    Table,
    pieces,
)

#: Files of a template that a folder may replace.
PARTS = ("main.typ", "style.typ", "parts.typ")
STANDARDS: tuple[Literal["a-2b", "ua-1"], ...] = ("a-2b", "ua-1")
#: A longer run without a place to break is given some.
_LONGEST = 18
_RUN = re.compile(rf"\S{{{_LONGEST + 1},}}")
#: A digest stands on one line, so that it can be copied as it is.
_DIGEST = re.compile("[0-9a-f]{64}")
_PLACE = re.compile(r"(?<=[_\-/.@:])(?=\S)")


def pdf(document: Document, template: Path | None = None) -> bytes:
    """Set a document.

    Parameters
    ----------
    document : Document
    template : Path or None
        A folder whose files replace those of `PARTS`; it may hold fonts and pictures too.

    Raises
    ------
    ReportError
        If a template breaks: with its file, line and Typst's own words.
    """
    import typst

    with tempfile.TemporaryDirectory(prefix="flyoff-report-") as folder:
        home = Path(folder)
        _lay_out(home, template)
        data = json.dumps(as_data(document), ensure_ascii=False)
        (home / "report.json").write_text(data, encoding="utf-8")
        try:
            made = typst.compile(
                str(home / "main.typ"),
                root=folder,
                font_paths=[folder],
                ignore_system_fonts=True,
                pdf_standards=list(STANDARDS),
                package_path=folder,  # a template that imports a package must bring it
                package_cache_path=folder,
            )
        except typst.TypstError as error:
            raise ReportError(_where(error, template)) from None
    assert isinstance(made, bytes)
    return made


def _lay_out(home: Path, template: Path | None) -> None:
    """Lay the template's files into the folder that Typst may read."""
    source = files("flyoff.reports") / "paper" / "template"
    for name in PARTS:
        (home / name).write_text((source / name).read_text(encoding="utf-8"), encoding="utf-8")
    if template is None:
        return
    if not template.is_dir():
        raise ReportError(f"{template}: no folder; a template is a folder with {_listed()}")
    if not any((template / name).is_file() for name in PARTS):
        raise ReportError(f"{template}: holds none of {_listed()}; nothing would change")
    for path in sorted(template.rglob("*")):
        if path.is_file() and not path.is_symlink():
            target = home / path.relative_to(template)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)


def _listed() -> str:
    return ", ".join(PARTS)


def _where(error: Any, template: Path | None) -> str:
    """The first place that Typst names, and what it says."""
    said = str(error.message)
    found = re.search(r"([\w./-]+\.typ):(\d+):(\d+)", str(error.diagnostic))
    if not found:
        return f"the template cannot be set: {said}"
    name, line, column = found.groups()
    base = name.rpartition("/")[2]
    own = template is not None and (template / base).is_file()
    where = f"{template / base}" if own and template is not None else f"the template's {base}"
    hints = "".join(f"; {hint}" for hint in error.hints[:1])
    return f"{where}:{line}:{column}: {said}{hints}"


def as_data(document: Document) -> dict[str, Any]:
    """The document as plain values, every text as the fonts can show it."""
    blocks = [_block(b) for b in document.blocks]
    at = document.instant
    day = [int(p) for p in (at[:10] if at else "1970-01-01").split("-")]
    clock = [int(p) for p in (at[11:19] if len(at) >= 19 else "00:00:00").split(":")]
    names = ("year", "month", "day", "hour", "minute", "second")
    return {
        "title": _shown(document.title),
        "title-short": _shown(document.title[:60] + "…" * (len(document.title) > 60)),
        "subtitle": _shown(document.subtitle),
        "author": "Flyoff",
        "keywords": ["drone", "test report"],
        "language": document.language if document.language != "no" else "nb",
        "date": dict(zip(names, [*day, *clock], strict=True)),
        "imprint": _shown(document.imprint),
        "terms": {k: _shown(v) for k, v in document.terms.items()},
        "signs": {name: sign_file(name) for name in SIGN_COLOURS},
        "anchors": sorted(set(_anchors(blocks))),
        "blocks": blocks,
    }


def _block(b: Block) -> dict[str, Any]:
    kind = type(b).__name__.lower()
    match b:
        case Paragraph():
            return {"kind": kind, "look": b.look, "pieces": _run(pieces(b.text))}
        case Bullets():
            items = [_run(pieces(i)) for i in b.items]
            return {"kind": kind, "numbered": b.numbered, "items": items}
        case Table():
            return {
                "kind": kind,
                "name": _shown(b.name),
                "head": [_shown(h) for h in b.head],
                "widths": list(b.widths),
                "numeric": sorted(b.numeric),
                "rows": [[_cell(pieces(c)[0]) for c in row] for row in b.rows],
            }
        case Facts():
            pairs = [[_shown(name), _cell(pieces(value)[0])] for name, value in b.pairs]
            return {"kind": kind, "pairs": pairs}
        case Columns():
            sides = {"left": [_block(x) for x in b.left], "right": [_block(x) for x in b.right]}
            return {"kind": kind, "widths": list(b.widths), **sides}
        case OnePage():
            return {"kind": kind, "blocks": [_block(x) for x in b.blocks]}
        case _:
            assert is_dataclass(b)
            plain = {k: _shown(v) if k in _TEXTS else v for k, v in asdict(b).items()}
            if isinstance(b, Figure):  # its words are in the drawing: no place to break there
                plain["svg"] = b.svg if b.svg.isascii() else _drawn(b.svg)
            return {"kind": kind, **plain}


_TEXTS = ("text", "alt", "caption", "spoken")


def _run(run: Sequence[Cell]) -> list[dict[str, Any]]:
    return [_cell(c) for c in run]


def _cell(c: Cell) -> dict[str, Any]:
    return {"text": _shown(c.text), "sign": c.sign, "look": c.look, "target": c.target,
            "below": _shown(c.below)}  # fmt: skip


def _anchors(blocks: Sequence[dict[str, Any]]) -> Iterator[str]:
    for b in blocks:
        if b.get("anchor"):
            yield b["anchor"]
        for inner in ("blocks", "left", "right"):
            if isinstance(b.get(inner), list):
                yield from _anchors(b[inner])


def _shown(text: str) -> str:
    """Text with places to break, and with what no font here has spelled out."""
    return _RUN.sub(_breakable, _drawn(str(text)))


def _drawn(text: str) -> str:
    return "".join(c if _is_drawn(c) else _spelled(c) for c in text)


def _spelled(c: str) -> str:
    if c in "\r\n\t":
        return " "
    return f"[U+{ord(c):04X}]"


def _breakable(found: re.Match[str]) -> str:
    word = found.group()
    if _DIGEST.fullmatch(word):
        return word
    parts = [
        part[i : i + _LONGEST] for part in _PLACE.split(word) for i in range(0, len(part), _LONGEST)
    ]
    return "\u200b".join(parts)


def _is_drawn(c: str) -> bool:
    """Whether the fonts that come with Typst have the character, and it turns no text around."""
    code = ord(c)
    if 0x20 <= code < 0x7F:
        return True
    if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
        return False
    starts, ends = _ranges()
    at = bisect_right(starts, code) - 1
    return at >= 0 and code <= ends[at]


@cache
def _ranges() -> tuple[list[int], list[int]]:
    text = (files("flyoff.reports") / "paper" / "glyphs.txt").read_text(encoding="ascii")
    pairs = [line.partition("-") for line in text.split() if line]
    return [int(a, 16) for a, _, _ in pairs], [int(b or a, 16) for a, _, b in pairs]
