"""Simulated flights' two logs linked under every hardship, for the bench and for some tests.

Each case changes the telemetry as a field day would, puts all telemetry and all onboard logs into
one folder, and links them without a hint. The truth is the file names.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

from flyoff.pipeline.one_flight import link_logs
from tests.scenarios import telemetry as tl
from tests.shared import flights

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
