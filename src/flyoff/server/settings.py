"""How a server is started: what it shows, where it listens, and what it then demands."""

import hashlib
import ipaddress
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from flyoff.errors import FlyoffError
from flyoff.pipeline.stores import is_url

#: Names by which a browser on this machine reaches it; anything else is somebody's trick with DNS.
LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """What people may bring at most.

    Attributes
    ----------
    file_bytes, batch_bytes : int [byte]
    files : int
        Of one batch.
    waiting_batches : int
        Batches that are open or wait to be judged.
    """

    file_bytes: int = 4 << 30
    batch_bytes: int = 20 << 30
    files: int = 2_000
    waiting_batches: int = 50


@dataclass(frozen=True, slots=True)
class Settings:
    """What the command line said.

    Attributes
    ----------
    store : str
        A folder or a URL.
    campaigns : tuple of Path
        Campaign folders to show.
    trials : tuple of Path
        Folders of counter-drone trials to show.
    host : str
    port : int
    state : Path or None
        Where tokens and the queue of uploads lie; by default ``.server`` in the store, or in the
        user's state folder where that is no folder.
    tls_cert, tls_key : Path or None
    behind_proxy : bool
        A proxy stands before this server and speaks TLS.
    trusted_proxies : tuple of str
        Addresses whose forwarded headers are believed.
    names : tuple of str
        Host names by which people reach it.
    read_only : bool
        No uploads, reviews, changes of cards.
    jobs : int
        Processes that judge uploads.
    cache_bytes : int
        For decoded columns and answers, together.
    limits : UploadLimits
    basemap : Path or None
        A PMTiles file to lay under every map.
    oidc : Path or None
        File that names the identity provider.
    """

    store: str
    campaigns: tuple[Path, ...] = ()
    trials: tuple[Path, ...] = ()
    host: str = "127.0.0.1"
    port: int = 8765
    state: Path | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    behind_proxy: bool = False
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    names: tuple[str, ...] = ()
    read_only: bool = False
    jobs: int = 1
    cache_bytes: int = 512 << 20
    limits: UploadLimits = field(default_factory=UploadLimits)
    basemap: Path | None = None
    oidc: Path | None = None

    @property
    def is_team(self) -> bool:
        """Whether others than this machine's own people reach it: everybody then logs in."""
        return self.behind_proxy or self.oidc is not None or not is_loopback(self.host)

    @property
    def state_folder(self) -> Path:
        """Where tokens and uploads lie."""
        if self.state is not None:
            return self.state
        if not is_url(self.store):
            return Path(self.store) / ".server"
        own = hashlib.sha256(self.store.rstrip("/").encode()).hexdigest()[:16]
        home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
        return Path(home) / "flyoff" / own

    @property
    def is_tls(self) -> bool:
        """Whether this server itself speaks TLS."""
        return self.tls_cert is not None

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """Host names that a request may carry, without the port."""
        own = set() if self.host in ("0.0.0.0", "::") else {_bracketed(self.host)}
        near = set(LOOPBACK_NAMES) if not self.is_team else set()
        return frozenset({n.lower() for n in (*self.names, *own, *near)})

    def check(self) -> None:
        """Refuse what would be unsafe.

        Raises
        ------
        FlyoffError
            With what to add to the command.
        """
        if (self.tls_cert is None) != (self.tls_key is None):
            raise FlyoffError("serve: --tls-cert and --tls-key go together")
        if not self.is_team:
            return
        if not (self.is_tls or self.behind_proxy):
            reached = "people who log in" if is_loopback(self.host) else "others"
            raise FlyoffError(
                f"serve: {self.host} can be reached by {reached}, and tokens must not cross a "
                "network in the open: add --tls-cert and --tls-key, or --behind-proxy if a proxy "
                "speaks TLS"
            )
        if not self.names:
            raise FlyoffError(
                "serve: say by which name people reach it: --name trial.example.org; "
                "requests for any other name are refused"
            )
        for name in self.names:
            if not re.fullmatch(r"[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]+\]", name):
                raise FlyoffError(f"serve: {name!r} is no host name; write it without port or path")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address.

    Examples
    --------
    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("localhost")
    (True, True, True)
    >>> is_loopback("0.0.0.0"), is_loopback("trial.example.org")
    (False, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
