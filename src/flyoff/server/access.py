"""Who may do what: the one table that decides, by the name of the route."""

from dataclasses import dataclass
from typing import Literal

from flyoff.server.schemas.people import Role
from flyoff.server.sessions import Session

Least = Literal["anybody", "viewer", "analyst", "admin"]

_RANK: dict[str, int] = {"anybody": 0, "viewer": 1, "analyst": 2, "admin": 3}

#: The least role that each route asks for. A route that is not here is open to nobody.
LEAST: dict[str, Least] = {
    "healthz": "anybody",
    "whoami": "anybody",
    "log_in": "anybody",
    "log_out": "anybody",
    "page": "anybody",  # the program of the page; it holds no data
    "metrics": "viewer",
    "about": "viewer",
    "words": "viewer",
    "events": "viewer",
    "basemap": "viewer",
    "doctor": "admin",
    "campaigns": "viewer",
    "campaign": "viewer",
    "evaluation": "viewer",
    "timeline": "viewer",
    "changes": "viewer",
    "candidate": "viewer",
    "cards": "viewer",
    "change_cards": "analyst",
    "sorties": "viewer",
    "sortie_filters": "viewer",
    "sketches": "viewer",
    "sortie": "viewer",
    "track": "viewer",
    "story": "viewer",
    "messages": "viewer",
    "topics": "viewer",
    "plots": "viewer",
    "series": "viewer",
    "parameters": "viewer",
    "receipt": "viewer",
    "plan": "viewer",
    "similar": "viewer",
    # a log as received holds places, names and serial numbers: whoever takes it away is known
    "raw": "analyst",
    "export": "analyst",
    "compare": "viewer",
    "replay": "viewer",
    "replay_days": "viewer",
    "fleet": "viewer",
    "trials": "viewer",
    "trial": "viewer",
    "scores": "viewer",
    "reviews": "viewer",
    "sortie_reviews": "viewer",
    "add_review": "analyst",
    "uploads": "viewer",
    "upload": "viewer",
    "open_upload": "analyst",
    "put_file": "analyst",
    "start_upload": "analyst",
    "drop_upload": "analyst",
    "tokens": "admin",
    "make_token": "admin",
    "revoke_token": "admin",
    "oidc_login": "anybody",
    "oidc_callback": "anybody",
}


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks.

    Attributes
    ----------
    name : str
        Empty for nobody.
    role : str or None
    by : str
        How it is known.
    csrf : str
        What a change asked for by a browser has to carry.
    token_id : str
        Of the token behind it; empty if there is none.
    session : Session or None
        Through which it is known.
    has_ambient : bool
        The browser sends the proof by itself, so that other sites could misuse it.
    """

    name: str = ""
    role: Role | None = None
    by: Literal["this machine", "session", "token", "oidc", "nobody"] = "nobody"
    csrf: str = ""
    token_id: str = ""
    session: Session | None = None
    has_ambient: bool = True


def may(principal: Principal, route: str) -> bool:
    """Whether somebody may use a route.

    Examples
    --------
    >>> may(Principal(role="viewer"), "sorties"), may(Principal(role="viewer"), "add_review")
    (True, False)
    >>> may(Principal(), "healthz"), may(Principal(role="admin"), "unknown")
    (True, False)
    """
    least = LEAST.get(route)
    if least is None:
        return False
    return _RANK[principal.role or "anybody"] >= _RANK[least]
