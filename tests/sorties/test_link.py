"""Recordings of one flight are joined at the right offset, those of two flights never."""

import sys
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from flyoff.sorties.candidates import TOGETHER, Candidates
from flyoff.sorties.link import Link, groups, link
from flyoff.sorties.witness import Witness
from tests.sorties.two_logs import flown, seen

#: A ground station's clock: 1 s in 10,000 off, and a vehicle's, 50 s after boot.
GROUND = {"clock_s": 1000.0, "rate_hz": 4.0, "noise": 0.01}


def _only(witnesses: list[Witness]) -> Link:
    found = link(witnesses)
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize("utc_s", [1.7e9, None])
@pytest.mark.parametrize("rate_hz", [3.0, 4.0, 10.0, 25.0])
def test_other_rates_and_clocks_are_one_flight(rate_hz: float, utc_s: float | None) -> None:
    truth = flown(1)
    onboard = seen(truth, "a", clock_s=50.0, rate_hz=25.0, utc_s=utc_s)
    ground = seen(truth, "b", clock_s=1000.0, rate_hz=rate_hz, utc_s=utc_s)
    joined = _only([onboard, ground])
    assert (joined.first, joined.second, joined.by) == ("a", "b", "signals")
    assert joined.offset_us / 1e6 == pytest.approx(50.0 - 1000.0, abs=0.1)


def test_one_log_that_stops_early_and_one_that_begins_late() -> None:
    truth = flown(2)
    onboard = seen(truth, "a", to_s=120.0)
    ground = seen(truth, "b", from_s=60.0, **GROUND)
    assert _only([onboard, ground]).offset_us / 1e6 == pytest.approx(-1000.0, abs=0.1)


def test_a_drifting_clock_is_said_in_the_uncertainty() -> None:
    truth = flown(3, 600.0)
    joined = _only([seen(truth, "a"), seen(truth, "b", **GROUND, drift=5e-4)])
    error_s = abs(joined.offset_us / 1e6 + 1000.0 + 5e-4 * 300.0)
    assert error_s < 0.2
    assert joined.uncertainty_s > 0.06
    # nowhere in the flight is the offset further out than three uncertainties
    assert 5e-4 * 300.0 < 3 * joined.uncertainty_s


def test_mounting_angles_do_not_matter() -> None:
    truth = flown(4)
    joined = _only([seen(truth, "a"), seen(truth, "b", **GROUND, mounting=1.5)])
    assert joined.offset_us / 1e6 == pytest.approx(-1000.0, abs=0.1)


def test_the_stated_uncertainty_covers() -> None:
    """Of many built pairs, errors beyond twice the uncertainty are as rare as they ought to be."""
    beyond = []
    for seed in range(40):
        truth = flown(seed, 90.0, mission=seed)
        rng = np.random.default_rng(seed)
        clock_s, rate_hz = float(rng.uniform(0, 500)), float(rng.choice([2.0, 4.0, 10.0]))
        noise = float(rng.choice([0.002, 0.02, 0.05]))
        ground = seen(truth, "b", clock_s=clock_s, rate_hz=rate_hz, noise=noise)
        for joined in link([seen(truth, "a"), ground]):
            error_s = joined.offset_us / 1e6 + clock_s
            assert abs(error_s) < 0.5
            beyond.append(abs(error_s) > 2 * joined.uncertainty_s)
    assert len(beyond) >= 38
    assert np.mean(beyond) <= 0.05


def test_formation_is_two_vehicles() -> None:
    """The same motion at the same time, 40 m beside."""
    wing = flown(5, north_m=40.0)
    assert link([seen(flown(5), "a"), seen(wing, "b", **GROUND)]) == []


def test_formation_close_by_is_two_vehicles_by_their_identities() -> None:
    one = seen(flown(5), "a", vehicle_id="ap:11AA")
    assert link([one, seen(flown(5, north_m=5.0), "b", vehicle_id="ap:22BB")]) == []
    assert link([one, seen(flown(5), "b", vehicle_id="ap:11AA")])


@pytest.mark.parametrize("utc_s", [3600.0 + 1.7e9, None])
def test_the_same_mission_flown_twice_is_two_flights(utc_s: float | None) -> None:
    first = seen(flown(6), "a", vehicle_id="ap:11AA")
    again = seen(flown(7), "b", vehicle_id="ap:11AA", clock_s=12.0, utc_s=utc_s)
    assert link([first, again]) == []


def test_the_same_mission_twice_without_clocks_is_joined_rightly() -> None:
    flights = [flown(8), flown(9)]
    logs = [seen(f, f"{i}.bin", utc_s=None) for i, f in enumerate(flights)]
    logs += [seen(f, f"{i}.tlog", utc_s=None, **GROUND) for i, f in enumerate(flights)]
    assert groups(logs, link(logs)) == [["0.bin", "0.tlog"], ["1.bin", "1.tlog"]]


@pytest.mark.parametrize(
    ("a", "b", "joined"),
    [
        ("ap:11AA", "ap:22BB", False),
        ("ap:11AA", "unknown", True),
        ("ap:11AA", "ap:p-12", True),  # made of parameters, of which a log may lack some
        ("ap:11AA-quad", "ap:11AA-hexa", True),
        ("ap:11AA", "px4:22bb", True),  # schemes cannot be compared
    ],
)
def test_identities(a: str, b: str, joined: bool) -> None:
    truth = flown(10)
    assert bool(link([seen(truth, "a", vehicle_id=a), seen(truth, "b", vehicle_id=b)])) is joined


def test_two_good_clocks_that_disagree_keep_apart() -> None:
    truth = flown(11)
    assert link([seen(truth, "a"), seen(truth, "b", utc_s=1.8e9)]) == []


def test_a_computer_that_shows_the_wrong_year_is_not_believed() -> None:
    truth = flown(11)
    ground = seen(truth, "b", utc_s=1.4e9, utc_error_s=30.0, **GROUND)
    assert _only([seen(truth, "a"), ground]).by == "signals"


def test_nothing_moving_is_decided_by_clocks_and_identity() -> None:
    truth = flown(12, is_still=True)
    onboard = seen(truth, "a", vehicle_id="ap:11AA", noise=0.0)
    ground = seen(truth, "b", **{**GROUND, "noise": 0.0})
    joined = _only([onboard, ground])
    assert joined.by == "clocks"
    assert np.isnan(joined.likeness)
    assert joined.offset_us / 1e6 == pytest.approx(-1000.0, abs=0.1)
    assert link([onboard, replace(ground, utc=None)]) == []
    assert link([replace(onboard, vehicle_id="unknown"), ground]) == []


def test_a_log_whose_name_was_told_is_found_without_motion_or_clock() -> None:
    truth = flown(12, is_still=True)
    name = frozenset({"2026-01-02/03_04_05.ulg"})
    marks = {"denied": (2_000_000, 4_000_000, 6_000_000), "ready": (1_000_000,)}
    heard = {text: tuple(t + 1_000_000_000 for t in at) for text, at in marks.items()}
    onboard = replace(seen(truth, "a", utc_s=None), marks=marks, log_names=name)
    ground = replace(seen(truth, "b", utc_s=None, **GROUND), marks=heard, log_names=name)
    joined = _only([onboard, ground])
    assert (joined.by, joined.offset_us) == ("log name", -1_000_000_000)
    assert link([onboard, replace(ground, log_names=frozenset())]) == []


def test_a_turn_on_the_ground_proves_nothing_without_clocks() -> None:
    """One bump is like any other bump."""
    t_us = np.arange(0, 60_000_000, 200_000)
    bump = np.exp(-(((t_us / 1e6 - 30) / 2) ** 2))
    a = Witness("a", "unknown", 0, 60_000_000, None, t_us, {"yaw": bump})
    assert link([a, replace(a, key="b")]) == []


def test_a_stray_stamp_does_not_hide_the_flight() -> None:
    truth = flown(13)
    ground = seen(truth, "b", **GROUND)
    strayed = np.append(ground.t_us, 4 * 10**17)
    columns = {n: np.append(v, v[-1]) for n, v in ground.columns.items()}
    joined = _only([seen(truth, "a"), replace(ground, t_us=strayed, columns=columns)])
    assert joined.offset_us / 1e6 == pytest.approx(-1000.0, abs=0.1)


def test_without_position_attitude_links() -> None:
    truth = flown(14)
    indoors = ("lat", "lon", "velocity_north", "velocity_east", "velocity_down")
    logs = [seen(truth, "a", without=indoors), seen(truth, "b", without=indoors, **GROUND)]
    assert _only(logs).by == "signals"


def test_nothing_and_little_are_no_witnesses() -> None:
    empty = Witness("a", "unknown", 0, 1, None, np.empty(0, np.int64), {})
    assert link([]) == []
    assert link([empty, replace(empty, key="b"), seen(flown(15, 4.0), "c")]) == []


def test_groups_keep_order_and_leave_loners_alone() -> None:
    witnesses = [seen(flown(15, 20.0), key) for key in "abcd"]
    links = [Link("a", "d", 0, 0.1, 0.9, "signals"), Link("b", "d", 0, 0.1, 0.9, "signals")]
    assert groups(witnesses, links) == [["a", "b", "d"], ["c"]]


def _begun(witness: Witness, key: str, utc_s: float) -> Witness:
    assert witness.utc is not None
    offset_us = witness.utc.offset_us + round(utc_s * 1e6)
    return replace(witness, key=key, utc=replace(witness.utc, offset_us=offset_us))


def test_a_season_of_a_thousand_is_linked_in_seconds() -> None:
    """480 flights with onboard and ground logs by the clock, and 40 logs without any."""
    onboard, ground = [], []
    for k in range(24):
        truth = flown(k, 120.0, mission=k)
        onboard.append(seen(truth, "", utc_s=0.0, vehicle_id=f"ap:{k:04X}"))
        ground.append(seen(truth, "", utc_s=0.0, clock_s=3.0, rate_hz=4.0))
    logs = []
    for k in range(480):
        for ending, made in (("bin", onboard), ("tlog", ground)):
            logs.append(_begun(made[k % 24], f"{k}.{ending}", 1.7e9 + k * 400.0))
    logs += [seen(flown(9000 + k, 120.0, mission=77), f"x{k}", utc_s=None) for k in range(40)]
    started = time.process_time()
    found = link(logs)
    took = time.process_time() - started
    assert {(j.first, j.second) for j in found} == {(f"{k}.bin", f"{k}.tlog") for k in range(480)}
    assert took < 10.0


@pytest.mark.parametrize("north_m", [0.0, 12.0])
@pytest.mark.parametrize("late_s", [0.0, 0.4, 3.0])
@pytest.mark.parametrize("rate_hz", [1.0, 4.0])
def test_one_plan_flown_by_two_vehicles_at_once(
    north_m: float, late_s: float, rate_hz: float
) -> None:
    """Same legs, same turns, same minute, even the same place: each log finds its own telemetry."""
    one, other = flown(21, mission=3), flown(22, mission=3, north_m=north_m)
    wrong = 1.7e9 + late_s
    logs = [
        seen(one, "1.bin", clock_s=40.0),
        seen(other, "2.bin", clock_s=60.0, utc_s=wrong),
        seen(one, "1.tlog", clock_s=900.0, rate_hz=rate_hz, noise=0.01),
        seen(other, "2.tlog", clock_s=700.0, rate_hz=rate_hz, noise=0.01, utc_s=wrong),
    ]
    assert groups(logs, link(logs)) == [["1.bin", "1.tlog"], ["2.bin", "2.tlog"]]


def test_of_two_vehicles_on_one_plan_only_one_was_heard() -> None:
    """The other's onboard log stays alone: a like flight is no same flight."""
    one, other = flown(23, mission=4), flown(24, mission=4)
    logs = [
        seen(other, "2.bin", clock_s=60.0),
        seen(one, "1.tlog", clock_s=900.0, rate_hz=4.0),
    ]
    assert link(logs) == []


@pytest.mark.parametrize("utc_s", [1.7e9, None])
def test_copies_of_one_flight_are_held_against_a_few(
    utc_s: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred files of one flight are one flight, and not five thousand comparisons."""
    module = sys.modules[link.__module__]
    compared: list[int] = []

    def counted(*args: Any) -> Any:
        compared.append(1)
        return aided(*args)

    aided = module._aided
    monkeypatch.setattr(module, "_aided", counted)
    one = seen(flown(1, 60.0), "0", clock_s=50.0, utc_s=utc_s)
    copies = [replace(one, key=str(n)) for n in range(60)]
    found = link(copies)
    if utc_s is not None:
        assert len(compared) <= TOGETHER * len(copies)
        assert len(groups(copies, found)) == 1
    else:
        assert not compared  # no clocks: the screening by likeness, see MOST_UNTIMED


def test_recordings_without_a_clock_are_held_against_those_that_came_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("flyoff.sorties.candidates.MOST_UNTIMED", 2)
    some = [seen(flown(n, 60.0), str(n), utc_s=None) for n in range(5)]
    pairs = [(i, j) for i, others in Candidates(some).untimed() for j in others.tolist()]
    assert pairs == [(0, 1), (0, 2), (1, 2), (1, 3), (2, 3), (2, 4), (3, 4)]
