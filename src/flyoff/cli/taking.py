"""``flyoff ingest``: only typer is imported here, so that help is instant."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from flyoff.cli.guard import STORE_HELP, guarded

Paths = Annotated[
    list[Path], typer.Argument(help="Logs, archives or folders of them.", show_default=False)
]
StorePath = Annotated[str, typer.Option("--store", "-s", help=STORE_HELP)]
Jobs = Annotated[
    int | None,
    typer.Option("--jobs", "-j", min=1, help="Processes; by default as many as are worth it."),
]
Json = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]


@guarded
def ingest(
    paths: Paths,
    store: StorePath,
    jobs: Jobs = None,
    engine: Annotated[
        Literal["local", "ray"],
        typer.Option("--engine", help="Who does the work: this machine or a cluster of Ray."),
    ] = "local",
    address: Annotated[
        str | None, typer.Option("--address", help="Of Ray's head, HOST:PORT; else RAY_ADDRESS.")
    ] = None,
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
    from flyoff.cli.ingest import run_ingest

    return run_ingest(paths, store, jobs, json, engine=engine, address=address)
