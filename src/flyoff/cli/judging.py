"""``flyoff judge``: only typer is imported here, so that help is instant."""

from pathlib import Path
from typing import Annotated

import typer

from flyoff.cli.guard import guarded
from flyoff.cli.taking import Jobs, Json, Paths
from flyoff.cli.watching import LogFormat, Otel, ShowProfile, Trace, Watch

Plan = Annotated[
    Path | None,
    typer.Option(exists=True, dir_okay=False, help="Planned mission: QGC WPL 110 or QGC .plan."),
]


@guarded
def judge(
    paths: Paths,
    plan: Plan = None,
    link: Annotated[
        bool, typer.Option("--link", help="Say which logs are of one flight, once all are read.")
    ] = False,
    report: Annotated[
        Path | None,
        typer.Option("--report", help="Write an incident sheet (.pdf or .html) of one log too."),
    ] = None,
    lang: Annotated[str, typer.Option("--lang", help="Of the sheet: en, de, uk, da, no.")] = "en",
    jobs: Jobs = None,
    log_format: LogFormat = None,
    profile: ShowProfile = False,
    trace: Trace = None,
    otel: Otel = False,
    json: Json = False,
) -> int:
    """Say of every sortie in the logs how it ended, why, and on what evidence.

    A plan of the same name beside a log is taken unless --plan names one. With --json: one object
    a line, one line a log, on standard output; everything else goes to standard error.

    Exit code: 0 if every log was read, whatever its damage; 1 if a file that was named, or that
    has a log's ending, could not be read, or a folder holds no log; 2 for misuse. Other files in a
    walked folder are noted and passed over.

    \b
    Example:
        flyoff judge sdcard/
        flyoff judge --json --jobs 4 sdcard/ > verdicts.jsonl
        flyoff judge crash.BIN --report crash.pdf
    """
    del log_format  # `guarded` has seen to it
    if report is not None:
        from flyoff.cli.report_run import run_judge_report

        return run_judge_report(paths, plan, report, lang, json)
    from flyoff.cli.judge import run

    watch = Watch(profile=profile, trace=trace, otel=otel)
    return run(paths, plan, jobs, json, linked=link, watch=watch)
