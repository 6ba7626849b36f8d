"""Blackbox fields as catalogue channels; the table depends on the firmware's units.

Lines for one channel stand in order of preference; the first whose fields the log carries is used.
Not here, since their unit is nowhere stated: ``magADC`` (counts of the sensor), ``accVib``,
``debug`` (its meaning is a setting) and what Indiflight learns in flight.
"""

from collections.abc import Iterator
from typing import Final

from flyoff.decoders.blackbox import conversions as c
from flyoff.decoders.blackbox import indiflight, rotorflight
from flyoff.decoders.blackbox.firmware import Firmware
from flyoff.decoders.normalisation import Convert, Mapping, Reader
from flyoff.units import GRAVITY, RAD_PER_DEGREE

_CENTI: Final = 0.01
_AXES: Final = (("roll", 1.0), ("pitch", -1.0), ("yaw", -1.0))
_BODY: Final = (("x", 1.0), ("y", -1.0), ("z", -1.0))
_QUATERNION: Final = "imuQuaternion[0] imuQuaternion[1] imuQuaternion[2]"
_MAX_MOTORS: Final = 12
#: DShot commands below this are no throttle; pulse widths up to 1000 µs stop a motor.
_DSHOT_STOP: Final = 47.0
_PULSE_STOP: Final = 1000.0
_POLES: Final = 14.0


def _m(
    channel: str,
    fields: str,
    scale: float = 1.0,
    *,
    topic: str = "main",
    offset: float = 0.0,
    convert: Convert | None = None,
    number: int = 0,
) -> Mapping:
    return Mapping(channel, topic, tuple(fields.split()), scale, offset, convert, number=number)


def table(firmware: Firmware, reader: Reader) -> Iterator[Mapping]:
    """All lines for a log."""
    if firmware.family == "indiflight":
        yield from indiflight.TABLE
    if firmware.family == "rotorflight":
        yield from rotorflight.table(firmware, reader)
    # Indiflight that learns in flight how its sensor is mounted logs the sensor's axes
    if not reader.has("main", "hoverAttitude[0]"):
        yield from _motion(firmware)
    yield from _power(firmware)
    if firmware.family != "rotorflight":
        yield from _outputs(firmware, reader)
    yield from _servos()
    yield from _NAVIGATION
    yield from _gnss(firmware)
    yield from _SENSORS
    yield _m("rc.is_lost", "rxSignalReceived rxFlightChannelsValid", topic="slow", convert=c.lost)
    yield _m("rc.rssi", "rssi", 1.0 / 1023.0, convert=c.measured)


def _motion(firmware: Firmware) -> Iterator[Mapping]:
    # Cleanflight's scale is that of the sensor; later firmware scales first, and writes 1
    unit = RAD_PER_DEGREE * (firmware.params.get("gyro_scale") or 1.0) / firmware.resolution
    for i, (axis, sign) in enumerate(_AXES):
        yield _m(f"rate.{axis}", f"gyroADC[{i}]", sign * unit)
        setpoint = sign * RAD_PER_DEGREE / firmware.resolution
        if firmware.family != "indiflight":
            yield _m(f"rate_demand.{axis}", f"setpoint[{i}]", setpoint)
        yield _m(f"rate_demand.{axis}", f"axisRate[{i}]", sign * RAD_PER_DEGREE)
    for i, (axis, sign) in enumerate(_BODY):
        yield _m(f"gyro.{axis}", f"gyroUnfilt[{i}]", sign * unit)
        yield _m(f"gyro.{axis}", f"gyroRaw[{i}]", sign * unit)
        one_g = firmware.params.get("acc_1G", 0.0)
        if one_g > 1:
            scale = sign * GRAVITY / one_g
            yield _m(f"accel.{axis}", f"accSmooth[{i}]", scale, convert=c.measured)
    yield _m("attitude.roll", "attitude[0]", 0.1 * RAD_PER_DEGREE)
    yield _m("attitude.pitch", "attitude[1]", -0.1 * RAD_PER_DEGREE)
    yield _m("attitude.yaw", "attitude[2]", convert=c.wrapped_yaw)
    for axis, convert in (("roll", c.roll), ("pitch", c.pitch), ("yaw", c.yaw)):
        yield _m(f"attitude.{axis}", _QUATERNION, convert=convert)


def _power(firmware: Firmware) -> Iterator[Mapping]:
    for field in ("vbatLatest", "vbat"):
        if firmware.volts is not None:
            yield _m("battery.voltage", field, firmware.volts, convert=c.positive)
    for field in ("amperageLatest", "amperage"):
        if firmware.amperes is not None:
            scale, zero = firmware.amperes
            yield _m("battery.current", field, scale, offset=zero, convert=c.measured)
    yield _m("battery.resistance", "powerSupplyImpedance", 1e-3, topic="slow", convert=c.positive)


def _outputs(firmware: Firmware, reader: Reader) -> Iterator[Mapping]:
    motors = [f"motor[{i}]" for i in range(_MAX_MOTORS) if reader.has("main", f"motor[{i}]")]
    params, poles = firmware.params, firmware.params.get("motor_poles") or _POLES
    low = params.get("motorOutput[0]", params.get("minthrottle", 1000.0))
    high = params.get("motorOutput[1]", params.get("maxthrottle", 2000.0))
    if high > low:
        one = c.motor(low, high, _DSHOT_STOP if low < 500 else min(_PULSE_STOP, low - 1))
        for i, field in enumerate(motors):
            yield _m("motor.command", field, convert=one, number=i)
    for i in range(_MAX_MOTORS):
        # hundreds of electrical turns; a turn of the motor is one for each pair of poles
        yield _m("esc.rpm", f"eRPM[{i}]", 200.0 / poles, number=i)
    if firmware.family not in ("indiflight", "inav"):
        yield _m("throttle.demand", "setpoint[3]", 1e-3)
    if motors and high > low:
        yield _m("throttle.demand", " ".join(motors), convert=c.mean_motor(one))
    command = c.throttle(firmware.resolution)
    yield _m("throttle.demand", "rcCommand[3]", convert=command)
    yield _m("throttle.input", "rcData[3]", convert=c.throttle(1.0))
    yield _m("throttle.input", "rcCommand[3]", convert=command)
    for i in range(4):
        yield _m("rc.channel", f"rcData[{i}]", number=i)


def _servos() -> Iterator[Mapping]:
    for i in range(34):
        yield _m("servo.output", f"servo[{i}]", number=i)


_NAVIGATION: Final = (
    _m("position.north", "navPos[0] navEPH", convert=c.estimated),
    _m("position.east", "navPos[1] navEPH", convert=c.estimated),
    _m("position.down", "navPos[2] navEPV", -1.0, convert=c.estimated),
    _m("position.height", "navPos[2] navEPV", convert=c.estimated),
    _m("velocity.north", "navVel[0] navEPH", convert=c.estimated),
    _m("velocity.east", "navVel[1] navEPH", convert=c.estimated),
    _m("velocity.down", "navVel[2] navEPV", -1.0, convert=c.estimated),
    _m("nav.target_north", "navTgtPos[0] navEPH", convert=c.estimated),
    _m("nav.target_east", "navTgtPos[1] navEPH", convert=c.estimated),
    _m("nav.target_height", "navTgtPos[2] navEPV", convert=c.estimated),
    _m("mission.item", "activeWpNumber", topic="slow"),
)


def _gnss(firmware: Firmware) -> Iterator[Mapping]:
    yield _m("gnss.satellites", "GPS_numSat", topic="gps")
    yield _m("gnss.hdop", "GPS_hdop", _CENTI, topic="gps")
    yield _m("gnss.hacc", "GPS_eph", _CENTI, topic="gps")
    yield _m("gnss.vacc", "GPS_epv", _CENTI, topic="gps")
    yield _m("gnss.speed", "GPS_speed", _CENTI, topic="gps")
    yield _m("gnss.course", "GPS_ground_course", topic="gps", convert=c.course)
    yield _m("gnss.velocity_down", "GPS_velned[2]", _CENTI, topic="gps")
    for i, name in enumerate(("lat", "lon")):
        yield _m(f"home.{name}", f"GPS_home[{i}]", 1e-7, topic="home")
    if firmware.altitude_m is not None:
        yield _m("home.alt_msl", "GPS_home[2]", firmware.altitude_m, topic="home")


_SENSORS: Final = (
    _m("baro.height", "baroAlt", _CENTI),
    _m("baro.height", "BaroAlt", _CENTI),
    _m("airspeed.indicated", "AirSpeed", _CENTI),
    _m("range.distance", "surfaceRaw", _CENTI, convert=c.ranged),
    _m("range.distance", "sonarRaw", _CENTI, convert=c.ranged),
    _m("imu.temperature", "IMUTemperature", topic="slow", convert=c.temperature),
    _m("baro.temperature", "baroTemperature", topic="slow", convert=c.temperature),
)
