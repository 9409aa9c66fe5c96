"""回执: what each village will see, all written in one go, each read back; a failed one leaves the others valid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cunbao.desks import media, receiving
from cunbao.desks.township import deciding, receipt_words, receipts
from cunbao.desks.township.views import ReceiptsView, WrittenReceipt
from cunbao.desks.views import StickView
from cunbao.desks.village import replies
from cunbao.survey.decision import Comment
from cunbao.survey.values import Cell
from cunbao.ui.kit import style
from cunbao.ui.kit.text import Text
from cunbao.ui.screens import preview as preview_screen
from cunbao.ui.screens.receipts import ReceiptsScreen
from cunbao.ui.shell import Shell
from ui.town_more import NAMES, a_stick, a_town, code, receipts_view
from ui.townhall import Some
from world.desk import MANBANG, a_bundle, a_clock, a_town_desk, a_village_desk

KEY = Qt.Key
CONTROL = Qt.KeyboardModifier.ControlModifier
LONG = 60_000  # ms


class Desk:
    """What the desk's modules answer, and what they were asked."""

    def __init__(self) -> None:
        self.view: ReceiptsView = receipts_view()
        self.sticks: tuple[StickView, ...] = ()
        self.trouble: dict[str, str] = {}
        self.wrote: list[tuple[Path, list[str]]] = []
        self.slips: list[str] = []
        self.shown: list[str] = []
        self.ejected: list[Path] = []

    def write(self, desk: Any, folder: Path, offices: Any, *, progress: Any, cancel: Any) -> tuple[WrittenReceipt, ...]:
        self.wrote.append((folder, list(offices)))
        lines = {line.office: line for line in self.view.lines}
        done = tuple(
            WrittenReceipt(one, lines[one].name, folder / "勐混镇回执" / lines[one].file_name, 9000,
                           one not in self.trouble, self.trouble.get(one, ""))
            for one in offices
        )  # fmt: skip
        told = {one.office for one in done if one.ok}
        rest = tuple(replace(one, ticked=one.ticked and one.office not in told) for one in self.view.lines)
        self.view = replace(self.view, lines=rest, ticked=sum(one.ticked for one in rest))
        return done

    def slip(self, desk: Any, office: str) -> Any:
        self.slips.append(office)
        return SimpleNamespace(pdf=b"%PDF", pages=1)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Desk:
    made = Desk()
    made.sticks = (a_stick(tmp_path / "E"),)
    monkeypatch.setattr(receipt_words, "receipts_view", lambda desk: made.view)
    monkeypatch.setattr(receipts, "write_receipts", made.write)
    monkeypatch.setattr(receipts, "slip", made.slip)
    monkeypatch.setattr(media, "sticks", lambda: made.sticks)
    monkeypatch.setattr(media, "eject", lambda folder: made.ejected.append(folder) or "")
    monkeypatch.setattr(preview_screen, "show_preview", lambda shell, title, *rest: made.shown.append(title))
    return made


@pytest.fixture
def shell(show, answers: Desk) -> Iterator[Shell]:  # type: ignore[no-untyped-def]
    made = Shell(Some("receipts"), asks_to_close=False)
    show(made, 1366, 696)
    made.open_desk(a_town())
    made.go("receipts")
    yield made
    made.jobs.stop()


def screen(shell: Shell) -> ReceiptsScreen:
    here = shell.screen_here
    assert isinstance(here, ReceiptsScreen)
    return here


def press(
    qtbot: QtBot, shell: Shell, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    qtbot.keyClick(QApplication.focusWidget() or shell, key, modifier)
    qtbot.waitUntil(lambda: shell.jobs.idle, timeout=LONG)
    QApplication.processEvents()


def words(widget: Any) -> list[str]:
    return [one.text() for one in widget.findChildren(Text) if one.isVisible() and one.text()]


def stands_on(here: ReceiptsScreen, name: str) -> None:
    here.grid.go(NAMES.index(name))


def test_only_villages_with_something_new_are_ticked_and_the_sums_are_theirs(shell: Shell) -> None:
    here = screen(shell)
    assert here.head.line.text() == "上次写出 12-15 17:02，之后有 7 个村要告诉"
    ticked = [here.grid.row(n).label for n in range(here.grid.count) if here.grid.row(n).cell("tick").on]
    assert ticked == ["勐混村", "曼蚌村", "曼扫村", "曼国村", "曼冈村", "贺开村", "曼弄村"]
    assert here.grid.total is not None
    sums = [here.grid.total.cell(key).text for key in ("name", "accepted", "returned", "comments", "proposals")]
    assert sums == ["7 村", "8", "3", "3", "1"]
    assert here.main.text() == "写出 7 份回执" and here.main.isEnabled()
    assert here.grid.row(NAMES.index("拉巴村")).cell("tick").icon == "printer"


def test_it_begins_with_the_village_that_gets_comments_and_shows_what_it_will_see(shell: Shell, qtbot: QtBot) -> None:
    here = screen(shell)
    assert here.grid.current_id() == code("曼蚌村") and QApplication.focusWidget() is here.grid
    seen = words(here.seen)
    assert seen[:4] == ["曼蚌村会看到", "通过 2 张：B01、B04", "退回 3 张，共 3 条意见", "B02 老年活动室 建筑面积"]
    assert seen[-2:] == ["请在 12-20 前改好再报", "曼蚌村-2025年度-回执第1次.cbsync"]
    press(qtbot, shell, KEY.Key_Down)
    assert words(here.seen) == ["曼赛村会看到", "没有新内容，上次 12-15", "曼赛村-2025年度-回执第1次.cbsync"]


def test_space_takes_a_village_out_and_in_again(shell: Shell, qtbot: QtBot) -> None:
    here = screen(shell)
    press(qtbot, shell, KEY.Key_Space)
    assert here.main.text() == "写出 6 份回执"
    assert here.grid.total is not None and here.grid.total.cell("returned").text == "0"
    press(qtbot, shell, KEY.Key_Space)
    assert here.main.text() == "写出 7 份回执"
    stands_on(here, "曼赛村")
    press(qtbot, shell, KEY.Key_Space)  # one without news: the last one again
    assert here.main.text() == "写出 8 份回执"


def test_a_village_that_nobody_could_read_it_in_is_not_ticked_and_it_says_why(shell: Shell, qtbot: QtBot) -> None:
    here = screen(shell)
    stands_on(here, "广别村")
    press(qtbot, shell, KEY.Key_Space)
    assert here.note.text.text() == "广别村还没有登记过的电脑，没有人打得开回执。"
    stands_on(here, "拉巴村")
    press(qtbot, shell, KEY.Key_Space)
    assert here.note.text.text() == "拉巴村没有电脑，请打印纸质回单。"
    assert here.main.text() == "写出 7 份回执"


def test_the_box_in_the_head_ticks_all_that_can_be_written_and_then_none(shell: Shell) -> None:
    here = screen(shell)
    here.grid.head_ticked.emit()
    assert here.main.text() == "写出 12 份回执"
    here.grid.head_ticked.emit()
    assert here.main.text() == "写出回执" and not here.main.isEnabled()
    assert here.main.toolTip() == "先勾选一个村"


def test_control_enter_writes_them_all_and_says_when_the_stick_may_be_pulled(
    shell: Shell, answers: Desk, qtbot: QtBot
) -> None:
    here = screen(shell)
    press(qtbot, shell, KEY.Key_Return, CONTROL)
    ((folder, offices),) = answers.wrote
    assert folder == answers.sticks[0].path and len(offices) == 7 and offices[0] == code("勐混村")
    assert here.banner.isVisible()
    assert here.banner.title.text() == "7 份回执写好了，逐份读回核对一致，可以拔"
    assert here.head.line.text().endswith("没有要告诉的村") and not here.main.isEnabled()
    here.banner.eject.click()
    qtbot.waitUntil(lambda: shell.jobs.idle)
    assert answers.ejected == [folder] and here.banner.title.text() == "可以拔了"


def test_one_that_failed_is_named_and_stays_to_be_written(shell: Shell, answers: Desk, qtbot: QtBot) -> None:
    answers.trouble = {code("贺开村"): "“E”满了，回执没写下。请腾出 200 MB 以上，再写一次"}
    here = screen(shell)
    press(qtbot, shell, KEY.Key_Return, CONTROL)
    assert here.banner.title.text() == "贺开村的回执没写成"
    assert here.banner.line_text.text().startswith("其余 6 份有效，决定已经告诉这些村。“E”满了")
    assert here.main.text() == "写出 1 份回执" and here.grid.row(NAMES.index("贺开村")).cell("tick").on


def test_without_a_stick_it_asks_for_one_and_finds_it_when_it_comes(
    shell: Shell, answers: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    here = screen(shell)
    answers.sticks = ()
    here.where.look_for_sticks()
    assert not here.main.isEnabled()
    press(qtbot, shell, KEY.Key_Return, CONTROL)
    assert answers.wrote == [] and here.note.text.text() == "先插上 U 盘，或选一个文件夹。"
    answers.sticks = (a_stick(tmp_path / "F", "U 盘（F:）"),)
    here.where.look_for_sticks()
    assert here.main.isEnabled() and here.where.folder == tmp_path / "F"
    here.where.use_folder(tmp_path)
    assert not here.note.isVisible()
    assert here.where.folder == tmp_path and not here.where.on_stick
    press(qtbot, shell, KEY.Key_Return, CONTROL)
    assert answers.wrote[0][0] == tmp_path and not here.banner.eject.isVisible()


def test_the_places_are_chosen_with_the_arrows(shell: Shell, answers: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    answers.sticks = (a_stick(tmp_path / "E"), a_stick(tmp_path / "F", "U 盘（F:）"))
    here = screen(shell)
    here.where.look_for_sticks()
    here.where.list.setFocus()
    qtbot.keyClick(here.where.list, KEY.Key_Down)
    assert here.where.folder == tmp_path / "F"
    assert here.where.list.accessibleDescription().startswith("U 盘（F:） 空 14.2 GB")


def test_control_p_prints_the_slip_of_the_village_without_computer(shell: Shell, answers: Desk, qtbot: QtBot) -> None:
    here = screen(shell)
    assert here.printer.text() == "打印拉巴村回单"
    press(qtbot, shell, KEY.Key_P, CONTROL)
    press(qtbot, shell, KEY.Key_Return)  # Enter: the one that is looked at
    assert answers.slips == [code("拉巴村"), code("曼蚌村")]
    assert answers.shown == ["拉巴村回单", "曼蚌村回单"]


@pytest.mark.parametrize(("scale", "contrast"), [(1.0, False), (1.25, False), (1.5, False), (1.0, True)])
def test_nothing_is_cut_or_covered_at_any_size(shell: Shell, qapp: QApplication, scale: float, contrast: bool) -> None:
    style.apply(qapp, scale, contrast)
    shell.go("receipts")
    QApplication.processEvents()
    here = screen(shell)
    assert here.grid.horizontalScrollBar().maximum() == 0
    shell.resize(1180, 640)
    QApplication.processEvents()
    right = here.main.mapTo(shell, here.main.rect().topRight()).x()
    assert right < shell.width() and here.main.width() >= here.main.sizeHint().width()
    assert not here.head.title.is_cut
    assert [one for one in (*here.seen.findChildren(Text), *here.where.findChildren(Text)) if one.is_cut] == []
    assert here.seen.width() <= here.halves.width()


def test_a_written_receipt_is_what_the_village_reads(show, qtbot: QtBot, tmp_path: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    village = a_village_desk(tmp_path, "signed", clock=a_clock(2025, 12, 15, 7))
    town = a_town_desk(tmp_path)
    receiving.receive(town, [a_bundle(village, tmp_path / "came")])
    deciding.accept(town, MANBANG, "B02")
    deciding.send_back(town, MANBANG, "B01", [Comment(Cell("b01_pop_out"), "请核对")])
    monkeypatch.setattr(media, "sticks", lambda: (a_stick(tmp_path / "E"),))
    shell = Shell(Some("receipts"), asks_to_close=False)
    show(shell, 1366, 696)
    shell.open_desk(town)
    here = shell.go("receipts")
    assert isinstance(here, ReceiptsScreen)
    assert here.grid.current_id() == MANBANG
    for line in here._lines:
        if line.ticked and line.office != MANBANG:  # the others' certificates
            here.grid.go(here.grid.find_row(line.office))
            press(qtbot, shell, KEY.Key_Space)
    press(qtbot, shell, KEY.Key_Return, CONTROL)
    assert here.banner.title.text() == "1 份回执写好了，逐份读回核对一致，可以拔"
    (written,) = (tmp_path / "E" / "勐混镇回执").glob("*.cbsync")
    taken = replies.take_receipt(village, written)
    assert (taken.accepted, taken.returned) == (("B02",), ("B01",))
    assert MANBANG not in here._on
    shell.jobs.stop()
    town.close()
    village.close()
