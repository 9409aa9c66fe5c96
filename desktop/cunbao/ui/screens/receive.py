"""township-01 接收: read files from a stick, a folder or the inbox; one line a file says what it was and what to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QWidget

from cunbao.desks.township.views import FileLine, FileResult, ReceiveView
from cunbao.desks.views import StickView
from cunbao.ui.face import clock_words, local
from cunbao.ui.kit.banner import EmptyState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.dropzone import DropZone
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.grid import Grid, GridCell, GridColumn, GridRow
from cunbao.ui.kit.marks import StateWord
from cunbao.ui.kit.panel import Card, column, row
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look
from cunbao.ui.screen import Screen
from cunbao.ui.screens import town_dialogs
from cunbao.ui.screens.verify_file import way_in
from cunbao.ui.shell import Shell, dropped

LOOK_MS = 3000  # how often a stick put in later is looked for
SUFFIX = ".cbsync"
STOP = ("先停下", "停下后，收好的都在，没读的下次再读。")
ICONS = {"conflict": "split", "enrol": "key"}


def columns(past: bool) -> tuple[GridColumn, ...]:
    """past: of 接收记录, where nothing is to be done any more."""
    narrow = look.narrow
    first = (
        GridColumn("result", "结果", 124, kind="chip"),
        GridColumn("file", "文件", 228 if narrow else 258, kind="two", bold=True),
        GridColumn("read", "读到了什么", 140 if narrow else 160, 1, role="small", lines=2),
    )
    if past:
        return (*first, GridColumn("at", "什么时候", 130, role="small", tone="text_2"))
    return (
        *first,
        GridColumn("todo", "要做什么", 150 if narrow else 200, role="small", lines=2, tone="text_2"),
        GridColumn("act", "", 104, kind="button"),
    )


class ReceiveScreen(Screen):
    nav = "receive"
    help = (
        "把 U 盘、文件夹或文件拖进来，或按 Ctrl+O 选文件。每个文件单独验证、单独收下。",
        "没收下的文件原样留在原处，镇里的数据一点不动。收下不等于通过，什么都还没决定。",
    )

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self.setAcceptDrops(True)
        self._view: ReceiveView | None = None
        self._lines: tuple[FileLine, ...] = ()
        self._past = False
        self._noted: set[str] = set()  # files put down for chasing while this screen is open
        self._sticks: tuple[StickView, ...] = ()
        self._sample: Path | None = None  # the files of the practice township, which came on no stick
        box = column(self, 0)
        self.head = PageHead("接收")
        self.past = Button("接收记录", kind="quiet", icon="clock")
        self.past.clicked.connect(self._toggle_past)
        if not shell.face.verifies:
            self.head.add(way_in(shell))
        self.head.add(self.past)
        self.main = Button("去审核", kind="filled", icon="list", key="Ctrl+Enter")
        self.main.clicked.connect(self.go_on)
        self.head.add(self.main)
        box.addWidget(self.head)
        box.addSpacing(8)
        box.addWidget(self._make_zone())
        box.addWidget(self._make_tally())
        self.card = Card()
        self.grid = Grid(columns(False), name="读过的文件", row_px=46)
        self.grid.activated.connect(lambda number, key: self._open(self._lines[number]))
        self.grid.pressed.connect(lambda number, key: self._act(self._lines[number]))
        self.grid.moved.connect(lambda number, key: self.shell.status.set_keys(self.keys()))
        self.card.add(self.grid)
        box.addWidget(self.card)
        self._empty = QWidget()
        self._empty_box = column(self._empty, 0)
        box.addWidget(self._empty, 1)
        box.addStretch(1)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look_for_sticks)

    def _make_zone(self) -> DropZone:
        self.zone = DropZone("把 .cbsync 文件或整个文件夹拖到这里")
        self.stick = Button("读 U 盘", size="small", icon="usb")
        self.files = Button("选文件", size="small", icon="folder")
        self.whole = Button("选文件夹", size="small", icon="folder")
        self.inbox = Button("收件箱", size="small", icon="inbox-in")
        acts: tuple[tuple[Button, Callable[[], object]], ...] = (
            (self.stick, self.read_stick), (self.files, self.choose), (self.whole, self.choose_folder),
            (self.inbox, self.read_inbox),
        )  # fmt: skip
        for button, act in acts:
            button.clicked.connect(act)
            self.zone.add(button)
        return self.zone

    def _make_tally(self) -> QWidget:
        self._tally = QWidget()
        line = row(self._tally, 18, (0, 8, 0, 8))
        self.taken, self.known, self.refused = StateWord(), StateWord(), StateWord()
        for part in (self.taken, self.known, self.refused):
            line.addWidget(part)
        line.addStretch(1)
        line.addWidget(Text("没收下的文件原样留在原处，镇里的数据一点没动", "small", "text_2"))
        return self._tally

    # --- what the shell asks -------------------------------------------------------------------------------------

    def open(self, **where: Any) -> None:
        """paths: files and folders to read at once, given at the start or dropped on another screen."""
        self._past = False
        self.refresh()
        self._look_for_sticks()
        self._timer.start()
        paths: tuple[Path, ...] = tuple(where.get("paths", ()))
        if paths:
            QTimer.singleShot(0, self, lambda: self.read(paths, _source(paths)))

    def leave(self) -> None:
        self._timer.stop()
        self.zone.set_over(False)

    def refresh(self) -> None:
        from cunbao.desks import receiving
        from cunbao.desks.township import inbox

        desk = self.shell.desk
        self._view = receiving.receive_view(desk)
        self._inbox = inbox.inbox(desk)
        if desk.frame().sample:
            from cunbao.desks.story.practice_township import sample_files

            place = sample_files(desk.workspace.folder)
            self._sample = place if place.is_dir() else None
        self._show(self._view)

    def keys(self) -> Sequence[tuple[str, str]]:
        if self._view is not None and self._view.nothing_yet:
            return (("Ctrl+O", "选文件"), ("Enter", "读 U 盘"), ("F1", "帮助"))
        return (("Ctrl+O", "选文件"), ("↑↓", "选一行"), ("Enter", "做这一行"), ("Ctrl+Enter", "去审核"))

    def first_focus(self) -> None:
        if self._lines:
            self.grid.setFocus(Qt.FocusReason.OtherFocusReason)
        elif (empty := self._empty.findChild(DialogBox)) is not None:
            empty.safe_button.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.stick.setFocus(Qt.FocusReason.OtherFocusReason)

    def main_step(self) -> bool:
        return self.go_on()

    def go_on(self) -> bool:
        """Ctrl+Enter: to what waits for review."""
        if self.main.isVisibleTo(self):
            self.shell.go("review")
        return True

    def back(self) -> bool:
        if self._past:
            self._toggle_past()
        else:
            self.shell.go(self.shell.face.home)
        return True

    def key(self, name: str) -> bool:
        acts = {"Ctrl+O": self.choose, "Ctrl+Shift+O": self.choose_folder}
        if name in acts:
            acts[name]()
        return name in acts

    # --- showing -------------------------------------------------------------------------------------------------

    def _show(self, view: ReceiveView) -> None:
        self._past_words(view)
        waiting = view.to_review
        show_if(self.main, waiting > 0 and not view.nothing_yet)
        self.main.setText(f"审核 {waiting} 张表")
        new = self._inbox.new
        self.inbox.setText(f"收件箱 {new}")
        rows, shown = self._past_rows() if self._past else (view.lines, view)
        self._lines = tuple(rows)
        self.grid.set_columns(columns(self._past))
        self.grid.set_rows([self._row(line) for line in self._lines])
        show_if(self.card, bool(self._lines))
        show_if(self._tally, bool(view.lines) and not self._past)
        self.taken.set("inbox-in", f"收下 {shown.taken} 个", look.state("received").fg)
        self.known.set("copy", f"已有 {shown.known} 个", "text_2")
        self.refused.set("alert-circle", f"没收下 {shown.refused} 个", "error" if shown.refused else "text_2")
        self._show_empty(view)

    def _past_words(self, view: ReceiveView) -> None:
        self.past.setText("回到这次" if self._past else "接收记录")
        show_if(self.past, self._past or not view.nothing_yet)
        if self._past:
            self.head.line.setText("接收记录，最近的在上面")
        elif view.at is not None:
            now = self.shell.desk.clock()
            source = view.source or "文件"
            read = source if source.startswith("从") else f"从 {source}"
            self.head.line.setText(f"{_when(view.at, now)} {read}读了 {len(view.lines)} 个文件")
        else:
            self.head.line.setText("")

    def _past_rows(self) -> tuple[tuple[FileLine, ...], ReceiveView]:
        from cunbao.desks import receiving

        assert self._view is not None
        return receiving.history(self.shell.desk), self._view

    def _show_empty(self, view: ReceiveView) -> None:
        while (item := self._empty_box.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        show_if(self._empty, not self._lines)
        if self._lines:
            return
        made: QWidget
        if view.nothing_yet:
            made = box = town_dialogs.nothing_yet(view, self._inbox.new)
            box.buttons["enrol"].clicked.connect(lambda: self.shell.go("enrol"))
            box.buttons["stick"].clicked.connect(self.read_stick)
        elif self._past:
            made = EmptyState("还没有读过文件。")
        else:
            made = EmptyState("还没有读过文件。插上村里送来的 U 盘，按“读 U 盘”。")
        holder = QWidget()
        line = row(holder, 0, (0, 24, 0, 0))
        line.addStretch(1)
        line.addWidget(made)
        line.addStretch(1)
        self._empty_box.addWidget(holder)
        self._empty_box.addStretch(1)
        holder.show()

    def _row(self, line: FileLine) -> GridRow:
        icon, tone = town_dialogs.RESULTS[line.result]
        plain = tone in ("warn", "error")
        chip = GridCell(line.label, icon=icon, tone=tone if plain else "", state="" if plain else tone)
        stem, dot, suffix = line.file_name.rpartition(".")
        name = GridCell(stem or suffix, more=f".{suffix}" if stem and dot else "", sub=town_dialogs.size_and_code(line))
        button = GridCell(line.button, icon=ICONS.get(line.act, ""))
        if _name_of(line) in self._noted:
            button = GridCell("已记入", icon="check", grey=True)
        return GridRow(
            _name_of(line),
            {
                "result": chip, "file": name, "read": GridCell(line.read), "todo": GridCell(line.todo), "act": button,
                "at": GridCell(clock_words(line.at)),
            },
            label=f"{line.file_name} {line.label}",
        )  # fmt: skip

    def _toggle_past(self) -> None:
        self._past = not self._past
        if self._view is not None:
            self._show(self._view)
        self.grid.go(0)
        self.first_focus()

    # --- reading -------------------------------------------------------------------------------------------------

    def _look_for_sticks(self) -> None:
        from cunbao.desks import media

        self._sticks = media.sticks()
        name = _stick_name(self._sticks[0]) if self._sticks else "样例" if self._sample is not None else ""
        self.stick.setText(f"读 U 盘（{name}）" if name else "读 U 盘")

    def read_stick(self) -> None:
        """The stick that is in; more than one are asked for, none is said."""
        self._look_for_sticks()
        if len(self._sticks) > 1:
            choices = [Choice(str(n), _stick_name(stick)) for n, stick in enumerate(self._sticks)]
            box = DialogBox(
                "读哪个 U 盘？", "", "", "插着不止一个，选一个来读。", (Choice("no", "都不读"), *choices), icon="usb",
                tone="accent",
            )  # fmt: skip
            answer = self.shell.ask(box, escape="no")
            if answer != "no":
                self.read([self._sticks[int(answer)].path], "从 U 盘")
        elif self._sticks:
            self.read([self._sticks[0].path], "从 U 盘")
        elif self._sample is not None:
            self.read([self._sample], "从样例 U 盘")
        else:
            box = DialogBox(
                "没有找到 U 盘", "", "", "插好再按一次；文件在电脑里的，按“选文件”。",
                (Choice("files", "选文件"), Choice("close", "知道了")), icon="usb", tone="warn",
            )  # fmt: skip
            if self.shell.ask(box, escape="close") == "files":
                self.choose()

    def choose(self) -> None:
        """Ctrl+O."""
        names, _ = QFileDialog.getOpenFileNames(self, "选报送包", str(Path.home()), f"报送包 (*{SUFFIX})")
        self.window().activateWindow()  # where no window manager does it, the keys would go nowhere
        if names:
            paths = [Path(name) for name in names]
            self.read(paths, _source(paths))

    def choose_folder(self) -> None:
        """Ctrl+Shift+O: a whole folder, this once; the inbox stays the one it is."""
        name = QFileDialog.getExistingDirectory(self, "读哪个文件夹里的报送包", str(Path.home()))
        self.window().activateWindow()
        if name:
            self.read([Path(name)], _source([Path(name)]))

    def read_inbox(self) -> None:
        """The folder into which files come from elsewhere; the first time it is chosen."""
        from cunbao.desks.township import inbox

        folder, fetched = self._inbox.folder, self._inbox.fetched
        if folder is None and fetched:
            self.read(fetched, "从待发箱")
            return
        if folder is None:
            name = QFileDialog.getExistingDirectory(self, "选一个文件夹当收件箱", str(Path.home()))
            self.window().activateWindow()
            if not name:
                return
            folder = Path(name)
            inbox.choose_inbox(self.shell.desk, folder)
        self.read([folder, *fetched], "从收件箱")

    def read(self, paths: Sequence[Path], source: str) -> None:
        """Read files and folders on the worker; each is its own transaction, so it can be stopped between two."""
        from cunbao.desks import receiving

        desk, chosen = self.shell.desk, tuple(paths)

        def work(progress: Any, cancel: Any) -> ReceiveView:
            return receiving.receive(desk, chosen, source=source, progress=progress, cancel=cancel)

        def stopped() -> None:
            self.refresh()
            self.shell.refresh_frame()
            self.first_focus()

        self.shell.run_job(
            work, title="正在读文件", done=lambda view: self._read(view, chosen, source), cancelled=stopped,
            may_cancel=True, stop=STOP,
        )  # fmt: skip

    def _read(self, view: ReceiveView, paths: tuple[Path, ...], source: str) -> None:
        self._past = False
        if not view.lines:
            self._nothing_there(paths)
            return
        self.refresh()
        self._view = view  # of a reading that stopped half-way the desk remembers nothing
        self._show(view)
        self.shell.refresh_frame()
        self.grid.go(0)
        self.first_focus()
        if any(line.result is FileResult.DISK for line in view.lines):
            self._disk_full(view, paths, source)
        elif len(view.lines) == 1 and town_dialogs.may_explain(view.lines[0]):
            self._explain(view.lines[0])

    def _disk_full(self, view: ReceiveView, paths: tuple[Path, ...], source: str) -> None:
        """The file that did not fit was not begun: the officer makes room and goes on where it stopped."""
        place = Path(self.shell.desk.workspace.folder)
        disk = f"{place.drive[:1]} 盘" if place.drive else "硬盘"
        answer = "look"
        while answer == "look":
            answer = self.shell.ask(town_dialogs.disk_full(view, disk), escape="stop")
            if answer == "look":
                QDesktopServices.openUrl(QUrl.fromLocalFile(place.anchor if place.drive else str(Path.home())))
        if answer == "again":
            self.read(paths, source)

    def _nothing_there(self, paths: Sequence[Path]) -> None:
        where = f"“{paths[0].name or paths[0]}”" if len(paths) == 1 else "选的地方"
        box = DialogBox(
            "没有找到报送包", f"{where}里没有 {SUFFIX} 文件。", "镇里的数据没有动。",
            "村里的 U 盘上应有“村名-年度-第几次.cbsync”；没有的，请村里重新写一次。",
            (Choice("close", "知道了"),), icon="folder", tone="warn",
        )  # fmt: skip
        self.shell.ask(box)

    # --- the act of a line ---------------------------------------------------------------------------------------

    def _open(self, line: FileLine) -> None:
        """Enter: what was refused is explained first, everything else is done at once."""
        if town_dialogs.may_explain(line):
            self._explain(line)
        else:
            self._act(line)

    def _explain(self, line: FileLine) -> None:
        box = town_dialogs.file_box(line, noted=_name_of(line) in self._noted)
        answer = self.shell.ask(box, escape="close")
        if answer == "chase":
            self._note(line)
        elif answer == "enrol":
            self.shell.go("enrol", office=line.office)

    def _act(self, line: FileLine) -> None:
        if line.act == "review":
            self.shell.go("review", office=line.office, form=line.form)
        elif line.act == "conflict":
            self.shell.go("conflict", office=line.office, form=line.form)
        elif line.act == "enrol":
            self.shell.go("enrol", office=line.office)
        elif line.act == "lost":
            self._lost(line)
        elif line.act == "chase" and _name_of(line) not in self._noted:
            self._note(line)

    def _note(self, line: FileLine) -> None:
        """记入催报: the village is told what to send again."""
        from cunbao.desks import receiving

        desk = self.shell.desk
        self._do(lambda: receiving.note_for_chasing(desk, line), "记入催报", lambda: self._noted.add(_name_of(line)))

    def _lost(self, line: FileLine) -> None:
        """登记遗失: asked once more, since the village is told."""
        from cunbao.desks import receiving

        box = DialogBox(
            f"{line.label}找不到了？", "登记遗失后不再等它，记在操作日志里，也写进回执告诉村里。",
            "收下的报表一张不少：后来的报送包带齐了没回执的。", "还能找到的话，先不登记，找到后再读一次。",
            (Choice("lost", "登记遗失"), Choice("wait", "再找找")), icon="alert",
        )  # fmt: skip
        if self.shell.ask(box, escape="wait") == "lost":
            desk = self.shell.desk
            self._do(lambda: receiving.register_lost(desk, line.office, line.sha256), "登记遗失")

    def _do(self, act: Callable[[], object], title: str, after: Callable[[], object] = lambda: None) -> None:
        def done(_: object) -> None:
            after()
            self.refresh()
            self.shell.refresh_frame()

        self.shell.run_job(lambda progress, cancel: act(), title=title, done=done)

    # --- dropping ------------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped(event.mimeData()):
            event.acceptProposedAction()
            self.zone.set_over(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.zone.set_over(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self.zone.set_over(False)
        paths = dropped(event.mimeData())
        if paths:
            event.acceptProposedAction()
            # the drag must end before a dialog may come
            QTimer.singleShot(0, self, lambda: self.read(paths, _source(paths)))


def _when(moment: datetime, now: datetime) -> str:
    """08:31 of today; with the day when it was another."""
    then = local(moment)
    return f"{then:%H:%M}" if then.date() == local(now).date() else f"{then:%m-%d %H:%M}"


def _name_of(line: FileLine) -> str:
    return line.sha256 or line.file_name


def _source(paths: Sequence[Path]) -> str:
    """从文件夹“送来的”, 从选的文件."""
    if len(paths) == 1 and paths[0].is_dir():
        return f"从文件夹“{paths[0].name}”"
    return "从选的文件"


def _stick_name(stick: StickView) -> str:
    """What is written on a stick's button: E: or the name under which it is mounted."""
    drive = stick.path.drive
    return drive or stick.path.name
