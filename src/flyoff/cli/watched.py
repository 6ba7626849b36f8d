"""Watching a run as it was asked for: structured logs, a profile, a flame chart, OpenTelemetry."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

from flyoff.cli import guard
from flyoff.cli.watching import Watch
from flyoff.errors import FlyoffError, reason_of
from flyoff.pipeline.profile import ChromeTrace, Profile
from flyoff.stages import LOG, STAGES, Sink, watching

#: Name of the span that holds all others; a stage is named as a command, too.
RUN = "flyoff {}"
#: Stages that a progress line has room for.
_SHARES = 3
_TOO_EARLY_S = 0.5


@contextlib.contextmanager
def watched(run: str, watch: Watch, *, with_rates: bool) -> Iterator[Profile]:
    """Watch what a command does, if anybody wants to know; tell it at the end, come what may.

    Parameters
    ----------
    run : str
        The command's name.
    watch : Watch
    with_rates : bool
        Somebody sees a progress line, which is made of the profile.
    """
    profile = Profile()
    with contextlib.ExitStack() as stack:
        sinks: list[Sink] = [profile] if watch.profile or with_rates else []
        if guard.is_json():
            from flyoff.pipeline.log_lines import StageLines

            sinks.append(StageLines())
        if watch.trace is not None:
            sinks.append(stack.enter_context(contextlib.closing(_trace(watch.trace))))
        if watch.otel:
            from flyoff.pipeline.telemetry import Traces

            sinks.append(stack.enter_context(contextlib.closing(Traces())))
        if watch.profile:
            stack.callback(_print_profile, profile, run)
        stack.enter_context(watching(RUN.format(run), sinks))
        yield profile


def rates(profile: Profile, took_s: float) -> str:
    """Logs and megabytes a second, and the stages that take most, for a progress line."""
    if took_s < _TOO_EARLY_S or not profile.logs.count:
        return ""
    from flyoff.cli.terminal import byte_count

    shares = [f"{n} {share:.0%}" for n, share in list(profile.shares().items())[:_SHARES]]
    each = f"{profile.logs.count / took_s:.3g} logs/s {byte_count(profile.logs.bytes / took_s)}/s"
    return f"{each} · {' '.join(shares)}"


def _trace(path: Path) -> ChromeTrace:
    try:
        return ChromeTrace(path)
    except OSError as error:
        why = reason_of(error)
        raise FlyoffError(f"--trace {path}: cannot be written: {why}") from error


def _print_profile(profile: Profile, run: str) -> None:
    """A row a stage, in the order of the work; on standard error, as progress and warnings are."""
    if guard.is_json():
        return  # each stage has its line, and the run its own
    from flyoff.cli.terminal import byte_count, seconds

    total = sum(s.cpu_ns for s in profile.stages.values()) or 1
    rows = [("stage", "times", "wall [s]", "CPU [s]", "of CPU", "bytes", "a CPU second")]
    whole = RUN.format(run)
    for name in (*STAGES, LOG, whole):
        if (sums := profile.stages.get(name)) is None:
            continue
        cpu_s = max(sums.cpu_ns, 0) / 1e9
        is_sized = bool(sums.bytes) and name in STAGES
        rate = f"{byte_count(sums.bytes / cpu_s)}" if is_sized and cpu_s else ""
        size = byte_count(sums.bytes) if is_sized else ""
        times = f"{sums.wall_ns / 1e9:.3f}", f"{cpu_s:.3f}", f"{cpu_s * 1e9 / total:.0%}"
        shown = {LOG: "rest of a log", whole: "rest of the run"}.get(name, name)
        rows.append((shown, str(sums.count), *times, size, rate))
    for first, *others in rows:
        print(f"{first:15}" + "".join(f"{one:>13}" for one in others), file=sys.stderr)
    logs = profile.logs
    print(
        f"{logs.count} logs, {byte_count(logs.bytes)}, in {seconds(profile.wall_ns / 1e9)}; "
        f"{total / 1e9:.2f} s of processor time in {len(profile.processes)} processes",
        file=sys.stderr,
    )
