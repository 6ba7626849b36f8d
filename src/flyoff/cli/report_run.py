"""What ``flyoff report`` and ``flyoff judge --report`` do."""

import json
from collections.abc import Sequence
from pathlib import Path

from flyoff.cli.guard import MISUSE, OK, complain
from flyoff.cli.judge import run as run_judge
from flyoff.reports.paper.write import Wanted, write_campaign, write_log, write_sortie


def run_report(
    campaign: Path | None,
    store: str,
    out: Path,
    sortie: str,
    candidate: str,
    template: Path | None,
    lang: str,
    as_json: bool,
) -> int:
    """Write a report; returns the exit code."""
    wanted = Wanted(out, lang, candidate, template)
    if sortie:
        written = write_sortie(str(store), sortie, wanted, campaign)
    elif campaign is not None:
        written = write_campaign(str(store), campaign, wanted)
    else:
        complain("say whose report: the folder of a campaign, or --sortie with a sortie's id")
        return MISUSE
    _tell(written, as_json)
    return OK


def run_judge_report(
    paths: Sequence[Path], plan: Path | None, out: Path, lang: str, as_json: bool
) -> int:
    """Judge one log and write the sheets of its sorties; returns the exit code."""
    if len(paths) != 1 or paths[0].is_dir():
        complain("--report takes one log; of a folder, flyoff ingest and flyoff report make one")
        return MISUSE
    code = run_judge(paths, plan, 1, as_json)
    written = write_log(paths[0], plan, Wanted(out, lang))
    if not as_json:
        _tell(written, as_json)
    return code


def _tell(written: Path, as_json: bool) -> None:
    print(json.dumps({"report": str(written)}) if as_json else f"wrote {written}")
