"""The style sheet made from the tokens, and `apply`, the one way to change scale or contrast.

Only what Qt itself draws is styled here (line edits, scroll bars, tooltips, menus); our components paint themselves.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QWidget

from cunbao.ui.kit.tokens import look


def apply(app: QApplication, scale: float = 1.0, contrast: bool = False) -> None:
    """Put a scale (1.0, 1.25, 1.5) and a contrast in force in every window of the program, unless they are already."""
    was = (look.scale, look.contrast)
    look.take(scale, contrast)
    if was == (look.scale, look.contrast) and app.styleSheet() == sheet() and app.font() == look.font():
        return  # Qt would lay out every widget that lives anew
    if app.style().objectName() != "fusion":
        app.setStyle("fusion")
    app.setFont(look.font())
    app.setPalette(_palette())
    app.setStyleSheet(sheet())
    look.changed.emit()


def app() -> QApplication:
    """The one application."""
    found = QApplication.instance()
    assert isinstance(found, QApplication)
    return found


def _palette() -> QPalette:
    palette = QPalette()
    for role, name in (
        (QPalette.ColorRole.Window, "bg"),
        (QPalette.ColorRole.Base, "surface"),
        (QPalette.ColorRole.AlternateBase, "surface_sunken"),
        (QPalette.ColorRole.WindowText, "text"),
        (QPalette.ColorRole.Text, "text"),
        (QPalette.ColorRole.Button, "surface"),
        (QPalette.ColorRole.ButtonText, "text"),
        (QPalette.ColorRole.PlaceholderText, "text_3"),
        (QPalette.ColorRole.Highlight, "accent"),
        (QPalette.ColorRole.HighlightedText, "text_on_accent"),
        (QPalette.ColorRole.ToolTipBase, "surface"),
        (QPalette.ColorRole.ToolTipText, "text"),
    ):
        palette.setColor(role, look.color(name))
    return palette


def sheet() -> str:
    """The style sheet at the scale and contrast in force."""
    bar = 10 if not look.contrast else 12
    grip = "line_strong"
    return f"""
QLineEdit, QPlainTextEdit {{ border: none; background: transparent; color: {look.hex("text")};
  placeholder-text-color: {look.hex("text_3")};
  selection-background-color: {look.hex("accent")}; selection-color: {look.hex("text_on_accent")}; padding: 0; }}
QLineEdit:disabled {{ color: {look.hex("text_disabled")}; }}
QScrollArea, QAbstractScrollArea {{ border: none; background: transparent; }}
QAbstractScrollArea::corner {{ border: none; background: transparent; }}
QScrollBar:vertical {{ width: {bar}px; background: transparent; margin: 0; }}
QScrollBar:horizontal {{ height: {bar}px; background: transparent; margin: 0; }}
QScrollBar::handle:vertical {{ background: {look.hex(grip)}; min-height: 36px; border-radius: 3px; margin: 1px 2px; }}
QScrollBar::handle:horizontal {{ background: {look.hex(grip)}; min-width: 36px; border-radius: 3px; margin: 2px 1px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QToolTip {{ color: {look.hex("text")}; background: {look.hex("surface")};
  border: {look.line}px solid {look.hex("line_strong")}; padding: 4px 6px; font-size: {look.px(13)}px; }}
QMenu {{ background: {look.hex("surface")}; border: {look.line}px solid {look.hex("line_strong")}; padding: 4px; }}
QMenu::item {{ padding: 6px 24px 6px 12px; border-radius: 3px; }}
QMenu::item:disabled {{ color: {look.hex("text_disabled")}; }}
QMenu::item:selected {{ background: {look.hex("accent")}; color: {look.hex("text_on_accent")}; }}
"""


def show_if(widget: QWidget, on: bool) -> None:
    """Show or hide a part, also before it has a parent: Qt would open a parentless widget as a window of its own."""
    if on and widget.parentWidget() is None:
        widget.setAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide, False)  # shown with its parent
    else:
        widget.setVisible(on)


class Styled(QWidget):
    """A widget that fits its sizes to the look. Override `restyle`; it runs at the start and after every change."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._styling = False

    def restyle(self) -> None:
        """Set what depends on scale or contrast. Sizes only; colours are asked for when painting."""

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and not getattr(self, "_styling", True):
            self._styling = True
            try:
                self.restyle()
                self.updateGeometry()
                self.update()
            finally:
                self._styling = False
