"""A hostile partner knows what receivers, filters and clocks say before they know better.

Each such number is public. Moved, turned or shifted with the flight, it would tell by how much.
"""

import math
from dataclasses import replace

import numpy as np
import pytest

from flyoff.decoders import RawLog, Source
from flyoff.exchange.audit.report import audit
from flyoff.exchange.bundle.treatment import survivors
from flyoff.exchange.redaction import policy as policies
from flyoff.exchange.redaction import treat
from flyoff.exchange.redaction.block import Block, Cell
from flyoff.exchange.redaction.moves import NEUTRAL, Move
from flyoff.exchange.redaction.reach import Reach
from flyoff.exchange.redaction.redact import Redacted, moved_plan, redact
from flyoff.exchange.redaction.release import Launch, Release
from flyoff.exchange.redaction.rules import Secret
from flyoff.exchange.redaction.tables import table
from flyoff.exchange.redaction.texts import template
from flyoff.exchange.relocate import Relocation
from flyoff.model.frames import distance_m
from flyoff.model.mission import Mission, MissionItem
from flyoff.pipeline import registry
from tests.scenarios import known

FORMATS = list(known.BUILDERS)
DAY_US = 86_400_000_000


def redacted(name: str, policy: str = "partner") -> tuple[RawLog, Redacted]:
    source = Source(name, known.BUILDERS[name]())
    decoder = registry.choose(source)
    raw = decoder.decode(source)
    release = Release(policies.load(policy), Secret(b"p" * 32), "r")
    done = redact(raw, decoder.normalise(raw), release)
    return decoder.decode(Source("out", done.data)), done


def numbers(raw: RawLog) -> np.ndarray:
    """Every number of every topic."""
    columns = [c for topic in raw.topics.values() for c in topic.columns().values()]
    return np.concatenate([c.astype(np.float64).ravel() for c in columns if c.dtype.kind in "iuf"])


def columns(raw: RawLog, words: tuple[str, ...]) -> np.ndarray:
    """Every number of the fields whose names hold one of these words."""
    found = [
        column.astype(np.float64)
        for topic in raw.topics.values()
        for field, column in topic.columns().items()
        if column.dtype.kind in "iuf" and any(word in field.lower() for word in words)
    ]
    return np.concatenate([column.ravel() for column in found])


def near(values: np.ndarray, wanted: float, reach: float) -> int:
    with np.errstate(invalid="ignore"):
        return int(np.count_nonzero(np.abs(values - wanted) <= reach))


@pytest.mark.parametrize("name", FORMATS)
def test_no_height_that_everybody_knows_tells_that_of_the_launch(name: str) -> None:
    """0 for none, -17 m without a fix, an airport's: less the launch's height, each tells it."""
    raw, done = redacted(name)
    assert done.move.height_m == pytest.approx(known.HEIGHTS[name], abs=12.0)
    values = columns(raw, ("alt",))
    for height in (0.0, known.NO_FIX_M, known.AIRPORT[2]):
        told = height - done.move.height_m
        for unit in (1.0, 1000.0, 10.0):
            assert not near(values, told * unit, 0.6 * unit), (height, unit)


@pytest.mark.parametrize("name", FORMATS)
def test_no_direction_that_everybody_knows_tells_the_turn(name: str) -> None:
    """0 for none, an identity for an attitude, a heading in a plan."""
    raw, done = redacted(name)
    turn = done.move.turn
    values = columns(raw, ("yaw", "brg", "crs", "cog", "head", "hdg", "cour"))
    for unit in (1.0, 180.0 / math.pi, 18_000.0 / math.pi, 1_800.0 / math.pi):
        whole = 2 * math.pi * unit
        assert not near(np.mod(values, whole), (-turn % (2 * math.pi)) * unit, 0.012 * unit)
    for topic in raw.topics.values():
        if topic.has("q[0]", "q[1]", "q[2]", "q[3]"):
            last = topic.column("q[3]").astype(np.float64)
            assert not near(np.abs(last), abs(math.sin(turn / 2)), 1e-4)


@pytest.mark.parametrize("name", FORMATS)
def test_no_place_that_everybody_knows_tells_how_far_the_launch_is_from_it(name: str) -> None:
    raw, done = redacted(name)
    target = done.move.relocation.target[:2]
    truly = distance_m(known.PLACES[name], known.AIRPORT[:2])
    nowhere = distance_m(known.PLACES[name], (0.0, 0.0))
    for topic in raw.topics.values():
        names = [n for n in topic.fields if n.lower() in PLACE_FIELDS]
        if len(names) != 2:
            continue
        lat, lon = (topic.column(n).astype(np.float64) for n in names)
        scale = 1e7 if np.abs(lat).max() > 1000 else 1.0
        told = {(float(a), float(b)) for a, b in zip(lat / scale, lon / scale, strict=True)}
        for place in told - {(0.0, 0.0)}:
            far = distance_m(target, place)
            assert abs(far - truly) > 20_000.0
            assert abs(far - nowhere) > 20_000.0
    if name == "dataflash":
        assert raw.topics["NTUN", 0].column("WpDist").max() == 90.0  # not the way to 0°, 0°


PLACE_FIELDS = {"lat", "lng", "lon", "latitude_deg", "longitude_deg", "latitude", "longitude",
                "gps_coord[0]", "gps_coord[1]"}  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("policy", ["partner", "public"])
def test_no_date_that_everybody_knows_tells_the_shift(name: str, policy: str) -> None:
    raw, done = redacted(name, policy)
    told = known.UNSET_US + done.move.shift_us
    values = numbers(raw)
    for unit in (1.0, 1e3, 1e6):
        assert not near(values, told / unit, DAY_US / unit)


@pytest.mark.parametrize("name", ["ulog", "tlog"])
def test_the_geoid_under_the_launch_is_not_told(name: str) -> None:
    """A height above the sea beside one above the ellipsoid is a map of the world."""
    raw, _ = redacted(name)
    before = Source(name, known.BUILDERS[name]())
    for log, is_told in ((registry.choose(before).decode(before), True), (raw, False)):
        found = {
            field
            for topic in log.topics.values()
            for field in topic.fields
            if "ellipsoid" in field and topic.column(field).any()
        }
        assert bool(found) == is_told


@pytest.mark.parametrize("name", ["dataflash", "tlog"])
def test_a_mission_keeps_how_it_is_flown_not_when_nor_where_to_look(name: str) -> None:
    raw, _ = redacted(name)
    topic = raw.topics["CMD", 0] if name == "dataflash" else raw.topics["MISSION_ITEM_INT", 0]
    names = ("Prm1", "Prm2", "Prm3") if name == "dataflash" else ("param1", "param2", "param3")
    command = topic.column("CId" if name == "dataflash" else "command").tolist()
    rows = dict(
        zip(command, zip(*(topic.column(n).tolist() for n in names), strict=True), strict=True)
    )
    assert rows[93] == (-1.0, 0.0, 0.0)  # an hour and a minute of UTC
    assert rows[115] == (0.0, 0.0, 0.0)  # a heading
    assert set(rows) == {93, 115}  # corners of fences and rally points are gone


def test_a_moved_plan_tells_neither_hour_nor_heading() -> None:
    items = (
        MissionItem(1, 93, 0.0, 0.0, 0.0, 3, (-1.0, 14.0, 30.0, 0.0)),
        MissionItem(2, 115, 0.0, 0.0, 0.0, 3, (270.0, 5.0, 1.0, 0.0)),
        MissionItem(3, 16, 60.001, 20.0, 30.0, 3, (1.0, 2.0, 3.0, 90.0)),
    )
    move = Move(Relocation((60.0, 20.0, 0.0), (*NEUTRAL, 0.0), 1.0), 0.0, 0)
    rows = moved_plan(Mission(items, "a plan"), move).decode().splitlines()[1:]
    told = [[float(x) for x in row.split("\t")[4:8]] for row in rows]
    assert told == [[-1.0, 0.0, 0.0, 0.0], [0.0] * 4, [1.0, 2.0, 3.0, 0.0]]


def test_what_a_vehicle_flew_is_not_held_against_what_it_was_told_to_fly() -> None:
    """Indicated airspeed is scaled to sea level: a round number beside it would tell the height."""
    raw, _ = redacted("dataflash")
    assert "AIRSPEED_CRUISE" not in raw.params
    assert not raw.topics["NTUN", 0].has("TAsp")


def test_pressure_is_not_beside_the_height_that_was_made_of_it() -> None:
    """The fall of one by the other tells how high both are above the sea."""
    raw, _ = redacted("ulog")
    assert raw.topics["vehicle_air_data", 0].fields == ("timestamp", "baro_alt_meter")


def test_a_clock_that_nobody_set_gives_no_release_away() -> None:
    release = Release(policies.load("partner"), Secret(b"p" * 32), "r")
    launch = Launch((60.0, 20.0), 0.0, 1_741_000_123_000_000, math.nan, None)
    shift = release.move(launch, "a").shift_us
    unset = Launch((60.0, 20.0), 0.0, known.UNSET_US, math.nan, None)
    assert release.move(unset, "b").shift_us != shift
    later = Launch((60.0, 20.0), 0.0, 1_741_100_123_000_000, math.nan, None)
    assert release.move(later, "c").shift_us == shift


def test_a_long_way_is_one_way_and_an_island_is_none() -> None:
    """A flight of 400 km stays whole; what no way leads to goes somewhere of its own."""
    lat = np.linspace(50.0, 53.6, 300)
    lon = np.full_like(lat, 30.0)
    away = np.array([[55.59, 37.26], [55.59, 37.261], [0.001, 0.002], [-0.2, 1.0]])
    both = np.concatenate([lat, away[:, 0]]), np.concatenate([lon, away[:, 1]])
    relocation = Relocation((50.0, 30.0, 0.0), (*NEUTRAL, 0.0), 0.7)
    move = Move(relocation, 0.0, 0, reach=Reach((50.0, 30.0), lambda: iter([both])))
    assert move.is_here(*both).tolist() == [True] * 300 + [False] * 4
    moved = move.place(*both)
    whole = distance_m((moved[0][0], moved[1][0]), (moved[0][299], moved[1][299]))
    assert whole == pytest.approx(distance_m((50.0, 30.0), (53.6, 30.0)), rel=1e-3)
    apart = distance_m((moved[0][300], moved[1][300]), (moved[0][301], moved[1][301]))
    assert apart == pytest.approx(distance_m((55.59, 37.26), (55.59, 37.261)), rel=1e-2)
    assert (moved[0][302], moved[1][302]) == (0.0, 0.0)
    far = distance_m(NEUTRAL, (moved[0][300], moved[1][300]))
    assert abs(far - distance_m((50.0, 30.0), (55.59, 37.26))) > 100_000.0


def test_a_flight_down_to_the_sea_keeps_its_heights() -> None:
    move = Move(Relocation((60.0, 20.0, 0.0), (*NEUTRAL, 0.0)), 300.0, 0)
    down = np.linspace(310.0, -2.0, 600)
    assert np.allclose(move.height(down), down - 300.0)
    boot = np.array([0.0, 0.02, 0.4, 300.0, 301.0, 420.0])
    assert move.height(boot).tolist() == [0.0, 0.0, 0.0, 0.0, 1.0, 120.0]
    low = replace(move, height_m=40.0)
    boot[3:] = 40.0, 41.0, 25.0
    assert low.height(boot).tolist() == [0.0, 0.0, 0.0, 0.0, 1.0, -15.0]


def test_whole_numbers_of_a_hundredth_keep_a_vector() -> None:
    """DataFlash's wind is in centimetres a second: turned, it keeps its strength."""
    rows = np.array([[300, 400], [-120, 50]], dtype="<i2").view(np.uint8).reshape(2, 4)
    cells = {n: Cell(2 * i, np.dtype("<i2"), 100.0) for i, n in enumerate(("VWN", "VWE"))}
    block = Block(rows.copy(), cells)
    move = Move(Relocation((60.0, 20.0, 0.0), (*NEUTRAL, 0.0), 0.7), 0.0, 0)
    treat.apply(
        block, table("dataflash")["XKF2"], move, treat.Attitude(np.empty(0), ()), np.zeros(2)
    )
    strength = np.hypot(block.read("VWN"), block.read("VWE"))
    assert strength.tolist() == pytest.approx([5.0, 1.3], abs=0.005)


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("reached altitude 1655m", "reached altitude ?"),
        (
            "EKF3 IMU0 initial yaw alignment complete 213",
            "EKF3 IMU0 initial yaw alignment complete ?",
        ),
        ("GPS 1 is set 2025", "GPS 1 is set ?"),
        ("baro pressure 952", "baro pressure ?"),
    ],
)
def test_texts_lose_numbers_that_tell_a_height_a_heading_or_a_year(line: str, kept: str) -> None:
    assert template(line) == kept


def careless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Move, turn and shift whatever is a number, as this redaction did until it was attacked."""
    monkeypatch.setattr(Move, "height", lambda move, values: values - move.height_m)
    turned = lambda move, values: (values - math.degrees(move.turn)) % 360.0  # noqa: E731
    monkeypatch.setattr(Move, "heading", turned)
    monkeypatch.setattr(Move, "bearing", turned)
    monkeypatch.setattr(Move, "unix", lambda move, values: values + move.shift_us)
    monkeypatch.setattr(
        Move, "is_here", lambda move, lat, lon: np.isfinite(lat) & ((lat != 0.0) | (lon != 0.0))
    )
    monkeypatch.setattr(treat, "_placed", lambda block, contents, move: None)
    monkeypatch.setitem(treat._SINGLE, "bearing", lambda move, values: turned(move, values))


@pytest.mark.parametrize("name", ["dataflash", "tlog", "ulog"])
def test_the_audit_finds_what_a_careless_redaction_tells(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = Source(name, known.BUILDERS[name]())
    decoder = registry.choose(source)
    raw = decoder.decode(source)
    before = raw, decoder.normalise(raw)

    def asked() -> dict[str, bool]:
        after, _ = redacted(name)
        found = audit(before, (after, decoder.normalise(after)), policies.load("partner"))
        return {one.what: one.gives_away for one in found.inferences}

    assert not any(asked().values())
    careless(monkeypatch)
    told = {what for what, gives_away in asked().items() if gives_away}
    assert told >= {"turn", "height of the launch", "far places", "shift of dates"} - (
        {"turn"} if name == "ulog" else set()  # whose directions are radians, turned elsewhere
    )


def test_whole_numbers_keep_the_length_of_a_vector() -> None:
    angle = np.linspace(0.0, 6.28, 1000)
    for length, share, most in ((3.0, 0.9, 2.9), (50.0, 0.4, 2.9), (800.0, 1.01, 1.5)):
        n, e = treat.whole_vector(length * np.cos(angle), length * np.sin(angle))
        assert (n == np.rint(n)).all()
        rounded = np.hypot(np.rint(length * np.cos(angle)), np.rint(length * np.sin(angle)))
        wrong = np.abs(np.hypot(n, e) - length).mean()
        assert wrong < share * np.abs(rounded - length).mean()
        assert np.hypot(n - length * np.cos(angle), e - length * np.sin(angle)).max() <= most


def test_zeros_of_one_estimator_are_seen_between_those_of_another() -> None:
    """Rows of two cores alternate: one of them has no heading yet."""
    rows = np.zeros((12, 3), dtype=np.uint8)
    cells = {"C": Cell(0, np.dtype("u1")), "Yaw": Cell(1, np.dtype("<u2"), 100.0)}
    block = Block(rows, cells)
    block.store("C", np.arange(12) % 2)
    block.write("Yaw", np.where(np.arange(12) % 2, 41.0, 0.0))
    move = Move(Relocation((60.0, 20.0, 0.0), (*NEUTRAL, 0.0), 0.5), 0.0, 0)
    treat.apply(
        block, table("dataflash")["XKF1"], move, treat.Attitude(np.empty(0), ()), np.zeros(12)
    )
    told = block.read("Yaw")
    assert told[::2].tolist() == [0.0] * 6
    assert told[1] == pytest.approx(41.0 - math.degrees(0.5), abs=0.01)


def test_a_name_of_digits_is_not_found_at_the_end_of_a_pseudonym() -> None:
    """Among a thousand names of files like 0476.BIN one ends a pseudonym by chance."""
    assert survivors({"0476.BIN"}, ["logs/ab12cd340476.BIN"]) == []
    assert survivors({"0476.BIN"}, ["logs/0476.BIN"]) == ["0476.BIN"]
    assert survivors({"0476.BIN"}, ["0476.BIN"]) == ["0476.BIN"]
    assert survivors({"Kirkenes.BIN"}, ["logs/abKirkenes.BIN"]) == ["Kirkenes.BIN"]
