"""What counts in a campaign, as rows of a bundle; and back, as sorties of a campaign."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from flyoff.campaign.flown import (
    EXCLUDED,
    NO_TEST,
    NONE,
    OUTCOMES,
    VALID,
    Flown,
)
from flyoff.campaign.folder import Campaign
from flyoff.campaign.requirement import CAUSE_CLASSES
from flyoff.exchange.bundle.treatment import Treatment

_DISPOSITIONS: Final = {VALID: "valid", NO_TEST: "no-test", EXCLUDED: "excluded"}
#: Findings that say that satellite navigation was denied.
DENIED: Final = ("gnss_loss", "gnss_jamming", "gnss_spoofing")


def evidence_rows(
    flown: Flown,
    campaign: Campaign,
    rows: Mapping[str, Sequence[Mapping[str, Any]]],
    treatment: Treatment,
) -> list[dict[str, Any]]:
    """Rows of ``evidence``: every sortie of a candidate, in the order of time."""
    logs = {row["sortie_id"]: row["log_sha256"] for row in rows["sorties"]}
    denied = {row["sortie_id"] for row in rows["findings"] if row["kind"] in DENIED}
    made = []
    for number, at in enumerate(np.flatnonzero(flown.candidate != NONE).tolist()):
        sortie = flown.ids[at]
        is_card = sortie.startswith("card:")
        made.append(
            {
                "number": number,
                "sortie_id": f"card:{treatment.name('card', sortie)}" if is_card else sortie,
                "log_sha256": logs.get(sortie),
                "candidate": campaign.candidates[int(flown.candidate[at])].name,
                "vehicle": treatment.vehicle(flown.vehicles[int(flown.vehicle[at])]),
                "judged": _outcome(flown.judged[at]),
                "told": _outcome(flown.told[at]),
                "reviewed": _outcome(flown.reviewed[at]),
                "flew": bool(flown.flew[at]),
                "airborne_s": _finite(flown.airborne_s[at]),
                "cause_class": _word(CAUSE_CLASSES, flown.cause[at]),
                "disposition": _DISPOSITIONS[int(flown.disposition[at])],
                "gnss_denied": sortie in denied,
            }
        )
    return made


def campaign_toml(campaign: Campaign, name: str, treatment: Treatment) -> str:
    """The campaign as it was judged: candidates, requirements, how it is decided. No free text."""
    settings = campaign.settings
    lines = [
        "[campaign]",
        f"name = {_quoted(name)}",
        f"looks = {_quoted(settings.looks)}",
        f"planned_sorties = {settings.planned_sorties}",
        f"vehicle_correlation_at_most = {settings.vehicle_correlation_at_most!r}",
        f"confidence = {settings.confidence!r}",
    ]
    for candidate in campaign.candidates:
        vehicles = [treatment.vehicle(v) for v in candidate.vehicles]
        listed = ", ".join(_quoted(v) for v in sorted(set(vehicles) - {""}))
        lines += ["", f"[candidates.{_quoted(candidate.name)}]", f"vehicles = [{listed}]"]
    for one in campaign.requirements:
        lines += [
            "",
            "[[requirements]]",
            f"id = {_quoted(one.id)}",
            f"measure = {_quoted(one.measure)}",
            f"{one.direction} = {one.limit!r}",
            f"confidence = {one.confidence!r}",
            f"wind_at_least_ms = {one.wind_at_least_ms!r}",
            f"reserve = {one.reserve!r}",
        ]
        if one.definition.form == "value":
            lines.append(f"statistic = {_quoted(one.statistic)}")
        if one.good is not None:
            lines.append(f"good = {one.good!r}")
        if one.cause_class:
            lines.append(f"cause_class = {_quoted(one.cause_class)}")
        if one.candidates:
            lines.append(f"candidates = [{', '.join(_quoted(c) for c in one.candidates)}]")
    return "\n".join(lines) + "\n"


def cards_csv(campaign: Campaign, treatment: Treatment) -> str:
    """The cards: what was said of each sortie, not by whom, where or in which words."""
    import csv
    import io

    out = io.StringIO()
    columns = (
        "card,date,time,candidate,vehicle,log,operator,site,configuration,result,disposition,"
        "disposition_by,disposition_because,conditions"
    ).split(",")
    table = csv.DictWriter(out, columns, lineterminator="\n")
    table.writeheader()
    for card in campaign.cards:
        moved = treatment.utc(f"{card.date}T{card.time or '00:00'}:00Z") if card.date else None
        because = treatment.text(card.disposition_because) or ""
        is_valid = card.disposition == "valid"
        table.writerow(
            {
                "card": treatment.name("card", f"card:{card.card}"),
                "date": (moved or "")[:10],
                "time": (moved or "")[11:16] if card.time else "",
                "candidate": card.candidate,
                "vehicle": treatment.vehicle(card.vehicle),
                "log": "",
                "operator": treatment.name("person", card.operator),
                "site": treatment.name("site", card.site),
                "configuration": treatment.name("configuration", card.configuration),
                "result": card.result,
                "disposition": card.disposition,
                "disposition_by": treatment.name("person", card.disposition_by),
                "disposition_because": because if is_valid or because else "?",
                "conditions": treatment.text(card.conditions) or "",
            }
        )
    return out.getvalue()


def secrets_of(
    flown: Flown, campaign: Campaign, rows: Mapping[str, Sequence[Mapping[str, Any]]]
) -> set[str]:
    """Words of the original that must not be found again, whatever the policy."""
    said = {card.operator for card in campaign.cards}
    said |= {card.disposition_by for card in campaign.cards}
    said |= {card.site for card in campaign.cards}
    said |= {card.log_name for card in campaign.cards}
    said |= {str(row["by"]) for row in rows["reviews"]}
    said |= {str(row["path"]).replace("\\", "/").rpartition("/")[2] for row in rows["logs"]}
    del flown
    return said - {c.name for c in campaign.candidates} - {""}


def _outcome(code: Any) -> str | None:
    return None if int(code) == NONE else str(OUTCOMES[int(code)])


def _word(words: Sequence[str], code: Any) -> str | None:
    return None if int(code) == NONE else words[int(code)]


def _finite(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None


def _quoted(text: str) -> str:
    """A TOML basic string."""
    import json

    return json.dumps(text, ensure_ascii=True)
