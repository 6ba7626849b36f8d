"""MAVLink's messages as catalogue channels: the table.

Lines for one channel stand in order of preference; the first whose field the log carries is used.
Units are those of MAVLink's definitions, except where one autopilot does otherwise. Source:
MAVLink common.xml and ardupilotmega.xml; ArduPilot ``GCS_Common.cpp``; PX4 ``src/modules/mavlink``.
"""

from typing import Final

from flyoff.decoders.normalisation import Convert, Mapping
from flyoff.decoders.tlog import conversions as c
from flyoff.units import GRAVITY, RAD_PER_DEGREE

_CENTI, _MILLI, _DECI = 0.01, 0.001, 0.1
_MILLI_G: Final = GRAVITY / 1000
_CENTIDEGREE: Final = RAD_PER_DEGREE / 100
_TESLA: Final = 0.1  # milligauss to microtesla
_WATT_HOURS: Final = 100 / 3600  # hectojoule
_PASCAL: Final = 100.0  # hectopascal
_RSSI: Final = 1 / 254


def _m(
    channel: str,
    topic: str,
    fields: str,
    scale: float = 1.0,
    convert: Convert | None = None,
    *,
    each: bool = True,
    number: int = 0,
) -> Mapping:
    names = tuple(fields.split())
    return Mapping(channel, topic, names, scale, 0.0, convert, each, None, number)


_AXES: Final = ("roll", "pitch", "yaw")
_QUATERNION: Final = "q1 q2 q3 q4"

_ATTITUDE: Final = (
    *(_m(f"attitude.{a}", "ATTITUDE", a) for a in _AXES),
    _m("attitude.roll", "ATTITUDE_QUATERNION", _QUATERNION, convert=c.roll_of_parts),
    _m("attitude.pitch", "ATTITUDE_QUATERNION", _QUATERNION, convert=c.pitch_of_parts),
    _m("attitude.yaw", "ATTITUDE_QUATERNION", _QUATERNION, convert=c.yaw_of_parts),
    *(_m(f"rate.{a}", "ATTITUDE", f"{a}speed") for a in _AXES),
    *(_m(f"rate.{a}", "ATTITUDE_QUATERNION", f"{a}speed") for a in _AXES),
    _m("attitude_demand.roll", "ATTITUDE_TARGET", "q", convert=c.roll_of),
    _m("attitude_demand.pitch", "ATTITUDE_TARGET", "q", convert=c.pitch_of),
    _m("attitude_demand.yaw", "ATTITUDE_TARGET", "q", convert=c.yaw_of),
    *(
        _m(f"rate_demand.{a}", "ATTITUDE_TARGET", f"body_{a}_rate")
        for a in ("roll", "pitch", "yaw")
    ),
    _m("attitude_demand.roll", "NAV_CONTROLLER_OUTPUT", "nav_roll", RAD_PER_DEGREE),
    _m("attitude_demand.pitch", "NAV_CONTROLLER_OUTPUT", "nav_pitch", RAD_PER_DEGREE),
    _m("throttle.demand", "ATTITUDE_TARGET", "thrust"),
    _m("throttle.demand", "VFR_HUD", "throttle", _CENTI),
)

_POSITION: Final = (
    _m("position.lat", "GLOBAL_POSITION_INT", "lat lon", convert=c.degrees7),
    _m("position.lon", "GLOBAL_POSITION_INT", "lat lon", convert=c.longitude7),
    _m("position.alt_msl", "GLOBAL_POSITION_INT", "alt lat lon", _MILLI, c.with_position),
    _m("position.alt_msl", "VFR_HUD", "alt"),
    _m("position.height", "GLOBAL_POSITION_INT", "relative_alt", _MILLI),
    _m("position.north", "LOCAL_POSITION_NED", "x"),
    _m("position.east", "LOCAL_POSITION_NED", "y"),
    _m("position.down", "LOCAL_POSITION_NED", "z"),
    *(
        m
        for axis, letter in (("north", "x"), ("east", "y"), ("down", "z"))
        for m in (
            _m(f"velocity.{axis}", "GLOBAL_POSITION_INT", f"v{letter}", _CENTI),
            _m(f"velocity.{axis}", "LOCAL_POSITION_NED", f"v{letter}"),
        )
    ),
    _m("home.lat", "HOME_POSITION", "latitude longitude", convert=c.degrees7),
    _m("home.lon", "HOME_POSITION", "latitude longitude", convert=c.longitude7),
    _m("home.alt_msl", "HOME_POSITION", "altitude", _MILLI),
)

_GNSS: Final = tuple(
    _m(channel, topic, fields, scale, convert, number=number)
    for number, topic in enumerate(("GPS_RAW_INT", "GPS2_RAW"))
    for channel, fields, scale, convert in (
        ("gnss.lat", "lat lon", 1.0, c.degrees7),
        ("gnss.lon", "lat lon", 1.0, c.longitude7),
        ("gnss.alt_msl", "alt lat lon", _MILLI, c.with_position),
        ("gnss.speed", "vel fix_type", _CENTI, c.with_fix),
        ("gnss.course", "cog fix_type", _CENTIDEGREE, c.with_fix),
        ("gnss.fix", "fix_type", 1.0, None),
        ("gnss.satellites", "satellites_visible", 1.0, c.known8),
        ("gnss.hdop", "eph", _CENTI, c.known16),
        ("gnss.hacc", "h_acc", _MILLI, c.positive),
        ("gnss.vacc", "v_acc", _MILLI, c.positive),
        ("gnss.sacc", "vel_acc", _MILLI, c.positive),
    )
)

_INTEGRITY: Final = (
    _m("gnss.jam_state", "GNSS_INTEGRITY", "jamming_state"),
    _m("gnss.spoof_state", "GNSS_INTEGRITY", "spoofing_state"),
)

_IMU: Final = tuple(
    _m(f"{group}.{axis}", topic, axis + field, scale, number=number, each=False)
    for number, topic in ((0, "SCALED_IMU"), (0, "RAW_IMU"), (1, "SCALED_IMU2"), (2, "SCALED_IMU3"))
    for group, field, scale in (("accel", "acc", _MILLI_G), ("gyro", "gyro", _MILLI))
    for axis in ("x", "y", "z")
)

_MAG: Final = tuple(
    _m(f"mag.{axis}", topic, f"{axis}mag", _TESLA, c.measured, number=number, each=False)
    for number, topic in ((0, "SCALED_IMU"), (0, "RAW_IMU"), (1, "SCALED_IMU2"), (2, "SCALED_IMU3"))
    for axis in ("x", "y", "z")
)

_WARMTH: Final = tuple(
    _m("imu.temperature", topic, "temperature", 1.0, c.temperature, number=number, each=False)
    for number, topic in ((0, "RAW_IMU"), (1, "SCALED_IMU2"), (2, "SCALED_IMU3"))
)

#: PX4's RAW_IMU holds counts of the sensor; its HIGHRES_IMU is in plain units.
_IMU_PX4: Final = tuple(
    _m(f"{group}.{axis}", "HIGHRES_IMU", axis + field, scale, convert)
    for group, field, scale, convert in (
        ("accel", "acc", 1.0, None),
        ("gyro", "gyro", 1.0, None),
        ("mag", "mag", 100.0, c.measured),
    )
    for axis in ("x", "y", "z")
)

_CLIPS: Final = tuple(
    _m("vibration.clips", "VIBRATION", f"clipping_{i}", number=i) for i in range(3)
)

_BATTERY: Final = (
    _m("battery.voltage", "BATTERY_STATUS", "voltages voltages_ext", _MILLI, c.pack),
    _m("battery.voltage", "BATTERY_STATUS", "voltages", _MILLI, c.pack_old),
    _m("battery.current", "BATTERY_STATUS", "current_battery", _CENTI, c.current),
    _m("battery.consumed", "BATTERY_STATUS", "current_consumed", 1.0, c.not_negative),
    _m("battery.energy", "BATTERY_STATUS", "energy_consumed", _WATT_HOURS, c.not_negative),
    _m("battery.remaining", "BATTERY_STATUS", "battery_remaining", _CENTI, c.not_negative),
    _m("battery.temperature", "BATTERY_STATUS", "temperature", 1.0, c.temperature),
    _m("battery.cell_min", "BATTERY_STATUS", "voltages", _MILLI, c.lowest_cell),
    _m("battery.warning", "BATTERY_STATUS", "charge_state", 1.0, c.warning),
    _m("battery.voltage", "SYS_STATUS", "voltage_battery", _MILLI, c.positive),
    _m("battery.current", "SYS_STATUS", "current_battery", _CENTI, c.current),
    _m("battery.remaining", "SYS_STATUS", "battery_remaining", _CENTI, c.not_negative),
)

_POWER: Final = (
    _m("board.voltage", "POWER_STATUS", "Vcc", _MILLI, c.positive),
    _m("board.servo_voltage", "POWER_STATUS", "Vservo", _MILLI, c.known16),
    _m("board.power_flags", "POWER_STATUS", "flags"),
    _m("board.voltage", "HWSTATUS", "Vcc", _MILLI, c.positive),
    _m("mcu.voltage", "MCU_STATUS", "MCU_voltage", _MILLI, c.positive),
    _m("mcu.temperature", "MCU_STATUS", "MCU_temperature", 1.0, c.temperature),
    _m("cpu.load", "SYS_STATUS", "load", _MILLI),
)

_AIR: Final = (
    *(
        _m(channel, topic, field, scale, convert, number=number)
        for number, topic in enumerate(("SCALED_PRESSURE", "SCALED_PRESSURE2", "SCALED_PRESSURE3"))
        for channel, field, scale, convert in (
            ("baro.pressure", "press_abs", _PASCAL, c.positive),
            ("baro.height", "press_abs", 1.0, c.pressure_height),
            ("baro.temperature", "temperature", _CENTI, None),
        )
    ),
    _m("airspeed.indicated", "AIRSPEED", "airspeed"),
    _m("airspeed.pressure", "AIRSPEED", "raw_press", _PASCAL, c.differential),
    _m("airspeed.pressure", "SCALED_PRESSURE", "press_diff", _PASCAL, c.measured),
    _m("wind.north", "WIND", "direction speed", convert=c.towards_north),
    _m("wind.east", "WIND", "direction speed", convert=c.towards_east),
    _m("wind.north", "WIND_COV", "wind_x"),
    _m("wind.east", "WIND_COV", "wind_y"),
    _m(
        "range.distance", "DISTANCE_SENSOR",
        "current_distance min_distance max_distance orientation", _CENTI, c.downward,
    ),
    _m("range.distance", "RANGEFINDER", "distance", 1.0, c.positive),
    _m("terrain.height", "TERRAIN_REPORT", "current_height spacing", convert=c.above_terrain),
    _m("flow.quality", "OPTICAL_FLOW", "quality"),
)  # fmt: skip

_ESTIMATOR: Final = (
    _m("estimator.ratio_velocity", "EKF_STATUS_REPORT", "velocity_variance"),
    _m("estimator.ratio_position", "EKF_STATUS_REPORT", "pos_horiz_variance"),
    _m("estimator.ratio_height", "EKF_STATUS_REPORT", "pos_vert_variance"),
    _m("estimator.ratio_mag", "EKF_STATUS_REPORT", "compass_variance"),
    _m("estimator.ratio_airspeed", "EKF_STATUS_REPORT", "airspeed_variance", 1.0, c.measured),
    _m("estimator.solution_flags", "EKF_STATUS_REPORT", "flags"),
    _m("estimator.position_lost", "EKF_STATUS_REPORT", "flags", 1.0, c.position_lost),
    _m("estimator.ratio_velocity", "ESTIMATOR_STATUS", "vel_ratio"),
    _m("estimator.ratio_position", "ESTIMATOR_STATUS", "pos_horiz_ratio"),
    _m("estimator.ratio_height", "ESTIMATOR_STATUS", "pos_vert_ratio"),
    _m("estimator.ratio_mag", "ESTIMATOR_STATUS", "mag_ratio"),
    _m("estimator.ratio_airspeed", "ESTIMATOR_STATUS", "tas_ratio"),
    _m("estimator.solution_flags", "ESTIMATOR_STATUS", "flags"),
    _m("estimator.position_lost", "ESTIMATOR_STATUS", "flags", 1.0, c.position_lost),
)

_NAVIGATION: Final = (
    _m("nav.target_lat", "POSITION_TARGET_GLOBAL_INT", "lat_int lon_int", convert=c.degrees7),
    _m("nav.target_lon", "POSITION_TARGET_GLOBAL_INT", "lat_int lon_int", convert=c.longitude7),
    _m("nav.target_north", "POSITION_TARGET_LOCAL_NED", "x"),
    _m("nav.target_east", "POSITION_TARGET_LOCAL_NED", "y"),
    _m("nav.target_velocity_north", "POSITION_TARGET_LOCAL_NED", "vx"),
    _m("nav.target_velocity_east", "POSITION_TARGET_LOCAL_NED", "vy"),
    _m("nav.distance", "NAV_CONTROLLER_OUTPUT", "wp_dist"),
    _m("nav.crosstrack", "NAV_CONTROLLER_OUTPUT", "xtrack_error"),
    _m("nav.climb_rate", "VFR_HUD", "climb"),
    _m("fence.breach", "FENCE_STATUS", "breach_status breach_type", convert=c.breach),
)

_LINKS: Final = (
    *(_m(f"rc.channel[{i}]", "RC_CHANNELS", f"chan{i}_raw", 1.0, c.positive) for i in range(1, 17)),
    *(
        _m(f"rc.channel[{i}]", "RC_CHANNELS_RAW", f"chan{i}_raw", 1.0, c.positive)
        for i in range(1, 9)
    ),
    *(
        _m(f"servo.output[{i}]", "SERVO_OUTPUT_RAW", f"servo{i}_raw", 1.0, c.positive, each=False)
        for i in range(1, 17)
    ),
    _m("rc.rssi", "RC_CHANNELS", "rssi", _RSSI, c.known8),
    _m("rc.rssi", "RC_CHANNELS_RAW", "rssi", _RSSI, c.known8),
    *(
        _m(channel, topic, field, 1.0, c.known8)
        for topic in ("RADIO_STATUS", "RADIO")
        for channel, field in (
            ("link.rssi", "rssi"), ("link.remote_rssi", "remrssi"), ("link.noise", "noise"),
        )
    ),
    _m("engine.rpm", "RPM", "rpm1", 1.0, c.measured),
    _m("engine.rpm", "RPM", "rpm2", 1.0, c.measured, number=1),
    _m("engine.rpm", "EFI_STATUS", "rpm"),
)  # fmt: skip

_COMMON: Final = (
    *_ATTITUDE, *_POSITION, *_GNSS, *_INTEGRITY, *_CLIPS, *_BATTERY, *_POWER, *_AIR, *_ESTIMATOR,
    *_NAVIGATION, *_LINKS,
)  # fmt: skip

ARDUPILOT: Final = (
    *_COMMON,
    *_IMU,
    *_MAG,
    *_WARMTH,
    *(_m(f"vibration.{axis}", "VIBRATION", f"vibration_{axis}") for axis in ("x", "y", "z")),
)
PX4: Final = (
    *_COMMON,
    *_IMU_PX4,
    # gyro coning, gyro and accelerometer metric stand where the message has three axes
    _m("vibration.metric", "VIBRATION", "vibration_z"),
)
#: With an airspeed sensor or without, a plane's head-up display shows what the autopilot uses.
WINGED: Final = (_m("airspeed.indicated", "VFR_HUD", "airspeed"),)
DIVING: Final = (_m("depth", "GLOBAL_POSITION_INT", "relative_alt", -_MILLI),)
