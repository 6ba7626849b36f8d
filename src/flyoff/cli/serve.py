"""``flyoff serve``: only typer is imported here, so that help is instant."""

from pathlib import Path
from typing import Annotated

import typer

from flyoff.cli.guard import STORE_HELP, guarded

Paths = list[Path] | None
Texts = list[str] | None
File = Path | None
Store = Annotated[str, typer.Option("--store", "-s", help=STORE_HELP)]
State = Annotated[
    File,
    typer.Option("--state", help="Folder for tokens and uploads; by default .server in the store."),
]
Campaigns = Annotated[
    Paths, typer.Option("--campaign", "-c", help="Campaign folder to show; repeatable.")
]
Trials = Annotated[
    Paths, typer.Option("--trial", "-t", help="Counter-drone trial to show; repeatable.")
]
Names = Annotated[
    Texts, typer.Option("--name", help="Host name by which people reach it; repeatable.")
]
Host = Annotated[str, typer.Option("--host", help="Address to listen on.")]
Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes any free one.")]
Cert = Annotated[File, typer.Option("--tls-cert", exists=True, help="Certificate chain, PEM.")]
Key = Annotated[File, typer.Option("--tls-key", exists=True, help="Private key, PEM.")]
Proxy = Annotated[bool, typer.Option("--behind-proxy", help="A proxy before it speaks TLS.")]
Proxies = Annotated[
    Texts, typer.Option("--trust-proxy", help="That proxy's address, if it is another machine's.")
]
OidcFile = Annotated[
    File, typer.Option("--oidc", exists=True, help="TOML file that names an identity provider.")
]
Basemap = Annotated[
    File, typer.Option("--basemap", exists=True, help="PMTiles file to lay under every map.")
]
ReadOnly = Annotated[
    bool, typer.Option("--read-only", help="No uploads, reviews or changes of cards.")
]
Jobs = Annotated[int, typer.Option("--jobs", "-j", min=1, help="Processes that judge uploads.")]
Json = Annotated[bool, typer.Option("--json", help="Print the address as JSON once it listens.")]


@guarded
def serve(
    store: Store,
    campaign: Campaigns = None,
    trial: Trials = None,
    host: Host = "127.0.0.1",
    port: Port = 8765,
    name: Names = None,
    tls_cert: Cert = None,
    tls_key: Key = None,
    behind_proxy: Proxy = False,
    trust_proxy: Proxies = None,
    oidc: OidcFile = None,
    basemap: Basemap = None,
    read_only: ReadOnly = False,
    jobs: Jobs = 1,
    state: State = None,
    json: Json = False,
) -> int:
    """Show a store as a page: campaigns, sorties, logs; take uploads, reviews and cards.

    On 127.0.0.1, the default, nobody logs in. Any other address demands tokens (flyoff token
    create), or log-ins at an identity provider (--oidc), and TLS, its own or a proxy's.

    \b
    Example:
        flyoff serve --store demo/store --campaign samples/campaign --trial samples/trial
        flyoff serve --store trial/ -c trial-2026/ --behind-proxy --name trial.example.org
    """
    from flyoff.cli.serve_run import run

    return run(
        {
            "store": store,
            "campaigns": tuple(campaign or ()),
            "trials": tuple(trial or ()),
            "host": host,
            "port": port,
            "names": tuple(name or ()),
            "tls_cert": tls_cert,
            "tls_key": tls_key,
            "behind_proxy": behind_proxy,
            "oidc": oidc,
            "basemap": basemap,
            "read_only": read_only,
            "jobs": jobs,
            "state": state,
        }
        | ({"trusted_proxies": tuple(trust_proxy)} if trust_proxy else {}),
        json,
    )
