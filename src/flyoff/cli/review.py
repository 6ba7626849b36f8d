"""``flyoff review``: the command and its options. Only typer is imported here."""

from typing import Annotated

import typer

from flyoff.cli.guard import STORE_HELP, guarded


@guarded
def review(
    store: Annotated[str, typer.Argument(help=STORE_HELP, show_default=False)],
    sortie: Annotated[str, typer.Argument(help="Its id, as flyoff sorties --json prints it.")],
    by: Annotated[str, typer.Option("--by", help="Who says so.")],
    because: Annotated[str, typer.Option("--because", help="Why.")],
    outcome: Annotated[str, typer.Option(help="How it ended; by default as judged.")] = "",
    cause: Annotated[str, typer.Option(help="Kind of the cause; by default as judged.")] = "",
    cause_class: Annotated[
        str, typer.Option(help="vehicle, operator, environment or interference.")
    ] = "",
    json: Annotated[bool, typer.Option("--json", help="Machine-readable output.")] = False,
) -> int:
    """Say what really happened in a sortie; appended by name, never overwriting.

    What the program judged stays beside it; evaluations state how often both agree.

    \b
    Example:
        flyoff review trial/ 3f0a9c21d4e5b687-0-0 --outcome crashed --by Smith --because "seen it"
    """
    from flyoff.cli.review_run import run

    return run(store, sortie, outcome, cause, cause_class, by, because, json)
