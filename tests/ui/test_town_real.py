"""The township's window over a real workspace: what is done on the screen is on the disk."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from cunbao.desks import devices, media
from cunbao.desks.receiving import receive
from cunbao.desks.township.desk import TownshipDesk
from cunbao.desks.village import practice
from cunbao.survey.codes import check_code
from cunbao.survey.states import ReturnState
from cunbao.ui.kit.dialog import Dialog
from cunbao.ui.kit.fields import PasswordField
from cunbao.ui.screens.board import BoardScreen
from cunbao.ui.screens.enrol import EnrolScreen
from cunbao.ui.screens.receive import ReceiveScreen
from cunbao.ui.shell import Shell
from cunbao.ui.township import Township
from ui.hands import types_chinese
from ui.townhall import Answers, Some, where
from world.desk import (
    MANBANG,
    MANGUO,
    PASSWORD,
    a_bundle,
    a_town_desk,
    begun,
    bundle_file,
    fill_all,
    reopened_town,
    sign_all,
)

KEY = Qt.Key


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[TownshipDesk]:
    made = a_town_desk(tmp_path)
    yield made
    made.close()


@pytest.fixture
def shell(show, desk: TownshipDesk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(media, "sticks", lambda: ())
    made = Shell(Some("board", "receive", "enrol"), asks_to_close=False)
    show(made, 1366, 696)
    made.open_desk(desk)
    yield made
    made.jobs.stop()


def test_a_folder_is_read_shown_on_the_board_and_a_known_file_is_no_news(
    shell: Shell, desk: TownshipDesk, tmp_path: Path, qtbot: QtBot
) -> None:
    stick = tmp_path / "stick"
    for office in (MANBANG, MANGUO):
        bundle_file(stick, office)
    broken = stick / "贺开村-2025年度-第2次.cbsync"
    broken.write_bytes(bundle_file(tmp_path, MANBANG).read_bytes()[:20_000])
    board = shell.screen_here
    assert isinstance(board, BoardScreen)
    shell.take_files([stick])
    here = shell.screen_here
    assert isinstance(here, ReceiveScreen)
    qtbot.waitUntil(lambda: here.grid.count == 3, timeout=60_000)
    chips = [here.grid.row(number).cell("result").text for number in range(3)]
    assert chips == ["已接收", "已接收", "文件不完整"]
    codes = {here.grid.row(number).cell("file").sub.partition("，核对码 ")[2] for number in range(3)}
    whole = [one for one in stick.glob("*.cbsync") if one != broken]
    assert codes == {"", *(check_code(sha256(one.read_bytes()).hexdigest()) for one in whole)}
    assert here.main.text() == "审核 10 张表"
    assert next((item.text, item.count) for item in shell.nav.items if item.count) == ("审核", "10")
    here.read([stick], "从 U 盘")
    qtbot.waitUntil(lambda: here.known.accessibleName() == "已有 2 个", timeout=60_000)
    shell.go("board")
    row = next(number for number in range(board.grid.count) if board.grid.row(number).id == MANBANG)
    assert board.grid.row(row).cell("B01").text == "已接收"
    board.grid.go(row, "B03")
    qtbot.keyClick(board.grid, KEY.Key_Return)
    assert where(shell) == ("review", {"office": MANBANG, "form": "B03"})


def test_a_computer_is_approved_by_the_digits_its_village_reads_and_its_returns_join(
    shell: Shell, desk: TownshipDesk, tmp_path: Path, qtbot: QtBot
) -> None:
    village = begun(tmp_path / "village", MANBANG)
    fill_all(village)
    practice.explain_all(village)
    sign_all(village)
    bundle = a_bundle(village, tmp_path / "stick")
    code = devices.device(village.workspace).comparison_code
    village.close()
    shell.take_files([bundle])
    here = shell.screen_here
    assert isinstance(here, ReceiveScreen)
    qtbot.waitUntil(lambda: here.grid.count == 1, timeout=60_000)
    assert here.grid.row(0).cell("result").text == "证书待核准"
    qtbot.waitUntil(lambda: QApplication.focusWidget() is here.grid)
    qtbot.keyClick(here.grid, KEY.Key_Return)
    enrol = shell.screen_here
    assert isinstance(enrol, EnrolScreen)
    card = enrol._cards[0]
    assert QApplication.focusWidget() is card.code.edit

    def password(dialog: Dialog) -> None:
        types_chinese(dialog.findChild(PasswordField).edit, PASSWORD)
        dialog.box.buttons["act"].click()

    answers = Answers(shell)
    answers.act(password)
    qtbot.keyClicks(card.code.edit, code)
    qtbot.keyClick(card.code.edit, KEY.Key_Return)
    qtbot.waitUntil(lambda: not enrol._cards, timeout=60_000)
    here = next(n for n, one in enumerate(enrol._shown) if one.office == MANBANG and one.used != "—")
    assert enrol.grid.row(here).cell("state").text == "有效"
    shell.jobs.stop()
    desk.close()
    again = reopened_town(tmp_path / "town")
    assert again.workspace.standing(MANBANG, "B01", "2025").state is ReturnState.RECEIVED
    again.close()


def test_every_screen_opens_in_the_one_window_with_the_focus_in_it(
    show, desk: TownshipDesk, tmp_path: Path, qtbot: QtBot
) -> None:  # type: ignore[no-untyped-def]
    receive(desk, [bundle_file(tmp_path, MANBANG)], source="从 U 盘")
    opened: list[QWidget] = []

    class Windows(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
                opened.append(watched)
            return False

    shell = Shell(Township(), asks_to_close=False)
    show(shell, 1366, 696)
    shell.open_desk(desk)
    watch = Windows()
    qtbot.waitUntil(lambda: shell.jobs.idle)
    QApplication.instance().installEventFilter(watch)  # type: ignore[union-attr]
    for name in (*Township.SCREENS, *Township.SCREENS):  # what the first visit leaves behind shows at the second
        shell.go(name)
        qtbot.waitUntil(lambda: shell.jobs.idle, timeout=30_000)
        QApplication.processEvents()
        assert opened == [], name
        focus = QApplication.focusWidget()
        assert focus is not None and shell.pages.currentWidget().isAncestorOf(focus), name
    QApplication.instance().removeEventFilter(watch)  # type: ignore[union-attr]
    shell.jobs.stop()


def test_pictures_of_the_townships_screens_are_taken_at_a_laptops_size(
    desk: TownshipDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the album is for a process of its own and chooses the platform when it is loaded; later children are not to hear
    monkeypatch.setenv("QT_QPA_PLATFORM", QApplication.platformName())
    from cunbao.ui.shots import Album

    receive(desk, [bundle_file(tmp_path, MANBANG)], source="从 U 盘")
    album = Album(tmp_path / "screens")
    album.town(desk, ("receive", "township-01-receive"), ("board", "township-02-board"), ("enrol", "township-05-enrol"))
    album.finish()
    taken = {path.stem: QImage(str(path)) for path in (tmp_path / "screens").glob("*.png")}
    names = ("township-01-receive", "township-02-board", "township-05-enrol")
    assert set(taken) == {*names, *(f"{name}@150" for name in names), "township-11-dialogs", "village-13-dialogs"}
    assert {(one.width(), one.height()) for one in taken.values()} == {(1366, 768)}
    assert taken["township-01-receive"] != taken["township-02-board"]
