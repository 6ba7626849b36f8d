"""Logs with numbers that everybody knows among those that nobody may: zeros, defaults, targets.

What a receiver, a filter or a clock says before it knows better is public. Moved, turned or shifted
with the flight, it tells by how much the flight was.
"""

import struct
from typing import Final

from tests.scenarios import seeded
from tests.scenarios.blackbox import GPS, SLOW, fly, quad
from tests.scenarios.dataflash import opened
from tests.scenarios.seeded import ALT, LAT, LON, UNIX_US
from tests.scenarios.tlog import Tlog
from tests.scenarios.ulog import ULogWriter

#: An airport where receivers that are deceived believe to be, and its height [m].
AIRPORT: Final = (55.5915, 37.2615, 1109.0)
#: What a receiver of u-blox says of its height without a fix [m].
NO_FIX_M: Final = -17.0
#: Height of the ellipsoid under the sea at the launch [m].
GEOID_M: Final = 23.4
#: A clock that nobody set [µs since 1970]: 2001-01-01.
UNSET_US: Final = 978_307_200_000_000


def dataflash() -> bytes:
    """Rows before the fix, a spell of deception, a delay until an hour of UTC."""
    log = opened()
    log.define(60, "CMD", "QHHHffffLLfB",
               "TimeUS,CTot,CNum,CId,Prm1,Prm2,Prm3,Prm4,Lat,Lng,Alt,Frame")  # fmt: skip
    log.define(61, "POS", "QLLfff", "TimeUS,Lat,Lng,Alt,RelHomeAlt,RelOriginAlt")
    log.define(69, "PM", "QHQ", "TimeUS,LR,R")
    log.define(73, "NTUN", "QfccffC", "TimeUS,WpDist,TargBrg,NavBrg,AltErr,TAsp,Yaw")
    log.formats["ATT"] = log.define(72, "ATT", "QccccCC",
                                    "TimeUS,DesRoll,Roll,DesPitch,Pitch,DesYaw,Yaw")  # fmt: skip
    log.write("PARM", 1, "AIRSPEED_CRUISE", 15.0, 0.0)
    log.write("CMD", 2_000_000, 3, 1, 93, -1.0, 14.0, 30.0, 0.0, 0.0, 0.0, 0.0, 0)
    log.write("CMD", 2_000_000, 3, 2, 115, 270.0, 5.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0)
    for i in range(80):
        t = 3_000_000 + i * 100_000
        lat, lon, alt, course = LAT + 1e-5 * i, LON + 2e-5 * i, ALT + 0.5 * i, 41.0
        fixed = i >= 10
        if not fixed:
            lat, lon, alt, course = 0.0, 0.0, NO_FIX_M, 0.0
        log.write("ATT", t, 0.0, 0.0, 0.0, 0.0, 0.0, course)
        log.write("POS", t, lat, lon, alt if fixed else 0.0, float(i), float(i))
        log.write("PM", t, 400, UNIX_US + i * 100_000 if fixed else UNSET_US)
        log.write("NTUN", t, 8_000_000.0 if not fixed else 90.0, 0.0, 0.0, 0.0, 15.0, course)
        if 50 <= i < 60:
            lat, lon, alt = AIRPORT[0] + 1e-6 * i, AIRPORT[1], AIRPORT[2]
        log.write("GPS", t, 0, 3 if fixed else 1, seeded.WEEK_MS + i * 100 if fixed else 0,
                  seeded.WEEK if fixed else 0, 14, 0.8, lat, lon, alt, 11.0, course, -1.0,
                  0.0, 1)  # fmt: skip
    return bytes(log)


def ulog() -> bytes:
    """The same of PX4: an identity for an attitude, a height above the ellipsoid."""
    log = ULogWriter()
    log.info("char[3]", "sys_name", b"PX4")
    log.format("sensor_gps", "uint64_t timestamp;uint64_t time_utc_usec;double latitude_deg;"
               "double longitude_deg;double altitude_msl_m;double altitude_ellipsoid_m;"
               "float cog_rad;float heading;uint8_t fix_type;uint8_t[7] _padding0")  # fmt: skip
    log.format("vehicle_attitude", "uint64_t timestamp;float[4] q")
    log.format("vehicle_air_data", "uint64_t timestamp;float baro_alt_meter;float baro_pressure_pa")
    log.format("navigator_mission_item", "uint64_t timestamp;double latitude;double longitude;"
               "float altitude;float yaw;uint8_t altitude_is_relative;"
               "uint8_t[7] _padding0")  # fmt: skip
    for number, name in enumerate(
        ("sensor_gps", "vehicle_attitude", "vehicle_air_data", "navigator_mission_item")
    ):
        log.subscribe(name, number)
    for i in range(80):
        t = 2_000_000 + i * 100_000
        fixed = i >= 10
        place = (LAT + 1e-5 * i, LON + 2e-5 * i, ALT + 0.5 * i) if fixed else (0.0, 0.0, NO_FIX_M)
        if 50 <= i < 60:
            place = (AIRPORT[0] + 1e-6 * i, AIRPORT[1], AIRPORT[2])
        date = UNIX_US + i * 100_000 if fixed else UNSET_US
        q = (0.936, 0.0, 0.0, 0.352) if fixed else (1.0, 0.0, 0.0, 0.0)
        log.frame("D", struct.pack("<HQQddddffB", 0, t, date, *place, place[2] + GEOID_M,
                                   0.7 * fixed, 0.0, 3 * fixed))  # fmt: skip
        log.frame("D", struct.pack("<HQ4f", 1, t, *q))
        log.frame("D", struct.pack("<HQff", 2, t, ALT + 3 + 0.5 * i, 99_100.0 - 6 * i))
        log.frame("D", struct.pack("<HQddffB", 3, t, *place[:2], 30.0, 0.0, 1))
    return log.bytes()


def tlog() -> bytes:
    """The same over the air: fences among the items, a heading in one, an hour in another."""
    log, t = Tlog(), UNIX_US
    items = (
        {"command": 93, "param1": -1.0, "param2": 14.0, "param3": 30.0},
        {"command": 115, "param1": 270.0, "param2": 5.0},
        {"command": 5001, "mission_type": 1, "x": round(LAT * 1e7), "y": round(LON * 1e7)},
        {"command": 5100, "mission_type": 2, "x": round(LAT * 1e7), "y": round(LON * 1e7)},
    )
    for number, item in enumerate(items):
        log.write("MISSION_ITEM_INT", t, seq=number, **item)
    for i in range(80):
        t = UNIX_US + i * 100_000
        lat, lon, alt, course = LAT + 1e-5 * i, LON + 2e-5 * i, ALT + 0.5 * i, 41.0
        fixed = i >= 10
        if not fixed:
            lat, lon, alt, course = 0.0, 0.0, NO_FIX_M, 0.0
        if i % 10 == 0:
            log.write("HEARTBEAT", t, type=2, autopilot=3, base_mode=209, custom_mode=3,
                      system_status=4, mavlink_version=3)  # fmt: skip
            date = t if fixed else UNSET_US
            log.raw(t, 2, struct.pack("<QI", date, 1000 + i * 100), 137)  # SYSTEM_TIME
            home = struct.pack("<iii", round(LAT * 1e7), round(LON * 1e7), round(ALT * 1000))
            upright = struct.pack("<fff4f", 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0)
            log.raw(t, 242, home + upright + bytes(20), 104)  # HOME_POSITION
        log.write("VFR_HUD", t, alt=alt if fixed else 0.02, heading=round(course))
        log.write("ATTITUDE", t, time_boot_ms=1000 + i * 100, yaw=0.716 * fixed)
        own = {"lat": round(lat * 1e7), "lon": round(lon * 1e7)}
        log.write("GLOBAL_POSITION_INT", t, time_boot_ms=1000 + i * 100, relative_alt=500 * i,
                  alt=round(alt * 1000) * fixed, hdg=round(course * 100), **own)  # fmt: skip
        if 50 <= i < 60:
            own = {"lat": round(AIRPORT[0] * 1e7) + i, "lon": round(AIRPORT[1] * 1e7)}
            alt = AIRPORT[2]
        log.write("GPS_RAW_INT", t, time_usec=t, fix_type=3 * fixed, alt=round(alt * 1000),
                  alt_ellipsoid=round((alt + GEOID_M) * 1000), cog=round(course * 100),
                  **own)  # fmt: skip
    return bytes(log)


def blackbox() -> bytes:
    """A receiver without a fix, then one that is deceived, in the middle of a flight."""
    log = quad({"Log start datetime": "2025-03-03T11:08:43.000+00:00"})
    names = [f.name for f in GPS]
    first = fly(log, 1.0)
    for k, place in enumerate((((0, 0), 0), ((555_915_000, 372_615_000), 1109))):
        row = (first + 10_000 * (k + 1), 12, *place[0], place[1] * 10, 150, 0)
        log.put("G", dict(zip(names, row, strict=True)))
    log.put("S", dict(zip((f.name for f in SLOW), (1, 3, 0, 1, 1), strict=True)))
    log.disarm(4)
    log.end()
    return bytes(log)


BUILDERS = {"dataflash": dataflash, "ulog": ulog, "tlog": tlog, "blackbox": blackbox}
#: Height of the launch [m] and where it is.
HEIGHTS = dict.fromkeys(BUILDERS, ALT) | {"blackbox": 123.4}
PLACES = dict.fromkeys(BUILDERS, (LAT, LON)) | {"blackbox": (50.0, 8.0)}
