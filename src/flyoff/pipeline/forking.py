"""What workers are copies of: this process where it may be copied, else a server started for that.

A worker that starts afresh spends more than half a second before its first log; a copy of a process
that has loaded everything spends none. The server (``multiprocessing``'s fork server) is for who
cannot be copied itself, and loads on another core while this process goes on.
"""

import contextlib
import gc
import importlib
import multiprocessing
import os
import signal
from collections.abc import Iterable, Iterator
from multiprocessing import forkserver, resource_tracker
from pathlib import Path

from flyoff import stages

#: Below this many bytes the start of a process (imports, kernels from the cache) costs more than
#: a second core brings: about 1.5 s against some 50 MB/s of judging.
WORTH_A_PROCESS = 64_000_000


def cores() -> int:
    """Processor cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


def start_method(loaded: str) -> str:
    """How workers start: as copies of this process if that may be, else of a server.

    Parameters
    ----------
    loaded : str
        Name of the module whose import loads what every task needs; empty where there is none, and
        workers start afresh.
    """
    if not loaded or "forkserver" not in multiprocessing.get_all_start_methods():
        return "spawn"
    if may_fork():
        with stages.unwatched():  # it judges a tiny log of its own
            importlib.import_module(loaded)
        if may_fork():  # what was loaded may have started threads
            settle()
            return "fork"
    start_server(loaded)
    return "forkserver"


def may_fork() -> bool:
    """Whether a copy of this process would be whole: threads, as Arrow's and Delta's, are lost."""
    try:
        return len(os.listdir("/proc/self/task")) == 1
    except OSError:  # not on every system
        return False


def settle() -> None:
    """Leave what is loaded now out of all later collections, which would copy its pages."""
    gc.collect()
    gc.freeze()


def start_server_for(paths: Iterable[Path], asked: int | None, loaded: str) -> None:
    """Start the server before anything is known of the files but where they are.

    Looking at them needs libraries that take a while to load. A server for which there is no work
    then ends with this process.

    Parameters
    ----------
    asked : int or None
        Processes that the user wants; None if it shall depend on the work.
    """
    if asked is None and (cores() == 1 or not _is_much(paths)):
        return
    if asked != 1:
        start_server(loaded)


def start_server(loaded: str) -> None:
    """Start the process whose copies will be workers, so that it loads while this one goes on.

    It ends with this process. Modules that start threads, which a copy would miss, must not be
    loaded there: Arrow and Delta are not.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return
    multiprocessing.set_forkserver_preload([loaded])
    with interrupt_blocked():
        forkserver.ensure_running()


@contextlib.contextmanager
def interrupt_blocked() -> Iterator[None]:
    """Ctrl-C reaches every process of the terminal and is the parent's business.

    A blocked signal stays blocked in a child, from its very start.
    """
    resource_tracker.ensure_running()  # starting with the first worker, it would unblock again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _is_much(paths: Iterable[Path]) -> bool:
    """Whether the files are worth two processes, by their sizes as they lie there."""
    much = 2 * WORTH_A_PROCESS
    return any(total >= much for total in _running_total(paths))


def _running_total(paths: Iterable[Path]) -> Iterator[int]:
    total = 0
    for path in paths:
        for folder, _, names in os.walk(path) if path.is_dir() else [("", [], [str(path)])]:
            for name in names:
                with contextlib.suppress(OSError):
                    total += os.stat(os.path.join(folder, name)).st_size
                yield total
