"""A page shown before it is printed: over the whole window, Esc goes back, 打印 opens the printers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.panel import Panel, column
from cunbao.ui.kit.pdfview import PdfViewer
from cunbao.ui.kit.style import show_if
from cunbao.ui.shell import Shell


class Preview(Panel):
    """Covers the window it is made over; closed by Esc or 关闭, and the focus goes back where it was.

    hidden: words of the pages → what stands over them on the screen. Such pages are looked at here and not printed:
    paper would show what the screen covers."""

    def __init__(
        self, shell: Shell, title: str, data: bytes, line: str = "", hidden: Mapping[str, str] | None = None
    ) -> None:
        window = shell.window()  # all of it, also for a screen that lies inside another one
        super().__init__("bg", parent=window)
        self._shell, self._window, self._data, self._title = shell, window, data, title
        self._back = window.focusWidget()
        box = column(self, 12, (20, 16, 20, 16))
        self._may_print = hidden is None
        head = PageHead("打印预览" if self._may_print else "看报表", line, crumb=title)
        close = Button("关闭", key="Esc")
        close.clicked.connect(self.end)
        head.add(close)
        box.addWidget(head)
        self.viewer = PdfViewer()
        self.viewer.show_pdf(data, hidden or MappingProxyType({}))
        show_if(self.viewer.printer, self._may_print)
        self.viewer.print_asked.connect(self._print)
        box.addWidget(self.viewer, 1)
        window.installEventFilter(self)
        self.setGeometry(window.rect())
        self.show()
        self.raise_()
        self.viewer.pages.setFocus(Qt.FocusReason.OtherFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._window.rect())
        return False

    def event(self, event: QEvent) -> bool:
        """No key goes past the pages to what they cover: Ctrl+Z or Ctrl+Enter would act there unseen."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.end()
        elif event.key() == Qt.Key.Key_F1:
            self._shell.show_help("preview")
        elif event.key() == Qt.Key.Key_P and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._print()

    def end(self) -> None:
        self._window.removeEventFilter(self)
        self.hide()
        self.deleteLater()
        if self._back is not None and self._back.isVisible():
            self._back.setFocus(Qt.FocusReason.OtherFocusReason)

    def _print(self) -> None:
        if not self._may_print:
            return
        from cunbao.ui.printing import print_pages

        print_pages(self._shell, self._data, self._title)


def show_preview(shell: Shell, title: str, data: bytes, line: str = "") -> QWidget:
    """Show the pages of a PDF over the window."""
    return Preview(shell, title, data, line)
