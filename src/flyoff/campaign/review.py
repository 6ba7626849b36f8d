"""What a person says of a sortie: outcome or cause, by name and with a reason."""

from dataclasses import dataclass

from flyoff.campaign.problems import meant
from flyoff.campaign.requirement import CAUSE_CLASSES
from flyoff.errors import CampaignError
from flyoff.model.finding import Kind
from flyoff.model.sortie import Outcome


@dataclass(frozen=True, slots=True)
class Review:
    """One review; later ones stand beside earlier ones, and the latest counts.

    Attributes
    ----------
    sortie_id : str
    outcome : str
        Of the closed list; empty leaves the outcome as judged.
    cause : str
        A kind of finding; empty leaves the cause as judged.
    cause_class : str
        ``vehicle``, ``operator``, ``environment`` or ``interference``; empty as judged.
    by, because : str

    Raises
    ------
    CampaignError
        If a word is unknown, or name or reason is missing.
    """

    sortie_id: str
    outcome: str
    cause: str
    cause_class: str
    by: str
    because: str

    def __post_init__(self) -> None:
        closed = (
            ("outcome", self.outcome, [str(o) for o in Outcome]),
            ("cause", self.cause, [str(k) for k in Kind]),
            ("cause class", self.cause_class, list(CAUSE_CLASSES)),
        )
        for name, word, known in closed:
            if word and word not in known:
                raise CampaignError(f"{name} {word!r} is unknown{meant(word, known)}")
        if not (self.outcome or self.cause or self.cause_class):
            raise CampaignError("a review says an outcome or a cause; got neither")
        for name, text in (("by", self.by), ("because", self.because)):
            if not text.strip():
                raise CampaignError(f"a review needs a name and a reason; {name} is empty")
