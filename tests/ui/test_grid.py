"""The painted table of the township: keys and mouse say what is wanted, only what is seen is made, nothing is lost."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from cunbao.survey.states import ReturnState
from cunbao.ui.kit import style
from cunbao.ui.kit.fields import TextArea
from cunbao.ui.kit.filters import Filter, FilterRow
from cunbao.ui.kit.gallery import board_grid, count_filters
from cunbao.ui.kit.grid import Grid, GridCell, GridColumn, GridRow, state_cell
from cunbao.ui.kit.panel import column, row
from cunbao.ui.kit.tabs import Tabs
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from ui.hands import said

LEFT = Qt.MouseButton.LeftButton


def many(count: int = 10_000, columns: int = 7, *, frozen: int = 2) -> tuple[Grid, list[int]]:
    """A board of so many villages, and the numbers of the rows that were asked for."""
    asked: list[int] = []

    def make(number: int) -> GridRow:
        asked.append(number)
        cells = {f"c{at}": state_cell(ReturnState.RECEIVED) for at in range(columns)}
        return GridRow(str(number), {"n": GridCell(str(number + 1)), "name": GridCell("曼蚌村"), **cells}, "曼蚌村")

    grid = Grid(
        (
            GridColumn("n", "序", 60, kind="number", stop=False),
            GridColumn("name", "村", 120),
            *(GridColumn(f"c{at}", f"B0{at}", 140, kind="chip") for at in range(columns)),
        ),
        name="总览",
        cursor="cell",
        frozen=frozen,
        row_px=30,
    )
    grid.set_source(count, make, GridRow("sum", {"name": GridCell("已通过")}))
    return grid, asked


def test_arrows_walk_the_cells_and_skip_what_is_no_stop(show, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    grid = board_grid()
    show(grid, 1300, 300)
    moved = said(grid.moved)
    grid.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_End, Qt.Key.Key_Home):
        qtbot.keyClick(grid, key)
    assert moved == [(0, "name"), (0, "b01"), (1, "b01"), (1, "name"), (1, "act"), (1, "tick")]


def test_enter_opens_the_cell_and_presses_a_button(show, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    grid = board_grid()
    show(grid, 1300, 300)
    opened, pressed = said(grid.activated), said(grid.pressed)
    grid.setFocus()
    grid.go(1, "b02")
    qtbot.keyClick(grid, Qt.Key.Key_Return)
    grid.go(2, "act")
    qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert (opened, pressed) == ([(1, "b02")], [(2, "act")])


def test_space_and_a_click_on_the_box_tick_a_row(show, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    grid = board_grid()
    show(grid, 1300, 300)
    ticked, all_of_them = said(grid.ticked), said(grid.head_ticked)
    grid.setFocus()
    qtbot.keyClick(grid, Qt.Key.Key_Space)
    qtbot.mouseClick(grid.viewport(), LEFT, pos=grid.cell_rect(1, "tick").center())
    qtbot.mouseClick(grid.viewport(), LEFT, pos=grid.cell_rect(2, "tick").center())  # a printer stands there, no box
    qtbot.mouseClick(grid.viewport(), LEFT, pos=QPoint(20, 15))
    assert ticked == [0, 1]
    assert len(all_of_them) == 1


def test_a_button_is_pressed_where_it_is_drawn_and_nowhere_else(show, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    grid = board_grid()
    show(grid, 1300, 300)
    pressed, opened = said(grid.pressed), said(grid.activated)
    cell = grid.cell_rect(1, "act")
    qtbot.mouseClick(grid.viewport(), LEFT, pos=QPoint(cell.right() - 20, cell.center().y()))
    qtbot.mouseClick(grid.viewport(), LEFT, pos=QPoint(cell.left() + 2, cell.center().y()))
    qtbot.mouseClick(grid.viewport(), LEFT, pos=grid.cell_rect(2, "side").center())
    qtbot.mouseDClick(grid.viewport(), LEFT, pos=grid.cell_rect(0, "name").center())
    assert pressed == [(1, "act"), (2, "side")]
    assert opened == [(0, "name")]


def test_keys_that_are_not_its_own_go_on_to_the_screen(show, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    class Page(QWidget):
        def __init__(self) -> None:
            super().__init__()
            self.heard: list[int] = []

        def keyPressEvent(self, event) -> None:  # type: ignore[no-untyped-def]
            self.heard.append(event.key())

    page = Page()
    grid = board_grid()
    grid.setParent(page)
    grid.resize(1200, 300)
    show(page, 1300, 300)
    grid.setFocus()
    grid.paging = False
    for key in (Qt.Key.Key_1, Qt.Key.Key_C, Qt.Key.Key_F9, Qt.Key.Key_Escape, Qt.Key.Key_PageDown):
        qtbot.keyClick(grid, key)
    assert page.heard == [Qt.Key.Key_1, Qt.Key.Key_C, Qt.Key.Key_F9, Qt.Key.Key_Escape, Qt.Key.Key_PageDown]


def test_the_row_stays_current_when_others_come_before_it(show) -> None:  # type: ignore[no-untyped-def]
    grid = board_grid()
    show(grid, 1300, 300)
    grid.go(1, "b01")
    rows = [grid.row(number) for number in range(3)]
    grid.set_rows([GridRow("new", label="新村"), *rows])
    assert grid.current_id() == rows[1].id and grid.current_row() == 2


def test_ten_thousand_rows_ask_only_for_what_is_seen(show, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    grid, asked = many()
    show(grid, 1000, 600)
    assert len(set(asked)) < 25
    grid.setFocus()
    for _ in range(60):
        qtbot.keyClick(grid, Qt.Key.Key_PageDown)
        grid.viewport().repaint()
    qtbot.keyClick(grid, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    assert grid.current_id() == "9999"
    assert grid.row_rect(9999).bottom() <= grid.viewport().height() - 30  # above the sum row
    assert len(set(asked)) < 2000


def test_scrolling_moves_the_pixels_and_draws_only_what_comes_into_view(show) -> None:  # type: ignore[no-untyped-def]
    grid, _ = many()
    show(grid, 1000, 600)
    QApplication.processEvents()
    drawn: list[int] = []
    paint_row = grid._paint_row
    grid._paint_row = lambda painter, number, line: (drawn.append(number), paint_row(painter, number, line))
    bar = grid.verticalScrollBar()
    bar.setValue(bar.value() + 30)
    QApplication.processEvents()
    assert 0 < len(drawn) <= 5
    grid._paint_row = paint_row
    moved = grid.viewport().grab().toImage()
    grid.viewport().update()
    QApplication.processEvents()
    assert moved == grid.viewport().grab().toImage()


def test_what_is_scrolled_sideways_never_shows_under_the_frozen_columns(show, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    grid, _ = many(20, columns=10)
    show(grid, 700, 500)
    grid.clearFocus()
    before = grid.viewport().grab(QRect(0, 40, 178, 300)).toImage()
    grid.setFocus()
    grid.go(1, "name")
    qtbot.keyClick(grid, Qt.Key.Key_End)
    assert grid.horizontalScrollBar().value() == grid.horizontalScrollBar().maximum() > 0
    cell = grid.cell_rect(1, "c9")
    assert cell.left() >= 180 and cell.right() <= grid.viewport().width()
    grid.go(0, "c9")
    grid.clearFocus()
    assert grid.viewport().grab(QRect(0, 40, 178, 300)).toImage() == before
    assert grid.column_at(20) == 0 and grid.columns[grid.column_at(cell.center().x())].key == "c9"
    for _ in range(9):
        qtbot.keyClick(grid, Qt.Key.Key_Left)
    assert grid.cell_rect(0, "c0").left() >= 180


def test_a_detail_lies_beneath_its_row_and_pushes_the_others_down(show, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    grid = board_grid()
    show(grid, 1300, 500)
    grid.setFocus()
    below = grid.row_rect(2).top()
    box = TextArea(name="意见", lines=2)
    grid.set_detail(1, box)
    high = box.height()
    assert box.geometry().top() == grid.row_rect(1).bottom() + 1
    assert grid.row_rect(2).top() == below + high
    assert grid.row_at(grid.row_rect(2).center().y()) == 2 and grid.row_at(box.geometry().center().y()) == 1
    box.setFocus()
    grid.set_detail(-1, None)
    assert grid.row_rect(2).top() == below


def test_a_detail_that_is_scrolled_away_keeps_what_is_typed_and_its_focus(show, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    grid, _ = many(200)
    show(grid, 1000, 400)
    box = TextArea(name="意见", lines=2)
    grid.set_detail(3, box)
    box.edit.setFocus()
    qtbot.keyClicks(box.edit, "22.0")
    grid.verticalScrollBar().setValue(2000)
    assert box.visibleRegion().isEmpty() and box.edit.hasFocus()
    grid.verticalScrollBar().setValue(0)
    assert box.text() == "22.0" and not box.visibleRegion().isEmpty()


def test_a_cut_text_is_shown_whole_in_the_tooltip(show) -> None:  # type: ignore[no-untyped-def]
    grid = Grid((GridColumn("name", "村", 80), GridColumn("act", "要做什么", 200, role="small", lines=2)), name="文件")
    grid.set_rows([
        GridRow("a", {"name": GridCell("勐混村第一村民小组"), "act": GridCell("找到第3号再读入；找不到就登记遗失")}),
        GridRow("b", {"name": GridCell("曼蚌", tip="两台电脑"), "act": GridCell("待审核 5 张")}),
    ])  # fmt: skip
    show(grid, 280, 200)
    assert grid.tip_at(grid.cell_rect(0, "name").center()) == "勐混村第一村民小组"
    assert grid.tip_at(grid.cell_rect(0, "act").center()) == ""  # it wraps once
    assert grid.tip_at(grid.cell_rect(1, "name").center()) == "两台电脑"


def test_the_focused_cell_is_named_for_a_screen_reader(show, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    grid = board_grid()
    show(grid, 1300, 300)
    assert grid.accessibleName() == "收到的报表"
    grid.setFocus()
    grid.go(1, "b02")
    assert grid.accessibleDescription() == "曼蚌村 B02 设施面积 证书待核准 迟报，第 2 行，共 3 行"
    grid.go(0, "tick")
    assert grid.accessibleDescription() == "勐混村 已勾选，第 1 行，共 3 行"


@pytest.mark.parametrize(("scale", "contrast"), [(1.0, False), (1.25, False), (1.5, False), (1.0, True), (1.5, True)])
def test_the_frame_of_the_focused_cell_is_seen_in_every_look(show, qapp, scale: float, contrast: bool) -> None:  # type: ignore[no-untyped-def]
    style.apply(qapp, scale, contrast)
    grid = board_grid()
    show(grid, 1400, 400)
    grid.go(1, "b01")
    grid.setFocus()
    box = grid.cell_rect(1, "b01")
    seen = grid.viewport().grab().toImage()
    for x, y in ((box.left(), box.center().y()), (box.center().x(), box.top()), (box.right(), box.center().y())):
        assert seen.pixelColor(x, y) == look.color("focus")


def test_what_a_filter_leaves_out_is_grey_and_has_no_ground(show) -> None:  # type: ignore[no-untyped-def]
    grid = Grid((GridColumn("b01", "B01", 160, kind="chip"),), name="总览", row_px=30)
    row = GridRow("a", {"b01": state_cell(ReturnState.RECEIVED)})
    grid.set_rows([GridRow("sel"), row])
    show(grid, 200, 200)
    inks = look.state("received")

    def colors() -> set[str]:
        box = grid.cell_rect(1, "b01")
        image = grid.viewport().grab(box).toImage()
        return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}

    assert {inks.bg.lower(), inks.fg.lower()} & colors()
    grid.set_row(1, GridRow("a", {"b01": state_cell(ReturnState.RECEIVED, grey=True)}))
    assert inks.bg.lower() not in colors()


# --- filters and tabs ------------------------------------------------------------------------------------------------


def test_a_count_is_chosen_by_click_key_and_arrow(show, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    filters = count_filters()
    show(filters, 900, 60)
    chosen = said(filters.chosen)
    qtbot.mouseClick(filters, LEFT, pos=filters._boxes()[1].center())
    assert filters.press(4) and not filters.press(9)
    filters.setFocus()
    qtbot.keyClick(filters, Qt.Key.Key_Left)
    assert chosen == ["received", "accepted", "fork"]
    assert filters.accessibleDescription() == "有冲突 1，第 3 个，共 4 个"


def test_counts_keep_their_places_whatever_is_chosen_and_wrap_when_there_is_no_room(show) -> None:  # type: ignore[no-untyped-def]
    filters = count_filters()
    show(filters, 900, 60)
    before = filters._laid(900)
    filters.choose("accepted")
    assert filters._laid(900) == before
    assert filters.heightForWidth(300) > filters.heightForWidth(900) == before[0].height()
    filters.set_filters([Filter("all", "全部", "71"), Filter("accepted", "通过", "30")])
    assert filters.current() == "accepted"


def test_tabs_go_round(show, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    tabs = Tabs((("b02", "设施面积 B02"), ("b03", "两委成员 B03"), ("cross", "交叉表")))
    show(tabs, 700, 40)
    chosen = said(tabs.chosen)
    tabs.step(-1)
    tabs.step(1)
    tabs.setFocus()
    qtbot.keyClick(tabs, Qt.Key.Key_Right)
    qtbot.mouseClick(tabs, LEFT, pos=tabs._boxes()[2].center())
    assert chosen == ["cross", "b02", "b03", "cross"]
    assert tabs.accessibleDescription() == "交叉表，第 3 页，共 3 页"


def test_a_filter_row_with_nothing_in_it_is_no_trouble(show, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    filters, tabs = FilterRow(), Tabs()
    show(filters, 300, 40)
    tabs.step(1)
    qtbot.keyClick(filters, Qt.Key.Key_Right)
    assert filters.current() == tabs.current() == ""


def test_counts_go_on_in_a_second_line_beside_something_else(show) -> None:  # type: ignore[no-untyped-def]
    filters = FilterRow([Filter(word, word, "12") for word in ("全部", "已接收", "有冲突", "退回", "未报", "通过")])
    holder = QWidget()
    box = column(holder)
    line = row(gap=12)
    line.addWidget(filters, 1)
    line.addWidget(Text("找村"))
    box.addLayout(line)
    box.addStretch(1)
    show(holder, 400, 200)
    assert len({spot.top() for spot in filters._boxes()}) == 2
    assert all(filters.rect().contains(spot) for spot in filters._boxes())


def test_a_text_that_both_its_ends_tell_apart_is_cut_in_the_middle(show) -> None:  # type: ignore[no-untyped-def]
    names = (
        "常住户数",
        "曼国村党群服务中心：建筑面积",
        "曼国村党群服务中心：办公面积",
    )  # the first is where the cursor is
    grids = []
    for middle in (False, True):
        grid = Grid((GridColumn("name", "栏目", 150, middle=middle),), name="栏目")
        grid.set_rows([GridRow(name, {"name": GridCell(name)}) for name in names])
        show(grid, 160, 200)
        seen = grid.viewport().grab().toImage()
        grids.append([seen.copy(grid.cell_rect(number, "name").adjusted(12, 4, -4, -4)) for number in (1, 2)])
    assert grids[0][0] == grids[0][1] and grids[1][0] != grids[1][1]


def test_a_long_text_covers_the_empty_cells_after_it_and_no_others(show) -> None:  # type: ignore[no-untyped-def]
    grid = Grid([GridColumn(key, key, 60) for key in "ABCD"], name="表")
    grid.spills = True
    long = GridCell("城乡社区综合服务设施情况")
    cells = ({"A": long}, {"A": long, "B": GridCell("有数")}, {"D": long})
    grid.set_rows([GridRow(str(number), some) for number, some in enumerate(cells)])
    show(grid, 240, 200)
    whole = grid.grab().toImage()

    def inked(row: int, column: int) -> bool:
        box = grid.places.cell(grid.row_rect(row), column).adjusted(4, 3, -4, -4)
        ground = whole.pixelColor(box.right(), box.top())
        across, down = range(box.left(), box.right()), range(box.top(), box.bottom())
        return any(whole.pixelColor(x, y) != ground for x in across for y in down)

    assert inked(0, 1) and inked(0, 2)
    assert inked(1, 1) and not inked(1, 2)
    assert not inked(2, 0) and not inked(2, 2) and inked(2, 3)
