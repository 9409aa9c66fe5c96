"""The county's print centre and its verifying in a window over a real workspace: what is done is on the disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from cunbao.desks import receiving, verifying
from cunbao.desks.county import printing
from cunbao.desks.county.desk import CountyDesk
from cunbao.desks.county.printjob import PrintJob
from cunbao.desks.verified import Outcome
from cunbao.survey import codes
from cunbao.ui import printrun
from cunbao.ui.screens.preview import Preview
from cunbao.ui.screens.print_centre import PrintCentre
from cunbao.ui.screens.verify_file import VerifyFile
from cunbao.ui.shell import Shell
from ui.countyhall import SomeCounty
from ui.townhall import Answers
from world.county_returns import WAITING, a_county_with_returns, revokes, the_town_sends
from world.desk import MANBANG

KEY, CTRL = Qt.Key, Qt.KeyboardModifier.ControlModifier
LONG = 60_000  # ms


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[CountyDesk]:
    made = a_county_with_returns(tmp_path)
    yield made
    made.close()


@pytest.fixture
def shell(show: Callable[..., QWidget], desk: CountyDesk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    monkeypatch.setattr(printrun, "printers", lambda: ("二楼 HP", "一楼"))
    made = Shell(SomeCounty("print", "verify"), asks_to_close=False)
    show(made, 1366, 696)
    made.open_desk(desk)
    yield made
    made.jobs.stop()


@pytest.fixture
def centre(shell: Shell, qtbot: QtBot) -> PrintCentre:
    shell.go("print")
    here = shell.screen_here
    assert isinstance(here, PrintCentre)
    qtbot.waitUntil(lambda: here.grid.count > 0 and QApplication.focusWidget() is here.grid, timeout=LONG)
    return here


@pytest.fixture
def verify(shell: Shell) -> VerifyFile:
    shell.go("verify")
    here = shell.screen_here
    assert isinstance(here, VerifyFile)
    return here


def press(qtbot: QtBot, key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    focus = QApplication.focusWidget()
    assert focus is not None
    qtbot.keyClick(focus, key, held)


def column(here: PrintCentre, key: str) -> list[str]:
    return [here.grid.row(number).cell(key).text for number in range(here.grid.count)]


def a_printer_that_stops(after: int, reason: str = "打印机停下，可能卡纸或缺纸") -> Callable[..., PrintJob]:
    """Stands in for the system's queue: takes so many documents, then stops; the next time it takes all."""
    left = [after]

    def run(desk: CountyDesk, job: PrintJob, progress: Any, cancel: Any) -> PrintJob:
        while not job.finished:
            if left[0] == 0:
                left[0] = 1000
                return printing.stop(desk, job, reason)
            printing.sheaf(desk, job)
            job = printing.passed(desk, job)
            left[0] -= 1
        return job

    return run


def test_what_may_be_printed_is_ticked_and_a_job_goes_on_where_it_stopped(
    centre: PrintCentre, desk: CountyDesk, shell: Shell, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert centre.head.line.text().startswith("已选 9 份") and centre.main.text() == "打印 9 份"
    centre.grid.go(0)
    press(qtbot, KEY.Key_Space)
    assert centre.main.text() == "打印 8 份"
    press(qtbot, KEY.Key_Space)
    monkeypatch.setattr(printrun, "run", a_printer_that_stops(1 + 2 + 4))  # 目录, 两张封面, 四份
    press(qtbot, KEY.Key_P, CTRL)
    qtbot.waitUntil(lambda: centre.banner.isVisible(), timeout=LONG)
    kept = printing.current(desk)
    assert kept is not None and kept.place == 7 and kept.stopped
    assert centre.main.text() == f"接着打 {kept.returns_left} 份" and centre.again.isVisible()
    shown = column(centre, "printed")
    assert shown.count("停在这里") == 1 and shown.index("停在这里") == shown.count("已打")
    done = kept.returns_done
    qtbot.mouseClick(centre.back_one, Qt.MouseButton.LeftButton)
    back = printing.current(desk)
    assert back is not None and back.returns_done == done - 1
    centre.first_focus()
    told = Answers(shell)
    told.press("close")
    press(qtbot, KEY.Key_P, CTRL)
    qtbot.waitUntil(lambda: told.titles == ["都交给打印机了"], timeout=LONG)
    finished = printing.current(desk)
    assert finished is not None and finished.finished
    qtbot.waitUntil(lambda: set(column(centre, "printed")) == {"已打"}, timeout=LONG)
    qtbot.waitUntil(centre.banner.isVisible, timeout=LONG)
    assert centre.back_one.text() == "第 9 份没出来？退一份"
    assert [one.act for one in desk.workspace.journal_entries()][-1] == "print_done"


def test_what_nobody_accepted_is_listed_apart_and_a_page_is_looked_at(
    centre: PrintCentre, shell: Shell, qtbot: QtBot
) -> None:
    centre.which.choose("WAITING")
    centre._narrow()
    assert column(centre, "version") == ["第 1 版，未审定"]
    assert centre.pages.title.text().endswith(WAITING[1])
    assert centre.pages.pages.count > 1
    centre.first_focus()
    press(qtbot, KEY.Key_PageDown)
    qtbot.waitUntil(lambda: centre.pages.pages.page == 2, timeout=LONG)
    qtbot.mouseClick(centre.pages.larger, Qt.MouseButton.LeftButton)
    page = next(one for one in shell.window().findChildren(Preview) if one.isVisible())
    press(qtbot, KEY.Key_Escape)
    assert not page.isVisible()


def test_a_revoked_computer_s_returns_are_locked_with_the_reason(
    shell: Shell, desk: CountyDesk, tmp_path: Path, qtbot: QtBot
) -> None:
    receiving.receive(desk, [the_town_sends(tmp_path, revokes(MANBANG, "一次也不认"))])
    shell.go("print")
    here = shell.screen_here
    assert isinstance(here, PrintCentre)
    here.which.choose("ALL")
    qtbot.waitUntil(lambda: here.grid.count > 0, timeout=LONG)
    locked = [n for n in range(here.grid.count) if here.grid.row(n).cell("tick").icon == "lock"]
    assert len(locked) == 5 and all("吊销" in here.grid.row(n).cell("sign").tip for n in locked)
    before = here.main.text()
    here.grid.go(locked[0])
    here.first_focus()
    press(qtbot, KEY.Key_Space)
    assert here.main.text() == before


def test_one_pdf_is_made_where_it_is_asked_for(
    centre: PrintCentre, shell: Shell, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "汇编.pdf"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *words: (str(path), ""))
    told = Answers(shell)
    told.press("close")
    press(qtbot, KEY.Key_E, CTRL)
    qtbot.waitUntil(lambda: told.titles == ["合成好了"], timeout=LONG)
    with pikepdf.open(path) as bound:
        assert len(bound.attachments) == 9


def test_a_file_handed_in_gets_its_five_answers_and_a_slip(
    verify: VerifyFile, desk: CountyDesk, shell: Shell, tmp_path: Path, qtbot: QtBot
) -> None:
    revision = desk.workspace.standing(MANBANG, "B02", "2025").counted
    good, bad = tmp_path / "好的.pdf", tmp_path / "改过的.pdf"
    pdf = verifying.held_pdf(desk, revision)
    good.write_bytes(pdf)
    bad.write_bytes(pdf + b"\n% more\n")
    verify.read([good, bad])
    qtbot.waitUntil(lambda: len(verify.found) == 2, timeout=LONG)
    assert [one.outcome for one in verify.found] == [Outcome.GENUINE, Outcome.CHANGED]
    assert verify.good.isVisible() and verify.bad.isVisible() and not verify.unknown.isVisible()
    qtbot.waitUntil(lambda: any(card.ours.hasFocus() for card in verify.cards), timeout=LONG)  # once it is shown
    press(qtbot, KEY.Key_Return)  # the filled button: what the county holds instead
    page = next(one for one in shell.window().findChildren(Preview) if one.isVisible())
    press(qtbot, KEY.Key_Escape)
    assert not page.isVisible()
    press(qtbot, KEY.Key_P, CTRL)
    assert any(one.isVisible() for one in shell.window().findChildren(Preview))
    press(qtbot, KEY.Key_Escape)
    acts = [one.act for one in desk.workspace.journal_entries()]
    assert acts[-3:] == ["verify_file", "verify_file", "print_verify"]


def test_a_code_is_pasted_or_typed(verify: VerifyFile, desk: CountyDesk, qtbot: QtBot) -> None:
    revision = desk.workspace.standing(MANBANG, "B01", "2025").counted
    QApplication.clipboard().setText(codes.qr_text("R", (MANBANG, "B01", "2025", "1"), revision))
    press(qtbot, KEY.Key_V, CTRL)
    qtbot.waitUntil(lambda: len(verify.found) == 1, timeout=LONG)
    verify.code.setFocus()
    verify.code.edit.setText(codes.verification_code(revision).lower())
    qtbot.keyClick(verify.code.edit, KEY.Key_Return)
    qtbot.waitUntil(lambda: len(verify.found) == 2, timeout=LONG)
    assert {one.held for one in verify.found} == {revision}
