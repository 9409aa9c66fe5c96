"""代报 in a real window over a real township: the paper beside the form, typed, checked, signed, handed to another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from cunbao.desks import receiving
from cunbao.desks.township import officers, proxying
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.village import practice, signing
from cunbao.desks.village.desk import VillageDesk
from cunbao.errors import StoreError
from cunbao.survey.revision import Header
from cunbao.survey.sample import MANSAI, sample_answers
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Cell
from cunbao.ui.kit.dialog import Dialog
from cunbao.ui.kit.scanview import ScanView
from cunbao.ui.kit.text import Text
from cunbao.ui.screens.check import CheckScreen
from cunbao.ui.screens.proxy import ProxyScreen
from cunbao.ui.screens.proxy_begin import BasisFields
from cunbao.ui.screens.proxy_form import ProxyForm, ProxyRow
from cunbao.ui.screens.proxy_rows import ProxyRows
from cunbao.ui.screens.proxy_sign import ProxySign
from cunbao.ui.shell import Shell
from cunbao.ui.township import Township
from desks.test_proxying import BASIS, HIS, YANLA
from ui.hands import types_chinese
from ui.townhall import Answers
from world.desk import MANBANG, PASSWORD, a_bare_town_desk, a_clock, a_town_desk, bundle_file

KEY, CONTROL = Qt.Key, Qt.KeyboardModifier.ControlModifier
LONG = 30_000  # ms, for a busy machine drawing pages


class Officer:
    """Somebody at the township's window."""

    def __init__(self, bot: QtBot, desk: TownshipDesk, window: Shell) -> None:
        self.bot, self.desk, self.window = bot, desk, window
        self.dialogs = Answers(window)

    @property
    def proxy(self) -> ProxyScreen:
        here = self.window.screen_here
        assert isinstance(here, ProxyScreen)
        return here

    @property
    def filled(self) -> VillageDesk:
        found = proxying.current(self.desk)
        assert found is not None
        return found

    @property
    def inner(self) -> Any:
        assert self.proxy.inside is not None
        return self.proxy.inside.screen_here

    @property
    def focus(self) -> QWidget:
        here = QApplication.focusWidget()
        assert here is not None
        return here

    def settles(self) -> None:
        self.bot.waitUntil(lambda: self.window.jobs.idle, timeout=LONG)
        QApplication.processEvents()

    def presses(self, *keys: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        for key in keys:
            QTest.keyClick(self.focus, key, held)
        self.settles()

    def types(self, text: str) -> None:
        QTest.keyClicks(self.focus, text) if text.isascii() else types_chinese(self.focus, text)

    def begins(self, form: str = "B01", office: str = MANSAI) -> ProxyForm:
        """What stands in the dialog is not the matter here."""
        proxying.begin(self.desk, office, BASIS, confirmed=True)
        self.window.go("proxy", form=form)
        self.settles()
        assert isinstance(self.inner, ProxyForm)
        return self.inner

    def goes(self, name: str, form: str, section: int) -> Any:
        assert self.proxy.inside is not None
        self.proxy.inside.go(name, form=form, section=section)
        self.settles()
        return self.inner

    def fills(self, *forms: str) -> None:
        for form, answers in sample_answers(self.desk.task, MANSAI, "2025").items():
            if not forms or form in forms:
                practice.fill(self.filled, form, answers)

    def on_disk(self, form: str, name: str, row: str = "") -> str:
        self.settles()
        answers = self.desk.workspace.draft(self.filled.key(form)).answers
        if not row:
            return answers.values.get(name, "")
        return next(one.values.get(name, "") for rows in answers.rows.values() for one in rows if one.id == row)


@pytest.fixture
def sits(show: Any, qtbot: QtBot, tmp_path: Path) -> Iterator[Any]:
    made: list[Officer] = []

    def sit(desk: TownshipDesk | None = None) -> Officer:
        desk = desk or a_bare_town_desk(tmp_path, clock=a_clock(2025, 12, 16, 6, 10))
        window = Shell(Township(), asks_to_close=False)
        window.open_desk(desk)
        show(window, 1366, 696)
        made.append(Officer(qtbot, desk, window))
        return made[-1]

    yield sit
    for one in made:
        one.window.jobs.stop()
        one.desk.close()


def a_scan(path: Path, *sizes: tuple[int, int]) -> Path:
    """A picture, or a PDF with a page of each of the sizes."""
    pages = [Image.new("RGB", size, (250, 250, 245)) for size in sizes or ((300, 420),)]
    if path.suffix == ".pdf":
        pages[0].save(path, save_all=True, append_images=pages[1:])
    else:
        pages[0].save(path)
    return path


# --- beginning and stopping ------------------------------------------------------------------------------------------


def test_the_officer_chooses_a_village_says_why_and_fills(sits: Any) -> None:
    here = sits()
    here.window.go("proxy")
    villages = here.proxy.villages
    villages.grid.go(villages.grid.find_row(MANSAI))
    assert villages.main.text() == "开始代报：曼赛村"
    seen = {}

    def write(dialog: Dialog) -> None:
        fields = next(iter(dialog.box.findChildren(BasisFields)))
        seen["village"], seen["reason"] = fields.village.edit.text(), fields.reason.text()
        dialog.box.buttons["begin"].click()  # 照什么填 is missing: the dialog stays, the cursor goes there
        assert fields.trouble.text.text() == "还没写照什么填" and fields.basis.edit.hasFocus()
        types_chinese(fields.basis.edit, "盖章纸质表 2 张")
        QTest.keyClick(fields.basis.edit, KEY.Key_Return)
        assert fields.received_on.edit.hasFocus()
        QTest.keyClicks(fields.received_on.edit, "20251215")
        QTest.keyClick(fields.received_on.edit, KEY.Key_Return)
        types_chinese(fields.received_from.edit, "岩甩送来")
        QTest.keyClick(fields.received_from.edit, KEY.Key_Return)  # Enter in the last field begins

    here.dialogs.act(write)
    QTest.keyClick(villages.grid, KEY.Key_Return)
    here.settles()
    assert seen == {"village": "曼赛村", "reason": "村里没有电脑"}
    assert here.desk.proxy_for == MANSAI
    said = proxying.basis(here.desk, MANSAI)
    assert said is not None
    assert (said.basis, said.received_on, said.received_from) == ("盖章纸质表 2 张", "2025-12-15", "岩甩送来")
    assert said.reviewer == "勐海县民政局"  # with one officer the county accepts
    assert here.window.band.isVisible() and "曼赛村" in here.window.band.words.text()
    assert isinstance(here.inner, ProxyForm) and here.inner.form == "B01"
    assert here.inner.frame.head.title.text() == "曼赛村" and here.inner.frame.head.isVisible()


def test_what_the_desk_refuses_is_asked_again_with_all_that_was_written(sits: Any) -> None:
    here = sits()
    here.window.go("proxy")

    def write(dialog: Dialog) -> None:
        fields = next(iter(dialog.box.findChildren(BasisFields)))
        fields.basis.set_text("纸质表")
        fields.received_on.set_text("2025-12-30")
        dialog.box.buttons["begin"].click()

    def again(dialog: Dialog) -> None:
        fields = next(iter(dialog.box.findChildren(BasisFields)))
        assert "收到日期 2025-12-30 还没到" in fields.trouble.text.text() and fields.basis.text() == "纸质表"
        dialog.box.buttons["stay"].click()

    here.dialogs.act(write)
    here.dialogs.act(again)
    here.proxy.begin(MANSAI)
    here.bot.waitUntil(lambda: len(here.dialogs.titles) == 2)
    assert here.desk.proxy_for == ""


def test_a_village_that_reports_itself_asks_for_a_tick(sits: Any, tmp_path: Path) -> None:
    desk = a_town_desk(tmp_path)
    receiving.receive(desk, [bundle_file(tmp_path, MANBANG)])
    here = sits(desk)
    here.window.go("proxy")

    def write(dialog: Dialog) -> None:
        fields = next(iter(dialog.box.findChildren(BasisFields)))
        assert "它自己报过 B01" in fields.warn.text.text() and fields.reason.text() == ""
        fields.reason.set_text("电脑送修")
        fields.basis.set_text("盖章纸质表")
        dialog.box.buttons["begin"].click()
        assert fields.trouble.text.text() == "请先勾上面这一句" and fields.sure.hasFocus()
        QTest.keyClick(fields.sure, KEY.Key_Space)
        dialog.box.buttons["begin"].click()

    here.dialogs.act(write)
    here.proxy.begin(MANBANG)
    here.settles()
    assert here.desk.proxy_for == MANBANG
    assert "代它更正" in {one.text() for one in here.inner.findChildren(type(here.inner.frame.next))}


def test_escape_stops_and_everything_filled_is_still_there(sits: Any) -> None:
    here = sits()
    here.begins()
    here.types("21.6")
    here.presses(KEY.Key_Return)
    assert here.on_disk("B01", "b01_area_km2") == "21.6"
    here.presses(KEY.Key_Escape)
    assert here.desk.proxy_for == "" and not here.window.band.isVisible()
    villages = here.proxy.villages
    assert villages.isVisible() and "填的都在" in villages.banner.title.text()
    assert villages.main.text() == "接着填：曼赛村"
    again = here.begins()
    assert again.sheet.instance.text(Cell("b01_area_km2")) == "21.6"


def test_the_band_stays_on_every_screen_and_its_button_stops(sits: Any) -> None:
    here = sits()
    here.begins()
    here.types("21.6")  # not yet left: it is kept before anything else
    here.window.go("board")
    assert here.window.band.isVisible()
    here.window.band.button.click()
    here.settles()
    assert here.desk.proxy_for == "" and not here.window.band.isVisible()
    again = here.begins()
    assert again.sheet.instance.text(Cell("b01_area_km2")) == "21.6"


def test_nothing_is_stopped_while_the_disk_refuses_what_was_typed(sits: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    here = sits()
    here.begins()
    full = StoreError("disk.full", happened="D 盘满了", safe="先前的都在", todo="请腾出地方")

    def refuse(*given: Any, **more: Any) -> None:
        raise full

    here.types("21.6")
    here.presses(KEY.Key_Return)
    with monkeypatch.context() as broken:
        broken.setattr(type(here.filled), "keep", refuse)
        here.dialogs.press("later", "later")
        here.types("7")
        here.presses(KEY.Key_Return)
        here.bot.waitUntil(lambda: len(here.dialogs.titles) == 1)
        assert here.window.unsaved
        here.proxy.stop()
        here.bot.waitUntil(lambda: len(here.dialogs.titles) == 2)
        assert here.desk.proxy_for == MANSAI
    here.window.save_again()
    here.settles()
    assert here.on_disk("B01", "b01_natural_villages") == "7"
    here.proxy.stop()
    here.settles()
    assert here.desk.proxy_for == ""


# --- filling ---------------------------------------------------------------------------------------------------------


def test_what_is_typed_is_kept_and_taken_back_with_the_village_s_own_undo(sits: Any) -> None:
    here = sits()
    here.begins()
    assert not here.window.header.undo_button.isEnabled()
    here.types("21.6")
    here.presses(KEY.Key_Return)
    assert here.on_disk("B01", "b01_area_km2") == "21.6"
    assert here.window.header.undo_button.isEnabled()
    assert ("B01 基本情况", "填报中") in [(one.text, one.right) for one in here.proxy.forms.list.entries]
    here.presses(KEY.Key_Z, held=CONTROL)
    assert here.on_disk("B01", "b01_area_km2") == ""
    here.presses(KEY.Key_Y, held=CONTROL)
    assert here.on_disk("B01", "b01_area_km2") == "21.6"


def test_people_are_typed_in_the_row_beside_the_paper_with_their_numbers_covered(sits: Any) -> None:
    here = sits()
    here.begins("B04")
    here.filled.keep("B04", here.filled.type("B04", Cell("b04_zero"), "0").edits)
    form = here.goes("form", "B04", 1)
    assert isinstance(form.part, ProxyRows)
    here.presses(KEY.Key_N, held=CONTROL)
    here.types("岩甩")
    here.presses(KEY.Key_Return)
    number = sample_answers(here.desk.task, MANSAI, "2025")["B04"].rows["b04_p"][0].values["b04_p_id"]
    here.types(number)
    here.presses(KEY.Key_Return)
    row = here.filled.instance("B04").rows("b04_p")[0]
    assert here.on_disk("B04", "b04_p_name", row) == "岩甩" and here.on_disk("B04", "b04_p_id", row) == number
    cell = form.part.table.rows[0].cells["b04_p_id"]
    assert cell.text == f"{number[:6]}********{number[-4:]}" and cell.raw == number
    assert form.frame.masked.text() == "身份证号已隐藏中间 8 位"
    assert form.frame.head.line.text().startswith("1 人")
    here.filled.delete_row("B04", "b04_p", row)


def test_a_row_is_opened_whole_and_escape_comes_back_to_the_form(sits: Any) -> None:
    here = sits()
    here.begins("B04")
    here.fills("B04")
    form = here.goes("form", "B04", 1)
    row = here.filled.instance("B04").rows("b04_p")[0]
    form.part.opened.emit(row, "")
    here.settles()
    assert isinstance(here.inner, ProxyRow) and here.proxy.paper.isVisible()
    assert here.inner._head.title.text().startswith("第 1 人")
    here.presses(KEY.Key_Escape)
    assert isinstance(here.inner, ProxyForm) and here.desk.proxy_for == MANSAI


def test_a_covered_number_that_is_only_looked_at_stays_as_it_was(sits: Any) -> None:
    here = sits()
    here.begins("B04")
    here.fills("B04")
    form = here.goes("form", "B04", 1)
    row = here.filled.instance("B04").rows("b04_p")[0]
    before = here.on_disk("B04", "b04_p_id", row)
    form.part.table.edit(row, "b04_p_id")
    here.presses(KEY.Key_Return)
    assert here.on_disk("B04", "b04_p_id", row) == before


def test_the_forms_at_the_right_lead_to_each_other(sits: Any) -> None:
    here = sits()
    form = here.begins("B01")
    here.proxy.forms.list.chosen.emit("B03")
    here.settles()
    assert form.form == "B03" and here.proxy.forms.list.current() == "B03"
    form.frame.before.click()
    here.settles()
    assert form.form == "B02" and form.frame.head.crumb.text() == "B02 设施面积"


# --- the paper -------------------------------------------------------------------------------------------------------


def test_scans_lie_beside_the_form_and_f7_makes_them_large(sits: Any, tmp_path: Path) -> None:
    here = sits()
    here.begins()
    assert here.proxy.paper.empty.isVisible()
    here.presses(KEY.Key_F7)
    assert here.proxy.paper._take.hasFocus()
    here.proxy.add_scans([a_scan(tmp_path / "一.png"), a_scan(tmp_path / "二.pdf", (200, 300), (300, 200))])
    here.settles()
    paper = here.proxy.paper
    assert paper.view.count == 3 and paper.place.text() == "第 3 / 3 张" and not paper.empty.isVisible()
    assert [one.name for one in proxying.scans(here.desk, MANSAI)] == ["一.png", "二.pdf"]
    here.proxy.first_focus()
    cell = here.focus
    here.presses(KEY.Key_F7)
    assert paper.large and paper.view.hasFocus() and not here.proxy.inside.isVisible()
    here.presses(KEY.Key_PageUp, KEY.Key_PageUp)
    assert paper.place.text() == "第 1 / 3 张"
    here.presses(KEY.Key_Return)
    assert paper.view.zoom > 1
    here.presses(KEY.Key_Escape)
    assert not paper.large and here.desk.proxy_for == MANSAI
    assert here.focus.accessibleName() == cell.accessibleName()


def test_a_file_that_is_no_scan_is_told_and_the_others_are_kept(sits: Any, tmp_path: Path) -> None:
    here = sits()
    here.begins()
    (tmp_path / "表.docx").write_bytes(b"PK")
    here.dialogs.press("close")
    here.proxy.add_scans([a_scan(tmp_path / "一.png"), tmp_path / "表.docx"])
    here.settles()
    assert here.dialogs.titles == ["“表.docx”不是完整的 .jpg、.png 或 .pdf"]
    assert here.proxy.paper.view.count == 1
    here.dialogs.press("drop")
    here.proxy.paper.drop.click()
    here.settles()
    assert proxying.scans(here.desk, MANSAI) == () and here.proxy.paper.empty.isVisible()


def test_a_picture_is_turned_as_the_camera_held_it_and_dragged_when_large(
    show: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    lying = Image.new("RGB", (400, 200), "white")
    exif = lying.getexif()
    exif[0x0112] = 6  # turn right
    lying.save(tmp_path / "a.jpg", exif=exif)
    view = ScanView()
    show(view, 300, 300)
    view.set_files([(tmp_path / "a.jpg").read_bytes(), b"%PDF-1.4 broken", b"nothing"])
    assert view.count == 1
    assert view._image().width() == 200 and view._image().height() == 400
    assert view.accessibleName() == "纸质原表，第 1 / 1 张"
    view.step_zoom()
    assert view.zoom == 1.5 and view.horizontalScrollBar().maximum() > 0
    view.step_zoom()
    view.step_zoom()
    view.step_zoom()
    assert view.zoom == 1.0


# --- basis, check, signature -----------------------------------------------------------------------------------------


def test_the_basis_and_the_reviewer_are_changed_where_they_stand(sits: Any) -> None:
    here = sits()
    officers.add_officer(here.desk, YANLA, HIS, PASSWORD)
    here.begins()
    assert here.proxy.reviewer.field.edit.text() == "审核员 岩拉"

    def write(dialog: Dialog) -> None:
        fields = next(iter(dialog.box.findChildren(BasisFields)))
        assert fields.village.state == "readonly"
        fields.reason.set_text("电脑送修")
        dialog.box.buttons["begin"].click()

    here.dialogs.act(write)
    here.proxy.basis.change.click()
    here.settles()
    assert "电脑送修" in {text.text() for text in here.proxy.basis.findChildren(Text)}
    here.proxy.reviewer.field.committed.emit("勐海县民政局")
    here.settles()
    assert here.filled.proxy.reviewer == "勐海县民政局" and here.filled.proxy.reason == "电脑送修"


def test_checked_and_signed_in_the_same_place_and_handed_to_another_officer(sits: Any, tmp_path: Path) -> None:
    here = sits()
    officers.add_officer(here.desk, YANLA, HIS, PASSWORD)
    here.begins()
    here.proxy.add_scans([a_scan(tmp_path / "一.png")])
    here.settles()
    here.fills()
    practice.explain_all(here.filled)
    here.goes("form", "B05", 0)
    here.presses(KEY.Key_Return, held=CONTROL)
    assert isinstance(here.inner, CheckScreen) and not here.proxy.paper.isVisible()
    here.presses(KEY.Key_Return, held=CONTROL)
    sign = here.inner
    assert isinstance(sign, ProxySign) and len(sign._prepared) == 5
    assert any("签好后由岩拉审核" in text.text() for text in sign.findChildren(Text))
    shown = {one.form: one.drawn.pdf for one in sign._prepared}
    sign._seen.set_on(True)
    types_chinese(sign._password.edit, PASSWORD)
    QTest.keyClick(sign._password.edit, KEY.Key_Return)
    here.settles()
    for form in here.desk.task.forms:
        head = here.filled.newest(form)
        assert head is not None and here.filled.state(form) is ReturnState.RECEIVED
        assert here.filled.signed_pdf(head).startswith(shown[form])  # what was shown is what was signed
        header = Header.decode(here.desk.workspace.object(head.header))
        assert (header.kind, header.person_name) == ("proxy", "玉罕")
        assert [one.name for one in here.desk.workspace.evidence(head.id)] == ["一.png"]
    assert any("请转给岩拉审核" in text.text() for text in sign.findChildren(Text))
    assert {one.right for one in here.proxy.forms.list.entries} == {"已接收"}
    sign._way_on.click()
    here.settles()
    assert here.desk.proxy_for == ""


def test_a_signed_form_is_locked_and_opened_again_on_purpose(sits: Any) -> None:
    here = sits()
    here.begins()
    here.fills()
    practice.explain_all(here.filled)
    proxying.sign(here.desk, signing.prepare(here.filled, ["B01"]), PASSWORD)
    form = here.begins("B01")
    assert not form.sheet.editable
    button = next(one for one in form.findChildren(type(form.frame.next)) if one.text() == "更正")
    here.dialogs.press("correct")
    button.click()
    here.settles()
    assert here.filled.state("B01") is ReturnState.TO_SIGN and form.sheet.editable
    assert here.desk.workspace.standing(MANSAI, "B01", "2025").heads == ()  # nobody had seen it: taken back


@pytest.mark.parametrize(("scale", "contrast"), [(1.0, False), (1.25, False), (1.5, False), (1.5, True)])
@pytest.mark.parametrize("name", ["list", "form", "row", "check", "sign"])
def test_it_fits_the_laptop_s_window(sits: Any, tmp_path: Path, name: str, scale: float, contrast: bool) -> None:
    here = sits()
    if name == "list":
        here.window.go("proxy")
    else:
        here.begins()
        here.fills("B04")
        here.proxy.add_scans([a_scan(tmp_path / "一.png")])
        here.settles()
        where = {"section": 1} if name in ("form", "row") else {}
        if name == "row":
            where |= {"repeat": "b04_p", "row": here.filled.instance("B04").rows("b04_p")[0]}  # type: ignore[dict-item]
        here.proxy.inside.go(name, **({"form": "B04", **where} if where else {}))
    here.settles()
    here.window.set_look(scale, contrast)
    here.settles()
    assert (here.window.width(), here.window.height()) == (1366, 696)
    if name in ("form", "row"):
        assert here.proxy.isAncestorOf(here.focus)  # a larger letter does not take the cursor away
    for text in here.proxy.findChildren(Text):
        if text.isVisible() and text.text():
            assert text.heightForWidth(text.width()) <= text.height(), text.text()
    if name in ("form", "row"):
        middle, paper = here.proxy.inside, here.proxy.paper
        assert paper.isVisible() and middle.mapTo(here.proxy, middle.rect().topLeft()).x() >= paper.width()
        here.bot.waitUntil(lambda: middle.mapTo(here.window, middle.rect().topRight()).x() < here.window.width())
        assert middle.width() > 400
        head = here.inner.frame.head if name == "form" else here.inner._head
        assert head.isVisible()
