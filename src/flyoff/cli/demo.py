"""``flyoff demo``: the sample fly-off from packed logs to a leaderboard, a report and verdicts."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from textwrap import fill

from rich.text import Text

from flyoff.cli.guard import FAILED, OK
from flyoff.cli.ingest import run_ingest, run_rejudge
from flyoff.cli.terminal import OUTCOME_STYLE, cell, print_table, progress, seconds
from flyoff.cli.verdicts import print_verdicts
from flyoff.pipeline.demo import samples_folder, unpack
from flyoff.pipeline.taking import rules_version
from flyoff.reports.html import write_report
from flyoff.stats.estimate import Estimate
from flyoff.views.campaign import evaluate_campaign
from flyoff.views.fly_off import FlyOff, read_fly_off
from flyoff.views.leaderboard import COUNTING, Leaderboard, Share
from flyoff.views.sortie import SortieDetail
from flyoff.views.tables import sql
from flyoff.views.wording import percent, plain


def run(out: Path, samples: Path | None, jobs: int | None, as_json: bool) -> int:
    """Unpack, ingest, print, write the report; returns the exit code."""
    started = time.monotonic()
    campaign = samples_folder(samples)
    logs = _unpack(campaign, out / "logs", quiet=as_json)
    store = out / "store"
    code = _judge(logs, store, jobs, as_json)
    flown = read_fly_off(str(store), campaign)
    report = write_report(flown, out / "report.html").resolve()
    evaluation = evaluate_campaign(str(store), campaign)
    if as_json:
        verdicts = [
            {name: v[name] for name in ("candidate", "requirement", "verdict", "because")}
            for v in evaluation["verdicts"]
        ]
        print(json.dumps(_as_dict(flown.board, report) | {"verdicts": verdicts}, allow_nan=False))
        return code
    _print_sorties(flown)
    _print_board(flown.board)
    print()
    print_verdicts(evaluation)
    print(f"\nReport: {report.as_uri()}  ({seconds(time.monotonic() - started)} in all)")
    return code


def _unpack(campaign: Path, into: Path, *, quiet: bool) -> list[Path]:
    bar, task = progress("unpacking", None, shown=not quiet)
    with bar:
        logs = []
        for log in unpack(campaign, into):
            logs.append(log)
            bar.update(task, advance=1, note=log.name)
    return logs


def _judge(logs: Sequence[Path], store: Path, jobs: int | None, as_json: bool) -> int:
    """Ingest; what an earlier version of the rules judged is judged again."""
    code = run_ingest(logs, str(store), jobs, as_json)
    query = "SELECT count(*) FROM logs WHERE rules_version <> '{}'"
    stale = sql(str(store), query.format(rules_version().replace("'", ""))).rows[0][0]
    again = run_rejudge(str(store), jobs, as_json) if stale else OK
    return FAILED if FAILED in (code, again) else OK


def _print_sorties(flown: FlyOff) -> None:
    """A table where it fits; on a narrow terminal the evidence stands below each line."""
    heads = ("log", "candidate", "outcome", "sure", "cause", "decisive evidence")
    print()
    print_table(heads, [_row(d) for d in flown.sorties], below=heads[:2:-1])


def _row(d: SortieDetail) -> tuple[Text, ...]:
    return (
        cell(d["log_name"]),
        cell(d["candidate"]),
        cell(plain(d["outcome"]), OUTCOME_STYLE.get(d["outcome"], "")),
        cell(f"{d['confidence']:.2f}"),
        cell(plain(d["cause"]) if d["cause"] else ""),
        cell(d.in_short),
    )


def _print_board(board: Leaderboard) -> None:
    columns = "candidate|sorties|counted|launched|launch share|completed|completion share"
    columns += "|undetermined|if all of them failed … succeeded"
    rows = [
        tuple(
            cell(text)
            for text in (
                s.candidate or "(none)",
                s.sorties,
                s.counted,
                _counts(s.launch),
                percent(s.launch.estimate),
                _counts(s.completion),
                percent(s.completion.estimate),
                s.outcomes.get("undetermined", 0),
                _bounds(s.completion),
            )
        )
        for s in board.standings
    ]
    print()
    print_table(columns.split("|"), rows)
    level = f"two-sided {100 * board.level:.0f} % Wilson intervals"
    print(f"\n{fill(f'Shares of the sorties that count, with {level}. {COUNTING}', 100)}")
    for told in board.cards_told:
        print(f"{told[0].upper()}{told[1:]}.")


def _counts(share: Share) -> str:
    return f"{share.successes} of {share.decided}"


def _bounds(share: Share) -> str:
    return f"{percent(share.worst)} … {percent(share.best)}" if share.undecided else ""


def _as_dict(board: Leaderboard, report: Path) -> dict[str, object]:
    standings = [
        {
            "candidate": s.candidate or None,
            "sorties": s.sorties,
            "counted": s.counted,
            "outcomes": s.outcomes,
            "launch": _share_dict(s.launch),
            "completion": _share_dict(s.completion),
        }
        for s in board.standings
    ]
    return {"campaign": board.name, "standings": standings, "report": str(report)}


def _share_dict(share: Share) -> dict[str, object]:
    return {
        "successes": share.successes,
        "decided": share.decided,
        "undecided": share.undecided,
        "estimate": _estimate_dict(share.estimate),
        "worst": _estimate_dict(share.worst),
        "best": _estimate_dict(share.best),
    }


def _estimate_dict(estimate: Estimate | None) -> dict[str, object] | None:
    if estimate is None:
        return None
    names = ("value", "low", "high", "level", "sides", "method", "n")
    return {name: getattr(estimate, name) for name in names}
