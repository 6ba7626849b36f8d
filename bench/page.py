"""``python bench/page.py``: run the benches and write what they print to ``docs/benchmarks.md``.

Nothing on that page is typed in: every figure comes from this run on this machine. Ratios hold
elsewhere, MB/s do not.
"""

import datetime
import os
import platform
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"

#: Heading, what it measures, and the command.
BENCHES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "Decoding",
        "Index alone, every column of every topic, and the peer on the same file, taking turns on "
        "one core; processor time of one run, warm. The last column is one copy of as many bytes.",
        ("bench/decode.py", "--runs", "1"),
    ),
    (
        "Judging",
        "Decode what is needed, normalise, segment, ask every detector, decide and measure, in a "
        "running process, against the peer's mere opening of the same file.",
        ("bench/judge.py", "--big", "--runs", "2"),
    ),
)


def run(command: tuple[str, ...]) -> str:
    """Run one bench; its table, or why there is none."""
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no output"]
        return f"failed with exit {done.returncode}: {last[0]}"
    return done.stdout.rstrip()


def machine() -> str:
    """What the figures were measured on, and how busy it was."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    return (
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"load average {load:.1f} at the start"
    )


def main() -> None:
    """Measure everything and write the page."""
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    parts = [
        "# Benchmarks",
        "Written by `make bench`; nothing here is typed in. Ratios come from one run of both "
        "sides on one core and hold on other machines, MB/s do not.",
        f"Measured {today} on {machine()}.",
    ]
    for title, about, command in BENCHES:
        shown = " ".join(command)
        parts += [f"## {title}", about, f"`python {shown}`", f"```text\n{run(command)}\n```"]
    PAGE.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
