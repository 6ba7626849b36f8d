"""Logs in which every message of a format holds a secret wherever it has room for one.

Unlike ``seeded``, these are no flights: each field that by its name or type can tell a place, a
date, a number or a name does. Built from the formats' own definitions and from our field tables,
so that a message which is allowed one day is asked that day. What is looked for is ``seeded``'s.
"""

import re
import struct
from collections.abc import Iterator

from flyoff.decoders.tlog.layout import Definition, dialect
from flyoff.exchange.redaction.tables import Contents, table
from tests.scenarios import seeded
from tests.scenarios.blackbox import fly, quad
from tests.scenarios.dataflash import opened
from tests.scenarios.dataflash_text import printed
from tests.scenarios.seeded import ALT, CALLSIGN, LAT, LON, UNIX_US, UUID
from tests.scenarios.tlog import Tlog
from tests.scenarios.ulog import ULogWriter

ICAO = 0x4B1234
#: Messages of ArduPilot that no table names: whole ones have to go.
OTHER_MESSAGES = (
    "RALY FNCE TERR ADSB AIS1 AIS4 SIM SIM2 FILE SRTL GRAW GRXH GRXS RCDA DSTL SURF CAM TRIG"
    " OABR OADJ VISP VISV BCN PL RGPI RISH DMS SBPH SBRH ISBH ISBD NAV1 MMO MAVC SCR"
).split()  # fmt: skip
#: The same of PX4.
OTHER_TOPICS = (
    "satellite_info gps_dump vehicle_gps_position_raw transponder_report follow_target"
    " landing_target vehicle_odometry camera_capture camera_trigger geofence_status vehicle_roi"
    " open_drone_id_system open_drone_id_operator_id sensor_gnss_relative vehicle_mocap_odometry"
    " terrain_report sensor_mag vehicle_angular_acceleration device_information"
    " uavcan_parameter_value id_info hygrometer log_message mavlink_log"
).split()  # fmt: skip
_TEXT = CALLSIGN.encode()


def tlog() -> bytes:
    """Every MAVLink message there is, with the fields that it has."""
    log, t = Tlog(), UNIX_US
    log.write("GPS_RAW_INT", t, time_usec=t, fix_type=3, lat=round(LAT * 1e7),
              lon=round(LON * 1e7), alt=round(ALT * 1e3))  # fmt: skip
    known = dialect()
    for number in sorted(n for n in range(known.numbers.size) if known.numbers[n] >= 0):
        definition = known.definition(number)
        t += 1000
        log.raw(t, number, _payload(definition), int(known.seeds[known.numbers[number]]))
    for name in ("SYSID_THISMAV", "BRD_SERIAL_NUM", "COMPASS_DEC", "FENCE_LAT"):
        log.write("PARAM_VALUE", t, param_id=name.encode(), param_value=LAT)
    return bytes(log)


def _payload(definition: Definition) -> bytes:
    body = bytearray(definition.size)
    for field in definition.fields:
        value = _mavlink(definition.name, field.name, field.dtype.kind, field.dtype.itemsize)
        count, width = max(field.count, 1), field.dtype.itemsize
        if value is None:
            continue
        if isinstance(value, bytes):
            size = count * width
            body[field.at : field.at + size] = value[:size].ljust(size, b"\0")
            continue
        for i in range(count):
            struct.pack_into(_code(field.dtype.kind, width), body, field.at + i * width, value)
    return bytes(body)


def _code(kind: str, width: int) -> str:
    return "<" + {"f": {4: "f", 8: "d"}, "i": {4: "i", 8: "q"}, "u": {4: "I", 8: "Q"}}[kind][width]


def _mavlink(message: str, name: str, kind: str, width: int) -> float | bytes | None:
    """What a field is given: by its name, and by what fits."""
    is_item = message.startswith("MISSION_ITEM")
    if re.match(r"lat|latitude|.*_lat(_|$)|.*_lat_int", name) or (is_item and name == "x"):
        value: float = LAT
    elif re.match(r"lon|lng|longitude|.*_lon(_|$)|.*_lng|.*_lon_int", name) or (
        is_item and name == "y"
    ):
        value = LON
    elif kind == "S" or (kind == "u" and width == 1):
        return _TEXT if kind == "S" or name in _BYTES else None
    elif name == "time_boot_ms":
        return 1000
    elif kind == "u" and width == 8 and "boot" not in name:
        return UNIX_US
    elif kind in "ui" and width == 4 and re.search(r"icao|mmsi|uid|serial", name, re.IGNORECASE):
        return ICAO
    else:
        return None
    if kind == "f":
        return value
    return round(value * 1e7) if kind in "iu" and width >= 4 else None


_BYTES = frozenset(
    "arguments data payload uid uid2 uas_id id_or_mac vendor_name model_name secret_key".split()
)


def dataflash() -> bytes:
    """Every message that is allowed or is known to tell, each with room for a place and a name."""
    log = opened()
    contents = table("dataflash")
    names = [n for n in (*contents, *OTHER_MESSAGES) if n not in log.formats]
    # the message types that no record has yet
    kinds = iter([k for k in range(1, 255) if k not in {f.kind for f in log.formats.values()}])
    log.define(next(kinds), "GPS", "QBIHBcLLeffffBf",
               "TimeUS,Status,GMS,GWk,NSats,HDop,Lat,Lng,Alt,Spd,GCrs,VZ,Yaw,U,Deg")  # fmt: skip
    log.write("GPS", 1_500_000, 3, seeded.WEEK_MS, seeded.WEEK, 14, 0.8, LAT, LON, ALT,
              11.0, 41.0, -1.0, 0.0, 1, LAT)  # fmt: skip
    for i, name in enumerate(n for n in dict.fromkeys(names) if n != "GPS"):
        fields = [("TimeUS", "Q", 2_000_000 + i * 1000)]
        fields += list(_places(contents.get(name)))[:4]
        fields += [("Lat", "L", LAT), ("Lng", "L", LON)] if len(fields) == 1 else []
        fields += [("HomeLat", "d", LAT), ("HomeLon", "d", LON), ("Note", "Z", CALLSIGN)]
        fields += [("Owner", "N", CALLSIGN), ("ICAO", "I", ICAO), ("Utc", "Q", UNIX_US)]
        # a field that is allowed, but as a text
        kept = (
            [n for n in contents[name].single["keep"] if n != "TimeUS"] if name in contents else []
        )
        fields += [(n, "N", CALLSIGN) for n in kept[:1]]
        labels, codes = (",".join(f[0] for f in fields), "".join(f[1] for f in fields))
        log.define(next(kinds), name, codes, labels)
        log.write(name, *(f[2] for f in fields))
    return bytes(log)


def _places(contents: Contents | None) -> Iterator[tuple[str, str, float]]:
    for lat, lon in contents.groups["place"] if contents else ():
        yield from ((lat, "L", LAT), (lon, "L", LON))


def ulog() -> bytes:
    """Every topic that is allowed or is known to tell, and every message of the format itself."""
    log = ULogWriter()
    keys = "sys_uuid sys_name sys_os_name ver_hw ver_sw ver_sw_branch replay hardfault_plain craft"
    for key in keys.split():
        log.info(f"char[{len(_TEXT)}]", key, _TEXT)
        log.info_multiple(f"char[{len(_TEXT)}]", f"multi_{key}", _TEXT)
    log.info(f"char[{len(UUID)}]", "vehicle", UUID.encode())
    log.info("double", "home_lat", LAT)
    log.info("uint32_t", "ver_data_format", 1)
    for name in ("LND_FLIGHT_T_LO", "CAL_ACC0_ID", "COM_FLIGHT_UUID", "EKF2_MAG_DECL", CALLSIGN):
        log.parameter(name, LAT)
        log.default(1, name, LAT)
    contents = table("ulog")
    for number, name in enumerate((*contents, *OTHER_TOPICS)):
        log.format(name, _fields(contents.get(name)))
        log.subscribe(name, number)
    for number, name in enumerate((*contents, *OTHER_TOPICS)):
        values = {"utc": UNIX_US, "lat_e7": round(LAT * 1e7), "lon_e7": round(LON * 1e7),
                  "home_lat": LAT, "home_lon": LON, "icao": ICAO}  # fmt: skip
        values |= {f"note[{i}]": letter for i, letter in enumerate(_TEXT)}
        for lat, lon in contents[name].groups["place"] if name in contents else ():
            values |= {lat: LAT, lon: LON}
        if name in contents:
            values |= dict.fromkeys(contents[name].single["unix_us"], UNIX_US)
            values |= {f"{n}[{i}]": c for n in _spare(contents[name]) for i, c in enumerate(_TEXT)}
        if name == "vehicle_command":
            values |= {"command": 42_000, "param1": LAT}
        log.data(number, values, timestamp=2_000_000 + number * 1000)
    log.log(6, 3_000_000, f"{CALLSIGN} {LAT}, {LON}".encode())
    log.tagged(6, 7, 3_000_000, _TEXT)
    return log.bytes()


def _spare(contents: Contents) -> tuple[str, ...]:
    """A plain field of the topic that this log declares as letters instead."""
    special = {str(rule["field"]) for rule in contents.special.values() if isinstance(rule, dict)}
    plain = [n for n in contents.single["keep"] if n.isidentifier() and n not in special]
    return tuple(n for n in plain[-1:] if n not in ("timestamp", "param2"))


def _fields(contents: Contents | None) -> str:
    fields = ["uint64_t timestamp", "uint64_t utc", "int32_t lat_e7", "int32_t lon_e7"]
    fields += ["double home_lat", "double home_lon", "uint32_t icao", f"char[{len(_TEXT)}] note"]
    if contents is not None:
        fields += [f"double {n}" for pair in contents.groups["place"] for n in pair]
        fields += [f"uint64_t {n}" for n in contents.single["unix_us"]]
        fields += [f"char[{len(_TEXT)}] {n}" for n in _spare(contents)]
        if "only_where" in contents.special:
            fields += ["uint32_t command", "float param1"]
    return ";".join(fields) + ";"


def blackbox() -> bytes:
    """Every line of the header as a name or a place, those too that are allowed as numbers."""
    keys = (
        "Craft name,Pilot name,Board information,DeviceUID,Firmware date,features,debug_mode,rates,"
        "vbat_scale,currentSensor,failsafe_delay,motorOutput2"
    ).split(",")
    headers = dict.fromkeys(keys, CALLSIGN) | {
        "Log start datetime": "2025-03-03T11:08:43.000+00:00",
        "Firmware revision": f"Betaflight 4.5.1 ({CALLSIGN}) STM32F7X2",
        "gps_home": f"{LAT:.7f},{LON:.7f}",
    }
    log = quad(headers)
    fly(log, 0.5)
    log.end()
    return bytes(log)


BUILDERS = {
    "dataflash_text": lambda: printed(dataflash()),
    "tlog": tlog,
    "dataflash": dataflash,
    "ulog": ulog,
    "blackbox": blackbox,
}
