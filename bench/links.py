"""``python bench/links.py``: linking of simulated flights' two logs, under every hardship.

Offsets are held against what the unchanged pair links at: the vehicle's own clock is in both logs,
and no change of the computer's moves it. Writes ``docs/links.md``.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:1] = [str(ROOT), str(ROOT / "src")]

from tests.pipeline.hardship import CASES, pairs, run, three_in_one

PAGE = ROOT / "docs" / "links.md"
HEAD = (
    "# Linking under hardship\n\nWritten by `python bench/links.py`; nothing here is typed in. "
    "Simulated flights with an onboard log and telemetry, all of a case in one folder, linked "
    "without a hint. Where telemetry was cut so that it shares nothing with the onboard log but a "
    "vehicle that stands still (refused launches, boats before they set off), it stays alone: that "
    "is what *linked* lacks. Both logs of a simulation keep one clock, so the offset itself is the "
    "error.\n\n| telemetry | pairs | linked | wrong | moved against *as recorded*, worst [s] "
    "| offset, worst [s] |\n|---|--:|--:|--:|--:|--:|\n"
)


def main() -> int:
    """Write the page."""
    chosen = pairs()
    if not chosen:
        print("no simulated flights: nothing measured", file=sys.stderr)
        return 1
    plain: dict[tuple[str, str], float] = {}
    lines = []
    for name, change in CASES.items():
        found, wrong = run(change, chosen)
        plain = plain or found
        # the vehicle's own clock is in both: no change of the computer's moves it
        apart = max((abs(found[k] - plain[k]) for k in found if k in plain), default=0.0)
        largest = max((abs(v) for v in found.values()), default=0.0)
        lines.append(
            f"| {name} | {len(chosen)} | {len(found)} | {wrong} | {apart:.2f} | {largest:.2f} |"
        )
        print(lines[-1], flush=True)
    count, right, wrong = three_in_one(chosen)
    lines.append(f"| three flights in one file | {count} | {right} | {wrong} | | |")
    PAGE.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
