"""``flyoff warmup`` and ``flyoff doctor``: about this machine. Only typer is imported here."""

from typing import Annotated

import typer

from flyoff.cli.guard import guarded

Json = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]


@guarded
def warmup(json: Json = False) -> int:
    """Compile every kernel now, so that the first log is as fast as the others.

    \b
    Example:
        flyoff warmup
    """
    from flyoff.cli.machine import run_warmup

    return run_warmup(json)


@guarded
def doctor(json: Json = False) -> int:
    """Tell what this machine can and cannot do, and how to mend it.

    Exit code 1 if something is missing that Flyoff needs.

    \b
    Example:
        flyoff doctor
    """
    from flyoff.cli.machine import run_doctor

    return run_doctor(json)
