"""What it costs to watch a run, and not to: processor time of the same logs, one process.

    python bench/watch.py [--logs 60] [--rounds 7]

Rounds without and with a watch alternate in one process, by CPU time; the least of each counts.
Where nobody watches, what is left is one comparison a stage: how often they are met, times what one
takes.
"""

import argparse
import sys
import tempfile
import time
import timeit
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from flyoff.pipeline.batch import judge_many
from flyoff.pipeline.profile import ChromeTrace, Profile
from flyoff.pipeline.walk import Found
from flyoff.stages import Sink, Span, piece, stage, watching
from tests.pipeline.flights import card


class Count:
    """A sink that counts how often a stage, or a piece of one, was met."""

    def __init__(self) -> None:
        self.stages = self.pieces = 0

    def take(self, spans: Sequence[Span]) -> None:
        self.stages += len(spans)
        self.pieces += sum(p.count for s in spans for p in s.inner)


def judged(files: Sequence[Found], sinks: Sequence[Sink]) -> float:
    """Processor time of judging all [s]."""
    before = time.process_time()
    with watching("run", sinks):
        for _ in judge_many(files, jobs=1):
            pass
    return time.process_time() - before


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--logs", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=7)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        files = [Found(str(p), is_meant=True) for p in card(Path(name) / "card", asked.logs)]
        count = Count()
        judged(files, [count])
        off_s, on_s = [], []
        for _ in range(asked.rounds):
            off_s.append(judged(files, []))
            chart = ChromeTrace(Path(name) / "chart.json")
            on_s.append(judged(files, [Profile(), chart]))
            chart.close()
    off, on = min(off_s), min(on_s)
    once_s = min(timeit.repeat(_meet, number=100_000, repeat=5)) / 200_000
    idle = (count.stages + count.pieces) * once_s
    print(f"{asked.logs} small logs, {off / asked.logs * 1e3:.2f} ms of processor each")
    print(f"watched (profile and chart): {on / off - 1:+.1%}")
    print(
        f"not watched: {count.stages} stages and {count.pieces} pieces at {once_s * 1e9:.0f} ns: "
        f"{idle / off:.2%}"
    )


def _meet() -> None:
    with stage("decode"):
        pass
    with piece("decode"):
        pass


if __name__ == "__main__":
    main()
