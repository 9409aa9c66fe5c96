"""回执 in a real window over real workspaces: what the township said is read, seen at its cells, and answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from cunbao.desks import devices, media, receiving
from cunbao.desks.township import deciding, rebirth, receipts, registry, settling
from cunbao.desks.township import desk as township
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.views import StickView
from cunbao.desks.village import enrolment, lineage, otherversions, practice, replies, signing
from cunbao.desks.village.desk import VillageDesk
from cunbao.exchange.enrol import write_approval
from cunbao.survey.decision import Comment
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Cell
from cunbao.ui.kit.banner import Banner
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.dialog import Dialog
from cunbao.ui.kit.text import Text
from cunbao.ui.screens.receipt import Receipt
from cunbao.ui.screens.receipt_mend import MendCard
from cunbao.ui.screens.receipt_other import OtherCard
from ui.filling import Clerk, a_clerk
from ui.hands import types_chinese
from world.desk import (
    MANBANG,
    PASSWORD,
    a_bundle,
    a_clock,
    a_town_desk,
    a_village_desk,
    begun,
    cell,
    text,
    the_seat,
    types,
)

Key = Qt.Key
OUT = Cell("b01_pop_out")
SAID = "派出所的数是 60，请核对。"


@dataclass
class Round:
    """A village with everything sent, and its township."""

    folder: Path
    village: VillageDesk
    town: TownshipDesk
    written: list[Path] = field(default_factory=list)

    def answers(self) -> Path:
        """The township writes its receipt."""
        place = self.folder / f"stick{len(self.written)}"
        place.mkdir()
        (done,) = receipts.write_receipts(self.town, place, [MANBANG])
        assert done.ok
        self.written.append(done.path)
        return done.path

    def sends_back(self, form: str, *said: tuple[Cell, str]) -> Round:
        deciding.send_back(self.town, MANBANG, form, [Comment(place, words) for place, words in said])
        return self

    def reads(self) -> Round:
        replies.take_receipt(self.village, self.answers())
        return self


@pytest.fixture
def round_of(tmp_path: Path) -> Iterator[Callable[[], Round]]:
    made: list[Round] = []

    def begin() -> Round:
        village = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7))
        town = a_town_desk(tmp_path)
        receiving.receive(town, [a_bundle(village, tmp_path / "sent")])
        made.append(Round(tmp_path, village, town))
        return made[-1]

    yield begin
    for one in made:
        one.village.close()
        one.town.close()


@pytest.fixture
def opens(qtbot: QtBot, show: Callable[..., QWidget]) -> Iterator[Callable[[VillageDesk], Clerk]]:
    made: list[Clerk] = []

    def open_desk(desk: VillageDesk) -> Clerk:
        made.append(a_clerk(qtbot, show, desk))
        return made[-1]

    yield open_desk
    for one in made:
        one.window.jobs.stop()


@pytest.fixture
def sent_back(round_of: Callable[[], Round], opens: Callable[[VillageDesk], Clerk]) -> tuple[Round, Clerk]:
    """B01, B02 and B05 sent back with a comment each; the receipt is read, its page open."""
    told = round_of()
    village = told.village
    deciding.accept(told.town, MANBANG, "B04")
    told.sends_back("B01", (OUT, SAID))
    told.sends_back("B02", (cell(village, "B02", "b02_f_area", 2), "验收单上是 22.0 平方米，请核对。"))
    told.sends_back("B05", (cell(village, "B05", "b05_p_phone", 1), "打不通，请换成现在的号码。"))
    clerk = opens(told.reads().village)
    clerk.window.go("receipt")
    return told, clerk


def page(clerk: Clerk) -> Receipt:
    assert isinstance(clerk.window.screen_here, Receipt)
    return clerk.window.screen_here


def banner(clerk: Clerk) -> str:
    return page(clerk)._banner.title.text()


def states(clerk: Clerk) -> list[str]:
    shown = page(clerk)._list
    assert shown is not None
    return [one.right for one in shown.entries]


def chosen(clerk: Clerk) -> str:
    shown = page(clerk)._list
    assert shown is not None
    return shown.entries[shown.at].text


def card(clerk: Clerk) -> MendCard:
    assert isinstance(page(clerk)._detail, MendCard)
    return page(clerk)._detail


def nav_mark(clerk: Clerk, key: str) -> str:
    return next(item.count for item in clerk.window.nav.items if item.key == key)


def words_of(widget: QWidget) -> str:
    return "\n".join(one.text() for one in widget.findChildren(Text) if one.isVisible())


def answered_dialogs(clerk: Clerk) -> list[str]:
    """The words of each dialog that comes from now on; its safe button is pressed."""
    heard: list[str] = []

    def look() -> None:
        dialog = clerk.window.findChild(Dialog)
        if dialog is not None and dialog.isVisible():
            heard.append(words_of(dialog))
            dialog.box.safe_button.click()

    timer = QTimer(clerk.window)
    timer.timeout.connect(look)
    timer.start(20)
    return heard


def filled(clerk: Clerk) -> list[str]:
    """The filled buttons of the screen: never more than one."""
    here = clerk.window.screen_here
    assert here is not None
    return [one.text() for one in here.findChildren(Button) if one.isVisible() and one.kind == "filled"]


# --- read ------------------------------------------------------------------------------------------------------------


def test_a_receipt_dropped_on_the_window_shows_what_was_sent_back(
    round_of: Callable[[], Round], opens: Callable[[VillageDesk], Clerk]
) -> None:
    told = round_of().sends_back("B01", (OUT, SAID))
    clerk = opens(told.village)
    assert clerk.window.take_files([told.folder / "notes.txt"]) is False
    assert clerk.window.take_files([told.answers()])
    clerk.saved()
    assert banner(clerk) == "勐混镇退回，有 1 处要改" and "退回 1 张" in words_of(page(clerk))
    assert page(clerk)._steps.returned and page(clerk)._steps.at == 5
    assert filled(clerk) == ["开始修改"] and clerk.focus is page(clerk)._lead
    assert nav_mark(clerk, "receipt") == "1" and nav_mark(clerk, "form/B01") == "1"
    assert clerk.window.take_files([told.written[0]])  # once more
    clerk.saved()
    assert "先前已经读过" in words_of(page(clerk))


def test_before_any_receipt_enter_chooses_the_file(
    round_of: Callable[[], Round], opens: Callable[[VillageDesk], Clerk], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = round_of()
    deciding.accept(told.town, MANBANG, "B01")
    path = told.answers()
    clerk = opens(told.village)
    clerk.window.go("receipt")
    assert "还没有回执" in words_of(page(clerk))
    monkeypatch.setattr(media, "sticks", lambda: ())
    monkeypatch.setattr(QFileDialog, "getOpenFileName", staticmethod(lambda *words: (str(path), "")))
    clerk.presses(Key.Key_Return).saved()
    assert banner(clerk) == "通过 1 张，4 张等勐混镇审核"


def test_the_receipt_on_the_stick_is_offered_first(
    round_of: Callable[[], Round], opens: Callable[[VillageDesk], Clerk], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = round_of()
    for form in told.village.task.forms:
        deciding.accept(told.town, MANBANG, form)
    stick = told.answers().parent.parent
    clerk = opens(told.village)
    monkeypatch.setattr(media, "sticks", lambda: (StickView(stick, "U 盘", 1 << 30),))
    clerk.window.go("receipt")
    clerk.answers("read", lambda: clerk.presses(Key.Key_Return)).saved()
    assert banner(clerk) == "全部通过，本期办结" and clerk.window.desk.state("B05") is ReturnState.ACCEPTED


def test_a_file_that_is_no_receipt_changes_nothing_and_is_told_in_three_sentences(
    round_of: Callable[[], Round], opens: Callable[[VillageDesk], Clerk], qtbot: QtBot
) -> None:
    told = round_of()
    clerk = opens(told.village)
    before = clerk.window.screen_here
    told_so = answered_dialogs(clerk)
    clerk.window.take_files([told.folder / "sent" / "曼蚌村-2025年度-第1次.cbsync"])
    qtbot.waitUntil(lambda: bool(told_so))
    assert "没有改动" in told_so[0]
    assert clerk.window.screen_here is before and replies.last_taken(told.village) is None


def test_after_a_computer_was_lost_the_page_says_what_came_back_and_what_did_not(
    round_of: Callable[[], Round], opens: Callable[[VillageDesk], Clerk], qtbot: QtBot, tmp_path: Path
) -> None:
    told = round_of()
    new = begun(tmp_path / "new", MANBANG, clock=a_clock(2025, 12, 17, 1))
    asked = enrolment.write_request(new, tmp_path)
    request = registry.add_request(told.town, asked.path)
    (lost,) = rebirth.lost_ones(told.town, MANBANG)
    slip = rebirth.Slip("笔记本被偷，报过案", "岩温", sealed=True, second=rebirth.seconds(told.town)[-1])
    restored = rebirth.restore(told.town, request.sha256, asked.code, slip, [lost.key], tmp_path, PASSWORD)
    clerk = opens(new)
    told_so = answered_dialogs(clerk)
    clerk.window.take_files(list(restored.files))
    qtbot.waitUntil(lambda: bool(told_so))
    assert "还原了 5 份" in told_so[0] and "草稿找不回来" in told_so[0]
    clerk.saved()
    assert new.state("B03") is ReturnState.RECEIVED and "还原 5 份" in words_of(page(clerk))
    new.close()


def test_a_certificate_is_taken_the_same_way(
    opens: Callable[[VillageDesk], Clerk], qtbot: QtBot, tmp_path: Path
) -> None:
    desk = begun(tmp_path / "village")
    asked, town = enrolment.write_request(desk, tmp_path), the_seat().township(MANBANG)
    issued = township.approve_device(town, asked.path.read_bytes(), asked.code, PASSWORD)
    signer = devices.unlock_signer(town.workspace, town.person, PASSWORD)
    path = tmp_path / "证书.cbcert"
    path.write_bytes(write_approval(asked.path.read_bytes(), issued, signer, when=town.clock()))
    clerk = opens(desk)
    told_so = answered_dialogs(clerk)
    assert clerk.window.take_files([path])
    qtbot.waitUntil(lambda: bool(told_so))
    assert "证书已经装好" in told_so[0] and devices.device(desk.workspace).enrolled
    desk.close()


# --- answered --------------------------------------------------------------------------------------------------------


def test_with_the_keyboard_alone_every_comment_is_dealt_with_and_the_check_comes_next(
    sent_back: tuple[Round, Clerk],
) -> None:
    _, clerk = sent_back
    clerk.presses(Key.Key_Return).saved()  # 开始修改
    assert filled(clerk) == ["改好这一处"] and chosen(clerk) == "户籍外出人口"
    clerk.types("60").presses(Key.Key_Return).saved()
    assert states(clerk) == ["已改", "未改", "未改"] and chosen(clerk) == "建筑面积"
    assert clerk.on_disk("B01", "b01_pop_out") == "60" and nav_mark(clerk, "receipt") == "2"
    clerk.types("290.5").presses(Key.Key_Return).saved()
    field = card(clerk).field
    assert chosen(clerk) == "手机号" and field is not None and "****" in field.field.edit.text()  # type: ignore[attr-defined]
    clerk.presses(Key.Key_Tab, Key.Key_Return)  # 不改，写原因
    types_chinese(clerk.focus, "打过三次都通，号码没有错")
    clerk.presses(Key.Key_Return).saved()
    assert states(clerk) == ["已改", "已改", "不改，有原因"] and nav_mark(clerk, "receipt") == ""
    assert banner(clerk) == "勐混镇退回的 3 处都办好了" and filled(clerk) == ["去检查"]
    clerk.presses(Key.Key_Return)
    assert clerk.window.screen_here is not None and clerk.window.screen_here.nav_key() == "check"
    assert [one.text for one in lineage.answers_to_comments(clerk.desk, "B05")] == ["打过三次都通，号码没有错"]


def test_typing_at_once_opens_the_return_and_undo_closes_nothing_that_was_signed(
    sent_back: tuple[Round, Clerk],
) -> None:
    _, clerk = sent_back
    before = clerk.text("B01", "b01_pop_out")
    card(clerk).focus_field()
    clerk.types("60").presses(Key.Key_Return).saved()
    assert clerk.desk.state("B01") is ReturnState.FILLING and clerk.desk.state("B02") is ReturnState.RETURNED
    page(clerk).setFocus()
    clerk.window.undo()
    clerk.saved()
    assert clerk.text("B01", "b01_pop_out") == before and states(clerk) == ["未改", "未改", "未改"]
    clerk.window.undo()
    clerk.saved()
    assert clerk.text("B01", "b01_pop_out") == before and not clerk.desk.frame().can_undo


def test_the_same_value_again_is_no_change_and_a_wrong_one_is_told_at_its_place(
    sent_back: tuple[Round, Clerk],
) -> None:
    _, clerk = sent_back
    clerk.presses(Key.Key_Return).saved()
    clerk.presses(Key.Key_Return).saved()
    assert states(clerk)[0] == "未改" and "和报的一样" in words_of(card(clerk))
    clerk.types("many").presses(Key.Key_Return).saved()
    assert chosen(clerk) == "户籍外出人口" and states(clerk)[0] == "有问题"
    assert "不是数字" in words_of(card(clerk))


def test_what_follows_from_a_change_is_said_while_it_is_typed_and_esc_takes_it_back(
    sent_back: tuple[Round, Clerk], qtbot: QtBot
) -> None:
    _, clerk = sent_back
    clerk.presses(Key.Key_Return).saved()
    page(clerk).next_problem(1)
    clerk.types("200")
    qtbot.waitUntil(lambda: "改后合计" in words_of(card(clerk)))
    assert "每百户面积" in words_of(card(clerk)) and "目标 30" in words_of(card(clerk))
    assert card(clerk).table is not None
    clerk.presses(Key.Key_Escape)
    qtbot.waitUntil(lambda: "改后合计" not in words_of(card(clerk)))
    assert clerk.saved().on_disk("B02", "b02_f_area", 2) != "200"


@pytest.mark.parametrize(("said", "kept"), [("对的", ""), ("就是这个数", "就是这个数"), ("长" * 201, "")])
def test_a_reason_has_four_to_two_hundred_characters(sent_back: tuple[Round, Clerk], said: str, kept: str) -> None:
    _, clerk = sent_back
    card(clerk).reason_button.click()
    types_chinese(clerk.focus, said)
    clerk.presses(Key.Key_Return).saved()
    assert lineage.replies(clerk.desk, "B01").get(OUT, "") == kept
    if not kept:
        assert "4 到 200 个字" in words_of(card(clerk)) and states(clerk)[0] == "未改"


def test_arrows_and_f8_walk_the_comments_and_the_form_opens_at_the_cell(sent_back: tuple[Round, Clerk]) -> None:
    _, clerk = sent_back
    clerk.presses(Key.Key_Down)
    assert chosen(clerk) == "建筑面积" and card(clerk).said.form == "B02"
    page(clerk).next_problem(1)
    assert chosen(clerk) == "手机号"
    page(clerk).next_problem(1)
    assert chosen(clerk) == "户籍外出人口"
    page(clerk).next_problem(-1)
    page(clerk).next_problem(-1)
    next(one for one in card(clerk).findChildren(Button) if one.text() == "打开原表").click()
    assert clerk.form.form == "B02" and clerk.form.sheet.sections[clerk.form.at].title == "室内服务设施"


def test_the_slip_is_shown_before_it_is_printed(sent_back: tuple[Round, Clerk], qtbot: QtBot) -> None:
    from cunbao.ui.screens.preview import Preview

    _, clerk = sent_back
    assert page(clerk).preview()
    qtbot.waitUntil(lambda: clerk.window.findChild(Preview) is not None, timeout=10_000)
    shown = clerk.window.findChild(Preview)
    assert shown is not None and shown.viewer.pages.count >= 1
    shown.end()


def test_a_workspace_that_is_only_looked_at_offers_nothing_to_press(sent_back: tuple[Round, Clerk]) -> None:
    told, clerk = sent_back
    clerk.desk.read_only = True
    page(clerk).refresh()
    assert filled(clerk) == [] and not card(clerk).reason_button.isVisible()
    told_so = answered_dialogs(clerk)
    clerk.window.take_files([told.written[0]])
    assert "只看不改" in told_so[0]
    clerk.desk.read_only = False


# --- on the other screens --------------------------------------------------------------------------------------------


def test_home_leads_to_the_comments(sent_back: tuple[Round, Clerk]) -> None:
    _, clerk = sent_back
    clerk.window.go("home")
    assert "按乡镇意见改 3 张表" in words_of(clerk.window.screen_here)  # type: ignore[arg-type]
    clerk.presses(Key.Key_Return)
    assert isinstance(clerk.window.screen_here, Receipt)


def test_the_comment_stands_under_its_cell_and_f8_goes_there(sent_back: tuple[Round, Clerk]) -> None:
    _, clerk = sent_back
    clerk.goes("B01", section=0)
    clerk.form.next_problem(1)
    shown = clerk.form.part.rows[OUT]  # type: ignore[union-attr]
    assert clerk.form.sheet.sections[clerk.form.at].title == "户数和人口"
    assert shown.comment.text.text() == f"乡镇意见：{SAID}" and shown.comment.isVisible()
    clerk.types("60").presses(Key.Key_Return).saved()
    assert shown.comment.text.text().startswith("已改，报的是 ")
    clerk.goes("B02", "b02_f_area", 2)
    notes = [note.text for row in clerk.form.part.table.rows for note in row.notes]  # type: ignore[union-attr]
    assert "建筑面积：乡镇意见：验收单上是 22.0 平方米，请核对。" in notes


def test_a_roster_marks_the_person_and_the_row_editor_shows_the_comment(sent_back: tuple[Round, Clerk]) -> None:
    _, clerk = sent_back
    section = next(at for at, one in enumerate(clerk.window.desk.task.screens["B05"].sections) if one.repeat)
    clerk.goes("B05", section=section)
    assert clerk.form.frame.roster_trouble.text() == "改下一处意见"
    clerk.form.next_problem(1)
    shown = clerk.row.fields["b05_p_phone"]
    assert "打不通" in shown.comment.text.text() and clerk.focus is shown.field.edit  # type: ignore[attr-defined]


def test_a_correction_is_given_up_where_it_is_filled(sent_back: tuple[Round, Clerk]) -> None:
    _, clerk = sent_back
    before = clerk.text("B01", "b01_pop_out")
    clerk.goes("B01", "b01_pop_out").types("60").presses(Key.Key_Return).saved()
    clerk.form._show_marks()
    button = clerk.form.frame.give_up_button
    assert button.isVisible()
    clerk.answers("stay", button.click).saved()
    assert clerk.text("B01", "b01_pop_out") == "60"
    clerk.answers("drop", button.click).saved()
    assert clerk.text("B01", "b01_pop_out") == before and clerk.desk.state("B01") is ReturnState.RETURNED
    assert not clerk.form.frame.give_up_button.isVisible()


@pytest.mark.parametrize(("form", "says"), [("B03", "乡镇收到了，等审核"), ("B04", "这一版还算数")])
def test_what_is_received_or_accepted_stays_locked_and_says_why(
    sent_back: tuple[Round, Clerk], form: str, says: str
) -> None:
    _, clerk = sent_back
    clerk.goes(form)
    shown = clerk.form.frame.findChild(Banner)
    assert shown is not None and says in words_of(shown) and not clerk.form.sheet.editable


# --- two computers ---------------------------------------------------------------------------------------------------


def a_fork(told: Round) -> Round:
    """B01 was corrected on two computers; the first reads the receipt with the other's version."""
    second = begun(told.folder / "second", MANBANG, clock=a_clock(2025, 12, 15, 1))
    asked = enrolment.write_request(second, told.folder)
    request = registry.add_request(told.town, asked.path)
    registry.approve(told.town, request.sha256, asked.code, PASSWORD)
    replies.take_receipt(second, told.answers())
    for desk, people in ((told.village, "61"), (second, "62")):
        signing.begin_correction(desk, "B01")
        types(desk, "B01", "b01_pop_out", people)
        types(desk, "B01", "b01_grids" if desk is second else "b01_groups", "9")
        practice.explain_all(desk)
        signing.sign(desk, signing.prepare(desk, ["B01"]), PASSWORD)
        receiving.receive(told.town, [a_bundle(desk, told.folder / people)])
    second.close()
    return told


def other(clerk: Clerk) -> OtherCard:
    assert isinstance(page(clerk)._detail, OtherCard)
    return page(clerk)._detail


def test_the_other_computer_s_version_is_compared_and_taken_over_only_when_confirmed(
    round_of: Callable[[], Round], opens: Callable[[VillageDesk], Clerk]
) -> None:
    told = a_fork(round_of()).reads()
    clerk = opens(told.village)
    clerk.goes("B01")
    shown = clerk.form.frame.findChild(Banner)
    assert shown is not None and "有冲突" in words_of(shown) and shown.button is not None
    shown.button.click()  # type: ignore[attr-defined]
    assert banner(clerk) == "有 1 份要看一看" and "另一台电脑签的一份" in words_of(other(clerk))
    table = other(clerk).findChild(type(other(clerk)._table()))
    assert table is not None and ("61 人", "62 人") in [
        (row.cells["here"].text, row.cells["there"].text) for row in table.rows
    ]
    clerk.answers("stay", other(clerk).take_button.click).saved()
    assert text(told.village, "B01", "b01_pop_out") == "61"
    clerk.answers("take", other(clerk).take_button.click).saved()
    assert text(told.village, "B01", "b01_pop_out") == "62" and filled(clerk) == ["去检查"]
    assert banner(clerk) == "B01 正在更正"


def test_the_own_version_is_stood_by(round_of: Callable[[], Round], opens: Callable[[VillageDesk], Clerk]) -> None:
    told = a_fork(round_of()).reads()
    clerk = opens(told.village)
    clerk.window.go("receipt")
    clerk.answers("mine", other(clerk).stay_button.click).saved()
    assert otherversions.waiting(told.village) == () and text(told.village, "B01", "b01_pop_out") == "61"


def test_enter_takes_a_proposal_after_asking(
    round_of: Callable[[], Round], opens: Callable[[VillageDesk], Clerk]
) -> None:
    told = a_fork(round_of())
    for line in settling.conflict(told.town, MANBANG, "B01").lines:
        if not line.automatic:
            settling.choose(told.town, MANBANG, "B01", line.key, "left" if line.left == "61" else "right")
    settling.propose(told.town, MANBANG, "B01")
    clerk = opens(told.reads().village)
    clerk.window.go("receipt")
    assert filled(clerk) == ["采用这一份"] and "乡镇的建议稿" in words_of(other(clerk))
    clerk.answers("take", lambda: clerk.presses(Key.Key_Return)).saved()
    assert text(told.village, "B01", "b01_grids") == "9" and text(told.village, "B01", "b01_groups") == "9"


# --- sizes -----------------------------------------------------------------------------------------------------------


def cut(widget: QWidget, names: Sequence[str] = ()) -> list[str]:
    """Texts that are seen and do not fit."""
    seen = [one for one in widget.findChildren(Text) if one.isVisible() and one.text()]
    return [one.text() for one in seen if one.is_cut or one.heightForWidth(one.width()) > one.height()]


@pytest.mark.parametrize("scale", [1.0, 1.25, 1.5])
def test_the_page_fits_the_smallest_laptop_at_every_size(sent_back: tuple[Round, Clerk], scale: float) -> None:
    told, clerk = sent_back
    told.town.workspace.set_setting(f"receipt/text/{MANBANG}", "12-18 上午请到镇里开会，带上公章。")
    replies.take_receipt(told.village, told.answers())
    clerk.window.set_look(scale, False)
    shown: Any = page(clerk)
    for key in [one.key for one in shown._list.entries]:
        shown._list.choose(key)
        shown._choose(key)
        clerk.saved()
        card(clerk).reason_button.click()
        clerk.bot.wait(1)
        assert (clerk.window.width(), clerk.window.height()) == (1366, 696)
        assert cut(shown) == []
        table = card(clerk).table
        assert table is not None and table.horizontalScrollBar().maximum() == 0
    clerk.goes("B01", "b01_pop_out").types("60").presses(Key.Key_Return).saved()
    clerk.form._show_marks()
    clerk.bot.wait(1)
    assert cut(clerk.form.frame.head) == []
