"""The report as one HTML file that needs nothing else: no script to read it, no request at all."""

import os
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path

import flyoff
from flyoff.model.mission import Mission
from flyoff.pipeline.stored import stored_plan
from flyoff.reports.figures.marks import symbols
from flyoff.reports.markup import Html, el, join
from flyoff.reports.sections import index, sortie_section
from flyoff.reports.summary import summary
from flyoff.views.fly_off import FlyOff
from flyoff.views.leaderboard import Leaderboard
from flyoff.views.sortie import SortieDetail

#: Nothing may be fetched from anywhere: the browser itself holds the page to that.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"


def write_report(flown: FlyOff, out: Path) -> Path:
    """Write the report on a fly-off.

    Parameters
    ----------
    flown : FlyOff
    out : Path
        The HTML file; written whole or not at all.

    Returns
    -------
    Path
        The file.
    """

    def plan_of(detail: SortieDetail) -> Mission | None:
        return stored_plan(flown.store, detail["plan_sha256"])

    page = document(flown.board, flown.sorties, plan_of)
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        partial.write_text(page, encoding="utf-8")
        os.replace(partial, out)
    finally:
        partial.unlink(missing_ok=True)
    return out


def document(
    board: Leaderboard,
    details: Sequence[SortieDetail],
    plan_of: Callable[[SortieDetail], Mission | None],
) -> str:
    """The whole page; the same input gives the same text."""
    title = f"{board.name}: fly-off report"
    head = el(
        "head",
        None,
        el("meta", {"charset": "utf-8"}),
        el("meta", {"http-equiv": "Content-Security-Policy", "content": _POLICY}),
        el("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        el("meta", {"name": "color-scheme", "content": "light dark"}),
        el("title", None, title),
        el("style", None, _asset("page.css"), _asset("figures/figures.css")),
    )
    body = el(
        "body",
        None,
        symbols(),
        el("header", None, el("h1", None, board.name), el("p", None, _subtitle(board, details))),
        el(
            "main",
            None,
            summary(board, details),
            index(details),
            *(sortie_section(d, plan_of(d)) for d in details),
        ),
        el("footer", None, el("p", None, _imprint())),
        el("script", None, _asset("page.js")),
    )
    return f"<!doctype html>\n{el('html', {'lang': 'en'}, head, body)}\n"


def _subtitle(board: Leaderboard, details: Sequence[SortieDetail]) -> str:
    logs = len({d["log_sha256"] for d in details})
    named = sum(bool(s.candidate) for s in board.standings)
    simulated = sum(bool(d["is_simulated"]) for d in details)
    days = sorted({d["start_utc"][:10] for d in details if d["start_utc"]})
    parts = [f"{named} candidates", f"{len(details)} sorties", f"{logs} logs"]
    parts += [f"{days[0]} to {days[-1]}" if len(days) > 1 else days[0]] if days else []
    parts += [f"{simulated} sorties flown in simulation"] if simulated else []
    return " · ".join(parts)


def _imprint() -> Html:
    return join(
        f"Made by Flyoff {flyoff.__version__} from the raw logs named in each section. ",
        "Times are seconds on each log's own clock. An outcome is judged by the program from "
        "the log; undetermined means that the evidence does not decide.",
    )


def _asset(name: str) -> Html:
    return Html(files("flyoff.reports").joinpath(name).read_text(encoding="utf-8"))
