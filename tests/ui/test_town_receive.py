"""接收: files from anywhere become lines that say what was read and what to do; a bad one never stops the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from cunbao.desks import media, receiving
from cunbao.desks.township import inbox
from cunbao.desks.township.views import FileLine, FileResult, ReceiveView
from cunbao.desks.views import StickView
from cunbao.progress import Progress
from cunbao.ui.kit.dialog import DialogBox
from cunbao.ui.kit.text import Text
from cunbao.ui.screens.receive import ReceiveScreen
from cunbao.ui.shell import Shell
from ui.town import FILES, REVOKED, TownDesk, code_of, nothing_yet, receive_view
from ui.townhall import Answers, Some, where

KEY, LEFT = Qt.Key, Qt.MouseButton.LeftButton
CONTROL = Qt.KeyboardModifier.ControlModifier


class Desk:
    """What the desk's modules answer, and what they were asked."""

    def __init__(self) -> None:
        self.view = nothing_yet()
        self.next: ReceiveView | None = receive_view()
        self.read: list[tuple[tuple[Path, ...], str]] = []
        self.noted: list[str] = []
        self.lost: list[tuple[str, str]] = []
        self.sticks: tuple[StickView, ...] = ()
        self.inbox = inbox.InboxView(None, 0)
        self.work: Callable[[Any, Any], None] = lambda progress, cancel: None

    def receive(self, desk: Any, paths: Any, *, source: str, progress: Any, cancel: Any) -> ReceiveView:
        self.read.append((tuple(paths), source))
        self.work(progress, cancel)
        self.view = self.next or self.view
        return self.view


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = Desk()
    monkeypatch.setattr(receiving, "receive", made.receive)
    monkeypatch.setattr(receiving, "receive_view", lambda desk: made.view)
    monkeypatch.setattr(receiving, "history", lambda desk: tuple(reversed(FILES)))
    monkeypatch.setattr(receiving, "note_for_chasing", lambda desk, line: made.noted.append(line.file_name))
    monkeypatch.setattr(receiving, "register_lost", lambda desk, office, sha256: made.lost.append((office, sha256)))
    monkeypatch.setattr(inbox, "inbox", lambda desk: made.inbox)
    monkeypatch.setattr(media, "sticks", lambda: made.sticks)
    return made


@pytest.fixture
def shell(show, answers: Desk) -> Iterator[Shell]:  # type: ignore[no-untyped-def]
    made = Shell(Some("receive"), asks_to_close=False)
    show(made, 1366, 696)
    made.open_desk(TownDesk())
    yield made
    made.jobs.stop()


@pytest.fixture
def dialogs(shell: Shell) -> Answers:
    return Answers(shell)


def opened(shell: Shell, answers: Desk, view: ReceiveView | None = None) -> ReceiveScreen:
    """The screen after the stick of the pictures was read."""
    answers.view = view or receive_view()
    here = shell.go("receive")
    assert isinstance(here, ReceiveScreen)
    return here


def names(here: ReceiveScreen) -> list[str]:
    return [here.grid.row(number).cell("file").text for number in range(here.grid.count)]


def test_before_anything_came_it_says_so_and_offers_the_stick(shell: Shell, answers: Desk, dialogs: Answers) -> None:
    answers.sticks = (StickView(Path("/media/E"), "U 盘（E）", 1),)
    here = opened(shell, answers, nothing_yet())
    box = here.findChild(DialogBox)
    assert box.accessibleName() == "还没有村报来"
    assert "0 个文件，收件箱也是空的" in [text.text() for text in box.findChildren(Text)]
    assert not here.grid.isVisible() and not here.main.isVisible()
    assert QApplication.focusWidget() is box.safe_button
    box.safe_button.click()
    shell.window()  # the job is under way
    assert here.stick.text() == "读 U 盘（E）"


def test_a_stick_is_read_with_one_key_and_every_file_has_its_line(shell: Shell, answers: Desk, qtbot: QtBot) -> None:
    answers.sticks = (StickView(Path("/media/E"), "U 盘（E）", 1),)
    here = opened(shell, answers, nothing_yet())
    qtbot.keyClick(QApplication.focusWidget(), KEY.Key_Return)
    qtbot.waitUntil(lambda: here.grid.count == 9)
    assert answers.read == [((Path("/media/E"),), "从 U 盘")]
    assert here.head.line.text() == "08:31 从 U 盘读了 9 个文件"
    assert [part.accessibleName() for part in (here.taken, here.known, here.refused)] == [
        "收下 5 个", "已有 1 个", "没收下 3 个",
    ]  # fmt: skip
    assert here.main.text() == "审核 16 张表"
    qtbot.waitUntil(lambda: QApplication.focusWidget() is here.grid)
    assert here.grid.accessibleDescription().startswith("曼蚌村-2025年度-第1次.cbsync 已接收")


@pytest.mark.parametrize(
    ("row", "place"),
    [
        (0, ("review", {"office": code_of(1), "form": "B01"})),
        (2, ("conflict", {"office": code_of(0), "form": "B03"})),
        (4, ("enrol", {"office": code_of(8)})),
    ],
)
def test_enter_does_what_the_line_asks_for(
    shell: Shell, answers: Desk, qtbot: QtBot, row: int, place: tuple[str, dict[str, str]]
) -> None:
    here = opened(shell, answers)
    here.grid.go(row)
    qtbot.keyClick(here.grid, KEY.Key_Return)
    assert where(shell) == place


def test_control_enter_goes_on_to_review(shell: Shell, answers: Desk, qtbot: QtBot) -> None:
    here = opened(shell, answers)
    qtbot.keyClick(here.grid, KEY.Key_Return, CONTROL)
    assert where(shell) == ("review", {})


def test_a_cut_file_is_explained_and_put_down_for_chasing(
    shell: Shell, answers: Desk, dialogs: Answers, qtbot: QtBot
) -> None:
    here = opened(shell, answers)
    here.grid.go(6)
    dialogs.press("chase")
    qtbot.keyClick(here.grid, KEY.Key_Return)
    qtbot.waitUntil(lambda: answers.noted == ["贺开村-2025年度-第2次.cbsync"])
    assert dialogs.titles == ["这个文件没拷完"]
    assert dialogs.said == [
        "应有 3.4 MB，只读到 1.2 MB。一张表也没读，贺开村第 1 次照旧。请村里重拷一次，等提示“可以拔”再拔"
    ]
    qtbot.waitUntil(lambda: here.grid.row(6).cell("act").text == "已记入")
    dialogs.act(lambda dialog: (dialogs.titles.append(str(list(dialog.box.buttons))), dialog.box.safe_button.click()))
    here.grid.setFocus()
    qtbot.keyClick(here.grid, KEY.Key_Return)
    assert dialogs.titles[-1] == "['close']"  # once is enough


def test_a_file_for_another_township_can_only_be_closed(
    shell: Shell, answers: Desk, dialogs: Answers, qtbot: QtBot
) -> None:
    here = opened(shell, answers)
    here.grid.go(8)
    dialogs.press("close")
    qtbot.keyClick(here.grid, KEY.Key_Return)
    assert dialogs.titles == ["这个文件不是送给本镇的"] and answers.noted == []
    qtbot.waitUntil(lambda: QApplication.focusWidget() is here.grid)


def test_a_revoked_computer_leads_to_its_certificate(
    shell: Shell, answers: Desk, dialogs: Answers, qtbot: QtBot
) -> None:
    here = opened(shell, answers, receive_view((REVOKED,)))
    dialogs.press("enrol")
    qtbot.keyClick(here.grid, KEY.Key_Return)
    assert dialogs.titles == ["签名的电脑已经吊销"]
    assert where(shell) == ("enrol", {"office": code_of(4)})


def test_a_missing_number_is_put_down_as_lost_only_when_asked_twice(
    shell: Shell, answers: Desk, dialogs: Answers, qtbot: QtBot
) -> None:
    here = opened(shell, answers)
    cell = here.grid.cell_rect(3, "act")
    spot = QPoint(cell.right() - 20, cell.center().y())
    dialogs.press("wait", "lost")
    qtbot.mouseClick(here.grid.viewport(), LEFT, pos=spot)
    assert answers.lost == []
    qtbot.mouseClick(here.grid.viewport(), LEFT, pos=spot)
    qtbot.waitUntil(lambda: answers.lost == [(code_of(3), "43" * 32)])


def test_files_are_chosen_with_control_o(
    shell: Shell, answers: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, qtbot: QtBot
) -> None:
    chosen = [str(tmp_path / "曼蚌村-2025年度-第1次.cbsync"), str(tmp_path / "曼国村-2025年度-第2次.cbsync")]
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *rest: (chosen, ""))
    here = opened(shell, answers)
    qtbot.keyClick(here.grid, KEY.Key_O, CONTROL)
    qtbot.waitUntil(lambda: answers.read == [(tuple(map(Path, chosen)), "从选的文件")])


def test_a_whole_folder_is_chosen_by_key_and_the_inbox_stays_the_one_it_is(
    shell: Shell, answers: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, qtbot: QtBot
) -> None:
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *rest: str(tmp_path))
    monkeypatch.setattr(inbox, "choose_inbox", lambda *rest: pytest.fail("the inbox was changed"))
    here = opened(shell, answers)
    qtbot.keyClick(here.grid, KEY.Key_O, CONTROL | Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: answers.read == [((tmp_path,), f"从文件夹“{tmp_path.name}”")])


def dropped(kind: Any, widget: Any, *paths: Path) -> Any:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    at = QPoint(20, 20) if kind is QDragEnterEvent else QPointF(20, 20)
    event = kind(at, Qt.DropAction.CopyAction, data, LEFT, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(widget, event)
    return event, data


def test_a_folder_dropped_on_the_screen_is_read(shell: Shell, answers: Desk, tmp_path: Path, qtbot: QtBot) -> None:
    here = opened(shell, answers)
    entered, _ = dropped(QDragEnterEvent, here, tmp_path)
    assert entered.isAccepted() and here.zone.text.text() == "松开就读"
    dropped(QDropEvent, here, tmp_path)
    assert here.zone.text.text() == "把 .cbsync 文件或整个文件夹拖到这里"
    qtbot.waitUntil(lambda: answers.read == [((tmp_path,), f"从文件夹“{tmp_path.name}”")])


def test_files_dropped_anywhere_in_the_window_go_to_receiving(
    shell: Shell, answers: Desk, tmp_path: Path, qtbot: QtBot
) -> None:
    file = tmp_path / "曼蚌村-2025年度-第1次.cbsync"
    assert dropped(QDragEnterEvent, shell, file)[0].isAccepted()
    dropped(QDropEvent, shell, file)
    qtbot.waitUntil(lambda: answers.read == [((file,), "从选的文件")])
    assert isinstance(shell.screen_here, ReceiveScreen)


def test_one_bad_file_alone_is_explained_at_once(
    shell: Shell, answers: Desk, dialogs: Answers, tmp_path: Path, qtbot: QtBot
) -> None:
    answers.next = receive_view((FILES[7],))
    here = opened(shell, answers)
    dialogs.press("close")
    here.read([tmp_path], "从 U 盘")
    qtbot.waitUntil(lambda: dialogs.titles == ["这个文件签名对不上"])


def test_a_full_disk_stops_in_front_of_a_file_and_goes_on_from_there(
    shell: Shell, answers: Desk, dialogs: Answers, tmp_path: Path, qtbot: QtBot
) -> None:
    full = FileLine(FileResult.DISK, "没收完", "曼赛村-2025年度-第1次.cbsync", "2.4 MB", "", "", happened="硬盘满了")
    answers.next = receive_view((*FILES[:5], *(full,) * 4))
    here = opened(shell, answers)
    dialogs.press("again")
    dialogs.press("stop")
    here.read([tmp_path], "从 U 盘")
    qtbot.waitUntil(lambda: len(dialogs.titles) == 2)
    assert dialogs.titles == ["磁盘满了，先停在第 6 个文件"] * 2
    assert "收好的 5 个都在，第 6 个一点没写" in dialogs.said[0]
    assert answers.read == [((tmp_path,), "从 U 盘")] * 2


def test_reading_many_files_can_be_stopped_between_two(
    shell: Shell, answers: Desk, tmp_path: Path, qtbot: QtBot
) -> None:
    def work(progress: Any, cancel: Any) -> None:
        answers.view = receive_view(FILES[:3])  # what was taken stays taken
        for done in range(1000):
            progress(Progress(done, 1000, "曼蚌村-2025年度-第1次.cbsync"))
            cancel.check()
            if done == 2:
                stop()

    here = opened(shell, answers)
    here.grid.set_rows([])

    def stop() -> None:
        for job in shell.jobs._waiting:
            job.cancel.ask()

    answers.work = work
    here.read([tmp_path], "从 U 盘")
    qtbot.waitUntil(lambda: shell.jobs.idle)
    assert names(here) == [line.file_name.removesuffix(".cbsync") for line in FILES[:3]]


def test_a_place_without_bundles_says_what_should_be_there(
    shell: Shell, answers: Desk, dialogs: Answers, tmp_path: Path, qtbot: QtBot
) -> None:
    answers.next = replace(receive_view(()), at=None)
    here = opened(shell, answers)
    dialogs.press("close")
    here.read([tmp_path], "从 U 盘")
    qtbot.waitUntil(lambda: dialogs.titles == ["没有找到报送包"])
    assert names(here)[0] == "曼蚌村-2025年度-第1次"  # what was read before still stands


def test_no_stick_is_told_and_a_second_one_is_asked_for(
    shell: Shell, answers: Desk, dialogs: Answers, qtbot: QtBot
) -> None:
    here = opened(shell, answers)
    dialogs.press("close")
    here.stick.click()
    assert dialogs.titles == ["没有找到 U 盘"] and answers.read == []
    answers.sticks = tuple(StickView(Path(f"/media/{name}"), name, 1) for name in "EF")
    dialogs.press("1")
    here.stick.click()
    qtbot.waitUntil(lambda: answers.read == [((Path("/media/F"),), "从 U 盘")])


def test_the_record_of_receiving_is_one_step_away_and_back(shell: Shell, answers: Desk, qtbot: QtBot) -> None:
    here = opened(shell, answers)
    here.past.click()
    assert names(here)[0] == "曼恩村-2025年度-第1次" and here.past.text() == "回到这次"
    assert [column.head for column in here.grid.columns] == ["结果", "文件", "读到了什么", "什么时候"]
    qtbot.keyClick(here.grid, KEY.Key_Escape)
    assert names(here)[0] == "曼蚌村-2025年度-第1次" and here.past.text() == "接收记录"


def test_the_inbox_says_how_many_wait_and_is_read(shell: Shell, answers: Desk, tmp_path: Path, qtbot: QtBot) -> None:
    answers.inbox = inbox.InboxView(tmp_path, 3)
    here = opened(shell, answers)
    assert here.inbox.text() == "收件箱 3"
    here.inbox.click()
    qtbot.waitUntil(lambda: answers.read == [((tmp_path,), "从收件箱")])


@pytest.mark.parametrize(("scale", "contrast"), [(1.0, False), (1.25, False), (1.5, False), (1.5, True)])
@pytest.mark.parametrize("empty", [False, True])
def test_it_fits_the_laptops_window(shell: Shell, answers: Desk, scale: float, contrast: bool, empty: bool) -> None:
    here = opened(shell, answers, nothing_yet() if empty else receive_view())
    shell.set_look(scale, contrast)
    QApplication.processEvents()
    assert (shell.width(), shell.height()) == (1366, 696)
    for text in here.findChildren(Text):
        if text.isVisible() and text.text():
            assert text.heightForWidth(text.width()) <= text.height(), text.text()
            assert not text.is_cut, text.text()
    if not empty:
        assert here.grid.horizontalScrollBar().maximum() == 0
