"""What is asked when a workspace does not open, or opens with a doubt: the right dialog of village-13 for the error."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import Any

from cunbao.errors import CunbaoError
from cunbao.ui.kit.dialog import error_box
from cunbao.ui.screens import dialogs
from cunbao.ui.shell import Shell

UNREADABLE = ("workspace.foreign", "workspace.key")  # its files are torn or do not belong together


def answer(window: Shell, folder: Path, error: CunbaoError) -> str:
    """Ask, and say what to do: "look" (只看不改), "again", "restore" (the newest backup), "other" (another backup),
    "close", or "" (stay where one is)."""
    if error.code == "workspace.busy":
        said = window.ask(dialogs.second_window(getattr(error, "since", None)), escape="there")
        if said == "there":
            from cunbao.ui.otherwindow import come_forward

            return "close" if come_forward(getattr(error, "window", "")) else ""
        return "look"
    if error.code == "workspace.damaged" or (error.code in UNREADABLE and newest_backup(folder) is not None):
        return window.ask(dialogs.damaged(newest_backup(folder), error.detail), escape="leave")
    if error.code == "workspace.newer":
        mine, theirs = [*re.findall(r"[0-9][0-9.]*", error.happened), "", ""][:2]
        said = window.ask(dialogs.newer(mine, theirs), escape="close")
        return "close" if said == "close" else _show_installer(window)
    window.ask(error_box(error))
    return ""


def tell_clock(window: Shell, desk: Any) -> None:
    """The desk has opened with a clock behind its last entry: reading is fine, signing waits."""
    last = desk.workspace.last_known
    window.ask(dialogs.clock_back(desk.today, last.date() if last else desk.today), escape="look")


def newest_backup(folder: Path) -> datetime | None:
    from cunbao.desks.settings import backups_at

    found = backups_at(folder / "backups")
    return found[0].at if found else None


def _show_installer(window: Shell) -> str:
    """选安装文件: the system opens it; the program must be closed for it."""
    from PySide6.QtCore import QUrl
    from PySide6.QtGui import QDesktopServices
    from PySide6.QtWidgets import QFileDialog

    name, _ = QFileDialog.getOpenFileName(window, "选新版本的安装文件", "", "安装文件 (*.deb *.exe *.msi)")
    if not name:
        return ""
    QDesktopServices.openUrl(QUrl.fromLocalFile(name))
    return "close"
