"""``flyoff trial``: the commands and their options. Only typer is imported here."""

from pathlib import Path
from typing import Annotated

import typer

from flyoff.cli.guard import guarded

app = typer.Typer(
    help="Counter-drone trials: a sensor's reports scored against the targets' own logs.\n\n"
    "\b\nExample:\n    flyoff trial init trial/ && flyoff trial check trial/",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Folder = Annotated[
    Path, typer.Argument(help="Folder with trial.toml, or the file.", show_default=False)
]
Json = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]


@app.command()
@guarded
def init(folder: Folder, json: Json = False) -> int:
    """Write a commented trial.toml to fill in; overwrites nothing.

    \b
    Example:
        flyoff trial init trial/
    """
    from flyoff.cli.trial_run import run_init

    return run_init(folder, json)


@app.command()
@guarded
def check(folder: Folder, json: Json = False) -> int:
    """Tell every inconsistency of a trial: of its file, of the logs and of the sensors' files.

    Exit code 1 if there is an error; warnings alone leave it at 0.

    \b
    Example:
        flyoff trial check trial/
    """
    from flyoff.cli.trial_run import run_check

    return run_check(folder, json)


@app.command()
@guarded
def score(folder: Folder, json: Json = False) -> int:
    """Score every sensor against the truth: detection, false tracks, custody, errors, latency.

    With --json: one document, the same bytes for the same input; its JSON Schema comes with Flyoff.

    \b
    Example:
        flyoff trial score trial/
        flyoff trial score trial/ --json > scores.json
    """
    from flyoff.cli.trial_run import run_score

    return run_score(folder, json)


@app.command()
@guarded
def report(
    folder: Folder,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The file to write: .html or .pdf.")
    ] = Path("trial.html"),
    json: Json = False,
) -> int:
    """Write the scores as a page that needs nothing else, or on paper: maps, curves, timelines.

    \b
    Example:
        flyoff trial report trial/ --out trial.pdf
    """
    from flyoff.cli.trial_run import run_report

    return run_report(folder, out, json)
