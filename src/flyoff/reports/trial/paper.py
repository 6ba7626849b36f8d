"""The trial's report on paper: the same content as the page's, in the campaign report's blocks."""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import flyoff
from flyoff.pipeline.trial.document import document
from flyoff.pipeline.trial.evidence import Evidence
from flyoff.pipeline.trial.scoring import Scored
from flyoff.reports.figures.standalone import printed, standalone
from flyoff.reports.markup import Html
from flyoff.reports.paper.blocks import (
    Block,
    Cell,
    Columns,
    Document,
    Figure,
    Heading,
    Paragraph,
    Table,
)
from flyoff.reports.paper.place import form_of, put
from flyoff.reports.trial.map import false_map, seen_map
from flyoff.reports.trial.page import trial_page
from flyoff.reports.trial.plots import chance_plot, custody_plot, latency_plot
from flyoff.views import trial_words as told
from flyoff.views.trial_words import Told

#: Figures stand at half their drawn size: words must stay legible.
_LARGER = ".figure text { font-size: 17px; } .figure .tick, .figure .row { font-size: 16px; }"


def write_trial_report(scored: Scored, out: Path) -> Path:
    """Write the report, whole or not at all; PDF or a page, by the name's ending.

    Raises
    ------
    ReportError
        If the name ends otherwise, or the place cannot be written.
    """
    if form_of(out) == "html":
        return put(trial_page(scored).encode(), out)
    from flyoff.reports.paper.typeset import pdf

    return put(pdf(trial_document(scored)), out)


def trial_document(scored: Scored) -> Document:
    """The whole report as blocks; the same input gives the same."""
    found = document(scored)
    by_name = {e.data.setup.name: e for e in scored.evidences}
    return Document(
        found["trial"]["name"] or "Counter-drone trial",
        "Counter-drone trial",
        "en",
        found["trial"]["date"] or "",
        f"Flyoff {flyoff.__version__} · it measures; it commands nothing",
        list(_blocks(found, by_name)),
        {"page": "Page", "contents": "Contents"},
    )


def _blocks(found: dict[str, Any], evidences: dict[str, Evidence]) -> Iterator[Block]:
    yield Heading(1, found["trial"]["name"] or "Counter-drone trial", fresh=False)
    yield Paragraph(told.subtitle(found))
    yield Paragraph(
        "Made from the targets' own logs and the sensors' files. Every interval is two-sided; a "
        "requirement is met or missed only if its whole interval lies on one side of the limit.",
        "note",
    )
    yield from (Paragraph(str(text), "note") for text in found["warnings"])
    shown = told.verdicts(found)
    yield Heading(2, shown.title)
    if shown.rows:
        yield _table(shown, (0.6, 1.5, 0.6, 0.8, 0.8, 1.1, 1.6), verdict=3)
    else:
        yield Paragraph("The trial file states none.", "note")
    for shown in (told.comparisons(found), told.defeats(found)):
        if shown.rows:
            yield from _titled(shown)
    for sensor in found["sensors"]:
        yield Heading(1, sensor["sensor"])
        yield Paragraph(told.facts(sensor), "note")
        yield from (Paragraph(f"Suspected: {text}") for text in sensor["suspected"])
        yield from (Paragraph(text, "note") for text in sensor["notes"])
        e = evidences.get(sensor["sensor"])
        if e is None:
            yield Paragraph(f"Not scored: {sensor['because']}", "lead")
        else:
            yield from _sensor(sensor["scores"], e)
    shown = told.rules(found)
    yield Heading(1, shown.title)
    yield Paragraph("Policy, not physics: another choice gives other figures.", "note")
    yield _table(shown, (1.0, 1.0))


def _sensor(scores: dict[str, Any], e: Evidence) -> Iterator[Block]:
    yield from _titled(told.scores(scores), (1.5, 1.2, 1.4, 1.6))
    seen = _figure(
        seen_map(e), "Where targets were seen", "Dot: seen. Ring: missed. Grey: reported place."
    )
    chance = _figure(
        chance_plot(scores),
        "Chance to be seen against range",
        "Line with its band: logistic. Dashed: falling, no shape assumed. Dots: shares by range.",
    )
    false = false_map(e) if scores["false_tracks"]["places"] else None
    began = _figure(false, "Where false tracks began", "In target-free time.")
    late = _figure(latency_plot(e), "How late reports came", "From measuring to the operator.")
    yield from _pair(seen, chance)
    yield from _figure(
        custody_plot(e),
        "Custody of each target",
        "Dark: followed; another colour is another track. Pale: missed. Wedge: first alert at the "
        "operator. Bar: the line is crossed.",
    )
    yield from _pair(began, late)
    for shown in (told.classes(scores), told.gates(scores)):
        if shown is not None and shown.rows:
            yield from _titled(shown)


def _titled(t: Told, widths: tuple[float, ...] = ()) -> Iterator[Block]:
    yield Heading(2, t.title)
    yield _table(t, widths or tuple(1.0 for _ in t.head))


def _table(t: Told, widths: tuple[float, ...], verdict: int = -1) -> Table:
    rows = [
        [Cell(text, sign=text, look="strong") if k == verdict else text for k, text in enumerate(r)]
        for r in t.rows
    ]
    return Table(t.head, rows, widths, name=t.title)


def _pair(left: list[Block], right: list[Block]) -> Iterator[Block]:
    if left and right:
        yield Columns(left, right)
    else:
        yield from left or right


def _figure(drawing: Html | None, title: str, caption: str) -> list[Block]:
    if drawing is None:
        return []
    style = (files("flyoff.reports.trial") / "trial.css").read_text(encoding="utf-8")
    return [Figure(standalone(drawing, printed(style + _LARGER)), title, f"{title}. {caption}")]
