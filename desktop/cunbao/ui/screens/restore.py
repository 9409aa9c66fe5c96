"""从备份恢复: which backup, who, and the old password. The backup becomes a new workspace; nothing is overwritten."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QFileDialog, QWidget

from cunbao.desks.clock import LOCAL, Clock
from cunbao.errors import CunbaoError
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.fields import CodeField, FieldRow, PasswordField
from cunbao.ui.kit.panel import column
from cunbao.ui.kit.picker import Item
from cunbao.ui.shell import Shell

Opened = Callable[[Any, Path], None]


def ask_restore(window: Shell, home: Path, clock: Clock, opened: Opened) -> None:
    """Choose a folder of backups, then one of them, then open it under `home`."""
    name = QFileDialog.getExistingDirectory(window, "备份放在哪个文件夹", str(home))
    if name:
        restore_from(window, Path(name), home, clock, opened)


def restore_from(window: Shell, place: Path, home: Path, clock: Clock, opened: Opened) -> None:
    """The backups lying at `place`, newest first; asks which one, who and the password."""
    from cunbao.desks.settings import backups_at, restore_backup
    from cunbao.desks.start import unlock_view

    found = backups_at(place) or backups_at(place / "backups")
    if not found:
        window.show_error(
            CunbaoError(
                "backup.none",
                happened=f"“{place.name}”里没有能用的备份",
                safe="没有改动任何资料",
                todo="请选放备份的那个文件夹，里面每份备份是一个子文件夹",
            )
        )
        return
    people = [person.name for person in unlock_view(found[0].path, clock()).people]
    body = QWidget()
    box = column(body, 8)
    which = CodeField(
        lambda: [Item(str(n), f"{one.at.astimezone(LOCAL):%Y-%m-%d %H:%M}") for n, one in enumerate(found)], "0"
    )
    who = CodeField(lambda: [Item(one, one) for one in people], people[0] if people else "")
    password = PasswordField(name="原来的密码")
    for part in (FieldRow("哪一份备份", which), FieldRow("谁来打开", who), FieldRow("原来的密码", password)):
        box.addWidget(part)
    dialog = DialogBox(
        "从备份恢复", "", "现在电脑里的资料不会被盖掉，恢复到新的文件夹。", "",
        (Choice("leave", "不恢复了"), Choice("restore", "恢复")), icon="restore", tone="accent", body=body,
    )  # fmt: skip
    password.next.connect(lambda step: dialog.safe_button.click())
    if window.ask(dialog, escape="leave", focus=password.edit) != "restore":
        return
    chosen = found[int(which.code() or 0)]
    target = free_folder(home, chosen.path)
    person, typed = who.code(), password.text()
    window.run_job(
        lambda progress, cancel: restore_backup(chosen.path, target, person, typed, clock=clock),
        title="正在恢复，会先核对这份备份",
        done=lambda desk: opened(desk, target),
    )


def free_folder(home: Path, source: Path) -> Path:
    """A name below `home` that nothing has yet: restored-1, restored-2 …"""
    number = 1
    while (home / f"restored-{number}").exists():
        number += 1
    return home / f"restored-{number}"
