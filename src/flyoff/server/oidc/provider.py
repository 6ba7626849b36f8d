"""The file that names an identity provider, and says who of its people may do what.

::

    issuer = "https://login.example.org/realms/trials"
    client_id = "flyoff"
    client_secret_file = "client.secret"      # absent: a public client, held by PKCE alone
    address = "https://trial.example.org"     # where people open the page, its path included
    role_claim = "groups"                     # a path with dots goes into objects
    name_claim = "preferred_username"
    scope = "openid profile email"
    hours = 8.0

    [roles]                                   # who has none of these values is not let in
    viewer = ["trial-guests"]
    analyst = ["trial-team"]
    admin = ["trial-directors"]
"""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flyoff.errors import FlyoffError
from flyoff.server.schemas.people import Role
from flyoff.server.sessions import LASTS_S
from flyoff.server.settings import is_loopback

#: What a browser holds between leaving for the provider and coming back, and for how long [s].
LOGIN_COOKIE, LOGIN_LASTS_S = "flyoff_oidc", 600
#: The highest first: it is the one that counts.
_ROLES: tuple[Role, ...] = ("admin", "analyst", "viewer")
_TEXTS = {
    "issuer": "", "client_id": "", "client_secret_file": "", "address": "",
    "role_claim": "groups", "name_claim": "preferred_username", "scope": "openid profile email",
}  # fmt: skip
_NEEDED = ("issuer", "client_id")


@dataclass(frozen=True, slots=True)
class Provider:
    """An identity provider, and what its people may do.

    Attributes
    ----------
    issuer, client_id, client_secret : str
    address : str
        Of the page, without a slash at its end.
    role_claim, name_claim, scope : str
    lasts_s : float [s]
        A session's length.
    roles : mapping of role to tuple of str
        Values of the claim that give it.
    """

    issuer: str
    client_id: str
    client_secret: str
    address: str
    role_claim: str
    name_claim: str
    scope: str
    lasts_s: float
    roles: Mapping[Role, tuple[str, ...]]

    @property
    def redirect_uri(self) -> str:
        """Where the provider sends people back to: never what a request says of itself."""
        return f"{self.address}/api/oidc/callback"

    @property
    def path(self) -> str:
        """Of the page on its host; empty at the root."""
        return urlsplit(self.address).path

    @property
    def rules(self) -> str:
        """Changes with everything that a role was given by."""
        content = {k: v for k, v in asdict(self).items() if k != "client_secret"}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]

    def role(self, claims: Mapping[str, Any]) -> Role | None:
        """The highest role that the claims give; None if they give none.

        Examples
        --------
        >>> provider = Provider("", "", "", "", "realm.roles", "", "", 1.0, {"viewer": ("guest",)})
        >>> provider.role({"realm": {"roles": ["guest", "cook"]}}), provider.role({"realm": 1})
        ('viewer', None)
        """
        found = claim(claims, self.role_claim)
        given = found if isinstance(found, list) else [found]
        held = {value for value in given if isinstance(value, str)}
        return next((r for r in _ROLES if held & set(self.roles.get(r, ()))), None)

    def name(self, claims: Mapping[str, Any]) -> str:
        """By which name a person's reviews are signed: the claim, or the provider's own id."""
        for found in (claim(claims, self.name_claim), claims.get("sub")):
            if isinstance(found, str) and found.strip() and found.isprintable():
                return found.strip()[:100]
        return ""


def claim(claims: Mapping[str, Any], path: str) -> Any:
    """A claim by its name, or by a path with dots into objects; None if there is none."""
    if path in claims:  # some providers' names of claims are addresses, with dots in them
        return claims[path]
    found: Any = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def read_provider(path: Path, names: tuple[str, ...]) -> Provider:
    """Read the file.

    Parameters
    ----------
    path : Path
    names : tuple of str
        Host names of the server: the page's address where the file does not say it.

    Raises
    ------
    FlyoffError
        With what does not fit.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FlyoffError(f"{path}: cannot be read: {error}") from None
    unknown = sorted(set(content) - {*_TEXTS, "hours", "roles"})
    if unknown:
        raise FlyoffError(f"{path}: {', '.join(unknown)}: unknown; known: {', '.join(_TEXTS)}")
    texts = {name: content.get(name, usual) for name, usual in _TEXTS.items()}
    for name, text in texts.items():
        if not isinstance(text, str) or (name in _NEEDED and not text):
            raise FlyoffError(f"{path}: {name}: expected a text, got {text!r}")
    address = (texts["address"] or f"https://{names[0] if names else 'localhost'}").rstrip("/")
    for name, url in (("issuer", texts["issuer"]), ("address", address)):
        _check_address(path, name, url)
    return Provider(
        issuer=texts["issuer"],
        client_id=texts["client_id"],
        client_secret=_secret(path, texts["client_secret_file"]),
        address=address,
        role_claim=texts["role_claim"],
        name_claim=texts["name_claim"],
        scope=texts["scope"],
        lasts_s=_hours(path, content.get("hours", 8.0)) * 3600.0,
        roles=_roles(path, content.get("roles")),
    )


def is_safe(url: str) -> bool:
    """Whether secrets may go there: TLS, or this very machine.

    Examples
    --------
    >>> is_safe("https://login.example.org/x"), is_safe("http://127.0.0.1:8080/x")
    (True, True)
    >>> is_safe("http://login.example.org/x"), is_safe("file:///etc/passwd")
    (False, False)
    """
    parts = urlsplit(url)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
    )


def _check_address(path: Path, name: str, url: str) -> None:
    parts = urlsplit(url)
    if not is_safe(url) or parts.query or parts.fragment or parts.username is not None:
        raise FlyoffError(f"{path}: {name}: expected an address with https://, got {url!r}")


def _secret(path: Path, name: str) -> str:
    if not name:
        return ""
    try:
        secret = (path.parent / name).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise FlyoffError(f"{path}: client_secret_file: cannot be read: {error}") from None
    if not secret:
        raise FlyoffError(f"{path}: client_secret_file: {name} is empty")
    return secret


def _hours(path: Path, given: Any) -> float:
    most = LASTS_S / 3600.0
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 < given <= most:
        raise FlyoffError(f"{path}: hours: expected more than 0, at most {most:g}, got {given!r}")
    return float(given)


def _roles(path: Path, given: Any) -> dict[Role, tuple[str, ...]]:
    if not isinstance(given, dict) or not given:
        raise FlyoffError(f"{path}: [roles] is missing: without it nobody is let in")
    roles: dict[Role, tuple[str, ...]] = {}
    for role in _ROLES:
        values = given.get(role, [])
        if not isinstance(values, list) or not all(isinstance(v, str) and v for v in values):
            raise FlyoffError(f"{path}: roles.{role}: expected a list of texts, got {values!r}")
        roles[role] = tuple(values)
    unknown = sorted(set(given) - set(_ROLES))
    if unknown:
        raise FlyoffError(f"{path}: roles: {', '.join(unknown)}: none of {', '.join(_ROLES)}")
    return roles
