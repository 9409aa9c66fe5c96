"""审核 in a real window with the keyboard: what changed, what is said at cells, accept or send back, and on."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QWidget
from pytestqt.qtbot import QtBot

import cunbao.desks.township
from cunbao.desks import settings
from cunbao.desks.township.review_views import PdfCheck
from cunbao.survey.states import ReturnState
from cunbao.survey.values import Cell
from cunbao.ui.kit import style
from cunbao.ui.kit.banner import Banner, EmptyState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.dialog import Dialog
from cunbao.ui.kit.marks import Chip
from cunbao.ui.kit.text import Text
from cunbao.ui.screens.preview import Preview
from cunbao.ui.screens.review import ReviewScreen
from cunbao.ui.screens.review_foot import ReviewHead
from cunbao.ui.shell import Shell
from ui.hands import types_chinese
from ui.town import TownDesk
from ui.town_views import (
    AREA,
    CHANGES,
    ID,
    MANBANG,
    MANGUO,
    MASKED_ID,
    MASKED_PHONE,
    MENGHUN,
    NOTE,
    PHONE,
    Reviewing,
    review_view,
    roster_view,
)
from ui.townhall import Answers, Some, where
from world.effort import calls

KEY = Qt.Key
CONTROL, PLAIN = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier
WAITING = ((MANBANG, "B01"), (MANBANG, "B02"), (MANGUO, "B02"))


class Desk(TownDesk):
    """Takes back decisions of `reviewing`, and hands out the bytes of scans."""

    reviewing: Reviewing
    scans: dict[str, bytes]

    def undo(self) -> tuple[str, str] | None:
        made = [one for one in self.reviewing.done if one[0] in ("accept", "send_back")]
        if not made:
            return None
        place = (made[-1][1], made[-1][2])
        self.reviewing._change(place, state=ReturnState.RECEIVED, may_accept=True, may_withdraw=False)
        return place

    def object(self, key: str) -> bytes:
        return self.scans[key]

    def journal(self, act: str, **detail: object) -> None:
        self.undone.append(act)


@pytest.fixture
def reviewing(monkeypatch: pytest.MonkeyPatch) -> Reviewing:
    """Three returns wait; a test may put others there."""
    made = Reviewing({place: review_view(place) for place in WAITING})
    monkeypatch.setattr(cunbao.desks.township, "reviewing", made, raising=False)
    monkeypatch.setitem(sys.modules, "cunbao.desks.township.reviewing", made)
    return made


@pytest.fixture
def desk(reviewing: Reviewing) -> Desk:
    made = Desk()
    made.reviewing, made.scans, made.workspace = reviewing, {}, made
    return made


@pytest.fixture
def shell(show, desk: Desk) -> Iterator[Shell]:  # type: ignore[no-untyped-def]
    made = Shell(Some("review"), asks_to_close=False)
    show(made, 1366, 696)
    made.open_desk(desk)
    yield made
    made.jobs.stop()


@pytest.fixture
def go(shell: Shell, qtbot: QtBot) -> Callable[..., ReviewScreen]:
    """Open 审核, perhaps at a return, and wait until it is there."""

    def gone(office: str = "", form: str = "", **more: Any) -> ReviewScreen:
        screen = shell.go("review", **({"office": office, "form": form} if office else {}), **more)
        settle(shell, qtbot)
        assert isinstance(screen, ReviewScreen)
        return screen

    return gone


def settle(shell: Shell, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: shell.jobs.idle)
    for _ in range(5):  # everything made by it is laid out
        QApplication.sendPostedEvents()
        QApplication.processEvents()


def press(shell: Shell, qtbot: QtBot, *keys: Qt.Key, modifier: Qt.KeyboardModifier = PLAIN) -> None:
    """Keys as the officer presses them, where the focus is."""
    for key in keys:
        focus = QApplication.focusWidget()
        assert focus is not None
        qtbot.keyClick(focus, key, modifier)
        settle(shell, qtbot)


def text(screen: ReviewScreen, key: str = "now") -> str:
    assert screen.lines is not None
    grid = screen.lines.grid
    return grid.row(grid.current_row()).cell(key).text


def title(screen: ReviewScreen) -> str:
    assert screen.view is not None
    return f"{screen.view.name} {screen.view.form}"


def words(inside: QWidget) -> str:
    return " ".join(one.text() for one in inside.findChildren(Text) if one.isVisible())


def field_of(dialog: Dialog) -> QLineEdit:
    """The field of a dialog, which has the focus as soon as the window has it."""
    found: QLineEdit = dialog.findChild(QLineEdit)
    return found


def write(screen: ReviewScreen, shell: Shell, qtbot: QtBot, said: str) -> None:
    """C, then what the officer types."""
    press(shell, qtbot, KEY.Key_C)
    focus = QApplication.focusWidget()
    assert screen.lines is not None and screen.lines.detail is not None and screen.lines.detail.box is not None
    assert focus is screen.lines.detail.box.edit
    types_chinese(focus, said)


# --- looking ---------------------------------------------------------------------------------------------------------


def test_it_opens_the_first_return_that_waits_and_walks_to_the_others(go, shell: Shell, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    screen = go()
    assert title(screen) == "曼蚌村 B01" and QApplication.focusWidget() is screen.lines.grid
    press(shell, qtbot, KEY.Key_PageUp)
    assert title(screen) == "曼蚌村 B01"
    press(shell, qtbot, KEY.Key_PageDown, KEY.Key_PageDown, KEY.Key_PageDown)
    assert title(screen) == "曼国村 B02"
    press(shell, qtbot, KEY.Key_PageUp)
    assert title(screen) == "曼蚌村 B02"
    press(shell, qtbot, KEY.Key_Escape)
    assert where(shell)[0] == "board"


def test_the_line_in_hand_is_unfolded_and_framed_on_the_signed_page(go, shell: Shell, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    screen = go(MANBANG, "B02")
    lines, pages = screen.lines, screen.pages.pages
    assert (text(screen, "before"), text(screen), text(screen, "change")) == ("408", "412", "+4")
    assert lines.detail is None and pages.mark is not None
    press(shell, qtbot, KEY.Key_Down, KEY.Key_Down)
    assert text(screen, "label") == "老年活动室：面积" and text(screen) == "24.0"
    assert "扩建一间，新增 12 平方米" in words(lines.detail)
    marked = [one.text for one in pages.words()[0] if pages.mark.box.holds(one.box.middle, one.box.bottom + 1, 0)]
    assert marked == ["24.0"]
    press(shell, qtbot, KEY.Key_Down)
    assert lines.detail is None and text(screen, "label") == "室内面积合计"


def test_a_click_on_the_page_goes_to_its_line(go, shell: Shell, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    screen = go(MANBANG, "B02")
    pages = screen.pages.pages
    press(shell, qtbot, KEY.Key_Down, KEY.Key_Down)
    spot = pages._frame(pages.mark).center().toPoint()
    press(shell, qtbot, KEY.Key_Up)
    qtbot.mouseClick(pages.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert text(screen) == "24.0"


def test_three_tabs_keep_the_line_and_f8_goes_to_what_the_check_found(go, shell: Shell, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    screen = go(MANBANG, "B02")
    assert [word for _, word in screen.lines.tabs.tabs] == ["改动 6", "检查 1", "全部 24 格"]
    press(shell, qtbot, KEY.Key_F8)
    assert text(screen, "label") == "老年活动室：面积"
    press(shell, qtbot, KEY.Key_Tab, modifier=CONTROL)
    assert screen.lines.tabs.current() == "checked" and screen.lines.grid.count == 1
    press(shell, qtbot, KEY.Key_Tab, modifier=CONTROL)
    assert screen.lines.grid.count == 24 and text(screen, "label") == "老年活动室：面积"
    press(shell, qtbot, KEY.Key_Up)
    assert text(screen, "label") == "老年活动室：设施名称"  # unchanged, so only here
    press(shell, qtbot, KEY.Key_PageDown)
    assert screen.lines.tabs.current() == "all"  # the next return is looked at in the same way


def test_an_unchanged_return_says_so_instead_of_an_empty_table(go, reviewing: Reviewing, shell: Shell) -> None:  # type: ignore[no-untyped-def]
    reviewing.views[MANBANG, "B02"] = review_view(changes=(), checked=())
    screen = go(MANBANG, "B02")
    assert "没有改动" in words(screen.lines)
    assert screen.pages.pages.mark is None


def test_another_version_is_laid_beside_and_the_desk_remembers_it(
    go, reviewing: Reviewing, shell: Shell, qtbot: QtBot
) -> None:  # type: ignore[no-untyped-def]
    screen = go(MANBANG, "B02")
    button = screen.lines.compared
    assert isinstance(button, Button) and button.text() == "对比：上次通过的 2024 年度"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    qtbot.keyClick(menu, KEY.Key_Down)
    qtbot.keyClick(menu, KEY.Key_Down)
    qtbot.keyClick(menu, KEY.Key_Return)
    settle(shell, qtbot)
    assert reviewing.against[-1] == "none" and screen.lines.compared.text() == "不对比"
    screen.first_focus()
    press(shell, qtbot, KEY.Key_PageDown)
    assert reviewing.against[-1] == "" and screen.lines.compared.text() == "不对比"  # the desk knows what is liked


# --- saying ----------------------------------------------------------------------------------------------------------


def test_a_comment_is_kept_while_it_is_typed(go, reviewing: Reviewing, shell: Shell, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    screen = go(MANBANG, "B02", cell=AREA)
    write(screen, shell, qtbot, "验收单上是 22.0 平方米")
    qtbot.waitUntil(lambda: bool(reviewing.done), timeout=3000)  # the box has not been left
    assert reviewing.done == [("comment", AREA, "验收单上是 22.0 平方米")]
    assert text(screen, "say") == "1" and screen._foot.send_back.text() == "退回，带 1 条意见"
    assert (screen._foot.send_back.kind, screen._foot.accept.kind) == ("filled", "outlined")


def test_control_s_keeps_the_comment_and_gives_the_table_back(
    go, reviewing: Reviewing, shell: Shell, qtbot: QtBot
) -> None:  # type: ignore[no-untyped-def]
    screen = go(MANBANG, "B02", cell=AREA)
    write(screen, shell, qtbot, "请核对")
    press(shell, qtbot, KEY.Key_S, modifier=CONTROL)
    assert reviewing.done == [("comment", AREA, "请核对")] and QApplication.focusWidget() is screen.lines.grid
    press(shell, qtbot, KEY.Key_Down)
    write(screen, shell, qtbot, "合计也要改")
    press(shell, qtbot, KEY.Key_Escape)  # out of the box, not out of the screen
    assert shell.screen_here is screen and reviewing.done[-1][2] == "合计也要改"
    assert text(screen, "say") == "2" and "2 条意见" in screen._foot.send_back.text()


def test_a_comment_before_another_takes_its_number(go, shell: Shell, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    screen = go(MANBANG, "B02", cell=AREA)
    write(screen, shell, qtbot, "请核对")
    press(shell, qtbot, KEY.Key_Escape, KEY.Key_Up, KEY.Key_Up)
    write(screen, shell, qtbot, "户数不对")
    press(shell, qtbot, KEY.Key_Escape)
    grid = screen.lines.grid
    assert [grid.row(number).cell("say").text for number in range(grid.count)] == ["1", "", "2", "", "", ""]


def test_usual_phrases_and_letters_in_the_box_are_text(go, reviewing: Reviewing, shell: Shell, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    screen = go(MANBANG, "B02", cell=AREA)
    write(screen, shell, qtbot, "请核")
    detail = screen.lines.detail
    phrase = next(one for one in detail.findChildren(Button) if one.text() == "请附依据")
    qtbot.mouseClick(phrase, Qt.MouseButton.LeftButton)
    focus = QApplication.focusWidget()
    assert focus is detail.box.edit
    qtbot.keyClicks(focus, "C1")
    assert detail.box.text() == "请核；请附依据C1"
    qtbot.keyClick(focus, KEY.Key_Z, CONTROL)  # the box's own
    assert detail.box.text() != "请核；请附依据C1" and not any(one[0] == "accept" for one in reviewing.done)


def test_looking_at_a_long_text_writes_no_comment(go, reviewing: Reviewing, shell: Shell, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    long = replace(CHANGES[1], before="村民小组集体所有，长期借用", now="向县供销合作社租用，租期五年")
    reviewing.views[MANBANG, "B02"] = review_view(changes=(CHANGES[0], long))
    screen = go(MANBANG, "B02", cell=long.cell)
    assert "向县供销合作社租用，租期五年" in words(screen.lines.detail) and screen.lines.detail.box.text() == ""
    press(shell, qtbot, KEY.Key_Up, KEY.Key_F9)
    assert reviewing.done == [("accept", MANBANG, "B02")]


def test_what_was_said_with_a_return_is_marked_in_the_table(
    go, reviewing: Reviewing, shell: Shell, qtbot: QtBot
) -> None:  # type: ignore[no-untyped-def]
    lines = tuple(replace(one, last_comment="请核对") if one.cell == AREA else one for one in CHANGES)
    said = {ReturnState.RETURNED: "意见", ReturnState.RECEIVED: "上次意见"}
    for state, label in said.items():
        reviewing.views[MANBANG, "B02"] = review_view(changes=lines, state=state, may_accept=False)
        screen = go(MANBANG, "B02", cell=AREA)
        grid = screen.lines.grid
        marks = [(grid.row(at).cell("say").icon, grid.row(at).cell("say").tip) for at in range(grid.count)]
        assert marks == [("", ""), ("", ""), ("message", "请核对"), ("", ""), ("", ""), ("", "")]
        assert label in [one.text() for one in screen.lines.detail.findChildren(Text)]


def test_a_comment_that_could_not_be_kept_is_told_and_tried_again(
    go,
    reviewing: Reviewing,
    shell: Shell,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,  # type: ignore[no-untyped-def]
) -> None:
    from cunbao.errors import StoreError

    screen = go(MANBANG, "B02", cell=AREA)
    answers = Answers(shell)
    answers.press("close")

    def full(*values: object) -> None:
        raise StoreError("disk.full", happened="硬盘满了", safe="已填的都在", todo="请腾出 200 MB 再存一次")

    monkeypatch.setattr(reviewing, "comment", full)
    write(screen, shell, qtbot, "请核对")
    press(shell, qtbot, KEY.Key_S, modifier=CONTROL)
    qtbot.waitUntil(lambda: answers.titles == ["硬盘满了"])
    monkeypatch.undo()
    monkeypatch.setattr(cunbao.desks.township, "reviewing", reviewing, raising=False)
    screen.lines.grid.setFocus()
    screen.write()
    press(shell, qtbot, KEY.Key_S, modifier=CONTROL)
    assert reviewing.done == [("comment", AREA, "请核对")]


# --- deciding --------------------------------------------------------------------------------------------------------


def test_f9_accepts_and_the_next_return_comes(go, reviewing: Reviewing, shell: Shell, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    screen = go()
    assert screen._foot.accept.kind == "filled" and not screen._foot.send_back.isEnabled()
    press(shell, qtbot, KEY.Key_F9)
    assert reviewing.done == [("accept", MANBANG, "B01")] and title(screen) == "曼蚌村 B02"
    assert "刚才 曼蚌村 B01 通过" in screen._foot.said.text()


def test_f10_from_the_box_sends_back_with_what_was_just_typed(
    go, reviewing: Reviewing, shell: Shell, qtbot: QtBot
) -> None:  # type: ignore[no-untyped-def]
    screen = go(MANBANG, "B02", cell=AREA)
    write(screen, shell, qtbot, "验收单上是 22.0")
    press(shell, qtbot, KEY.Key_F10)
    assert reviewing.done[-1] == ("send_back", MANBANG, "B02", "验收单上是 22.0")
    assert title(screen) == "曼国村 B02"


def test_f10_without_a_comment_begins_one(go, reviewing: Reviewing, shell: Shell, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    screen = go(MANBANG, "B02")
    press(shell, qtbot, KEY.Key_F10)
    assert screen.lines.detail.writing and reviewing.done == []


@pytest.mark.parametrize(
    ("answer", "acts"),
    [
        ("stay", ["comment"]), ("drop", ["comment", "accept"]), ("return", ["comment", "send_back"]),
    ],
)  # fmt: skip
def test_accepting_with_comments_asks_once(  # type: ignore[no-untyped-def]
    go, reviewing: Reviewing, shell: Shell, qtbot: QtBot, answer: str, acts: list[str]
) -> None:
    screen = go(MANBANG, "B02", cell=AREA)
    write(screen, shell, qtbot, "请核对")
    answers = Answers(shell)

    def choose(dialog: Dialog) -> None:
        assert all(one.width() >= one.sizeHint().width() for one in dialog.box.buttons.values())
        dialog.box.buttons[answer].click()

    answers.act(choose)
    press(shell, qtbot, KEY.Key_F9)
    assert answers.titles == ["这张表上写了 1 条意见"]
    assert [one[0] for one in reviewing.done] == acts
    if answer == "drop":
        assert reviewing.done[1] == ("accept", MANBANG, "B02", "drop")
    assert title(screen) == ("曼蚌村 B02" if answer == "stay" else "曼国村 B02")


def test_after_the_last_one_the_way_leads_to_the_receipts(go, reviewing: Reviewing, shell: Shell, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    screen = go()
    press(shell, qtbot, KEY.Key_F9, KEY.Key_F9, KEY.Key_F9)
    assert screen.view is None and "写进回执" in words(screen)
    press(shell, qtbot, KEY.Key_Return)
    assert where(shell)[0] == "receipts"


def test_with_nothing_to_review_the_way_leads_to_receiving(
    go, reviewing: Reviewing, shell: Shell, qtbot: QtBot
) -> None:  # type: ignore[no-untyped-def]
    reviewing.views.clear()
    screen = go()
    assert screen.findChild(EmptyState) is not None
    press(shell, qtbot, KEY.Key_Return)
    assert where(shell)[0] == "receive"


def test_control_z_takes_the_last_decision_back_and_shows_its_return(
    go, reviewing: Reviewing, shell: Shell, qtbot: QtBot
) -> None:  # type: ignore[no-untyped-def]
    screen = go()
    press(shell, qtbot, KEY.Key_F9)
    assert title(screen) == "曼蚌村 B02"
    press(shell, qtbot, KEY.Key_Z, modifier=CONTROL)
    assert title(screen) == "曼蚌村 B01" and screen.view.state is ReturnState.RECEIVED


def test_why_it_cannot_be_accepted_stands_above_and_f9_says_it(
    go, reviewing: Reviewing, shell: Shell, qtbot: QtBot
) -> None:  # type: ignore[no-untyped-def]
    check = PdfCheck(False, "报表和数据对不上：第 4 行 面积", "页面上 24.0，数据里 22.0")
    why = "报表上的数和数据有 1 格不一样"
    reviewing.views[MANBANG, "B02"] = review_view(
        marks=("更正", "代报"), may_accept=False, why_not_accept=why, pdf_check=check
    )
    screen = go(MANBANG, "B02")
    banners = [words(one) for one in screen.findChildren(Banner)]
    assert banners[0] == f"还不能通过：{why}" and "更正：" in banners[1] and "代报：" in banners[1]
    assert {"更正", "代报"} <= {one.accessibleName() for one in screen.findChildren(Chip)}
    assert "报表和数据对不上" in words(screen.pages)
    answers = Answers(shell)
    answers.press("close")
    press(shell, qtbot, KEY.Key_F9)
    assert answers.titles == ["现在不能通过"] and why in answers.said[0] and reviewing.done == []


def test_a_conflict_leads_to_the_comparison(go, reviewing: Reviewing, shell: Shell, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    reviewing.views[MANBANG, "B02"] = review_view(
        state=ReturnState.FORK, marks=("有冲突",), may_accept=False, why_not_accept="有两份，先选一份"
    )
    screen = go(MANBANG, "B02")
    assert not screen._foot.accept.isVisible() and not screen._foot.send_back.isVisible()
    qtbot.mouseClick(
        next(one for one in screen.findChildren(Button) if one.text() == "去比对"), Qt.MouseButton.LeftButton
    )
    assert where(shell) == ("conflict", {"office": MANBANG, "form": "B02"})


def test_a_decision_is_taken_back_with_a_reason(go, reviewing: Reviewing, shell: Shell, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    reviewing.accept(None, MANBANG, "B02")
    screen = go(MANBANG, "B02")
    assert "12-16 08:50 通过" in screen._foot.said.text() and not screen._foot.accept.isVisible()
    answers = Answers(shell)

    def give_reason(dialog: Dialog) -> None:
        dialog.box.buttons["withdraw"].click()  # without a reason it stays
        assert dialog.isVisible()
        types_chinese(field_of(dialog), "人数和名册对不上")
        qtbot.keyClick(field_of(dialog), KEY.Key_Return)

    answers.act(give_reason)
    qtbot.mouseClick(screen._foot.withdraw, Qt.MouseButton.LeftButton)
    settle(shell, qtbot)
    assert answers.titles == ["撤回“通过”？"]
    assert reviewing.done[-1] == ("withdraw", MANBANG, "B02", "人数和名册对不上")
    assert screen.view.state is ReturnState.RECEIVED and screen._foot.accept.isVisible()


def test_an_accepted_return_can_be_sent_back_and_a_returned_one_is_only_read(
    go, reviewing: Reviewing, shell: Shell, qtbot: QtBot
) -> None:  # type: ignore[no-untyped-def]
    reviewing.accept(None, MANBANG, "B02")
    screen = go(MANBANG, "B02", cell=AREA)
    assert not screen._foot.send_back.isVisible()
    write(screen, shell, qtbot, "数对不上")
    assert screen._foot.send_back.isVisible()
    press(shell, qtbot, KEY.Key_F10)
    assert reviewing.done[-1] == ("send_back", MANBANG, "B02", "数对不上")
    screen = go(MANBANG, "B02", cell=AREA)
    press(shell, qtbot, KEY.Key_C)
    assert screen.lines.detail.box is None and "数对不上" in words(screen.lines.detail)
    answers = Answers(shell)
    answers.press("close")
    press(shell, qtbot, KEY.Key_F10)
    assert answers.titles == ["现在不能退回"]


def test_further_acts_stand_behind_more(go, reviewing: Reviewing, shell: Shell, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    screen = go(MANBANG, "B02", cell=AREA)
    qtbot.mouseClick(screen.findChild(ReviewHead).more, Qt.MouseButton.LeftButton)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert [(one.text(), one.isEnabled()) for one in menu.actions()] == [
        ("免去这一处的说明", True), ("纸质报表已收到", True), ("撤回决定", False), ("没有问题的一起通过", True),
        ("审核记录", False), ("看附件 验收单照片 1 张", True),
    ]  # fmt: skip
    answers = Answers(shell)

    def give_reason(dialog: Dialog) -> None:
        types_chinese(field_of(dialog), "看过验收单原件")
        qtbot.keyClick(field_of(dialog), KEY.Key_Return)

    answers.act(give_reason)
    qtbot.keyClick(menu, KEY.Key_Down)
    qtbot.keyClick(menu, KEY.Key_Return)
    settle(shell, qtbot)
    assert reviewing.done == [("waive", NOTE.key, "看过验收单原件")]
    assert text(screen, "label") == "老年活动室：面积" and screen._to_waive() is None  # still there, and waived now


def test_the_sealed_paper_is_put_down_once(go, reviewing: Reviewing, shell: Shell, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    screen = go(MANBANG, "B02")
    answers = Answers(shell)
    answers.press("act")
    dict(screen.more())["纸质报表已收到"]()
    settle(shell, qtbot)
    assert reviewing.done == [("mark_paper", MANBANG, "B02")] and "纸质已收 12-16" in screen._foot.said.text()
    assert dict(screen.more())["纸质报表已收到"] is None


def test_what_is_clean_is_accepted_together(go, reviewing: Reviewing, shell: Shell, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    for place in ((MANBANG, "B01"), (MANGUO, "B02")):
        reviewing.views[place] = replace(reviewing.views[place], checked=())
    screen = go()
    answers = Answers(shell)
    answers.press("act", "close")
    dict(screen.more())["没有问题的一起通过"]()
    qtbot.waitUntil(lambda: len(answers.titles) == 2)
    settle(shell, qtbot)
    assert answers.titles == ["没有问题的一起通过？", "一起通过了 2 张"]
    assert [one[1:] for one in reviewing.done] == [(MANBANG, "B01"), (MANGUO, "B02")]
    assert title(screen) == "曼蚌村 B02"


# --- personal data, scans --------------------------------------------------------------------------------------------


def test_personal_data_is_covered_until_the_password_was_given(  # type: ignore[no-untyped-def]
    go, reviewing: Reviewing, shell: Shell, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    reviewing.views = {(MENGHUN, "B03"): roster_view()}
    confirmed: list[str] = []
    monkeypatch.setattr(settings, "confirm_password", lambda desk, password, **more: confirmed.append(password))
    screen = go()
    grid = screen.lines.grid
    assert [grid.row(number).cell("now").text for number in (0, 1)] == [MASKED_PHONE, MASKED_ID]
    assert dict(screen.pages.pages._hidden) == {PHONE: MASKED_PHONE, ID: MASKED_ID}
    assert screen.pages.pages.mark is not None  # found by the whole number, framed over the covered one
    answers = Answers(shell)

    def give_password(dialog: Dialog) -> None:
        qtbot.keyClicks(field_of(dialog), "secret")
        qtbot.keyClick(field_of(dialog), KEY.Key_Return)

    answers.act(give_password)
    qtbot.mouseClick(screen.pages.eye, Qt.MouseButton.LeftButton)
    settle(shell, qtbot)
    assert confirmed == ["secret"]
    assert [grid.row(number).cell("now").text for number in (0, 1)] == [PHONE, ID]
    assert dict(screen.pages.pages._hidden) == {}
    qtbot.mouseClick(screen.pages.eye, Qt.MouseButton.LeftButton)  # covered at once, without asking
    assert grid.row(0).cell("now").text == MASKED_PHONE and len(screen.pages.pages._hidden) == 2


def test_a_scan_opens_over_the_window_and_esc_goes_back(go, desk: Desk, shell: Shell, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    from PIL import Image

    photo = io.BytesIO()
    Image.new("RGB", (300, 200), "white").save(photo, "PNG")
    desk.scans["f0" * 32] = photo.getvalue()
    screen = go(MANBANG, "B02", cell=AREA)
    link = next(one for one in screen.lines.detail.findChildren(Button) if one.text() == "打开")
    qtbot.mouseClick(link, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: shell.findChild(Preview) is not None)
    preview = shell.findChild(Preview)
    assert preview.viewer.pages.count == 1 and "验收单照片 1 张" in words(preview)
    press(shell, qtbot, KEY.Key_Escape)
    assert not preview.isVisible() and shell.screen_here is screen


@pytest.mark.parametrize("data", [b"MZ\x90 not a picture", b"%PDF-1.7 and nothing more", b""])
def test_a_scan_that_is_no_picture_is_refused_with_a_sentence(  # type: ignore[no-untyped-def]
    go, desk: Desk, shell: Shell, qtbot: QtBot, data: bytes
) -> None:
    desk.scans["f0" * 32] = data
    screen = go(MANBANG, "B02")
    answers = Answers(shell)
    answers.press("close")
    dict(screen.more())["看附件 验收单照片 1 张"]()
    qtbot.waitUntil(lambda: answers.titles == ["附件“验收单照片 1 张”打不开"])


def test_a_return_without_pages_is_reviewed_all_the_same(go, reviewing: Reviewing, shell: Shell, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    reviewing.views[MANBANG, "B02"] = review_view(pdf=b"", pdf_check=PdfCheck(None, "", ""), attachments=())
    screen = go(MANBANG, "B02")
    assert "没有可看的报表页面" in words(screen.pages)
    press(shell, qtbot, KEY.Key_Down, KEY.Key_F9)
    assert reviewing.done == [("accept", MANBANG, "B02")]


@pytest.mark.parametrize("pdf", [b"%PDF-1.7 and nothing more", b"%PDF-1.4\n" + bytes(2000)])
def test_pages_that_cannot_be_opened_leave_the_data_to_look_at(  # type: ignore[no-untyped-def]
    go, reviewing: Reviewing, shell: Shell, qtbot: QtBot, pdf: bytes
) -> None:
    check = PdfCheck(False, "签名的报表不能用：不是完整的 PDF", "请退回")
    reviewing.views[MANBANG, "B02"] = review_view(pdf=pdf, pdf_check=check, may_accept=False, why_not_accept=check.line)
    screen = go(MANBANG, "B02")
    assert "签名的报表打不开" in words(screen.pages) and screen.pages.pages.mark is None
    press(shell, qtbot, KEY.Key_Down)
    assert text(screen) == "租用"


def test_printing_the_whole_pages_is_journalled(  # type: ignore[no-untyped-def]
    go, desk: Desk, shell: Shell, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cunbao.ui import printing

    printed: list[tuple[bytes, str]] = []
    monkeypatch.setattr(printing, "print_pages", lambda shell, data, title: printed.append((data, title)))
    screen = go(MANBANG, "B02")
    press(shell, qtbot, KEY.Key_P, modifier=CONTROL)
    assert printed == [(screen.view.pdf, "曼蚌村B02 设施面积")] and desk.undone == ["print"]


# --- every size ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("scale", "contrast"), [(1.0, False), (1.25, False), (1.5, False), (1.5, True)])
@pytest.mark.parametrize("size", [(1366, 696), (1180, 640)])
def test_every_size_keeps_the_line_the_box_and_the_decision_in_sight(  # type: ignore[no-untyped-def]
    go, shell: Shell, qtbot: QtBot, qapp: QApplication, scale: float, contrast: bool, size: tuple[int, int]
) -> None:
    style.apply(qapp, scale, contrast)
    shell.resize(*size)
    screen = go(MANBANG, "B02", cell=AREA)
    write(screen, shell, qtbot, "请核对")
    qtbot.waitUntil(lambda: screen.lines.detail is not None)
    QApplication.processEvents()
    whole = shell.rect()
    for part in (screen.lines.detail.box, screen.lines.detail.keep_button, screen._foot.accept, screen._foot.send_back):
        seen = part.visibleRegion().boundingRect()
        assert seen.size() == part.size(), part.accessibleName()
        assert whole.contains(part.mapTo(shell, part.rect().bottomRight()))
    assert not screen.lines.grid.horizontalScrollBar().maximum()
    for part in (screen.lines.tabs, screen.lines.detail.keep_button, screen.pages.eye):
        assert part.width() >= part.sizeHint().width(), part.accessibleName()
    assert screen.lines.grid.count == 6 and not shell.findChild(Dialog)
    shell.resize(1180 if size[0] == 1366 else 1366, 696)  # where the pages lie may change; what was said stays
    settle(shell, qtbot)
    assert screen.comments.count == 1 and text(screen) == "24.0"


def test_a_return_of_a_thousand_people_is_walked_smoothly(go, reviewing: Reviewing, shell: Shell, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    line = review_view().changes[0]
    work = {}
    for count in (200, 20_000):
        many = tuple(replace(line, cell=Cell("b03_m_name", str(n)), row_label=f"第 {n} 行 玉{n}") for n in range(count))
        reviewing.views[MANBANG, "B02"] = review_view(changes=many, all_lines=many)
        screen = go(MANBANG, "B02")

        def walk(grid=screen.lines.grid) -> None:  # type: ignore[no-untyped-def]
            for _ in range(40):
                qtbot.keyClick(grid, KEY.Key_Down)
                QApplication.processEvents()

        work[count] = calls(walk)
    assert work[20_000] < 2 * work[200]


# --- over real returns -----------------------------------------------------------------------------------------------


def test_an_officer_accepts_sends_back_and_takes_back_what_a_village_really_signed(  # type: ignore[no-untyped-def]
    show, qtbot: QtBot, tmp_path: Path
) -> None:
    from cunbao.desks import receiving
    from world.desk import MANBANG as VILLAGE
    from world.desk import a_town_desk, bundle_file

    desk = a_town_desk(tmp_path)
    receiving.receive(desk, [bundle_file(tmp_path / "stick", VILLAGE)])
    shell = Shell(Some("review"), asks_to_close=False)
    show(shell, 1366, 696)
    shell.open_desk(desk)

    def state(form: str) -> ReturnState:
        return desk.workspace.standing(VILLAGE, form, desk.task.period).state

    screen = shell.go("review")
    assert isinstance(screen, ReviewScreen)
    settle(shell, qtbot)
    assert title(screen) == "曼蚌村 B01" and "报表和数据逐格一致" in words(screen.pages)
    for _ in range(len(screen.lines.lines)):  # every figure of the table is found on the signed pages
        assert screen.pages.pages.mark is not None, text(screen, "label")
        press(shell, qtbot, KEY.Key_Down)
    press(shell, qtbot, KEY.Key_F9)
    assert state("B01") is ReturnState.ACCEPTED and title(screen) == "曼蚌村 B02"
    write(screen, shell, qtbot, "请核对常住户数")
    press(shell, qtbot, KEY.Key_F10)
    assert state("B02") is ReturnState.RETURNED and title(screen) == "曼蚌村 B03"
    press(shell, qtbot, KEY.Key_Z, modifier=CONTROL)
    assert state("B02") is ReturnState.RECEIVED and title(screen) == "曼蚌村 B02"
    assert screen.comments.count == 1 and "1 条意见" in screen._foot.send_back.text()  # can be written on from
    shell.jobs.stop()
    desk.close()
