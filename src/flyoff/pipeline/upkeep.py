"""Looking after a store."""

from collections.abc import Iterator
from dataclasses import dataclass

from flyoff.lake import journal, mend, raw
from flyoff.lake.commit import optimise as optimise_store
from flyoff.lake.health import Damage, check_store
from flyoff.lake.home import StoreName
from flyoff.lake.store import Store
from flyoff.pipeline.ingest import kept_logs, rejudge
from flyoff.pipeline.linking import link_store
from flyoff.pipeline.local import Failed
from flyoff.pipeline.taking import Kept


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that a repair did, or could not do."""

    line: str
    is_failure: bool = False


def check(path: StoreName) -> Iterator[Damage]:
    """Tell everything that is wrong with a store; StoreError if it cannot be opened at all."""
    return check_store(Store(path))


def optimise(path: StoreName) -> tuple[int, int]:
    """Join the small files of a store's tables; how many there were, and are."""
    return optimise_store(Store(path))


def upgrade(path: StoreName) -> tuple[int, int]:
    """Bring a store to the newest format; the version it had, and has."""
    return journal.upgrade(Store(path))


def repair(path: StoreName, jobs: int | None = None) -> Iterator[Told]:
    """Build anew what is damaged in a store; may be killed at any instant and run again.

    Yields
    ------
    Told
        As it is done.
    """
    store = Store(path)
    told, again = mend.mend(store)
    yield from map(Told, told)
    logs, guesses = _to_judge(store, again)
    count, failed = 0, set()
    for log, result, _ in rejudge(store, jobs=jobs, only=logs) if logs else ():
        if not isinstance(result, Failed):
            count += 1
        elif log.sha256 not in guesses:  # a guess that is no log is a plan
            failed.add(log.sha256)
            yield Told(f"{log}: cannot be judged again: {result.message}", is_failure=True)
    if count:
        yield Told(f"{count} logs judged again from their raw files")
    link_store(store)
    if failed:
        mend.Pending(logs=failed).write(store)
    else:
        mend.done(store)


def _to_judge(store: Store, again: mend.Pending) -> tuple[list[Kept], set[str]]:
    """The logs to judge, and which of them may be none."""
    kept = kept_logs(store)
    chosen = [k for k in kept if again.is_all or k.sha256 in again.logs]
    guesses = set()
    for row in mend.unnamed(store, [k.sha256 for k in kept]):
        sha256, name = row["log_sha256"], row["path"]
        if name:
            chosen.append(Kept(sha256, name, row["plan_sha256"], row["plan_path"]))
        elif again.is_nameless and not any(k.plan_sha256 == sha256 for k in kept):
            guesses.add(sha256)
            chosen.append(Kept(sha256, _recovered(store, sha256), None, None))
    return chosen, guesses


def _recovered(store: Store, sha256: str) -> str:
    """A name for a raw file whose own is lost; a CSV is read by its name."""
    is_csv = store.home.size(raw.columns_key(sha256)) is not None
    return f"recovered/{sha256[:12]}{'.csv' if is_csv else ''}"


__all__ = ["Damage", "Told", "check", "optimise", "repair", "upgrade"]
