"""``flyoff ingest`` and ``rejudge``: only typer is imported here, so that help is instant."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from flyoff.cli.guard import STORE_HELP, guarded
from flyoff.cli.watching import LogFormat, Otel, ShowProfile, Trace, Watch

Paths = Annotated[
    list[Path], typer.Argument(help="Logs, archives or folders of them.", show_default=False)
]
StorePath = Annotated[str, typer.Option("--store", "-s", help=STORE_HELP)]
Jobs = Annotated[
    int | None,
    typer.Option("--jobs", "-j", min=1, help="Processes; by default as many as are worth it."),
]
Json = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]
Engine = Annotated[
    Literal["local", "ray"],
    typer.Option("--engine", help="Who does the work: this machine or a cluster of Ray."),
]
Address = Annotated[
    str | None, typer.Option("--address", help="Of Ray's head, HOST:PORT; else RAY_ADDRESS.")
]


@guarded
def ingest(
    paths: Paths,
    store: StorePath,
    jobs: Jobs = None,
    engine: Engine = "local",
    address: Address = None,
    log_format: LogFormat = None,
    profile: ShowProfile = False,
    trace: Trace = None,
    otel: Otel = False,
    json: Json = False,
) -> int:
    """Take logs into a store: raw files, sorties, findings, measures and tracks.

    A log that is in the store already is passed over; an ingest that was interrupted, in whatever
    way, is finished by running it again; several may run at once. Exit codes are those of judge.

    \b
    Example:
        flyoff ingest sdcards/ --store trial/ --jobs 8
        flyoff ingest /srv/cards --store s3://trials/2026 --engine ray --address head:6399
    """
    from flyoff.pipeline.forking import start_server_for

    if engine == "local":  # it loads while all the rest is loaded here
        start_server_for(paths, jobs, "flyoff.pipeline.loaded.storing")
    from flyoff.cli.ingest import run_ingest

    del log_format  # `guarded` has seen to it
    watch = Watch(profile=profile, trace=trace, otel=otel)
    return run_ingest(paths, store, jobs, json, engine=engine, address=address, watch=watch)


@guarded
def rejudge(
    store: StorePath,
    jobs: Jobs = None,
    engine: Engine = "local",
    address: Address = None,
    log_format: LogFormat = None,
    profile: ShowProfile = False,
    trace: Trace = None,
    otel: Otel = False,
    json: Json = False,
) -> int:
    """Judge every log of a store again, by the rules of this version.

    \b
    Example:
        flyoff rejudge --store trial/
    """
    from flyoff.cli.ingest import run_rejudge

    del log_format  # `guarded` has seen to it
    watch = Watch(profile=profile, trace=trace, otel=otel)
    return run_rejudge(store, jobs, json, engine=engine, address=address, watch=watch)
