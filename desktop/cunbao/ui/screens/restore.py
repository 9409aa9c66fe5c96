"""从备份恢复: which backup, who, and the old password. The backup becomes a new workspace; nothing is overwritten: a
damaged one in whose place it goes is set aside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QFileDialog, QWidget

from cunbao.desks.clock import LOCAL, Clock
from cunbao.errors import CunbaoError
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.fields import CodeField, FieldRow, PasswordField
from cunbao.ui.kit.panel import column
from cunbao.ui.kit.picker import Item
from cunbao.ui.kit.style import show_if
from cunbao.ui.shell import Shell

if TYPE_CHECKING:
    from cunbao.store import Backup

Opened = Callable[[Any, Path], None]


def ask_restore(window: Shell, home: Path, clock: Clock, opened: Opened) -> None:
    """Choose a folder of backups, then one of them, then open it under `home`."""
    name = QFileDialog.getExistingDirectory(window, "备份放在哪个文件夹", str(home))
    if name:
        restore_from(window, Path(name), home, clock, opened)


def restore_from(window: Shell, place: Path, home: Path, clock: Clock, opened: Opened) -> None:
    """The backups lying at `place`, newest first; asks which one, who and the password."""
    found = _backups(window, place)
    if found:
        _restore(window, found, lambda chosen: free_folder(home, chosen.path), clock, opened, in_place=False)


def restore_in_place(window: Shell, folder: Path, clock: Clock, opened: Opened, *, choose: bool) -> None:
    """The way out of a damaged workspace: a backup goes where it lies, its files are set aside and kept.

    choose=False: the newest of its own backups; True: any of them, or one from another place."""
    from cunbao.desks.settings import backups_at

    def elsewhere() -> None:
        name = QFileDialog.getExistingDirectory(window, "备份放在哪个文件夹", str(folder))
        found = _backups(window, Path(name)) if name else ()
        if found:
            _restore(window, found, lambda chosen: folder, clock, opened, in_place=True)

    own = tuple(backups_at(folder / "backups"))
    if not own:
        elsewhere()
    elif choose:
        _restore(window, own, lambda chosen: folder, clock, opened, in_place=True, elsewhere=elsewhere)
    else:
        _restore(window, own[:1], lambda chosen: folder, clock, opened, in_place=True)


def _backups(window: Shell, place: Path) -> tuple[Backup, ...]:
    """What lies at `place` or in its backups/; () after having said that there is none."""
    from cunbao.desks.settings import backups_at

    found = tuple(backups_at(place) or backups_at(place / "backups"))
    if not found:
        window.show_error(
            CunbaoError(
                "backup.none",
                happened=f"“{place.name}”里没有能用的备份",
                safe="没有改动任何资料",
                todo="请选放备份的那个文件夹，里面每份备份是一个子文件夹",
            )
        )
    return found


def _restore(
    window: Shell,
    found: Sequence[Backup],
    target_of: Callable[[Backup], Path],
    clock: Clock,
    opened: Opened,
    *,
    in_place: bool,
    elsewhere: Callable[[], None] | None = None,
    wrong: CunbaoError | None = None,
) -> None:
    """Ask which backup, who and the password it had; a wrong password is asked again. elsewhere: 别处的备份."""
    from cunbao.desks.settings import restore_backup
    from cunbao.desks.start import unlock_view

    people = [person.name for person in unlock_view(found[0].path, clock()).people]
    body = QWidget()
    box = column(body, 8)
    which = CodeField(
        lambda: [Item(str(n), f"{one.at.astimezone(LOCAL):%Y-%m-%d %H:%M}") for n, one in enumerate(found)], "0"
    )
    who = CodeField(lambda: [Item(one, one) for one in people], people[0] if people else "")
    password = PasswordField(name="备份时的密码")
    password_row = FieldRow("备份时的密码", password)
    rows = (FieldRow("哪一份备份", which), FieldRow("谁来打开", who), password_row)
    for part, shown in zip(rows, (len(found) > 1, len(people) > 1, True), strict=True):
        show_if(part, shown)
        box.addWidget(part)
    if wrong is not None:
        password_row.show_message("error", f"{wrong.happened}，{wrong.todo}")
    word = f"{found[0].at.astimezone(LOCAL):%m-%d %H:%M}"
    happened = "" if len(found) > 1 else f"用 {word} 的备份，之后填的要补。"
    safe = "损坏的文件另存在同一个文件夹里，不删。" if in_place else "现在电脑里的资料不会被盖掉，恢复到新的文件夹。"
    dialog = DialogBox(
        "从备份恢复", happened, safe, "",
        (
            Choice("leave", "不恢复了"),
            *([Choice("elsewhere", "别处的备份")] if elsewhere is not None else []),
            Choice("restore", "恢复"),
        ),
        icon="restore", tone="accent", body=body,
        help="restore",
    )  # fmt: skip
    password.next.connect(lambda step: dialog.safe_button.click() if step > 0 else None)
    said = window.ask(dialog, escape="leave", focus=password.edit)
    if said == "elsewhere" and elsewhere is not None:
        elsewhere()
    if said != "restore":
        return
    chosen = found[int(which.code() or 0)]
    target = target_of(chosen)
    person, typed = who.code(), password.text()

    def failed(error: CunbaoError) -> None:
        if error.code == "password.wrong":
            _restore(window, found, target_of, clock, opened, in_place=in_place, elsewhere=elsewhere, wrong=error)
        else:
            window.show_error(error)

    window.run_job(
        lambda progress, cancel: restore_backup(chosen.path, target, person, typed, clock=clock, in_place=in_place),
        title="正在恢复，会先核对这份备份",
        done=lambda desk: opened(desk, target),
        failed=failed,
    )


def free_folder(home: Path, source: Path) -> Path:
    """A name below `home` that nothing has yet: restored-1, restored-2 …"""
    number = 1
    while (home / f"restored-{number}").exists():
        number += 1
    return home / f"restored-{number}"
