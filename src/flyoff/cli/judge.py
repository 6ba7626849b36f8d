"""``flyoff judge``: verdicts on a terminal, or the machine contract."""

import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from flyoff.cli.guard import FAILED, OK, brief_of, bug_hint, complain, show_trace
from flyoff.cli.watched import rates, watched
from flyoff.cli.watching import Watch
from flyoff.model.sortie import Sortie
from flyoff.pipeline import steps
from flyoff.pipeline.batch import judge_many
from flyoff.pipeline.contract import to_line
from flyoff.pipeline.local import Failed
from flyoff.pipeline.profile import Profile
from flyoff.pipeline.steps import JudgedLog
from flyoff.pipeline.walk import Found, walk
from flyoff.views.wording import plain, statement

if TYPE_CHECKING:
    from rich.progress import Progress
    from rich.text import Text

    Row = tuple[str, tuple[Text, ...]]  # path of the log, and the cells behind its name

_UNWATCHED = Watch()


def run(
    paths: Sequence[Path],
    plan: Path | None,
    jobs: int | None,
    as_json: bool,
    *,
    linked: bool = False,
    watch: Watch = _UNWATCHED,
) -> int:
    """Judge the logs; returns the exit code."""
    shown = not as_json and sys.stderr.isatty()
    with watched("judge", watch, with_rates=shown) as profile:
        return _run(paths, plan, jobs, as_json, linked, profile)


def _run(
    paths: Sequence[Path],
    plan: Path | None,
    jobs: int | None,
    as_json: bool,
    linked: bool,
    profile: Profile,
) -> int:
    found = walk(paths)
    for problem in found.problems:
        complain(problem)
    is_failed = bool(found.problems)
    if plan is not None:
        steps.load_plan(plan)  # refuse a broken plan once, not once a log
    rows: list[Row] = []
    outcomes: Counter[str] = Counter()
    results = judge_many(
        found.files, plan=str(plan) if plan else None, jobs=jobs, with_tracks=linked
    )
    kept: list[JudgedLog] = []
    with _Progress(found.files, profile, shown=not as_json) as bar:
        for file, result in results:
            if isinstance(result, Failed):
                is_failed |= tell_failure(file, result)
            elif linked:
                kept.append(result)
            elif as_json:
                _print_line(result)
            else:
                rows += _rows(result)
                outcomes.update(str(s.outcome) for s in result.sorties)
            if isinstance(result, JudgedLog):
                warn(result)
            bar.advance(file)
    if linked:
        _print_linked(kept, as_json)
    elif not as_json:
        _print_rows(rows, outcomes)
    return FAILED if is_failed else OK


def tell_failure(file: Found, failure: Failed) -> bool:
    """Say on standard error why a file was left out; whether that makes the run fail."""
    kind = failure.kind
    if failure.is_bug:
        complain(f"{failure.message}; {bug_hint()}", kind=kind, brief=f"{file}; {bug_hint()}")
        show_trace(failure.trace)
        return True
    skipped = "" if file.is_meant else "skipped "
    brief = brief_of(failure.error) if failure.error is not None else failure.message
    complain(f"{skipped}{failure.message}", kind=kind, brief=f"{skipped}{brief}")
    return file.is_meant


def _print_line(judged: JudgedLog) -> None:
    sys.stdout.write(to_line(judged) + "\n")
    sys.stdout.flush()  # whoever reads us wants each verdict when it is made


def _print_linked(logs: Sequence[JudgedLog], as_json: bool) -> None:
    """What was judged, each sortie with the other logs of its flight; counted once."""
    from flyoff.pipeline.one_flight import link_judged, told_of_links

    told = told_of_links(logs, link_judged(logs))
    rows: list[Row] = []
    outcomes: Counter[str] = Counter()
    for judged in logs:
        if as_json:
            sys.stdout.write(to_line(judged, told) + "\n")
            continue
        rows += _rows(judged)
        for sortie in judged.sorties:
            links = told.get(sortie.id, [])
            if not links or links[0]["counted_as"] == sortie.id:
                outcomes[str(sortie.outcome)] += 1
    sys.stdout.flush()
    if not as_json:
        _print_rows(rows, outcomes)


def warn(judged: JudgedLog) -> None:
    """Say on standard error what went wrong beside the log itself."""
    for warning in judged.warnings:
        path = judged.log.path
        complain(f"{path}: {warning}", kind="plan", brief=f"{path}: its plan cannot be used")


def _rows(judged: JudgedLog) -> list["Row"]:
    """Table rows of one log; a log without a sortie still gets a line."""
    from flyoff.cli.terminal import OUTCOME_STYLE, cell, seconds

    path = judged.log.path
    vehicle = judged.vehicle.kind
    if not judged.sorties:
        return [(path, (cell(plain(vehicle)), *map(cell, ("", "", "no sortie", "", "", ""))))]
    rows: list[Row] = []
    for sortie in judged.sorties:
        outcome = str(sortie.outcome)
        cells = (
            cell(plain(vehicle)),
            cell((sortie.start_utc or "")[:19].replace("T", " ")),
            cell(seconds(sortie.airborne_s)),
            cell(outcome.replace("_", " "), OUTCOME_STYLE.get(outcome, "")),
            cell(f"{sortie.confidence:.2f}"),
            cell(plain(sortie.cause.kind) if sortie.cause else ""),
            cell(decisive(sortie)),
        )
        rows.append((path, cells))
    return rows


def decisive(sortie: Sortie) -> str:
    """The evidence that decided, in words with figures: the outcome's first, then the cause's."""
    decided = list(sortie.evidence[:1])
    if sortie.cause is not None:
        for finding in sortie.findings:
            if finding.kind == sortie.cause.kind and finding.evidence:
                decided.append(finding.evidence[0])
                break
    said = [statement(e.says, e.value, e.limit, e.channel) for e in decided]
    return "; ".join(dict.fromkeys(said))


def _print_rows(rows: list["Row"], outcomes: Counter[str]) -> None:
    from flyoff.cli.terminal import cell, counted, log_names, print_table

    if not rows:
        return
    columns = ("log", "vehicle", "start (UTC)", "airborne", "outcome", "sure", "cause", "evidence")
    names = log_names(path for path, _ in rows)
    named = [(cell(names[path]), *cells) for path, cells in rows]
    print_table(columns, named, below=("evidence", "start (UTC)", "vehicle", "cause", "sure"))
    ends = ", ".join(f"{n} {o.replace('_', ' ')}" for o, n in outcomes.most_common())
    print(f"{counted(outcomes.total(), 'sortie')}{': ' + ends if ends else ''}")


class _Progress:
    """A progress bar by bytes; rich is imported only if a person watches."""

    def __init__(self, files: Sequence[Found], profile: Profile, *, shown: bool) -> None:
        self._profile, self._since = profile, time.monotonic()
        self._files, self._shown = files, shown and sys.stderr.isatty() and len(files) > 1
        self._bar: Progress | None = None

    def __enter__(self) -> "_Progress":
        if self._shown:
            from flyoff.cli.terminal import progress

            bar, self._task = progress("judging", sum(f.size for f in self._files))
            bar.start()
            self._bar = bar
        return self

    def advance(self, file: Found) -> None:
        if self._bar is not None:
            note = rates(self._profile, time.monotonic() - self._since)
            self._bar.update(self._task, advance=file.size, note=note)

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()
