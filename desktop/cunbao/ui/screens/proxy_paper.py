"""The paper that a 代报 is typed from: its scans beside the form, larger when they are hard to read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from cunbao.ui.face import local
from cunbao.ui.kit.banner import EmptyState
from cunbao.ui.kit.buttons import Button, IconButton
from cunbao.ui.kit.panel import Card, Icon, row
from cunbao.ui.kit.scanview import ScanView
from cunbao.ui.kit.style import show_if
from cunbao.ui.kit.text import Text
from cunbao.ui.kit.tokens import look

PICTURES = "扫描件或照片 (*.jpg *.jpeg *.png *.pdf)"


class PaperCard(Card):
    """`asked()`: a further file is to be added; `put_away()`: the one that is shown was added by mistake;
    `grown(on)`: it is to be seen large, or small again."""

    asked = Signal()
    put_away = Signal()
    grown = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.large = False
        self.view = ScanView()
        self._head = QWidget()
        line = row(self._head, 8, (16, 0, 12, 0))
        line.addWidget(Icon("form", "text"))
        line.addWidget(Text("纸质原表", bold=True))
        self.place = Text("", "small", "text_2")
        line.addWidget(self.place, 1)
        self.larger = IconButton("zoom-in", "放大", framed=True)
        self.larger.clicked.connect(lambda: self.view.step_zoom())
        self.back = IconButton("chev-l", "上一张 PgUp", framed=True)
        self.back.clicked.connect(lambda: self.view.go(self.view.at - 1))
        self.forward = IconButton("chev-r", "下一张 PgDn", framed=True)
        self.forward.clicked.connect(lambda: self.view.go(self.view.at + 1))
        self.less = Button("回去填", size="small", key="F7")
        self.less.clicked.connect(lambda: self.grow(False))
        for button in (self.larger, self.back, self.forward, self.less):
            line.addWidget(button)
        self.add(self._head)
        self.add_line()
        self.view.turned.connect(lambda at: self._tell())
        self.view.zoomed.connect(lambda zoom: self._tell())
        self.add(self.view, 1)
        self._take = Button("加扫描件", icon="plus")
        self._take.clicked.connect(self.asked.emit)
        self.empty = EmptyState("还没有纸质原表的扫描件或照片。加进来，就跟着代报的表一起上报。", self._take)
        self.add(self.empty, 1)
        self.add_line()
        self._foot = QWidget()
        foot = row(self._foot, 4, (16, 5, 8, 5))
        self.told = Text("", "small", "text_2", lines=2)
        foot.addWidget(self.told, 1)
        self.more = IconButton("plus", "再加一份")
        self.more.clicked.connect(self.asked.emit)
        self.drop = IconButton("trash", "去掉这一份")
        self.drop.clicked.connect(self.put_away.emit)
        foot.addWidget(self.more)
        foot.addWidget(self.drop)
        self.add(self._foot)
        self.show_scans((), ())
        self.restyle()

    def restyle(self) -> None:
        super().restyle()
        if hasattr(self, "_head"):
            self._head.setFixedHeight(look.px(39))

    def show_scans(self, files: Sequence[bytes], at: Sequence[datetime], *, may_add: bool = True) -> None:
        """files: in the order in which they were added; at: when each was."""
        self._at = tuple(at)
        self.view.set_files(files)
        for part in (self.view, self._foot):
            show_if(part, bool(files))
        show_if(self.empty, not files)
        self._take.set_why("" if may_add else "只看不改")
        for button in (self.more, self.drop):
            button.set_why("" if may_add else "只看不改")
        self._tell()

    @property
    def shown(self) -> int:
        """Number of the file that is looked at, from 0."""
        return self.view.file

    def _tell(self) -> None:
        if not hasattr(self, "told"):
            return
        count, here = self.view.count, self.view.at
        words = f"第 {here + 1} / {count} 张" if look.scale == 1.0 or self.large else f"{here + 1} / {count}"
        self.place.setText(words if count else "")
        for button in (self.larger, self.back, self.forward):
            show_if(button, bool(count))
        show_if(self.back, count > 1 and here > 0)
        show_if(self.less, self.large)
        self.forward.set_why("" if here + 1 < count else "这是最后一张")
        zoom = self.view.zoom
        self.larger.setToolTip("放大" if zoom < 3 else "适合宽度")
        if self._at:
            day = local(self._at[min(self.shown, len(self._at) - 1)])
            self.told.setText(f"{day:%m-%d} 存入，跟着表一起上报")

    def grow(self, on: bool) -> None:
        """F7: large over form and side, or small again. Without a scan: to the button that adds one."""
        if on and not self.view.count:
            self._take.setFocus(Qt.FocusReason.OtherFocusReason)
        elif on != self.large:
            self.large = on
            self._tell()
            self.grown.emit(on)
            if on:
                self.view.setFocus(Qt.FocusReason.OtherFocusReason)
