"""The stories from which the tests of outcome and cause are told: one for each end there is."""

import numpy as np

from flyoff.model.event import EventKind
from flyoff.model.finding import Kind
from flyoff.model.sortie import Outcome
from tests.scenarios.stories import LAND, Change, Story, after, at, failsafe, mode, within

MISSION = ((60.0, 0.0), (60.0, 60.0))
ELSEWHERE = ((60.0, 0.0), (60.0, -60.0))
HOVER = 10.0

#: There, around and back, down slowly at the launch point.
ROUND = (
    (0, 0, 0, 0), (8, 0, 0, 0), (14, 0, 0, HOVER), (30, 60, 0, HOVER), (46, 60, 60, HOVER),
    (66, 0, 0, HOVER), (74, 0, 0, 3), (79, 0, 0, 0), (86, 0, 0, 0),
)  # fmt: skip
SOUND = Story(ROUND, events=(mode(6, "AUTO"),), uploaded=MISSION, planned=MISSION)

#: Up, a little way out, then falling until the ground stops it at 42.3 s.
FALL_S, HIT_S = 40.0, 42.3
FALLING = (
    (0, 0, 0, 0), (8, 0, 0, 0), (18, 0, 0, 23), (30, 50, 0, 23), (FALL_S, 60, 0, 23),
    (HIT_S, 62, 0, 0), (60, 62, 0, 0),
)  # fmt: skip
CRASH = SOUND.but(way=FALLING, impact_s=HIT_S, end_s=60.0, armed=((5.0, 50.0),))


def leaning(a_s: float, b_s: float, rad: float) -> Change:
    """A lean that grows to its full within half a second and stays until ``b_s``."""
    return lambda t, usual: np.where(
        (t >= a_s) & (t < b_s), rad * np.clip((t - a_s) / 0.5, 0, 1), usual
    )


#: Motor 1 dead from FALL_S: driven to full, its opposite throttled back; the vehicle goes over.
LOST_MOTOR = CRASH.with_channels(
    **{
        "motor__command[1]": within(FALL_S, HIT_S, 1.0),
        "motor__command[2]": within(FALL_S, HIT_S, 0.1),
        "attitude__roll": leaning(FALL_S + 0.3, HIT_S + 20, 1.4),
    }
)
SUPPLY_LOST = CRASH.with_channels(
    battery__voltage=after(FALL_S, 0.4),
    battery__current=after(FALL_S, 0.0),
)

#: Breaks off at 34 s and comes straight home.
HOMEWARD = (
    (0, 0, 0, 0), (8, 0, 0, 0), (14, 0, 0, HOVER), (30, 60, 0, HOVER), (34, 60, 12, HOVER),
    (54, 0, 0, HOVER), (62, 0, 0, 3), (67, 0, 0, 0), (74, 0, 0, 0),
)  # fmt: skip
HOME = SOUND.but(way=HOMEWARD, armed=((5.0, 71.0),), end_s=74.0)
#: Breaks off at 34 s and comes down where it is.
DOWNWARD = (
    (0, 0, 0, 0), (8, 0, 0, 0), (14, 0, 0, HOVER), (30, 60, 0, HOVER), (34, 60, 12, HOVER),
    (44, 60, 12, 2), (48, 60, 12, 0), (56, 60, 12, 0),
)  # fmt: skip
DOWN = SOUND.but(way=DOWNWARD, armed=((5.0, 52.0),), end_s=56.0)
#: The waypoints of another plan, and down there.
ASTRAY = (
    (0, 0, 0, 0), (8, 0, 0, 0), (14, 0, 0, HOVER), (30, 60, 0, HOVER), (46, 60, -60, HOVER),
    (56, 60, -60, 2), (60, 60, -60, 0), (66, 60, -60, 0),
)  # fmt: skip
#: Up and away from 30 s on, straight north at 12 m/s, still going when the log ends.
AWAY = ((0, 0, 0, 0), (8, 0, 0, 0), (14, 0, 0, HOVER), (30, 60, 0, HOVER), (60, 420, 0, HOVER))

STILL = ((0, 0, 0, 0), (30, 0, 0, 0))
STANDS = Story(STILL, armed=((5.0, 20.0),), end_s=30.0)
TIPPED = STANDS.but(events=(mode(6, "AUTO"),)).with_channels(
    throttle__demand=within(8, 12, 0.5), attitude__roll=leaning(9.0, 40.0, 1.6)
)

#: A wing: a circuit at 50 m and 15 m/s, approach, touch-down at 1 m/s and roll-out.
CIRCUIT = (
    (0, 0, 0, 0), (8, 0, 0, 0), (25, 220, 0, 50), (45, 500, 0, 50), (65, 500, 300, 50),
    (105, 0, 60, 50), (121, -170, 40, 24), (145, -30, 0, 0), (148, 0, 0, 0), (155, 0, 0, 0),
)  # fmt: skip
WING_MISSION = ((500.0, 0.0), (500.0, 300.0))
WING = Story(
    CIRCUIT, "fixed_wing", armed=((5.0, 151.0),), end_s=155.0, events=(mode(6, "AUTO"),),
    uploaded=WING_MISSION, planned=WING_MISSION,
)  # fmt: skip
DIVE_S = 80.0
WING_CRASH = WING.but(
    way=(*CIRCUIT[:5], (75, 400, 200, 50), (DIVE_S, 330, 150, 0), (95, 330, 150, 0)),
    impact_s=DIVE_S, end_s=95.0, armed=((5.0, None),),
).with_channels(attitude__roll=leaning(76.0, 95.0, 1.0))  # fmt: skip

#: A VTOL: up on its motors, out and back on its wing, down on its motors.
TRANSIT = (
    (0, 0, 0, 0), (8, 0, 0, 0), (20, 0, 0, 30), (24, 20, 0, 30), (50, 420, 0, 30),
    (70, 400, 250, 30), (98, 20, 0, 30), (104, 0, 0, 30), (120, 0, 0, 5), (130, 0, 0, 0),
    (138, 0, 0, 0),
)  # fmt: skip
VTOL_MISSION = ((420.0, 0.0), (400.0, 250.0))
VTOL = Story(
    TRANSIT, "vtol", armed=((5.0, 134.0),), end_s=138.0, events=(mode(6, "AUTO"),),
    uploaded=VTOL_MISSION, planned=VTOL_MISSION,
    changed={
        "vtol.is_hovering": lambda t, usual: ((t < 24) | (t > 98)).astype(float),
        **{
            f"motor.command[{n}]": lambda t, usual: np.where((t < 24) | (t > 98), usual, 0.0)
            for n in range(1, 5)
        },
    },
)  # fmt: skip

#: A boat: out, across, and stop at the last waypoint.
LEGS = ((0, 0, 0, 0), (8, 0, 0, 0), (28, 40, 0, 0), (48, 40, 40, 0), (60, 40, 40, 0))
BOAT_MISSION = ((40.0, 0.0), (40.0, 40.0))
BOAT = Story(
    LEGS, "boat", armed=((5.0, 56.0),), end_s=60.0, events=(mode(6, "AUTO"),),
    uploaded=BOAT_MISSION, planned=BOAT_MISSION, ends_with=LAND,
)  # fmt: skip
#: Held fast half-way along its first leg.
AGROUND = BOAT.but(way=((0, 0, 0, 0), (8, 0, 0, 0), (18, 20, 0, 0), (60, 20, 0, 0)))
AGROUND = AGROUND.with_channels(
    throttle__demand=lambda t, usual: np.where((t > 18) & (t < 56), 1.0, usual),
    nav__speed_demand=lambda t, usual: np.where((t > 8) & (t < 56), 2.0, 0.0),
)

#: Name of the story to the story, how it ends, and why (None: nobody's fault, or not known).
ENDS: dict[str, tuple[Story, Outcome, Kind | None]] = {
    "multirotor flies its plan": (SOUND, Outcome.COMPLETED, None),
    "multirotor by hand, no plan": (
        SOUND.but(planned=(), uploaded=(), events=(mode(6, "LOITER"),)), Outcome.COMPLETED, None,
    ),
    "wing flies its plan": (WING, Outcome.COMPLETED, None),
    "vtol flies its plan": (VTOL, Outcome.COMPLETED, None),
    "boat reaches its last waypoint": (BOAT, Outcome.COMPLETED, None),
    "a motor is lost": (LOST_MOTOR, Outcome.CRASHED, Kind.MOTOR_FAILURE),
    "the supply is lost": (SUPPLY_LOST, Outcome.CRASHED, Kind.POWER_LOSS),
    "it falls for no reason that is logged": (CRASH, Outcome.CRASHED, Kind.IMPACT),
    "wing dives into the ground": (WING_CRASH, Outcome.CRASHED, Kind.ATTITUDE_CONTROL_LOSS),
    "radio lost, it comes home": (
        HOME.with_events(failsafe(33.9, "radio"), mode(34, "RTL", "radio")),
        Outcome.RETURNED, Kind.RC_LOSS,
    ),
    "ground station lost, it comes home": (
        HOME.with_events(failsafe(33.9, "gcs"), mode(34, "RTL", "gcs")),
        Outcome.RETURNED, Kind.DATALINK_LOSS,
    ),
    "fence breached, it comes home": (
        HOME.with_events(failsafe(33.9, "fence"), mode(34, "RTL", "fence")),
        Outcome.RETURNED, Kind.FENCE_BREACH,
    ),
    "battery low, it lands where it is": (
        DOWN.with_events(failsafe(33.9, "battery"), mode(34, "LAND", "battery")),
        Outcome.FORCED_LANDING, Kind.BATTERY_LOW,
    ),
    "parachute released": (
        DOWN.with_events(at(34.0, EventKind.TEXT, "Parachute: Released")),
        Outcome.FORCED_LANDING, Kind.PARACHUTE_RELEASE,
    ),
    "the operator calls it home": (HOME.with_events(mode(34, "RTL")), Outcome.ABORTED, None),
    "the operator lands it": (DOWN.with_events(mode(34, "LAND")), Outcome.ABORTED, None),
    "another plan on board": (
        SOUND.but(
            way=ASTRAY, uploaded=ELSEWHERE, ends_with=LAND, armed=((5.0, 63.0),), end_s=66.0
        ),
        Outcome.WRONG_DESTINATION, Kind.WRONG_PLAN,
    ),
    "it flies away": (
        SOUND.but(way=AWAY, armed=((5.0, None),), end_s=60.0), Outcome.FLEW_AWAY, Kind.FLYAWAY,
    ),
    "arming refused": (
        STANDS.but(armed=()).with_events(at(6, EventKind.TEXT, "Arm: Compass not healthy")),
        Outcome.FAILED_LAUNCH, Kind.ARMING_REFUSED,
    ),
    "told to fly, does not lift": (
        STANDS.but(events=(mode(6, "AUTO"),)).with_channels(throttle__demand=within(7, 15, 1.0)),
        Outcome.FAILED_LAUNCH, Kind.THRUST_SHORTFALL,
    ),
    "goes over while taking off": (TIPPED, Outcome.FAILED_LAUNCH, Kind.TIP_OVER),
    "wing thrown too slowly": (
        WING.but(
            way=((0, 0, 0, 0), (8, 0, 0, 0), (10, 12, 0, 1.0), (13, 24, 0, 0), (20, 24, 0, 0)),
            armed=((5.0, 18.0),), end_s=20.0,
        ),
        Outcome.FAILED_LAUNCH, Kind.LAUNCH_ENERGY_LOW,
    ),
    "boat does not move off": (
        BOAT.but(way=((0, 0, 0, 0), (60, 0, 0, 0))).with_channels(
            throttle__demand=within(8, 50, 1.0), nav__speed_demand=within(8, 50, 2.0)
        ),
        Outcome.FAILED_LAUNCH, Kind.STUCK,
    ),
    "boat runs aground": (AGROUND, Outcome.FORCED_LANDING, Kind.STUCK),
    "armed and disarmed": (STANDS, Outcome.NOT_FLOWN, None),
    "the log ends in the air": (SOUND.cut(40.0), Outcome.UNDETERMINED, None),
    "wing's log ends in the air": (WING.cut(60.0), Outcome.UNDETERMINED, None),
    "boat's log ends under way": (BOAT.cut(30.0), Outcome.UNDETERMINED, None),
}  # fmt: skip
