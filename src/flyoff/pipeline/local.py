"""On this machine: many files through one function, in N processes, results in the order asked.

A pool of our own, because the standard one gives up on every file when a single worker dies. Here
a worker that is killed, or crashes on a hostile file, costs that file alone.
"""

import multiprocessing
import os
import signal
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Generic, TypeVar

from flyoff.errors import FlyoffError

Task = TypeVar("Task")
Result = TypeVar("Result")

#: How far results may be ahead of the oldest one still awaited: bounds the parent's memory.
WINDOW_PER_JOB = 64
#: Below this many bytes the start of a process (imports, kernels from the cache) costs more than
#: a second core brings: about 1.5 s against some 50 MB/s of judging.
WORTH_A_PROCESS = 64_000_000


@dataclass(frozen=True, slots=True)
class Failed:
    """A task without a result.

    Attributes
    ----------
    message : str
        One line for a person.
    is_bug : bool
        Flyoff itself is at fault, not the input.
    trace : str
        The traceback, where there is one.
    error : FlyoffError or None
        What was raised, if it was raised on purpose.
    """

    message: str
    is_bug: bool = False
    trace: str = ""
    error: FlyoffError | None = None


@dataclass(slots=True, eq=False)
class _Worker:
    process: BaseProcess
    pipe: Connection
    task: int | None = None


@dataclass(slots=True, eq=False)
class _Run(Generic[Task, Result]):
    """The state of one run: what waits, what is under way, what has come back."""

    function: Callable[[Task], Result]
    tasks: Sequence[Task]
    jobs: int
    forks: bool = False
    workers: list[_Worker] = field(default_factory=list)
    waiting: deque[int] = field(default_factory=deque)
    done: dict[int, Result | Failed] = field(default_factory=dict)


def jobs_for(sizes: Sequence[int], asked: int | None) -> int:
    """How many processes to use for files of these sizes [bytes]; ``asked`` wins if given.

    Examples
    --------
    >>> jobs_for([1000, 1000], None), jobs_for([1000] * 9, 4), jobs_for([1000], 4)
    (1, 4, 1)
    """
    if asked is not None:
        return max(1, min(asked, len(sizes)))
    worthwhile = sum(sizes) // WORTH_A_PROCESS
    return int(max(1, min(cores(), len(sizes), worthwhile)))


def cores() -> int:
    """Processor cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


def run(
    function: Callable[[Task], Result],
    tasks: Sequence[Task],
    jobs: int,
    prepare: Callable[[], None] | None = None,
) -> Iterator[tuple[Task, Result | Failed]]:
    """Apply a function to every task and yield ``(task, result)`` in the tasks' order.

    Parameters
    ----------
    function : callable
        Importable by name, like everything that crosses to a process started afresh.
    tasks : sequence
    jobs : int
        1 works in this process and starts none.
    prepare : callable, optional
        Loads what every task needs. Where this process may fork, it is called once and the workers
        inherit what it loaded; else each of them loads it with its first task.

    Yields
    ------
    (task, result or Failed)
        As soon as it and all before it are ready. What the function raises becomes ``Failed``.
    """
    if jobs <= 1:
        for task in tasks:
            yield task, attempt(function, task)
        return
    state = _Run(function, tasks, jobs, waiting=deque(range(len(tasks))))
    if prepare is not None and may_fork():
        prepare()
        state.forks = may_fork()  # what was loaded may have started threads
    try:
        for index, task in enumerate(tasks):
            while index not in state.done:
                _fill(state, index)
                _collect(state)
            yield task, state.done.pop(index)
    finally:
        _stop(state)


def attempt(function: Callable[[Task], Result], task: Task) -> Result | Failed:
    """Call the function; what it raises becomes ``Failed``, one line and no traceback."""
    try:
        with warnings.catch_warnings():
            # NaN means absent here, and what NumPy says of it means nothing to the user
            warnings.simplefilter("ignore", RuntimeWarning)
            return function(task)
    except FlyoffError as error:
        return Failed(str(error), error=error)
    except MemoryError:
        return Failed(f"{task}: not enough memory; close other programs or use fewer --jobs")
    except Exception as error:  # a bug met in one file must not cost the others theirs
        import traceback

        text = " ".join(str(error).split())
        message = f"{task}: {type(error).__name__}: {text}"
        return Failed(message, is_bug=True, trace=traceback.format_exc())


def _fill(state: _Run[Task, Result], oldest: int) -> None:
    """Give every idle worker a task, and start workers while there is work for them."""
    horizon = oldest + WINDOW_PER_JOB * state.jobs
    while state.waiting and state.waiting[0] < horizon:
        idle = next((w for w in state.workers if w.task is None), None)
        if idle is None:
            if len(state.workers) >= state.jobs:
                return
            idle = _start(state)
            state.workers.append(idle)
        index = state.waiting.popleft()
        idle.task = index
        try:
            idle.pipe.send(state.tasks[index])
        except OSError:  # it died while idle: the task is not to blame
            idle.task = None
            state.waiting.appendleft(index)
            _bury(state, idle)


def _collect(state: _Run[Task, Result]) -> None:
    """Wait until at least one worker has answered or died."""
    busy = {w.pipe: w for w in state.workers if w.task is not None}
    for pipe in wait(list(busy)):
        worker = busy[pipe]  # type: ignore[index]  # wait gives back what it was given
        index = worker.task
        assert index is not None
        try:
            state.done[index] = worker.pipe.recv()
            worker.task = None
        except (EOFError, OSError):
            _bury(state, worker)
            state.done[index] = Failed(_how_it_died(state.tasks[index], worker.process.exitcode))


def _how_it_died(task: object, code: int | None) -> str:
    if code is not None and code < 0:
        try:
            how = f"was killed by {signal.Signals(-code).name}"
        except ValueError:
            how = f"was killed by signal {-code}"
    else:
        how = f"ended with exit code {code}"
    return f"{task}: the process that judged it {how}; the file is left out, try it again alone"


def _bury(state: _Run[Task, Result], worker: _Worker) -> None:
    worker.pipe.close()
    worker.process.join(5)
    state.workers.remove(worker)


def may_fork() -> bool:
    """Whether a copy of this process would be whole: threads, as Arrow's and Delta's, are lost."""
    try:
        return len(os.listdir("/proc/self/task")) == 1
    except OSError:  # not on every system
        return False


def _start(state: _Run[Task, Result]) -> _Worker:
    context = multiprocessing.get_context("fork" if state.forks else "spawn")
    ours, theirs = context.Pipe()
    # a forked worker holds copies of the parent's ends; open ones would outlive the parent
    inherited = [ours, *(w.pipe for w in state.workers)] if state.forks else []
    process = context.Process(  # type: ignore[attr-defined]  # typed for literal names only
        target=_work, args=(theirs, state.function, inherited), daemon=True
    )
    if not state.forks:
        resource_tracker.ensure_running()  # starting with the first worker, it would unblock again
    # Ctrl-C reaches every process of the terminal and is the parent's business; a blocked signal
    # stays blocked in the child, from its very start
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    theirs.close()  # so that the worker's death closes the pipe
    return _Worker(process, ours)


def _stop(state: _Run[Task, Result]) -> None:
    for worker in state.workers:
        if worker.task is not None:  # the run was broken off
            worker.process.terminate()
        worker.pipe.close()
    for worker in state.workers:
        worker.process.join(5)
        if worker.process.is_alive():
            worker.process.kill()


def _work(
    pipe: Connection, function: Callable[[Any], Any], inherited: Sequence[Connection]
) -> None:
    """A worker's life: a task, an answer, until the parent closes the pipe or dies."""
    for one in inherited:
        one.close()
    while True:
        try:
            task = pipe.recv()
        except (EOFError, OSError):
            return
        result = attempt(function, task)
        try:
            pipe.send(result)
        except (BrokenPipeError, ConnectionResetError):
            return
        except Exception as error:  # a result that cannot be pickled
            pipe.send(Failed(f"{task}: {type(error).__name__}: {error}", is_bug=True))
