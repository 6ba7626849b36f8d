"""One log into a store, as far as a worker goes: its raw file and its judgement."""

import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from flyoff.errors import StoreError
from flyoff.faults import step
from flyoff.lake.entry import LogEntry, RecordingEntry
from flyoff.lake.store import Store, explained
from flyoff.pipeline import contract, registry
from flyoff.pipeline.kept import keep, keep_plan, kept_size, kept_source
from flyoff.pipeline.lean import load_kernels
from flyoff.pipeline.local import Failed
from flyoff.pipeline.opening import open_source
from flyoff.pipeline.steps import JudgedLog, Planned, judge_source, planned_beside, planned_in
from flyoff.pipeline.walk import Found
from flyoff.stages import LOG, Span, is_watched, note, stage

if TYPE_CHECKING:
    from flyoff.lake.staged import Staged

_ALTERED: Final = "the raw file of {} was altered: not its SHA-256 any more"
#: What a batch is made of: files found, or logs of a store.
Task = TypeVar("Task")


@dataclass(frozen=True, slots=True)
class Known:
    """A log that the store has already."""

    sha256: str


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """A log whose raw file is in the store, judged but not yet in the tables."""

    judged: JudgedLog
    plan_sha256: str | None


@dataclass(frozen=True, slots=True)
class Kept:
    """A log of the store, to be judged again."""

    sha256: str
    path: str
    plan_sha256: str | None
    plan_path: str | None

    def __str__(self) -> str:
        return self.path


@dataclass(frozen=True, slots=True, eq=False)
class Batch(Generic[Task]):
    """What became of some files, in their order.

    Attributes
    ----------
    results : tuple of (file, what became of it)
    staged : Staged or None
        Their rows, where a worker has written them already.
    spans : tuple of Span
        What it took, where a worker elsewhere did it and somebody watches.
    """

    results: tuple[tuple[Task, Known | Taken | Failed], ...]
    staged: "Staged | None" = None
    spans: tuple[Span, ...] = ()


def take(found: Found, store: str, run: str) -> Known | Taken:
    """Copy one log into the store and judge it; in a worker process."""
    load_kernels()
    with stage(LOG, bytes=found.size if is_watched() else 0):
        return _taken(found, store, run)


def _taken(found: Found, store: str, run: str) -> Known | Taken:
    lake = opened_store(store, run)
    with stage("open") as now:
        source = open_source(found.path)
        registry.choose(source)  # what is no log does not get in
        now.note(bytes=len(source))
    # the tables are asked only about logs whose raw file is there: it always comes first
    if kept_size(lake, source.sha256) and _is_known(store, run, source.sha256):
        note(log=source.sha256, known=1)
        return Known(source.sha256)
    planned = planned_beside(source.path)
    with explained(lake.path), stage("write", bytes=len(source)):
        copy = keep(lake, source)  # from here on it is read: the card may be pulled out
        plan_sha256 = _keep_plan(lake, planned.path)
    step("take.kept")
    return Taken(judge_source(copy, planned, with_tracks=True), plan_sha256)


def take_again(log: Kept, store: str) -> Taken:
    """Judge a log of the store anew; in a worker process."""
    with stage(LOG):
        return _again(log, Store(store))


def _again(log: Kept, lake: Store) -> Taken:
    with stage("open") as now:
        copy = kept_source(lake, log.sha256, log.path)
        now.note(bytes=len(copy))
    if copy.sha256 != log.sha256:
        raise StoreError(
            str(lake), f"the raw file of {log.path} was altered: not its SHA-256 any more"
        )
    planned = Planned()
    if log.plan_sha256:
        name = log.plan_path or log.plan_sha256
        planned = planned_in(kept_source(lake, log.plan_sha256, name), name)
    return Taken(judge_source(copy, planned, with_tracks=True), log.plan_sha256)


def entry_of(taken: Taken, version: str) -> LogEntry:
    """What the lake stores of a judged log."""
    judged = taken.judged
    recordings = tuple(
        RecordingEntry(
            r.recording,
            r.channels,
            r.sorties,
            r.track.t_us if r.track else None,
            r.track.columns if r.track else {},
        )
        for r in judged.recordings
    )
    return LogEntry(
        judged.log,
        judged.receipt.decoded_bytes,
        judged.receipt.skipped_bytes,
        str(judged.receipt.status),
        contract.receipt_dict(judged.receipt),
        recordings,
        taken.plan_sha256,
        judged.plan or None,
        judged.warnings,
        version,
    )


@functools.cache
def rules_version() -> str:
    """Version of the rules and a digest of their source: two rules never share a name."""
    from flyoff.pipeline import judgement

    digest = hashlib.sha256()
    home = Path(judgement.__file__).parents[1]
    for room in ("model", "decoders", "detectors", "sorties", "measures"):
        for file in sorted((home / room).rglob("*.py")):
            digest.update(file.relative_to(home).as_posix().encode() + b"\0" + file.read_bytes())
    digest.update(Path(judgement.__file__).read_bytes())
    return f"{judgement.RULES_VERSION}+{digest.hexdigest()[:12]}"


@functools.cache
def opened_store(store: str, run: str) -> Store:
    """The store; once a process and run."""
    del run
    return Store(store)


def _is_known(store: str, run: str, sha256: str) -> bool:
    """Whether the store had a log when this run first asked."""
    from flyoff.lake.known import is_known

    return is_known(_known(store, run), sha256)


@functools.cache
def _known(store: str, run: str) -> npt.NDArray[np.bytes_]:
    from flyoff.lake.known import known_logs  # Delta, which the first worker to ask loads

    return known_logs(opened_store(store, run))


def _keep_plan(lake: Store, plan: str) -> str | None:
    if not plan:
        return None
    source = open_source(plan)
    keep_plan(lake, source)
    return source.sha256
