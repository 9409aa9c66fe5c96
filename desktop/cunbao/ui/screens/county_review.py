"""审核 in the county's window: a township's own return (T01), or a village's over its township's head."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QWidget

from cunbao.desks.township.review_views import ReviewView
from cunbao.survey.states import ReturnState
from cunbao.ui.kit.banner import EmptyState
from cunbao.ui.kit.buttons import Button
from cunbao.ui.kit.dialog import Choice, DialogBox
from cunbao.ui.kit.frame import PageHead
from cunbao.ui.kit.panel import Card, column
from cunbao.ui.screens import review_acts as acts
from cunbao.ui.screens.review import ReviewScreen
from cunbao.ui.screens.review_deciding import ALL_CLEAN


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
        if view.state is not ReturnState.FORK:
            return None
        button = Button("选定一份", icon="split")
        button.clicked.connect(lambda: self._ask_which(view))
        return button

    def _ask_which(self, view: ReviewView) -> None:
        desk, place = self.shell.desk, (view.office, view.form)
        self.shell.run_job(
            lambda progress, cancel: at_county().versions(desk, *place),
            done=lambda found: self._choose(view, found),
            title="找出各份",
        )

    def _choose(self, view: ReviewView, found: tuple[tuple[str, str], ...]) -> None:
        """Which of several versions is reviewed; the others stay held and are closed."""
        choices = [Choice(revision, f"用{words}") for revision, words in found]
        box = DialogBox(
            "选定哪一份？",
            f"{view.name} {acts.title_of(view)}有 {len(found)} 份互不相承。选定的一份接着审核，另外的不再算数。",
            "哪一份都不会删，签名都还在",
            "拿不准就先问乡镇，不选也没有关系。",
            (*choices, Choice("stay", "先不选", cap="Esc")),
            icon="split",
            help="return/versions",
        )
        revision = self.shell.ask(box, escape="stay")
        if revision == "stay":
            return
        desk = self.shell.desk
        self.shell.run_job(
            lambda progress, cancel: at_county().choose(desk, view.office, view.form, revision),
            done=lambda nothing: self.refresh(),
            title="签上决定",
        )

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
        return [(word, act) for word, act in super().more() if word != ALL_CLEAN]
