"""Named stages of the work and what each took, where somebody watches; else they cost nothing.

``with stage("decode", bytes=n):`` is one comparison while nobody watches. While somebody does, each
stage becomes a ``Span``: its wall and processor time, the bytes it went through, the log it was for
and what was wrong. Spans of a worker, on this machine or another, travel with its answer and are
handed over (``absorb``) by the process that started the run, which alone tells them to the sinks.
A span names a log by its SHA-256; it holds no path, no text of a log, nothing of the environment.
"""

import contextlib
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Final, Protocol

#: What a run is made of: finding files; opening them; their SHA-256; bytes to recordings;
#: recordings to sorties; which logs are of one flight; raw files and rows written; rows that count.
STAGES: Final = ("walk", "open", "digest", "decode", "judge", "link", "write", "commit")
#: What holds those of one log.
LOG: Final = "log"

Fact = str | int | float


@dataclass(frozen=True, slots=True)
class Inner:
    """Work of another stage that was done within a span in small pieces, as columns are."""

    name: str
    count: int
    wall_ns: int
    cpu_ns: int


@dataclass(frozen=True, slots=True)
class Span:
    """One stage that is over.

    Attributes
    ----------
    name : str
        One of ``STAGES``, ``LOG``, or the command's own name for the whole run.
    id, parent : int
        Random, 63 bits; the parent is 0 for the run itself.
    start_ns : int [ns, UNIX]
        By the clock as it was when watching began: it does not jump.
    wall_ns, cpu_ns : int [ns]
        Processor time is that of the whole process, its threads included.
    bytes : int [byte]
        That the stage went through.
    log : str
        SHA-256; empty for what is of no single log.
    problems : tuple of str
        Kinds of what was wrong: ``truncated``, ``malformed``, the name of an error.
    facts : tuple of (name, value)
    inner : tuple of Inner
    host, pid : str, int
        The process that did it.
    """

    name: str
    id: int
    parent: int
    start_ns: int
    wall_ns: int
    cpu_ns: int
    bytes: int = 0
    log: str = ""
    problems: tuple[str, ...] = ()
    facts: tuple[tuple[str, Fact], ...] = ()
    inner: tuple[Inner, ...] = ()
    host: str = ""
    pid: int = 0


class Sink(Protocol):
    """Who is told of spans."""

    def take(self, spans: Sequence[Span]) -> None:
        """Some spans, each before its parent; a run's comes last of all."""
        ...


class _Off:
    """A stage while nobody watches."""

    def __enter__(self) -> "_Off":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def note(self, **_: object) -> None:
        """Nothing."""


class Open:
    """A stage that is under way."""

    __slots__ = ("_cpu_ns", "_recorder", "_start_ns", "bytes", "facts", "id", "inner", "is_run",
                 "log", "name", "problems")  # fmt: skip

    def __init__(self, recorder: "_Recorder", name: str, size: int, is_run: bool = False) -> None:
        self._recorder, self.name, self.bytes, self.is_run = recorder, name, size, is_run
        self.id = secrets.randbits(63) or 1
        self.log = ""
        self.problems: tuple[str, ...] = ()
        self.facts: dict[str, Fact] = {}
        self.inner: dict[str, list[int]] = {}

    def note(
        self, bytes: int = 0, log: str = "", problems: Sequence[str] = (), **facts: Fact
    ) -> None:
        """Add what is known only now."""
        self.bytes += bytes
        self.log = log or self.log
        self.problems = (*self.problems, *problems)
        self.facts.update(facts)

    def __enter__(self) -> "Open":
        self._recorder.stack.append(self)
        self._start_ns, self._cpu_ns = time.perf_counter_ns(), time.process_time_ns()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        cpu_ns, wall_ns = time.process_time_ns() - self._cpu_ns, self._passed()
        if kind is not None and kind is not GeneratorExit:
            self.problems = (*self.problems, kind.__name__)
        recorder = self._recorder
        recorder.stack.remove(self)
        parent = recorder.stack[-1].id if recorder.stack else 0
        recorder.done.append(
            Span(
                self.name, self.id, parent, recorder.epoch_ns + self._start_ns, wall_ns, cpu_ns,
                self.bytes, self.log, self.problems, tuple(self.facts.items()),
                tuple(Inner(n, *v) for n, v in self.inner.items()), recorder.host, recorder.pid,
            )
        )  # fmt: skip
        if not recorder.stack or (len(recorder.stack) == 1 and recorder.stack[0].is_run):
            recorder.tell()

    def _passed(self) -> int:
        return time.perf_counter_ns() - self._start_ns


class _Piece:
    """A small piece of another stage's work, added to the span that it is in."""

    __slots__ = ("_cpu_ns", "_name", "_span", "_start_ns")

    def __init__(self, span: Open, name: str) -> None:
        self._span, self._name = span, name

    def __enter__(self) -> None:
        self._start_ns, self._cpu_ns = time.perf_counter_ns(), time.process_time_ns()

    def __exit__(self, *_: object) -> None:
        sums = self._span.inner.setdefault(self._name, [0, 0, 0])
        sums[0] += 1
        sums[1] += time.perf_counter_ns() - self._start_ns
        sums[2] += time.process_time_ns() - self._cpu_ns


@dataclass(slots=True)
class _Recorder:
    """One process's stages: those under way and those that are over."""

    sinks: tuple[Sink, ...] = ()
    stack: list[Open] = field(default_factory=list)
    done: list[Span] = field(default_factory=list)
    thread: int = field(default_factory=threading.get_ident)
    epoch_ns: int = field(default_factory=lambda: time.time_ns() - time.perf_counter_ns())
    host: str = field(default_factory=socket.gethostname)
    pid: int = field(default_factory=os.getpid)

    def tell(self) -> None:
        """Hand what is over to the sinks; a worker, which has none, keeps it for its answer."""
        if self.sinks and self.done:
            spans, self.done = _with_logs(self.done), []
            for sink in self.sinks:
                sink.take(spans)


_OFF: Final = _Off()
_recorder: _Recorder | None = None


def stage(name: str, *, bytes: int = 0) -> Open | _Off:
    """A stage of the work, for a ``with`` statement; only the thread that watches is measured."""
    if _recorder is None or _recorder.thread != threading.get_ident():
        return _OFF
    return Open(_recorder, name, bytes)


def piece(name: str) -> "_Piece | _Off":
    """A small piece of a stage's work, many times within another stage: counted, not told each."""
    if _recorder is None or not _recorder.stack or _recorder.thread != threading.get_ident():
        return _OFF
    span = _recorder.stack[-1]
    return _OFF if span.name == name else _Piece(span, name)


def note(*, log: str = "", problems: Sequence[str] = (), **facts: Fact) -> None:
    """Add to the innermost stage that is open, which may be somebody else's."""
    if _recorder is not None and _recorder.stack and _recorder.thread == threading.get_ident():
        _recorder.stack[-1].note(0, log, problems, **facts)


def is_watched() -> bool:
    """Whether somebody watches this process."""
    return _recorder is not None


@contextlib.contextmanager
def watching(run: str, sinks: Sequence[Sink]) -> Iterator[None]:
    """Watch this process and the workers that it starts; without sinks nobody does.

    Parameters
    ----------
    run : str
        Name of the span that holds all others: the command's.
    """
    global _recorder  # a process has one watch, as it has one environment
    if not sinks:
        yield
        return
    before, _recorder = _recorder, _Recorder(tuple(sinks))
    try:
        with Open(_recorder, run, 0, is_run=True):
            yield
    finally:
        _recorder = before


@contextlib.contextmanager
def unwatched() -> Iterator[None]:
    """What is done here is no part of the work that anybody wants to know of: warming up."""
    global _recorder  # as above
    before, _recorder = _recorder, None
    try:
        yield
    finally:
        _recorder = before


def collect() -> None:
    """Watch this process, which is a worker: its spans are taken with ``drain``."""
    global _recorder  # as above
    _recorder = _Recorder()


def drain() -> tuple[Span, ...]:
    """What this worker has done since it was last asked."""
    if _recorder is None:
        return ()
    spans, _recorder.done = _with_logs(_recorder.done), []
    return tuple(spans)


@contextlib.contextmanager
def collected(*, is_wanted: bool) -> Iterator[list[Span]]:
    """Collect the spans of what is done here, for an answer that takes them elsewhere."""
    global _recorder  # as above
    spans: list[Span] = []
    before, _recorder = _recorder, _Recorder() if is_wanted else None
    try:
        yield spans
    finally:
        spans += drain()
        _recorder = before


def absorb(spans: Sequence[Span]) -> None:
    """Take a worker's spans over: they are part of the stage that is open here."""
    if _recorder is None or not spans:
        return
    here = _recorder.stack[-1].id if _recorder.stack else 0
    adopted = [s if s.parent else replace(s, parent=here) for s in spans]
    for sink in _recorder.sinks:
        sink.take(adopted)


def _with_logs(spans: Sequence[Span]) -> list[Span]:
    """The log of a span is that of the one around it, which often learns it last."""
    by_id = {s.id: s for s in spans}

    def log_of(span: Span | None) -> str:
        while span is not None and not span.log:
            span = by_id.get(span.parent)
        return span.log if span is not None else ""

    return [s if s.log else replace(s, log=log_of(s)) for s in spans]
