"""A cell of a return found again on its signed pages: beside its name, in the line of its row, and never by a guess."""

from __future__ import annotations

import pypdfium2
import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from pytestqt.qtbot import QtBot

from cunbao.ui.kit.pdfview import PdfPages
from cunbao.ui.kit.pdfwords import Box, Spot, Word, cell_spot, row_spot, words_of
from ui.conftest import Show
from ui.hands import said
from ui.town_views import ID, PHONE, area_page, roster_page


def words(data: bytes) -> tuple[tuple[Word, ...], ...]:
    document = pypdfium2.PdfDocument(data)
    try:
        return tuple(words_of(document[number]) for number in range(len(document)))
    finally:
        document.close()


def text_at(pages: tuple[tuple[Word, ...], ...], spot: Spot | None) -> list[str]:
    if spot is None:
        return []
    return [
        one.text for one in pages[spot.page] if spot.box.holds(one.box.middle, (one.box.bottom + one.box.top) / 2, 0)
    ]


def test_a_figure_is_found_beside_the_name_of_its_field() -> None:
    pages = words(area_page())
    assert text_at(pages, cell_spot(pages, "412", "常住户数")) == ["412"]
    assert text_at(pages, cell_spot(pages, "32.4", "每百户面积")) == ["32.4"]


def test_a_cell_of_a_roster_is_found_in_the_line_of_its_row_under_its_head() -> None:
    pages = words(area_page())
    spot = cell_spot(pages, "村集体", "权属", "便民服务站")
    assert text_at(pages, spot) == ["村集体"]
    name = next(one for one in pages[0] if one.text == "便民服务站")
    assert spot is not None and spot.box.beside(name.box)
    twice = words(roster_page())
    assert text_at(twice, cell_spot(twice, ID, "证件号码", "玉波")) == [ID]
    assert text_at(twice, cell_spot(twice, "玉波", "姓名", "玉波")) == ["玉波"]


def test_two_equal_figures_of_one_row_are_told_apart_by_their_heads() -> None:
    page = (
        Word("建筑面积", Box(100, 90, 140, 100)), Word("场地面积", Box(200, 90, 240, 100)),
        Word("篮球场", Box(10, 50, 40, 60)), Word("543.00", Box(105, 50, 135, 60)),
        Word("543.00", Box(205, 50, 235, 60)),
    )  # fmt: skip
    for label, left in (("建筑面积", 105), ("其中：场地面积（平方米）", 205), ("总建筑的面积", 105)):
        spot = cell_spot([page], "543.00", label, "篮球场")
        assert spot is not None and spot.box.left == left
    assert cell_spot([page], "543", "场地面积", "篮球场") == Spot(0, Box(205, 50, 235, 60))  # paper prints two places


def test_a_long_choice_that_is_printed_in_two_lines_is_framed_whole() -> None:
    page = (
        Word("类别", Box(100, 90, 140, 100)), Word("文化站", Box(10, 50, 40, 60)),
        Word("综合性文化服务中心", Box(90, 56, 190, 66)), Word("（文体活动中心）", Box(90, 44, 180, 54)),
    )  # fmt: skip
    spot = cell_spot([page], "综合性文化服务中心（文体活动中心）", "类别", "文化站")
    assert spot == Spot(0, Box(90, 44, 190, 66))


def test_what_the_pages_do_not_have_is_framed_nowhere() -> None:
    pages = words(area_page())
    assert cell_spot(pages, "999", "常住户数") is None
    assert cell_spot(pages, "村集体", "权属", "文化长廊") is None
    assert cell_spot(pages, "村集体", "没有这一栏") is None  # five of them: none is the one
    assert row_spot(pages, "文化长廊") is None


def test_a_row_that_came_is_framed_from_its_first_word_to_its_last() -> None:
    pages = words(roster_page())
    spot = row_spot(pages, "岩香")
    assert text_at(pages, spot)[0] == "9" and text_at(pages, spot)[-1] == "村委会委员"


@pytest.mark.parametrize("zoom", [0, 0.5, 2.0])
def test_the_frame_comes_into_view_at_every_zoom(show, qtbot: QtBot, zoom: float) -> None:  # type: ignore[no-untyped-def]
    pages = PdfPages()
    show(pages, 420, 400)
    pages.show_pdf(roster_page(), {PHONE: "138****0000"})
    pages.set_zoom(zoom)
    spot = cell_spot(pages.words(), "村委会委员", "职务", "岩香")
    pages.set_mark(spot)
    assert spot is not None and pages.viewport().rect().contains(pages._frame(spot).toRect())
    pages.show_pdf(area_page())
    assert pages.mark is None


def test_a_click_says_where_on_the_page_it_was(show, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    pages = PdfPages()
    show(pages, 700, 900)
    pages.show_pdf(area_page())
    heard = said(pages.pressed)
    spot = cell_spot(pages.words(), "24.0", "面积", "老年活动室")
    assert spot is not None
    middle = pages._frame(spot).center().toPoint()
    qtbot.mouseClick(pages.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    page, x, y = heard[0]
    assert page == 0 and spot.box.holds(x, y)
    qtbot.mouseClick(pages.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(2, 2))  # beside the page
    assert len(heard) == 1


def test_a_page_that_cannot_be_drawn_says_so_in_its_place(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    """White alone would be taken for an empty page."""
    pages = show(PdfPages(), 600, 500)
    pages.show_pdf(area_page())
    assert not pages.image(0, QSize(400, 560), 1.0).isNull() and pages.undrawn == set()

    def cannot(*given: object, **more: object) -> None:
        raise pypdfium2.PdfiumError("no")

    monkeypatch.setattr(pypdfium2.PdfPage, "render", cannot)
    pages.show_pdf(area_page())
    told = pages.image(0, QSize(400, 560), 1.0)
    assert pages.undrawn == {0}
    assert any(told.pixelColor(x, y).lightness() < 128 for x in range(40, 360) for y in range(260, 300))
    pages.show_pdf(b"")
    assert pages.undrawn == set()
