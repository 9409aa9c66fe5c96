"""冲突 in a real window with the keyboard: two versions side by side, a choice a line, one whole or a proposal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

import cunbao.desks.township
from cunbao.desks.township.review_views import SideView
from cunbao.survey.states import ReturnState
from cunbao.ui.kit import style
from cunbao.ui.kit.banner import Banner
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.text import Text
from cunbao.ui.screens.conflict import ConflictScreen
from cunbao.ui.shell import Shell
from ui.town import TownDesk
from ui.town_views import LINES, MANGUO, MENGHUN, Settling, conflict_view
from ui.townhall import Answers, Some, where

KEY = Qt.Key
CONTROL, SHIFT, PLAIN = (
    Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier,
)  # fmt: skip
HERE = (MENGHUN, "B03")


@pytest.fixture
def settling(monkeypatch: pytest.MonkeyPatch) -> Settling:
    made = Settling({HERE: conflict_view()})
    monkeypatch.setattr(cunbao.desks.township, "settling", made, raising=False)
    monkeypatch.setitem(sys.modules, "cunbao.desks.township.settling", made)
    return made


@pytest.fixture
def desk() -> TownDesk:
    return TownDesk()


@pytest.fixture
def shell(show, settling: Settling, desk: TownDesk) -> Iterator[Shell]:  # type: ignore[no-untyped-def]
    made = Shell(Some("conflict"), asks_to_close=False)
    show(made, 1366, 696)
    made.open_desk(desk)
    yield made
    made.jobs.stop()


@pytest.fixture
def go(shell: Shell, qtbot: QtBot) -> Callable[..., ConflictScreen]:
    def gone(**place: str) -> ConflictScreen:
        screen = shell.go("conflict", **place)
        settle(shell, qtbot)
        assert isinstance(screen, ConflictScreen)
        return screen

    return gone


def settle(shell: Shell, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: shell.jobs.idle)
    for _ in range(5):  # everything made by it is laid out
        QApplication.sendPostedEvents()
        QApplication.processEvents()


def press(shell: Shell, qtbot: QtBot, *keys: Qt.Key, modifier: Qt.KeyboardModifier = PLAIN) -> None:
    for key in keys:
        focus = QApplication.focusWidget()
        assert focus is not None
        qtbot.keyClick(focus, key, modifier)
        settle(shell, qtbot)


def line(screen: ConflictScreen) -> tuple[str, str, str]:
    """Who and which column, which side is taken, what the result says."""
    assert screen.grid is not None
    row = screen.grid.row(screen.grid.current_row())
    sides = "".join(word for key, word in (("left", "甲"), ("right", "乙")) if row.cell(key).on)
    return row.label, sides, row.cell("result").text


def button(screen: ConflictScreen, start: str) -> Button:
    return next(one for one in screen.findChildren(Button) if one.text().startswith(start) and one.isVisible())


def words(inside: QWidget) -> str:
    return " ".join(one.text() for one in inside.findChildren(Text) if one.isVisible())


# --- looking ---------------------------------------------------------------------------------------------------------


def test_it_stands_on_the_first_line_that_must_be_chosen(go, shell: Shell, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    screen = go()
    assert line(screen) == ("岩坎 整行", "", "甲删去、乙修改，请选一边")
    heads = {column.key: (column.head, column.head_sub) for column in screen.grid.columns}
    assert heads["left"] == ("甲　文书室电脑", "第 1 次，12-13 签名：玉喃")
    assert heads["result"] == ("结果", "自动定 5 处，已选 1 处，还差 1 处")
    assert screen.grid.row(6).ground == "row_problem" and screen.grid.row(0).ground == "surface"
    screen.grid.go(4)
    assert line(screen)[1] == "甲乙"  # both changed alike: both are taken
    press(shell, qtbot, KEY.Key_Escape)
    assert where(shell)[0] == "board"


def test_the_filter_shows_what_is_to_be_chosen_and_gives_all_back(go, shell: Shell, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    screen = go()
    qtbot.mouseClick(button(screen, "只看要选的 2"), Qt.MouseButton.LeftButton)
    assert [row.who for row in screen.shown] == ["岩光", "岩坎"] and line(screen)[0] == "岩坎 整行"
    assert QApplication.focusWidget() is screen.grid
    qtbot.mouseClick(button(screen, "看全部 7 处"), Qt.MouseButton.LeftButton)
    assert len(screen.shown) == 7 and line(screen)[0] == "岩坎 整行"


# --- choosing --------------------------------------------------------------------------------------------------------


def test_1_and_2_choose_a_side_and_control_z_takes_it_back(
    go, settling: Settling, desk: TownDesk, shell: Shell, qtbot: QtBot
) -> None:  # type: ignore[no-untyped-def]
    screen = go()
    press(shell, qtbot, KEY.Key_2)
    assert settling.done == [("choose", "/6", "right")] and line(screen) == (
        "岩坎 整行",
        "乙",
        "甲删去、乙修改，你选了乙",
    )
    press(shell, qtbot, KEY.Key_Up, KEY.Key_Up, KEY.Key_Up, KEY.Key_Up, KEY.Key_2)
    assert line(screen) == ("岩光 任职时间", "乙", "两边都改了，你选了乙")
    press(shell, qtbot, KEY.Key_Z, modifier=CONTROL)
    assert settling.done[-1] == ("choose", "since/3", "left")
    press(shell, qtbot, KEY.Key_Z, modifier=CONTROL)
    assert settling.done[-1] == ("choose", "/6", "") and line(screen)[1] == ""
    press(shell, qtbot, KEY.Key_Z, modifier=CONTROL)  # no choice of this screen is left: the desk's last decision
    assert desk.undone == ["undo"]


def test_what_is_taken_without_asking_can_be_overruled(go, settling: Settling, shell: Shell, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    screen = go()
    screen.grid.go(0)
    press(shell, qtbot, KEY.Key_2)
    assert settling.done == []  # that side it is already
    press(shell, qtbot, KEY.Key_1)
    assert line(screen) == ("岩叫 职务", "甲", "只有乙改了，你选了甲")
    press(shell, qtbot, KEY.Key_Z, modifier=CONTROL)
    assert settling.done == [("choose", "post/1", "left"), ("choose", "post/1", "")]
    assert line(screen) == ("岩叫 职务", "乙", "只有乙改了，自动取乙")


def test_a_click_on_a_ring_chooses_it(go, settling: Settling, shell: Shell, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    screen = go()
    qtbot.mouseClick(screen.grid.viewport(), Qt.MouseButton.LeftButton, pos=screen.grid.cell_rect(6, "left").center())
    settle(shell, qtbot)
    assert settling.done == [("choose", "/6", "left")] and line(screen)[1] == "甲"


def test_f8_goes_round_what_is_still_open(go, settling: Settling, shell: Shell, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    settling.views[HERE] = conflict_view(
        tuple(replace(one, chosen="", result="两边都改了，请选一边") if one.key == "since/3" else one for one in LINES)
    )
    screen = go()
    assert line(screen)[0] == "岩光 任职时间"
    press(shell, qtbot, KEY.Key_F8)
    assert line(screen)[0] == "岩坎 整行"
    press(shell, qtbot, KEY.Key_F8)
    assert line(screen)[0] == "岩光 任职时间"
    press(shell, qtbot, KEY.Key_F8, modifier=SHIFT)
    assert line(screen)[0] == "岩坎 整行"


# --- settling --------------------------------------------------------------------------------------------------------


def test_a_proposal_is_made_when_nothing_is_left_to_choose(go, settling: Settling, shell: Shell, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    screen = go()
    propose = button(screen, "做成建议稿")
    assert propose.text() == "做成建议稿，还差 1 处" and not propose.isEnabled()
    press(shell, qtbot, KEY.Key_Return, modifier=CONTROL)
    assert settling.done == []
    assert button(screen, "下一处要选的").kind == "filled"
    press(shell, qtbot, KEY.Key_2)
    propose = button(screen, "做成建议稿")
    assert (propose.text(), propose.kind, propose.isEnabled()) == ("做成建议稿", "filled", True)
    press(shell, qtbot, KEY.Key_Return, modifier=CONTROL)
    assert settling.done[-1] == ("propose", *HERE)
    assert "随回执给村里重新签名" in words(screen.findChildren(Banner)[0])
    assert [button(screen, word).kind for word in ("再做一次建议稿", "去写回执")] == ["outlined", "filled"]


def test_of_three_versions_the_next_pair_comes_by_itself(
    go, settling: Settling, shell: Shell, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:  # type: ignore[no-untyped-def]
    so_far = SideView("已选的", "", "甲、乙合成", "前面选好的", False, "合稿还没有人签名，不能整份用")
    third = SideView("丙", "c" * 64, "村委会电脑", "第 3 次，12-15 签名：玉香", True)

    def choose(desk: object, office: str, form: str, key: str, side: str) -> None:
        settling.views[HERE] = conflict_view(LINES[-1:], left=so_far, right=third)

    settling.views[HERE] = conflict_view(others=1)
    monkeypatch.setattr(settling, "choose", choose)
    screen = go()
    press(shell, qtbot, KEY.Key_1)
    assert [column.head for column in screen.grid.columns if column.key in ("left", "right")] == [
        "已选的　甲、乙合成", "丙　村委会电脑",
    ]  # fmt: skip
    assert "改了 1 处" in words(screen) and button(screen, "整份用丙").isEnabled()
    assert not [one for one in screen.findChildren(Button) if one.isVisible() and one.text() == "整份用已选的"]
    assert QApplication.focusWidget() is screen.grid


@pytest.mark.parametrize(("answer", "done"), [("stay", []), ("act", [("choose_whole", *HERE, "b" * 64)])])
def test_one_side_whole_is_asked_for_and_then_reviewed(  # type: ignore[no-untyped-def]
    go, settling: Settling, shell: Shell, qtbot: QtBot, answer: str, done: list[tuple[str, ...]]
) -> None:
    screen = go()
    answers = Answers(shell)
    answers.press(answer)
    qtbot.mouseClick(button(screen, "整份用乙"), Qt.MouseButton.LeftButton)
    settle(shell, qtbot)
    assert answers.titles == ["整份用乙？"] and "甲也留着，不会删" in answers.said[0]
    assert settling.done == done
    if answer == "act":
        assert "勐混村 B03 用了乙这一份" in words(screen)
        press(shell, qtbot, KEY.Key_Return)
        assert where(shell) == ("review", {"office": MENGHUN, "form": "B03"})


def test_a_side_whose_signature_does_not_hold_cannot_be_taken_whole(
    go, settling: Settling, shell: Shell, qtbot: QtBot
) -> None:  # type: ignore[no-untyped-def]
    view = conflict_view()
    settling.views[HERE] = replace(view, right=replace(view.right, valid=False, why_not="这台电脑已经吊销"))
    screen = go()
    whole = button(screen, "整份用乙")
    assert not whole.isEnabled() and whole.toolTip() == "这台电脑已经吊销"
    assert "乙：这台电脑已经吊销" in words(screen.findChildren(Banner)[0])
    assert next(one for one in screen.grid.columns if one.key == "right").head_end[1] == "签名没核实"


def test_what_the_check_says_of_the_result_stands_above(go, settling: Settling, shell: Shell, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    chosen = tuple(replace(one, chosen=one.chosen or "left") for one in LINES)
    settling.views[HERE] = conflict_view(
        chosen, problems=("书记、主任各有且只有 1 名",), paired=("两边的“岩香”身份证号相同，按同一人对照",), others=1
    )
    screen = go()
    said = [words(one) for one in screen.findChildren(Banner)]
    assert len(said) == 2 and "书记、主任各有且只有 1 名" in said[1]
    assert "按同一人对照" in said[0] and "还有 1 份" in said[0]


def test_page_keys_walk_through_several_conflicts(go, settling: Settling, shell: Shell, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    settling.views[MANGUO, "B02"] = conflict_view(office=MANGUO, name="曼国村", form="B02", title="设施面积")
    screen = go()
    assert "第 1 / 2 张" in words(screen)
    press(shell, qtbot, KEY.Key_PageDown)
    assert screen.view.name == "曼国村" and "第 2 / 2 张" in words(screen)
    press(shell, qtbot, KEY.Key_PageDown)
    assert screen.view.name == "曼国村"
    answers = Answers(shell)
    answers.press("act")
    qtbot.mouseClick(button(screen, "整份用甲"), Qt.MouseButton.LeftButton)
    settle(shell, qtbot)
    assert screen.view.name == "勐混村" and QApplication.focusWidget() is screen.grid
    assert go(office=MENGHUN, form="B03").view.name == "勐混村"


def test_without_a_conflict_the_way_leads_to_review(go, settling: Settling, shell: Shell, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    settling.views.clear()
    screen = go()
    assert "没有冲突" in words(screen)
    press(shell, qtbot, KEY.Key_Return)
    assert where(shell) == ("review", {})


def test_a_refused_choice_is_told_and_nothing_changes(  # type: ignore[no-untyped-def]
    go, settling: Settling, shell: Shell, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cunbao.errors import DeskError

    def refuse(*values: object) -> None:
        raise DeskError("choose.gone", happened="这张表现在没有两份可选", safe="什么也没有变", todo="请回到总览看看")

    monkeypatch.setattr(settling, "choose", refuse)
    screen = go()
    answers = Answers(shell)
    answers.press("close")
    press(shell, qtbot, KEY.Key_1)
    qtbot.waitUntil(lambda: answers.titles == ["这张表现在没有两份可选"])
    assert line(screen)[1] == ""
    press(shell, qtbot, KEY.Key_Z, modifier=CONTROL)
    assert settling.done == []  # what was refused is not taken back


@pytest.mark.parametrize(("scale", "contrast"), [(1.0, False), (1.25, False), (1.5, False), (1.5, True)])
@pytest.mark.parametrize("size", [(1366, 696), (1180, 640)])
def test_every_size_keeps_both_sides_and_the_next_step_in_sight(  # type: ignore[no-untyped-def]
    go, shell: Shell, qtbot: QtBot, qapp: QApplication, scale: float, contrast: bool, size: tuple[int, int]
) -> None:
    style.apply(qapp, scale, contrast)
    shell.resize(*size)
    screen = go()
    QApplication.processEvents()
    assert not screen.grid.horizontalScrollBar().maximum()
    view = screen.grid.viewport().rect()
    for key in ("left", "right", "result"):
        assert view.contains(screen.grid.cell_rect(6, key).center())
    for word in ("整份用甲", "整份用乙", "做成建议稿", "下一处要选的"):
        part = button(screen, word)
        assert part.visibleRegion().boundingRect().size() == part.size()
        assert part.width() >= part.sizeHint().width()


# --- over real returns -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("whole", [False, True])
def test_two_computers_that_really_signed_are_settled(show, qtbot: QtBot, tmp_path: Path, whole: bool) -> None:  # type: ignore[no-untyped-def]
    from cunbao.desks.township import settling as real
    from world.contended import MANBANG, a_reviewer, send, signed_again, two_computers
    from world.desk import text

    town = a_reviewer(tmp_path, empty=True)
    for desk, more, name in zip(two_computers(tmp_path, town), (1, 2), ("two", "three"), strict=True):
        fields = ("b01_groups", "b01_grids" if more == 1 else "b01_pop_out")
        changes = [(field, str(int(text(desk, "B01", field)) + more), 0) for field in fields]
        signed_again(desk, "B01", *changes)
        send(town, desk, tmp_path / name)
        desk.close()
    shell = Shell(Some("conflict"), asks_to_close=False)
    show(shell, 1366, 696)
    shell.open_desk(town)
    screen = shell.go("conflict")
    assert isinstance(screen, ConflictScreen)
    settle(shell, qtbot)
    assert screen.view.name == "曼蚌村" and len(screen.shown) == 3
    assert line(screen)[0].endswith("村（居）民小组数") and line(screen)[1] == ""
    answers = Answers(shell)
    if whole:
        answers.press("act")
        qtbot.mouseClick(button(screen, "整份用乙"), Qt.MouseButton.LeftButton)
        settle(shell, qtbot)
        assert town.workspace.standing(MANBANG, "B01", "2025").state is ReturnState.RECEIVED
        press(shell, qtbot, KEY.Key_Return)
        assert where(shell) == ("review", {"office": MANBANG, "form": "B01"})
    else:
        press(shell, qtbot, KEY.Key_1)
        assert line(screen)[1:] == ("甲", "两边都改了，你选了甲")
        press(shell, qtbot, KEY.Key_Z, modifier=CONTROL)
        assert line(screen)[1] == ""
        press(shell, qtbot, KEY.Key_2)
        press(shell, qtbot, KEY.Key_Return, modifier=CONTROL)
        assert real.open_proposal(town, MANBANG, "B01") is not None
        assert "随下次回执带给村里" in words(screen.findChildren(Banner)[0])
    assert not [one for one in answers.titles if one not in ("整份用乙？",)]
    shell.jobs.stop()
    town.close()
