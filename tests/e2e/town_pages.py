"""What a township officer sees and presses, screen by screen, with the keyboard alone; and the village's answer to it.

As in `pages`: keys pressed in the real window, visible widgets read, each method gives the page that he is on
afterwards. A table is painted, not made of widgets: what stands in its visible lines is read from its rows.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from cunbao.ui.kit.dialog import Dialog
from cunbao.ui.kit.grid import Grid
from e2e.pages import CTRL, LONG, LOOK_MS, Check, Key, Page

NAV = (
    *("board", "receive", "review", "conflict", "enrol", "proxy", "chase", "receipts", "recovery", "totals"),
    *("supplement", "sendon"),
)


class TownPage(Page):
    """The officer's window: pages by Ctrl and a number, dialogs answered as they come."""

    @property
    def focus(self) -> QWidget:
        if QApplication.platformName() == "offscreen" and QApplication.focusWidget() is None:
            self.app.window.activateWindow()  # offscreen a dialog of the system takes it along, long after it is gone
            QApplication.processEvents()
        return super().focus

    def goes_to(self, place: str) -> Any:
        """Ctrl and its number in the nav, 0 for the tenth; 报县 below it has none and is walked to."""
        number = 1 + NAV.index(place)
        if number <= 10:
            self.press(getattr(Key, f"Key_{number % 10}"), held=CTRL)
        else:
            self.tab_to("导航")
            self.press(*(Key.Key_Up,) * len(NAV), *(Key.Key_Down,) * (number - 1), Key.Key_Return)
        self.over()
        return self.turns(PAGES[place])

    def seen(self) -> str:
        return "\n".join([super().seen(), *(_written(one) for one in self.app.window.findChildren(Grid))])

    def line(self, *words: str) -> str:
        """The line of a table in which all these words stand, "" for none."""
        tables = [one for one in self.app.window.findChildren(Grid) if one.isVisible()]
        lines = [line for one in tables for line in _written(one).split("\n")]
        return next((line for line in lines if all(word in line for word in words)), "")

    def sees_line(self, *words: str) -> Any:
        """One line of a table says all of this, sooner or later."""
        try:
            self.bot.waitUntil(lambda: bool(self.line(*words)), timeout=LONG)
        except Exception as late:
            raise AssertionError(f"no line says {words} in:\n{self.seen()}") from late
        return self

    # --- dialogs -------------------------------------------------------------------------------------------------

    def then(self, title: str, *acts: Callable[[], object]) -> None:
        """When a dialog of this title has come, do that in it. Asked for before the key that brings the dialog, since
        the dialog keeps that key until it is answered."""

        def answer() -> None:
            here = next((one for one in self.app.window.findChildren(Dialog) if one.isVisible()), None)
            if here is None or title not in here.box.accessibleName():
                return
            timer.stop()
            for act in acts:
                act()

        timer = QTimer(self.app.window)
        timer.timeout.connect(answer)
        timer.start(LOOK_MS)

    def types(self, text: str) -> Callable[[], None]:
        """For `then`: write into the field that has the keys, and Enter."""
        return lambda: (self.write(text), self.press(Key.Key_Return))[0]

    def button(self, word: str) -> Callable[[], None]:
        """For `then`: walk to a button and press it."""
        return lambda: (self.tab_to(word), self.press(Key.Key_Space))[0]


def _written(grid: Grid) -> str:
    """All lines of a table that is seen, cell by cell."""
    if not grid.isVisible():
        return ""
    lines = []
    for number in range(grid.count):
        line = grid.row(number)
        cells = [f"{one.text} {one.sub}".strip() for one in line.cells.values()]
        lines.append("　".join([line.label, *cells]))
    return "\n".join(lines)


class TownUnlock(TownPage):
    def unlocks(self, password: str) -> Board:
        self.write(password)
        self.press(Key.Key_Return)
        self.bot.waitUntil(lambda: self.app.window.desk is not None, timeout=LONG)
        return self.turns(Board)  # type: ignore[no-any-return]


class Board(TownPage):
    """township-02."""

    def filters(self, number: int) -> Board:
        self.press(getattr(Key, f"Key_{number}"))
        return self

    def opens(self, kind: Callable[..., Any] | None = None) -> Any:
        """Enter on the cell: the page `kind`, 审核 without one."""
        self.press(Key.Key_Return)
        self.over()
        return self.turns(kind or Review)

    def goes_on(self) -> Review:
        """The filled button: the next one that waits."""
        self.press(Key.Key_Return, held=CTRL)
        self.over()
        return self.turns(Review)  # type: ignore[no-any-return]

    @property
    def here(self) -> str:
        """The village and form under the cursor."""
        grid = self.focus
        assert isinstance(grid, Grid)
        return f"{grid.row(grid.current_row()).label} {grid.current_key()}"


class Receive(TownPage):
    """township-01."""

    def opens_folder(self, folder: Path) -> Receive:
        """收件箱, the first time: which folder it is."""
        self.tab_to("收件箱")
        self.picks(folder, lambda: self.press(Key.Key_Space))
        return self

    def opens_file(self, file: Path) -> Receive:
        self.picks(file, lambda: self.press(Key.Key_O, held=CTRL))
        return self

    def goes_on(self) -> Review:
        self.press(Key.Key_Return, held=CTRL)
        self.over()
        return self.turns(Review)  # type: ignore[no-any-return]


class Review(TownPage):
    """township-03."""

    def comments(self, text: str) -> Review:
        self.press(Key.Key_C)
        self.write(text)
        self.press(Key.Key_S, held=CTRL)
        self.over()
        return self

    def sends_back(self) -> Review:
        self.press(Key.Key_F10)
        self.over()
        return self

    def accepts(self) -> Review:
        self.press(Key.Key_F9)
        self.over()
        return self

    def accepts_all_clean(self) -> Review:
        """更多, and in the list that opens 没有问题的一起通过."""
        self.then("没有问题的一起通过", self.button("一起通过"))
        self.then("一起通过了", lambda: self.press(Key.Key_Return))
        self.tab_to("更多")
        self.press(Key.Key_Space)
        self.chooses("没有问题的一起通过")
        self.over()
        return self

    def chooses(self, word: str) -> None:
        """Down to a line of the open list, and Enter."""
        self.bot.waitUntil(lambda: isinstance(QApplication.activePopupWidget(), QMenu), timeout=LONG)
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        for _ in menu.actions():
            QTest.keyClick(menu, Key.Key_Down)
            if menu.activeAction() is not None and menu.activeAction().text() == word:
                break
        QTest.keyClick(menu, Key.Key_Return)
        QApplication.processEvents()

    def takes_back(self) -> Review:
        self.press(Key.Key_Z, held=CTRL)
        self.over()
        return self

    def leaves(self) -> Board:
        self.press(Key.Key_Escape)
        self.over()
        return self.turns(Board)  # type: ignore[no-any-return]


class Enrol(TownPage):
    """township-05."""

    def types_code(self, digits: str, password: str) -> Enrol:
        """The digits as they are read out, Enter, and the password."""
        self.then("核准", self.types(password))
        self.write(digits)
        self.press(Key.Key_Return)
        self.over()
        return self


class Conflict(TownPage):
    """township-04."""

    def goes_to_the_next(self) -> Conflict:
        self.press(Key.Key_F8)
        return self

    def chooses(self, number: int) -> Conflict:
        """1 甲, 2 乙."""
        self.press(getattr(Key, f"Key_{number}"))
        self.over()
        return self

    def side(self, who: str, key: str) -> str:
        """What one of the two says in the line of `who`."""
        grid = self.focus
        assert isinstance(grid, Grid)
        return next(grid.row(n).cell(key).text for n in range(grid.count) if who in grid.row(n).label)

    def proposes(self) -> Conflict:
        self.tab_to("做成建议稿")
        self.press(Key.Key_Space)
        self.over()
        return self


class Proxy(TownPage):
    pass


class Chase(TownPage):
    """township-07."""

    def keeps_the_notices(self, file: Path) -> Chase:
        """打印催报单; there is no printer, so the pages are kept as a PDF."""
        self.press(Key.Key_P, held=CTRL)
        self.over()
        self.sees("打印预览")
        self.then("还没有装打印机", lambda: self.names(file, self.button("存成 PDF")))
        self.then("存好了", lambda: self.press(Key.Key_Return))
        self.press(Key.Key_P, held=CTRL)
        self.bot.waitUntil(file.exists, timeout=LONG)
        self.over()
        self.press(Key.Key_Escape)
        return self

    def notes(self, words: str) -> Chase:
        """R: rung up, and what was answered."""
        self.then("记一次", self.types(words))
        self.press(Key.Key_R)
        self.over()
        return self


class Receipts(TownPage):
    """township-06."""

    def chooses(self, folder: Path) -> Receipts:
        """写到哪里, which folder."""
        self.tab_to("写到哪里")
        self.picks(folder, lambda: self.press(Key.Key_Space))
        return self

    def writes(self) -> Receipts:
        self.press(Key.Key_Return, held=CTRL)
        self.over()
        return self


class Totals(TownPage):
    """township-08."""

    def looks_at_the_cell(self) -> Review:
        """Enter: the signed return that the number comes from."""
        self.press(Key.Key_Return)
        self.over()
        return self.turns(Review)  # type: ignore[no-any-return]

    def exports(self, file: Path) -> Totals:
        self.names(file, lambda: self.press(Key.Key_E, held=CTRL))
        return self


class SendOn(TownPage):
    """township-10."""

    def chooses(self, folder: Path) -> SendOn:
        self.tab_to("写到哪里")
        self.picks(folder, lambda: self.press(Key.Key_Space))
        return self

    def writes(self) -> SendOn:
        self.press(Key.Key_Return, held=CTRL)
        self.over()
        return self


PAGES: dict[str, type[TownPage]] = {
    "board": Board, "receive": Receive, "review": Review, "conflict": Conflict, "enrol": Enrol, "proxy": Proxy,
    "chase": Chase, "receipts": Receipts, "totals": Totals, "sendon": SendOn,
}  # fmt: skip


class VillageHome(TownPage):
    """village-03 after sending: the township's files are read here."""

    def reads(self, receipt: Path) -> VillageReceipt:
        self.tab_to("读入回执包")
        self.picks(receipt, lambda: self.press(Key.Key_Space))
        return self.turns(VillageReceipt)  # type: ignore[no-any-return]


class VillageReceipt(TownPage):
    """village-11."""

    def adopts(self) -> VillageReceipt:
        """采用这一份, Enter, and the answer to what it asks."""
        self.then("采用", self.button("采用这一份"))
        self.press(Key.Key_Return)
        self.over()
        return self

    def goes_on(self) -> Check:
        """The next step, Enter."""
        self.press(Key.Key_Return)
        self.over()
        return self.turns(Check)  # type: ignore[no-any-return]
