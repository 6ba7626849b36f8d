"""ArduPilot's messages as catalogue channels: the table, firmware 3.1 to 4.7.

Lines for one channel stand in order of preference; the first whose field the log carries is used.
Units are those of the firmware's own ``@LoggerMessage`` documentation and FMTU records; where old
firmware stored the same field as an integer in another unit, ``int_scale`` says which.
"""

from dataclasses import replace
from typing import Final

from flyoff.decoders.dataflash import conversions as c
from flyoff.decoders.normalisation import Convert, Mapping
from flyoff.units import RAD_PER_DEGREE

_CENTI, _MILLI = 0.01, 0.001


def _m(
    channel: str,
    topic: str,
    fields: str,
    scale: float = 1.0,
    *,
    ints: float | None = None,
    convert: Convert | None = None,
    number: int = 0,
    each: bool = True,
) -> Mapping:
    names = tuple(fields.split())
    return Mapping(channel, topic, names, scale, 0.0, convert, each, ints, number)


def _numbered(names: tuple[str, ...], lines: tuple[Mapping, ...]) -> tuple[Mapping, ...]:
    """Repeat lines for messages that carry the instance in their name (``IMU``, ``IMU2``, …)."""
    return tuple(replace(m, topic=name, number=i) for i, name in enumerate(names) for m in lines)


_ATTITUDE: Final = tuple(
    _m(f"{group}.{axis}", topic, prefix + axis.capitalize(), RAD_PER_DEGREE)
    for group, prefix in (("attitude", ""), ("attitude_demand", "Des"))
    for axis in ("roll", "pitch", "yaw")
    for topic in ("ATT", "ANG")
)

_IMU: Final = _numbered(
    ("IMU", "IMU2", "IMU3"),
    (
        _m("accel.x", "", "AccX"),
        _m("accel.y", "", "AccY"),
        _m("accel.z", "", "AccZ"),
        _m("gyro.x", "", "GyrX"),
        _m("gyro.y", "", "GyrY"),
        _m("gyro.z", "", "GyrZ"),
        _m("imu.is_healthy", "", "GH AH", convert=c.both),
        _m("imu.temperature", "", "T", convert=c.measured),
    ),
)

_VIBRATION: Final = (
    _m("vibration.x", "VIBE", "VibeX"),
    _m("vibration.y", "VIBE", "VibeY"),
    _m("vibration.z", "VIBE", "VibeZ"),
    _m("vibration.clips", "VIBE", "Clip"),
    # before 4.1 one line carried the counts of three accelerometers
    *(_m("vibration.clips", "VIBE", f"Clip{i}", number=i) for i in range(3)),
)

_GNSS: Final = _numbered(
    ("GPS", "GPS2"),
    (
        _m("gnss.lat", "", "Lat Lng", convert=c.latitude),
        _m("gnss.lon", "", "Lat Lng", convert=c.longitude),
        _m("gnss.alt_msl", "", "Alt Lat Lng", convert=c.with_position),
        _m("gnss.speed", "", "Spd"),
        _m("gnss.course", "", "GCrs", convert=c.wrapped_degrees),
        _m("gnss.velocity_down", "", "VZ"),
        _m("gnss.fix", "", "Status"),
        _m("gnss.satellites", "", "NSats"),
        _m("gnss.hdop", "", "HDop", convert=c.dilution),
    ),
) + _numbered(
    ("GPA", "GPA2"),
    (
        _m("gnss.hacc", "", "HAcc"),
        _m("gnss.vacc", "", "VAcc"),
        _m("gnss.sacc", "", "SAcc"),
    ),
)

_UBLOX: Final = (
    _m("gnss.hacc", "UBX3", "hAcc"),
    _m("gnss.vacc", "UBX3", "vAcc"),
    _m("gnss.sacc", "UBX3", "sAcc"),
    _m("gnss.noise", "UBX1", "noisePerMS"),
    _m("gnss.agc", "UBX1", "agcCnt"),
    _m("gnss.jam_indicator", "UBX1", "jamInd"),
)

_POSITION: Final = (
    _m("position.lat", "POS", "Lat Lng", convert=c.latitude),
    _m("position.lon", "POS", "Lat Lng", convert=c.longitude),
    _m("position.alt_msl", "POS", "Alt Lat Lng", convert=c.with_position),
    _m("position.height", "POS", "RelHomeAlt"),
    # firmware before POS (2015) logs the back-up solution only
    _m("position.lat", "AHR2", "Lat Lng", convert=c.latitude),
    _m("position.lon", "AHR2", "Lat Lng", convert=c.longitude),
    _m("position.alt_msl", "AHR2", "Alt Lat Lng", convert=c.with_position),
    _m("position.height", "GPS", "RelAlt"),
)

_BATTERY: Final = _numbered(
    ("BAT", "BAT2"),
    (
        # without a monitor, or one without a current sensor, zeros are logged
        _m("battery.voltage", "", "Volt", convert=c.measured),
        _m("battery.current", "", "Curr", convert=c.measured),
        _m("battery.consumed", "", "CurrTot", convert=c.measured),
        _m("battery.energy", "", "EnrgTot", convert=c.measured),
        _m("battery.remaining", "", "RemPct", _CENTI, convert=c.share),
        _m("battery.temperature", "", "Temp", convert=c.measured),
        _m("battery.resistance", "", "Res", convert=c.measured),
    ),
) + _numbered(
    ("CURR", "CUR2"),
    (
        # until 3.4 int16 centivolt, centiampere, millivolt; float later
        _m("battery.voltage", "", "Volt", ints=_CENTI, convert=c.measured),
        _m("battery.current", "", "Curr", ints=_CENTI, convert=c.measured),
        _m("battery.consumed", "", "CurrTot", convert=c.measured),
        _m("battery.temperature", "", "Temp", convert=c.measured),
        _m("battery.resistance", "", "Res", convert=c.measured),
    ),
)

_CELLS: Final = tuple(
    _m("battery.cell_min", "BCL", " ".join(f"V{i}" for i in range(1, n + 1)), convert=c.lowest_cell)
    for n in (14, 12, 10)
)

_POWER: Final = (
    _m("board.power_flags", "POWR", "Flags"),
    _m("board.voltage", "POWR", "Vcc", convert=c.measured),
    _m("board.servo_voltage", "POWR", "VServo"),
    _m("board.voltage", "CURR", "Vcc", _MILLI, convert=c.measured),
    _m("mcu.voltage", "MCU", "MVolt"),
    _m("mcu.temperature", "MCU", "MTemp"),
)

_BARO: Final = _numbered(
    ("BARO", "BAR2", "BAR3"),
    (
        _m("baro.height", "", "Alt"),
        _m("baro.pressure", "", "Press"),
        _m("baro.temperature", "", "Temp"),
        _m("baro.is_healthy", "", "Health"),
    ),
)

_MAG: Final = _numbered(
    ("MAG", "MAG2", "MAG3"),
    (
        _m("mag.x", "", "MagX", 0.1, convert=c.measured),  # mG
        _m("mag.y", "", "MagY", 0.1, convert=c.measured),
        _m("mag.z", "", "MagZ", 0.1, convert=c.measured),
        _m("mag.is_healthy", "", "Health"),
    ),
)

_AIRSPEED: Final = _numbered(
    ("ARSP", "ASP2"),
    (
        _m("airspeed.indicated", "", "Airspeed"),
        _m("airspeed.pressure", "", "DiffPress"),
        _m("airspeed.is_healthy", "", "H"),
        _m("airspeed.is_used", "", "U"),
    ),
)

_SENSORS: Final = (
    _m("range.distance", "RFND", "Dist Stat Orient", convert=c.range_finder),
    _m("range.distance", "RFND", "Dist", convert=c.range_finder_old),
    _m("range.distance", "RFND", "Dist1", convert=c.range_finder_old),
    _m("range.distance", "RFND", "Dist2", convert=c.range_finder_old, number=1),
    _m("flow.quality", "OF", "Qual"),
    _m("terrain.height", "TERR", "CHeight Status", convert=c.above_terrain),
)

_ESC: Final = (
    _m("esc.rpm", "ESC", "RPM"),
    _m("esc.voltage", "ESC", "Volt"),
    _m("esc.current", "ESC", "Curr"),
    _m("esc.temperature", "ESC", "Temp"),
    _m("esc.errors", "ESC", "Err"),
    *(
        _m(f"esc.{quantity}", f"ESC{i}", field, number=i - 1)
        for i in range(1, 13)
        for quantity, field in (
            ("rpm", "RPM"),
            ("voltage", "Volt"),
            ("current", "Curr"),
            ("temperature", "Temp"),
        )
    ),
)

_ENGINE: Final = (
    _m("engine.rpm", "RPM", "RPM"),
    _m("engine.rpm", "RPM", "rpm1"),
    _m("engine.rpm", "RPM", "rpm2", number=1),
    _m("engine.rpm", "EFI", "Rpm"),
)

_MOTORS: Final = (
    _m("motor.thrust_limit", "MOTB", "ThLimit"),
    _m("motor.failure_flags", "MOTB", "FailFlags"),
)

#: Which outputs stand where: topic, first, last, and the letters before the number.
_OUTPUTS: Final = (
    ("RCOU", 1, 14, "C"),
    ("RCOU", 1, 12, "Ch"),  # until 3.2
    ("RCO2", 15, 18, "C"),
    ("RCO3", 19, 32, "C"),
)

_LINKS: Final = (
    *(_m(f"rc.channel[{i}]", "RCIN" if i < 15 else "RCI2", f"C{i}") for i in range(1, 17)),
    *(
        _m(f"servo.output[{i}]", topic, f"{letter}{i}", convert=c.pulse)
        for topic, first, last, letter in _OUTPUTS
        for i in range(first, last + 1)
    ),
    _m("rc.rssi", "RSSI", "RXRSSI"),
    _m("rc.link_quality", "RSSI", "RXLQ", _CENTI),
    _m("rc.is_lost", "RCI2", "Flags", convert=c.rc_lost),
    _m("link.rssi", "RAD", "RSSI"),
    _m("link.remote_rssi", "RAD", "RemRSSI"),
    _m("link.noise", "RAD", "Noise"),
    _m("link.gcs_age", "MAV", "TimeUS mgs", convert=c.heartbeat_age, each=False),
)

_HOUSEKEEPING: Final = (
    _m("cpu.load", "PM", "Load", _MILLI),
    _m("cpu.internal_errors", "PM", "InE"),
    _m("cpu.internal_errors", "PM", "IntE"),
    _m("logger.dropped", "DSF", "Dp"),
    _m("logger.dropped", "PM", "LogDrop"),
)

#: Every vehicle.
COMMON: Final = (
    *_ATTITUDE, *_IMU, *_VIBRATION, *_GNSS, *_UBLOX, *_POSITION, *_BATTERY, *_CELLS, *_POWER,
    *_BARO, *_MAG, *_AIRSPEED, *_SENSORS, *_ESC, *_ENGINE, *_MOTORS, *_LINKS, *_HOUSEKEEPING,
)  # fmt: skip

_RATE: Final = tuple(
    m
    for axis, letter in (("roll", "R"), ("pitch", "P"), ("yaw", "Y"))
    for m in (
        _m(f"rate.{axis}", "RATE", letter, RAD_PER_DEGREE),
        _m(f"rate_demand.{axis}", "RATE", f"{letter}Des", RAD_PER_DEGREE),
        _m(f"control.{axis}", "RATE", f"{letter}Out"),
        # without RATE: the rate controllers of Copter and Sub log rad/s
        _m(f"rate.{axis}", f"PID{letter}", "Act"),
        _m(f"rate_demand.{axis}", f"PID{letter}", "Tar"),
    )
)

_POSITION_CONTROL: Final = (
    _m("nav.target_north", "PSCN", "TPN"),
    _m("nav.target_east", "PSCE", "TPE"),
    _m("nav.target_velocity_north", "PSCN", "TVN"),
    _m("nav.target_velocity_east", "PSCE", "TVE"),
    _m("nav.target_north", "PSC", "TPX"),  # 3.6 to 4.0
    _m("nav.target_east", "PSC", "TPY"),
    _m("nav.target_velocity_north", "PSC", "TVX"),
    _m("nav.target_velocity_east", "PSC", "TVY"),
    _m("nav.target_north", "NTUN", "DPosX", _CENTI),  # until 3.5, cm
    _m("nav.target_east", "NTUN", "DPosY", _CENTI),
    _m("nav.target_velocity_north", "NTUN", "DVelX", _CENTI),
    _m("nav.target_velocity_east", "NTUN", "DVelY", _CENTI),
)

_VERTICAL: Final = (
    _m("nav.target_height", "CTUN", "DAlt"),
    _m("nav.climb_demand", "CTUN", "DCRt", ints=_CENTI),
    _m("nav.climb_rate", "CTUN", "CRt", ints=_CENTI),
    _m("nav.climb_rate", "CTUN", "CRate", ints=_CENTI),  # until 3.1
)

COPTER: Final = (
    *_RATE,
    *_POSITION_CONTROL,
    *_VERTICAL,
    _m("throttle.demand", "CTUN", "ThO"),
    _m("throttle.demand", "CTUN", "ThrOut", _MILLI),  # until 3.3, 0 … 1000
    _m("throttle.hover", "CTUN", "ThH"),
    _m("position.height", "POS", "RelHomeAlt"),
    _m("position.height", "CTUN", "Alt"),
    _m("baro.height", "BARO", "Alt", each=True),
    _m("baro.height", "CTUN", "BarAlt"),  # until 3.1, which logs no BARO
)

SUB: Final = (*COPTER, _m("depth", "CTUN", "Alt", -1.0))

_SURFACES: Final = (
    # centidegree of a deflection whose full throw is 45°, before elevons and v-tails are mixed
    _m("surface.aileron", "AETR", "Ail", 1 / 4500),
    _m("surface.elevator", "AETR", "Elev", 1 / 4500),
    _m("surface.rudder", "AETR", "Rudd", 1 / 4500),
    _m("surface.flaps", "AETR", "Flap", _CENTI),
    _m("control.roll", "AETR", "Ail", 1 / 4500),
    _m("control.pitch", "AETR", "Elev", 1 / 4500),
    _m("control.yaw", "AETR", "Rudd", 1 / 4500),
)

_GYRO_AS_RATE: Final = tuple(
    _m(f"rate.{axis}", "IMU", field, each=False)
    for axis, field in (("roll", "GyrX"), ("pitch", "GyrY"), ("yaw", "GyrZ"))
)

PLANE: Final = (
    *_SURFACES,
    _m("throttle.demand", "CTUN", "ThO", _CENTI),
    _m("throttle.demand", "CTUN", "ThrOut", _CENTI),  # until 4.0
    _m("throttle.forward", "CTUN", "ThO", _CENTI),
    _m("throttle.forward", "CTUN", "ThrOut", _CENTI),
    _m("airspeed.true", "CTUN", "As E2T", convert=c.true_airspeed),
    _m("nav.target_lat", "NTUN", "TLat TLng", convert=c.latitude),
    _m("nav.target_lon", "NTUN", "TLat TLng", convert=c.longitude),
    _m("nav.distance", "NTUN", "Dist"),
    _m("nav.distance", "NTUN", "WpDist"),
    _m("nav.crosstrack", "NTUN", "XT"),
    _m("nav.target_height", "TECS", "hdem"),
    _m("nav.climb_demand", "TECS", "dhdem"),
    _m("nav.climb_rate", "TECS", "dh"),
    _m("nav.speed_demand", "TECS", "spdem"),
    *(
        m
        for axis, letter in (("roll", "R"), ("pitch", "P"))
        for m in (  # the fixed-wing rate controllers log degrees
            _m(f"rate.{axis}", f"PID{letter}", "Act", RAD_PER_DEGREE),
            _m(f"rate_demand.{axis}", f"PID{letter}", "Tar", RAD_PER_DEGREE),
            _m(f"rate_demand.{axis}", f"PID{letter}", "Des", RAD_PER_DEGREE),
        )
    ),
    *_GYRO_AS_RATE,
)

#: What a VTOL logs only while its lift motors work; it goes before the line of ``PLANE``.
LIFT: Final = (
    *(m for m in _RATE if m.topic == "RATE" and not m.channel.startswith("control.")),
    *_POSITION_CONTROL,
    _m("throttle.demand", "QTUN", "ThO"),
    _m("nav.target_height", "QTUN", "DAlt"),
    _m("nav.climb_demand", "QTUN", "DCRt", ints=_CENTI),
    _m("nav.climb_rate", "QTUN", "CRt", ints=_CENTI),
)

ROVER: Final = (
    # driving on a plane: the firmware sets home's own altitude before the estimator has one
    _m("position.height", "POS", "RelOriginAlt"),
    _m("throttle.demand", "THR", "ThrOut", _CENTI),
    _m("throttle.demand", "CTUN", "ThrOut", _CENTI),  # until 3.1
    _m("steering.demand", "STER", "SteerOut", 1 / 4500),
    _m("steering.turn_rate_demand", "STER", "DesTurnRate", RAD_PER_DEGREE),
    _m("steering.turn_rate", "STER", "TurnRate", RAD_PER_DEGREE),
    _m("nav.speed_demand", "THR", "DesSpeed"),
    _m("nav.distance", "NTUN", "WpDist"),
    _m("nav.crosstrack", "NTUN", "XTrack"),
    *_POSITION_CONTROL,
    *_GYRO_AS_RATE,
)
