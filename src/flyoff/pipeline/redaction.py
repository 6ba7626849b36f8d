"""Redact logs, folders and stores: each log rewritten, and attacked if that is asked for."""

import hashlib
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from flyoff.decoders.rawlog import RawLog
from flyoff.decoders.source import Source
from flyoff.errors import ExchangeError, reason_of
from flyoff.exchange.audit.report import Audit, audit
from flyoff.exchange.redaction.policy import Policy, load
from flyoff.exchange.redaction.redact import SUFFIXES, Redacted, moved_plan, redact
from flyoff.exchange.redaction.release import Release
from flyoff.exchange.redaction.rules import Secret
from flyoff.exchange.redaction.sealed import read_secret, reveal, seal
from flyoff.lake.store import Store
from flyoff.model.mission import Mission
from flyoff.model.recording import Recording
from flyoff.pipeline import registry
from flyoff.pipeline.ingest import kept_logs
from flyoff.pipeline.kept import kept_source
from flyoff.pipeline.local import Failed, attempt
from flyoff.pipeline.opening import open_source
from flyoff.pipeline.steps import planned_beside
from flyoff.pipeline.stored import stored_plan
from flyoff.pipeline.walk import Found, walk

_NAME_BYTES: Final = 6
_STORE_MARK: Final = "flyoff.json"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one log.

    Attributes
    ----------
    path : str
        The original.
    written : str
        File name of the redacted log; empty if there is none.
    redacted : Redacted or None
    sha256 : str
        Of what was written.
    audit : Audit or None
        None where it was not asked for.
    problem : str
        Why there is no result; empty if there is.
    is_meant : bool
        Whether the problem is the user's concern: the file was named, or has a log's ending.
    """

    path: str
    written: str = ""
    redacted: Redacted | None = None
    sha256: str = ""
    audit: Audit | None = None
    problem: str = ""
    is_meant: bool = True


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
    """

    paths: tuple[Path, ...]
    out: Path
    policy: str
    secret: Path
    mapping: Path
    release: str = ""
    attack: bool = False


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
        ):
            # the bytes are written: only the way back is kept
            outcomes.append(replace(one, redacted=one.redacted and one.redacted.without_data()))
            yield one
    finally:  # what is out has its way back, however the run ended
        _put(request.mapping, seal(mapping(outcomes, policy), secret))


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
    wanted = [_beside(file) for file in found.files]
    for wish in [*wanted, *(one for store in stores for one in _stored(store))]:
        done = attempt(partial(_one, out=out, release=shared, attack=attack), wish)
        if not isinstance(done, Failed):
            yield done
            continue
        hint = "; this is a bug in Flyoff, the other logs go on" if done.is_bug else ""
        yield Outcome(wish.path, problem=f"{done.message}{hint}", is_meant=wish.is_meant)


@dataclass(frozen=True, slots=True)
class _Wish:
    """A log to redact: its name, how to open it and its plan, and what its flight is called."""

    path: str
    open: Callable[[], Source]
    flight: str
    plan: Callable[[], Mission | None]
    is_meant: bool = True

    def __str__(self) -> str:
        return self.path


def _beside(file: Found) -> _Wish:
    flight = str(Path(file.path).with_suffix(""))
    plan = partial(_plan_beside, file.path)
    return _Wish(file.path, partial(open_source, file.path), flight, plan, file.is_meant)


def _plan_beside(path: str) -> Mission | None:
    return planned_beside(path).mission


def _stored(store: Path) -> Iterator[_Wish]:
    """The logs of a store, under the names that they came with."""
    lake = Store(store)
    for log in kept_logs(lake):
        opening = partial(kept_source, lake, log.sha256, log.path)
        plan = partial(stored_plan, str(store), log.plan_sha256)
        yield _Wish(log.path, opening, str(Path(log.path).with_suffix("")), plan)


def _one(wish: _Wish, out: Path, release: Release, attack: bool) -> Outcome:
    source = wish.open()
    decoder = registry.choose(source)
    raw = decoder.decode(source)
    recordings = decoder.normalise(raw) if attack else ()
    plan = wish.plan()
    told = recordings or registry.recordings(decoder, raw)
    result = redact(raw, told, release, wish.flight)
    name = release.secret.mac("flight", release.salt, wish.flight)[:_NAME_BYTES].hex()
    written = _write(out, name, SUFFIXES[result.format], result.data)
    beside = b""
    if plan is not None:
        beside = _write_plan(out / written, plan, result)
    attacked = None
    if attack:
        again = Source(written, result.data)
        redacted = decoder.decode(again)
        attacked = audit(
            (raw, tuple(recordings)),
            (redacted, decoder.normalise(redacted)),
            release.policy,
            plan,
            beside + written.encode(),
        )
    digest = hashlib.sha256(result.data).hexdigest()
    return Outcome(wish.path, written, result, digest, attacked)


def _write(out: Path, name: str, suffix: str, data: bytes) -> str:
    """Write under a name that is not taken, whole or not at all."""
    for number in range(10_000):
        written = f"{name}{'' if not number else f'-{number}'}{suffix}"
        place = out / written
        if not place.exists() or place.read_bytes() == data:
            _put(place, data)
            return written
    raise ExchangeError(f"{out} holds too many logs of one flight")


def _write_plan(log: Path, mission: Mission, result: Redacted) -> bytes:
    data = moved_plan(mission, result.move)
    _put(log.with_suffix(".waypoints"), data)
    return data


def _put(place: Path, data: bytes) -> None:
    part = place.with_name(f".{place.name}.part")
    try:
        part.write_bytes(data)
        os.replace(part, place)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ExchangeError(f"{place} cannot be written: {reason_of(error)}") from error


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
