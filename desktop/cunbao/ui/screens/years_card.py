"""往年 in the settings of a county: which closed years are here, which lie in a file, and 移出, 移回."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.panel import SideCard, column, row
from cunbao.ui.kit.text import Text
from cunbao.ui.shell import Shell

if TYPE_CHECKING:
    from cunbao.desks.archiving import Moved, Year


def years_card(shell: Shell, refresh: Callable[[], object]) -> SideCard:
    """refresh: what shows the settings again when a year has moved."""
    from cunbao.desks import archiving

    card = SideCard("往年", "box-out")
    card.body.setContentsMargins(0, 0, 0, 0)
    found = archiving.years(shell.desk)
    if not found:
        card.add(_line("还没有收到报表", "封了账的往年可以移出，写成一个文件，资料就小了。", None))
    for number, one in enumerate(found):
        if number:
            card.add_line()
        card.add(_line(f"{one.period} 年度", _words(one), _button(shell, one, refresh)))
    return card


def _words(one: Year) -> str:
    if one.moved is not None:
        return f"已移出，{one.offices} 个单位，在文件 {one.moved.file_name} 里"
    return f"{one.offices} 个单位，{f'{one.stays}，不能移出' if one.stays else '已封账'}"


def _button(shell: Shell, one: Year, refresh: Callable[[], object]) -> Button | None:
    if one.stays:
        return None
    back = one.moved is not None
    button = Button("移回" if back else "移出", size="small", icon="inbox-in" if back else "box-out")
    button.setAccessibleName(f"{one.period} 年度{button.text()}")
    button.clicked.connect(lambda: ask_back(shell, one, refresh) if back else ask_out(shell, one, refresh))
    button.set_why("现在是只看不改" if shell.desk.read_only else "")
    return button


def ask_out(shell: Shell, one: Year, refresh: Callable[[], object]) -> None:
    """移出: says what becomes of it, asks for a folder, writes, tells what was written."""
    box = DialogBox(
        f"移出 {one.period} 年度？",
        "写成一个加密的文件，读回核对一致才移出；随时可以移回。",
        "别的年度、汇总和指标都不变；这一年的报表移回以后才看得到。",
        "文件请存两份，放在不同的盘上。打开它用今天的密码。",
        (Choice("stay", "先不移"), Choice("out", "选文件夹，移出")),
        icon="box-out",
        help="settings/years",
    )
    if shell.ask(box, escape="stay") != "out":
        return
    folder = QFileDialog.getExistingDirectory(shell, f"{one.period} 年度移出到哪里")
    shell.window().activateWindow()
    if folder:
        move_out(shell, one.period, Path(folder), refresh)


def move_out(shell: Shell, period: str, folder: Path, refresh: Callable[[], object]) -> None:
    from cunbao.desks import archiving

    desk = shell.desk

    def told(done: Moved) -> None:
        _moved(shell, refresh)
        less = f"，资料小了 {done.shrunk / 1_000_000:.1f} MB" if done.shrunk else ""
        shell.ask(
            DialogBox(
                f"{period} 年度移出了",
                f"{done.year.returns} 张表，{done.year.offices} 个单位{less}。",
                f"写在 {done.path}，{done.year.size / 1_000_000:.1f} MB，读回核对一致。",
                "请再拷一份放到别的盘上。要看这一年，在这里移回。",
                (Choice("ok", "知道了"),),
                icon="check",
                tone="ok",
                help="settings/years",
            ),
            escape="ok",
        )

    shell.run_job(
        lambda progress, cancel: archiving.move_out(desk, period, folder, progress=progress, cancel=cancel),
        title=f"移出 {period} 年度，写完会读回核对",
        done=told,
    )


def ask_back(shell: Shell, one: Year, refresh: Callable[[], object]) -> None:
    """移回: the file is looked for where it was written."""
    from cunbao.desks.archiving import SUFFIX

    assert one.moved is not None
    place = Path(one.moved.folder) / one.moved.file_name
    start = str(place if place.is_file() else Path(one.moved.folder))
    name, _ = QFileDialog.getOpenFileName(shell, f"{one.period} 年度移出时写的文件", start, f"移出的年度 (*{SUFFIX})")
    shell.window().activateWindow()
    if name:
        bring_back(shell, one.period, Path(name), refresh)


def bring_back(shell: Shell, period: str, path: Path, refresh: Callable[[], object]) -> None:
    from cunbao.desks import archiving

    desk = shell.desk
    shell.run_job(
        lambda progress, cancel: archiving.bring_back(desk, period, path, progress=progress, cancel=cancel),
        title=f"移回 {period} 年度",
        done=lambda done: _moved(shell, refresh),
    )


def _moved(shell: Shell, refresh: Callable[[], object]) -> None:
    refresh()
    shell.refresh_frame()


def _line(words: str, line: str, button: Button | None) -> QWidget:
    shown = QWidget()
    parts = row(shown, 12, (16, 8, 16, 8))
    told = column()
    told.addWidget(Text(words, bold=True))
    told.addWidget(Text(line, "small", "text_2", lines=2))
    parts.addLayout(told, 1)
    if button is not None:
        parts.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
    return shown
