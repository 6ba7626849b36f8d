"""Several ingests into one store at the same time, and whether it is as if one had come alone.

    python -m tests.lake.crowd [PROCESSES [LOGS]]

Each process is forked from one with everything loaded, waits until all are there, and takes the
same logs, beginning at another one. A program of its own, and with ``OPENBLAS_NUM_THREADS=1``,
since a fork loses the threads that a process has.
"""

import importlib
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from flyoff.lake.store import Store
from flyoff.pipeline.ingest import LOADED, ingest, open_store
from flyoff.pipeline.walk import Found, walk
from tests.lake.killed import seen
from tests.pipeline.flights import flight

PROCESSES, LOGS = 8, 6


def crowd(home: Path, processes: int, logs: int) -> list[str]:
    """Make a card of logs, ingest it by all processes at once, and by one alone; complaints."""
    importlib.import_module(LOADED)  # what every forked process needs
    card = home / "card"
    card.mkdir()
    for number in range(logs):
        (card / f"{number:04}.BIN").write_bytes(flight(2.0 + 0.1 * number))
    files = list(walk([card]).files)
    gate, go = os.pipe()
    children = [
        _forked(home / "store", [*files[i % logs :], *files[: i % logs]], gate, go)
        for i in range(processes)
    ]
    os.close(gate)
    os.close(go)  # now all of them begin
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    complaints = [f"process {i}: exit {code}" for i, code in enumerate(codes) if code]
    gate, go = os.pipe()
    alone = _forked(home / "alone", files, gate, go)
    os.close(gate)
    os.close(go)
    os.waitpid(alone, 0)
    wanted, found = seen(home / "alone"), seen(home / "store")
    complaints += [f"{name} differs" for name in wanted if found.get(name) != wanted[name]]
    if len(wanted.get("logs", ())) != logs:
        complaints.append(f"one alone: {wanted.get('error', 'not every log')}")
    return complaints + ([] if Store(home / "store").is_settled else ["is not settled"])


def _forked(store: Path, files: Sequence[Found], gate: int, go: int) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        os.close(go)
        os.read(gate, 1)  # until nobody can write to it any more
        for _ in ingest(open_store(store, create=True), files, jobs=1):
            pass
        code = 0
    except BaseException as error:  # a fork must never run on as the test: told, then it ends
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
    finally:
        os._exit(code)


def main() -> int:
    """Exit code 1 if anything is not as it should be."""
    asked = [int(word) for word in sys.argv[1:]]
    processes, logs = (*asked, PROCESSES, LOGS)[:2] if len(asked) != 1 else (asked[0], LOGS)
    with tempfile.TemporaryDirectory() as folder:
        complaints = crowd(Path(folder), processes, logs)
    print(*complaints, sep="\n")
    print(f"{processes} ingests of {logs} logs at once: {'differ' if complaints else 'equal'}")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
