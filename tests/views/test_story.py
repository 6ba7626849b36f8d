"""A sortie in words and plots says what was judged, in order, and invents nothing."""

import numpy as np
import pytest

from flyoff.cli.chart import chart
from flyoff.model.event import EventKind
from flyoff.model.finding import Evidence
from flyoff.model.flight import Flight
from flyoff.model.sortie import Sortie
from flyoff.pipeline.judgement import judge_flights
from flyoff.reports.plots import write_png
from flyoff.views.panels import MAX_PANELS, Line, Mark, Panel, panels
from flyoff.views.story import shown, tell
from tests.scenarios.stories import Story as Told
from tests.scenarios.stories import at, failsafe, mode
from tests.sorties.flown import DOWNWARD, HIT_S, LOST_MOTOR, SOUND


def judged(told: Told) -> tuple[Flight, Sortie]:
    (pair,) = judge_flights(told.recording(), told.mission(told.planned, "plan"))
    return pair


def test_a_crash_is_told_from_arming_to_the_ground() -> None:
    flight, sortie = judged(LOST_MOTOR)
    story = tell(flight, sortie)
    assert [e.t_s for e in story.entries] == sorted(e.t_s for e in story.entries)
    words = [e.says for e in story.entries]
    order = [
        "armed",
        "leaves the ground",
        "motor failure (motor 1)",
        "meets the ground",
        "disarmed",
    ]
    found = [next(i for i, w in enumerate(words) if w.startswith(start)) for start in order]
    assert found == sorted(found)
    assert sum("← the cause" in w for w in words) == 1
    assert story.cause == "motor failure, the vehicle's own"
    assert story.chain[0][1].startswith("motor failure (motor 1)")
    assert any(e.startswith("descent just before contact") for e in story.evidence)
    assert story.not_assessed
    assert all(reason for _, reason in story.not_assessed)


def test_a_sound_flight_has_no_cause_and_no_alarm() -> None:
    flight, sortie = judged(SOUND)
    story = tell(flight, sortie)
    assert story.cause == ""
    assert story.chain == ()
    assert not [e for e in story.entries if e.severity in ("warning", "critical")]
    phases = [e.says.split()[0] for e in story.entries if e.sort == "phase"]
    assert phases[0] == "climbs"
    assert phases[-1] in ("descends", "hovers")


def test_a_failsafe_and_its_mode_are_told_with_the_reason() -> None:
    told = SOUND.but(way=DOWNWARD, armed=((5.0, 52.0),), end_s=56.0)
    told = told.with_events(failsafe(33.9, "battery"), mode(34, "LAND", "battery"))
    words = [e.says for e in tell(*judged(told)).entries]
    assert "failsafe: battery" in words
    assert "mode AUTO → LAND: battery failsafe" in words


def test_a_text_is_told_once_and_chatter_is_counted() -> None:
    grave = [at(20 + 0.5 * k, EventKind.TEXT, "Compass variance", value=4) for k in range(10)]
    noise = [at(30 + 0.1 * k, EventKind.TEXT, f"warning {k}", value=3) for k in range(40)]
    calm = [at(25.0, EventKind.TEXT, "Mission: 3 WP", value=6)]
    words = [e.says for e in tell(*judged(SOUND.with_events(*grave, *noise, *calm))).entries]
    assert sum("Compass variance" in w for w in words) == 1
    assert sum("“" in w for w in words) == 25
    assert "and 16 more texts of the autopilot, not told here" in words
    assert not any("3 WP" in w for w in words)


def test_a_log_that_ends_in_the_air_says_where() -> None:
    flight, sortie = judged(SOUND.cut(40.0))
    end = tell(flight, sortie).entries[-1].says
    assert end.startswith("the log ends while it is still under way, 10 m up")


def test_the_story_is_the_same_elsewhere_and_later() -> None:
    here = tell(*judged(LOST_MOTOR))
    there = tell(*judged(LOST_MOTOR.moved(-33.0, 151.0, 1000.0)))
    assert [e.says for e in there.entries] == [e.says for e in here.entries]
    assert [e.t_s - 1000.0 for e in there.entries] == pytest.approx([e.t_s for e in here.entries])


def test_evidence_says_where_to_look() -> None:
    assert shown(Evidence("no plan is known")) == "no plan is known"
    assert shown(Evidence("height", "baro.height", None, 3.5)) == "height: 3.5 m · baro.height"


def test_plots_show_the_channels_of_the_evidence_at_their_instants() -> None:
    flight, sortie = judged(LOST_MOTOR)
    drawn = panels(flight, sortie)
    assert 2 <= len(drawn) <= MAX_PANELS
    assert drawn[0].title == "motor command"  # the cause's evidence comes first
    assert {line.name for line in drawn[0].lines} == {f"motor.command[{k}]" for k in range(1, 5)}
    titles = [p.title for p in drawn]
    assert "descent" in titles
    assert "height above the launch point" in titles
    for panel in drawn:
        assert panel.start_s < HIT_S < panel.end_s
        assert any(abs(m.t_s - sortie.cause.onset_s) < 1e-6 for m in panel.marks)


def test_a_limit_is_drawn_only_on_the_signal_that_it_was_held_against() -> None:
    drawn = {p.title: p for p in panels(*judged(LOST_MOTOR))}
    assert 4.0 in drawn["descent"].limits
    # 0.18 is a limit of the difference between two motors, not of a command
    assert 0.18 not in drawn["motor command"].limits
    assert drawn["height above the launch point"].limits == ()


def test_a_sortie_that_was_never_flown_has_no_invented_plot() -> None:
    told = SOUND.but(way=((0, 0, 0, 0), (30, 0, 0, 0)), end_s=30.0, armed=((5.0, 25.0),))
    told = told.but(events=(), missing=("position", "velocity", "attitude", "gnss"))
    for flight, sortie in judge_flights(told.recording(), None):
        for panel in panels(flight, sortie):
            assert all(np.isfinite(line.values).any() for line in panel.lines)
        assert tell(flight, sortie).entries


def _panel(values: np.ndarray, limits: tuple[float, ...] = ()) -> Panel:
    t = np.linspace(0.0, 10.0, values.size)
    return Panel("test", "m", (Line("a", t, values),), limits, (Mark(5.0, "x"),), 0.0, 10.0)


def test_a_chart_puts_high_values_high() -> None:
    lines = [line.plain for line in chart(_panel(np.linspace(0.0, 8.0, 500)), 60, 6)]
    area = lines[1:7]
    assert [len(line) for line in area] == [60 - 1] * 6
    first = [next((i for i, c in enumerate(row[10:]) if ord(c) >= 0x2800), -1) for row in area]
    assert all(f >= 0 for f in first)
    assert first == sorted(first, reverse=True)  # a rising signal starts low on the left
    assert "0.0 s" in lines[-1]
    assert "10.0 s" in lines[-1]
    assert all("│" in row or ord(row[10 + 24]) >= 0x2800 for row in area[:3])


@pytest.mark.parametrize(
    "values",
    [
        np.zeros(100),
        np.full(3, 7.0),
        np.array([np.nan, 1.0, np.nan]),
        np.array([1e9, -1e9] * 50),
        np.array([-1e-12, 1e-12] * 4),
    ],
    ids=["flat", "three", "mostly absent", "wild", "tiny"],
)
def test_a_chart_of_odd_values_is_a_chart(values: np.ndarray) -> None:
    lines = chart(_panel(values, (3.0,)), 50, 5)
    assert len(lines) == 1 + 5 + 2
    assert any(ord(c) > 0x2800 for line in lines for c in line.plain)


def test_the_png_is_a_png(tmp_path) -> None:
    flight, sortie = judged(LOST_MOTOR)
    path = tmp_path / "new" / "plot.png"
    write_png(panels(flight, sortie), "a $title", path)
    data = path.read_bytes()
    assert data.startswith(b"\x89PNG\r\n")
    assert len(data) > 10_000
