"""Redact logs, folders and stores: each log rewritten, and attacked if that is asked for."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from flyoff.decoders.rawlog import RawLog
from flyoff.errors import ExchangeError, reason_of
from flyoff.exchange.audit.report import audit
from flyoff.exchange.redaction.policy import Policy, load
from flyoff.exchange.redaction.release import Release
from flyoff.exchange.redaction.rules import Secret
from flyoff.exchange.redaction.sealed import read_secret, reveal, seal
from flyoff.lake.store import Store
from flyoff.model.recording import Recording
from flyoff.pipeline import registry
from flyoff.pipeline.ingest import kept_logs
from flyoff.pipeline.kept import kept_size
from flyoff.pipeline.opening import open_source
from flyoff.pipeline.rewriting import Outcome, Wish, put, rewrite_all
from flyoff.pipeline.steps import planned_beside
from flyoff.pipeline.walk import Found, walk

_STORE_MARK: Final = "flyoff.json"


@dataclass(frozen=True, slots=True)
class Request:
    """What to redact, how, and where to.

    Attributes
    ----------
    paths : of files, folders, archives or stores
    out : Path
        Folder for the result.
    policy : str
        A shipped policy's name, or a file.
    secret : Path
        Made if it is not there.
    mapping : Path
        Where the way back is sealed.
    release : str
        Empty for one at random.
    attack : bool
        Search every result for what the original gives away.
    jobs : int or None
        Processes; None for as many as the work is worth.
    """

    paths: tuple[Path, ...]
    out: Path
    policy: str
    secret: Path
    mapping: Path
    release: str = ""
    attack: bool = False
    jobs: int | None = None


def run(request: Request) -> Iterator[Outcome]:
    """Redact what was asked for and, at the end, seal the way back."""
    policy = load(request.policy)
    secret, _ = read_secret(request.secret)
    for place in (request.secret, request.mapping):
        if request.out.resolve() in place.resolve().parents:
            raise ExchangeError(f"{place} would be handed on with the logs: put it elsewhere")
    outcomes: list[Outcome] = []
    try:
        for one in redact_paths(
            request.paths,
            request.out,
            policy,
            secret,
            release=request.release,
            attack=request.attack,
            jobs=request.jobs,
        ):
            outcomes.append(one)
            yield one
    finally:  # what is out has its way back, however the run ended
        put(request.mapping, seal(mapping(outcomes, policy), secret))


def attacked(original: Path, candidate: Path, policy: str) -> Outcome:
    """Attack a file that is said to be a redacted copy of a log, whoever wrote it.

    Held against itself, an original shows what the attack finds where nothing was redacted.
    """
    chosen = load(policy)
    plan = planned_beside(str(original)).mission
    found = audit(_read(original), _read(candidate), chosen, plan, candidate.name.encode())
    return Outcome(str(original), str(candidate), audit=found)


def _read(path: Path) -> tuple[RawLog, list[Recording]]:
    source = open_source(str(path))
    decoder = registry.choose(source)
    raw = decoder.decode(source)
    return raw, decoder.normalise(raw)


def opened(sealed: Path, secret: Path) -> dict[str, Any]:
    """The way back, for who holds the secret."""
    try:
        data = sealed.read_bytes()
    except OSError as error:
        raise ExchangeError(f"{sealed} cannot be read: {reason_of(error)}") from error
    if not secret.is_file():
        raise ExchangeError(f"secret {secret} is not there")
    return reveal(data, read_secret(secret)[0])


def redact_paths(
    paths: Sequence[Path],
    out: Path,
    policy: Policy,
    secret: Secret,
    *,
    release: str = "",
    attack: bool = False,
    jobs: int | None = None,
) -> Iterator[Outcome]:
    """Redact every log that the paths mean.

    Parameters
    ----------
    paths : of files, folders, archives or stores
    out : Path
        Folder for the result; made if need be. Nothing in it is overwritten by another log.
    release : str
        Names the release; one at random by default, so that no turn is used twice.
    attack : bool
        Search every result for what the original gives away.
    jobs : int or None
        Processes; None for as many as the work is worth.

    Yields
    ------
    Outcome
        One for each log, in their order.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExchangeError(f"{out} cannot be made: {reason_of(error)}") from error
    shared = Release(policy, secret, release or secrets.token_hex(8))
    stores = [path for path in paths if (path / _STORE_MARK).is_file()]
    found = walk([path for path in paths if path not in stores])
    for problem in found.problems if len(stores) < len(paths) else ():
        yield Outcome("", problem=problem)
    wishes = [_beside(file) for file in found.files]
    wishes += [one for store in stores for one in _stored(store)]
    yield from rewrite_all(wishes, out, shared, attack=attack, jobs=jobs)


def _beside(file: Found) -> Wish:
    flight = str(Path(file.path).with_suffix(""))
    return Wish(file.path, flight, file.size, is_meant=file.is_meant)


def _stored(store: Path) -> Iterator[Wish]:
    """The logs of a store, under the names that they came with."""
    lake = Store(store)
    for log in kept_logs(lake):
        flight, size = str(Path(log.path).with_suffix("")), kept_size(lake, log.sha256)
        yield Wish(log.path, flight, size, str(store), log.sha256, log.plan_sha256)


def mapping(outcomes: Sequence[Outcome], policy: Policy) -> dict[str, Any]:
    """What the owner needs to find the way back from a redacted log to its original."""
    return {
        "policy": policy.name,
        "logs": [_way_back(one) for one in outcomes if one.redacted is not None],
    }


def _way_back(one: Outcome) -> dict[str, Any]:
    assert one.redacted is not None
    move, relocation = one.redacted.move, one.redacted.move.relocation
    return {
        "original": one.path,
        "original_sha256": one.redacted.original_sha256,
        "redacted": one.written,
        "redacted_sha256": one.sha256,
        "vehicle": one.redacted.vehicle_id,
        "pseudonym": one.redacted.pseudonym,
        "origin": list(relocation.origin[:2]),
        "target": list(relocation.target[:2]),
        "turn_rad": relocation.turn,
        "height_m": move.height_m,
        "shift_us": move.shift_us,
    }
