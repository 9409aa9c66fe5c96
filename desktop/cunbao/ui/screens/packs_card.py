"""任务包 in the settings of any desk: which one is worked with, a way to read a further one, the earlier periods."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from cunbao.desks.packs import HeldPack
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.panel import SideCard, column, row
from cunbao.ui.kit.text import Text
from cunbao.ui.shell import Shell


def packs_card(shell: Shell, *, first: str = "", why_not: str = "") -> SideCard:
    """first: what is said while there is none; why_not: why none can be read now."""
    from cunbao.desks import newpacks

    card = SideCard("任务包", "package")
    card.body.setContentsMargins(0, 0, 0, 0)
    desk = shell.desk
    given = desk.given if hasattr(desk, "given") else desk.task  # a village always has one
    held = newpacks.periods(desk)
    read = Button("读入任务包", size="small", icon="inbox-in")
    read.clicked.connect(lambda: ask_pack(shell))
    read.set_why("现在是只看不改" if desk.read_only else why_not)
    if given is None or not held:
        card.add(_line("还没有任务包", first, read))
        return card
    here = next((one for one in held if one.period == given.period), held[0])
    card.add(_line(given.title, f"{here.name}，截止 {given.deadline:%Y-%m-%d}", read))
    for one in held:
        if one.period == given.period:
            continue
        card.add_line()
        newest = one is held[0]
        back = Button("回到这一期" if newest else "打开这一期", size="small", icon="jump")
        back.clicked.connect(lambda _=False, one=one: show_period(shell, one))
        card.add(_line(one.title, f"{one.name}，填过、签过的都在", back))
    return card


def ask_pack(shell: Shell) -> None:
    """读入任务包: the file is looked at, told, and taken only when wanted."""
    name, _ = QFileDialog.getOpenFileName(shell, "读入任务包", "", "任务包 (*.cbtask)")
    shell.window().activateWindow()
    if name:
        shell.go("pack", path=Path(name))


def show_period(shell: Shell, one: HeldPack) -> None:
    """Every screen is made anew over the other period."""
    desk = shell.desk

    def work(progress: object, cancel: object) -> object:
        from cunbao.desks import newpacks

        return newpacks.show_period(desk, one.period)

    shell.run_job(work, title=f"打开 {one.period_title}", done=shell.open_desk)


def _line(words: str, line: str, button: Button) -> QWidget:
    shown = QWidget()
    parts = row(shown, 12, (16, 8, 16, 8))
    told = column()
    told.addWidget(Text(words, bold=True, lines=2))
    told.addWidget(Text(line, "small", "text_2", lines=2))
    parts.addLayout(told, 1)
    parts.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
    return shown
