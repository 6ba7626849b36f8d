"""The commands and their options. Only typer is imported here, so that help is instant."""

from pathlib import Path
from typing import Annotated, Optional

import typer

from flyoff.cli.guard import guarded

app = typer.Typer(
    name="flyoff",
    help="From a folder of raw drone logs to a verdict that stands up to an argument.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Paths = Annotated[list[Path], typer.Argument(help="Logs, or folders to walk.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]
Jobs = Annotated[
    Optional[int],  # noqa: UP045  typer reads this at run time
    typer.Option("--jobs", "-j", min=1, help="Processes; by default as many as are worth it."),
]


def _version(wanted: bool) -> None:
    if wanted:
        from flyoff import __version__

        typer.echo(f"flyoff {__version__}")
        raise typer.Exit


@app.callback()
def _flyoff(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    del version


@app.command()
@guarded
def judge(
    paths: Paths,
    plan: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            exists=True, dir_okay=False, help="Planned mission: QGC WPL 110 or QGC .plan."
        ),
    ] = None,
    jobs: Jobs = None,
    json: Json = False,
) -> int:
    r"""Say of every sortie in the logs how it ended, why, and on what evidence.

    A plan of the same name beside a log is taken unless --plan names one. With --json: one object
    a line, one line a log, on standard output; everything else goes to standard error.

    Exit code: 0 if every log was read, whatever its damage; 1 if a file that was named, or that
    has a log's ending, could not be read, or a folder holds no log; 2 for misuse. Other files in a
    walked folder are noted and passed over.

    \b
    Example:
        flyoff judge sdcard/
        flyoff judge --json --jobs 4 sdcard/ > verdicts.jsonl
    """
    from flyoff.cli.judge import run

    return run(paths, plan, jobs, json)
