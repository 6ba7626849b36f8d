"""Judge one batch in a process of its own: what a hostile file does to it, the server survives.

    python -m flyoff.server.judging STORE BATCH JOBS

BATCH is the batch's folder. What became of each file is written to ``progress.json`` in it.
"""

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from flyoff.errors import FlyoffError
from flyoff.pipeline.ingest import ingest, open_store
from flyoff.pipeline.local import Failed
from flyoff.pipeline.stores import resolved
from flyoff.pipeline.taking import Known, Taken
from flyoff.pipeline.walk import Found, walk
from flyoff.server.spool import write_whole

Facts = dict[str, Any]


def judge(store: str, home: Path, jobs: int) -> None:
    """Take a batch's files into the store; may be killed and run again.

    Raises
    ------
    FlyoffError
        If the store cannot be written.
    """
    where, progress = resolved(store), home.resolve() / "progress.json"
    os.chdir(home / "files")  # so that a log keeps the name it was brought under
    seen = walk(["."])
    files = [replace(f, path=f.path.removeprefix("./")) for f in seen.files]
    told: dict[str, Facts] = {}
    for problem in seen.problems:
        name = problem.removeprefix("./").partition(":")[0].partition("!")[0]
        told[name] = _note(told.get(name), "failed", problem.removeprefix("./"))
    write_whole(progress, told)
    for found, result, _ in ingest(open_store(where, create=True), files, jobs=jobs):
        name = found.path.partition("!")[0] if not os.path.exists(found.path) else found.path
        told[name] = _result(told.get(name), found, result)
        write_whole(progress, told)


def _result(before: Facts | None, found: Found, result: Known | Taken | Failed) -> Facts:
    if isinstance(result, Known):
        return _note(before, "known", None)
    if isinstance(result, Failed):
        state = "failed" if found.is_meant or result.is_bug else "skipped"
        return _note(before, state, result.message)
    receipt = result.judged.receipt
    words = f"{receipt.status}: {receipt.decoded_bytes} of {receipt.bytes} bytes decoded"
    made = _note(before, "stored", None)
    made["receipt"] = "; ".join(filter(None, (made["receipt"], words)))
    made["sorties"] += [s.id for s in result.judged.sorties]
    return made


#: A file with several logs in it is what the best of them is.
_RANK = ("skipped", "failed", "known", "stored")


def _note(before: Facts | None, state: str, problem: str | None) -> Facts:
    """What is known of a file; an archive holds several logs."""
    made = before or {"state": state, "problem": None, "sorties": [], "receipt": None}
    if _RANK.index(state) > _RANK.index(made["state"]):
        made["state"] = state
    if problem:
        said = " ".join(problem.split())[:1000]
        made["problem"] = f"{made['problem']}; {said}"[:4000] if made["problem"] else said
    return made


def main(arguments: list[str]) -> int:
    """Judge, and say in one line what went wrong; returns the exit code."""
    store, home, jobs = arguments[0], Path(arguments[1]), int(arguments[2])
    os.nice(5)  # people who look come first
    try:
        judge(store, home, jobs)
    except FlyoffError as error:
        print(json.dumps({"problem": str(error)}), flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
