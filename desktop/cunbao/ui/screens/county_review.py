"""审核 in the county's window: a township's own return (T01), or a village's over its township's head."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QWidget

from cunbao.desks.township.review_views import ReviewView
from cunbao.ui.kit.banner import EmptyState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.panel import Card, column
from cunbao.ui.screens import review_acts
from cunbao.ui.screens.review import ReviewScreen


def at_county() -> Any:
    from cunbao.desks.county import reviewing

    return reviewing


class CountyReview(ReviewScreen):
    nav = "progress"
    acts = staticmethod(at_county)
    undoes = False
    help = (
        "左边是和上次通过的比，改了的格；右边是签名的报表，选中的格在上面框出来。",
        "在有疑问的格上按 C 写意见，边写边存；写了意见就 F10 退回，没有意见就 F9 通过。",
        "决定随下一份县回执告诉乡镇。作错了，用“撤回决定”写原因收回。",
    )

    def keys(self) -> Any:
        return tuple((key, "回进度" if key == "Esc" else word) for key, word in ReviewScreen.keys(self))

    def back(self) -> bool:
        self.shell.go("progress", office=self._place[0][:9] + "000" if self._place else "")
        return True

    def undo(self) -> bool:
        """A county's decision is taken back with a reason, never undone by a key."""
        return True

    def way_out(self, view: ReviewView) -> Button | None:
        return None

    def nothing_waits(self) -> tuple[QWidget, Button]:
        button = Button("去写回执" if self._decided else "回进度", kind="filled", icon="box-out")
        button.clicked.connect(lambda: self.shell.go("answers" if self._decided else "progress"))
        page, card = QWidget(), Card()
        box = column(page, 12)
        box.addWidget(PageHead("审核"))
        told = "乡镇的表都审核完了。写了县回执，乡镇才知道。" if self._decided else "没有等着县里审核的表。"
        card.add(EmptyState(told, button), 1)
        box.addWidget(card, 1)
        return page, button

    def more(self) -> list[tuple[str, Callable[[], None] | None]]:
        view = self.view
        if view is None:
            return []
        found: list[tuple[str, Callable[[], None] | None]] = [
            ("撤回决定", (lambda: self.deciding.withdraw(view)) if view.may_withdraw else None),
            ("审核记录", (lambda: review_acts.tell_history(self.shell, view)) if view.history else None),
        ]
        return found + [
            (f"看附件 {name}", lambda key=key, name=name: self._open_scan(key, name)) for key, name in view.attachments
        ]
