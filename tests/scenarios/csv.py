"""Builds the CSV exports of the field: headers as each program writes them, to the letter.

Headers were written down from what the programs' users publish; a leading blank in a name
(`` xSpeed(mph)``) and a column met twice (``OSD.flyTime`` as text and in seconds) are theirs.
"""

from collections.abc import Callable, Mapping, Sequence

AIRDATA = (
    "time(millisecond),datetime(utc),latitude,longitude,height_above_takeoff({m}),"
    "height_above_ground_at_drone_location({m}),ground_elevation_at_drone_location({m}),"
    "altitude_above_seaLevel({m}),height_sonar({m}),speed({v}),distance({m}),mileage({m}),"
    "satellites,gpslevel,voltage(v),max_altitude({m}),max_ascent({m}),max_speed({v}),"
    "max_distance({m}), xSpeed({v}), ySpeed({v}), zSpeed({v}), compass_heading(degrees),"
    " pitch(degrees), roll(degrees),isPhoto,isVideo,rc_elevator,rc_aileron,rc_throttle,rc_rudder,"
    "rc_elevator(percent),rc_aileron(percent),rc_throttle(percent),rc_rudder(percent),"
    "gimbal_heading(degrees),gimbal_pitch(degrees),gimbal_roll(degrees),battery_percent,"
    "voltageCell1,voltageCell2,voltageCell3,voltageCell4,voltageCell5,voltageCell6,current(A),"
    "battery_temperature({t}),altitude({m}),ascent({m}),flycStateRaw,flycState,message"
)
FLIGHT_READER = (
    "CUSTOM.date [local],CUSTOM.updateTime [local],OSD.flyTime,OSD.flyTime [s],OSD.latitude,"
    "OSD.longitude,OSD.height [{m}],OSD.heightMax [{m}],OSD.vpsHeight [{m}],OSD.altitude [{m}],"
    "OSD.mileage [{m}],OSD.hSpeed [{v}],OSD.hSpeedMax [{v}],OSD.xSpeed [{v}],OSD.xSpeedMax [{v}],"
    "OSD.ySpeed [{v}],OSD.ySpeedMax [{v}],OSD.zSpeed [{v}],OSD.zSpeedMax [{v}],OSD.pitch,OSD.roll,"
    "OSD.yaw,OSD.yaw [360],OSD.flycState,OSD.isMotorOn,OSD.gpsNum,BATTERY.chargeLevel,"
    "BATTERY.voltage [V],BATTERY.current [A],BATTERY.temperature [{t}],HOME.latitude,"
    "HOME.longitude,APP.tip,APP.warn"
)
LITCHI = (
    "latitude,longitude,altitude({m}),ascent({m}),speed({v}),distance({m}),max_altitude({m}),"
    "max_ascent({m}),max_speed({v}),max_distance({m}),time(millisecond),datetime(utc),"
    "datetime(local),satellites,pressure(Pa),temperature(F),voltage(v),velocityX(mps),"
    "velocityY(mps),velocityZ(mps),pitch(deg),roll(deg),yaw(deg),batteryTemperature,pitchRaw,"
    "rollRaw,yawRaw,gimbalPitchRaw,gimbalRollRaw,gimbalYawRaw,flightmode,isflying,"
    "remainPowerPercent,numbersOfDischarge"
)
DATCON = (
    "Clock:Tick#,Clock:offsetTime,IMU_ATTI(0):Longitude,IMU_ATTI(0):Latitude,IMU_ATTI(0):numSats,"
    "IMU_ATTI(0):velN,IMU_ATTI(0):velE,IMU_ATTI(0):velD,IMU_ATTI(0):velH:C,IMU_ATTI(0):roll:C,"
    "IMU_ATTI(0):pitch:C,IMU_ATTI(0):yaw:C,GPS:dateTimeStamp,General:relativeHeight,flyCState"
)
FEET = {"m": "feet", "v": "mph", "t": "f"}
METRES = {"m": "meters", "v": "m/s", "t": "c"}


def table(
    header: str,
    rows: int,
    cells: Mapping[str, Callable[[int], object]],
    *,
    before: str = "",
    default: object = 0,
) -> bytes:
    """A table under this header; ``cells`` gives a column by its name without blanks and unit."""
    names = header.split(",")
    lines = [before + header]
    for i in range(rows):
        lines.append(",".join(_cell(name, cells, i, default) for name in names))
    return ("\r\n".join(lines) + "\r\n").encode()


def _cell(
    name: str, cells: Mapping[str, Callable[[int], object]], row: int, default: object
) -> str:
    key: Sequence[str] = (name.strip(), name.strip().split("(")[0].split(" [")[0])
    made = next((cells[k] for k in key if k in cells), None)
    return str(default if made is None else made(row))


def sample(rows: int = 60) -> bytes:
    """A small whole log: AirData's export in feet."""
    return table(
        AIRDATA.format(**FEET),
        rows,
        {
            "time": lambda i: 100 * i,
            "datetime": lambda i: f"2024-05-06 07:08:{9 + i // 10:02d}",
            "latitude": lambda i: 47.1,
            "longitude": lambda i: f"8.{i:03d}",
            "height_above_takeoff": lambda i: i,
            "xSpeed": lambda i: 1.5,
            "voltage": lambda i: 15.2,
            "flycState": lambda i: "P-GPS",
            "message": lambda i: '"Take off, now"' if i == 3 else "",
        },
    )
