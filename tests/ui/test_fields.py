"""What a clerk's fingers get from the fields."""

from __future__ import annotations

from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from cunbao.ui.kit.dates import DateField, tidy
from cunbao.ui.kit.fieldgrid import FieldGrid
from cunbao.ui.kit.fields import CodeField, FieldBox, FieldRow, MaskedField, PasswordField
from cunbao.ui.kit.panel import column
from cunbao.ui.kit.picker import Item
from ui.hands import said, types_chinese

ETHNIC = [
    Item("18", "傣族", usual=True), Item("12", "侗族"), Item("26", "东乡族"), Item("31", "达斡尔族"),
    Item("01", "汉族"),
]  # fmt: skip


def in_window(show, *fields: QWidget) -> QWidget:  # type: ignore[no-untyped-def]
    window = QWidget()
    box = column(window, 20, (20, 20, 20, 20))
    for field in fields:
        box.addWidget(field)
    box.addStretch(1)
    return show(window)


def test_enter_commits_once_and_goes_on(show, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    field = FieldBox("46.0")
    in_window(show, field)
    kept, steps = said(field.committed), said(field.next)
    field.setFocus()
    qtbot.keyClicks(field.edit, "48.5")
    qtbot.keyClick(field.edit, Qt.Key.Key_Return)
    qtbot.keyClick(field.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert kept == ["48.5"]
    assert steps == [1, -1]


def test_tabbing_in_selects_so_that_typing_replaces(show, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    first, second = FieldBox("1"), FieldBox("412")
    in_window(show, first, second)
    first.setFocus()
    qtbot.keyClick(first.edit, Qt.Key.Key_Tab)
    qtbot.keyClicks(second.edit, "418")
    assert second.text() == "418"


def test_escape_brings_the_old_value_back(show, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    field = FieldBox("2012")
    in_window(show, field)
    kept = said(field.committed)
    field.setFocus()
    qtbot.keyClicks(field.edit, "2205")
    qtbot.keyClick(field.edit, Qt.Key.Key_Escape)
    assert field.text() == "2012"
    assert kept == []


def test_leaving_a_field_commits_it(show, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    first, second = FieldBox(""), FieldBox("")
    in_window(show, first, second)
    kept = said(first.committed)
    first.setFocus()
    qtbot.keyClicks(first.edit, "12")
    second.setFocus()
    assert kept == ["12"]


def test_a_wrong_value_is_said_under_the_field_and_framed(show) -> None:  # type: ignore[no-untyped-def]
    line = FieldRow("建成年份", FieldBox("2205"), last="上年 2005", hint="4 位年份")
    in_window(show, line)
    line.show_message("error", "建成年份 2205 比今年还晚")
    assert line.field.state == "error"
    assert line.message.text.text() == "建成年份 2205 比今年还晚"
    line.show_message()
    assert line.field.state == ""
    assert line.message.text.text() == "4 位年份"


def test_pinyin_initials_find_a_code_and_enter_takes_it(show, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    field = CodeField(lambda: ETHNIC)
    in_window(show, field)
    kept = said(field.committed)
    field.setFocus()
    qtbot.keyClicks(field.edit, "dwe")
    assert field.picker is not None and field.picker.current().label == "达斡尔族"
    qtbot.keyClick(field.edit, Qt.Key.Key_Return)
    assert kept == ["31"]
    assert field.text() == "达斡尔族"


def test_usual_values_come_first_and_a_digit_finds_by_code(show, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    field = CodeField(lambda: ETHNIC)
    in_window(show, field)
    field.setFocus()
    qtbot.keyClick(field.edit, Qt.Key.Key_F4)
    assert field.picker.current().label == "傣族"
    qtbot.keyClick(field.edit, Qt.Key.Key_Escape)
    assert field.picker is None
    qtbot.keyClicks(field.edit, "26")
    assert field.picker.current().label == "东乡族"


def test_a_value_outside_the_list_is_never_committed(show, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    field, other = CodeField(lambda: ETHNIC, "18"), FieldBox()
    in_window(show, field, other)
    kept = said(field.committed)
    field.setFocus()
    types_chinese(field.edit, "中专/高中")
    other.setFocus()
    assert kept == []
    assert field.code() == "18" and field.text() == "傣族"
    assert field.picker is None


def test_several_codes_are_ticked_with_the_space_bar(show, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    field = CodeField(lambda: ETHNIC, many=True)
    in_window(show, field)
    kept = said(field.committed)
    field.setFocus()
    qtbot.keyClick(field.edit, Qt.Key.Key_F4)
    qtbot.keyClick(field.edit, Qt.Key.Key_Space)
    qtbot.keyClick(field.edit, Qt.Key.Key_Down)
    qtbot.keyClick(field.edit, Qt.Key.Key_Space)
    assert kept == ["18", "18 12"]


@pytest.mark.parametrize("y", [20, 520])
def test_the_list_opens_where_there_is_room(show, qtbot: QtBot, y: int) -> None:  # type: ignore[no-untyped-def]
    window = QWidget()
    field = CodeField(lambda: ETHNIC, parent=window)
    show(window)
    field.setGeometry(20, y, 300, 36)
    field.setFocus()
    qtbot.keyClick(field.edit, Qt.Key.Key_F4)
    box = field.picker.geometry()
    assert window.rect().contains(box)
    assert (box.top() > y) is (y < 300)


def test_a_masked_number_shows_stars_and_is_replaced_whole_by_typing(show, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    field, other = MaskedField(lambda text: text[:6] + "********" + text[-4:], "999022199307110745"), FieldBox()
    in_window(show, field, other)
    kept = said(field.committed)
    assert field.text() == "999022********0745"
    field.setFocus()
    qtbot.keyClick(field.edit, Qt.Key.Key_End)
    qtbot.keyClicks(field.edit, "999022197001010013")
    other.setFocus()
    assert kept == ["999022197001010013"]
    assert field.text() == "999022********0013"


def test_the_eye_asks_before_it_shows_a_number(show, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    field = MaskedField(lambda text: "*" * len(text), "999022199307110745")
    in_window(show, field)
    asked = said(field.reveal)
    field.eye.click()
    assert asked and field.text() == "*" * 18


def test_a_password_is_not_committed_by_leaving(show, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    field, other = PasswordField(), FieldBox()
    in_window(show, field, other)
    kept, caps = said(field.committed), said(field.caps)
    field.setFocus()
    qtbot.keyClick(field.edit, Qt.Key.Key_A)
    other.setFocus()
    assert kept == []
    assert caps[-1] is False


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("20251203", "2025-12-03"), ("2025.12.3", "2025-12-03"), ("2025年12月3日", "2025-12-03"),
        ("2025-2-30", "2025-2-30"),
        ("去年", "去年"), ("2025/1/9", "2025-01-09"),
    ],
)  # fmt: skip
def test_a_day_may_be_typed_in_any_usual_way(typed: str, day: str) -> None:
    assert tidy(typed) == day


def test_a_day_is_chosen_from_the_month_with_the_arrows(show, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    field = DateField("2025-12-03", today=date(2025, 12, 12))
    in_window(show, field)
    kept = said(field.committed)
    field.setFocus()
    qtbot.keyClick(field.edit, Qt.Key.Key_F4)
    qtbot.keyClick(field.edit, Qt.Key.Key_Down)
    qtbot.keyClick(field.edit, Qt.Key.Key_PageUp)
    qtbot.keyClick(field.edit, Qt.Key.Key_Return)
    assert kept == ["2025-11-10"]


def test_pasting_several_cells_is_told_and_does_not_fill_the_field(show, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    field = FieldBox("岩温")
    in_window(show, field)
    pasted = said(field.pasted)
    QGuiApplication.clipboard().setText("岩叫\t傣族\n玉罕\t傣族\n")
    field.setFocus()
    qtbot.keyClick(field.edit, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert pasted == ["岩叫\t傣族\n玉罕\t傣族\n"]
    assert field.text() == "岩温"
    QGuiApplication.clipboard().setText("岩叫")
    qtbot.keyClick(field.edit, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert "岩叫" in field.text()


@pytest.mark.parametrize(("wide", "columns"), [(700, 1), (1400, 2)])
def test_what_stands_over_a_field_is_not_cut_where_a_whole_line_has_room(show, wide: int, columns: int) -> None:  # type: ignore[no-untyped-def]
    """The window grows and shrinks; 上年 of a long label asks for the next column only where it needs it."""
    short, long = (
        FieldRow("户数", FieldBox("1"), last="上年 1"),
        FieldRow("本年开展群众满意度调查", FieldBox("2"), last="上年 好差评、居民需求评价"),
    )
    grid = FieldGrid(2)
    window = in_window(show, grid)
    grid.set_fields([(short, 1), (long, 1)])
    window.resize(wide, 400)
    QApplication.processEvents()
    assert long.last.width() >= long.last.sizeHint().width() and long.label.width() >= long.label.sizeHint().width()
    assert (long.y() == short.y()) is (columns == 2)
