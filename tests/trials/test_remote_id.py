"""Remote ID: read again to within one step, unknown stays unknown, damage is told."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flyoff.errors import TrialError
from flyoff.trials.remote_id import (
    Authentication,
    BasicId,
    Location,
    OperatorId,
    SelfId,
    System,
    decode,
    encode_pack,
)
from flyoff.trials.remote_id import quantities as q
from flyoff.trials.remote_id.layout import ID_TYPES, STATUSES, UA_TYPES
from tests.shared import needs_shared, shared


def _again(message):
    (read,) = decode(message.encode())
    return read


def _within(limit, step):
    """Whether a value comes back to within a step, for values of a scale."""
    return pytest.approx(limit, abs=step)


@given(st.floats(0, 360, exclude_max=True))
def test_direction_is_rounded_to_a_degree(direction):
    read = _again(Location(direction_deg=direction)).direction_deg
    assert 0.0 <= read <= 359.0
    assert min(abs(read - direction), 360 - abs(read - direction)) <= 0.5 + 1e-4


def test_just_west_of_north_is_north():
    assert _again(Location(direction_deg=359.6)).direction_deg == 0.0
    assert _again(Location(direction_deg=360.0)).direction_deg == 0.0
    assert _again(Location(direction_deg=359.4)).direction_deg == 359.0


@given(st.floats(0, 254.25))
def test_ground_speed_has_two_scales(speed):
    read = _again(Location(ground_speed_m_s=speed)).ground_speed_m_s
    assert read == _within(speed, 0.126 if speed <= 63.75 else 0.376)


@pytest.mark.parametrize(
    ("speed", "read"),
    [(5.4, 5.5), (63.75, 63.75), (63.76, 63.75), (64.2, 64.5), (254.25, 254.25), (400.0, 254.25)],
)
def test_ground_speed_at_the_edges(speed, read):
    assert _again(Location(ground_speed_m_s=speed)).ground_speed_m_s == read


@pytest.mark.parametrize(
    ("speed", "read"), [(5.25, 5.0), (-5.25, -5.0), (5.9, 5.5), (70.0, 62.0), (-70.0, -62.0)]
)
def test_vertical_speed_is_cut_not_rounded(speed, read):
    assert _again(Location(vertical_speed_m_s=speed)).vertical_speed_m_s == read


@given(st.floats(-999.5, 31767.0))
def test_heights_are_cut_to_half_a_metre(height):
    read = _again(Location(ellipsoid_height_m=height)).ellipsoid_height_m
    assert -0.002 <= height - read < 0.502  # single precision at 31 km: 2 mm


@given(
    st.floats(-90, 90).filter(lambda v: abs(v) > 1e-6),
    st.floats(-180, 180).filter(lambda v: abs(v) > 1e-6),
)
def test_places_are_good_to_a_centimetre(lat, lon):
    read = _again(Location(lat=lat, lon=lon))
    assert (read.lat, read.lon) == (_within(lat, 0.51e-7), _within(lon, 0.51e-7))


@given(st.floats(0, 3600))
def test_time_is_a_tenth_of_a_second_of_an_unnamed_hour(seconds):
    assert _again(Location(hour_time_s=seconds)).hour_time_s == _within(seconds, 0.0502)


def test_what_is_unknown_stays_unknown():
    assert _again(Location()) == Location()
    assert _again(System()) == System()


@pytest.mark.parametrize(
    ("field", "raw"),
    [
        ("direction_deg", "12020000000000000000000000000000000000000000000000"),
        ("hour_time_s", "12000000000000000000000000000000000000000000000000"),
    ],
)
def test_zero_is_not_unknown_where_it_is_a_value(field, raw):
    assert getattr(Location.decode(bytes.fromhex(raw)), field) is not None


def test_invalid_codes_on_the_air_are_none():
    raw = bytearray(Location(direction_deg=10, lat=1.0, lon=1.0).encode())
    raw[1], raw[2], raw[3], raw[4] = 0x23, 181, 255, 126  # 361°, 255 m/s, 63 m/s
    raw[5:13] = bytes(8)
    raw[21:23] = b"\xff\xff"
    read = Location.decode(bytes(raw))
    values = (read.direction_deg, read.ground_speed_m_s, read.vertical_speed_m_s, read.lat)
    assert values == (None,) * 4
    assert (read.lon, read.pressure_altitude_m, read.hour_time_s) == (None,) * 3
    assert q.UNKNOWN["direction"] == 361
    assert read.encode() == bytes(raw)


def test_a_place_off_the_earth_is_none():
    raw = bytearray(Location(lat=1.0, lon=1.0).encode())
    raw[5:9] = (910_000_000).to_bytes(4, "little", signed=True)
    assert Location.decode(bytes(raw)).lat is None


@pytest.mark.parametrize(
    ("value", "code"), [(None, 0), (0.0, 0), (0.5, 12), (1.0, 11), (2.5, 11), (3.0, 10), (2e4, 0)]
)
def test_accuracy_is_the_smallest_class_above(value, code):
    assert q.encode_accuracy(value, q.HORIZONTAL_ACCURACY_M) == code


@pytest.mark.parametrize(("value", "code"), [(0.05, 1), (0.2, 2), (0.21, 3), (1.5, 15), (1.6, 0)])
def test_time_accuracy_is_in_tenths(value, code):
    assert q.encode_time_accuracy(value) == code


def _comparable(message):
    """Without what a second sending changes: the limit of an accuracy class is not below itself."""
    if not isinstance(message, Location):
        return message
    names = ("horizontal", "vertical", "pressure")
    unknown = {f"{name}_accuracy_m": None for name in names}
    return replace(message, speed_accuracy_m_s=None, **unknown)


@given(st.integers(0, 5), st.binary(min_size=24, max_size=24))
def test_any_bytes_of_a_known_type_are_read_and_sent_the_same(kind, raw):
    (read,) = decode(bytes((kind << 4 | 2,)) + raw)
    text = getattr(read, "text", "")
    if isinstance(read, SelfId | OperatorId) and "\\x" in text:
        return  # not ASCII: shown as escapes, which are longer than the field
    assert _comparable(_again(read)) == _comparable(read)


@given(st.binary(max_size=260))
def test_bytes_never_crash_the_reader(raw):
    for data in (raw, b"\xf2\x19" + raw):
        try:
            assert decode(data)
        except TrialError:
            continue


@pytest.mark.parametrize("ua_type", UA_TYPES)
@pytest.mark.parametrize("id_type", [*ID_TYPES, "reserved_9"])
def test_basic_id(ua_type, id_type):
    who = BasicId(id_type, ua_type, b"1596F3AB")
    assert _again(who) == who
    assert who.text == "1596F3AB"


def test_binary_ids_are_kept_as_bytes():
    who = BasicId("utm_assigned_uuid", "none", bytes(range(1, 17)))
    assert _again(who).uas_id == bytes(range(1, 17))
    assert "\\x80" in BasicId("specific_session_id", "none", b"\x01\x80").text


def test_every_message_in_one_pack():
    sent = (
        BasicId("serial_number", "glider", b"S1"),
        Location(STATUSES[2], 10.0, 5.0, -1.0, 48.1, 11.5, height_reference="ground", height_m=12),
        Authentication("uas_id_signature", 0, b"\x01" * 17, 1, 30, 123456),
        Authentication("uas_id_signature", 1, b"\x02" * 23),
        SelfId("survey of a roof"),
        System("fixed", "eu", 48.0, 11.0, 500.0, 3, 120.0, 620.0, 500.0, "open", "c2", 1000),
        OperatorId("FIN87astrdge12k8"),
    )
    assert decode(encode_pack(sent)) == sent
    assert decode(encode_pack(sent) + b"filling") == sent


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "got none"),
        (b"\x02" * 24, "25 bytes, got 24"),
        (b"\x62" + bytes(24), "type 6 is not known"),
        (b"\xf2\x19\x00", "expected messages"),
        (b"\xf2\x18\x01" + bytes(25), "expected messages"),
        (b"\xf2\x19\x0a" + bytes(250), "expected messages"),
        (b"\xf2\x19\x02" + bytes(25), "needs 53 bytes, got 28"),
        (b"\xf2\x19\x01\xf2\x19\x01" + bytes(22), "type 15 is not known"),
    ],
)
def test_damage_is_told(data, message):
    with pytest.raises(TrialError, match=message):
        decode(data)


@pytest.mark.parametrize(
    "sent",
    [
        Location(lat=91.0, lon=0.0),
        Location(direction_deg=-1.0),
        Location(ground_speed_m_s=-0.1),
        Location(ellipsoid_height_m=math.nan),
        Location(hour_time_s=3601.0),
        Location(status="landed"),
        Location(version=16),
        BasicId("serial_number", "glider", b"x" * 21),
        BasicId("reserved_2", "glider", b"x"),
        BasicId("reserved_x", "glider", b"x"),
        SelfId("über"),
        SelfId("x" * 24),
        System(area_radius_m=2551.0),
        System(area_count=70000),
        Authentication("none", 16, b""),
        Authentication("none", 0, b"", 1, 300, 0),
    ],
    ids=repr,
)
def test_what_cannot_be_sent_is_refused(sent):
    with pytest.raises(TrialError):
        sent.encode()


@needs_shared
def test_packs_in_real_beacons():
    """The packs behind the standard's mark in captured Wi-Fi beacons of a real drone."""
    (path,) = (shared() / "logs" / "cuas").glob("*wifi_parrot_anafi4_real*")
    data, mark = path.read_bytes(), b"\xfa\x0b\xbc\x0d"
    read, at = [], data.find(mark)
    while at >= 0:
        read += decode(data[at + 5 : at + 5 + 3 + 225])  # behind the mark and a counter
        at = data.find(mark, at + 1)
    who = {message.text for message in read if isinstance(message, BasicId)}
    assert len(who) == 1
    assert all(text.isalnum() for text in who)
    places = [m for m in read if isinstance(m, Location) and m.lat is not None]
    assert len(places) > 3
    # one drone, one field: all within a hundredth of a degree
    assert max(p.lat for p in places) - min(p.lat for p in places) < 0.01
    assert max(p.lon for p in places) - min(p.lon for p in places) < 0.01
