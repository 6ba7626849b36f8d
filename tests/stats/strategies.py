"""Counts as trials bring them."""

from hypothesis import strategies as st


@st.composite
def two_groups(draw: st.DrawFn, largest: int) -> tuple[int, int, int, int]:
    m, n = draw(st.integers(1, largest)), draw(st.integers(1, largest))
    return draw(st.integers(0, m)), m, draw(st.integers(0, n)), n


@st.composite
def clusters(draw: st.DrawFn, most: int = 12) -> tuple[list[int], list[int]]:
    trials = draw(st.lists(st.integers(1, 20), min_size=2, max_size=most))
    return [draw(st.integers(0, n)) for n in trials], trials
