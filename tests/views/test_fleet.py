"""What is usual of a type, and who differs: robust, never from too few, never across types."""

from dataclasses import replace
from pathlib import Path

import pytest

from flyoff.errors import FlyoffError
from flyoff.lake.entry import LogEntry
from flyoff.model.sortie import Outcome
from flyoff.views.fleet import fleet
from tests.cli.call import flyoff
from tests.views import build


def flown(number: int, vibration: float | None, frame: str = "quad") -> LogEntry:
    made = build.entry(number, Outcome.COMPLETED, 60.0)
    (recording,) = made.recordings
    vehicle = replace(recording.recording.vehicle, frame=frame)
    about = replace(recording.recording, vehicle=vehicle)
    measures = {"vibration_ms2": vibration, "distance_m": 1000.0 * number}
    sortie = replace(recording.sorties[0], measures=measures)
    return replace(made, recordings=(replace(recording, recording=about, sorties=(sortie,)),))


def made(folder: Path, quads: list[float | None], hexas: list[float]) -> str:
    entries = [flown(k, v) for k, v in enumerate(quads)]
    entries += [flown(100 + k, v, "hexa") for k, v in enumerate(hexas)]
    return build.store(folder, entries)


CALM = [5.0, 5.5, 6.0, 4.5, 5.0, 5.5, 4.8, 5.2, 5.1, 5.9]


def test_a_sortie_that_shakes_is_unlike_its_kind_and_shown_beside_it(tmp_path: Path) -> None:
    found = fleet(made(tmp_path, [*CALM, 20.0, None], []))
    (one,) = found.different
    assert one.value == 20.0
    assert one.path == "flight10.BIN"
    assert one.baseline.n == 11
    assert one.baseline.usual == pytest.approx(5.2)
    assert one.spreads > 5.0
    (baseline,) = found.baselines  # distance is the mission's, not the vehicle's
    assert (baseline.measure, baseline.unit) == ("vibration_ms2", "m/s²")
    assert baseline.vehicles == 3


def test_outliers_do_not_widen_the_limits(tmp_path: Path) -> None:
    found = fleet(made(tmp_path, [*CALM, 40.0, 60.0, 80.0], []))
    assert sorted(d.value for d in found.different) == [40.0, 60.0, 80.0]


def test_types_are_never_compared(tmp_path: Path) -> None:
    found = fleet(made(tmp_path, CALM, [20.0 + 0.1 * k for k in range(10)]))
    assert {b.frame: round(b.usual, 2) for b in found.baselines} == {"quad": 5.15, "hexa": 20.45}
    assert not found.different


def test_too_few_give_no_limit(tmp_path: Path) -> None:
    store = made(tmp_path, [5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 90.0], [])
    found = fleet(store)
    assert not found.baselines
    assert not found.different
    assert [b.n for b in found.too_few] == [7]
    assert [d.value for d in fleet(store, least=7).different] == [90.0]


def test_flights_that_repeat_exactly_are_no_yardstick(tmp_path: Path) -> None:
    assert not fleet(made(tmp_path, [5.0] * 10 + [5.4], [])).different


def test_limits_that_mean_nothing_are_refused(tmp_path: Path) -> None:
    store = made(tmp_path, CALM, [])
    for least, beyond in ((2, 5.0), (8, 0.0), (8, float("nan"))):
        with pytest.raises(FlyoffError, match="at least 3"):
            fleet(store, least=least, beyond=beyond)


def test_the_command_prints_and_speaks_to_machines(tmp_path: Path) -> None:
    store = made(tmp_path, [*CALM, 20.0], [])
    told = flyoff("fleet", "--store", store)
    assert told.code == 0
    for words in ("unlike their own kind", "flight10.BIN", "multirotor quad ardupilot", "n 11"):
        assert words in told.out
    rows = flyoff("fleet", "--store", store, "--json").lines
    assert {r["row"] for r in rows} == {"baseline", "different", "frequency"}
    assert "no sortie lies further" in flyoff("fleet", "--store", store, "--beyond", "99").out
