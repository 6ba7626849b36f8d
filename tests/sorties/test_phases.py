"""What a sortie was doing when."""

import pytest

from flyoff.sorties.phases import phases
from flyoff.sorties.segment import segment
from tests.sorties.flown import BOAT, ENDS, SOUND, STANDS, VTOL, WING


def phases_of(story):
    (flight,) = segment(story.recording())
    return phases(flight)


@pytest.mark.parametrize(
    ("story", "names"),
    [
        (SOUND, ["ground", "climb", "cruise", "descent", "ground"]),
        (BOAT, ["ground", "moving", "ground"]),
        (STANDS, ["ground"]),
    ],
    ids=["multirotor", "boat", "never up"],
)
def test_phases_follow_the_motion(story, names):
    told = [p.phase for p in phases_of(story)]
    # a slow touch-down is between a hover and a descent
    assert [n for n in told if n != "hover"] == names
    assert "hover" not in told[:3]


@pytest.mark.parametrize("story", [WING, VTOL], ids=["wing", "vtol"])
def test_climb_cruise_and_descent_are_told_apart(story):
    told = [p.phase for p in phases_of(story)]
    assert told[0] == told[-1] == "ground"
    assert told.index("climb") < told.index("cruise") < told.index("descent")
    assert story is VTOL or "hover" not in told, "a wing does not hover"


@pytest.mark.parametrize("name", ENDS)
def test_phases_cover_the_sortie_without_overlap(name):
    sortie = ENDS[name][0].sortie()
    edges = [t for p in sortie.phases for t in (p.start_s, p.end_s)]
    assert edges == sorted(edges)
    assert (edges[0], edges[-1]) == pytest.approx((sortie.start_s, sortie.end_s))
    for one, following in zip(sortie.phases, sortie.phases[1:], strict=False):
        assert one.end_s == pytest.approx(following.start_s)
