"""The whole evaluation as one document of plain values, the same bytes for the same input."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np

from flyoff.campaign.agreement import agreement
from flyoff.campaign.bounds import ByVehicle
from flyoff.campaign.breakdown import breakdown, wind_label
from flyoff.campaign.comparison import compare
from flyoff.campaign.evaluation import disputed_cases, judge
from flyoff.campaign.flown import (
    CODE,
    NONE,
    OUTCOMES,
    Codes,
    Flown,
    Label,
    is_attempt,
    trials,
)
from flyoff.campaign.folder import Campaign
from flyoff.campaign.improvement import growth
from flyoff.campaign.requirement import Requirement

SCHEMA = "flyoff-evaluation-1"
#: So many sorties without a card are named one by one.
MOST_NAMED = 1_000
_ALWAYS = (
    Requirement("launch_success", "launch_success", "at_least", 0.5),
    Requirement("sortie_completion", "sortie_completion", "at_least", 0.5),
)
_BY = ("vehicle", "operator", "site", "wind", "configuration")


def schema_path() -> Path:
    """Where the JSON Schema of the document lies."""
    return Path(__file__).parent / "schema" / "evaluation.json"


def evaluate(campaign: Campaign, flown: Flown, notes: tuple[str, ...] = ()) -> dict[str, Any]:
    """Evaluate a campaign.

    Parameters
    ----------
    campaign : Campaign
    flown : Flown
        Its sorties, cards without a log included.
    notes : tuple of str
        What was found while matching cards to sorties.

    Returns
    -------
    dict
        As ``schema/evaluation.json`` says; infinities and what is absent are None.
    """
    names = [c.name for c in campaign.candidates]
    parts = {name: flown.of(i) for i, name in enumerate(names)}
    cases = {name: disputed_cases(part) for name, part in parts.items()}
    document = {
        "schema": SCHEMA,
        "campaign": campaign.name,
        "settings": asdict(campaign.settings),
        "sorties": _counted(flown, parts),
        "verdicts": [
            judge(parts[name], name, requirement, campaign.settings, cases[name])
            for requirement in campaign.requirements
            for name in names
            if not requirement.candidates or name in requirement.candidates
        ],
        "comparisons": _comparisons(campaign, parts),
        "breakdowns": _breakdowns(parts),
        "growth": [growth(name, part) for name, part in parts.items()],
        "agreement": agreement(flown),
        "notes": notes,
    }
    shown: dict[str, Any] = plain(document)
    return shown


def as_bytes(document: Mapping[str, Any]) -> bytes:
    """The document as JSON, always the same bytes."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1, sort_keys=True)
    return text.encode() + b"\n"


def plain(value: Any) -> Any:
    """Named results as plain values; infinities and NaN become None.

    Examples
    --------
    >>> plain({"high": float("inf"), "names": ("a", "b")})
    {'high': None, 'names': ['a', 'b']}
    """
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value


def _counted(flown: Flown, parts: Mapping[str, Flown]) -> dict[str, Any]:
    """How many sorties there are, of whom, how they ended, and which have no card or no log."""
    by_card = flown.labels.get("card")
    without_card = (
        np.empty(0, np.int64) if by_card is None else (by_card.codes == NONE).nonzero()[0]
    )
    without_log = (flown.judged == NONE).nonzero()[0]
    nobody = (flown.candidate == NONE).nonzero()[0]
    return {
        "total": flown.size,
        "candidates": {name: _outcomes(part) for name, part in parts.items()},
        "of_no_candidate": _listed(flown, nobody),
        "without_card": _listed(flown, without_card),
        "without_log": _listed(flown, without_log),
    }


def _listed(flown: Flown, rows: Codes) -> dict[str, Any]:
    named = rows[:MOST_NAMED].tolist()
    return {"count": int(rows.size), "sorties": [flown.ids[i] for i in named]}


def _outcomes(part: Flown) -> dict[str, Any]:
    outcome = part.outcome
    return {
        "sorties": part.size,
        "attempts": int(part.attempts.sum()),
        "set_aside": int((is_attempt(outcome, part.flew) & ~part.attempts).sum()),
        "outcomes": {
            str(o): count for o in OUTCOMES if (count := int((outcome == CODE[str(o)]).sum()))
        },
    }


def _comparisons(campaign: Campaign, parts: Mapping[str, Flown]) -> list[Any]:
    made = []
    for requirement in _shares(campaign):
        counts = {}
        for name, part in parts.items():
            counting = trials(part, requirement)
            counts[name] = ByVehicle.of(part.vehicle[counting.rows], counting.result)
        compared = compare(requirement.measure, counts, campaign.settings)
        if compared is not None:
            made.append(compared)
    return made


def _shares(campaign: Campaign) -> list[Requirement]:
    """Launch and completion always, and what else is required as a share."""
    found = {r.measure: r for r in _ALWAYS}
    for requirement in campaign.requirements:
        if requirement.definition.form == "share":
            found.setdefault(requirement.measure, requirement)
    return list(found.values())


def _breakdowns(parts: Mapping[str, Flown]) -> list[Any]:
    made = []
    for name, part in parts.items():
        labels = {by: _label(part, by) for by in _BY}
        for requirement in _ALWAYS:
            counting = trials(part, requirement)
            for by, label in labels.items():
                table = label and breakdown(name, requirement.measure, by, part, counting, label)
                if table:
                    made.append(table)
    return made


def _label(part: Flown, by: str) -> Label | None:
    if by == "vehicle":
        return Label(part.vehicle, part.vehicles)
    return wind_label(part) if by == "wind" else part.labels.get(by)
