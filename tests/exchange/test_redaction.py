"""Redacted logs hold nothing that they were meant to lose, and fly the same flight."""

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from flyoff.decoders import RawLog, Source
from flyoff.errors import ExchangeError
from flyoff.exchange.audit.encodings import ecef, geohash
from flyoff.exchange.audit.report import Audit, audit
from flyoff.exchange.redaction import policy as policies
from flyoff.exchange.redaction.redact import Redacted, redact
from flyoff.exchange.redaction.release import Release
from flyoff.exchange.redaction.rules import Secret
from flyoff.exchange.redaction.texts import template
from flyoff.model.recording import Recording
from flyoff.pipeline import registry
from flyoff.pipeline.redaction import redact_paths
from flyoff.pipeline.steps import judge
from tests.scenarios import carriers, dataflash, seeded, ulog

FORMATS = list(seeded.BUILDERS)
Log = tuple[RawLog, list[Recording]]


def opened(data: bytes, name: str = "log") -> Log:
    source = Source(name, data)
    decoder = registry.choose(source)
    raw = decoder.decode(source)
    return raw, decoder.normalise(raw)


def redacted(log: Log, policy: str = "public", salt: str = "r") -> Redacted:
    return redact(*log, Release(policies.load(policy), Secret(b"s" * 32), salt))


def attacked(log: Log, data: bytes, policy: str = "public") -> Audit:
    return audit(log, opened(data, "out"), policies.load(policy))


def every_form(lat: float, lon: float) -> list[bytes]:
    """The first fix in each form that the issue names, to be looked for without our own search."""
    found = [geohash((lat, lon)).encode()]
    for value in (lat, lon):
        radians = np.radians(value)
        for order in "<>":
            found.append(struct.pack(order + "i", round(value * 1e7)))
            found += [struct.pack(order + "d", x) for x in (value, radians)]
            found += [struct.pack(order + "f", x) for x in (value, radians)]
        text = f"{value:.4f}"
        found += [text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be")]
    return found


@pytest.mark.parametrize("policy", ["public", "partner"])
@pytest.mark.parametrize("name", FORMATS)
def test_nothing_that_was_seeded_survives(name: str, policy: str) -> None:
    data = seeded.BUILDERS[name]()
    out = redacted(opened(data), policy).data
    forms = [f for place in [seeded.PLACES[name]] for f in every_form(*place)]
    forms += [t.encode(e) for t in seeded.TEXTS for e in ("utf-8", "utf-16-le", "utf-16-be")]
    forms += [t.lower().encode() for t in seeded.TEXTS]
    forms.append(struct.pack("<I", 0x4B1234))
    assert not [form for form in forms if len(form) >= 4 and form in out]


@pytest.mark.parametrize("name", FORMATS)
def test_no_message_of_a_format_lets_a_secret_through(name: str) -> None:
    """Every message that MAVLink knows, every topic that a table allows and many more."""
    data = carriers.BUILDERS[name]()
    out = redacted(opened(data)).data
    forms = every_form(*seeded.PLACES[name])
    forms += [t.encode(e) for t in seeded.TEXTS for e in ("utf-8", "utf-16-le", "utf-16-be")]
    forms += [struct.pack(f"{order}I", carriers.ICAO) for order in "<>"]
    forms += [struct.pack(f"{order}Q", seeded.UNIX_US) for order in "<>"]
    telling = [form for form in forms if len(form) >= 4]
    assert sum(form in data for form in telling) >= 2
    assert not [form for form in telling if form in out]
    assert opened(out)[0].receipt.skipped_bytes == 0


def test_without_a_receiver_places_and_dates_go_all_the_same() -> None:
    """No fix and no clock that anybody reads: yet a home, a mission and a week are in the log."""
    log = dataflash.opened()
    log.define(58, "ORGN", "QBLLe", "TimeUS,Type,Lat,Lng,Alt")
    log.define(69, "PM", "QHQ", "TimeUS,LR,R")
    log.define(71, "GPS2", "QBBIHBcLLe", "TimeUS,I,Status,GMS,GWk,NSats,HDop,Lat,Lng,Alt")
    log.write("ORGN", 2_000_000, 0, seeded.LAT, seeded.LON, seeded.ALT)
    log.write("PM", 2_000_000, 400, seeded.UNIX_US)
    log.write("GPS2", 2_000_000, 1, 0, seeded.WEEK_MS, seeded.WEEK, 3, 9.9, 0.0, 0.0, 0.0)
    before = opened(bytes(log))
    new = opened(redacted(before).data)[0]
    home, clock = new.topics["ORGN", 0].columns(), new.topics["PM", 0].columns()
    assert (home["Lat"][0], home["Lng"][0]) == pytest.approx((10.0, -30.0), abs=1e-6)
    assert home["Alt"][0] == pytest.approx(0.0, abs=0.1)
    assert abs(float(clock["R"][0]) - seeded.UNIX_US) > 300 * 86_400e6
    assert abs(int(new.topics["GPS2", 0].column("GWk")[0]) - seeded.WEEK) > 40


def test_a_clock_that_counts_from_1970_is_shifted() -> None:
    log = ulog.ULogWriter()
    log.format("vehicle_status", "uint64_t timestamp;uint64_t armed_time;uint8_t arming_state;")
    log.format("esc_report", "uint64_t timestamp;float esc_current;")
    log.format("esc_status", "uint64_t timestamp;esc_report[2] esc;")
    log.subscribe("vehicle_status", 0)
    log.subscribe("esc_status", 1)
    for i in range(9):
        t_us = seeded.UNIX_US + i * 1_000_000
        log.data(0, {"timestamp": t_us, "armed_time": seeded.UNIX_US, "arming_state": 2})
        log.data(1, {"timestamp": t_us, "esc[0].timestamp": t_us, "esc[1].timestamp": t_us})
    log.log(6, seeded.UNIX_US + 500_000, b"Armed by switch")
    before = opened(log.bytes())
    out = redacted(before).data
    assert attacked(before, out).violations == ()
    new = opened(out)[0]
    t_us = new.topics["vehicle_status", 0].column("timestamp")
    assert int(new.topics["vehicle_status", 0].column("armed_time")[0]) == int(t_us[0])
    assert (new.topics["esc_status", 0].column("esc[1].timestamp") == t_us).all()
    assert (np.diff(t_us) == 1_000_000).all()
    assert abs(int(t_us[0]) - seeded.UNIX_US) > 300 * 86_400e6
    assert new.messages[0].t_us == int(t_us[0]) + 500_000


def test_a_topic_that_changes_its_format_keeps_what_both_forms_have() -> None:
    log = ulog.ULogWriter()
    log.format("vehicle_status", "uint64_t timestamp;uint8_t nav_state;uint8_t arming_state;")
    log.subscribe("vehicle_status", 0)
    log.data(0, {"timestamp": 1_000_000, "nav_state": 4, "arming_state": 1})
    log.format("vehicle_status", "uint64_t timestamp;uint8_t arming_state;uint8_t failsafe;")
    log.format("actuator_servos", "uint64_t timestamp;float[8] control;")
    log.subscribe("actuator_servos", 2)  # and never written
    log.subscribe("vehicle_status", 1)
    log.data(1, {"timestamp": 2_000_000, "arming_state": 2, "failsafe": 1})
    before = opened(log.bytes())
    assert len(before[0].topics["vehicle_status", 0]) == 2
    topic = opened(redacted(before).data)[0].topics["vehicle_status", 0]
    assert topic.fields == ("timestamp", "arming_state")
    assert topic.column("arming_state").tolist() == [1, 2]


@pytest.mark.parametrize("name", FORMATS)
def test_the_audit_finds_everything_while_redaction_is_off(name: str) -> None:
    log = opened(seeded.BUILDERS[name]())
    found = attacked(log, log[0].source.data.tobytes())
    assert {hit.kind for hit in found.hits if hit.is_leak} >= {"place", "name"}
    names = {hit.secret for hit in found.hits if hit.kind == "name"}
    assert any(seeded.CALLSIGN in one for one in names)
    assert "time" in {hit.kind for hit in found.hits if hit.is_leak}


@pytest.mark.parametrize("name", FORMATS)
def test_the_audit_knows_what_any_message_can_hold(name: str) -> None:
    """Held against itself, a log that says everything everywhere gives all of it away."""
    log = opened(carriers.BUILDERS[name]())
    found = attacked(log, log[0].source.data.tobytes())
    leaks = {hit.secret for hit in found.hits if hit.is_leak}
    assert {hit.kind for hit in found.hits if hit.is_leak} >= {"place", "name"}
    assert any(seeded.CALLSIGN in one for one in leaks)
    assert "date of the flight" in leaks
    if name != "blackbox":  # which has no field for another aircraft
        assert str(carriers.ICAO) in leaks
    assert attacked(log, redacted(log).data).violations == ()


@pytest.mark.parametrize("name", FORMATS)
def test_the_audit_finds_nothing_once_it_is_on(name: str) -> None:
    log = opened(seeded.BUILDERS[name]())
    assert attacked(log, redacted(log).data).violations == ()


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("float32 degrees", struct.pack("<ff", seeded.LAT, seeded.LON)),
        ("float64 degrees, big", struct.pack(">dd", seeded.LAT, seeded.LON)),
        ("float64 radians", struct.pack("<dd", *np.radians([seeded.LAT, seeded.LON]))),
        ("int32 of 1e-7", struct.pack(">ii", round(seeded.LAT * 1e7), round(seeded.LON * 1e7))),
        ("ECEF float64", struct.pack("<ddd", *ecef((seeded.LAT, seeded.LON), seeded.ALT))),
        ("ECEF float32", struct.pack(">fff", *ecef((seeded.LAT, seeded.LON), seeded.ALT))),
        (
            "ECEF int32 cent",
            struct.pack(
                "<iii", *(round(100 * x) for x in ecef((seeded.LAT, seeded.LON), seeded.ALT))
            ),
        ),
        ("decimal text", b"69.72712,30.04512"),
        ("geohash", geohash((seeded.LAT, seeded.LON), 8).encode()),
        ("bytes", bytes.fromhex(seeded.SERIAL.replace(" ", ""))),
        ("UTF-16", seeded.CALLSIGN.encode("utf-16-le")),
        ("UTF-16, big", seeded.CALLSIGN.encode("utf-16-be")),
        ("UNIX microseconds", struct.pack("<Q", seeded.UNIX_US + 5)),
        ("UNIX seconds", struct.pack("<IIII", *(seeded.UNIX_US // 10**6 + i for i in range(4)))),
    ],
)
def test_a_leak_in_any_encoding_is_found(form: str, written: bytes) -> None:
    """One secret put back between the records of a clean log: where no decoder would look."""
    log = opened(seeded.dataflash())
    clean = redacted(log).data
    planted = clean + b"\x00" * 7 + written + b"\x00" * 9
    found = [hit for hit in attacked(log, planted).hits if hit.is_leak and form in hit.form]
    assert found
    assert found[0].offset >= len(clean)


def _length(lat: np.ndarray, lon: np.ndarray) -> float:
    from flyoff.exchange.relocate import path_length

    return path_length(list(zip(lat.tolist(), lon.tolist(), strict=True)))


@pytest.mark.parametrize("name", FORMATS)
def test_the_flight_keeps_its_shape(name: str) -> None:
    log = opened(seeded.BUILDERS[name]())
    new = opened(redacted(log).data)
    old_one, new_one = log[1][0], new[1][0]
    tracks = [[one[f"gnss.{axis}"].values for axis in ("lat", "lon")] for one in (old_one, new_one)]
    before, after = (_length(*(t[np.isfinite(t)] for t in track)) for track in tracks)
    assert after == pytest.approx(before, rel=1e-3, abs=0.02)  # 1e-7 of a degree is a centimetre
    speed = [one.get("gnss.speed") for one in (old_one, new_one)]
    if speed[0] is not None and speed[1] is not None:
        assert np.allclose(speed[0].values, speed[1].values, atol=0.011)
    alt = [one["gnss.alt_msl"].values for one in (old_one, new_one)]
    assert np.allclose(np.diff(alt[0]), np.diff(alt[1]), atol=0.02)


def test_directions_turn_together() -> None:
    """Course, heading and velocity keep their angles to each other and to the way flown."""
    log = opened(seeded.dataflash())
    result = redacted(log)
    one = opened(result.data)[1][0]
    lat, lon = one["gnss.lat"].values, one["gnss.lon"].values
    way = np.arctan2((lon[-1] - lon[0]) * np.cos(np.radians(lat[0])), lat[-1] - lat[0])
    old = log[1][0]
    o_lat, o_lon = old["gnss.lat"].values, old["gnss.lon"].values
    o_way = np.arctan2((o_lon[-1] - o_lon[0]) * np.cos(np.radians(o_lat[0])), o_lat[-1] - o_lat[0])
    turned = np.angle(np.exp(1j * (way - o_way)))
    for angle in ("gnss.course", "attitude.yaw"):
        moved = np.angle(np.exp(1j * (one[angle].values[0] - old[angle].values[0])))
        assert moved == pytest.approx(turned, abs=0.002)
    fused = [np.arctan2(r["velocity.east"].values[0], r["velocity.north"].values[0])
             for r in (old, one)]  # fmt: skip
    assert np.angle(np.exp(1j * (fused[1] - fused[0]))) == pytest.approx(turned, abs=0.002)
    assert abs(turned) > 0.01


def test_a_vehicle_has_one_pseudonym_in_every_format_and_release() -> None:
    found = set()
    for name, salt in (("dataflash", "a"), ("dataflash", "b"), ("tlog", "c")):
        log = opened(seeded.BUILDERS[name]())
        vehicle = opened(redacted(log, salt=salt).data)[1][0].vehicle
        assert vehicle.id != log[1][0].vehicle.id
        found.add(vehicle.id)
    assert len(found) == 1


def test_two_releases_have_two_turns() -> None:
    log = opened(seeded.dataflash())
    turns = {redacted(log, "partner", salt).move.turn for salt in "abcd"}
    assert len(turns) == 4


def test_logs_of_one_flight_move_together() -> None:
    release = Release(policies.load("public"), Secret(b"s" * 32), "r")
    moves = [
        redact(*opened(seeded.BUILDERS[name]()), release, "flight 7").move.relocation
        for name in ("dataflash", "tlog")
    ]
    assert moves[0] == moves[1]


@pytest.mark.parametrize("name", FORMATS)
def test_the_result_is_whole(name: str) -> None:
    receipt = opened(redacted(opened(seeded.BUILDERS[name]())).data)[0].receipt
    assert receipt.skipped_bytes == 0


def test_a_table_is_refused_with_what_to_do() -> None:
    from tests.scenarios.csv import sample

    log = opened(sample(), "a.csv")
    with pytest.raises(ExchangeError, match="cannot be rewritten in its own format"):
        redacted(log)


def test_a_text_log_is_the_same_log_as_the_binary_one() -> None:
    """What a console printed is redacted as what it printed from: line for record."""
    old, new = (opened(redacted(opened(seeded.BUILDERS[n]()), salt="same").data)[0]
                for n in ("dataflash", "dataflash_text"))  # fmt: skip
    assert {k for k in old.topics if k[0] not in ("FMT", "MSG")} == {
        k for k in new.topics if k[0] not in ("FMT", "MSG")
    }
    for name in ("ATT", "XKF1", "IMU", "POS"):
        a, b = old.topics[name, 0].columns(), new.topics[name, 0].columns()
        assert list(a) == list(b)
        for field in ("TimeUS", "Roll", "GyrX", "AccZ", "PD", "RelHomeAlt"):
            if field in a:
                assert np.allclose(a[field], b[field], atol=1e-6), (name, field)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[place]\naction = 'keep'\nturn = 'log'", "'keep', expected move"),
        ("[plaec]\naction = 'move'", "did you mean 'place'"),
        ("[place", "no TOML"),
    ],
)
def test_a_policy_that_leaves_something_open_is_refused(text: str, says: str) -> None:
    with pytest.raises(ExchangeError, match=says):
        policies.parse(text, "mine.toml")


def test_a_policy_that_is_not_there_names_the_nearest() -> None:
    with pytest.raises(ExchangeError, match="did you mean 'partner'"):
        policies.load("partnr")


def _sample_logs() -> Sequence[Path]:
    folder = Path(__file__).resolve().parents[2] / "samples" / "campaign" / "logs"
    return sorted(p for p in folder.rglob("*") if p.suffix in (".xz", ".BIN", ".ulg"))[::7]


@pytest.mark.parametrize("path", _sample_logs(), ids=lambda p: p.name)
def test_a_sample_is_judged_the_same(path: Path, tmp_path: Path) -> None:
    release = redact_paths([path], tmp_path, policies.load("public"), Secret(b"k" * 32))
    (outcome,) = list(release)
    assert outcome.problem == ""
    before, after = judge(path), judge(tmp_path / outcome.written)
    assert [s.outcome for s in before] == [s.outcome for s in after]
    for old, new in zip(before, after, strict=True):
        assert [f.kind for f in old.findings] == [f.kind for f in new.findings]
        way = old.measures["distance_m"]
        if way is not None:
            assert new.measures["distance_m"] == pytest.approx(way, rel=1e-3, abs=0.05)


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("is at 69.7271 30.0451", "is at ? ?"),
        ("Takeoff at 12:31 on 2025-03-03", "Takeoff at ?:? on ?-?-?"),
        ("using V69.7271", "using ?"),
        ("using 69.72.711.3", "using ?"),
        ("Battery 1 is low 14.5V used 1200 mAh", "Battery 1 is low 14.5V used 1200 mAh"),
    ],
)
def test_no_number_of_a_text_is_fine_enough_for_a_place_or_date(line: str, kept: str) -> None:
    assert template(line) == kept
