"""A plan of another site is told and left out; one for the wrong valley is held to."""

import lzma
from pathlib import Path

import pytest

from flyoff.pipeline.explain import explain_log
from flyoff.pipeline.steps import judge_log, read
from tests.pipeline.test_demo import SAMPLES


@pytest.fixture(scope="module")
def flight(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log whose plan lies under another name, so that no test finds it by itself."""
    packed = next((SAMPLES / "logs" / "heron").glob("*.BIN.xz"))
    log = tmp_path_factory.mktemp("log") / "flight.BIN"
    log.write_bytes(lzma.decompress(packed.read_bytes()))
    return log


def _plan(folder: Path, lat: float, lon: float) -> Path:
    """To a place, and land there."""
    rows = [
        (0, 16, lat, lon),
        (1, 22, lat, lon),
        (2, 16, lat + 0.001, lon),
        (3, 21, lat + 0.001, lon),
    ]
    lines = [f"{n}\t0\t3\t{what}\t0\t0\t0\t0\t{a:.7f}\t{b:.7f}\t30\t1" for n, what, a, b in rows]
    path = folder / "given.waypoints"
    path.write_text("QGC WPL 110\n" + "\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize(("lat", "lon"), [(70.0, 30.0), (-10.0, 179.9), (-80.0, -179.9)])
def test_a_plan_of_another_site_is_left_out(
    flight: Path, tmp_path: Path, lat: float, lon: float
) -> None:
    alone = judge_log(flight)
    held = judge_log(flight, _plan(tmp_path, lat, lon))
    assert [(s.outcome, s.cause) for s in held.sorties] == [
        (s.outcome, s.cause) for s in alone.sorties
    ]
    (warning,) = held.warnings
    assert "another site's" in warning
    assert explain_log(flight, _plan(tmp_path, lat, lon)).warnings == (warning,)


def test_a_plan_some_kilometres_away_is_held_against_the_flight(
    flight: Path, tmp_path: Path
) -> None:
    recording = read(flight)[0]
    lat, lon = (float(recording[f"position.{axis}"].values[-1]) for axis in ("lat", "lon"))
    held = judge_log(flight, _plan(tmp_path, lat + 0.9, lon))
    assert held.warnings == ()
    assert "wrong_plan" in {str(found.kind) for found in held.sorties[0].findings}
