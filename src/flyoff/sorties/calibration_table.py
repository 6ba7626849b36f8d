"""Written by ``bench/calibrate.py``; do not edit."""

from typing import Final

#: The argument of a rule counts as much as this many flights.
WEIGHT: Final = 4.0
#: Labelled flights that the tables rest on.
FLIGHTS: Final = 129
#: (rule, outcome, what the rule argues for) to (right, flights).
OUTCOMES: Final[dict[tuple[str, str, float], tuple[float, float]]] = {
    ("arrived", "completed", 0.85): (2, 2),
    ("arrived", "completed", 0.95): (44, 44),
    ("arrived", "returned", 0.6): (1, 1),
    ("arrived", "wrong_destination", 0.75): (3, 3),
    ("arrived", "wrong_destination", 0.9): (11, 11),
    ("broken_off", "aborted", 0.92): (8, 8),
    ("broken_off", "forced_landing", 0.9): (4, 4),
    ("broken_off", "returned", 0.9): (15, 15),
    ("crashed", "crashed", 0.97): (12, 12),
    ("crashed", "forced_landing", 0.9): (2, 2),
    ("ends_in_the_air", "crashed", 0.75): (1, 1),
    ("ends_in_the_air", "crashed", 0.85): (0.75, 0.75),
    ("ends_in_the_air", "flew_away", 0.85): (2, 2),
    ("never_under_way", "failed_launch", 0.93): (10, 10),
    ("never_under_way", "not_flown", 0.93): (6, 6),
    ("ran_away", "flew_away", 0.85): (2, 2),
    ("refused", "failed_launch", 0.97): (5, 5),
}
#: Grounds of a cause to (right, flights).
CAUSES: Final[dict[str, tuple[float, float]]] = {
    "failsafe": (17, 17),
    "failsafe, earlier rivals": (2, 2),
    "precedence": (48.5, 48.5),
    "precedence, earlier rivals": (1.25, 1.25),
}
