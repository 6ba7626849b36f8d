"""Read a campaign folder: ``campaign.toml`` and ``cards.csv``, as people keep them in git."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path

from flyoff.campaign.cards import CARDS, Card, read_cards
from flyoff.campaign.configuration import CONFIGURATION, Candidate, Settings, read_configuration
from flyoff.campaign.problems import Problem, errors, meant
from flyoff.campaign.requirement import Requirement
from flyoff.errors import CampaignError


@dataclass(frozen=True, slots=True)
class Campaign:
    """What a campaign folder says.

    Attributes
    ----------
    name : str
    candidates : tuple of Candidate, in the file's order
    cards : tuple of Card, in the file's order
    requirements : tuple of Requirement, in the file's order
    settings : Settings
    """

    name: str
    candidates: tuple[Candidate, ...]
    cards: tuple[Card, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    settings: Settings = field(default_factory=Settings)


def read_campaign(folder: str | PathLike[str]) -> Campaign:
    """Read a campaign folder.

    Raises
    ------
    CampaignError
        If a file is missing or malformed, or both contradict each other; names the first problem.
    """
    campaign, problems = examine(folder)
    wrong = errors(problems)
    if wrong:
        first = wrong[0]
        at = f":{first.line}" if first.line else ""
        more = f" (and {len(wrong) - 1} more: flyoff campaign check)" if len(wrong) > 1 else ""
        raise CampaignError(f"{Path(folder) / first.file}{at}: {first.text}{more}")
    return campaign


def examine(folder: str | PathLike[str]) -> tuple[Campaign, list[Problem]]:
    """Read what can be read of a campaign folder, and tell every inconsistency.

    Returns
    -------
    campaign : Campaign
        Of what could be read.
    problems : list of Problem
        By file and line.
    """
    home = Path(folder)
    said = read_configuration(home / CONFIGURATION)
    cards, problems = read_cards(home / CARDS) if (home / CARDS).exists() else ((), [])
    if not (home / CARDS).exists():
        problems.append(
            Problem(CARDS, 0, "not there: sorties belong to candidates by vehicle id", "warning")
        )
    if said.candidates:
        problems += _agree(said.candidates, cards)
    campaign = Campaign(
        said.name or home.resolve().name, said.candidates, cards, said.requirements, said.settings
    )
    return campaign, sorted([*said.problems, *problems], key=lambda p: (p.file != CONFIGURATION, p))


def _agree(candidates: Sequence[Candidate], cards: Sequence[Card]) -> list[Problem]:
    """Cards of nobody's candidate, and vehicles that a card gives to another candidate."""
    names = [c.name for c in candidates]
    owners = {v: c.name for c in candidates for v in c.vehicles}
    problems = []
    for card in cards:
        if card.candidate not in names:
            text = f"candidate {card.candidate!r} is none of {', '.join(names)}"
            near = meant(card.candidate, names)
            problems.append(
                Problem(CARDS, card.line, text + (near if "did you mean" in near else ""))
            )
            continue
        owner = owners.get(card.vehicle, card.candidate)
        if owner != card.candidate:
            problems.append(
                Problem(
                    CARDS,
                    card.line,
                    f"vehicle {card.vehicle!r} belongs to {owner!r} in {CONFIGURATION}, "
                    f"not to {card.candidate!r}",
                )
            )
        elif card.vehicle and card.vehicle not in owners:
            problems.append(
                Problem(
                    CARDS,
                    card.line,
                    f"vehicle {card.vehicle!r} is not in {CONFIGURATION}"
                    f"{meant(card.vehicle, list(owners)) if owners else ''}",
                    "warning",
                )
            )
    return problems


__all__ = ["CARDS", "CONFIGURATION", "Campaign", "Candidate", "Card", "examine", "read_campaign"]
