"""The window: keys go where the design says, work does not freeze it, errors are told, nothing typed is lost."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from threading import Event, current_thread, main_thread

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from cunbao.desks.views import FrameView, HomeView
from cunbao.errors import DeskError
from cunbao.progress import Progress
from cunbao.survey.values import Edit, EditAct
from cunbao.ui.kit import style
from cunbao.ui.kit.dialog import Choice, Dialog, DialogBox
from cunbao.ui.kit.fields import FieldBox
from cunbao.ui.kit.panel import column
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.screen import Screen
from cunbao.ui.screens.home import FormsTable
from cunbao.ui.shell import Shell
from cunbao.ui.village import Village
from ui.conftest import Show
from ui.desk import FORMS, PlainDesk

EDIT = Edit(EditAct.SET, "b01_hh", "", "412", "418")
FULL = DeskError(
    "disk.full", happened="硬盘满了", safe="已填的内容都在", todo="腾出 200 MB 再存一次", detail="errno 28"
)


class Page(Screen):
    """A screen that writes down what it is asked."""

    def __init__(self, shell: Shell, name: str) -> None:
        super().__init__(shell)
        self.nav, self.heard = name, []
        self.field = FieldBox("412", name="户数")
        column(self).addWidget(self.field)

    def open(self, **where: object) -> None:
        self.heard.append(("open", where))

    def nav_key(self) -> str:
        return self.nav

    def main_step(self) -> bool:
        self.heard.append("enter")
        return True

    def next_problem(self, step: int) -> bool:
        self.heard.append(("problem", step))
        return True

    def go_on(self) -> bool:
        self.heard.append("on")
        return True

    def page(self, step: int) -> bool:
        self.heard.append(("page", step))
        return True


class Pages(Village):
    """The village's frame around pages that write down; `real`: the screens that are shown themselves."""

    def __init__(self, *real: str) -> None:
        self.real = real

    def make_screen(self, shell: Shell, name: str) -> Screen:
        return super().make_screen(shell, name) if name in self.real else Page(shell, name)


@pytest.fixture
def shell(show, qtbot: QtBot):  # type: ignore[no-untyped-def]
    made = Shell(Pages(), asks_to_close=False)
    show(made, 1366, 696)
    made.open_desk(PlainDesk())
    yield made
    made.jobs.stop()


def here(shell: Shell) -> Page:
    page = shell.screen_here
    assert isinstance(page, Page)
    return page


def test_control_and_a_number_go_to_a_nav_item(shell: Shell, qtbot: QtBot) -> None:
    qtbot.keyClick(shell, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    assert here(shell).heard[-1] == ("open", {"form": "B02"})
    qtbot.keyClick(shell, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert here(shell).nav == "home"


def test_the_tenth_nav_item_has_the_key_0(shell: Shell, qtbot: QtBot) -> None:
    tenth = shell.nav.items[9]
    qtbot.keyClick(shell, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    assert here(shell).nav == tenth.key


def test_the_keys_of_the_design_reach_the_screen(shell: Shell, qtbot: QtBot) -> None:
    shift, control = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
    page = here(shell)
    page.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    page.setFocus()
    for key, modifier in (
        (Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier), (Qt.Key.Key_F8, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_F8, shift), (Qt.Key.Key_Return, control), (Qt.Key.Key_PageDown, Qt.KeyboardModifier.NoModifier),
    ):  # fmt: skip
        qtbot.keyClick(page, key, modifier)
    assert page.heard[1:] == ["enter", ("problem", 1), ("problem", -1), "on", ("page", 1)]


def test_letters_grow_at_once_and_the_nav_becomes_a_strip(shell: Shell, qtbot: QtBot) -> None:
    heard = []
    shell.looked.connect(lambda scale, contrast: heard.append(scale))
    for _ in range(3):
        qtbot.keyClick(shell, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert look.scale == 1.5 and heard == [1.25, 1.5]
    assert shell.nav.width() == 104
    qtbot.keyClick(shell, Qt.Key.Key_Minus, Qt.KeyboardModifier.ControlModifier)
    assert shell.nav.width() == 250


class SevenForms(PlainDesk):
    """A desk of which seven forms are asked."""

    lines = (
        *FORMS,
        *(replace(FORMS[0], form=name, nav=nav) for name, nav in (("B06", "服务队伍"), ("B07", "便民服务"))),
    )

    def frame(self) -> FrameView:
        return replace(super().frame(), forms=self.lines)

    def home(self) -> HomeView:
        return replace(super().home(), forms=self.lines)


@pytest.mark.parametrize("scale", [1.0, 1.25])
def test_seven_forms_stand_in_the_nav_and_on_the_home_screen_at_once(show: Show, scale: float) -> None:
    style.apply(QApplication.instance(), scale, False)  # type: ignore[arg-type]
    window = Shell(Pages("home"), asks_to_close=False)
    show(window, 1366, 696)
    window.open_desk(SevenForms())
    QApplication.processEvents()
    table = window.screen_here.findChild(FormsTable)
    seen = table.mapTo(window, table.rect().bottomLeft()).y()
    assert table.verticalScrollBar().maximum() == 0 and seen <= window.status.mapTo(window, QPoint()).y()
    boxes = [box for _, box in window.nav._shown()]
    assert all(above.bottom() < below.top() + 1 for above, below in pairwise(boxes))
    assert boxes[-1].bottom() <= window.nav.height()
    window.jobs.stop()


def test_the_window_can_be_as_small_as_the_design_says(shell: Shell) -> None:
    shell.resize(1180, 640)
    assert (shell.width(), shell.height()) == (1180, 640)


def test_undo_leaves_the_cell_alone_while_something_is_typed_in_it(shell: Shell, qtbot: QtBot) -> None:
    field = here(shell).field
    field.setFocus()
    qtbot.keyClicks(field.edit, "9")
    qtbot.keyClick(field.edit, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert shell.desk.undone == 0 and field.text() == "412"
    qtbot.keyClick(field.edit, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: shell.desk.undone == 1)


def test_saved_is_said_when_it_is_on_the_disk(shell: Shell, qtbot: QtBot) -> None:
    shell.desk.hold.clear()
    shell.keep("B01", [EDIT])
    assert shell.header.saved.accessibleName() == "正在保存"
    shell.desk.hold.set()
    qtbot.waitUntil(lambda: shell.header.saved.accessibleName() == "已保存 10:42")
    assert shell.desk.kept == [("B01", (EDIT,), "")]


def test_what_could_not_be_written_is_kept_and_written_again(shell: Shell, qtbot: QtBot) -> None:
    shell.desk.trouble = FULL
    answered: list[str] = []

    def answer() -> None:
        for dialog in shell.findChildren(Dialog):
            if dialog.isVisible():
                answered.append(dialog.box.accessibleName())
                dialog.box.buttons["later"].click()

    timer = QTimer(shell)
    timer.timeout.connect(answer)
    timer.start(20)
    shell.keep("B01", [EDIT])
    shell.keep("B01", [replace(EDIT, new="419")])
    qtbot.waitUntil(lambda: bool(answered))
    qtbot.waitUntil(lambda: shell.header.saved.accessibleName() == "没存上")
    shell.desk.trouble = None
    qtbot.keyClick(shell, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(shell.desk.kept) == 2)
    assert [edits[0].new for _, edits, _ in shell.desk.kept] == ["418", "419"]
    assert answered == ["硬盘满了"]


def test_long_work_runs_beside_the_window_one_after_the_other(shell: Shell, qtbot: QtBot) -> None:
    order: list[object] = []
    gate = Event()

    def first(progress, cancel):  # type: ignore[no-untyped-def]
        gate.wait(5)
        progress(Progress(1, 2, "写入"))
        order.append(current_thread() is main_thread())
        return "一"

    shell.run_job(first, title="写报送包", done=order.append)
    shell.run_job(lambda progress, cancel: "二", title="再写", done=order.append)
    assert order == []  # the window was not held up
    gate.set()
    qtbot.waitUntil(lambda: len(order) == 3)
    assert order == [False, "一", "二"]


def test_cancelling_stops_between_transactions_and_says_nothing_more(shell: Shell, qtbot: QtBot) -> None:
    begun, told = Event(), []

    def work(progress, cancel):  # type: ignore[no-untyped-def]
        begun.set()
        while True:
            cancel.check()

    job = shell.run_job(work, title="写报送包", done=told.append, may_cancel=True)
    qtbot.waitUntil(begun.is_set)
    job.cancel.ask()
    qtbot.waitUntil(lambda: shell.jobs.idle)
    assert told == []


def test_an_error_is_told_in_three_sentences_and_the_focus_goes_back(shell: Shell, qtbot: QtBot) -> None:
    field = here(shell).field
    field.setFocus()
    seen: list[tuple[str, str]] = []

    def close() -> None:
        for dialog in shell.findChildren(Dialog):
            if dialog.isVisible():
                seen.append((dialog.box.accessibleName(), dialog.box.accessibleDescription()))
                qtbot.keyClick(dialog, Qt.Key.Key_Escape)

    timer = QTimer(shell)
    timer.timeout.connect(close)
    timer.start(20)

    def fails(progress, cancel):  # type: ignore[no-untyped-def]
        raise FULL

    shell.run_job(fails, title="备份")
    qtbot.waitUntil(lambda: bool(seen))
    timer.stop()
    assert seen[0] == ("硬盘满了", "已填的内容都在。 腾出 200 MB 再存一次。")
    qtbot.waitUntil(lambda: QApplication.focusWidget() is field.edit)


def test_a_bug_in_a_job_is_not_swallowed(shell: Shell, qtbot: QtBot) -> None:
    heard = []
    shell.run_job(lambda progress, cancel: 1 // 0, title="算", failed=heard.append)
    qtbot.waitUntil(lambda: bool(heard))
    assert heard[0].code == "bug" and "ZeroDivisionError" in heard[0].detail


def test_enter_in_a_dialog_takes_the_safe_button(shell: Shell, qtbot: QtBot) -> None:
    box = DialogBox(
        "删除岩坎这一行？",
        "",
        "删后可按 Ctrl+Z 找回。",
        "",
        (Choice("delete", "删除这一行", "danger"), Choice("stay", "留着")),
    )
    QTimer.singleShot(50, lambda: qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return))
    assert shell.ask(box, escape="stay") == "stay"


def test_keys_of_the_window_wait_while_a_dialog_is_open(shell: Shell, qtbot: QtBot) -> None:
    box = DialogBox("题", "", "好", "", (Choice("stay", "留着"),))

    def press() -> None:
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)

    QTimer.singleShot(50, press)
    shell.ask(box)
    assert here(shell).nav == "home"


@pytest.mark.parametrize("scale", [1.0, 1.25, 1.5])
@pytest.mark.parametrize("name", ["home"])
def test_a_screen_of_the_village_fits_the_smallest_window(show, scale: float, name: str) -> None:  # type: ignore[no-untyped-def]
    shell = Shell(Village(), asks_to_close=False)
    show(shell, 1366, 696)
    shell.open_desk(PlainDesk())
    shell.go(name)
    shell.set_look(scale, False)
    QApplication.processEvents()
    assert (shell.width(), shell.height()) == (1366, 696)
    for text in shell.screen_here.findChildren(Text):
        if text.isVisible() and text.text():
            assert text.heightForWidth(text.width()) <= text.height(), text.text()
    shell.jobs.stop()


def test_home_says_the_next_step_and_enter_takes_it(show, qtbot: QtBot) -> None:  # type: ignore[no-untyped-def]
    shell = Shell(Pages("home"), asks_to_close=False)
    show(shell, 1366, 696)
    shell.open_desk(PlainDesk())
    assert QApplication.focusWidget().accessibleName() == "继续填报"
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert here(shell).heard == [("open", {"form": "B02"})]
    shell.jobs.stop()


def test_every_screen_has_a_module() -> None:
    folder = Path(__file__).resolve().parents[2] / "desktop" / "cunbao" / "ui" / "screens"
    assert {f"{module}.py" for module, _ in Village.SCREENS.values()} <= {path.name for path in folder.glob("*.py")}


HEAVY = (
    "pandas",
    "numpy",
    "pyhanko",
    "reportlab",
    "pyxform",
    "openpyxl",
    "pypinyin",
    "cryptography",
    "pypdfium2",
    "sqlite_utils",
    "markdown_it",
    "cunbao.manual",
    "cunbao.ui.screens.help",
)
START = """
import sys
from PySide6.QtWidgets import QApplication
from cunbao.ui.app import App
from cunbao.desks.clock import system_clock
from pathlib import Path
app = QApplication(["cunbao"])
start = App(app, Path(sys.argv[1]), system_clock)
start.begin([])
app.processEvents()
print(" ".join(name for name in sys.argv[2:] if name in sys.modules))
"""


def test_the_first_window_loads_nothing_heavy(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", START, str(tmp_path), *HEAVY], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == []
