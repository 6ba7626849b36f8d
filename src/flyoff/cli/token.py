"""``flyoff token``: who may log in. Only typer is imported here, so that help is instant."""

from pathlib import Path
from typing import Annotated

import typer

from flyoff.cli.guard import STORE_HELP, guarded

app = typer.Typer(
    help="Make, list and revoke the tokens that people log in to flyoff serve with.",
    no_args_is_help=True,
)

Store = Annotated[str, typer.Option("--store", "-s", help=STORE_HELP)]
State = Annotated[
    Path | None,
    typer.Option("--state", help="The server's folder; by default .server in the store."),
]
Json = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]


@app.command()
@guarded
def create(
    store: Store,
    role: Annotated[str, typer.Option("--role", help="viewer, analyst or admin.")],
    name: Annotated[str, typer.Option("--name", help="Whose it is.")],
    days: Annotated[
        int | None, typer.Option("--days", help="It expires after so many days.")
    ] = None,
    state: State = None,
    json: Json = False,
) -> int:
    """Make a token and show it: this once, because it is kept nowhere.

    A viewer looks; an analyst also reviews, uploads, changes cards and takes logs away; an admin
    also makes and revokes tokens.

    \b
    Example:
        flyoff token create --store trial/ --role analyst --name "Ada Lovelace" --days 30
    """
    from flyoff.cli.token_run import run_create

    return run_create(store, state, role, name, days, json)


@app.command("list")
@guarded
def list_(store: Store, state: State = None, json: Json = False) -> int:
    """List all tokens, revoked ones included; never their secrets.

    \b
    Example:
        flyoff token list --store trial/
    """
    from flyoff.cli.token_run import run_list

    return run_list(store, state, json)


@app.command()
@guarded
def revoke(
    token: Annotated[str, typer.Argument(help="The token's id.", show_default=False)],
    store: Store,
    state: State = None,
    json: Json = False,
) -> int:
    """Revoke a token: at once, and for every session that was begun with it.

    \b
    Example:
        flyoff token revoke 3f0a1b2c --store trial/
    """
    from flyoff.cli.token_run import run_revoke

    return run_revoke(store, state, token, json)
