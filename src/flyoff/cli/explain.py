"""``flyoff explain``: one log's sorties told in words, with the plots that decide."""

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flyoff.cli.guard import OK, complain
from flyoff.model.flight import Flight
from flyoff.model.sortie import Sortie
from flyoff.pipeline.contract import finite, receipt_dict, sortie_dict, vehicle_dict
from flyoff.pipeline.explain import ExplainedLog, explain_log
from flyoff.views.panels import Panel, panels
from flyoff.views.story import Entry, Story, tell
from flyoff.views.wording import plain

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_SORT_STYLE = {"state": "bold", "mode": "cyan", "phase": "dim", "ground": "bold magenta"}
_SIGN = {"state": "●", "mode": "◆", "phase": "·", "report": "»", "finding": "▲", "ground": "▼"}


def run(log: Path, plan: Path | None, folder: Path | None, plots: bool, as_json: bool) -> int:
    """Explain one log; returns the exit code."""
    explained = explain_log(log, plan)
    for warning in explained.warnings:
        complain(f"{explained.log.path}: {warning}")
    told = [(flight, sortie, tell(flight, sortie)) for flight, sortie in explained.sorties]
    drawn = [panels(f, s) if plots else () for f, s, _ in told]
    files = [_write(explained, s, p, folder) for (_, s, _), p in zip(told, drawn, strict=True)]
    if as_json:
        stories = [_to_dict(*t, file) for t, file in zip(told, files, strict=True)]
        print(json.dumps(finite(_log_dict(explained, stories)), allow_nan=False))
        return OK
    from flyoff.cli.terminal import console

    out = console()
    _print_head(out, explained)
    for number, ((flight, _, story), shown, file) in enumerate(
        zip(told, drawn, files, strict=True), 1
    ):
        _print_story(out, flight, story, f"sortie {number} of {len(told)}")
        if file:
            out.print(_styled(f"plots: {file}", "dim"))
        elif shown:
            _print_charts(out, shown)
    return OK


def _write(
    explained: ExplainedLog, sortie: Sortie, shown: tuple[Panel, ...], folder: Path | None
) -> str:
    if folder is None or not shown:
        return ""
    from flyoff.reports.plots import write_png

    stem = re.sub(r"[^\w.-]", "_", Path(explained.log.path).stem)
    number = "-".join(sortie.id.split("-")[1:])
    path = folder / f"{stem}-{number}.png"
    name = os.path.basename(explained.log.path).encode(errors="replace").decode()
    write_png(shown, f"{name}: {plain(str(sortie.outcome))}", path)
    return str(path)


def _log_dict(explained: ExplainedLog, stories: list[dict[str, Any]]) -> dict[str, Any]:
    log = explained.log
    return {
        "log": {
            "path": log.path,
            "sha256": log.sha256,
            "format": log.format,
            "bytes": log.bytes,
            "receipt": receipt_dict(explained.receipt),
        },
        "plan": explained.plan or None,
        "stories": stories,
    }


def _to_dict(flight: Flight, sortie: Sortie, story: Story, file: str) -> dict[str, Any]:
    return {
        "vehicle": vehicle_dict(flight.vehicle),
        "sortie": sortie_dict(sortie),
        "timeline": [
            {"t_s": e.t_s, "sort": e.sort, "says": e.says, "severity": e.severity or None}
            for e in story.entries
        ],
        "plots": file or None,
    }


def _print_head(out: "Console", explained: ExplainedLog) -> None:
    from flyoff.cli.terminal import byte_count

    log, receipt = explained.log, explained.receipt
    facts = f"{log.format}, {byte_count(log.bytes)}, {receipt.status}"
    out.print(_styled(f"{os.path.basename(log.path)}  ({facts})", "bold"))
    plan = f"held against the plan {explained.plan}" if explained.plan else "no plan beside the log"
    out.print(_styled(plan, "dim"))
    if not explained.sorties:
        out.print("no sortie: nothing in this log was armed, or asked to be")


def _print_story(out: "Console", flight: Flight, story: Story, number: str) -> None:
    from flyoff.cli.terminal import OUTCOME_STYLE, seconds

    sortie, vehicle = story.sortie, flight.vehicle
    out.print()
    out.rule(_styled(number, "bold"), style="dim", align="left")
    what = " ".join(
        p for p in (plain(vehicle.kind), vehicle.frame, f"({vehicle.firmware})") if p != "()"
    )
    when = (sortie.start_utc or "")[:19].replace("T", " ")
    facts = [what, f"{when} UTC" if when else "", f"{seconds(sortie.airborne_s)} under way"]
    out.print(_styled(" · ".join(f for f in facts if f), "dim"))
    outcome = str(sortie.outcome)
    head = _styled(plain(outcome).upper(), OUTCOME_STYLE.get(outcome, "bold"))
    head.append(f"   confidence {sortie.confidence:.2f}", style="dim")
    out.print(head)
    for says in story.evidence:
        _print_item(out, says)
    _print_cause(out, story)
    _heading(out, "What happened")
    for entry in story.entries:
        _print_entry(out, entry)
    if story.not_assessed:
        _heading(out, "What could not be assessed")
        for kind, reason in story.not_assessed:
            _print_item(out, f"{kind}: {reason}")


def _print_cause(out: "Console", story: Story) -> None:
    cause = story.sortie.cause
    if cause is None:
        return
    _heading(out, "Why")
    line = _styled(story.cause, "bold")
    line.append(f"   confidence {cause.confidence:.2f}", style="dim")
    out.print(line)
    for number, (t_s, says) in enumerate(story.chain):
        arrow = "→ " if number else "  "
        _print_hanging(out, f"{t_s:9.2f} s  {arrow}", says, "")


def _print_entry(out: "Console", entry: Entry) -> None:
    from flyoff.cli.terminal import SEVERITY_STYLE

    style = SEVERITY_STYLE.get(entry.severity, _SORT_STYLE.get(entry.sort, ""))
    _print_hanging(out, f"{entry.t_s:9.2f} s  {_SIGN[entry.sort]} ", entry.says, style)


def _print_item(out: "Console", says: str) -> None:
    _print_hanging(out, "  • ", says, "")


def _print_hanging(out: "Console", lead: str, says: str, style: str) -> None:
    """Print a line whose further lines begin below its own text."""
    from rich.table import Table

    grid = Table.grid(padding=0)
    grid.add_column(width=len(lead), no_wrap=True)
    grid.add_column(ratio=1)
    grid.add_row(_styled(lead, "dim", keep=True), _styled(says, style))
    out.print(grid)


def _print_charts(out: "Console", shown: tuple[Panel, ...]) -> None:
    from flyoff.cli.chart import chart

    _heading(out, "What decided")
    if not out.encoding.startswith("utf"):
        out.print("plots are drawn in braille, which needs UTF-8; --plots writes files")
        return
    width = min(out.width, 100)
    for panel in shown:
        for line in chart(panel, width):
            out.print(line, no_wrap=True, crop=True)
    marks = ", ".join(f"{m.label} {m.t_s:.2f} s" for m in shown[0].marks)
    if marks:
        out.print(_styled(f"          │ {marks}", "dim", keep=True))


def _heading(out: "Console", text: str) -> None:
    out.print()
    out.print(_styled(text, "bold underline"))


def _styled(text: str, style: str, *, keep: bool = False) -> "Text":
    """A text of the log without control characters; ``keep`` takes our own as it is, spaces too."""
    from rich.text import Text

    from flyoff.cli.terminal import cell

    return Text(text, style=style) if keep else cell(text, style)
