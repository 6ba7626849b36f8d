"""What happened when: the lanes of a test day, and what is new since an instant."""

from flyoff.model.finding import Kind
from flyoff.model.sortie import Outcome
from flyoff.server.schemas.base import Bound, Model, VerdictWord


class VerdictChange(Model):
    """A verdict that is another one now, or whose interval moved."""

    candidate: str
    requirement: str
    says: str
    before: VerdictWord | None
    """Null: nothing counted then."""
    now: VerdictWord
    decides_before: Bound | None
    decides_now: Bound | None


class NewSortie(Model):
    """A sortie that came in since."""

    sortie_id: str
    candidate: str
    vehicle: str
    outcome: Outcome
    cause: Kind | None
    start_utc: str | None


class ReviewSince(Model):
    """A review that was written since."""

    sortie_id: str
    by: str
    because: str
    outcome: Outcome | None
    cause: Kind | None
    reviewed_utc: str


class Changes(Model):
    """What is otherwise than at ``since``, by when logs and reviews came into the store."""

    since: str
    """UTC, ISO 8601."""
    new_sorties: int
    sorties: list[NewSortie]
    """The newest 200."""
    verdicts: list[VerdictChange]
    reviews: list[ReviewSince]


class LaneMark(Model):
    """A sortie on a vehicle's lane."""

    sortie_id: str
    start_utc: str
    end_utc: str
    outcome: Outcome
    cause: Kind | None
    airborne_s: float | None
    card: str
    is_reviewed: bool


class Lane(Model):
    """One vehicle's lane of a test day."""

    vehicle: str
    candidate: str
    marks: list[LaneMark]


class Timeline(Model):
    """Swim lanes of a day, or of all days."""

    day: str
    """The UTC day shown, or ``all``."""
    start_utc: str | None
    end_utc: str | None
    days: list[str]
    lanes: list[Lane]
    without_utc: list[str]
    """Sorties whose logs tell no time of day."""
