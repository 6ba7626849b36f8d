"""``python bench/links.py``: linking of simulated flights' two logs, under every hardship.

Each case changes the telemetry as a field day would, puts all telemetry and all onboard logs into
one folder, and links them without a hint. The truth is the file names; offsets are held against
what the unchanged pair links at, moved by what the case did to the clock.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:1] = [str(ROOT), str(ROOT / "src")]

from flyoff.pipeline.one_flight import link_logs
from tests.scenarios import telemetry as tl
from tests.shared import flights

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
Change = Callable[[list[tl.Record]], list[tl.Record]]
CASES: dict[str, Change] = {
    "as recorded": lambda r: r,
    "computer 7.3 h wrong": lambda r: tl.moved(r, 26_280.0),
    "computer 400 days wrong": lambda r: tl.moved(r, -400 * 86_400.0),
    "no SYSTEM_TIME": lambda r: tl.without(r, tl.SYSTEM_TIME),
    "no SYSTEM_TIME, computer 2 h wrong": lambda r: tl.moved(tl.without(r, tl.SYSTEM_TIME), 7200.0),
    "begins late (half)": lambda r: tl.part(r, 0.5, 1.0),
    "ends early (half)": lambda r: tl.part(r, 0.0, 0.5),
    "middle third": lambda r: tl.part(r, 0.33, 0.67),
    "once a second": lambda r: tl.thinned(r, 1.0),
    "once a second, no SYSTEM_TIME": lambda r: tl.thinned(tl.without(r, tl.SYSTEM_TIME), 1.0),
}


def pairs() -> list[tuple[Path, Path]]:
    """(onboard log, telemetry) of each flight that has both."""
    folder = flights()
    found = sorted(folder.glob("*.tlog")) if folder else []
    logs = [(p.with_suffix(e), p) for p in found for e in (".BIN", ".ulg")]
    return [(log, telemetry) for log, telemetry in logs if log.exists()]


def offsets(folder: Path) -> tuple[dict[tuple[str, str], float], int]:
    """Offset of each linked (onboard, telemetry), and how many links join anything else."""
    linked = link_logs(sorted(folder.iterdir()))
    found, wrong = {}, 0
    for keys in linked.groups:
        names = [Path(linked.members[k].path) for k in keys]
        if len(names) < 2:
            continue
        if {n.stem for n in names} != {names[0].stem}:
            wrong += 1
            continue
        to_first = linked.offsets_to(keys[0])
        for key, name in zip(keys[1:], names[1:], strict=True):
            found[names[0].name, name.name] = to_first[key].offset_us / 1e6
    return found, wrong


def run(
    change: Change, chosen: list[tuple[Path, Path]]
) -> tuple[dict[tuple[str, str], float], int]:
    """Link everything of the flights under one change."""
    with tempfile.TemporaryDirectory() as made:
        for onboard, telemetry in chosen:
            (Path(made) / onboard.name).symlink_to(onboard)
            changed = tl.written(change(list(tl.records(telemetry.read_bytes()))))
            (Path(made) / telemetry.name).write_bytes(changed)
        return offsets(Path(made))


def three_in_one(chosen: list[tuple[Path, Path]]) -> tuple[int, int, int]:
    """Telemetry of three flights in one file: pairs, linked, wrong."""
    with tempfile.TemporaryDirectory() as made:
        home: dict[tuple[str, int], str] = {}
        for first in range(0, len(chosen) - 2, 3):
            name, data = f"three{first}.tlog", b""
            for boot, (onboard, telemetry) in enumerate(chosen[first : first + 3]):
                (Path(made) / onboard.name).symlink_to(onboard)
                data += telemetry.read_bytes()
                home[name, boot] = onboard.name
            (Path(made) / name).write_bytes(data)
        linked = link_logs(sorted(Path(made).iterdir()))
        right = wrong = 0
        for keys in linked.groups:
            members = [linked.members[k] for k in keys]
            names = {Path(m.path).name for m in members if not m.path.endswith(".tlog")}
            heard = {home[Path(m.path).name, m.boot] for m in members if m.path.endswith(".tlog")}
            if len(keys) > 1:
                right += names == heard
                wrong += names != heard
        return len(home), right, wrong


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
