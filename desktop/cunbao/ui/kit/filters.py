"""Counts that are filters: 全部 70 · 已接收 16 …, a row of buttons of which one is chosen. The screen binds 1–7.

They keep their order and their widths whatever is chosen, and go on in a second line when there is no room.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from cunbao.ui.kit import paint
from cunbao.ui.kit.oneof import OneOf
from cunbao.ui.kit.tokens import look

GAP = 8


@dataclass(frozen=True, slots=True)
class Filter:
    """One count. state: a state of tokens.json that gives the icon its colour; icon and tone without one."""

    key: str
    word: str
    count: str
    icon: str = ""
    state: str = ""
    tone: str = "text_2"


class FilterRow(OneOf):
    """`chosen(key)` when another count is chosen, by click, by Left and Right, or by `press(3)` for the key 3."""

    def __init__(
        self, filters: Sequence[Filter] = (), *, name: str = "筛选", small: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(name=name, hover=True, parent=parent)
        self.filters: tuple[Filter, ...] = ()
        self._small = small
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.set_filters(filters)

    def set_filters(self, filters: Sequence[Filter]) -> None:
        """Other counts; what is chosen stays chosen."""
        here = self.current()
        self.filters = tuple(filters)
        self._renewed(here)

    def press(self, number: int) -> bool:
        """The key 1, 2 …: True when there is such a count."""
        if not 1 <= number <= len(self.filters):
            return False
        self._take(number - 1)
        return True

    def _keys(self) -> Sequence[str]:
        return [one.key for one in self.filters]

    def _told(self, at: int) -> str:
        return f"{self.filters[at].word} {self.filters[at].count}"

    # --- places --------------------------------------------------------------------------------------------------

    @property
    def _role(self) -> str:
        return "small" if self._small else "base"

    def _high(self) -> int:
        return look.px(26 if self._small else 32)

    def _wide(self, one: Filter) -> int:
        icon = look.control("icon_small") + 6 if self._icon(one) else 0
        # both as bold as they are when chosen, so that nothing moves
        words = paint.width(one.word, self._role, True) + 6 + paint.width(one.count, self._role, True)
        return words + icon + 2 * (8 if self._small else 11)

    @staticmethod
    def _icon(one: Filter) -> str:
        return one.icon or (look.state(one.state).icon if one.state else "")

    def _boxes(self) -> list[QRect]:
        over = self.height() - self.heightForWidth(self.width())  # beside something higher: in the middle of it
        return [box.translated(0, max(0, over // 2)) for box in self._laid(self.width())]

    def _laid(self, width: int) -> list[QRect]:
        made: list[QRect] = []
        x = y = 0
        for one in self.filters:
            wide = self._wide(one)
            if x and x + wide > width:
                x, y = 0, y + self._high() + GAP
            made.append(QRect(x, y, wide, self._high()))
            x += wide + GAP
        return made

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        boxes = self._laid(width)
        return boxes[-1].bottom() + 1 if boxes else self._high()

    def sizeHint(self) -> QSize:
        return QSize(max(0, sum(self._wide(one) + GAP for one in self.filters) - GAP), self._high())

    def minimumSizeHint(self) -> QSize:
        return QSize(max((self._wide(one) for one in self.filters), default=0), self._high())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for number, (one, box) in enumerate(zip(self.filters, self._boxes(), strict=True)):
            self._paint_one(painter, one, box, number)

    def _paint_one(self, painter: QPainter, one: Filter, box: QRect, number: int) -> None:
        here = number == self._at
        ground = "accent_tint" if here else "surface_hover" if number == self._over else "surface"
        paint.frame(
            painter, box, look.radius("control"), ground, "accent" if here else "line_strong", 2 if here else look.line
        )
        icon, ink = self._icon(one), "accent" if here else "text"
        words = paint.width(one.word, self._role, here)
        count = paint.width(one.count, self._role, True)
        side = look.control("icon_small") if icon else 0
        # narrower while it is not chosen: kept in the middle
        x = box.left() + (box.width() - words - count - 6 - (side + 6 if icon else 0)) // 2
        if icon:
            tone = look.state(one.state).fg if one.state else one.tone
            paint.icon_words(painter, QRect(x, box.top(), side + 6, box.height()), icon, "", tone)
            x += side + 6
        paint.words(painter, QRect(x, box.top(), words + 2, box.height()), one.word, ink, self._role, bold=here)
        spot = QRect(x + words + 6, box.top(), count + 2, box.height())
        paint.words(painter, spot, one.count, ink, self._role, bold=here or not self._small)
        if here and self.hasFocus():
            inside = box.adjusted(3, 3, -3, -3)
            paint.frame(painter, inside, look.radius("small"), "", "focus", 1 if not look.contrast else 2)
