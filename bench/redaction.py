"""``python bench/redaction.py [--policy NAME] [--out docs/redaction.md]``: what redaction changes.

Every simulated flight is redacted, attacked, and judged again beside its original: outcome, cause,
findings and measures have to be the same, places of course not. Speed is processor time of decode
and rewrite together, the attack apart.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:1] = [str(ROOT), str(ROOT / "src")]

from flyoff.exchange.redaction import policy as policies
from flyoff.exchange.redaction.rules import Secret
from flyoff.model.sortie import Sortie
from flyoff.pipeline.redaction import redact_paths
from flyoff.pipeline.steps import judge
from tests.shared import flights

#: Measures may differ by so much: rounding of coordinates to 1e-7 of a degree and the like.
RELATIVE, ABSOLUTE = 1e-3, 0.05


@dataclass
class Tally:
    """What was seen over all logs."""

    logs: int = 0
    bytes: int = 0
    seconds: float = 0.0
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


def run(folder: Path, policy: str) -> dict[str, Tally]:
    """Redact, attack and judge every log of a folder."""
    found: dict[str, Tally] = {}
    logs = sorted(p for p in folder.iterdir() if p.suffix in (".BIN", ".ulg", ".tlog"))
    with tempfile.TemporaryDirectory() as name:
        out = Path(name)
        for path in logs:
            tally = found.setdefault(path.suffix, Tally())
            chosen, secret = policies.load(policy), Secret(b"b" * 32)
            start = time.process_time()
            (plain,) = redact_paths([path], out, chosen, secret, release="bench")
            tally.seconds += time.process_time() - start
            (one,) = redact_paths([path], out, chosen, secret, release="bench", attack=True)
            tally.logs += 1
            tally.bytes += path.stat().st_size
            if one.audit is None:
                tally.differences.append(plain.problem)
                continue
            tally.violations += [f"{path.name}: {told}" for told in one.audit.violations]
            agree = compare(judge(path), judge(out / one.written))
            tally.same.update(part for part, is_same in agree.items() if is_same)
            wrong = [part for part, is_same in agree.items() if not is_same]
            if wrong:
                tally.differences.append(f"{path.name}: {', '.join(wrong)}")
    return found


def page(found: dict[str, Tally], policy: str) -> str:
    """The result as a page of the documentation."""
    parts = ("outcome", "cause", "findings", "measures")
    heads = " | ".join(f"same {part}" for part in parts)
    lines = [
        "# What redaction changes",
        "",
        f"Written by `bench/redaction.py`, policy `{policy}`: every simulated flight redacted,",
        "attacked with the original at hand, and judged again. Measures count as the same within",
        f"{RELATIVE:.1%} or {ABSOLUTE} of their unit.",
        "",
        f"| logs | MB/s, decode and rewrite | {heads} | gave way |",
        "|---|---|---|---|---|---|---|",
    ]
    for suffix, t in sorted(found.items()):
        same = " | ".join(f"{t.same[p]}/{t.logs}" for p in parts)
        speed = t.bytes / 1e6 / t.seconds
        lines.append(f"| {t.logs} `{suffix}` | {speed:.0f} | {same} | {len(t.violations)} |")
    told = [line for t in found.values() for line in (*t.differences, *t.violations)]
    if told:
        lines += ["", "What differed or gave way:", "", *(f"- {line}" for line in told)]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run and print, or write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--policy", default="public")
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    folder = flights()
    if folder is None:
        sys.exit("no shared flight data: set FLYOFF_SHARED, or put it at ../shared")
    text = page(run(folder, asked.policy), asked.policy)
    if asked.out:
        asked.out.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
