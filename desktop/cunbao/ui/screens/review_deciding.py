"""Decisions on the return in hand: asked about where they must be, signed by the desk, told to the screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from cunbao.desks.township.review_views import NoteView, ReviewView
from cunbao.survey.states import ReturnState
from cunbao.ui.screens import review_acts as acts
from cunbao.ui.screens.review_comments import Comments, at_township

if TYPE_CHECKING:
    from cunbao.ui.shell import Shell

ALL_CLEAN = "没有问题的一起通过"


class Deciding(QObject):
    """`decided(words)`: the return is settled, 曼蚌村 B02 通过; `changed()`: it is to be read anew; `gone()`: many were
    settled at once."""

    decided = Signal(str)
    changed = Signal()
    gone = Signal()

    def __init__(self, shell: Shell, comments: Comments, uses: Callable[[], Any] = at_township) -> None:
        super().__init__(shell)
        self._shell, self._comments, self._uses = shell, comments, uses

    def accept(self, view: ReviewView) -> None:
        """通过; with comments it asks once what they are for."""
        desk, drop = self._shell.desk, False
        self._comments.flush()
        if self._comments.count:
            answer = acts.ask_about_comments(self._shell, view, self._comments.count)
            if answer == "return":
                self.send_back(view)
            if answer != "drop":
                return
            drop = True
        self._settle(
            view,
            lambda: self._uses().accept(desk, view.office, view.form, drop_comments=drop),
            ReturnState.ACCEPTED.value,
        )

    def send_back(self, view: ReviewView) -> None:
        """退回 with what is said at its cells."""
        desk = self._shell.desk
        self._comments.flush()
        self._settle(view, lambda: self._uses().send_back(desk, view.office, view.form), ReturnState.RETURNED.value)

    def _settle(self, view: ReviewView, decide: Callable[[], Any], word: str) -> None:
        words = f"{view.name} {view.form} {word}"
        self._shell.run_job(
            lambda progress, cancel: decide(),
            done=lambda nothing: self.decided.emit(words),
            title="签上决定",
        )

    def _then_read(self, work: Callable[[Any], Any], title: str) -> None:
        desk = self._shell.desk
        self._shell.run_job(lambda progress, cancel: work(desk), done=lambda nothing: self.changed.emit(), title=title)

    def withdraw(self, view: ReviewView) -> None:
        """撤回: the decision of this township that is in effect, with a reason."""
        from cunbao.ui.screens.town_dialogs import ask_withdraw

        about = f"{view.name} {acts.title_of(view)}，{view.decided or view.state.value}"
        fewer = view.state is ReturnState.ACCEPTED
        back_to = "回到已接收，汇总表少算这一张" if fewer else "回到已接收，可以重新审核"
        reason = ask_withdraw(self._shell, view.state.value, about, back_to=back_to)
        if reason:
            self._then_read(lambda desk: self._uses().withdraw(desk, view.office, view.form, reason), "撤回决定")

    def waive(self, view: ReviewView, note: NoteView) -> None:
        """免说明 of one finding."""
        reason = acts.ask_waive(self._shell, view, note)
        if reason:
            place = (view.office, view.form)
            self._then_read(lambda desk: self._uses().waive(desk, *place, note.key, reason), "签上免说明")

    def mark_paper(self, view: ReviewView) -> None:
        """纸质已收."""
        if acts.ask_paper(self._shell, view):
            self._then_read(lambda desk: self._uses().mark_paper(desk, view.office, view.form), "记下纸质已收")

    def accept_clean(self, waiting: int) -> None:
        """全部没问题的一起通过."""
        from cunbao.desks.township import reviewing

        if not acts.ask_all_clean(self._shell, waiting):
            return
        self._comments.flush()
        desk = self._shell.desk

        def done(found: Any) -> None:
            acts.tell_accepted(self._shell, len(found.accepted), found.left)
            self.gone.emit()

        self._shell.run_job(
            lambda progress, cancel: reviewing.accept_clean(desk, progress=progress, cancel=cancel),
            done=done,
            title="一张一张核对",
            may_cancel=True,
        )

    def further(self, view: ReviewView, note: NoteView | None) -> list[tuple[str, Callable[[], None] | None]]:
        """What stands behind 更多; None for an act that does not apply now. note: the finding that could be waived."""
        return [
            ("免去这一处的说明", (lambda: self.waive(view, note)) if note is not None else None),
            ("纸质报表已收到", None if view.paper_received else lambda: self.mark_paper(view)),
            ("撤回决定", (lambda: self.withdraw(view)) if view.may_withdraw else None),
            (ALL_CLEAN, (lambda: self.accept_clean(view.waiting)) if view.waiting else None),
            ("审核记录", (lambda: acts.tell_history(self._shell, view)) if view.history else None),
        ]
