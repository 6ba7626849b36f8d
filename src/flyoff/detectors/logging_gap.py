"""The log itself has holes while the vehicle was under way.

What happened in a hole is unknown: the finding says so, and other detectors treat it as silence. A
hole on the ground before or after harms nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from flyoff.detectors.base import Detector
from flyoff.model.finding import Evidence, Finding, Kind, Severity
from flyoff.model.flight import Flight
from flyoff.units import Seconds


@dataclass(frozen=True, slots=True)
class LoggingGap(Detector):
    """Nothing was logged for a while although the vehicle was under way."""

    kind: ClassVar[Kind] = Kind.LOGGING_GAP
    shortest_s: Seconds = 0.5  # shorter holes hide no event that the neighbours do not show
    serious_s: Seconds = 5.0

    def find(self, flight: Flight) -> Iterator[Finding]:
        holes = [
            (a, b)
            for a, b in flight.recording.gaps
            if b - a >= self.shortest_s * 1e6
            and any(a < end and b > start for start, end in flight.under_way)
        ]
        if not holes:
            return
        total_s = sum(b - a for a, b in holes) / 1e6
        longest = max(b - a for a, b in holes) / 1e6
        yield self.finding(
            holes[0][0],
            holes[-1][1],
            Severity.WARNING if longest >= self.serious_s else Severity.INFO,
            [
                Evidence(
                    f"nothing logged for {(b - a) / 1e6:.1f} s",
                    "logger",
                    a / 1e6,
                    (b - a) / 1e6,
                    self.shortest_s,
                )
                for a, b in holes[:5]
            ],
            detail=f"{len(holes)} holes, {total_s:.1f} s",
        )
