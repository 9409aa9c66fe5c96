"""报县: what goes and what stays out is seen before, the bundle is read back, nothing unreviewed goes in silence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cunbao.desks import media, receiving
from cunbao.desks.township import deciding, forwarding
from cunbao.desks.township.views import SendOnView
from cunbao.desks.views import BundleView, StickView
from cunbao.errors import DeskError
from cunbao.survey.states import ReturnState
from cunbao.ui.kit import style
from cunbao.ui.kit.text import Text
from cunbao.ui.screens.board import BoardScreen
from cunbao.ui.screens.sendon import SendOnScreen
from cunbao.ui.shell import Shell
from ui.town import at
from ui.town_more import a_stick, a_town, send_on_view
from ui.townhall import Answers, Elsewhere, Some
from world.desk import MANBANG, MANGUO, a_town_desk, bundle_file

KEY = Qt.Key
CONTROL, PLAIN = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.NoModifier
LONG = 60_000  # ms


class Desk:
    """What the desk's modules answer, and what they were asked."""

    def __init__(self) -> None:
        self.changes: dict[str, Any] = {}
        self.asked: list[bool] = []
        self.wrote: list[tuple[Path, bool]] = []
        self.trouble: DeskError | None = None
        self.sticks: tuple[StickView, ...] = ()
        self.ejected: list[Path] = []

    def view(self, desk: Any, *, include_received: bool = False) -> SendOnView:
        self.asked.append(include_received)
        return send_on_view(**self.changes)

    def write(self, desk: Any, folder: Path, *, include_received: bool, progress: Any, cancel: Any) -> BundleView:
        if self.trouble is not None:
            raise self.trouble
        self.wrote.append((folder, include_received))
        self.changes = {"number": 3, "last": "第 2 次 12-16 16:20，25 张"}
        name = "勐混镇-2025年度-第2次.cbsync"
        return BundleView(
            folder / name, name, 28_100_000, 2, 25, 0, "勐海县", "A3F2 91C7 5D08", at(12, 16, 16, 20), 2.0
        )


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Desk:
    made = Desk()
    made.sticks = (a_stick(tmp_path / "E"),)
    monkeypatch.setattr(forwarding, "send_on_view", made.view)
    monkeypatch.setattr(forwarding, "write_forward", made.write)
    monkeypatch.setattr(media, "sticks", lambda: made.sticks)
    monkeypatch.setattr(media, "eject", lambda folder: made.ejected.append(folder) or "")
    return made


@pytest.fixture
def shell(show, answers: Desk) -> Iterator[Shell]:  # type: ignore[no-untyped-def]
    made = Shell(Some("sendon"), asks_to_close=False)
    show(made, 1366, 696)
    made.open_desk(a_town())
    made.go("sendon")
    yield made
    made.jobs.stop()


@pytest.fixture
def dialogs(shell: Shell) -> Answers:
    return Answers(shell)


def screen(shell: Shell) -> SendOnScreen:
    here = shell.screen_here
    assert isinstance(here, SendOnScreen)
    return here


def press(qtbot: QtBot, shell: Shell, key: Qt.Key, modifier: Qt.KeyboardModifier = PLAIN) -> None:
    qtbot.keyClick(QApplication.focusWidget() or shell, key, modifier)
    qtbot.waitUntil(lambda: shell.jobs.idle, timeout=LONG)
    QApplication.processEvents()


def words(widget: Any) -> list[str]:
    QApplication.processEvents()
    return [one.text() for one in widget.findChildren(Text) if one.isVisible() and one.text()]


# --- seen before -----------------------------------------------------------------------------------------------------


def test_what_goes_and_what_stays_out_is_counted_by_form_and_state(shell: Shell) -> None:
    here = screen(shell)
    assert here.head.line.text() == "勐海县民政局，第 2 次"
    assert [column.head for column in here.grid.columns] == [
        "编号", "报表", "通过", "已接收", "退回", "有冲突", "未报", "应报",
    ]  # fmt: skip
    assert here.grid.row(2).cell("FORK").text == "1" and here.grid.row(0).cell("FORK").text == "—"
    assert here.grid.total is not None
    keys = ("ACCEPTED", "RECEIVED", "RETURNED", "FORK", "MISSING", "asked")
    assert [here.grid.total.cell(key).text for key in keys] == ["37", "8", "7", "1", "17", "70"]
    assert here.rest.title.text() == (
        "还有 33 张没通过，不放进包里。先报新通过的 25 张，其余以后做第 3 次补上；县里看得到还差哪些村。"
    )
    out = here.out.grid
    assert here.out.title.text() == "不放进包里 33 张"
    assert [(out.row(n).label, out.row(n).cell("count").text, out.row(n).cell("why").text) for n in range(4)] == [
        ("已接收", "8 张", "等镇里审核"), ("退回", "7 张", "等村里改"), ("有冲突", "1 张", "等村里重签"),
        ("未报", "17 张", "等村里报"),
    ]  # fmt: skip


def test_the_package_names_what_is_in_it(shell: Shell) -> None:
    said = words(screen(shell).inside)
    assert said[:4] == ["包里有什么", "通过的报表和签名 PDF", "共通过 37，县里已回执 12，不重复报", "25 张"]
    assert said[4:7] == ["镇里的审核决定", "通过 25，退回 7", "32 个"]
    assert said[7:9] == ["代报说明和纸质原表", "拉巴村 B01"]
    assert said[-2:] == ["勐混镇-2025年度-第2次.cbsync", "约 28 MB"]


def test_what_goes_along_of_earlier_years_stands_by_itself(shell: Shell, answers: Desk) -> None:
    assert "以前年度的，作上年数" not in words(screen(shell).inside)
    answers.changes = {"earlier": "2024 年度 15 张报表、15 个决定"}
    screen(shell).refresh()
    said = words(screen(shell).inside)
    assert said[said.index("以前年度的，作上年数") + 1] == "2024 年度 15 张报表、15 个决定"
    assert said[4:7] == ["镇里的审核决定", "通过 25，退回 7", "32 个"]


def test_held_computers_have_a_column_only_while_there_is_one(shell: Shell, answers: Desk) -> None:
    forms = send_on_view().forms
    held = {**forms[0].by_state, ReturnState.CERT_PENDING: 3}
    from dataclasses import replace

    answers.changes = {"forms": (replace(forms[0], by_state=held), *forms[1:])}
    here = screen(shell)
    here.refresh()
    assert "证书待核准" in [column.head for column in here.grid.columns]


def test_enter_on_a_count_shows_which_ones_on_the_board(show, answers: Desk, qtbot: QtBot, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    from cunbao.desks.township import board
    from ui.town import board_view

    monkeypatch.setattr(board, "board", lambda desk: board_view())
    shell = Shell(Some("sendon", "board"), asks_to_close=False)
    show(shell, 1366, 696)
    shell.open_desk(a_town())
    here = shell.go("sendon")
    assert isinstance(here, SendOnScreen)
    here.grid.go(1, "RETURNED")
    press(qtbot, shell, KEY.Key_Return)
    found = shell.screen_here
    assert isinstance(found, BoardScreen) and found.filters.current() == "RETURNED"
    shell.go("sendon")
    here.out.grid.setFocus()
    here.out.grid.go(3)
    press(qtbot, shell, KEY.Key_Return)
    assert found.filters.current() == "MISSING"
    shell.jobs.stop()


def test_tab_goes_from_the_counts_to_what_stays_out_and_to_where_it_is_written(shell: Shell, qtbot: QtBot) -> None:
    here = screen(shell)
    assert QApplication.focusWidget() is here.grid
    walked: list[Any] = []
    for _ in range(4):
        press(qtbot, shell, KEY.Key_Tab)
        walked.append(QApplication.focusWidget())
    assert walked[:3] == [here.out.grid, here.where.list, here.too]


# --- written ---------------------------------------------------------------------------------------------------------


def test_control_enter_writes_and_says_when_the_stick_may_be_pulled(shell: Shell, answers: Desk, qtbot: QtBot) -> None:
    here = screen(shell)
    press(qtbot, shell, KEY.Key_Return, CONTROL)
    assert answers.wrote == [(answers.sticks[0].path, False)]
    assert here.done.isVisible() and here.done.title.text() == "报县包写好了，读回核对一致，可以拔"
    assert here.done.line_text.text() == "勐混镇-2025年度-第2次.cbsync，28.1 MB，25 张报表，核对码 A3F2 91C7 5D08"
    assert here.head.line.text() == "勐海县民政局，第 3 次"
    here.done.eject.click()
    qtbot.waitUntil(lambda: shell.jobs.idle)
    assert answers.ejected == [answers.sticks[0].path] and here.done.title.text() == "可以拔了"


def test_received_returns_go_only_when_asked_for_and_are_marked(shell: Shell, answers: Desk, qtbot: QtBot) -> None:
    here = screen(shell)
    assert here.too.accessibleName() == "连已接收的 8 张，标“未经乡镇审核”"
    here.too.setFocus()
    press(qtbot, shell, KEY.Key_Space)
    assert answers.asked[-1] is True and "标“未经乡镇审核”，县里不算数" in words(here.inside)
    press(qtbot, shell, KEY.Key_Return, CONTROL)
    assert answers.wrote == [(answers.sticks[0].path, True)]


def test_with_nothing_to_tell_it_says_so_and_writes_nothing(shell: Shell, answers: Desk, qtbot: QtBot) -> None:
    answers.changes = {"may_send": False, "why_not": "没有新的内容要报县"}
    here = screen(shell)
    here.refresh()
    assert not here.main.isEnabled() and here.main.toolTip() == "没有新的内容要报县"
    press(qtbot, shell, KEY.Key_Return, CONTROL)
    assert answers.wrote == [] and here.note.text.text() == "没有新的内容要报县。"


def test_without_a_place_it_says_what_is_missing(shell: Shell, answers: Desk, tmp_path: Path, qtbot: QtBot) -> None:
    here = screen(shell)
    answers.sticks = ()
    here.where.look_for_sticks()
    assert here.note.text.text() == "先插上 U 盘，或选一个文件夹。" and not here.main.isEnabled()
    here.where.use_folder(tmp_path)
    assert here.main.isEnabled() and not here.note.isVisible()
    press(qtbot, shell, KEY.Key_Return, CONTROL)
    assert answers.wrote == [(tmp_path, False)] and not here.done.eject.isVisible()


def test_a_stick_that_was_pulled_out_is_told_in_three_sentences(
    shell: Shell, answers: Desk, dialogs: Answers, qtbot: QtBot
) -> None:
    answers.trouble = DeskError(
        "medium.gone", happened="报县包写到 40% 时 U 盘断开", safe="报表和签名都在本机", todo="请插回 U 盘再写一次"
    )
    dialogs.press("close")
    here = screen(shell)
    press(qtbot, shell, KEY.Key_Return, CONTROL)
    qtbot.waitUntil(lambda: bool(dialogs.titles))
    assert dialogs.titles == ["报县包写到 40% 时 U 盘断开"] and not here.done.isVisible()


def test_what_was_sent_last_time_is_told(shell: Shell, dialogs: Answers, qtbot: QtBot) -> None:
    dialogs.press("close")
    screen(shell).past.click()
    qtbot.waitUntil(lambda: bool(dialogs.said))
    assert dialogs.said[0].startswith("第 1 次 12-12 17:00，12 张。 县里已经回执 12 张。")


@pytest.mark.parametrize(("scale", "contrast"), [(1.0, False), (1.25, False), (1.5, False), (1.0, True)])
def test_nothing_is_cut_or_covered_at_any_size(shell: Shell, qapp: QApplication, scale: float, contrast: bool) -> None:
    style.apply(qapp, scale, contrast)
    here = shell.go("sendon")
    assert isinstance(here, SendOnScreen)
    QApplication.processEvents()
    assert here.grid.horizontalScrollBar().maximum() == 0 and here.grid.verticalScrollBar().maximum() == 0
    cut = [one for one in (*here.inside.findChildren(Text), *here.where.findChildren(Text)) if one.is_cut]
    assert [one.text() for one in cut if one.isVisible()] == []
    assert not here.rest.title.is_cut
    shell.resize(1180, 640)
    QApplication.processEvents()
    assert here.main.mapTo(shell, here.main.rect().topRight()).x() < shell.width()
    assert not here.head.title.is_cut


# --- over a real workspace -------------------------------------------------------------------------------------------


def test_what_was_accepted_is_on_the_stick_and_the_next_number_waits(
    show, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # type: ignore[no-untyped-def]
    town = a_town_desk(tmp_path)
    receiving.receive(town, [bundle_file(tmp_path, office) for office in (MANBANG, MANGUO)])
    deciding.accept(town, MANBANG, "B02")
    monkeypatch.setattr(media, "sticks", lambda: (a_stick(tmp_path / "E"),))
    shell = Shell(Some("sendon"), asks_to_close=False)
    show(shell, 1366, 696)
    shell.open_desk(town)
    here = shell.go("sendon")
    assert isinstance(here, SendOnScreen) and here.head.line.text() == "勐海县民政局，第 1 次"
    press(qtbot, shell, KEY.Key_Return, CONTROL)
    assert here.done.isVisible()
    assert [path.name for path in (tmp_path / "E").glob("*.cbsync")] == ["勐混镇-2025年度-第1次.cbsync"]
    assert here.head.line.text() == "勐海县民政局，第 2 次" and here.past.isVisible()
    shell.jobs.stop()
    town.close()


def test_escape_goes_home(shell: Shell, qtbot: QtBot) -> None:
    press(qtbot, shell, KEY.Key_Escape)
    assert isinstance(shell.screen_here, Elsewhere) and shell.screen_here.nav == "board"
