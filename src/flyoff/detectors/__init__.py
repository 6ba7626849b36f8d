"""Recordings to findings; flat, one idea a file.

Adding a detector is a file, one line in ``BUILTIN`` and a test. Third parties add one through the
entry point group ``flyoff.detectors`` (a class without arguments).
"""

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points

from flyoff.detectors.base import Detector

#: ``module:class`` of each, in the order in which they are asked. Names, not classes: nothing is
#: imported before a sortie is judged.
BUILTIN = (
    "arming_refused:ArmingRefused",
    "operator_abort:OperatorAbort",
    "failsafe:Failsafe",
    "rc_loss:RcLoss",
    "datalink_loss:DatalinkLoss",
    "fence_breach:FenceBreach",
    "parachute_release:ParachuteRelease",
    "logging_gap:LoggingGap",
    "impact:Impact",
    "hard_landing:HardLanding",
    "tip_over:TipOver",
    "attitude_control_loss:AttitudeControlLoss",
    "motor_failure:MotorFailure",
    "motor_degraded:MotorDegraded",
    "thrust_shortfall:ThrustShortfall",
    "power_loss:PowerLoss",
    "battery_low:BatteryLow",
    "battery_sag:BatterySag",
    "engine_failure:EngineFailure",
    "control_surface_failure:ControlSurfaceFailure",
    "launch_energy_low:LaunchEnergyLow",
    "stall:Stall",
    "oscillation:Oscillation",
    "stuck:Stuck",
    "steering_failure:SteeringFailure",
    "wrong_plan:WrongPlan",
    "mission_deviation:MissionDeviation",
    "flyaway:Flyaway",
    "gnss_loss:GnssLoss",
    "gnss_jamming:GnssJamming",
    "gnss_spoofing:GnssSpoofing",
    "gnss_glitch:GnssGlitch",
    "baro_fault:BaroFault",
    "vibration:Vibration",
    "imu_clipping:ImuClipping",
    "compass_interference:CompassInterference",
    "compass_failure:CompassFailure",
    "imu_failure:ImuFailure",
    "airspeed_fault:AirspeedFault",
    "estimator_failure:EstimatorFailure",
    "strong_wind:StrongWind",
)


@cache
def builtin() -> tuple[Detector, ...]:
    """All built-in detectors with their default thresholds, then the installed ones."""
    found: list[Detector] = []
    for line in BUILTIN:
        module, _, name = line.partition(":")
        found.append(getattr(import_module(f"flyoff.detectors.{module}"), name)())
    for point in entry_points(group="flyoff.detectors"):
        found.append(point.load()())
    return tuple(found)
