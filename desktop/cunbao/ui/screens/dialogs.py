"""village-13: the dialogs of trouble, each as it really appears; `sheet` lays all six side by side for a picture."""

from __future__ import annotations

from datetime import date, datetime

from PySide6.QtWidgets import QGridLayout, QWidget

from cunbao.desks.clock import LOCAL
from cunbao.errors import CunbaoError
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.panel import Panel, column, row
from cunbao.ui.kit.text import Text


def disk_full(error: CunbaoError, cells: int) -> DialogBox:
    """While saving: what was typed stays in the window until it is on a disk. Answers: stick, again."""
    return DialogBox(
        "硬盘满了", f"{error.happened}，新填的 {cells} 格还没存下。", f"{error.safe}。", f"{error.todo}。",
        (Choice("stick", "另存到 U 盘"), Choice("again", "再存一次")), icon="disk", tone="error", detail=error.detail,
        help="trouble/disk",
    )  # fmt: skip


def stick_gone(error: CunbaoError, sequence: int) -> DialogBox:
    """While writing a bundle or a backup. Answers: later, again."""
    return DialogBox(
        "U 盘中途拔出", f"{error.happened}。", f"{error.safe}。", f"{error.todo}，仍算第 {sequence} 次。",
        (Choice("later", "以后再写"), Choice("again", "再写一次")), icon="usb", tone="error", detail=error.detail,
        help="trouble/stick",
    )  # fmt: skip


def clock_back(today: date, last: date) -> DialogBox:
    """On opening: the computer's day lies before the last entry. Answers: look, again (日期调好了)."""
    return DialogBox(
        "电脑日期往回调了", f"现在是 {today:%Y-%m-%d}，上次保存是 {last:%Y-%m-%d}。",
        "内容没有变，现在可以看，先不要签名。",
        "请把电脑日期调对。主板电池没电时，关机后日期会变。",
        (Choice("look", "只看不改"), Choice("again", "日期调好了")), icon="clock-alert", tone="warn",
        help="trouble/clock",
    )  # fmt: skip


def second_window(since: datetime | None, doing: str = "") -> DialogBox:
    """The same workspace is open in another window. Answers: look, there (转到那个窗口)."""
    when = f"从 {since.astimezone(LOCAL):%H:%M} 起" if since else ""
    return DialogBox(
        "这个村的报表已经打开", f"另一个窗口{when}正在填{f' {doing}' if doing else '报表'}。",
        "两个窗口不会同时改，资料不会乱。",
        "到那个窗口接着填。找不到它时，先重启电脑。",
        (Choice("look", "只看不改"), Choice("there", "转到那个窗口")), icon="windows", tone="info",
        help="trouble/second",
    )  # fmt: skip


def restored(of: datetime) -> DialogBox:
    """Before the first signature after a restore. Answers: later, none (没有回执), receipt."""
    return DialogBox(
        "签名前，先读最新的回执",
        f"这里的资料是从 {of.astimezone(LOCAL):%m-%d %H:%M} 的备份恢复的，后来签过的可能不在里面。",
        "填的内容都在，还没有签名。",
        "读了最新的回执，后来签过的就回来了。一份回执也没有收到过，选“没有回执”。",
        (Choice("later", "以后再签"), Choice("none", "没有回执"), Choice("receipt", "读入回执")),
        icon="inbox-in", tone="warn",
        help="trouble/restored",
    )  # fmt: skip


def restored_town(of: datetime) -> DialogBox:
    """The same at a township, before its first decision or 代报. Answers: later, none (没有回执), receipt."""
    return DialogBox(
        "签决定前，先读县里最新的回执",
        f"这里的资料是从 {of.astimezone(LOCAL):%m-%d %H:%M} 的备份恢复的，后来签过的决定可能不在里面。",
        "收到的报表和以前的决定都在，这次什么也没有签。",
        "读了最新的回执，县里收到过的决定就回来了。一份回执也没有收到过，选“没有回执”。",
        (Choice("later", "以后再签"), Choice("none", "没有回执"), Choice("receipt", "读入县回执")),
        icon="inbox-in", tone="warn",
        help="trouble/restored",
    )  # fmt: skip


def damaged(backup: datetime | None, detail: str = "") -> DialogBox:
    """The self-check on opening failed. Answers: other, restore; without a backup only other."""
    if backup is None:
        return DialogBox(
            "资料文件损坏，打不开", "多半是突然断电造成的。", "损坏的文件没有动，可以请县里看。",
            "请选一份备份来恢复。",
            (Choice("other", "选一份备份"),), icon="broken", tone="error", detail=detail,
            help="trouble/damaged",
        )  # fmt: skip
    when = f"{backup.astimezone(LOCAL):%m-%d %H:%M}"
    return DialogBox(
        "资料文件损坏，打不开", f"多半是突然断电造成的。{when} 之后填的要补。", f"{when} 的备份是好的，核对过。",
        "恢复备份前，损坏的文件会另存一份，留着给县里看。",
        (Choice("other", "换一份备份"), Choice("restore", f"恢复 {when[:5]} 的备份")), icon="broken", tone="error",
        detail=detail,
        help="trouble/damaged",
    )  # fmt: skip


def newer(mine: str, theirs: str) -> DialogBox:
    """The workspace was written by a newer version. Answers: close, install."""
    return DialogBox(
        "这份资料是新版本存的", f"这台电脑是 {mine} 版，资料是 {theirs} 版存的。", "资料没有动过，仍是原样。",
        f"请向县里要 {theirs} 版安装文件，装好再打开。不用联网。",
        (Choice("close", "关闭"), Choice("install", "选安装文件")), icon="up-circle", tone="info",
        help="trouble/newer",
    )  # fmt: skip


def sheet(samples: tuple[tuple[str, DialogBox], ...], *, titled: bool = True) -> Panel:
    """Six dialogs on one ground, each under the words that say when it appears."""
    ground = Panel("surface_sunken")
    box = column(ground, 0, (24, 52, 24, 40) if titled else (20, 16, 20, 16))
    if titled:
        head = row(gap=12)
        head.addWidget(Text("对话框", "title", bold=True))
        head.addWidget(Text("标题说出了什么事；正文说清哪些没丢、该怎么办；蓝色按钮是最稳妥的一步", tone="text_2"), 1)
        box.addLayout(head)
        box.addSpacing(26)
    grid_of = QWidget()
    grid = QGridLayout(grid_of)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(20)
    grid.setVerticalSpacing(36 if titled else 16)
    for number, (when, shown) in enumerate(samples):
        part = QWidget()
        words = column(part, 6)
        words.addWidget(Text(f"出现在：{when}", "small", "text_2"))
        shown.outside = "surface_sunken"
        words.addWidget(shown, 1)
        grid.addWidget(part, number // 3, number % 3)
    box.addWidget(grid_of)
    box.addStretch(1)
    return ground
