"""``flyoff store``: looking after a store. Only typer is imported here."""

from typing import Annotated

import typer

from flyoff.cli.guard import STORE_HELP, guarded

app = typer.Typer(
    help="Look after a store.\n\n\b\nExample:\n    flyoff store check trial/",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command()
@guarded
def check(
    store: Annotated[str, typer.Argument(help=STORE_HELP, show_default=False)],
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> int:
    """Read every raw file and every table, and tell what is damaged; nothing is changed.

    Exit code 1 if anything is. With --json: one object a line.

    \b
    Example:
        flyoff store check trial/
    """
    from flyoff.cli.store_run import run_check

    return run_check(store, json)


@app.command()
@guarded
def optimise(
    store: Annotated[str, typer.Argument(help=STORE_HELP, show_default=False)],
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> int:
    """Join the small files of the tables, and delete what no version of the last week needs.

    An ingest joins files by itself once a table has many; this does it now, for all tables.

    \b
    Example:
        flyoff store optimise trial/
    """
    from flyoff.cli.store_run import run_optimise

    return run_optimise(store, json)


@app.command()
@guarded
def repair(
    store: Annotated[str, typer.Argument(help=STORE_HELP, show_default=False)],
    jobs: Annotated[
        int | None, typer.Option(help="Processes for judging again.", min=1, show_default=False)
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> int:
    """Build anew, from the raw logs and the journal, what check finds damaged.

    What is damaged is moved to the store's folder damaged/, never deleted. Exit code 1 if something
    could not be brought back.

    \b
    Example:
        flyoff store repair trial/
    """
    from flyoff.cli.store_run import run_repair

    return run_repair(store, jobs, json)


@app.command()
@guarded
def upgrade(
    store: Annotated[str, typer.Argument(help=STORE_HELP, show_default=False)],
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> int:
    """Bring a store that an older Flyoff made to the newest format; no row changes.

    \b
    Example:
        flyoff store upgrade trial/
    """
    from flyoff.cli.store_run import run_upgrade

    return run_upgrade(store, json)
