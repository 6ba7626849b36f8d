"""What every detector is: declared needs, thresholds as fields, and one of four answers."""

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from flyoff.model.finding import Answer, Assessment, Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight

#: Alternatives: each group is a set of channels of which all have to be there; one group is enough.
Needs = tuple[tuple[str, ...], ...]

FLYING_KINDS = frozenset({"multirotor", "helicopter", "fixed_wing", "vtol", "airship", "unknown"})
LIFT_MOTOR_KINDS = frozenset({"multirotor", "vtol", "unknown"})
WINGED_KINDS = frozenset({"fixed_wing", "vtol"})
SURFACE_KINDS = frozenset({"rover", "boat"})
ALL_KINDS = FLYING_KINDS | SURFACE_KINDS | {"sub"}


class InsufficientData(Exception):
    """Raised inside ``find`` when the channels are there but do not allow a conclusion."""


class NotApplicable(Exception):
    """Raised inside ``find`` when the question does not arise for this sortie."""


@dataclass(frozen=True, slots=True)
class Detector(ABC):
    """One idea of what can go wrong, and how the log shows it.

    A subclass is a frozen dataclass whose fields are its thresholds; they travel in each finding.

    Attributes
    ----------
    kind : Kind
    needs : alternatives of channel names; ``()`` needs none (it reads events)
    vehicles : kinds of vehicle to which the question applies
    needs_under_way : bool
        The question arises only for a sortie that got under way.
    """

    kind: ClassVar[Kind]
    needs: ClassVar[Needs] = ()
    vehicles: ClassVar[frozenset[str]] = ALL_KINDS
    needs_under_way: ClassVar[bool] = True

    @abstractmethod
    def find(self, flight: Flight) -> Iterable[Finding]:
        """Yield the findings; raise InsufficientData where the data do not allow a conclusion."""

    def assess(self, flight: Flight) -> Assessment:
        """Answer for one sortie: finding, clear, not applicable or insufficient data."""
        if flight.vehicle.kind not in self.vehicles:
            reason = f"does not apply to a {flight.vehicle.kind}"
            return Assessment(self.kind, Answer.NOT_APPLICABLE, reason=reason)
        if self.needs_under_way and not flight.under_way:
            motion = flight.height if flight.flies else flight.speed
            if motion is None and flight.is_armed:
                reason = "no height or speed: whether it was under way is not known"
                return Assessment(self.kind, Answer.INSUFFICIENT_DATA, reason=reason)
            reason = "the vehicle was never under way"
            return Assessment(self.kind, Answer.NOT_APPLICABLE, reason=reason)
        missing = self._missing(flight)
        if missing:
            return Assessment(self.kind, Answer.INSUFFICIENT_DATA, reason=f"no {missing}")
        try:
            found = tuple(self.find(flight))
        except InsufficientData as why:
            return Assessment(self.kind, Answer.INSUFFICIENT_DATA, reason=str(why))
        except NotApplicable as why:
            return Assessment(self.kind, Answer.NOT_APPLICABLE, reason=str(why))
        return Assessment(self.kind, Answer.FINDING if found else Answer.CLEAR, found)

    def _missing(self, flight: Flight) -> str:
        if not self.needs or any(all(self._has(flight, n) for n in group) for group in self.needs):
            return ""
        return " or ".join(
            " and ".join(n for n in group if not self._has(flight, n)) for group in self.needs
        )

    @staticmethod
    def _has(flight: Flight, name: str) -> bool:
        if name.endswith("[*]"):
            return bool(flight.recording.instances(name[:-3]))
        return flight.get(name) is not None

    def thresholds(self) -> dict[str, float]:
        """The detector's numeric fields, name to value."""
        return {
            f.name: float(getattr(self, f.name))
            for f in dataclasses.fields(self)
            if isinstance(getattr(self, f.name), int | float)
        }

    def finding(
        self,
        onset_us: float,
        end_us: float,
        severity: Severity,
        evidence: Iterable[Evidence],
        *,
        confidence: float = 1.0,
        detail: str = "",
    ) -> Finding:
        """Build a finding of this detector's kind, thresholds included; times in µs."""
        return Finding(
            kind=self.kind,
            onset_s=float(onset_us) / 1e6,
            end_s=float(end_us) / 1e6,
            severity=severity,
            evidence=tuple(evidence),
            confidence=confidence,
            thresholds=self.thresholds(),
            detail=detail,
        )


def assess_all(detectors: Iterable[Detector], flights: Sequence[Flight]) -> list[list[Assessment]]:
    """Ask every detector about every sortie of one recording.

    A detector sees all sorties before the next one is asked: what it decodes of a log of many
    sorties is decoded once, and can be let go.

    Returns
    -------
    list of lists of Assessment: for each sortie, in the order of the detectors
    """
    found: list[list[Assessment]] = [[] for _ in flights]
    for detector in detectors:
        for flight, answers in zip(flights, found, strict=True):
            answers.append(detector.assess(flight))
        if flights and flights[0].recording.is_large:
            for flight in flights:
                flight.trim()
    return found
