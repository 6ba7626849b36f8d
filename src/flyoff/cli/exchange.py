"""``flyoff redact``: the command and its options. Only typer is imported here."""

from pathlib import Path
from typing import Annotated

import typer

from flyoff.cli.guard import guarded
from flyoff.cli.taking import Jobs

Json = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]


@guarded
def redact(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Logs, folders, archives or a store.", show_default=False),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Folder for the redacted logs.")
    ] = None,
    policy: Annotated[
        str, typer.Option("--policy", help="public, partner, maker, or a file.")
    ] = "public",
    secret: Annotated[
        Path | None,
        typer.Option(
            "--secret", help="Key of the pseudonyms; made if absent. By default OUT.secret."
        ),
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option("--mapping", help="Sealed way back. By default OUT.mapping."),
    ] = None,
    release: Annotated[
        str, typer.Option("--release", help="Name of the release; by default a new one.")
    ] = "",
    audit: Annotated[
        bool, typer.Option("--audit", help="Attack the result; exit code 1 if it gives way.")
    ] = False,
    reveal: Annotated[
        Path | None, typer.Option("--reveal", help="Open a sealed mapping instead.")
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option("--against", help="Attack this file as a copy of the log; nothing written."),
    ] = None,
    jobs: Jobs = None,
    json: Json = False,
) -> int:
    """Rewrite logs in their own format without places, dates and names.

    Flights keep their shape, speeds and times from boot, so they are judged the same; they take
    place somewhere else, at another time, under another name. Fields that no table allows are left
    out. --audit searches the result for every secret of the original, in every encoding.

    \b
    Example:
        flyoff redact sdcards/ --out shared/ --policy partner --audit
        flyoff redact flight.BIN --against shared/9f3a.BIN --policy partner
        flyoff redact --reveal shared.mapping --secret shared.secret
    """
    from flyoff.cli.redact import Asked, run_redact

    how = policy, secret, mapping, release, audit
    return run_redact(Asked(paths or (), out, *how, reveal, against, jobs, json))
