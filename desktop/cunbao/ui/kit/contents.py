"""The contents of a book beside its page: chapters, their sections, and while somebody searches what was found."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from cunbao.ui.kit import paint
from cunbao.ui.kit.lists import Entry, EntryList
from cunbao.ui.kit.tokens import look

CHAPTER = "chapter"  # the lead of an entry that is one


class Contents(EntryList):
    """Entries with the lead `CHAPTER` stand out, the others a little to the right; `more` is a second line."""

    pad = 14

    def __init__(self, parent: QWidget | None = None) -> None:
        self._two = False
        super().__init__(name="目录", parent=parent)

    def set_entries(self, entries: Sequence[Entry], key: str = "") -> None:
        self._two = any(entry.more for entry in entries)
        super().set_entries(entries, key)

    def _high(self) -> int:
        return look.px(54 if self._two else 32)

    def paint_entry(self, painter: QPainter, box: QRect, entry: Entry, here: bool) -> None:
        chapter = entry.lead == CHAPTER
        room = box if chapter or self._two else box.adjusted(look.px(14), 0, 0, 0)
        tone = "text" if chapter or here else "text_2"
        if not self._two:
            paint.words(painter, room, entry.text, tone, bold=chapter or here)
            return
        half = box.height() // 2
        upper = QRect(room.left(), room.top() + 3, room.width(), half)
        paint.words(painter, upper, entry.text, "text", bold=True)
        paint.words(painter, upper.translated(0, half - 5), entry.more, "text_2", "small")
