"""``python bench/redaction.py [--policy NAME] [--attack-every N] [--out docs/redaction.md]``.

What redaction changes and how fast it is. Every simulated flight is redacted and judged again
beside its original: outcome, cause, findings and measures have to be the same, places of course
not; each Nth is attacked as well. Speed is processor time on one core, the least of some runs: of
rewriting a decoded log, and of the whole way from the file to the new bytes, for real logs and
large ones.
"""

import argparse
import math
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:1] = [str(ROOT), str(ROOT / "src")]

from bench.big import big_ulog
from bench.big_dataflash import big_dataflash
from bench.long_tlog import long_tlog
from bench.peers_blackbox import big_blackbox
from flyoff.exchange.redaction import policy as policies
from flyoff.exchange.redaction.redact import look, rewritten
from flyoff.exchange.redaction.release import Release
from flyoff.exchange.redaction.rules import Secret
from flyoff.model.sortie import Sortie
from flyoff.pipeline import registry
from flyoff.pipeline.opening import open_source
from flyoff.pipeline.redaction import redact_paths
from flyoff.pipeline.steps import judge
from tests.shared import flights, logs

#: Measures may differ by so much: rounding of coordinates to 1e-7 of a degree and the like.
RELATIVE, ABSOLUTE = 1e-3, 0.05


@dataclass
class Tally:
    """What was seen over all logs."""

    logs: int = 0
    attacked: int = 0
    same: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)


def compare(old: list[Sortie], new: list[Sortie]) -> dict[str, bool]:
    """Which parts of two judgements agree."""
    pairs = list(zip(old, new, strict=False))
    whole = len(old) == len(new)
    return {
        "outcome": whole and all(a.outcome == b.outcome for a, b in pairs),
        "cause": whole and all(_cause(a) == _cause(b) for a, b in pairs),
        "findings": whole and all(_findings(a) == _findings(b) for a, b in pairs),
        "measures": whole and all(_measures(a, b) for a, b in pairs),
    }


def _cause(one: Sortie) -> str:
    return str(one.cause.kind) if one.cause else ""


def _findings(one: Sortie) -> list[tuple[str, str]]:
    return sorted((str(f.kind), str(f.severity)) for f in one.findings)


def _measures(a: Sortie, b: Sortie) -> bool:
    for name, old in a.measures.items():
        new = b.measures.get(name)
        if old is None or new is None:
            if old is not new:
                return False
        elif abs(old - new) > max(ABSOLUTE, RELATIVE * abs(old)):
            return False
    return True


def one_log(path: Path, policy: str, attack: bool) -> tuple[str, dict[str, bool], list[str], str]:
    """Redact and judge one log: what agrees, rules broken, or why there is no result."""
    chosen, secret = policies.load(policy), Secret(b"b" * 32)
    with tempfile.TemporaryDirectory() as name:
        out = Path(name)
        asked = redact_paths([path], out, chosen, secret, release="bench", attack=attack, jobs=1)
        (one,) = asked
        if one.redacted is None:
            return path.name, {}, [], one.problem
        broken = [f"{path.name}: {told}" for told in one.audit.violations] if one.audit else []
        return path.name, compare(judge(path), judge(out / one.written)), broken, ""


def run(folder: Path, policy: str, attack_every: int, jobs: int) -> dict[str, Tally]:
    """Redact and judge every log of a folder, and attack some."""
    found: dict[str, Tally] = {}
    paths = sorted(p for p in folder.iterdir() if p.suffix in (".BIN", ".ulg", ".tlog"))
    with ProcessPoolExecutor(jobs) as pool:
        asked = [
            pool.submit(one_log, path, policy, number % attack_every == 0)
            for number, path in enumerate(paths)
        ]
        for number, (path, answer) in enumerate(zip(paths, asked, strict=True)):
            tally = found.setdefault(path.suffix, Tally())
            name, agree, broken, problem = answer.result()
            tally.logs += 1
            tally.attacked += number % attack_every == 0
            tally.violations += broken
            tally.same.update(part for part, is_same in agree.items() if is_same)
            wrong = [part for part, is_same in agree.items() if not is_same]
            if problem or wrong:
                tally.differences.append(problem or f"{name}: {', '.join(wrong)}")
            print(name, agree, broken, flush=True)
    return found


@dataclass(frozen=True)
class Speed:
    """Of one log: bytes, and seconds of decoding, looking where it begins, and rewriting."""

    name: str
    bytes: int
    decode_s: float
    look_s: float
    rewrite_s: float


def speed(name: str, path: Path, runs: int = 5) -> Speed:
    """Least processor times of some runs, after one that compiles."""
    least = [math.inf] * 3
    for _ in range(runs + 1):
        begun = time.process_time()
        source = open_source(str(path))
        decoder = registry.choose(source)
        raw = decoder.decode(source)
        decoded = time.process_time()
        seen = look(raw, registry.recordings(decoder, raw))
        looked = time.process_time()
        release = Release(policies.load("public"), Secret(b"b" * 32), "bench")
        rewritten(raw, seen, release.move(seen.launch, "x"), release.rules(seen.vehicle_id))
        done = time.process_time()
        took = (decoded - begun, looked - decoded, done - looked)
        least = [min(pair) for pair in zip(least, took, strict=True)]
    return Speed(name, path.stat().st_size, *least)


def speeds(mb: int) -> list[Speed]:
    """A real log of each format, the largest there is, and one of many megabytes made of it."""
    flown, found = flights(), []
    assert flown is not None
    build = {"ulog": big_ulog, "dataflash": big_dataflash, "tlog": long_tlog,
             "blackbox": big_blackbox}  # fmt: skip
    suffixes = {"ulog": ".ulg", "dataflash": ".BIN", "tlog": ".tlog"}
    for kind, make in build.items():
        own = [p for p in flown.iterdir() if p.suffix == suffixes.get(kind)]
        source = max(own or logs(kind), key=lambda p: p.stat().st_size)
        found.append(speed(f"{kind}, {source.name}", source))
        with tempfile.TemporaryDirectory() as name:
            large = Path(name) / f"large.{kind}"
            make(large, source, mb)
            found.append(speed(f"{kind}, made of it", large))
    return found


def page(found: dict[str, Tally], fast: list[Speed], policy: str) -> str:
    """The result as a page of the documentation."""
    parts = ("outcome", "cause", "findings", "measures")
    heads = " | ".join(f"same {part}" for part in parts)
    lines = [
        "# What redaction changes",
        "",
        f"Written by `bench/redaction.py`, policy `{policy}`: every simulated flight redacted and",
        "judged again; some of them attacked with the original at hand. Measures count as the same",
        f"within {RELATIVE:.1%} or {ABSOLUTE} of their unit.",
        "",
        f"| logs | {heads} | attacked | gave way |",
        "|---|---|---|---|---|---|---|",
    ]
    for suffix, t in sorted(found.items()):
        same = " | ".join(f"{t.same[p]}/{t.logs}" for p in parts)
        broken = len({told.partition(":")[0] for told in t.violations})
        lines.append(f"| {t.logs} `{suffix}` | {same} | {t.attacked} | {broken} |")
    told = [line for t in found.values() for line in (*t.differences, *t.violations)]
    if told:
        lines += ["", "What differed or gave way:", "", *(f"- {line}" for line in told)]
    lines += [
        "",
        "## Speed",
        "",
        "Processor time of one core. *Rewrite* is redaction of a decoded log; *all* begins with",
        "the file: it is decoded, and where the flight begins is found as judging does.",
        "",
        "| log | MB | rewrite, MB/s | all, MB/s |",
        "|---|---|---|---|",
    ]
    for one in fast:
        mb, whole = one.bytes / 1e6, one.decode_s + one.look_s + one.rewrite_s
        lines.append(f"| {one.name} | {mb:.1f} | {mb / one.rewrite_s:.0f} | {mb / whole:.0f} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run and print, or write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--policy", default="public")
    parser.add_argument("--attack-every", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--mb", type=int, default=40, help="size of the large logs")
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    folder = flights()
    if folder is None:
        sys.exit("no shared flight data: set FLYOFF_SHARED, or put it at ../shared")
    fast = speeds(asked.mb)
    found = run(folder, asked.policy, asked.attack_every, asked.jobs)
    text = page(found, fast, asked.policy)
    if asked.out:
        asked.out.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
