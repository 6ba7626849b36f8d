"""Written by ``bench/calibrate.py``; do not edit."""

from typing import Final

#: The argument of a rule counts as much as this many flights.
WEIGHT: Final = 4.0
#: Labelled flights that the tables rest on.
FLIGHTS: Final = 0
#: (rule, outcome) to (right, flights).
OUTCOMES: Final[dict[tuple[str, str], tuple[float, float]]] = {}
#: Grounds of a cause to (right, flights).
CAUSES: Final[dict[str, tuple[float, float]]] = {}
