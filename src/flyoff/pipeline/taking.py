"""One log into a store, as far as a worker goes: its raw file and its judgement."""

import functools
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from flyoff.faults import step
from flyoff.lake.commit import is_known, known_logs
from flyoff.lake.entry import LogEntry, RecordingEntry
from flyoff.lake.staged import Staged
from flyoff.lake.store import Store, explained
from flyoff.pipeline import contract, registry
from flyoff.pipeline.kept import keep, keep_plan, kept_size
from flyoff.pipeline.lean import load_kernels
from flyoff.pipeline.local import Failed
from flyoff.pipeline.opening import open_source
from flyoff.pipeline.steps import JudgedLog, judge_source, planned_beside
from flyoff.pipeline.walk import Found


@dataclass(frozen=True, slots=True)
class Known:
    """A log that the store has already."""

    sha256: str


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """A log whose raw file is in the store, judged but not yet in the tables."""

    judged: JudgedLog
    plan_sha256: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """What became of some files, in their order.

    Attributes
    ----------
    results : tuple of (file, what became of it)
    staged : Staged or None
        Their rows, where a worker has written them already.
    """

    results: tuple[tuple[Found, Known | Taken | Failed], ...]
    staged: Staged | None = None


def take(found: Found, store: str, run: str) -> Known | Taken:
    """Copy one log into the store and judge it; in a worker process."""
    load_kernels()
    lake = opened_store(store, run)
    source = open_source(found.path)
    registry.choose(source)  # what is no log does not get in
    # the tables are asked only about logs whose raw file is there: it always comes first
    if kept_size(lake, source.sha256) and is_known(_known(store, run), source.sha256):
        return Known(source.sha256)
    planned = planned_beside(source.path)
    with explained(lake.path):
        copy = keep(lake, source)  # from here on it is read: the card may be pulled out
        plan_sha256 = _keep_plan(lake, planned.path)
    step("take.kept")
    return Taken(judge_source(copy, planned, with_tracks=True), plan_sha256)


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


@functools.cache
def _known(store: str, run: str) -> npt.NDArray[np.bytes_]:
    """The logs that the store had when this run first asked."""
    return known_logs(opened_store(store, run))


def _keep_plan(lake: Store, plan: str) -> str | None:
    if not plan:
        return None
    source = open_source(plan)
    keep_plan(lake, source)
    return source.sha256
