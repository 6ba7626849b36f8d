"""``flyoff lot``: the commands and their options. Only typer is imported here."""

from typing import Annotated

import typer

from flyoff.cli.guard import guarded

app = typer.Typer(
    help="Lots: how many items to test before accepting a delivery, and what the test decides.\n\n"
    "\b\nExample:\n    flyoff lot plan --size 6000 --aql 1.0",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

#: The sampling plans need an array of this length.
LARGEST_LOT = 100_000_000

Size = Annotated[int, typer.Option("--size", min=1, max=LARGEST_LOT, help="Items in the lot.")]
Json = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]
Share = float | None


@app.command()
@guarded
def plan(
    size: Size,
    aql: Annotated[Share, typer.Option(help="Percent: the plan of ANSI Z1.4 / ISO 2859-1.")] = None,
    level: Annotated[str, typer.Option(help="Inspection level of that plan.")] = "II",
    tightened: Annotated[bool, typer.Option("--tightened", help="Tightened inspection.")] = False,
    good: Annotated[
        Share, typer.Option(help="Share of bad items to be accepted with 95 %.")
    ] = None,
    bad: Annotated[Share, typer.Option(help="Share of bad items to be accepted with 10 %.")] = None,
    json: Json = False,
) -> int:
    """Plan the acceptance of a lot: sample, limit, and what the plan protects against.

    \b
    Example:
        flyoff lot plan --size 6000 --aql 1.0 --good 0.01 --bad 0.05
    """
    from flyoff.cli.lot_run import run_plan

    return run_plan(size, aql, level, tightened, good, bad, json)


@app.command()
@guarded
def decide(
    size: Size,
    sample: Annotated[int, typer.Option("--sample", "-n", min=1, help="Sample of the plan.")],
    accept: Annotated[int, typer.Option("--accept", "-c", min=0, help="Failures allowed.")],
    tested: Annotated[int | None, typer.Option(min=0, help="Items tested.")] = None,
    failures: Annotated[int | None, typer.Option(min=0, help="Of them failed.")] = None,
    undetermined: Annotated[int, typer.Option(min=0, help="Of them unknown.")] = 0,
    campaign: Annotated[
        str | None,
        typer.Option(help="Count the first sortie of each vehicle of this campaign folder …"),
    ] = None,
    candidate: Annotated[str, typer.Option(help="… of this candidate …")] = "",
    store: Annotated[str | None, typer.Option("--store", "-s", help="… in this store.")] = None,
    json: Json = False,
) -> int:
    """Decide on a lot, from counts or from the sorties of a campaign.

    From a campaign: an item is a vehicle, tested by its first attempt, good if that was completed.
    Exit code 0 to accept, 1 to reject or if it is undecided.

    \b
    Example:
        flyoff lot decide --size 6000 --sample 200 --accept 5 --tested 200 --failures 3
        flyoff lot decide --size 6000 -n 45 -c 0 --campaign lot/ --candidate kestrel --store store/
    """
    from flyoff.cli.lot_run import Counted, run_decide

    counted = Counted(tested, failures, undetermined, campaign, candidate, store)
    return run_decide(size, sample, accept, counted, json)
