"""``flyoff ingest`` and ``flyoff rejudge``: logs into a store, with progress."""

import contextlib
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from flyoff.cli.guard import FAILED, OK, complain
from flyoff.cli.judge import tell_failure, warn
from flyoff.cli.terminal import byte_count, progress, seconds
from flyoff.cli.watched import rates, watched
from flyoff.cli.watching import Watch
from flyoff.pipeline.lean import load_arrow
from flyoff.pipeline.local import Failed
from flyoff.pipeline.profile import Profile
from flyoff.pipeline.walk import Found, walk

if TYPE_CHECKING:
    from flyoff.pipeline.ingest import Engine, Tally

_UNWATCHED = Watch()


def run_ingest(
    paths: Sequence[Path],
    store: str,
    jobs: int | None,
    as_json: bool,
    *,
    engine: "Engine" = "local",
    address: str | None = None,
    watch: Watch = _UNWATCHED,
) -> int:
    """Ingest; returns the exit code."""
    with watched("ingest", watch, with_rates=sys.stderr.isatty()) as profile:
        return _ingested(paths, store, jobs, as_json, engine, address, profile)


def _ingested(
    paths: Sequence[Path],
    store: str,
    jobs: int | None,
    as_json: bool,
    engine: "Engine",
    address: str | None,
    profile: Profile,
) -> int:
    found = walk(paths)
    for problem in found.problems:
        complain(problem)
    load_arrow()
    from flyoff.pipeline.ingest import Tally, ingest, open_store
    from flyoff.pipeline.taking import Taken

    lake = open_store(store, create=True)
    tally = Tally()
    bar, task = progress("ingesting", sum(f.size for f in found.files))
    work = ingest(lake, found.files, jobs=jobs, engine=engine, address=address)
    with bar, contextlib.closing(work) as results:
        for file, result, tally in results:
            if isinstance(result, Failed):
                tell_failure(file, result)
            if isinstance(result, Taken):
                warn(result.judged)
            note = rates(profile, time.monotonic() - tally.started)
            bar.update(task, advance=file.size, note=note)
    _print_tally(tally, store, as_json)
    return FAILED if tally.failed or found.problems else OK


def run_rejudge(
    store: str,
    jobs: int | None,
    as_json: bool,
    *,
    engine: "Engine" = "local",
    address: str | None = None,
    watch: Watch = _UNWATCHED,
) -> int:
    """Judge a store's logs again; returns the exit code."""
    with watched("rejudge", watch, with_rates=sys.stderr.isatty()) as profile:
        return _rejudged(store, jobs, as_json, engine, address, profile)


def _rejudged(
    store: str,
    jobs: int | None,
    as_json: bool,
    engine: "Engine",
    address: str | None,
    profile: Profile,
) -> int:
    load_arrow()
    from flyoff.pipeline.ingest import open_store, rejudge

    lake = open_store(store)
    done, failed, started = 0, 0, time.monotonic()
    bar, task = progress("judging again", None)
    work = rejudge(lake, jobs=jobs, engine=engine, address=address)
    with bar, contextlib.closing(work) as results:
        for log, result, total in results:
            done += 1
            if isinstance(result, Failed):
                failed += 1
                tell_failure(Found(log.path, is_meant=True), result)
            note = rates(profile, time.monotonic() - started)
            bar.update(task, advance=1, total=total, note=note)
    took = time.monotonic() - started
    if as_json:
        print(json.dumps({"logs": done, "failed": failed, "seconds": round(took, 3)}))
    else:
        print(f"{done - failed} of {done} logs judged again in {seconds(took)}")
    return FAILED if failed else OK


def _print_tally(tally: "Tally", store: str, as_json: bool) -> None:
    took = time.monotonic() - tally.started
    if as_json:
        names = ("logs", "sorties", "known", "duplicates", "failed", "skipped", "bytes")
        counts: dict[str, float] = {name: getattr(tally, name) for name in names}
        print(json.dumps(counts | {"seconds": round(took, 3)}))
        return
    parts = [f"{tally.logs} new logs with {tally.sorties} sorties ({byte_count(tally.bytes)})"]
    parts += [f"{tally.known} known already"] if tally.known else []
    parts += [f"{tally.duplicates} duplicates"] if tally.duplicates else []
    parts += [f"{tally.failed} could not be read"] if tally.failed else []
    parts += [f"{tally.skipped} other files skipped"] if tally.skipped else []
    print(f"{store}: {', '.join(parts)}, in {seconds(took)}")
