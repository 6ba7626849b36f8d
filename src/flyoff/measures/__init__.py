"""Sorties to numbers: one function a measure, a unit in each name, None where nothing tells.

Adding a measure is a function and one line in ``BUILTIN``.
"""

from collections.abc import Callable

from flyoff.measures import endurance, energy, health, hover, launch, link, motion, place, wind
from flyoff.model.flight import Flight

Measure = Callable[[Flight], float | None]

#: Measure name (its unit is the last part) to the function that computes it.
BUILTIN: dict[str, Measure] = {
    "airborne_s": endurance.under_way_s,
    "arming_to_airborne_s": launch.arming_to_airborne_s,
    "distance_m": motion.distance_m,
    "max_height_m": motion.max_height_m,
    "max_distance_m": motion.max_distance_m,
    "max_speed_ms": motion.max_speed_ms,
    "mean_speed_ms": motion.mean_speed_ms,
    "max_climb_ms": motion.max_climb_ms,
    "max_descent_ms": motion.max_descent_ms,
    "max_tilt_deg": motion.max_tilt_deg,
    "touchdown_descent_ms": place.touchdown_descent_ms,
    "landing_error_m": place.landing_error_m,
    "arrival_error_m": place.arrival_error_m,
    "return_error_m": place.return_error_m,
    "waypoints_passed": place.waypoints_passed,
    "waypoints_planned": place.waypoints_planned,
    "energy_wh": energy.energy_wh,
    "charge_mah": energy.charge_mah,
    "battery_at_landing_v": energy.battery_at_landing_v,
    "battery_at_landing_share": energy.battery_at_landing_share,
    "mean_power_w": energy.mean_power_w,
    "link_held_m": link.link_held_m,
    "link_lost_m": link.link_lost_m,
    "wind_mean_ms": wind.wind_mean_ms,
    "wind_max_ms": wind.wind_max_ms,
    "hover_throttle": hover.hover_throttle,
    "hover_current_a": hover.hover_current_a,
    "hover_motor_spread": hover.hover_motor_spread,
    "cruise_throttle": hover.cruise_throttle,
    "vibration_ms2": health.vibration_ms2,
    "innovation_ratio_p95": health.innovation_ratio_p95,
    "battery_resistance_ohm": health.battery_resistance_ohm,
}


def measure(flight: Flight) -> dict[str, float | None]:
    """Compute every measure of a sortie; None where the log does not carry what it needs."""
    return {name: function(flight) for name, function in BUILTIN.items()}
