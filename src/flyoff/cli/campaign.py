"""``flyoff campaign``: the commands and their options. Only typer is imported here."""

from pathlib import Path
from typing import Annotated

import typer

from flyoff.cli.guard import STORE_HELP, guarded

app = typer.Typer(
    help="Campaigns: candidates, cards and requirements in a folder, judged against a store.\n\n"
    "\b\nExample:\n    flyoff campaign init trial/ && flyoff campaign check trial/",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Folder = Annotated[Path, typer.Argument(help="Folder of the campaign.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]
Words = list[str] | None


@app.command()
@guarded
def init(folder: Folder, json: Json = False) -> int:
    """Write a commented campaign.toml and a cards.csv to fill in; overwrites nothing.

    \b
    Example:
        flyoff campaign init trial/
    """
    from flyoff.cli.campaign_run import run_init

    return run_init(folder, json)


@app.command()
@guarded
def check(
    folder: Folder,
    store: Annotated[
        str | None,
        typer.Option("--store", "-s", help="Look for the cards' logs in this store."),
    ] = None,
    json: Json = False,
) -> int:
    """Tell every inconsistency of a campaign, with its line.

    Exit code 1 if there is an error; warnings alone leave it at 0.

    \b
    Example:
        flyoff campaign check trial/ --store store/
    """
    from flyoff.cli.campaign_run import run_check

    return run_check(folder, store, json)


@app.command()
@guarded
def evaluate(
    folder: Folder,
    store: Annotated[str, typer.Option("--store", "-s", help=STORE_HELP)],
    include: Annotated[
        Words,
        typer.Option("--include", help="Imported evidence of this origin beside; repeatable."),
    ] = None,
    json: Json = False,
) -> int:
    """Say of each candidate and requirement: met, missed or undecided, and what that rests on.

    With --json: one document, the same bytes for the same input; its JSON Schema comes with Flyoff.

    \b
    Example:
        flyoff campaign evaluate trial/ --store store/
        flyoff campaign evaluate trial/ --store store/ --json > evaluation.json
    """
    from flyoff.cli.campaign_run import run_evaluate

    return run_evaluate(folder, store, include or [], json)


@app.command()
@guarded
def record(
    folder: Folder,
    store: Annotated[str, typer.Option("--store", "-s", help=STORE_HELP)],
    json: Json = False,
) -> int:
    """Put the campaign as evaluated now, and its cards, into the store's tables.

    Versions are named by what their bytes hash to; the same one is not put there twice, and none is
    ever changed. flyoff sql reads them: tables campaigns and cards.

    \b
    Example:
        flyoff campaign record trial/ --store store/
        flyoff sql --store store/ "SELECT campaign, recorded_us, cards FROM campaigns"
    """
    from flyoff.cli.campaign_run import run_record

    return run_record(folder, store, json)


@app.command()
@guarded
def plan(
    folder: Folder,
    requirement: Annotated[
        Words, typer.Option("--requirement", "-r", help="Only this one; repeatable.")
    ] = None,
    producer_risk: Annotated[
        float, typer.Option(min=0.001, max=0.5, help="Largest chance to refuse a good product.")
    ] = 0.10,
    vehicles: Annotated[int, typer.Option(min=1, help="Vehicles of each candidate.")] = 1,
    correlation: Annotated[
        float, typer.Option(min=0.0, max=0.99, help="Between sorties of one vehicle.")
    ] = 0.0,
    cards: Annotated[
        Path | None,
        typer.Option(help="Write a balanced flight schedule into this new file."),
    ] = None,
    sorties: Annotated[
        int | None,
        typer.Option(min=1, help="Of each candidate, for --cards; by default the fixed plan's."),
    ] = None,
    operator: Annotated[Words, typer.Option(help="For --cards; repeatable.")] = None,
    condition: Annotated[Words, typer.Option(help="For --cards; repeatable.")] = None,
    start: Annotated[str, typer.Option(help="First day, for --cards.")] = "2026-01-01",
    per_day: Annotated[int, typer.Option(min=1, help="Sorties a day, for --cards.")] = 12,
    seed: Annotated[int, typer.Option(help="Of the random order, for --cards.")] = 0,
    json: Json = False,
) -> int:
    """Tell how many sorties the requirements need: plans side by side, and a flight schedule.

    \b
    Example:
        flyoff campaign plan trial/ --vehicles 4 --correlation 0.1
        flyoff campaign plan trial/ --cards cards.csv --operator A --operator B --seed 7
    """
    from flyoff.cli.campaign_plan import Wanted, run_plan

    schedule = Wanted(
        cards, sorties, tuple(operator or ()), tuple(condition or ()), start, per_day, seed
    )
    return run_plan(folder, requirement or [], producer_risk, vehicles, correlation, schedule, json)
