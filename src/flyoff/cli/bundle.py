"""``flyoff bundle``: signed evidence to hand over. Only typer is imported here."""

from pathlib import Path
from typing import Annotated

import typer

from flyoff.cli.guard import STORE_HELP, guarded
from flyoff.cli.key import Keys, Passphrase

app = typer.Typer(
    help="Hand over a campaign's evidence: signed, redacted, provable.", no_args_is_help=True
)

File = Annotated[Path, typer.Argument(help="The bundle.", show_default=False)]
Store = Annotated[str, typer.Option("--store", "-s", help=STORE_HELP)]
Public = Annotated[
    list[Path] | None,
    typer.Option("--key", help="Public key to trust, instead of those in the folder; repeatable."),
]
Threshold = Annotated[int, typer.Option("--threshold", min=1, help="So many have to have signed.")]
Least = Annotated[str, typer.Option("--policy", help="Refuse what was redacted by less than this.")]
Signatures = Annotated[
    list[Path] | None,
    typer.Option("--signature", help="Signature beside the bundle, of who joined later."),
]
Json = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]


@app.command()
@guarded
def create(
    campaign: Annotated[Path, typer.Argument(help="Folder of the campaign.", show_default=False)],
    store: Store,
    key: Annotated[list[str], typer.Option("--key", help="Own key to sign with; repeatable.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The bundle, X.flyoff.")],
    policy: Annotated[str, typer.Option("--policy", help="public, partner, maker, or a file.")],
    cosigner: Annotated[
        list[Path] | None,
        typer.Option("--cosigner", help="Public key of who has to sign it too; repeatable."),
    ] = None,
    logs: Annotated[str, typer.Option("--logs", help="redacted or digests.")] = "digests",
    name: Annotated[str, typer.Option("--name", help="What the campaign is called in it.")] = "",
    licence: Annotated[str, typer.Option("--licence", help="For whom and what it is.")] = "",
    secret: Annotated[
        Path | None, typer.Option("--secret", help="Key of the pseudonyms; by default OUT.secret.")
    ] = None,
    release: Annotated[str, typer.Option("--release", help="Name of the release.")] = "",
    passphrase_file: Passphrase = None,
    keys: Keys = None,
    json: Json = False,
) -> int:
    """Put a campaign's evidence into one signed file, redacted by a policy.

    \b
    Example:
        flyoff bundle create trial/ --store store/ --policy partner --key office --out trial.flyoff
    """
    from flyoff.cli.bundle_run import Asked, run_create

    return run_create(
        Asked(
            campaign,
            store,
            tuple(key),
            out,
            policy,
            tuple(cosigner or ()),
            logs,
            name,
            licence,
            secret,
            release,
            passphrase_file,
            keys,
            json,
        )
    )


@app.command()
@guarded
def sign(
    bundle: File,
    key: Annotated[list[str], typer.Option("--key", help="Own key to sign with; repeatable.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The bundle with the signature.")],
    policy: Least = "",
    detached: Annotated[
        bool, typer.Option("--detached", help="Join later: a signature in a file of its own.")
    ] = False,
    passphrase_file: Passphrase = None,
    keys: Keys = None,
    json: Json = False,
) -> int:
    """Sign what a trusted key signed already, as one of those whom the bundle names.

    \b
    Example:
        flyoff bundle sign trial.flyoff --key ally --out trial-signed.flyoff
        flyoff bundle sign trial.flyoff --key later --detached --out trial.later.sig
    """
    from flyoff.cli.bundle_run import demand, run_sign

    wanted = demand(bundle, None, 1, policy, keys)
    return run_sign(wanted, tuple(key), out, passphrase_file, detached=detached, as_json=json)


@app.command()
@guarded
def verify(
    bundle: File,
    key: Public = None,
    threshold: Threshold = 1,
    signature: Signatures = None,
    policy: Least = "",
    keys: Keys = None,
    json: Json = False,
) -> int:
    """Verify a bundle with nothing but public keys, and say what that means.

    \b
    Example:
        flyoff bundle verify trial.flyoff --key office.pub.pem
    """
    from flyoff.cli.bundle_run import demand, run_verify

    return run_verify(demand(bundle, key, threshold, policy, keys, signature), json)


@app.command()
@guarded
def sigstore(
    bundle: File,
    out: Annotated[Path, typer.Option("--out", "-o", help="The export, X.sigstore.json.")],
    signer: Annotated[
        str, typer.Option("--signer", help="Beginning of the key id, if several signed.")
    ] = "",
    key: Public = None,
    policy: Least = "",
    keys: Keys = None,
    json: Json = False,
) -> int:
    """Write the claim of a bundle as a Sigstore bundle (v0.3, a plain key, no network).

    For tools that verify those: the subject is manifest.json, a file of the bundle.

    \b
    Example:
        flyoff bundle sigstore trial.flyoff --out trial.sigstore.json
    """
    from flyoff.cli.bundle_run import demand, run_sigstore

    return run_sigstore(demand(bundle, key, 1, policy, keys), out, signer, json)


@app.command()
@guarded
def show(
    bundle: File,
    key: Public = None,
    threshold: Threshold = 1,
    signature: Signatures = None,
    policy: Least = "",
    keys: Keys = None,
    json: Json = False,
) -> int:
    """Show the verdicts of a bundle, once it is verified.

    \b
    Example:
        flyoff bundle show trial.flyoff
    """
    from flyoff.cli.bundle_run import demand, run_show

    return run_show(demand(bundle, key, threshold, policy, keys, signature), json)


@app.command("import")
@guarded
def import_(
    bundle: File,
    store: Store,
    origin: Annotated[
        str, typer.Option("--origin", help="Whose it is; by default the name of the key.")
    ] = "",
    key: Public = None,
    threshold: Threshold = 1,
    signature: Signatures = None,
    policy: Least = "",
    keys: Keys = None,
    json: Json = False,
) -> int:
    """Take a bundle into a store, beside its own evidence and never in it.

    \b
    Example:
        flyoff bundle import ally.flyoff --store store/
    """
    from flyoff.cli.bundle_run import demand, run_import

    return run_import(demand(bundle, key, threshold, policy, keys, signature), store, origin, json)


@app.command()
@guarded
def prove(
    bundle: File,
    log: Annotated[Path, typer.Option("--log", help="The original.")],
    key: Public = None,
    threshold: Threshold = 1,
    signature: Signatures = None,
    policy: Least = "",
    keys: Keys = None,
    json: Json = False,
) -> int:
    """Prove that a log is one of those that a bundle was made from.

    \b
    Example:
        flyoff bundle prove trial.flyoff --log flight.BIN
    """
    from flyoff.cli.bundle_run import demand, run_prove

    return run_prove(demand(bundle, key, threshold, policy, keys, signature), log, json)
