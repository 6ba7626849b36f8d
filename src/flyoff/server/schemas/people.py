"""Who is there, what they bring, and what this server is."""

from typing import Literal

from flyoff.server.schemas.base import Model

Role = Literal["viewer", "analyst", "admin"]
FileState = Literal["received", "queued", "judging", "stored", "known", "skipped", "failed"]
BatchState = Literal["open", "queued", "judging", "done"]


class WhoAmI(Model):
    """Who is logged in, and what may be done."""

    name: str
    role: Role | None
    """Null: nobody is logged in."""
    by: Literal["this machine", "session", "token", "oidc", "nobody"]
    csrf: str
    """To be sent as ``X-Flyoff-CSRF`` with everything that changes something."""
    login: list[Literal["token", "oidc"]]
    """Ways to log in here; empty where nobody has to."""


class Login(Model):
    """A token, to be exchanged for a session in a cookie."""

    token: str


class Token(Model):
    """A token as it is listed: the secret itself is kept nowhere."""

    id: str
    name: str
    role: Role
    created_utc: str
    last_used_utc: str | None
    expires_utc: str | None
    revoked_utc: str | None


class Tokens(Model):
    """All tokens."""

    tokens: list[Token]


class NewToken(Model):
    """A token to be made."""

    name: str
    role: Role
    days: int | None = None
    """It expires after so many days; null never."""


class MadeToken(Model):
    """A new token: ``secret`` is shown this once."""

    token: Token
    secret: str


class Health(Model):
    """Whether the server and its store answer."""

    status: Literal["ok", "store unreachable"]


class UploadLimits(Model):
    """What an upload may be at most."""

    file_bytes: int
    batch_bytes: int
    files: int
    waiting_batches: int


class About(Model):
    """What this server is."""

    version: str
    rules_version: str
    mode: Literal["this machine", "team"]
    has_page: bool
    """Whether the page was built into this installation."""
    campaigns: int
    sorties: int | None
    """Null while the store cannot be read."""
    store_problem: str | None
    upload: UploadLimits | None
    """Null: the store is read only here."""
    basemap: str | None
    """Name of the PMTiles file under ``/api/basemap``."""
    store_stamp: str
    """Changes whenever something in the store does."""


class Check(Model):
    """One thing that this machine can or cannot do."""

    name: str
    is_ok: bool
    found: str
    mend: str


class Doctor(Model):
    """What this machine can and cannot do, and how to mend it."""

    checks: list[Check]
    worker: str
    """What the background worker does."""
    waiting: int
    """Batches that wait to be judged."""


class Words(Model):
    """The closed lists, and how people write their words."""

    outcomes: dict[str, str]
    kinds: dict[str, str]
    phases: dict[str, str]
    measures: dict[str, str]
    units: dict[str, str]
    """Of catalogue channels and measures."""
    cause_classes: list[str]
    severities: list[str]


class UploadedFile(Model):
    """One file of a batch."""

    path: str
    """As it lies in the folder that was brought."""
    bytes: int
    sha256: str
    state: FileState
    problem: str | None
    sorties: list[str]
    receipt: str | None
    """In words: what was decoded and what was not."""


class Batch(Model):
    """Files that were brought together: a folder, or a selection."""

    id: str
    by: str
    state: BatchState
    created_utc: str
    files: list[UploadedFile]
    done: int
    """Files that nothing more is to be done with."""
    problem: str | None


class Batches(Model):
    """Batches, newest first."""

    batches: list[Batch]
