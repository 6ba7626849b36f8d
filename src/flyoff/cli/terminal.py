"""How results look on a terminal: colours, tables, progress; nothing here decides anything."""

import sys
from collections import Counter
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.padding import Padding
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


#: What a column of long text has at least beside the others; narrower, it goes below its row.
_PROSE = 36
_GAP = 2


class _Output(Console):
    """A console whose reader may go away: that is for the command's guard, and no failure."""

    def on_broken_pipe(self) -> None:
        raise  # rich would end with code 1


def console() -> Console:
    """Standard output."""
    return _Output(width=None if sys.stdout.isatty() else WIDTH_WITHOUT_TERMINAL, highlight=False)


def log_names(paths: Iterable[str]) -> dict[str, str]:
    """What each log of a list is called: its file name, and as many folders as tell it apart.

    A log that only was compressed is called as it is uncompressed.

    Examples
    --------
    >>> log_names(["a/b.BIN", "a/d.BIN.xz!d.BIN", "a/c.zip!e.BIN"]).values()
    dict_values(['b.BIN', 'd.BIN', 'c.zip!e.BIN'])
    >>> log_names(["sd1/LOGS/1.BIN", "sd2/LOGS/1.BIN", "sd2/LOGS/2.BIN"]).values()
    dict_values(['sd1/LOGS/1.BIN', 'sd2/LOGS/1.BIN', '2.BIN'])
    """
    places = {path: _place(path) for path in paths}
    names: dict[str, str] = {}
    for folders in range(max((len(place) for place in places.values()), default=0)):
        tails = {path: "/".join(places[path][-1 - folders :]) for path in places.keys() - names}
        alike = Counter(tails.values())
        names |= {path: tail for path, tail in tails.items() if alike[tail] == 1}
    return {path: names.get(path, path) for path in places}


def _place(path: str) -> list[str]:
    """Folders and file name, without what only says how the log was compressed."""
    *folders, name = path.replace("\\", "/").split("/")
    archive, _, member = name.rpartition("!")
    return [*folders, member if archive == member or archive.startswith(f"{member}.") else name]


def cell(value: object, style: str = "") -> Text:
    """A cell of plain text: what a log says is never taken for markup or terminal commands."""
    text = "" if value is None else one_line(str(value))
    return Text(text.encode(errors="replace").decode(), style=style)


def print_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[Text]],
    *,
    title: str = "",
    below: Sequence[str] = (),
) -> None:
    """Print rows of cells under column names, which a query may have chosen; nothing is cut.

    Parameters
    ----------
    below : sequence of str
        Columns that go on lines of their own below their row where the terminal is too narrow for
        all, the first ones first.
    """
    out = console()
    widths = _widths(columns, rows)
    moved = _moved(columns, widths, below, out.width)
    kept = [k for k in range(len(columns)) if k not in moved]
    if moved:
        widths = _squeezed(widths, kept, out.width)
    table = _table(columns, kept, widths if moved else None, title=title)
    if not moved:
        for row in rows:
            table.add_row(*row)
        out.print(table)
        return
    out.print(table)
    for row in rows:
        line = _table(columns, kept, widths, heads=False)
        line.add_row(*(row[k] for k in kept))
        out.print(line)
        for k in sorted(moved):
            if row[k].plain:
                out.print(Padding(Text.assemble((f"{columns[k]}: ", "dim"), row[k]), (0, 0, 0, 4)))


def _widths(columns: Sequence[str], rows: Sequence[Sequence[Text]]) -> list[int]:
    return [
        max(cell(name).cell_len, max((row[k].cell_len for row in rows), default=0))
        for k, name in enumerate(columns)
    ]


def _moved(
    columns: Sequence[str], widths: Sequence[int], below: Sequence[str], room: int
) -> set[int]:
    """Columns to be written below their rows, so that the others fit."""
    order = [k for name in below for k, column in enumerate(columns) if column == name]
    needed = {k: min(w, _PROSE) if k in order else w for k, w in enumerate(widths)}
    moved: set[int] = set()
    for k in order:
        if sum(needed.values()) + _GAP * (len(needed) - 1) <= room:
            break
        moved.add(k)
        del needed[k]
    return moved


def _squeezed(widths: list[int], kept: Sequence[int], room: int) -> list[int]:
    """Widths of which the widest gives way where even the columns kept are too many; it folds."""
    over = sum(widths[k] for k in kept) + _GAP * (len(kept) - 1) - room
    widest = max(kept, key=lambda k: widths[k])
    return [max(w - over, 8) if k == widest and over > 0 else w for k, w in enumerate(widths)]


def _table(
    columns: Sequence[str],
    kept: Sequence[int],
    widths: Sequence[int] | None,
    *,
    title: str = "",
    heads: bool = True,
) -> Table:
    table = Table(
        title=title or None, header_style="bold", box=None, pad_edge=False, show_header=heads
    )
    for k in kept:
        table.add_column(
            cell(columns[k]), overflow="fold", width=None if widths is None else widths[k]
        )
    return table


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


def counted(number: int, thing: str) -> str:
    """So many of something.

    Examples
    --------
    >>> counted(1, "sortie"), counted(0, "sortie")
    ('1 sortie', '0 sorties')
    """
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


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
