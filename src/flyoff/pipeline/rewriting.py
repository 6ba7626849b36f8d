"""Logs redacted by N processes: each looked at first, so that sites and turns follow the order.

Where a flight is put depends on the flights before it (those of one site keep their places to each
other), so that is settled here; only looking and rewriting, which take the time, are shared out.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flyoff.decoders import Decoder
from flyoff.decoders.rawlog import RawLog
from flyoff.decoders.source import Source
from flyoff.errors import ExchangeError, reason_of
from flyoff.exchange.audit.report import Audit, audit
from flyoff.exchange.redaction.moves import Move
from flyoff.exchange.redaction.redact import (
    SUFFIXES,
    Redacted,
    Seen,
    look,
    moved_plan,
    rewritten,
)
from flyoff.exchange.redaction.release import Release
from flyoff.lake.store import Store
from flyoff.model.mission import Mission
from flyoff.pipeline import local, registry
from flyoff.pipeline.kept import kept_source
from flyoff.pipeline.local import Failed
from flyoff.pipeline.opening import open_source
from flyoff.pipeline.steps import planned_beside
from flyoff.pipeline.stored import stored_plan

_NAME_BYTES: Final = 6
_MOST_OF_A_FLIGHT: Final = 10_000
#: What workers are copies of.
LOADED: Final = "flyoff.pipeline.loaded.judging"


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
        Without the bytes, which are written.
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
class Wish:
    """A log to redact: a file, or one of a store.

    Attributes
    ----------
    path : str
        Its name.
    flight : str
        What its flight is called.
    size : int [byte]
    store, sha256 : str
        Where it is kept and by which name; empty for a file.
    plan_sha256 : str or None
        The plan that a log of a store was judged with.
    is_meant : bool
    """

    path: str
    flight: str
    size: int = 0
    store: str = ""
    sha256: str = ""
    plan_sha256: str | None = None
    is_meant: bool = True

    def __str__(self) -> str:
        return self.path

    def open(self) -> Source:
        """The bytes."""
        if self.store:
            return kept_source(Store(self.store), self.sha256, self.path)
        return open_source(self.path)

    def plan(self) -> Mission | None:
        """The plan beside it, or the one in the store."""
        if self.store:
            return stored_plan(self.store, self.plan_sha256)
        return planned_beside(self.path).mission


@dataclass(frozen=True, slots=True)
class _Order:
    """A log that was looked at, and where its flight is put."""

    wish: Wish
    seen: Seen
    move: Move

    def __str__(self) -> str:
        return self.wish.path


@dataclass(frozen=True, slots=True)
class _Writer:
    """How all logs of a run are rewritten."""

    out: Path
    release: Release
    attack: bool

    def __call__(self, order: _Order) -> Outcome:
        raw, decoder = _decoded(order.wish)
        return self.written(raw, decoder, order)

    def at_once(self, wish: Wish) -> Outcome:
        """Look and rewrite, where one process does both."""
        raw, decoder = _decoded(wish)
        return self.written(
            raw, decoder, self.order(wish, look(raw, registry.recordings(decoder, raw)))
        )

    def order(self, wish: Wish, seen: Seen) -> _Order:
        """Put a flight somewhere."""
        return _Order(wish, seen, self.release.move(seen.launch, wish.flight))

    def written(self, raw: RawLog, decoder: Decoder, order: _Order) -> Outcome:
        """Rewrite a log, and attack the result if that is asked for."""
        wish = order.wish
        plan = wish.plan()
        rules = self.release.rules(order.seen.vehicle_id)
        result = rewritten(raw, order.seen, order.move, rules, plan)
        name = self.release.secret.mac("flight", self.release.salt, wish.flight)[:_NAME_BYTES].hex()
        written = _write(self.out, name, SUFFIXES[result.format], result.data)
        beside = b""
        if plan is not None:
            beside = moved_plan(plan, result.move)
            put((self.out / written).with_suffix(".waypoints"), beside)
        attacked = None
        if self.attack:
            redacted = decoder.decode(Source(written, result.data))
            attacked = audit(
                (raw, decoder.normalise(raw)),
                (redacted, decoder.normalise(redacted)),
                self.release.policy,
                plan,
                beside + written.encode(),
            )
        digest = hashlib.sha256(result.data).hexdigest()
        return Outcome(wish.path, written, result.without_data(), digest, attacked)


def rewrite_all(
    wishes: Sequence[Wish],
    out: Path,
    release: Release,
    *,
    attack: bool = False,
    jobs: int | None = None,
) -> Iterator[Outcome]:
    """Redact logs; one that cannot be costs only itself.

    Parameters
    ----------
    jobs : int or None
        Processes; None for as many as the work is worth. The result does not depend on it.

    Yields
    ------
    Outcome
        One for each, in their order.
    """
    writer = _Writer(out, release, attack)
    sizes = [wish.size for wish in wishes]
    count = local.jobs_for(sizes, jobs)
    if count <= 1:
        for wish in wishes:
            yield _outcome(wish, local.attempt(writer.at_once, wish))
        return
    orders: list[_Order] = []
    failed: dict[int, Failed] = {}
    looked = local.run(_look, wishes, count, sizes=sizes, loaded=LOADED)
    for number, (wish, seen) in enumerate(looked):
        if isinstance(seen, Failed):
            failed[number] = seen
        else:
            orders.append(writer.order(wish, seen))
    some = [order.wish.size for order in orders]
    done = local.run(writer, orders, min(count, max(len(orders), 1)), sizes=some, loaded=LOADED)
    for number, wish in enumerate(wishes):
        yield _outcome(wish, failed[number] if number in failed else next(done)[1])


def _outcome(wish: Wish, done: Outcome | Failed) -> Outcome:
    if not isinstance(done, Failed):
        return done
    hint = "; this is a bug in Flyoff, the other logs go on" if done.is_bug else ""
    return Outcome(wish.path, problem=f"{done.message}{hint}", is_meant=wish.is_meant)


def _look(wish: Wish) -> Seen:
    raw, decoder = _decoded(wish)
    return look(raw, registry.recordings(decoder, raw))


def _decoded(wish: Wish) -> tuple[RawLog, Decoder]:
    source = wish.open()
    decoder = registry.choose(source)
    return decoder.decode(source), decoder


def _write(out: Path, name: str, suffix: str, data: bytes) -> str:
    """Write under a name that is not taken, whole or not at all."""
    for number in range(_MOST_OF_A_FLIGHT):
        written = f"{name}{'' if not number else f'-{number}'}{suffix}"
        place = out / written
        if not place.exists() and _put_new(place, data):
            return written
        if place.read_bytes() == data:
            return written
    raise ExchangeError(f"{out} holds too many logs of one flight")


def _put_new(place: Path, data: bytes) -> bool:
    """Write a file unless another process was faster; says whether it did."""
    part = _part(place)
    try:
        part.write_bytes(data)
        try:
            os.link(part, place)  # unlike a rename, refuses to replace what came meanwhile
        except FileExistsError:
            return False
        except OSError:  # a disk without links
            os.replace(part, place)
    except OSError as error:
        raise _unwritten(place, error) from error
    finally:
        part.unlink(missing_ok=True)
    return True


def put(place: Path, data: bytes) -> None:
    """Write a file whole or not at all, over an older one."""
    part = _part(place)
    try:
        part.write_bytes(data)
        os.replace(part, place)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise _unwritten(place, error) from error


def _part(place: Path) -> Path:
    return place.with_name(f".{place.name}.{os.getpid()}.part")


def _unwritten(place: Path, error: OSError) -> ExchangeError:
    return ExchangeError(f"{place} cannot be written: {reason_of(error)}")
