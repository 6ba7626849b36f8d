"""``python bench/page.py [--seconds 360]``: run the benches and keep what they print.

The page is ``docs/benchmarks.md``.

Nothing on that page is typed in: every figure comes from this run on this machine. Ratios hold
elsewhere, MB/s do not. A bench that does not end in its share of the time is stopped; the page has
what it printed until then, and says so.
"""

import argparse
import datetime
import os
import platform
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "benchmarks.md"

#: Heading, what it measures, the command, and its share of the time.
BENCHES: tuple[tuple[str, str, tuple[str, ...], float], ...] = (
    (
        "Decoding",
        "MB/s of processor time, one core, warm, least time of the runs. *index*: the walk over "
        "the file alone, after which every byte is accounted for. *all*: the receipt and every "
        "column of every topic. *peer*: pyulog, pymavlink or orangebox reading every value of the "
        "same file, taking turns with us (twice; once on large logs). *copy*: one `memcpy` of as "
        "many bytes, the limit that no reader can pass. The peer is not asked where it would take "
        "minutes. A blackbox frame has neither length nor checksum, so its *index* is the decoding "
        "of every field; that of a tlog proves the checksum of every frame; small logs pay for "
        "their hundred topics, not for their bytes.",
        ("bench/decode.py", "--runs", "5"),
        0.5,
    ),
    (
        "Judging",
        "Decode what is needed, normalise, segment, ask every detector, decide and measure, in a "
        "running process, against the peer's mere opening of the same file; then a folder, and the "
        "memory of a large log, in fresh processes.",
        ("bench/judge.py", "--big", "--runs", "3", "--logs", "8"),
        0.25,
    ),
    (
        "A second core",
        "Judging a folder, and taking it into an empty store, with one process and with two, "
        "start-up included.",
        ("bench/cores.py",),
        0.25,
    ),
)
LIBRARIES = ("numpy", "numba", "pyulog", "pymavlink", "orangebox")


def run(command: tuple[str, ...], limit_s: float) -> str:
    """Run one bench; what it prints, or why there is no more of it."""
    try:
        done = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=limit_s,
        )
    except subprocess.TimeoutExpired as late:
        said = late.stdout or b""
        text = said if isinstance(said, str) else said.decode()
        return f"{text.rstrip()}\nstopped after {limit_s:.0f} s"
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no output"]
        return f"failed with exit {done.returncode}: {last[0]}"
    return done.stdout.rstrip()


def machine() -> str:
    """What the figures were measured on."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [x for x in info.read_text().splitlines() if x.startswith("model name")]
        model = names[0].partition(":")[2].strip() if names else model
    known = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"{model} ({platform.machine()}), {os.cpu_count()} cores, {platform.system()}, Python "
        f"{platform.python_version()}, {known}"
    )


def main() -> None:
    """Measure everything and write the page."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--seconds", type=float, default=360.0, help="for all benches together")
    seconds = asked.parse_args().seconds
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    busy, start = os.getloadavg()[0], time.monotonic()
    parts = []
    for title, about, command, share in BENCHES:
        shown = " ".join(command)
        text = run(command, share * seconds)
        parts += [f"## {title}", about, f"`python {shown}`", f"```text\n{text}\n```"]
        print(f"{title}: {time.monotonic() - start:.0f} s", flush=True)
    head = [
        "# Benchmarks",
        "Written by `make bench`; nothing here is typed in. Ratios come from one run of both sides "
        "on one core and hold on other machines; MB/s do not. Other work on the machine lowers "
        "MB/s, even of processor time, and spoils the gain of a second core.",
        f"Measured on {today} in {time.monotonic() - start:.0f} s on {machine()}. Load average "
        f"{busy:.1f} before, {os.getloadavg()[0]:.1f} after (of which about 1 is the bench).",
    ]
    PAGE.write_text("\n\n".join([*head, *parts]) + "\n", encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
