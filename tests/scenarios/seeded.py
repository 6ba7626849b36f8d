"""Logs that give away everything their format can carry: places, names, numbers and dates.

``TEXTS`` and ``PLACES`` say what stands in them; a redacted copy may hold none of it.
"""

import struct

from tests.scenarios.blackbox import fly, quad
from tests.scenarios.dataflash import opened
from tests.scenarios.dataflash_text import printed
from tests.scenarios.tlog import Tlog
from tests.scenarios.ulog import ULogWriter

LAT, LON, ALT = 69.7271234, 30.0451234, 184.0
SERIAL = "0032001F 31335108 37363235"
CALLSIGN = "ICEBEAR77"
PILOT = "Kirkenes"
UNIX_US = 1_741_000_123_000_000  # 2025-03-03
WEEK, WEEK_MS = 2356, 126_941_000  # the same, GPS time
UUID = "000600000000373534383337510f002b0034"
FIELD_MG = (118.0, 22.0, 525.0)  # steep, as it is far north


#: Texts that must not survive; which of them a format carries differs.
TEXTS = (CALLSIGN, PILOT, SERIAL, SERIAL.replace(" ", ""), UUID, "69.727")


def _way(i: int) -> tuple[float, float]:
    return LAT + 1e-5 * i, LON + 2e-5 * i


def dataflash(rows: int = 60) -> bytes:
    """Positions in seven messages, a serial number, names in texts, files and parameters."""
    log = opened()
    log.define(58, "ORGN", "QBLLe", "TimeUS,Type,Lat,Lng,Alt")
    log.define(60, "CMD", "QHHHffffLLfB",
               "TimeUS,CTot,CNum,CId,Prm1,Prm2,Prm3,Prm4,Lat,Lng,Alt,Frame")  # fmt: skip
    log.define(61, "POS", "QLLfff", "TimeUS,Lat,Lng,Alt,RelHomeAlt,RelOriginAlt")
    log.define(62, "AHR2", "QccCfLLffff", "TimeUS,Roll,Pitch,Yaw,Alt,Lat,Lng,Q1,Q2,Q3,Q4")
    log.define(63, "MAG", "QBhhh", "TimeUS,I,MagX,MagY,MagZ")
    log.define(64, "BARO", "QBffc", "TimeUS,I,Alt,Press,Temp")
    log.define(65, "FILE", "NIBZ", "FileName,Offset,Length,Data")
    log.define(66, "TERR", "QBLLHff", "TimeUS,Status,Lat,Lng,Spacing,TerrH,CHeight")
    log.define(67, "ADSB", "QIii", "TimeUS,ICAO_address,Lat,Lng")
    log.define(68, "SCR", "QZd", "TimeUS,Note,Deg")  # a script's own message
    log.define(69, "PM", "QHQ", "TimeUS,LR,R")
    log.define(70, "XKF1", "QBccCfffffff", "TimeUS,C,Roll,Pitch,Yaw,VN,VE,VD,dPD,PN,PE,PD")
    log.formats["ATT"] = log.define(72, "ATT", "QccccCC",
                                    "TimeUS,DesRoll,Roll,DesPitch,Pitch,DesYaw,Yaw")  # fmt: skip
    log.write("PARM", 1, "BRD_SERIAL_NUM", 31335108.0, 0.0)
    log.write("PARM", 1, "COMPASS_OFS_X", 123.4, 0.0)
    log.write("PARM", 1, "SIM_OPOS_LAT", LAT, 0.0)
    log.write("ORGN", 2_000_000, 0, LAT, LON, ALT)
    log.write("ORGN", 2_000_000, 1, LAT, LON, ALT)
    log.write("CMD", 2_000_000, 2, 0, 16, 0.0, 0.0, 0.0, 0.0, LAT, LON, ALT, 0)
    log.write("CMD", 2_000_000, 2, 1, 16, 0.0, 0.0, 0.0, 37.5, *_way(90), 30.0, 3)
    log.write("MSG", 2_000_001, f"{CALLSIGN} flown by {PILOT}")
    log.write("MSG", 2_000_002, f"home is {LAT:.5f}, {LON:.5f}")
    log.write("FILE", "@SYS/uarts.txt", 0, 9, CALLSIGN)
    for i in range(rows):
        t, (lat, lon) = 3_000_000 + i * 100_000, _way(i)
        log.write("GPS", t, 0, 3, WEEK_MS + i * 100, WEEK, 14, 0.8, lat, lon, ALT + i,
                  11.0, 41.0, -1.0, 0.0, 1)  # fmt: skip
        log.write("POS", t, lat, lon, ALT + i, float(i), float(i))
        log.write("AHR2", t, 0.0, 0.0, 41.0, ALT + i, lat, lon, 1.0, 0.0, 0.0, 0.0)
        log.write("TERR", t, 1, lat, lon, 30, ALT, float(i))
        log.write("ADSB", t, 0x4B1234, round(lat * 1e7), round(lon * 1e7))
        log.write("SCR", t, PILOT, LAT)
        log.write("ATT", t, 0.0, 0.0, 0.0, 0.0, 41.0, 41.0)
        log.write("XKF1", t, 0, 0.0, 0.0, 41.0, 8.3, 7.2, -1.0, 0.0, i * 1.1, i * 0.9, -float(i))
        log.write("MAG", t, 0, *(round(x) for x in FIELD_MG))
        log.write("BARO", t, 0, float(i), 99_100.0 - 12 * i, -7.5)
        log.write("PM", t, 400, UNIX_US + i * 100_000)
        log.write("IMU", t, 0, 0.0, 0.0, 0.0, 0.0, 0.0, -9.82)
    return bytes(log)


def ulog(rows: int = 60) -> bytes:
    """Receiver, estimate, home, setpoints, texts, identity, boot console, dates."""
    log = ULogWriter()
    log.info(f"char[{len(UUID)}]", "sys_uuid", UUID.encode())
    log.info("char[3]", "sys_name", b"PX4")
    log.info("uint32_t", "ver_sw_release", 0x010D00FF)
    log.info("int32_t", "time_ref_utc", 7200)
    console = f"welcome {PILOT}"
    log.info_multiple(f"char[{len(console)}]", "boot_console_output", console.encode())
    log.parameter("MAV_TYPE", 2)
    log.parameter("CAL_MAG0_XOFF", 0.123)
    log.parameter("EKF2_MAG_DECL", 13.7)
    log.parameter("SDLOG_UTC_OFFSET", 120)
    log.format("sensor_gps", "uint64_t timestamp;uint64_t time_utc_usec;double latitude_deg;"
               "double longitude_deg;double altitude_msl_m;float vel_m_s;float cog_rad;"
               "uint8_t fix_type;uint8_t satellites_used;uint8_t[6] _padding0")  # fmt: skip
    log.format("vehicle_global_position",
               "uint64_t timestamp;double lat;double lon;float alt;float terrain_alt")  # fmt: skip
    log.format("setpoint", "double lat;double lon;float alt;float yaw;uint8_t valid;"
               "uint8_t[7] _padding0")  # fmt: skip
    log.format("vehicle_attitude", "uint64_t timestamp;float[4] q")
    log.format("vehicle_magnetometer", "uint64_t timestamp;float[3] magnetometer_ga")
    log.format("satellite_info", "uint64_t timestamp;uint8_t count;uint8_t[20] azimuth")
    for number, name in enumerate(("sensor_gps", "vehicle_global_position", "vehicle_attitude",
                                   "vehicle_magnetometer", "satellite_info")):  # fmt: skip
        log.subscribe(name, number)
    log.log(6, 1_000, f"{CALLSIGN} of {PILOT} at {LAT:.5f}, {LON:.5f}".encode())
    for i in range(rows):
        t, (lat, lon) = 2_000_000 + i * 100_000, _way(i)
        log.frame("D", struct.pack("<HQQdddffBB", 0, t, UNIX_US + i * 100_000, lat, lon, ALT + i,
                                11.0, 0.7, 3, 14))  # fmt: skip
        log.frame("D", struct.pack("<HQddff", 1, t, lat, lon, ALT + i, ALT))
        log.frame("D", struct.pack("<HQ4f", 2, t, 0.936, 0.0, 0.0, 0.352))
        log.frame("D", struct.pack("<HQ3f", 3, t, *(x / 1000 for x in FIELD_MG)))
        log.frame("D", struct.pack("<HQB20B", 4, t, 20, *range(20)))
    return log.bytes()


def tlog(rows: int = 60) -> bytes:
    """Positions in five messages, identity, texts, absolute times, another aircraft."""
    log = Tlog()
    t0 = UNIX_US
    words = b"".join(bytes.fromhex(w)[::-1] for w in SERIAL.split())
    for i in range(rows):
        t, (lat, lon) = t0 + i * 100_000, _way(i)
        e7 = {"lat": round(lat * 1e7), "lon": round(lon * 1e7)}
        if i % 10 == 0:
            log.write("HEARTBEAT", t, type=2, autopilot=3, base_mode=209, custom_mode=3,
                      system_status=4, mavlink_version=3)  # fmt: skip
            log.raw(t, 2, struct.pack("<QI", t, 1000 + i * 100), 137)  # SYSTEM_TIME
            log.write("STATUSTEXT", t, severity=6, text=f"{CALLSIGN} {PILOT}".encode())
            home = struct.pack("<iii", e7["lat"], e7["lon"], round(ALT * 1000))
            log.raw(t, 242, home + bytes(48), 104)  # HOME_POSITION
        log.write("GPS_RAW_INT", t, time_usec=t, fix_type=3, alt=round((ALT + i) * 1000),
                  vel=1100, cog=4100, satellites_visible=14, **e7)  # fmt: skip
        log.write("GLOBAL_POSITION_INT", t, time_boot_ms=1000 + i * 100, relative_alt=i * 1000,
                  alt=round((ALT + i) * 1000), vx=830, vy=720, vz=-100, hdg=4100, **e7)  # fmt: skip
        log.write("ATTITUDE", t, time_boot_ms=1000 + i * 100, roll=0.0, pitch=0.0, yaw=0.716)
        other = struct.pack("<Iii", 0x4B1234, e7["lat"], e7["lon"]) + bytes(15)
        log.raw(t, 246, other + CALLSIGN.encode() + bytes(2), 184)  # ADSB_VEHICLE
        ground = struct.pack("<iiff", e7["lat"], e7["lon"], ALT, float(i)) + struct.pack(
            "<HHH", 30, 0, 9
        )
        log.raw(t, 136, ground, 1)  # TERRAIN_REPORT
    log.write("AUTOPILOT_VERSION", t, flight_sw_version=0x040603FF, uid=1, uid2=words)
    return bytes(log)


def blackbox(seconds: float = 2.0) -> bytes:
    """Home and way of a receiver, a pilot's and a craft's name, the processor's number, a date."""
    log = quad(
        {
            "Craft name": CALLSIGN,
            "Pilot name": PILOT,
            "DeviceUID": SERIAL.replace(" ", ""),
            "Log start datetime": "2025-03-03T11:08:43.000+00:00",
            "Firmware date": "Jan 10 2025 10:00:00",
        }
    )
    fly(log, seconds)
    log.disarm(4)
    log.end()
    return bytes(log)


def dataflash_text() -> bytes:
    """The same as text."""
    return printed(dataflash())


BUILDERS = {
    "dataflash_text": dataflash_text,
    "dataflash": dataflash,
    "ulog": ulog,
    "tlog": tlog,
    "blackbox": blackbox,
}
#: ``fly`` of the blackbox scenario takes place elsewhere.
PLACES = dict.fromkeys(BUILDERS, (LAT, LON)) | {"blackbox": (50.0, 8.0)}
