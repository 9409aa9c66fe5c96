"""Filling a form: what is typed stays, is judged at its place, and is on the disk before a second has passed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cunbao.survey.values import Cell
from cunbao.ui.kit.fields import FieldBox
from cunbao.ui.screens.facility import FacilityPart
from cunbao.ui.screens.fieldset import FieldsPart
from cunbao.ui.screens.roster import RosterPart
from ui.conftest import Show
from ui.filling import Clerk, a_clerk
from world.desk import MANGUO, a_village_desk

Key = Qt.Key


@pytest.fixture
def clerk(qtbot: QtBot, show: Show, tmp_path: Path) -> Iterator[Clerk]:
    """At a village whose forms are filled as the sample has them."""
    made = a_clerk(qtbot, show, a_village_desk(tmp_path, "filled", office=MANGUO))
    yield made
    made.saved()
    made.window.close()
    made.desk.close()


def message_of(clerk: Clerk, name: str) -> str:
    part = clerk.form.part
    assert isinstance(part, FieldsPart)
    shown = part.rows[Cell(name)]
    return shown.message.text.text() if not shown.message.isHidden() else ""


def test_enter_commits_and_goes_to_the_next_field(clerk: Clerk) -> None:
    clerk.goes("B01", "b01_hh_registered").types("512").presses(Key.Key_Return)
    assert clerk.on_disk("B01", "b01_hh_registered") == "512"
    assert clerk.form._cell == Cell("b01_hh_resident")
    clerk.presses(Key.Key_Return, held=Qt.KeyboardModifier.ShiftModifier)
    assert clerk.form._cell == Cell("b01_hh_registered")


def test_a_wrong_value_is_kept_and_its_reason_stands_under_it(clerk: Clerk) -> None:
    clerk.goes("B01", "b01_hh_registered").types("五百").presses(Key.Key_Return)
    assert clerk.on_disk("B01", "b01_hh_registered") == "五百"
    assert "五百" in message_of(clerk, "b01_hh_registered")
    part = clerk.form.part
    assert isinstance(part, FieldsPart)
    field = part.rows[Cell("b01_hh_registered")].field
    assert isinstance(field, FieldBox) and field.state == "error"


def test_a_half_typed_cell_is_on_the_disk_within_a_second(clerk: Clerk, qtbot: QtBot) -> None:
    clerk.goes("B01", "b01_hh_registered").types("77")
    cell = clerk.cell("B01", "b01_hh_registered")

    def kept() -> bool:
        return clerk.desk.workspace.draft(clerk.desk.key("B01")).answers.values.get(cell.field) == "77"

    qtbot.waitUntil(kept, timeout=1_000)
    assert clerk.form._cell == cell, "the cursor is still in the cell"


def test_what_one_visit_of_a_cell_wrote_is_one_undo_step(clerk: Clerk, qtbot: QtBot) -> None:
    before = clerk.text("B01", "b01_hh_registered")
    clerk.goes("B01", "b01_hh_registered").types("77")
    qtbot.waitUntil(lambda: clerk.text("B01", "b01_hh_registered") == "77", timeout=2_000)
    clerk.types("9").presses(Key.Key_Return).saved()
    assert clerk.on_disk("B01", "b01_hh_registered") == "779"
    clerk.with_ctrl(Key.Key_Z).saved()
    assert clerk.on_disk("B01", "b01_hh_registered") == before


def test_escape_brings_the_old_value_back_on_the_disk_too(clerk: Clerk, qtbot: QtBot) -> None:
    before = clerk.text("B01", "b01_hh_registered")
    clerk.goes("B01", "b01_hh_registered").types("77")
    qtbot.waitUntil(lambda: clerk.text("B01", "b01_hh_registered") == "77", timeout=2_000)
    clerk.presses(Key.Key_Escape)
    qtbot.waitUntil(lambda: clerk.text("B01", "b01_hh_registered") == before, timeout=2_000)
    assert clerk.on_disk("B01", "b01_hh_registered") == before
    assert clerk.form.form == "B01", "Esc stayed in the form"


def test_undo_reaches_back_into_another_form(clerk: Clerk) -> None:
    before = clerk.text("B01", "b01_hh_registered")
    clerk.goes("B01", "b01_hh_registered").types("600").presses(Key.Key_Return).saved()
    clerk.goes("B04", section=0)
    clerk.with_ctrl(Key.Key_Z).saved()
    assert clerk.on_disk("B01", "b01_hh_registered") == before


def test_saved_is_said_only_when_it_is_on_the_disk(clerk: Clerk) -> None:
    clerk.goes("B01", "b01_hh_registered").types("601").presses(Key.Key_Return)
    clerk.saved()
    assert clerk.on_disk("B01", "b01_hh_registered") == "601"
    assert "已保存" in clerk.window.header.saved.accessibleName() or clerk.window.header.saved is not None


def test_the_figure_beside_moves_while_an_area_is_typed(clerk: Clerk) -> None:
    clerk.goes("B02", "b02_f_area", 1)
    live = clerk.form.frame.live
    assert live is not None
    before = live._value.text()
    clerk.types("999").presses(Key.Key_Return)
    assert live._value.text() != before
    assert live._value.text() == f"{clerk.desk.instance('B02').text(Cell('b02_per100'))}"


def test_the_facility_table_says_what_is_wrong_beneath_the_row(clerk: Clerk) -> None:
    clerk.goes("B02", "b02_f_area", 1).types("-5").presses(Key.Key_Return)
    part = clerk.form.part
    assert isinstance(part, FacilityPart)
    row = clerk.cell("B02", "b02_f_area", 1).row
    shown = next(one for one in part.table.rows if one.id == row)
    assert shown.cells["b02_f_area"].tone == "error" and shown.cells["b02_f_area"].text.startswith("-5")
    assert any("20000" in note.text for note in shown.notes)
    assert clerk.form._cell == clerk.cell("B02", "b02_f_act", 1), "Enter went to the next cell of the row"


def test_last_years_area_stands_beside_this_years(clerk: Clerk) -> None:
    clerk.goes("B02", section=1)
    part = clerk.form.part
    assert isinstance(part, FacilityPart)
    before = clerk.desk.last("B02")
    assert before is not None
    shared = {row.id: row.values["b02_f_area"] for row in before.rows["b02_f"] if "b02_f_area" in row.values}
    seen = [one for one in part.table.rows if one.id in shared]
    assert seen and all(float(one.cells["b02_f_area/last"].text) == float(shared[one.id]) for one in seen)


def test_a_new_row_of_a_section_is_of_its_kind(clerk: Clerk) -> None:
    clerk.goes("B02", section=2)
    clerk.with_ctrl(Key.Key_N)
    row = clerk.desk.instance("B02").rows("b02_f")[-1]
    assert clerk.desk.instance("B02").text(Cell("b02_f_kind", row)) == "20"
    part = clerk.form.part
    assert isinstance(part, FacilityPart) and part.table.editor() is not None


def test_zero_report_takes_the_roster_away_and_asks_for_the_reason(clerk: Clerk) -> None:
    clerk.goes("B04", "b04_zero")
    assert any(entry.text == "人员名册" for entry in clerk.form.frame.list.entries)
    clerk.presses(Key.Key_F4, Key.Key_Up).presses(*[Key.Key_Up] * 3)
    field = clerk.form.part.rows[Cell("b04_zero")].field  # type: ignore[union-attr]
    index = [item.label for item in field._items()].index("是")
    clerk.presses(*[Key.Key_Down] * index, Key.Key_Return)
    assert clerk.text("B04", "b04_zero") == "1"
    clerk.form._show_marks()
    assert not any(entry.text == "人员名册" for entry in clerk.form.frame.list.entries)
    assert clerk.form.part.rows[Cell("b04_zero_reason")].isVisible()  # type: ignore[union-attr]


def test_f8_walks_through_the_problems_and_opens_what_hides_them(clerk: Clerk) -> None:
    clerk.goes("B02", "b02_f_area", 1).types("x").presses(Key.Key_Return).saved()
    clerk.goes("B02", section=0)
    clerk.presses(Key.Key_F8)
    assert clerk.form.at == 1
    assert clerk.form._cell == clerk.cell("B02", "b02_f_area", 1)


def test_ctrl_enter_goes_to_the_next_section(clerk: Clerk) -> None:
    clerk.goes("B01", section=0).with_ctrl(Key.Key_Return)
    assert clerk.form.at == 1
    assert clerk.form.part is not None and clerk.form.part.isAncestorOf(clerk.focus)


def test_an_earlier_value_can_be_taken_back(clerk: Clerk) -> None:
    before = clerk.text("B01", "b01_hh_registered")
    clerk.goes("B01", "b01_hh_registered").types("700").presses(Key.Key_Return).saved()
    clerk.goes("B01", "b01_hh_registered")
    from PySide6.QtCore import QTimer

    from cunbao.ui.kit.buttons import Button
    from cunbao.ui.kit.dialog import Dialog

    def take() -> None:
        dialog = clerk.window.findChild(Dialog)
        assert dialog is not None
        next(one for one in dialog.findChildren(Button) if one.text() == "改回这个").click()

    QTimer.singleShot(0, clerk.window, take)
    clerk.presses(Key.Key_H, held=Qt.KeyboardModifier.AltModifier)
    assert clerk.on_disk("B01", "b01_hh_registered") == before


def test_identity_numbers_are_masked_everywhere(clerk: Clerk) -> None:
    number = clerk.text("B03", "b03_m_id", 1)
    clerk.goes("B03", section=1)
    part = clerk.form.part
    assert isinstance(part, RosterPart)
    shown = part.table.rows[0].cells["b03_m_id"].text
    assert shown == f"{number[:6]}********{number[-4:]}"
    clerk.goes("B03", "b03_m_name", 1)
    field = clerk.row.fields["b03_m_id"].field
    assert isinstance(field, FieldBox) and field.text() == shown


def test_the_numbers_are_shown_after_the_password_and_covered_again(clerk: Clerk, qtbot: QtBot) -> None:
    from PySide6.QtCore import QTimer

    from cunbao.ui.kit.dialog import Dialog
    from cunbao.ui.screens.sheets import eye_of
    from world.desk import PASSWORD

    number = clerk.text("B03", "b03_m_id", 1)
    clerk.goes("B03", section=1)
    part = clerk.form.part
    assert isinstance(part, RosterPart)

    def type_password() -> None:
        dialog = clerk.window.findChild(Dialog)
        assert dialog is not None
        from ui.hands import types_chinese

        types_chinese(QApplication.focusWidget(), PASSWORD)  # type: ignore[arg-type]
        dialog.box.buttons["show"].click()

    QTimer.singleShot(0, clerk.window, type_password)
    part.show_button.click()
    qtbot.waitUntil(lambda: eye_of(clerk.window).open, timeout=20_000)
    assert part.table.rows[0].cells["b03_m_id"].text == number
    eye_of(clerk.window)._timer.timeout.emit()  # the minute is over
    assert "********" in part.table.rows[0].cells["b03_m_id"].text


def test_a_person_is_found_by_the_initials_of_the_name(clerk: Clerk) -> None:
    clerk.goes("B03", section=1).with_ctrl(Key.Key_F)
    clerk.types("yx")
    part = clerk.form.part
    assert isinstance(part, RosterPart)
    assert [row.label for row in part.table.rows] == ["玉香"]


def test_sorting_the_roster_keeps_the_printing_order(clerk: Clerk) -> None:
    clerk.goes("B03", section=1)
    part = clerk.form.part
    assert isinstance(part, RosterPart)
    before = clerk.desk.instance("B03").rows("b03_m")
    part._sort_by("b03_m_birth")
    seen = [row.cells["b03_m_birth"].text for row in part.table.rows]
    assert seen == sorted(seen)
    assert clerk.desk.instance("B03").rows("b03_m") == before


def test_delete_asks_and_undo_brings_the_person_back(clerk: Clerk) -> None:
    clerk.goes("B03", section=1)
    before = clerk.desk.instance("B03").rows("b03_m")
    clerk.answers("delete", lambda: clerk.presses(Key.Key_Delete)).saved()
    assert len(clerk.desk.instance("B03").rows("b03_m")) == len(before) - 1
    clerk.with_ctrl(Key.Key_Z).saved()
    assert clerk.desk.instance("B03").rows("b03_m") == before
    assert clerk.on_disk("B03", "b03_m_name", 1)
