"""What ``flyoff campaign init`` writes: a commented campaign to fill in."""

from pathlib import Path

from flyoff.campaign.cards import CARDS, COLUMNS
from flyoff.campaign.configuration import CONFIGURATION
from flyoff.errors import CampaignError, reason_of

TEMPLATE = """\
# A campaign: who is compared, by which vehicles, and what is required.
# Check it with: flyoff campaign check .

[campaign]
name = "Spring fly-off"
# How often will people look at the result?
#   "any time": whenever they like; only an interval that stays valid under looking decides.
#   "once":     the first planned_sorties of each candidate decide, and nobody stops earlier.
looks = "any time"
# planned_sorties = 40
# Sorties of one vehicle resemble each other. The largest correlation thought possible:
vehicle_correlation_at_most = 0.2

[candidates.kestrel]
about = "multirotor of the first maker"
vehicles = ["K-01", "K-02"]     # ids as `flyoff judge` prints them, or names as in cards.csv

[candidates.heron]
about = "multirotor of the second maker"
vehicles = ["H-01", "H-02"]

[[requirements]]
id = "launch"
measure = "launch_success"      # share of attempts properly under way
at_least = 0.90
confidence = 0.90               # one-sided
good = 0.98                     # a product this good should pass: the producer's risk is told

[[requirements]]
id = "completion"
measure = "sortie_completion"
at_least = 0.80

[[requirements]]
id = "arrival"
measure = "arrival_error_m"
statistic = "p90"               # 90 % of all sorties within the limit
at_most = 5.0

[[requirements]]
id = "mtbf"
measure = "hours_between_failures"
at_least = 20
# cause_class = "vehicle"       # or operator, environment, interference; without it all count
"""
EXAMPLE = {
    "card": "C001",
    "date": "2026-05-04",
    "candidate": "kestrel",
    "vehicle": "K-01",
    "log": "logs/K-01_2026-05-04.BIN",
    "time": "09:15",
    "operator": "A",
    "site": "north field",
    "configuration": "v1",
    "result": "completed",
    "disposition": "valid",
    "notes": "replace this line",
}


def write_template(folder: Path) -> tuple[Path, Path]:
    """Write both files; what is there already is never overwritten.

    Raises
    ------
    CampaignError
        If one of them is there, or cannot be written.
    """
    targets = (folder / CONFIGURATION, folder / CARDS)
    for target in targets:
        if target.exists():
            raise CampaignError(f"{target}: is there already; nothing was written")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        targets[0].write_text(TEMPLATE, encoding="utf-8")
        row = ",".join(EXAMPLE.get(name, "") for name in COLUMNS)
        targets[1].write_text(f"{','.join(COLUMNS)}\n{row}\n", encoding="utf-8")
    except OSError as error:
        reason = reason_of(error)
        raise CampaignError(f"{folder}: cannot be written: {reason}") from None
    return targets
