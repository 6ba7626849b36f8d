"""The JSON form of a mission: simple and complex items, versions, and hostile files."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flyoff.decoders.plans import qgc, read_plan
from flyoff.errors import PlanError
from flyoff.model.mission import Mission
from tests.shared import logs, needs_shared

HOME = [47.5, 8.5, 488.0]


def simple(command: int, *xyz: float | None, jump: int = 0, frame: int = 3) -> dict[str, Any]:
    item = {"type": "SimpleItem", "command": command, "frame": frame, "autoContinue": True}
    return {**item, "params": [0, 0, 0, None, *xyz], **({"doJumpId": jump} if jump else {})}


def plan(*items: object, **changes: object) -> dict[str, Any]:
    mission = {"version": 2, "plannedHomePosition": HOME, "items": list(items)}
    return {"fileType": "Plan", "version": 1, "mission": {**mission, **changes}}


def survey(items: object, version: object = 5) -> dict[str, Any]:
    transect = {"version": 1, "Items": items}
    kind = {"type": "ComplexItem", "complexItemType": "survey", "version": version}
    return {**kind, "TransectStyleComplexItem": transect}


def parse(tree: object) -> Mission:
    return qgc.parse("m.plan", json.dumps(tree).encode())


def refused(tree: object) -> str:
    with pytest.raises(PlanError) as caught:
        parse(tree)
    return str(caught.value).removeprefix("m.plan: ")


def test_simple_items_are_numbered_from_one_since_home_stands_apart() -> None:
    mission = parse(plan(simple(22, 0, 0, 20), simple(16, 47.51, 8.52, 30), simple(21, 0, 0, 0)))
    assert [i.seq for i in mission.items] == [1, 2, 3]
    assert mission.home == (47.5, 8.5, 488.0)
    assert not mission.items[0].has_position
    assert mission.destination == (47.51, 8.52)
    assert mission.items[1].params[:3] == (0.0, 0.0, 0.0)
    assert math.isnan(mission.items[1].params[3])


def test_a_survey_is_flown_as_the_items_it_holds() -> None:
    inner = [simple(16, 47.51, 8.51, 50, jump=2), simple(206, 0, 0, 0, frame=2, jump=3)]
    mission = parse(plan(simple(530, 0, 0, 0, frame=2, jump=1), survey(inner), simple(20, 0, 0, 0)))
    assert [(i.seq, i.command) for i in mission.items] == [(1, 530), (2, 16), (3, 206), (4, 20)]
    assert mission.is_complete
    assert mission.destination == (47.5, 8.5)


def test_a_jump_leads_to_the_item_that_carries_its_number() -> None:
    jump = simple(177, 0, 0, 0)
    jump["params"][0] = 40
    mission = parse(plan(simple(22, 0, 0, 9, jump=30), simple(16, 47.6, 8.6, 9, jump=40), jump))
    assert mission.items[2].params[0] == 2.0


def test_a_structure_scan_leaves_the_mission_incomplete() -> None:
    scan = {"type": "ComplexItem", "complexItemType": "StructureScan", "version": 3}
    mission = parse(plan(simple(22, 0, 0, 9), {**scan, "polygon": []}))
    assert not mission.is_complete
    assert len(mission.items) == 1


@pytest.mark.parametrize(
    ("kind", "key", "last"),
    [
        ("fwLandingPattern", "landingApproachCoordinate", 21),
        ("vtolLandingPattern", "landingApproachCoordinate", 85),
        ("fwLandingPattern", "loiterCoordinate", 21),
    ],
)
def test_a_landing_pattern_ends_the_flight(kind: str, key: str, last: int) -> None:
    item = {"type": "ComplexItem", "complexItemType": kind, "version": 2, "loiterRadius": 75}
    points = {key: [47.52, 8.53, 40], "landCoordinate": [47.53, 8.54, 0]}
    mission = parse(plan({**item, **points, "loiterClockwise": False}))
    assert [i.command for i in mission.items] == [189, 31, last]
    assert mission.items[1].params[1] == -75.0
    assert mission.destination == (47.53, 8.54)
    assert parse(plan({**item, **points, "useLoiterToAlt": False})).items[1].command == 16
    assert parse(plan({**item, **points, "altitudesAreRelative": False})).items[2].frame == 0


@pytest.mark.parametrize(
    ("tree", "says"),
    [
        ([], "plan: a list, expected an object"),
        ({"version": 1}, "fileType nothing, expected 'Plan'"),
        ({**plan(), "version": 42}, "plan: version 42, expected 1"),
        ({**plan(), "version": True}, "plan: version True, expected 1"),
        (plan(version=7), "mission: version 7, expected 2"),
        ({"fileType": "Plan", "version": 1}, "mission: nothing, expected an object"),
        (plan(items={}), "mission.items: an object, expected a list"),
        (plan(5), "mission.items[0]: 5, expected an object"),
        (plan({"type": "Odd"}), "mission.items[0]: type 'Odd', expected 'SimpleItem' or"),
        (plan(simple(16, 47, 8)), "mission.items[0].params: 6 numbers, expected 7"),
        (plan(simple(16, 470, 8, 1)), "mission.items[0]: position 470, 8, expected a latitude"),
        (plan(simple(16.5, 47, 8, 1)), "mission.items[0].command: 16.5, expected an integer"),
        (plan(simple(16, "47", 8, 1)), "mission.items[0].params[4]: '47', expected a number"),
        (plan(simple(16, 10**400, 8, 1)), "mission.items[0].params[4]: a huge number, expected"),
        (plan(simple(10**30, 47, 8, 1)), "mission.items[0].command: a huge number, expected"),
        (plan(simple(177, 0, 0, 0)), "item 1 jumps to doJumpId 0, which no item has"),
        (plan(survey([], version=9)), "mission.items[0] (survey): version 9, expected 4 or 5"),
        (plan(survey(None)), "mission.items[0].TransectStyleComplexItem.Items: nothing, expected"),
        (plan(plannedHomePosition=[1]), "mission.plannedHomePosition: 1 numbers, expected"),
        (plan({"type": "ComplexItem", "complexItemType": []}), "mission.items[0]: complexItemType"),
    ],
)
def test_a_malformed_plan_says_where_what_and_what_was_expected(tree: object, says: str) -> None:
    assert refused(tree).startswith(says)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('{\n"fileType": "Plan",\n', 3, "not json"),
        ("{" * 200_000, 0, "not json"),
        ('{"a":' * 200_000, 0, "nested too deeply"),
        ('{"a": NaN}', 0, "number nan, expected a finite one"),
        ('{"a": -Infinity}', 0, "number -infinity"),
        ('{"a": 1e999}', 0, "number 1e999"),
        ('{"a": ' + "9" * 100_000 + "}", 0, "exceeds the limit"),
        ('{"a": "\ud800"}', 0, "is not utf-8"),
    ],
)
def test_hostile_json_is_refused(text: str, line: int, says: str) -> None:
    with pytest.raises(PlanError) as caught:
        qgc.parse("m.plan", text.encode("utf-8", "surrogatepass"))
    assert says in str(caught.value).lower()
    assert len(str(caught.value)) < 300
    if line:
        assert caught.value.line == line


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=8) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=20,
)
KEYS = ["type", "command", "frame", "params", "doJumpId", "version", "complexItemType"]


@given(st.lists(st.dictionaries(st.sampled_from(KEYS), JSON), max_size=3), JSON)
def test_nothing_but_plan_errors_escapes(items: list[object], home: object) -> None:
    full = [{**simple(16, 47, 8, 1), **item} for item in items if isinstance(item, dict)]
    message = ""
    try:
        parse(plan(*full, plannedHomePosition=home))
    except PlanError as error:
        message = str(error)
    assert len(message) < 400


MALFORMED = {
    "survey_missing_items": "Items: nothing, expected the items that are flown; open",
    "survey_wrong_version": "(survey): version 9, expected 4 or 5",
    "wrong_mission_version": "mission: version 7, expected 2",
    "wrong_overall_version": "plan: version 42, expected 1",
}


@needs_shared
def test_real_plans_read_and_malformed_ones_say_why() -> None:
    refused_names = set()
    plans = [p for p in logs("mission") if p.suffix == ".plan"]
    for path in plans:
        broken = [name for name in MALFORMED if name in path.name]
        if broken:
            with pytest.raises(PlanError) as caught:
                read_plan(path)
            assert MALFORMED[broken[0]] in str(caught.value)
            assert "open the plan in a current QGroundControl and save it" in str(caught.value)
            refused_names.update(broken)
        else:
            assert read_plan(path).items, path.name
    assert refused_names == set(MALFORMED)


@needs_shared
def test_a_real_survey_and_a_real_vtol_mission() -> None:
    named = {p.name: p for p in logs("mission")}
    flown = read_plan(named["mavlink__MAVSDK__test_plans_qgroundcontrol_sample_with_survey.plan"])
    assert [i.command for i in flown.waypoints] == [16] * 8
    vtol = read_plan(named["PX4__Firmware__mavsdk_tests_vtol_mission.plan"])
    assert vtol.destination == (47.397748880653054, 8.545753080416318)


def test_the_contents_not_the_name_say_which_format_it_is(tmp_path: Path) -> None:
    path = tmp_path / "named_wrongly.waypoints"
    path.write_text("\n " + json.dumps(plan(simple(16, 47.1, 8.1, 5))))
    assert read_plan(path).waypoints[0].lat == 47.1
