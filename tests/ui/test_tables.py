"""Tables: the cursor goes where the keys point, typing lands in the right cell, and 1,000 rows stay quick."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from cunbao.ui.kit.area import AreaTable
from cunbao.ui.kit.gallery import OWNERS, area_rows, area_table, roster_table
from cunbao.ui.kit.table import CellShow, Column, Note, TableRow
from ui.hands import said
from world.effort import calls


def test_enter_walks_the_inputs_and_skips_what_cannot_be_typed(show, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    table = area_table()
    show(table)
    walked, beyond = [], said(table.beyond)
    table.edit("r1", "area")
    while table.editor() is not None and len(walked) < 20:
        walked.append((table.current_id(), table.current_key()))
        qtbot.keyClick(table.editor().edit, Qt.Key.Key_Return)
    assert walked[:4] == [("r1", "area"), ("r1", "year"), ("r1", "own"), ("r2", "area")]
    assert ("r2", "year") not in walked  # read only
    assert ("r5", "year") not in walked  # not asked here
    assert walked[-1] == ("r5", "own")
    assert beyond == [1]


def test_arrows_move_and_commit(show, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    table = area_table()
    show(table)
    kept = said(table.committed)
    table.edit("r1", "area")
    qtbot.keyClicks(table.editor().edit, "47.5")
    qtbot.keyClick(table.editor().edit, Qt.Key.Key_Down)
    assert kept == [("r1", "area", "47.5")]
    assert (table.current_id(), table.current_key()) == ("r2", "area")
    qtbot.keyClick(table.editor().edit, Qt.Key.Key_Right)
    assert table.current_key() == "own"


def test_escape_leaves_the_cell_unchanged(show, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    table = area_table()
    show(table)
    kept = said(table.committed)
    table.edit("r1", "area")
    qtbot.keyClicks(table.editor().edit, "99")
    qtbot.keyClick(table.editor().edit, Qt.Key.Key_Escape)
    qtbot.keyClick(table.editor().edit, Qt.Key.Key_Return)
    assert kept == []


def test_a_code_cell_takes_a_value_by_typing_and_goes_on(show, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    table = area_table()
    show(table)
    kept = said(table.committed)
    table.edit("r1", "own")
    qtbot.keyClicks(table.editor().edit, "zy")
    qtbot.keyClick(table.editor().edit, Qt.Key.Key_Return)
    assert kept == [("r1", "own", "2")]
    assert (table.current_id(), table.current_key()) == ("r2", "area")


def test_a_message_that_appears_while_typing_moves_the_rows_but_not_the_cursor(show, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    table = area_table()
    show(table)
    table.edit("r2", "area")
    before = table.editor().geometry().top()
    first = area_rows()[0]
    table.set_row(TableRow(first.id, first.cells, (Note("error", "比上年多", "name"),), first.label))
    assert table.current_id() == "r2"
    assert table.editor().geometry().top() > before
    assert table.editor().edit.hasFocus()


def test_the_cell_under_the_cursor_is_named_for_a_screen_reader(show) -> None:  # type: ignore[no-untyped-def]
    table = area_table()
    show(table)
    table.edit("r3", "year")
    assert table.editor().edit.accessibleName() == "第 3 行 文化活动室 建成年份"
    assert table.editor().state == "error"


def test_a_roster_row_opens_with_enter_and_its_note_can_be_pressed(show, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    table = roster_table()
    show(table)
    opened, pressed = said(table.opened), said(table.pressed)
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_Down)
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert opened == ["p2"]
    note, box = table._note_boxes(2)[0]
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=table._note_button_rect(note, box).center())
    assert pressed == [("p3", "name")]


def thousand_rows(count: int = 1000) -> AreaTable:
    table = AreaTable(
        (
            Column("n", "行", 40, kind="number", align="right"),
            Column("name", "姓名", 120, 1),
            *(Column(f"c{at}", f"第 {at} 栏", 90, kind="input", align="right") for at in range(6)),
        ),
        lambda row, key: OWNERS,
    )
    table.set_rows(
        [
            TableRow(
                str(number),
                {
                    "n": CellShow(str(number)),
                    "name": CellShow("岩温"),
                    **{f"c{at}": CellShow(str(number * at)) for at in range(6)},
                },
                (Note("warn", "和上年不同", "name"),) if number % 10 == 0 else (),
            )
            for number in range(count)
        ]
    )
    return table


def walked(table: AreaTable, qtbot: QtBot) -> None:
    for _ in range(60):
        qtbot.keyClick(table.editor().edit, Qt.Key.Key_Down)
        table.viewport().repaint()


def test_a_thousand_rows_are_as_quick_to_walk_as_ten(show, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    work = {}
    for count in (100, 1000):
        table = thousand_rows(count)
        show(table)
        table.edit("0", "c0")
        work[count] = calls(lambda table=table: walked(table, qtbot))  # type: ignore[misc]
        assert table.current_id() == "60"
    assert work[1000] < 2 * work[100]
    assert table.row_rect(60).bottom() <= table.viewport().height()


def test_only_what_is_seen_is_drawn() -> None:
    table = thousand_rows()
    table.resize(900, 400)
    table.show()
    drawn: list[int] = []
    paint_row = table._paint_row
    table._paint_row = lambda painter, number: (drawn.append(number), paint_row(painter, number))  # type: ignore[method-assign]
    table.grab()
    assert 0 < len(set(drawn)) < 15
