"""What each stage of a run took: sums for a table and a progress line, spans for a flame chart.

Times of a stage are its own, without those of the stages within it, so that they add up. Columns
are decoded when a rule first asks for them: that time is decoding's, although it passes in judging.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from flyoff.stages import LOG, STAGES, Span


@dataclass(slots=True)
class Sums:
    """All spans of one stage.

    Attributes
    ----------
    count : int
    wall_ns, cpu_ns : int [ns]
        Its own, without the stages within it.
    bytes : int [byte]
        That it went through.
    """

    count: int = 0
    wall_ns: int = 0
    cpu_ns: int = 0
    bytes: int = 0

    def add(self, wall_ns: int, cpu_ns: int, count: int = 0, size: int = 0) -> None:
        """Add times, which may be taken away again where another stage's pass within."""
        self.count += count
        self.wall_ns += wall_ns
        self.cpu_ns += cpu_ns
        self.bytes += size


@dataclass(slots=True)
class Profile:
    """A sink that adds up.

    Attributes
    ----------
    stages : dict of name to Sums
        The run itself, under the command's name, is what none of the stages explains.
    wall_ns : int [ns]
        Of the whole run; 0 until it is over.
    processes : set of (host, pid)
        Who worked on it.
    """

    stages: dict[str, Sums] = field(default_factory=dict)
    wall_ns: int = 0
    processes: set[tuple[str, int]] = field(default_factory=set)
    #: What spans took whose parent is still to come, by that parent and who did them.
    _within: dict[tuple[int, str, int], list[int]] = field(default_factory=dict)

    def take(self, spans: Sequence[Span]) -> None:
        """Add spans, each before its parent."""
        for span in spans:
            who = (span.host, span.pid)
            self.processes.add(who)
            sums = self.stages.setdefault(span.name, Sums())
            inner = self._within.pop((span.id, *who), [0, 0])
            sums.add(span.wall_ns - inner[0], span.cpu_ns - inner[1], 1, span.bytes)
            for piece in span.inner:
                sums.add(-piece.wall_ns, -piece.cpu_ns)
                self.stages.setdefault(piece.name, Sums()).add(piece.wall_ns, piece.cpu_ns)
            if span.parent:
                # what another process did in the meantime takes none of this one's time
                outer = self._within.setdefault((span.parent, *who), [0, 0])
                outer[0] += span.wall_ns
                outer[1] += span.cpu_ns
            else:
                self.wall_ns = span.wall_ns

    @property
    def logs(self) -> Sums:
        """All logs."""
        return self.stages.get(LOG, Sums())

    def shares(self) -> dict[str, float]:
        """Part of each stage in the processor time of all, largest first."""
        named = {name: s.cpu_ns for name, s in self.stages.items() if name in STAGES}
        total = sum(named.values()) or 1
        return dict(sorted(((n, ns / total) for n, ns in named.items()), key=lambda p: -p[1]))


class ChromeTrace:
    """A sink that writes the format of Chrome's traces, which speedscope and Perfetto open, too.

    Parameters
    ----------
    path : Path
        Written as the run goes; a run that was killed leaves one that only lacks its end.
    """

    def __init__(self, path: Path) -> None:
        self._file: TextIO = path.open("w", encoding="utf-8")
        self._file.write('{"displayTimeUnit": "ms", "traceEvents": [\n')
        self._start_ns: int | None = None
        self._numbers: dict[tuple[str, int], int] = {}
        self._is_empty = True

    def take(self, spans: Sequence[Span]) -> None:
        """Write spans."""
        for span in spans:
            if self._start_ns is None:
                self._start_ns = span.start_ns
            who = (span.host, span.pid)
            if who not in self._numbers:
                self._numbers[who] = len(self._numbers) + 1
                self._name(self._numbers[who], f"{span.host} {span.pid}")
            self._write(
                {
                    "name": span.name,
                    "ph": "X",
                    "ts": (span.start_ns - self._start_ns) / 1000,
                    "dur": span.wall_ns / 1000,
                    "pid": self._numbers[who],
                    "tid": 1,
                    "args": told(span),
                }
            )

    def _name(self, number: int, name: str) -> None:
        self._write({"name": "process_name", "ph": "M", "pid": number, "args": {"name": name}})

    def _write(self, event: dict[str, Any]) -> None:
        self._file.write(("" if self._is_empty else ",\n") + json.dumps(event))
        self._is_empty = False

    def close(self) -> None:
        """End the file."""
        self._file.write("\n]}\n")
        self._file.close()


def told(span: Span) -> dict[str, Any]:
    """What is known of a span beside its name and times, without what is not there."""
    facts: dict[str, Any] = {"cpu_seconds": round(span.cpu_ns / 1e9, 6)}
    facts |= {"bytes": span.bytes} if span.bytes else {}
    facts |= {"log": span.log} if span.log else {}
    facts |= {"problems": list(span.problems)} if span.problems else {}
    facts |= {f"{p.name}_seconds": round(p.wall_ns / 1e9, 6) for p in span.inner}
    return facts | dict(span.facts)
