"""Where each catalogue channel stands in a PX4 log: one table for firmware 1.4 … main (2026).

PX4 renames and re-types fields between versions. A mapping fits by the fields that exist, so the
alternatives of a channel stand below one another, newest first; a version number is asked only
where the same field changed its meaning. Channels that need parameters, or fields of more than one
topic, are in ``position``, ``actuation`` and ``estimator``. Source of names and units:
PX4-Autopilot ``msg/`` at v1.4 … v1.16 and main.
"""

from typing import Final

import numpy as np

from flyoff.decoders.normalisation import Convert
from flyoff.decoders.normalisation import Mapping as M
from flyoff.decoders.ulog import conversions as to

_MICROTESLA_PER_GAUSS: Final = 100.0


def _xyz(channel: str, topic: str, field: str, scale: float = 1.0, each: bool = False) -> list[M]:
    return [
        M(f"{channel}.{axis}", topic, (f"{field}[{i}]",), scale, each=each)
        for i, axis in enumerate("xyz")
    ]


def _axes(channel: str, topic: str, fields: tuple[str, str, str], scale: float = 1.0) -> list[M]:
    axes = ("roll", "pitch", "yaw")
    return [M(f"{channel}.{a}", topic, (f,), scale) for a, f in zip(axes, fields, strict=True)]


def _array(field: str) -> tuple[str, str, str]:
    return f"{field}[0]", f"{field}[1]", f"{field}[2]"


_Q = tuple(f"q[{i}]" for i in range(4))
_QD = tuple(f"q_d[{i}]" for i in range(4))

STATE: Final = (
    M("arm.is_armed", "vehicle_status", ("arming_state",), convert=lambda v: (v == 2) * 1.0),
    M("arm.is_armed", "actuator_armed", ("armed",)),
    M("land.is_landed", "vehicle_land_detected", ("landed",)),
    M("land.has_contact", "vehicle_land_detected", ("ground_contact",)),
    M("land.is_falling", "vehicle_land_detected", ("freefall",)),
    # vehicle_vtol_state: 1 and 2 in transition, 3 on the lift motors, 4 on the wing
    M("vtol.is_hovering", "vtol_vehicle_status", ("vehicle_vtol_state",), convert=to.hovering),
    M("vtol.is_hovering", "vtol_vehicle_status", ("vtol_in_rw_mode",)),
    M("mode.number", "vehicle_status", ("nav_state",)),
    M("cpu.load", "cpuload", ("load",), convert=lambda v: np.clip(v, 0.0, 1.0)),
    M("logger.dropped", "logger_status", ("dropouts",)),
)

POSITION: Final = (
    M("velocity.north", "vehicle_local_position", ("vx", "v_xy_valid"), convert=to.valid),
    M("velocity.east", "vehicle_local_position", ("vy", "v_xy_valid"), convert=to.valid),
    M("velocity.down", "vehicle_local_position", ("vz", "v_z_valid"), convert=to.valid),
    M("position.north", "vehicle_local_position", ("x", "xy_valid"), convert=to.valid),
    M("position.east", "vehicle_local_position", ("y", "xy_valid"), convert=to.valid),
    M("position.down", "vehicle_local_position", ("z", "z_valid"), convert=to.valid),
    M(
        "nav.climb_rate",
        "vehicle_local_position",
        ("vz", "v_z_valid"),
        convert=lambda v, ok: -to.valid(v, ok),
    ),
    M("home.lat", "home_position", ("lat", "valid_hpos"), convert=to.valid),
    M("home.lat", "home_position", ("lat",)),
    M("home.lon", "home_position", ("lon", "valid_hpos"), convert=to.valid),
    M("home.lon", "home_position", ("lon",)),
    M("home.alt_msl", "home_position", ("alt", "valid_alt"), convert=to.valid),
    M("home.alt_msl", "home_position", ("alt",)),
)


def gnss(topic: str, *, each: bool) -> tuple[M, ...]:
    """The receiver's channels out of ``sensor_gps`` or ``vehicle_gps_position``."""
    table = [
        # degrees since 1.14; before, integers of 1e-7 degrees and millimetres
        M("gnss.lat", topic, ("latitude_deg", "fix_type"), convert=to.fixed),
        M("gnss.lat", topic, ("lat", "fix_type"), convert=to.fixed_e7),
        M("gnss.lon", topic, ("longitude_deg", "fix_type"), convert=to.fixed),
        M("gnss.lon", topic, ("lon", "fix_type"), convert=to.fixed_e7),
        M("gnss.alt_msl", topic, ("altitude_msl_m", "fix_type"), convert=to.fixed),
        M("gnss.alt_msl", topic, ("alt", "fix_type"), convert=to.fixed_mm),
        M("gnss.speed", topic, ("vel_m_s", "fix_type"), convert=to.fixed),
        M("gnss.course", topic, ("cog_rad", "fix_type"), convert=to.course),
        M("gnss.velocity_down", topic, ("vel_d_m_s", "fix_type"), convert=to.fixed),
        M("gnss.fix", topic, ("fix_type",)),
        M("gnss.satellites", topic, ("satellites_used",)),
        M("gnss.hdop", topic, ("hdop",), convert=lambda v: np.where(v < 100, v, np.nan)),
        M("gnss.hacc", topic, ("eph",), convert=to.error),
        M("gnss.vacc", topic, ("epv",), convert=to.error),
        M("gnss.sacc", topic, ("s_variance_m_s",), convert=to.error),
        M("gnss.noise", topic, ("noise_per_ms",), convert=to.not_negative),
        M("gnss.agc", topic, ("automatic_gain_control",)),
        M("gnss.jam_indicator", topic, ("jamming_indicator",), convert=to.not_negative),
        M("gnss.jam_state", topic, ("jamming_state",)),
        M("gnss.spoof_state", topic, ("spoofing_state",)),
    ]
    return tuple(M(m.channel, m.topic, m.fields, convert=m.convert, each=each) for m in table)


ATTITUDE: Final = (
    M("attitude.roll", "vehicle_attitude", _Q, convert=to.roll),
    M("attitude.pitch", "vehicle_attitude", _Q, convert=to.pitch),
    M("attitude.yaw", "vehicle_attitude", _Q, convert=to.yaw),
    # before 1.16 the quaternion is filled only where q_d_valid says so; the angles always are
    M("attitude_demand.roll", "vehicle_attitude_setpoint", ("roll_body",)),
    M("attitude_demand.pitch", "vehicle_attitude_setpoint", ("pitch_body",)),
    M("attitude_demand.yaw", "vehicle_attitude_setpoint", ("yaw_body",), convert=to.wrapped),
    M("attitude_demand.roll", "vehicle_attitude_setpoint", _QD, convert=to.roll),
    M("attitude_demand.pitch", "vehicle_attitude_setpoint", _QD, convert=to.pitch),
    M("attitude_demand.yaw", "vehicle_attitude_setpoint", _QD, convert=to.yaw),
    *_axes("rate", "vehicle_angular_velocity", _array("xyz")),
    *_axes("rate", "vehicle_attitude", ("rollspeed", "pitchspeed", "yawspeed")),
    *_axes("rate", "control_state", ("roll_rate", "pitch_rate", "yaw_rate")),
    *_axes("rate_demand", "vehicle_rates_setpoint", ("roll", "pitch", "yaw")),
    *_axes("control", "vehicle_torque_setpoint", _array("xyz")),
    *_axes("control", "actuator_controls_0", _array("control")),
)

INERTIAL: Final = (
    *_xyz("gyro", "sensor_combined", "gyro_rad"),
    *_xyz("gyro", "vehicle_angular_velocity", "xyz"),
    *(
        M(
            f"gyro.{a}",
            "vehicle_imu",
            (f"delta_angle[{i}]", "delta_angle_dt"),
            convert=to.per_second,
            each=True,
        )
        for i, a in enumerate("xyz")
    ),
    *_xyz("accel", "sensor_combined", "accelerometer_m_s2"),
    *_xyz("accel", "vehicle_acceleration", "xyz"),
    *(
        M(
            f"accel.{a}",
            "vehicle_imu",
            (f"delta_velocity[{i}]", "delta_velocity_dt"),
            convert=to.per_second,
            each=True,
        )
        for i, a in enumerate("xyz")
    ),
    M("imu.temperature", "vehicle_imu_status", ("temperature_accel",), each=True),
    M(
        "vibration.clips",
        "vehicle_imu_status",
        _array("accel_clipping"),
        convert=to.total,
        each=True,
    ),
)

ACTUATION: Final = (
    M("throttle.input", "manual_control_setpoint", ("throttle",), convert=to.half_up),
    M("throttle.input", "manual_control_setpoint", ("z",)),  # 0 … 1 until 1.13
    M("throttle.hover", "hover_thrust_estimate", ("hover_thrust", "valid"), convert=to.valid),
    M("motor.imbalance", "failure_detector_status", ("imbalanced_prop_metric",)),
    M("motor.failure_mask", "failure_detector_status", ("motor_failure_mask",)),
    M(
        "control.torque_shortfall",
        "control_allocator_status",
        _array("unallocated_torque"),
        convert=to.norm,
    ),
    M(
        "control.thrust_shortfall",
        "control_allocator_status",
        _array("unallocated_thrust"),
        convert=to.norm,
    ),
    M("engine.rpm", "rpm", ("rpm_estimate",)),
    M("engine.rpm", "rpm", ("indicated_frequency_rpm",)),
    M("engine.rpm", "internal_combustion_engine_status", ("engine_speed_rpm",)),
    M("steering.demand", "rover_steering_setpoint", ("normalized_steering_setpoint",)),
    M("steering.demand", "rover_steering_setpoint", ("normalized_steering_angle",)),
    M("steering.turn_rate_demand", "rover_rate_status", ("adjusted_yaw_rate_setpoint",)),
    M("steering.turn_rate", "rover_rate_status", ("measured_yaw_rate",)),
)


def _b(channel: str, field: str, convert: Convert | None = None) -> M:
    return M(
        f"battery.{channel}",
        "battery_status",
        (field, "connected"),
        convert=convert or to.connected,
        each=True,
    )


ENERGY: Final = (
    _b("voltage", "voltage_v"),
    _b("current", "current_a", lambda v, on: to.connected(np.where(v == -1.0, np.nan, v), on)),
    _b("consumed", "discharged_mah", lambda v, on: to.connected(to.not_negative(v), on)),
    _b("remaining", "remaining", lambda v, on: to.connected(to.at_most_one(v), on)),
    _b("temperature", "temperature"),
    _b(
        "resistance",
        "internal_resistance_estimate",
        lambda v, on: to.connected(to.not_negative(v), on),
    ),
    _b("warning", "warning"),
    M("board.voltage", "system_power", ("voltage5v_v",)),
    M("board.voltage", "system_power", ("voltage5V_v",)),
)

LINKS: Final = (
    M("rc.rssi", "input_rc", ("link_quality",), convert=to.percent),
    M("rc.rssi", "input_rc", ("rssi",), convert=to.percent),
    M("rc.is_lost", "input_rc", ("rc_lost", "rc_failsafe"), convert=to.flag),
    M("rc.is_lost", "manual_control_setpoint", ("valid",), convert=to.lost_if_invalid),
    M("rc.is_lost", "failsafe_flags", ("manual_control_signal_lost",), convert=to.lost),
    M("rc.is_lost", "vehicle_status", ("rc_signal_lost",), convert=to.lost),
    M("link.rssi", "radio_status", ("rssi",)),
    M("link.rssi", "telemetry_status", ("rssi",)),
    M("link.remote_rssi", "radio_status", ("remote_rssi",)),
    M("link.remote_rssi", "telemetry_status", ("remote_rssi",)),
    M("link.noise", "radio_status", ("noise",)),
    M("link.noise", "telemetry_status", ("noise",)),
    M("link.is_lost", "vehicle_status", ("gcs_connection_lost",), convert=to.lost),
    M("link.is_lost", "vehicle_status", ("data_link_lost",), convert=to.lost),
    M(
        "link.gcs_age",
        "telemetry_status",
        ("timestamp", "heartbeat_time", "remote_type"),
        convert=to.station_age,
    ),
    M("link.gcs_age", "telemetry_status", ("timestamp", "heartbeat_time"), convert=to.age),
)

SENSORS: Final = (
    M("baro.height", "vehicle_air_data", ("baro_alt_meter",), convert=to.since_start),
    M("baro.height", "sensor_combined", ("baro_alt_meter",), convert=to.since_start),
    M("baro.pressure", "vehicle_air_data", ("baro_pressure_pa",)),
    M("baro.pressure", "sensor_baro", ("pressure",), convert=to.pressure, each=True),
    M("baro.temperature", "vehicle_air_data", ("baro_temp_celcius",)),
    M("baro.temperature", "sensor_combined", ("baro_temp_celcius",)),
    M("baro.temperature", "sensor_baro", ("temperature",), each=True),
    *_xyz("mag", "vehicle_magnetometer", "magnetometer_ga", _MICROTESLA_PER_GAUSS, each=True),
    *_xyz("mag", "sensor_combined", "magnetometer_ga", _MICROTESLA_PER_GAUSS),
    M("mag.is_disturbed", "estimator_status_flags", ("cs_mag_field_disturbed",)),
    M("mag.is_healthy", "estimator_status_flags", ("cs_mag_fault",), convert=to.inverted),
    M("baro.is_healthy", "estimator_status_flags", ("cs_baro_fault",), convert=to.inverted),
    M("airspeed.indicated", "airspeed_validated", ("indicated_airspeed_m_s",)),
    M("airspeed.indicated", "airspeed", ("indicated_airspeed_m_s",)),
    M("airspeed.true", "airspeed_validated", ("true_airspeed_m_s",)),
    M("airspeed.true", "airspeed", ("true_airspeed_m_s",)),
    M("airspeed.pressure", "differential_pressure", ("differential_pressure_pa",), each=True),
    M(
        "airspeed.pressure",
        "differential_pressure",
        ("differential_pressure_filtered_pa",),
        each=True,
    ),
    M("airspeed.is_healthy", "airspeed_validated", ("airspeed_sensor_measurement_valid",)),
    # -1 switched off, 0 ground speed minus wind, then the sensors
    M(
        "airspeed.is_used",
        "airspeed_validated",
        ("airspeed_source",),
        convert=lambda v: (v > 0) * 1.0,
    ),
    M(
        "airspeed.is_used",
        "airspeed_validated",
        ("selected_airspeed_index",),
        convert=lambda v: (v > 0) * 1.0,
    ),
    M(
        "range.distance",
        "distance_sensor",
        ("current_distance", "max_distance", "orientation"),
        convert=to.downward,
        each=True,
    ),
    M("wind.north", "wind", ("windspeed_north",)),
    M("wind.north", "wind_estimate", ("windspeed_north",)),
    M("wind.east", "wind", ("windspeed_east",)),
    M("wind.east", "wind_estimate", ("windspeed_east",)),
)

_TRIPLET = "position_setpoint_triplet"
_LOCAL_DEMAND = "vehicle_local_position_setpoint"
NAVIGATION: Final = (
    M("nav.target_lat", _TRIPLET, ("current.lat", "current.valid"), convert=to.valid),
    M("nav.target_lon", _TRIPLET, ("current.lon", "current.valid"), convert=to.valid),
    *(
        M(channel, _LOCAL_DEMAND, (field,), sign)
        for channel, field, sign in (
            ("nav.target_north", "x", 1.0),
            ("nav.target_east", "y", 1.0),
            ("nav.target_height", "z", -1.0),
            ("nav.target_velocity_north", "vx", 1.0),
            ("nav.target_velocity_east", "vy", 1.0),
            ("nav.climb_demand", "vz", -1.0),
        )
    ),
    M("nav.target_north", "trajectory_setpoint", ("position[0]",)),
    M("nav.target_east", "trajectory_setpoint", ("position[1]",)),
    M("nav.target_height", "trajectory_setpoint", ("position[2]",), -1.0),
    M("nav.target_velocity_north", "trajectory_setpoint", ("velocity[0]",)),
    M("nav.target_velocity_east", "trajectory_setpoint", ("velocity[1]",)),
    M("nav.climb_demand", "trajectory_setpoint", ("velocity[2]",), -1.0),
    M("nav.climb_demand", "tecs_status", ("height_rate_setpoint",)),
    M("nav.speed_demand", "tecs_status", ("true_airspeed_sp",)),
    M("nav.distance", "position_controller_status", ("wp_dist",), convert=to.not_negative),
    M("nav.crosstrack", "position_controller_status", ("xtrack_error",)),
    # numbered as in the plan: PX4 counts from the first item, where a plan has home as item 0
    M("mission.item", "mission_result", ("seq_current",), offset=1.0),
    M("mission.item", "navigator_mission_item", ("sequence_current",), offset=1.0),
    M("mission.item", "mission", ("current_seq",), offset=1.0),
    M(
        "fence.breach",
        "geofence_result",
        (
            "geofence_max_alt_triggered",
            "geofence_max_dist_triggered",
            "geofence_custom_fence_triggered",
        ),
        convert=to.fence_bits,
    ),
    M(
        "fence.breach",
        "geofence_result",
        ("max_altitude_exceeded", "max_distance_exceeded", "primary_geofence_breached"),
        convert=to.fence_bits,
    ),
    M("fence.breach", "geofence_result", ("primary_geofence_breached",), 4.0),
    M("fence.breach", "geofence_result", ("geofence_violated",), 4.0),
    M("fence.breach", "failsafe_flags", ("geofence_breached",), 4.0),
    M("fence.breach", "failsafe_flags", ("primary_geofence_breached",), 4.0),
    M("fence.breach", "vehicle_status", ("geofence_violated",), 4.0),
)

TABLE: Final = (
    STATE + POSITION + ATTITUDE + INERTIAL + ACTUATION + ENERGY + LINKS + SENSORS + NAVIGATION
)
