"""How results look on a terminal: colours, tables, progress; nothing here decides anything."""

import sys
from collections.abc import Sequence

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from flyoff.cli.guard import one_line

#: Colour of an outcome: good, bad, and what is neither.
OUTCOME_STYLE = {
    "completed": "green",
    "failed_launch": "red",
    "crashed": "bold red",
    "forced_landing": "yellow",
    "returned": "yellow",
    "aborted": "cyan",
    "wrong_destination": "magenta",
    "flew_away": "bold magenta",
    "undetermined": "bold blue",
    "not_flown": "dim",
}
SEVERITY_STYLE = {"critical": "bold red", "warning": "yellow", "info": "dim"}
#: Where nobody watches (a pipe, a file) a table may be wider than 80 columns.
WIDTH_WITHOUT_TERMINAL = 180


def console() -> Console:
    """Standard output."""
    return Console(width=None if sys.stdout.isatty() else WIDTH_WITHOUT_TERMINAL, highlight=False)


def cell(value: object, style: str = "") -> Text:
    """A cell of plain text: what a log says is never taken for markup or terminal commands."""
    text = "" if value is None else one_line(str(value))
    return Text(text.encode(errors="replace").decode(), style=style)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[Text]], *, title: str = "") -> None:
    """Print rows of cells under column names, which a query may have chosen."""
    table = Table(title=title or None, header_style="bold", box=None, pad_edge=False)
    for name in columns:
        table.add_column(cell(name))
    for row in rows:
        table.add_row(*row)
    console().print(table)


def progress(what: str, total: int | None, *, shown: bool = True) -> tuple[Progress, TaskID]:
    """A progress bar on standard error, shown only if somebody can see it."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[note]}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not (shown and sys.stderr.isatty()),
    )
    return bar, bar.add_task(what, total=total, note="")


def seconds(value: float | None) -> str:
    """A duration as people write it.

    Examples
    --------
    >>> seconds(7.25), seconds(70), seconds(3700), seconds(None)
    ('7.2 s', '1:10', '1:01:40', '')
    """
    if value is None or value != value:
        return ""
    if value < 60:
        return f"{value:.1f} s"
    whole = round(value)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def byte_count(value: float) -> str:
    """A number of bytes as people write it.

    Examples
    --------
    >>> byte_count(999), byte_count(1_500_000)
    ('999 B', '1.5 MB')
    """
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"
