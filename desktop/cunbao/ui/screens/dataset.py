"""导出数据集 asked in the county's window: which kind of file, with or without what tells who somebody is, where to.

The same one call as `cunbao export`; a period stays as it lies there until its new files are whole.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QWidget

from cunbao.desks.county.dataset import CSV, PARQUET, XLSX, ExportedDataset
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.panel import column
from cunbao.ui.kit.radios import RadioList
from cunbao.ui.screens.town_dialogs import Line, ask_password

if TYPE_CHECKING:
    from cunbao.ui.shell import Shell

FORMATS = (
    (PARQUET, "Parquet", "给统计软件和数据库，数最准"),
    (CSV, "CSV", "文本，什么软件都能读"),
    (XLSX, "Excel 工作簿", "给人看，代码写成意思"),
)
WITHOUT, WITH = "without", "with"
PEOPLE = ((WITHOUT, "不要", "身份证号、电话、姓名都不写进去"), (WITH, "要", "先输密码，记入操作日志"))


class Wishes(QWidget):
    """Which files, and whether with people."""

    def __init__(self) -> None:
        super().__init__()
        box = column(self, 10)
        self.format = RadioList(FORMATS, name="文件格式")
        self.people = RadioList(PEOPLE, name="个人信息")
        box.addWidget(Line("格式", self.format))
        box.addWidget(Line("个人信息", self.people))


def dataset_box(shell: Shell, wishes: Wishes) -> DialogBox:
    title = shell.desk.task.period_title
    return DialogBox(
        "导出数据集",
        f"{title}和以前各期计入的报表、每个单位的指标、代码表，连同数据字典。",
        "原来导出的同一期，等新的写完整了才换下。",
        "",
        (Choice("stay", "先不导出", cap="Esc"), Choice("go", "选文件夹…", icon="folder")),
        icon="table",
        tone="accent",
        body=wishes,
        help="indicators/dataset",
    )


def ask_dataset(shell: Shell, done: Callable[[ExportedDataset], object]) -> None:
    """The whole way: wishes, folder, password where people are wanted; `done` when it lies there."""
    wishes = Wishes()
    if shell.ask(dataset_box(shell, wishes), escape="stay", focus=wishes.format) != "go":
        return
    kind, people = wishes.format.current(), wishes.people.current() == WITH
    chosen = QFileDialog.getExistingDirectory(shell, "数据集存到哪个文件夹", str(Path.home()))
    shell.window().activateWindow()  # where no window manager does it, the keys would go nowhere
    if chosen:
        write_dataset(shell, Path(chosen), kind, people=people, done=done)


def write_dataset(
    shell: Shell, folder: Path, kind: str, *, people: bool, done: Callable[[ExportedDataset], object]
) -> None:
    """What follows the choice."""
    from cunbao.desks.county import dataset

    desk = shell.desk
    if not people:
        shell.run_job(
            lambda progress, cancel: dataset.export(desk, folder, formats=(kind,), report=progress, cancel=cancel),
            title="正在导出数据集",
            done=done,
        )
        return
    ask_password(
        shell,
        "含个人信息导出？",
        "名册里每个人的身份证号、电话、姓名都会写进文件，谁拿到都能看。",
        "用完请删除；这一次会记入操作日志。",
        "导出",
        lambda password: dataset.export(desk, folder, formats=(kind,), personal=True, password=password),
        done=done,
        icon="alert",
        working="正在导出数据集",
        help="indicators/dataset",
    )
