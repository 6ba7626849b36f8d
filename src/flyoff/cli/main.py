"""The commands and their options. Only typer is imported here, so that help is instant."""

import os
from pathlib import Path
from typing import Annotated

import typer

from flyoff.cli import (
    bundle,
    campaign,
    exchange,
    judging,
    key,
    lot,
    review,
    serve,
    taking,
    token,
    trial,
    upkeep,
)
from flyoff.cli import report as reporting
from flyoff.cli import store as storing
from flyoff.cli.guard import guarded
from flyoff.cli.judging import Plan
from flyoff.cli.taking import Jobs, Json, Paths, StorePath

# Before NumPy is imported: nothing here multiplies large matrices, and a process without threads
# of BLAS can be forked, so that workers need no start-up of their own.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

app = typer.Typer(
    name="flyoff",
    help="From a folder of raw drone logs to a verdict that stands up to an argument.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.add_typer(bundle.app, name="bundle")
app.add_typer(key.app, name="key")
app.add_typer(campaign.app, name="campaign")
app.add_typer(lot.app, name="lot")
app.add_typer(token.app, name="token")
app.add_typer(trial.app, name="trial")
app.add_typer(storing.app, name="store")
app.command("review")(review.review)
app.command("serve")(serve.serve)
app.command("report")(reporting.report)
app.command("redact")(exchange.redact)


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


app.command("judge")(judging.judge)


@app.command()
@guarded
def link(paths: Paths, json: Json = False) -> int:
    """Say which logs are of one flight, and how their clocks map to each other.

    Decided by the clocks and by how the vehicle moved; nobody has to name anything. An offset is
    added to a log's own clock to get that of the first log of its flight.

    \b
    Example:
        flyoff link sdcard/ laptop/
        flyoff link flight.BIN flight.tlog --json
    """
    from flyoff.cli.link import run

    return run(paths, json)


Log = Annotated[Path, typer.Argument(help="One log.", show_default=False)]
Words = list[str] | None
Text = str | None


@app.command()
@guarded
def explain(
    log: Log,
    plan: Plan = None,
    plots: Annotated[
        Path | None,
        typer.Option(
            "--plots", file_okay=False, help="Folder for PNG plots, one file for each sortie."
        ),
    ] = None,
    no_plots: Annotated[bool, typer.Option("--no-plots", help="Words only.")] = False,
    json: Json = False,
) -> int:
    """Tell each sortie of a log: what happened when, how it ended, why, and what is not known.

    The plots show the channels that the evidence names, around its instants: in the terminal, or
    as PNG files with --plots.

    \b
    Example:
        flyoff explain flight.BIN
        flyoff explain flight.ulg --plan mission.plan --plots plots/
    """
    from flyoff.cli.explain import run

    return run(log, plan, plots, not no_plots, json)


@app.command()
@guarded
def inspect(
    log: Log,
    receipt: Annotated[bool, typer.Option("--receipt", help="The account of every byte.")] = False,
    topics: Annotated[bool, typer.Option("--topics", help="The tables inside the log.")] = False,
    params: Annotated[bool, typer.Option("--params", help="Parameters at the start.")] = False,
    messages: Annotated[bool, typer.Option("--messages", help="Texts that the log holds.")] = False,
    json: Json = False,
) -> int:
    """Show what is in one log: vehicle, clock, channels; more with the options.

    \b
    Example:
        flyoff inspect flight.ulg --receipt --topics
    """
    from flyoff.cli.inspect import run

    parts = {"receipt": receipt, "topics": topics, "params": params, "messages": messages}
    return run(log, [name for name, wanted in parts.items() if wanted], json)


@app.command()
@guarded
def export(
    log: Log,
    to: Annotated[str, typer.Option("--to", help="parquet, csv, geojson, kml or gpx.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder to write into; made if need be.")
    ],
    topic: Annotated[
        Words, typer.Option("--topic", "-t", help="Raw topic instead of channels; repeatable.")
    ] = None,
    other: Annotated[
        list[Path] | None,
        typer.Option("--with", help="Another log of the same flight, on this clock; repeatable."),
    ] = None,
    json: Json = False,
) -> int:
    """Write a log's channels, raw topics or track as files that other tools read.

    Tables (parquet, csv): one file for each group of channels, such as battery.parquet, in SI
    units; with --topic the log's own tables as they are. Tracks (geojson, kml, gpx): one file.

    \b
    Example:
        flyoff export flight.BIN --to parquet --out tables/
        flyoff export flight.BIN --to csv --topic BAT --topic GPS --out tables/
        flyoff export flight.BIN --with flight.tlog --to parquet --out tables/
    """
    from flyoff.cli.export import run

    return run(log, to, out, topic or [], json, others=other or [])


app.command("ingest")(taking.ingest)
app.command("rejudge")(taking.rejudge)


@app.command()
@guarded
def sorties(
    store: StorePath,
    outcome: Annotated[Words, typer.Option(help="Only this outcome; repeatable.")] = None,
    vehicle: Annotated[Words, typer.Option(help="Only this vehicle; repeatable.")] = None,
    cause: Annotated[Words, typer.Option(help="Only this cause; repeatable.")] = None,
    since: Annotated[Text, typer.Option(help="Started at or after, UTC: 2026-05-01.")] = None,
    until: Annotated[Text, typer.Option(help="Started before, UTC.")] = None,
    limit: Annotated[int | None, typer.Option(min=0, help="At most so many.")] = None,
    json: Json = False,
) -> int:
    """List the sorties of a store. With --json: one object a line.

    \b
    Example:
        flyoff sorties --store trial/ --outcome crashed --since 2026-05-01
    """
    from flyoff.cli.tables import run_sorties

    return run_sorties(store, outcome, vehicle, cause, since, until, limit, json)


@app.command()
@guarded
def findings(
    store: StorePath,
    kind: Annotated[Words, typer.Option(help="Only this kind; repeatable.")] = None,
    severity: Annotated[Words, typer.Option(help="info, warning, critical; repeatable.")] = None,
    vehicle: Annotated[Words, typer.Option(help="Only this vehicle; repeatable.")] = None,
    limit: Annotated[int | None, typer.Option(min=0, help="At most so many.")] = None,
    json: Json = False,
) -> int:
    """List what the detectors found in a store. With --json: one object a line.

    \b
    Example:
        flyoff findings --store trial/ --severity critical
    """
    from flyoff.cli.tables import run_findings

    return run_findings(store, kind, severity, vehicle, limit, json)


@app.command()
@guarded
def fleet(
    store: StorePath,
    least: Annotated[
        int, typer.Option("--least", min=3, help="Sorties of a type that a baseline needs.")
    ] = 8,
    beyond: Annotated[
        float, typer.Option("--beyond", help="Spreads from the usual that differ.")
    ] = 5.0,
    limit: Annotated[int | None, typer.Option(min=0, help="At most so many.")] = None,
    json: Json = False,
) -> int:
    """Show what is usual for each type of vehicle, and which sorties are unlike their own kind.

    Usual is the median over the store's sorties of that kind, frame and autopilot; the spread is
    robust. Types with too few sorties get no limits. With --json: one object a line.

    \b
    Example:
        flyoff fleet --store trial/
    """
    from flyoff.cli.fleet import run_fleet

    return run_fleet(store, least, beyond, limit, json)


@app.command()
@guarded
def similar(
    sortie: Annotated[
        str, typer.Argument(help="Id of the sortie, or the beginning of it.", show_default=False)
    ],
    store: StorePath,
    span: Annotated[
        tuple[float, float] | None,
        typer.Option("--span", help="Stretch to compare: start and end, s on the log's clock."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 10,
    json: Json = False,
) -> int:
    """Find other sorties of a store whose signals did the same thing.

    Without --span the stretch around the onset of the cause is compared, or the whole sortie if
    there is no cause.

    \b
    Example:
        flyoff similar --store trial/ 3f0a1b2c --span 70 80
    """
    from flyoff.cli.fleet import run_similar

    return run_similar(store, sortie, span, limit, json)


@app.command()
@guarded
def sql(
    query: Annotated[str, typer.Argument(help="A query in DuckDB's SQL.", show_default=False)],
    store: StorePath,
    csv: Annotated[bool, typer.Option("--csv", help="Comma-separated output.")] = False,
    json: Json = False,
) -> int:
    """Query a store: tables logs, recordings, sorties, findings, measures, tracks and others.

    Read only: nothing but these tables can be read and nothing can be written.

    \b
    Example:
        flyoff sql --store trial/ "SELECT outcome, count(*) FROM sorties GROUP BY ALL"
    """
    from flyoff.cli.tables import run_sql

    return run_sql(store, query, csv, json)


@app.command()
@guarded
def demo(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write into.")] = Path("demo"),
    samples: Annotated[
        Path | None,
        typer.Option("--samples", help="Campaign folder; by default the samples of this clone."),
    ] = None,
    jobs: Jobs = None,
    json: Json = False,
) -> int:
    """Judge the sample fly-off: sorties, a leaderboard with intervals, and an HTML report.

    Safe to run again: what is there already is not done twice.

    \b
    Example:
        flyoff demo --out demo/
    """
    from flyoff.cli.demo import run

    return run(out, samples, jobs, json)


app.command("warmup")(upkeep.warmup)
app.command("doctor")(upkeep.doctor)
