"""Written by ``bench/calibrate.py``; do not edit."""

from typing import Final

#: The argument of a rule counts as much as this many flights.
WEIGHT: Final = 4.0
#: Labelled flights that the tables rest on.
FLIGHTS: Final = 129
#: (rule, outcome) to (right, flights).
OUTCOMES: Final[dict[tuple[str, str], tuple[float, float]]] = {
    ("arrived", "completed"): (46, 46.5),
    ("arrived", "returned"): (1, 1),
    ("arrived", "wrong_destination"): (13.5, 13.5),
    ("broken_off", "aborted"): (8, 8),
    ("broken_off", "forced_landing"): (4, 4),
    ("broken_off", "returned"): (15, 15),
    ("crashed", "crashed"): (12, 12),
    ("crashed", "forced_landing"): (2, 2),
    ("ends_in_the_air", "crashed"): (1.75, 1.75),
    ("ends_in_the_air", "flew_away"): (2, 2),
    ("never_under_way", "failed_launch"): (10, 10),
    ("never_under_way", "not_flown"): (6, 6),
    ("ran_away", "flew_away"): (2, 2),
    ("refused", "failed_launch"): (5, 5),
}
#: Grounds of a cause to (right, flights).
CAUSES: Final[dict[str, tuple[float, float]]] = {
    "failsafe": (17, 17),
    "failsafe, earlier rivals": (2, 2),
    "precedence": (47, 47),
    "precedence, earlier rivals": (2, 2.25),
}
