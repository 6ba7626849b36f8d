"""A campaign's first view: a forest plot for each requirement, the leaderboard, what stands apart.

The figures are those of the evaluation document and of the leaderboard, arranged and not computed
anew.
"""

from collections.abc import Mapping
from dataclasses import asdict
from os import PathLike
from pathlib import Path
from typing import Any

from flyoff.campaign.folder import Campaign, examine, read_campaign
from flyoff.campaign.problems import errors
from flyoff.campaign.report import plain
from flyoff.lake.query import connect
from flyoff.lake.store import Store
from flyoff.views.leaderboard import COUNTING, leaderboard

Facts = dict[str, Any]

#: More days than this are no choice any more.
_MOST_DAYS = 1_000
_DAYS = f"""
SELECT DISTINCT left(start_utc, 10) AS day FROM counted_sorties
WHERE start_utc IS NOT NULL ORDER BY day DESC LIMIT {_MOST_DAYS}
"""


def nobody() -> Campaign:
    """A campaign that claims nothing, for a store that is shown without one."""
    return Campaign("", ())


def campaign_of(folder: str | PathLike[str] | None) -> Campaign:
    """The campaign in a folder; that of nobody without one."""
    return nobody() if folder is None else read_campaign(folder)


def campaign_line(name: str, folder: str | PathLike[str]) -> Facts:
    """What a list of campaigns says of one; a folder that cannot be read says why."""
    campaign, problems = examine(folder)
    wrong = errors(problems)
    return {
        "id": name,
        "name": campaign.name,
        "candidates": [c.name for c in campaign.candidates],
        "requirements": len(campaign.requirements),
        "cards": len(campaign.cards),
        "problem": str(wrong[0]) if wrong else None,
    }


def campaign_facts(
    store: str, name: str, folder: str | PathLike[str], document: Mapping[str, Any]
) -> Facts:
    """The first view of a campaign, in plain values.

    Parameters
    ----------
    store : str
    name : str
        Under which the campaign is shown.
    folder : path-like
    document : mapping
        As ``evaluate_campaign`` made it of this store and folder.
    """
    campaign = read_campaign(folder)
    board = leaderboard(store, campaign)
    counted = document["sorties"]
    return {
        "id": name,
        "name": campaign.name or Path(folder).name,
        "sorties": counted["total"],
        "settings": document["settings"],
        "level": board.level,
        "counting": COUNTING,
        "forests": forests(campaign, document),
        "leaderboard": [plain(asdict(s)) | {"not_counted": s.not_counted} for s in board.standings],
        "comparisons": document["comparisons"],
        "agreement": document["agreement"],
        "not_counted": {
            key: counted[key] for key in ("of_no_candidate", "without_card", "without_log")
        },
        "cards_without_log": [list(pair) for pair in board.cards_without_log],
        "notes": list(document["notes"]),
        "days": days(store),
    }


def days(store: str) -> list[str]:
    """UTC days on which sorties started, oldest first; the last thousand."""
    with connect(Store(store)) as db:
        return [row[0] for row in reversed(db.execute(_DAYS).fetchall())]


def forests(campaign: Campaign, document: Mapping[str, Any]) -> list[Facts]:
    """A forest plot for each requirement, candidates in the campaign's order."""
    made = []
    for requirement in campaign.requirements:
        verdicts = [v for v in document["verdicts"] if v["requirement"] == requirement.id]
        if not verdicts:
            continue
        decided = next((v for v in verdicts if v["decides_about"]), verdicts[0])
        first = verdicts[0]
        is_share = decided["decides_about"].startswith("share of")
        kept = ("requirement", "says", "measure", "unit", "limit", "direction", "confidence")
        made.append(
            {key: first[key] for key in kept}
            | {
                "axis": decided["decides_about"] or requirement.measure.replace("_", " "),
                "axis_is_share": is_share,
                "axis_limit": decided["decides_limit"],
                "axis_direction": decided["decides_direction"],
                "rows": [_row(v, is_share) for v in verdicts],
            }
        )
    return made


def _row(verdict: Mapping[str, Any], is_share: bool) -> Facts:
    kept = ("candidate", "verdict", "because", "counts", "decides", "further")
    return {key: verdict[key] for key in kept} | {
        "value": _point(verdict, is_share),
        "worst": _value(verdict["worst"]),
        "best": _value(verdict["best"]),
        "shown": verdict["estimate"],
    }


def _point(verdict: Mapping[str, Any], is_share: bool) -> float | None:
    """What was observed, on the axis that decides: share of decided sorties, or rate."""
    if not is_share:
        return _value(verdict["estimate"])
    won, lost = verdict["counts"]["successes"], verdict["counts"]["failures"]
    return won / (won + lost) if won + lost else None


def _value(estimate: Mapping[str, Any] | None) -> float | None:
    return None if estimate is None else estimate["value"]
