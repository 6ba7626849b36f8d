"""Changing a card leaves every other byte of the table alone."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flyoff.campaign.card_edits import CellChange, edited, table_rows
from flyoff.errors import CampaignError

TEXT = 'card,date,notes\r\nC1,2026-05-01,"two\r\nlines"\r\nC2 , 2026-05-02,plain\r\n\r\nC3,,x'


def test_only_the_row_that_was_meant_is_another_one() -> None:
    made = edited(TEXT, [CellChange(4, "date", "2026-05-03")], [])
    assert made == TEXT.replace("C2 , 2026-05-02,plain", "C2 ,2026-05-03,plain")


def test_a_row_of_two_lines_is_named_by_its_first() -> None:
    made = edited(TEXT, [CellChange(2, "notes", "one")], [])
    assert made == TEXT.replace('"two\r\nlines"', "one")


def test_an_added_line_gets_the_files_own_ending() -> None:
    made = edited(TEXT, [], [{"card": "C4", "notes": "a,b"}])
    assert made == TEXT + '\r\nC4,,"a,b"\r\n'


@pytest.mark.parametrize(
    "change",
    [CellChange(3, "date", "x"), CellChange(5, "date", "x"), CellChange(99, "date", "x"),
     CellChange(1, "date", "x"), CellChange(4, "nix", "x"), CellChange(4, "date", "\x1b[2J")],
)  # fmt: skip
def test_what_is_no_cell_is_refused(change: CellChange) -> None:
    with pytest.raises(CampaignError):
        edited(TEXT, [change], [])


@given(st.lists(st.lists(st.text(max_size=8), min_size=2, max_size=2), max_size=5),
       st.text("abc,\"\n äß", max_size=10))  # fmt: skip
def test_every_cell_reads_back_as_it_was_written(rows: list[list[str]], value: str) -> None:
    made = io.StringIO()
    csv.writer(made).writerows([["card", "notes"], ["C1", "first"], *rows])
    text = made.getvalue()
    new = edited(text, [CellChange(2, "notes", value)], [])
    assert [r.cells for r in table_rows(new)][1] == ("C1", value)
    assert [r.cells for r in table_rows(new)][2:] == [r.cells for r in table_rows(text)][2:]
