"""Small files of what counter-drone sensors record, for tests and for fuzzing."""

import json
import struct

from flyoff.trials.readers import wireless
from flyoff.trials.readers.asterix_items import CATEGORIES
from flyoff.trials.remote_id.location import Location
from flyoff.trials.remote_id.messages import BasicId
from flyoff.trials.remote_id.pack import encode_pack

NAMES = ("sapient", "asterix", "cot", "remote_id")


def block(category: int, edition: str, *items: dict[str, object]) -> bytes:
    import asterix.generated as tables

    spec = getattr(tables, f"Cat_{category:03d}_{edition}")
    return spec.create([spec.cv_record.create(i) for i in items]).unparse().to_bytes()


def plot(seconds: float, rho: float = 1.0) -> bytes:
    return block(
        48,
        CATEGORIES[48][0][0],
        {
            "010": (("SAC", 1), ("SIC", 2)),
            "140": (seconds, "s"),
            "040": (("RHO", (rho, "NM")), ("THETA", (90.0, "°"))),
            "161": 7,
        },
    )


def detection(second: int, **said: object) -> dict[str, object]:
    return {
        "timestamp": f"2026-05-04T10:00:{second:02d}.500Z",
        "nodeId": "31cdf0d2-5a3c-4ac5-8ca0-21a0d4f8ab0b",
        "detectionReport": {"objectId": "01H0", "reportId": f"R{second}", **said},
    }


LOCATION = {
    "x": 8.5,
    "y": 47.4,
    "z": 520.0,
    "xError": 0.0001,
    "coordinateSystem": "LOCATION_COORDINATE_SYSTEM_LAT_LNG_DEG_M",
    "datum": "LOCATION_DATUM_WGS84_E",
}
POLAR = {
    "range": 1.25,
    "azimuth": 1.0,
    "elevation": 0.1,
    "coordinateSystem": "RANGE_BEARING_COORDINATE_SYSTEM_RADIANS_KM",
    "datum": "RANGE_BEARING_DATUM_TRUE",
}


EVENT = (
    '<event version="2.0" uid="{uid}" type="a-h-A-M-H-Q" how="m-r" time="2026-05-04T10:00:00.00Z" '
    'start="2026-05-04T10:00:00Z" stale="2026-05-04T10:01:00Z">'
    '<point lat="47.1" lon="8.2" hae="612.5" ce="4.5" le="9999999.0"/>'
    '<detail><track course="90.0" speed="12.5"/></detail></event>'
)


def pcap(link: int, *frames: bytes) -> bytes:
    head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link)
    return head + b"".join(
        struct.pack("<IIII", 7200 + k, 0, len(f), len(f)) + f for k, f in enumerate(frames)
    )


PACK = encode_pack(
    [
        BasicId("serial_number", "aeroplane", b"1596F3"),
        Location(lat=47.5, lon=8.5, ellipsoid_height_m=500.0, hour_time_s=3599.0),
    ]
)


def samples() -> dict[str, bytes]:
    lines = "\n".join(json.dumps(detection(s, location=LOCATION)) for s in range(5))
    events = "\n".join(EVENT.format(uid=f"u{k}") for k in range(5))
    return {
        "sapient": lines.encode(),
        "asterix": b"".join(plot(float(s)) for s in range(5)),
        "cot": events.encode(),
        "remote_id": pcap(wireless.WIFI, b"\x80" + b"\0" * 35 + beacon(PACK)),
    }


def beacon(pack: bytes) -> bytes:
    body = b"\xfa\x0b\xbc\x0d\x05" + pack
    return bytes([221, len(body)]) + body


def small(name: str) -> bytes:
    """A file of one format."""
    return samples()[name]
