"""``flyoff key``: who signs, and whom to believe. Only typer is imported here."""

from pathlib import Path
from typing import Annotated

import typer

from flyoff.cli.guard import guarded

app = typer.Typer(
    help="Make keys to sign bundles with, trust those of others, revoke.", no_args_is_help=True
)

Keys = Annotated[
    Path | None, typer.Option("--keys", help="Folder of the keys; by default in your settings.")
]
Json = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]
Days = Annotated[int | None, typer.Option("--days", min=1, help="It expires after so many days.")]
Passphrase = Annotated[
    Path | None,
    typer.Option(
        "--passphrase-file", help="Its first line; else FLYOFF_PASSPHRASE, else you are asked."
    ),
]


@app.command()
@guarded
def create(
    name: Annotated[str, typer.Argument(help="What the key is called.", show_default=False)],
    days: Days = None,
    passphrase_file: Passphrase = None,
    keys: Keys = None,
    json: Json = False,
) -> int:
    """Make an Ed25519 key, encrypted on disk, and NAME.pub.pem to hand out.

    \b
    Example:
        flyoff key create trials-office --days 730
    """
    from flyoff.cli.key_run import run_create

    return run_create(keys, name, days, passphrase_file, json)


@app.command("list")
@guarded
def list_(keys: Keys = None, json: Json = False) -> int:
    """List all keys: own, trusted, expired and revoked ones.

    \b
    Example:
        flyoff key list
    """
    from flyoff.cli.key_run import run_list

    return run_list(keys, json)


@app.command()
@guarded
def trust(
    file: Annotated[Path, typer.Argument(help="Public key in PEM.", show_default=False)],
    name: Annotated[str, typer.Option("--name", help="What its evidence is called here.")],
    days: Days = None,
    keys: Keys = None,
    json: Json = False,
) -> int:
    """Trust a public key. Compare its id with its owner by another way than it came.

    \b
    Example:
        flyoff key trust ally.pub.pem --name ally --days 365
    """
    from flyoff.cli.key_run import run_trust

    return run_trust(keys, name, file, days, json)


@app.command()
@guarded
def revoke(
    key: Annotated[str, typer.Argument(help="Name, or beginning of the id.", show_default=False)],
    because: Annotated[str, typer.Option("--because", help="Why.")],
    keys: Keys = None,
    json: Json = False,
) -> int:
    """Revoke a key for ever: nothing that it ever signed is accepted any more.

    \b
    Example:
        flyoff key revoke ally --because "laptop stolen"
    """
    from flyoff.cli.key_run import run_revoke

    return run_revoke(keys, key, because, json)
