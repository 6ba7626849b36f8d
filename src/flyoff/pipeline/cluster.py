"""On a cluster that Ray runs: batches of logs to workers, which write; this process commits.

A worker takes a batch, decodes and judges each log, and writes raw files and Parquet into the
store. What comes back is small: what became of each file, and which Parquet files may count. Ray
gives a batch to another worker when one is lost, so a batch may be done twice; the store's one
committer adds the files of one answer, and those of the other belong to no table. A log that ends
its worker process ends it alone at the second try, and costs no other log its place.
"""

import importlib.util
import os
import socket
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Generic

from flyoff import stages
from flyoff.errors import FlyoffError, reason_of
from flyoff.lake.staged import Staged, stage
from flyoff.pipeline.local import Failed, attempt
from flyoff.pipeline.taking import (
    Batch,
    Kept,
    Known,
    Taken,
    Task,
    entry_of,
    opened_store,
    rules_version,
    take,
    take_again,
)
from flyoff.pipeline.walk import Found

#: A batch has at most so many logs, and ends with the log that makes it this large [byte].
BATCH_LOGS = 16
BATCH_BYTES = 64_000_000
#: Batches under way for each processor of the cluster: one is worked on, the others wait for it.
AHEAD = 3
#: How often Ray tries again what was lost with a worker or a node.
_RETRIES = 4
_REACH_S = 10.0


def take_all(store: str, files: Sequence[Found], address: str | None) -> Iterator[Batch[Found]]:
    """Take files into a store on a cluster.

    Parameters
    ----------
    store : str
        As every node of the cluster can open it.
    files : sequence of Found
        Under paths that every node sees.
    address : str or None
        Host and port of the cluster's head; by default what ``RAY_ADDRESS`` says, else this
        machine alone.

    Yields
    ------
    Batch
        In the order of the files, each as soon as it and all before it are done.

    Raises
    ------
    FlyoffError
        If Ray is not installed, the cluster does not answer, or its nodes have other rules.
    """
    yield from _all(_take_batch, store, files, [f.size for f in files], address)


def take_all_again(
    store: str, kept: Sequence[Kept], sizes: Sequence[int], address: str | None
) -> Iterator[Batch[Kept]]:
    """Judge logs of a store anew on a cluster; as ``take_all``, in the order of the logs.

    Parameters
    ----------
    sizes : sequence of int [byte]
        Of each log.
    """
    yield from _all(_take_batch_again, store, kept, sizes, address)


def _all(
    function: Callable[..., Batch[Task]],
    store: str,
    tasks: Sequence[Task],
    sizes: Sequence[int],
    address: str | None,
) -> Iterator[Batch[Task]]:
    ray = _connected(address)
    try:
        yield from _Run[Task](ray, function, store).batches(tasks, sizes)
    finally:
        ray.shutdown()


class _Run(Generic[Task]):
    """One ingest on a cluster, or one judging anew."""

    def __init__(self, ray: Any, function: Callable[..., Batch[Task]], store: str) -> None:
        self._ray = ray
        self._words = (
            store, uuid.uuid4().hex, rules_version(), os.getcwd(), stages.is_watched()
        )  # fmt: skip
        self._take = ray.remote(num_cpus=1, max_retries=_RETRIES)(function)

    @property
    def _most(self) -> int:
        """Batches under way, by the processors that there are now: a cluster may grow."""
        return max(2, AHEAD * int(self._ray.cluster_resources().get("CPU", 1)))

    def batches(self, tasks: Sequence[Task], sizes: Sequence[int]) -> Iterator[Batch[Task]]:
        """Submit batches a bounded stretch ahead, and give their results in order."""
        waiting = deque(_cut(tasks, sizes))
        under_way: deque[tuple[list[Task], Any]] = deque()
        while waiting or under_way:
            while waiting and len(under_way) < self._most:
                batch = waiting.popleft()
                under_way.append((batch, self._take.remote(batch, *self._words)))
            yield from self._result(*under_way.popleft())

    def _result(self, batch: list[Task], promise: Any) -> Iterator[Batch[Task]]:
        errors = self._ray.exceptions
        try:
            done = self._ray.get(promise)
            stages.absorb(done.spans)
            yield done
        except errors.RayTaskError as error:
            raise error.cause if isinstance(error.cause, FlyoffError) else error from None
        except _lost(errors) as error:
            if len(batch) == 1:
                why = type(error).__name__
                text = f"{batch[0]}: the process that judged it died again and again ({why})"
                failed = Failed(f"{text}; the file is left out", kind="killed")
                yield Batch(((batch[0], failed),))
                return
            for one in batch:  # each alone: which of them was it?
                yield from self._result([one], self._take.remote([one], *self._words))


def _take_batch(
    files: list[Found], store: str, run: str, version: str, folder: str, is_watched: bool
) -> Batch[Found]:
    """Take files into the store and write their rows beside its tables; in a worker process."""
    if not all(os.path.isabs(found.path) for found in files):
        os.chdir(folder)  # the process is this run's own
    return _done(lambda f: take(f, store, run), files, store, run, version, is_watched)


def _take_batch_again(
    kept: list[Kept], store: str, run: str, version: str, folder: str, is_watched: bool
) -> Batch[Kept]:
    """Judge logs of the store anew and write their rows; in a worker process."""
    del folder
    return _done(lambda k: take_again(k, store), kept, store, run, version, is_watched)


def _done(
    function: Callable[[Task], Known | Taken],
    tasks: Sequence[Task],
    store: str,
    run: str,
    version: str,
    is_watched: bool,
) -> Batch[Task]:
    if rules_version() != version:
        raise FlyoffError(
            f"node {socket.gethostname()} has other rules ({rules_version()}) than {version}; "
            "install the same Flyoff everywhere"
        )
    with stages.collected(is_wanted=is_watched) as spans:
        results = [(task, attempt(function, task)) for task in tasks]
        staged = _staged(results, store, run, version)
    return Batch(tuple((t, _light(r)) for t, r in results), staged, tuple(spans))


def _staged(
    results: Sequence[tuple[Task, Known | Taken | Failed]], store: str, run: str, version: str
) -> Staged | None:
    taken = [r for _, r in results if isinstance(r, Taken)]
    entries = {t.judged.log.sha256: entry_of(t, version) for t in reversed(taken)}
    return stage(opened_store(store, run), list(entries.values())) if entries else None


def _lost(errors: Any) -> tuple[type[Exception], ...]:
    """What Ray raises when it has given up trying again."""
    return (
        errors.WorkerCrashedError,
        errors.NodeDiedError,
        errors.OutOfMemoryError,
        errors.ObjectLostError,
    )


def _light(result: Known | Taken | Failed) -> Known | Taken | Failed:
    """Without the tracks, which are in the store."""
    if not isinstance(result, Taken):
        return result
    judged = result.judged
    recordings = tuple(replace(r, track=None) for r in judged.recordings)
    return replace(result, judged=replace(judged, recordings=recordings))


def _cut(tasks: Sequence[Task], sizes: Sequence[int]) -> Iterator[list[Task]]:
    batch: list[Task] = []
    size = 0
    for task, own in zip(tasks, sizes, strict=True):
        batch.append(task)
        size += own
        if len(batch) >= BATCH_LOGS or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _connected(address: str | None) -> Any:
    if importlib.util.find_spec("ray") is None:
        raise FlyoffError("--engine ray needs Ray: pip install 'flyoff[ray]'")
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is told to anybody
    address = address or os.environ.get("RAY_ADDRESS") or None
    _reach(address)
    import ray

    try:
        ray.init(
            address=address,
            log_to_driver=False,
            logging_level="ERROR",
            include_dashboard=None if address else False,
        )
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        text = " ".join(str(error).split())[:300]
        raise FlyoffError(f"Ray at {address or 'this machine'}: {text}") from error
    return ray


def _reach(address: str | None) -> None:
    """Ray itself waits for a head that is not there until somebody loses patience."""
    host, colon, port = (address or "").rpartition(":")
    if not colon or "/" in host or not port.isdigit():
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), _REACH_S).close()
    except OSError as error:
        why = reason_of(error)
        raise FlyoffError(f"Ray at {address}: {why}; is its head running?") from error
