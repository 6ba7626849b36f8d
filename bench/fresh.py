"""What one command costs in a process of its own: time, processor time and peak memory."""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: Runs Flyoff and notes its own peak at the end. What the system says of an ended process will not
#: do: it counts the memory of whoever started it as well, which a bench has plenty of.
_RUN = """
import atexit, contextlib, re, runpy, sys
place, sys.argv = sys.argv[1], ["flyoff", *sys.argv[2:]]
def note():
    server = sys.modules.get("multiprocessing.forkserver")
    if server is not None:  # what it and its workers spent counts once they have been waited for
        with contextlib.suppress(OSError):  # its socket is gone already
            server._forkserver._stop()
    status = open("/proc/self/status").read()
    open(place, "w").write(re.search(r"VmHWM:\\s*(\\d+)", status)[1])
atexit.register(note)
runpy.run_module("flyoff", run_name="__main__")
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one command and the processes that it started, its start-up included.

    Attributes
    ----------
    wall_s, cpu_s : float [s]
    peak_mb : float [MB]
        Resident memory, mapped pages of the log included.
    """

    wall_s: float
    cpu_s: float
    peak_mb: float


def flyoff(*arguments: str) -> Cost:
    """Run ``flyoff`` of this tree with its output thrown away.

    Raises
    ------
    RuntimeError
        If it fails; a log that cannot be read is no failure.
    """
    with tempfile.TemporaryDirectory() as folder:
        return _cost(Path(folder) / "peak", arguments)


def _cost(noted: Path, arguments: tuple[str, ...]) -> Cost:
    command = [sys.executable, "-c", _RUN, str(noted), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    start = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment
    ) as process:
        assert process.stderr is not None
        said = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall_s = time.perf_counter() - start
    if process.returncode not in (0, 1):
        raise RuntimeError(
            f"{' '.join(command)}: exit {process.returncode}: {said.decode()[-300:]}"
        )
    peak_kib = int(noted.read_text())
    return Cost(wall_s, used.ru_utime + used.ru_stime, peak_kib / 1024 * 1.048576)
