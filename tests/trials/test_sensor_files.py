"""Sensor files of every format decode to known values; damage is counted, hostile input bounded."""

import json
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flyoff.errors import TrialError
from flyoff.trials import readers
from flyoff.trials.readers import asterix, capture, cot, sapient, table, wireless
from flyoff.trials.readers.time_of_day import DayClock
from flyoff.trials.remote_id.location import Location
from flyoff.trials.site import Post, Site, place
from tests.scenarios.trial_files import (
    EVENT,
    LOCATION,
    PACK,
    POLAR,
    block,
    detection,
    pcap,
    plot,
    samples,
)


def test_midnight_wraps_and_the_date_is_the_trials() -> None:
    data = b"".join(plot(s) for s in (86_399.0, 86_399.5, 0.5, 1.0))
    read = readers.read(data, options=readers.Options(start_s=10 * 86_400.0 + 80_000.0))
    np.testing.assert_allclose(np.diff(read.reports.time_s), [0.5, 1.0, 0.5], atol=0.01)
    assert read.reports.time_s[0] == pytest.approx(10 * 86_400.0 + 86_399.0, abs=0.01)
    assert not read.notes
    assert readers.read(data).notes == ("no date: neither the recording nor the trial names one",)


def test_a_time_before_midnight_after_one_behind_it() -> None:
    clock = DayClock(86_390.0)
    assert [clock.utc(t) for t in (2.0, 86_399.0, 3.0)] == [86_402.0, 86_399.0, 86_403.0]


def test_damage_between_blocks_costs_itself_alone() -> None:
    whole = [plot(float(s)) for s in range(4)]
    data = whole[0] + b"\xff\xfe\xfd" + whole[1] + whole[2] + whole[3][:-4]
    read = readers.read(data, "asterix", readers.Options(start_s=0.0))
    assert len(read.reports) == 3
    assert [g.bytes for g in read.account.gaps] == [3, len(whole[3]) - 4]


def test_final_recordings() -> None:
    block = plot(5.0)
    record = struct.pack(">HBBB3s", len(block) + 8, 0, 0, 1, b"\0\0\x05") + block + b"\xa5" * 4
    read = readers.read(record * 3, options=readers.Options(start_s=0.0))
    assert (read.format, len(read.reports)) == ("asterix", 3)
    assert read.account.skipped_bytes == 0


def test_category_15_says_range_bearing_and_spread() -> None:
    data = block(
        15,
        "1_2",
        {
            "010": (("SAC", 3), ("SIC", 4)),
            "145": (100.0, "s"),
            "161": 12,
            "625": {"R": (1234.5, "m"), "SDR": (5.0, "m")},
            "627": {"AZ": (45.0, "°")},
            "628": {"EL": (3.0, "°")},
        },
    )
    read = readers.read(data, options=readers.Options(start_s=0.0)).reports
    n = read.numbers
    assert read.track.tolist() == ["12"]
    assert n["range_m"][0] == pytest.approx(1234.5)
    assert n["sigma_range"][0] == pytest.approx(5.0)
    assert n["azimuth_deg"][0] == pytest.approx(45.0, abs=0.01)
    assert n["elevation_deg"][0] == pytest.approx(3.0, abs=0.01)


def test_category_129_says_who_and_where() -> None:
    body = bytes.fromhex("87e00a144445546000071c71c7f1c71c72001388000032")
    data = bytes([129]) + struct.pack(">H", len(body) + 3) + body
    read = readers.read(data * 2, options=readers.Options(start_s=0.0)).reports
    assert read.time_s.tolist() == [43_200.0] * 2
    assert read.numbers["lat"][0] == pytest.approx(20.0, abs=1e-6)
    assert read.numbers["height_m"][0] == pytest.approx(500.0)
    assert set(read.texts["sensor"]) == {"10/20"}


def test_sapient_in_json() -> None:
    rows = [
        detection(
            1,
            location=LOCATION,
            classification=[
                {"type": "Bird", "confidence": 0.2},
                {
                    "type": "Air Vehicle",
                    "confidence": 0.7,
                    "subClass": [{"type": "UAV", "level": 1}],
                },
            ],
            enuVelocity={"eastRate": 3.0, "northRate": -4.0},
        ),
        detection(2, rangeBearing=POLAR, state="lost"),
    ]
    data = "\n".join(json.dumps(r) for r in rows).encode() + b'\n{"nodeId": "cut'
    read = readers.read(data)
    reports, n = read.reports, read.reports.numbers
    assert read.format == "sapient"
    assert (n["lat"][0], n["lon"][0], n["height_m"][0]) == (47.4, 8.5, 520.0)
    assert n["sigma_east"][0] == pytest.approx(
        0.0001 * 111_195 * np.cos(np.radians(47.4)), rel=1e-3
    )
    assert reports.texts["label"].tolist() == ["Air Vehicle/UAV", ""]
    assert n["range_m"][1] == 1250.0
    assert n["azimuth_deg"][1] == pytest.approx(np.degrees(1.0))
    assert reports.ends.tolist() == [False, True]
    assert read.account.status == "truncated"
    assert read.account.skipped_bytes == len(b'{"nodeId": "cut')


def test_sapient_as_a_stream_is_the_same_and_resynchronises() -> None:
    from google.protobuf.json_format import ParseDict
    from sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2 import SapientMessage

    sent = []
    for second in range(3):
        message = ParseDict(detection(second, location=LOCATION), SapientMessage())
        body = message.SerializeToString()
        sent.append(struct.pack("<I", len(body)) + body)
    read = readers.read(b"".join(sent))
    assert (read.format, len(read.reports), read.account.status) == ("sapient", 3, "complete")
    torn = sapient.read(sent[0] + b"\xff" * 7 + sent[1] + sent[2][:-3])
    assert len(torn.reports) == 2
    assert torn.account.skipped_bytes == 7 + len(sent[2]) - 3


def test_a_hostile_stream_is_bounded() -> None:
    for data in (b"\xff" * 5000, struct.pack("<I", 1 << 31) + b"\x0a" * 100, b"\x0a" * 999):
        account = sapient.read(data).account
        assert account.decoded_bytes + account.skipped_bytes == len(data)
    deep = b"[" * 100_000
    assert sapient.read(deep).account.skipped_bytes == len(deep)


def test_cursor_on_target() -> None:
    data = ('<?xml version="1.0"?>\n' + EVENT.format(uid="a") + EVENT.format(uid="b")).encode()
    read = readers.read(data)
    n = read.reports.numbers
    assert (read.format, read.account.status) == ("cot", "complete")
    assert read.reports.track.tolist() == ["a", "b"]
    assert (n["lat"][0], n["height_m"][0], n["sigma_east"][0]) == (47.1, 612.5, 4.5)
    assert np.isnan(n["sigma_up"][0])  # the standard's "not known"
    assert n["velocity_east"][0] == pytest.approx(12.5)


def test_hostile_xml_expands_nothing_and_costs_itself_alone() -> None:
    bomb = (
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        '<event uid="&b;" time="2026-05-04T10:00:00Z"><point lat="1" lon="1" hae="0"/></event>'
    )
    outside = '<event uid="x" time="&e;"><!DOCTYPE a SYSTEM "file:///etc/passwd"></event>'
    read = cot.read((EVENT.format(uid="a") + bomb + outside + EVENT.format(uid="b")).encode())
    assert read.reports.track.tolist() == ["a", "b"]
    assert read.account.skipped_bytes == len(bomb) + len(outside)
    assert cot.read(EVENT.format(uid="a")[:-30].encode()).account.status == "truncated"


def test_cursor_on_target_as_protobuf() -> None:
    from takproto import TAKProtoVer, xml2proto

    text = '<?xml version="1.0"?>' + EVENT.format(uid="a")
    stream = bytes(xml2proto(text, TAKProtoVer.STREAM))
    read = readers.read(stream * 2 + stream[:-5])
    assert (read.format, len(read.reports)) == ("cot", 2)
    assert read.account.skipped_bytes == len(stream) - 5
    assert read.reports.numbers["velocity_east"][0] == pytest.approx(12.5)
    mesh = bytes(xml2proto(text, TAKProtoVer.MESH))
    assert len(readers.read(mesh * 2).reports) == 2


def test_remote_id_over_wifi_aware_and_bluetooth() -> None:
    by = bytes(range(6))
    service = bytes.fromhex("8869199d9209") + b"\x01\x00\x10" + bytes([len(PACK) + 1]) + b"\x07"
    body = b"\x03" + struct.pack("<H", len(service) + len(PACK)) + service + PACK
    aware = b"\xd0\0\0\0" + b"\xff" * 6 + by + by + b"\0\0" + bytes.fromhex("0409506f9a13") + body
    aired = Location(lat=47.5, lon=8.5, hour_time_s=1.0).encode()
    entry = b"\x16\xfa\xff\x0d\x01" + aired
    legacy = bytes.fromhex("d6be898e") + bytes([2, 6 + 1 + len(entry)]) + by + bytes([len(entry)])
    wifi = readers.read(pcap(wireless.WIFI, aware))
    assert wifi.reports.track.tolist() == ["1596F3"]
    # 59 min 59 s past the hour, heard on the full hour: of the hour before
    assert wifi.reports.time_s.tolist() == [7199.0]
    radio = readers.read(pcap(wireless.BLE, legacy + entry + b"\0\0\0"))
    assert radio.reports.track.tolist() == ["05:04:03:02:01:00"]
    assert radio.reports.time_s.tolist() == [7201.0]


def test_a_capture_with_a_damaged_length_says_where() -> None:
    data = bytearray(pcap(1, b"\0" * 60, b"\0" * 60))
    struct.pack_into("<I", data, 24 + 76 + 8, 1 << 30)
    account = readers.read(bytes(data), "asterix").account
    assert [(g.offset, g.bytes) for g in account.gaps] == [(24 + 76, 76)]
    assert capture.is_capture(bytes(data))


def test_a_beacon_is_heard() -> None:
    read = readers.read(samples()["remote_id"])
    assert read.reports.track.tolist() == ["1596F3"]


@pytest.mark.parametrize("name", ["sapient", "asterix", "cot", "remote_id"])
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_damage_never_raises_and_every_byte_is_accounted_for(
    name: str, data: st.DataObject
) -> None:
    raw = bytearray(samples()[name])
    for _ in range(data.draw(st.integers(1, 6))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    raw = raw[: data.draw(st.integers(0, len(raw)))]
    read = readers.read(bytes(raw), name)
    account = read.account
    assert account.decoded_bytes + account.skipped_bytes == len(raw)
    assert sum(g.bytes for g in account.gaps) == account.skipped_bytes
    # what is off the earth is no place, and puts nothing else out of place
    placed = place(read.reports, Post(47.0, 8.0, 0.0), Site(47.0, 8.0))
    assert placed.position.shape == (len(read.reports), 3)


MAPPING = """
[columns]
time = "t"
range = "r"
azimuth = "az"
track = "id"
[units]
range = "km"
azimuth = "rad"
[time]
format = "%d.%m.%Y %H:%M:%S"
utc_offset_s = 7200
"""


def test_a_table_by_its_mapping() -> None:
    data = b"t;r;az;id\n04.05.2026 12:00:00;1.5;1;7\nnonsense;1;1;1\n04.05.2026 12:00:01;x;1;7\n"
    read = readers.read(data, options=readers.Options(columns=table.mapping(MAPPING)))
    assert read.reports.time_s.tolist() == [1777888800.0, 1777888801.0]
    assert read.reports.numbers["range_m"][0] == 1500.0
    assert np.isnan(read.reports.numbers["range_m"][1])
    assert [g.bytes for g in read.account.gaps] == [len(b"nonsense;1;1;1\n")]
    with pytest.raises(TrialError, match="no column r"):
        table.read(b"t,az,id\n", table.mapping(MAPPING))
    with pytest.raises(TrialError, match="no field lattitude"):
        table.mapping('[columns]\ntime = "t"\nlattitude = "x"\n')


def test_an_unknown_file_is_refused_with_the_known_formats() -> None:
    with pytest.raises(TrialError, match="known formats are sapient"):
        readers.read(b"hello")
    with pytest.raises(TrialError, match="edition 9"):
        asterix.read(plot(1.0), editions={48: "9.9"})
