"""A file was double-clicked: which desk of this computer takes it, carried there, and offered. Never applied unasked.

What the file is says `desks.filekinds`. One desk: its password is asked, then the file is offered. Several: the user
says which. One that is open already gets the file in its own window. None: what the file is and what to do with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer

from cunbao.desks import filekinds
from cunbao.desks.filekinds import COUNTY, TOWNSHIP, VILLAGE, FileKind
from cunbao.errors import CunbaoError

if TYPE_CHECKING:
    from cunbao.ui.app import App
    from cunbao.ui.kit.dialog import DialogBox
    from cunbao.ui.shell import Shell

AGAIN_MS = 300  # how soon a file that came while a dialog was open is offered again
NAMED = 3  # file names that a dialog lists


def begin(app: App, paths: Sequence[Path]) -> bool:
    """The first window of a start with files. False: another window has taken them, there is nothing to show."""
    path = paths[0]
    kind = filekinds.kind_of_file(path)
    if not path.is_file() or kind is None:
        app.show_usual()
        later(app, lambda: app.window.ask(_unreadable(path), escape="done"))
        return True
    if kind is filekinds.PACK:
        app.show_first_run()
        later(app, lambda: app.look_at(path))
        return True
    same = [one for one in paths if filekinds.kind_of_file(one) is kind]
    found = _desks_for(app, path, kind)
    if not found:
        app.show_usual()
        later(app, lambda: app.window.ask(_not_here(path, kind), escape="done"))
        return True
    if len(found) == 1:
        return app.carry(found[0], same)
    app.show_usual()
    later(app, lambda: _ask_which(app, found, same))
    return True


def later(app: App, act: Any) -> None:
    """After the window stands: a dialog lies inside it."""
    QTimer.singleShot(0, app, act)


def _desks_for(app: App, path: Path, kind: FileKind) -> list[Path]:
    """Workspaces that take the file, the likeliest first. An answer to a forgotten password has one only where a
    request waits."""
    from cunbao.ui.app import kind_in

    takers = filekinds.takers_of(path, kind)
    found = [folder for folder in app.workspaces() if kind_in(folder) in takers]
    if kind.locked:
        from cunbao.desks import recovery

        return [folder for folder in found if recovery.asked(folder) is not None]
    return sorted(found, key=lambda folder: not _likely(app, folder, path))


def _likely(app: App, folder: Path, path: Path) -> bool:
    """By the name of the file: a receipt is for the office that it names, a bundle for a desk above it."""
    from cunbao.desks.start import unlock_view
    from cunbao.ui.app import kind_in

    if "回执" not in path.name:
        return kind_in(folder) != VILLAGE
    try:
        return path.name.split("-")[0] in unlock_view(folder, app.clock()).office
    except (CunbaoError, OSError, ValueError):
        return False


def _ask_which(app: App, found: Sequence[Path], paths: Sequence[Path]) -> None:
    from cunbao.ui.screens.offices import choose_for_file

    chosen = choose_for_file(app.window, found, app.clock(), paths[0].name)
    if chosen is not None and not app.carry(chosen, paths):
        app.window.close()


# --- at an open desk -------------------------------------------------------------------------------------------------


def offer(shell: Shell, paths: Sequence[Path]) -> None:
    """Ask at an open desk whether to read the files that it was given; while something else is asked, wait for it."""
    if shell.desk is None or not paths:
        return
    if shell.engaged:
        QTimer.singleShot(AGAIN_MS, shell, lambda: offer(shell, paths))
        return
    path = paths[0]
    kind = filekinds.kind_of_file(path)
    if kind is None or not path.is_file():
        shell.ask(_unreadable(path), escape="done")
        return
    if shell.face.kind not in filekinds.takers_of(path, kind) or kind.locked:
        shell.ask(_not_here(path, kind), escape="done")
    elif kind is filekinds.PACK:
        shell.take_files(paths)  # its screen says what it changes, and takes nothing before the button
    elif shell.ask(_offered(paths, kind), escape="later") == "read":
        _read(shell, kind, paths)


def _read(shell: Shell, kind: FileKind, paths: Sequence[Path]) -> None:
    """What the desk's own button for such a file does."""
    desk, path = shell.face.kind, paths[0]
    if kind in (filekinds.PACKAGE, filekinds.CERTIFICATE):
        if desk == VILLAGE:
            from cunbao.ui.screens import intake

            intake.read(shell, paths)
        else:
            shell.go("receive", paths=tuple(paths))
    elif kind is filekinds.RECOVERY_REQUEST:
        shell.go("recovery", path=path)
    elif desk == TOWNSHIP:
        if kind is filekinds.REQUEST:
            shell.go("enrol", path=path)
        else:
            shell.go("settings", papers=path)
    elif desk == COUNTY:
        shell.go("certificates", path=path)


# --- words -----------------------------------------------------------------------------------------------------------


def _names(paths: Sequence[Path]) -> str:
    more = f"等 {len(paths)} 个文件" if len(paths) > NAMED else ""
    return "、".join(path.name for path in paths[:NAMED]) + more


def _offered(paths: Sequence[Path], kind: FileKind) -> DialogBox:
    from cunbao.ui.kit.dialog import Choice, DialogBox

    count = f" {len(paths)} 个" if len(paths) > 1 else ""
    return DialogBox(
        f"读入{count}{kind.name}吗",
        f"{_names(paths)}。",
        "先逐项核对，对不上的不采用；文件原样留着",
        "",
        (Choice("later", "先不读"), Choice("read", "读入")),
        icon="inbox-in",
        tone="accent",
        help="file",
    )


def _not_here(path: Path, kind: FileKind) -> DialogBox:
    from cunbao.ui.kit.dialog import Choice, DialogBox

    takers = filekinds.desks_in_words(filekinds.takers_of(path, kind))
    why = "这台电脑上没有等着答复的恢复申请。" if kind.locked else f"要用{takers}的资料打开，这里没有。"
    return DialogBox(
        f"这是{kind.name}",
        f"{path.name}里是{kind.what}。{why}",
        "没有读入任何内容，文件原样留着",
        f"{kind.todo}。",
        (Choice("done", "知道了"),),
        icon="package",
        tone="info",
        help="file",
    )


def _unreadable(path: Path) -> DialogBox:
    from cunbao.ui.kit.dialog import Choice, DialogBox

    gone = not path.is_file()
    return DialogBox(
        "文件打不开" if gone else "看不出这是什么文件",
        f"找不到 {path.name}，U 盘可能已经拔了。" if gone else f"{path.name} 里不是村报的内容。",
        "没有改动任何资料",
        "请插好 U 盘再双击一次。" if gone else "请向给您文件的单位重新要一份。",
        (Choice("done", "知道了"),),
        help="file",
    )
