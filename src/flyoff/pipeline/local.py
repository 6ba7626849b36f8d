"""On this machine: many files through one function, in N processes, results in the order asked.

A pool of our own, because the standard one gives up on every file when a single worker dies. Here
a worker that is killed, or crashes on a hostile file, costs that file alone.

Workers are copies of a process that has loaded what every task needs (``flyoff.pipeline.forking``).
"""

import multiprocessing
import os
import signal
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Generic, NoReturn, TypeVar

from flyoff import stages
from flyoff.errors import FlyoffError
from flyoff.pipeline.forking import WORTH_A_PROCESS, cores, interrupt_blocked, start_method

Task = TypeVar("Task")
Result = TypeVar("Result")

#: How far results may be ahead of the oldest one still awaited: bounds the parent's memory.
WINDOW_PER_JOB = 64
#: A worker may have a part of all bytes waiting, so that it works on while results are written
#: here; the last part is dealt one task at a time, so that all end together.
AHEAD_PART = 32
AHEAD_MOST = 32_000_000
#: A task with more than this part of a worker's share goes first, so that none ends alone with it.
LARGE_PART = 4


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
    kind : str
        The name of what was raised, or ``killed``.
    """

    message: str
    is_bug: bool = False
    trace: str = ""
    error: FlyoffError | None = None
    kind: str = ""


@dataclass(slots=True, eq=False)
class _Worker:
    process: BaseProcess
    pipe: Connection
    #: What it was sent and has not answered; it is at the first.
    tasks: deque[int] = field(default_factory=deque)


@dataclass(slots=True, eq=False)
class _Run(Generic[Task, Result]):
    """The state of one run: what waits, what is under way, what has come back."""

    function: Callable[[Task], Result]
    tasks: Sequence[Task]
    jobs: int
    sizes: Sequence[int]
    method: str = "spawn"
    workers: list[_Worker] = field(default_factory=list)
    large: deque[int] = field(default_factory=deque)
    waiting: deque[int] = field(default_factory=deque)
    done: dict[int, Result | Failed] = field(default_factory=dict)
    #: Bytes that nobody was sent yet, and how many may wait for one worker.
    left: int = 0
    ahead: int = 0

    def __post_init__(self) -> None:
        self.left = sum(self.sizes)
        self.ahead = min(AHEAD_MOST, self.left // AHEAD_PART)
        limit = self.left / (self.jobs * LARGE_PART)
        for index in range(len(self.tasks)):
            (self.large if self.size(index) > limit else self.waiting).append(index)

    def size(self, index: int) -> int:
        return self.sizes[index] if self.sizes else 0


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


def run(
    function: Callable[[Task], Result],
    tasks: Sequence[Task],
    jobs: int,
    *,
    sizes: Sequence[int] = (),
    loaded: str = "",
) -> Iterator[tuple[Task, Result | Failed]]:
    """Apply a function to every task and yield ``(task, result)`` in the tasks' order.

    Parameters
    ----------
    function : callable
        Importable by name, like everything that crosses to a process started afresh.
    tasks : sequence
    jobs : int
        1 works in this process and starts none.
    sizes : sequence of int, optional
        Bytes of each task: large ones go first, and small ones are sent ahead.
    loaded : str, optional
        Name of the module whose import loads what every task needs. Workers are copies of a process
        that has imported it; without it each of them is started afresh.

    Yields
    ------
    (task, result or Failed)
        As soon as it and all before it are ready. What the function raises becomes ``Failed``.
    """
    if jobs <= 1:
        for task in tasks:
            yield task, attempt(function, task)
        return
    state = _Run(function, tasks, jobs, sizes, start_method(loaded))
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
        return Failed(str(error), error=error, kind=type(error).__name__)
    except MemoryError:
        text = f"{task}: not enough memory; close other programs or use fewer --jobs"
        return Failed(text, kind="MemoryError")
    except Exception as error:  # a bug met in one file must not cost the others theirs
        import traceback

        text = " ".join(str(error).split())
        kind = type(error).__name__
        message, trace = f"{task}: {kind}: {text}", traceback.format_exc()
        return Failed(message, is_bug=True, trace=trace, kind=kind)


def _fill(state: _Run[Task, Result], oldest: int) -> None:
    """Send tasks to every worker that has room, and start workers while there is work for them."""
    horizon = oldest + WINDOW_PER_JOB * state.jobs
    while state.large or (state.waiting and state.waiting[0] < horizon):
        worker = _with_room(state)
        if worker is None:
            return
        source = state.large or state.waiting
        index = source.popleft()
        try:
            worker.pipe.send(state.tasks[index])
        except OSError:  # it has died
            source.appendleft(index)
            if worker.tasks:
                return  # of what it had, which its pipe will tell
            _bury(state, worker)  # while idle: no task is to blame
            continue
        worker.tasks.append(index)
        state.left -= state.size(index)


def _with_room(state: _Run[Task, Result]) -> _Worker | None:
    """An idle worker, a new one, or one for which more may wait; None if there is none."""
    least = min(state.workers, key=lambda w: len(w.tasks), default=None)
    if least is not None and not least.tasks:
        return least
    if least is None or len(state.workers) < state.jobs:
        state.workers.append(_start(state))
        return state.workers[-1]
    waits = sum(state.size(index) for index in least.tasks)
    much_is_left = state.left > 2 * state.ahead * state.jobs
    return least if waits < state.ahead and much_is_left else None


def _collect(state: _Run[Task, Result]) -> None:
    """Wait until at least one worker has answered or died."""
    busy = {w.pipe: w for w in state.workers if w.tasks}
    for pipe in wait(list(busy)):
        worker = busy[pipe]  # type: ignore[index]  # wait gives back what it was given
        index = worker.tasks[0]
        try:
            state.done[index], spans = worker.pipe.recv()
            stages.absorb(spans)
            worker.tasks.popleft()
        except (EOFError, OSError):
            _bury(state, worker)
            how = _how_it_died(state.tasks[index], worker.process.exitcode)
            state.done[index] = Failed(how, kind="killed")
            _give_back(state, list(worker.tasks)[1:])


def _give_back(state: _Run[Task, Result], indices: Sequence[int]) -> None:
    """What only waited for a worker that died is for another one."""
    state.waiting.extendleft(reversed(indices))
    state.left += sum(state.size(index) for index in indices)


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


def _start(state: _Run[Task, Result]) -> _Worker:
    context = multiprocessing.get_context(state.method)
    ours, theirs = context.Pipe()
    # a forked worker holds copies of the parent's ends; open ones would outlive the parent
    inherited = [ours, *(w.pipe for w in state.workers)] if state.method == "fork" else []
    # a server may be older than what the environment says now
    environment = dict(os.environ) if state.method == "forkserver" else None
    process = context.Process(  # type: ignore[attr-defined]  # typed for literal names only
        target=_work,
        args=(theirs, state.function, inherited, environment, stages.is_watched()),
        daemon=True,
    )
    with interrupt_blocked():
        process.start()
    theirs.close()  # so that the worker's death closes the pipe
    return _Worker(process, ours)


def _stop(state: _Run[Task, Result]) -> None:
    for worker in state.workers:
        if worker.tasks:  # the run was broken off
            worker.process.terminate()
        worker.pipe.close()
    for worker in state.workers:
        worker.process.join(5)
        if worker.process.is_alive():
            worker.process.kill()


def _work(
    pipe: Connection,
    function: Callable[[Any], Any],
    inherited: Sequence[Connection],
    environment: dict[str, str] | None,
    is_watched: bool,
) -> None:
    """A worker's life: a task, an answer, until the parent closes the pipe or dies."""
    signal.signal(signal.SIGTERM, _end)
    if environment is not None:
        os.environ.clear()
        os.environ.update(environment)
    for one in inherited:
        one.close()
    if is_watched:
        stages.collect()
    while True:
        try:
            task = pipe.recv()
        except (EOFError, OSError):
            return
        result = attempt(function, task)
        try:
            pipe.send((result, stages.drain()))
        except (BrokenPipeError, ConnectionResetError):
            return
        except Exception as error:  # a result that cannot be pickled
            failed = Failed(f"{task}: {type(error).__name__}: {error}", is_bug=True)
            pipe.send((failed, stages.drain()))


def _end(*_: object) -> NoReturn:
    """Told to end: by an exception, so that what is half written is taken away first."""
    raise SystemExit(1)
