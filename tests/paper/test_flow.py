"""Pages are filled as print.md asks: rows whole, heads repeated, the signature with company on the last page."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cunbao.errors import PaperError
from cunbao.paper import flow
from cunbao.paper.body import Body, table_units
from cunbao.paper.flow import Frame, Placed, Unit
from cunbao.paper.parts import LANDSCAPE
from cunbao.paper.table import Align, Column, Entry, Table, Total
from world.papers import a_sheet, with_rows

FRAME = Frame(first=54, others=40, end=188, foot=131)


def a_table(rows: int, *, high: float = 11.0, total: bool = True) -> Table:
    columns = (Column(("序号",), 9, "甲", Align.CENTRE), Column(("人数",), 40, "1", Align.NUMBER))
    entries = tuple((Entry(str(at)), Entry("5")) for at in range(1, rows + 1))
    return Table(15, columns, entries, 9.5, high, 9.0, Total({1: "5"}) if total else None)


def notes(count: int, high: float = 5.0) -> list[Unit]:
    if not count:
        return []
    head = Unit(4.4, lambda pen, top: None, gap=5, glued=True, section=True)
    return [head, *(Unit(high, lambda pen, top: None) for _ in range(count))]


def ends(page: list[Placed]) -> float:
    return page[-1][1] + page[-1][0].high


@given(st.integers(0, 200), st.integers(0, 30), st.floats(8, 25))
@settings(max_examples=200)
def test_any_number_of_rows_and_notes(rows: int, lines: int, high: float) -> None:
    table = a_table(rows, high=high)
    units = [*table_units(table), *notes(lines)]
    pages = flow.paginate(units, FRAME)
    # everything once, in order
    assert [unit for page in pages for unit, _ in page] == units
    for number, page in enumerate(pages):
        # nothing over the end, and room for persons and signature on the last page
        assert ends(page) <= (FRAME.foot if number == len(pages) - 1 else FRAME.end) + 0.01
        top = FRAME.others if number else FRAME.first
        assert page[0][1] == pytest.approx(top + (table.head_high if page[0][0].head else 0))
        # no unit over the one before it
        for (one, at), (_, below) in pairwise(page):
            assert below >= at + one.high - 0.01
    # 合计 once, with at least two rows on its page
    (total_page,) = [page for page in pages if any(unit is units[rows] for unit, _ in page)]
    company = sum(1 for unit, _ in total_page if unit.head is table) - 1
    assert company >= min(2, rows)


@given(st.integers(3, 60))
def test_a_page_is_filled_before_it_is_broken(rows: int) -> None:
    """Without a foot that pushes, only what is glued may move over."""
    frame = replace(FRAME, foot=FRAME.end)
    pages = flow.paginate(table_units(a_table(rows)), frame)
    for page, after in pairwise(pages):
        moved = after[0][0]
        free = frame.end - ends(page)
        assert free < moved.high + (2 * moved.high + 9 if moved.final else 0)


def test_the_last_rows_go_over_with_the_signature() -> None:
    pages = flow.paginate(table_units(a_table(9)), FRAME)  # all rows fit on page 1, the signature does not
    assert [len(page) for page in pages] == [7, 3]


def test_notes_go_over_with_the_signature_when_rows_would_not_fit_there() -> None:
    pages = flow.paginate([*table_units(a_table(3, high=20)), *notes(7)], FRAME)
    assert [len(page) for page in pages] == [4, 8]
    assert pages[-1][0][0].section


@given(st.integers(0, 200))
@settings(max_examples=25)
def test_a_real_roster_with_two_sheets_and_all_that_follows(rows: int) -> None:
    sheet = with_rows(a_sheet("B04"), rows)
    pages = flow.paginate(Body(sheet, LANDSCAPE, masked=False).units(8.0), LANDSCAPE.frame)
    heads = [unit.head for page in pages for unit, _ in page if isinstance(unit.head, Table)]
    tables = list(dict.fromkeys(map(id, heads)))
    assert len(tables) == 2
    assert ends(pages[-1]) <= LANDSCAPE.frame.foot + 0.01
    assert all(ends(page) <= LANDSCAPE.frame.end + 0.01 for page in pages)


def test_a_row_higher_than_a_page_is_refused() -> None:
    with pytest.raises(PaperError) as caught:
        flow.paginate([Unit(150, lambda pen, top: None)], FRAME)
    assert caught.value.code == "paper.too_high"
