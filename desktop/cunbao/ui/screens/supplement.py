"""乡镇补充表: the township's own form, filled, checked and signed in the village's screens; 报县 takes it along."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cunbao.desks.township import supplement
from cunbao.desks.village import basis
from cunbao.survey.states import ReturnState
from cunbao.ui.kit.banner import Banner, EmptyState
from cunbao.ui.kit.panel import Card, column
from cunbao.ui.kit.style import show_if
from cunbao.ui.screen import Screen
from cunbao.ui.screens.hosting import Hosting
from cunbao.ui.screens.inside import Inside
from cunbao.ui.shell import Shell

SCREENS = {
    "form": ("form", "FormScreen"),
    "row": ("roweditor", "RowScreen"),
    "paste": ("paste", "PasteScreen"),
    "check": ("check", "CheckScreen"),
    "sign": ("own_sign", "OwnSign"),
}


class SupplementScreen(Hosting):
    nav = "supplement"

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._box = column(self, 12)
        self.said = Banner("returned", "", bold=True)
        self.said.hide()
        self._box.addWidget(self.said)
        self._none: Card | None = None

    # --- what the shell asks -----------------------------------------------------------------------------------------

    @property
    def help(self) -> Sequence[str]:  # type: ignore[override]
        first = ("乡镇自己填的表，只问村里报不出的数；签好名随报县包交给县里，由县里审核。",)
        return (*first, *self.here.help) if self.here is not None else first

    @property
    def to_edge(self) -> bool:
        return self.here.to_edge if self.here is not None else False

    def keys(self) -> Sequence[tuple[str, str]]:
        return self.here.keys() if self.here is not None else (("F1", "帮助"),)

    def open(self, form: str = "", **where: Any) -> None:
        """form: one of the township's forms, its first by default; a screen that was open is shown again."""
        own = supplement.current(self.shell.desk)
        if self.inside is not None and self.inside.desk is not own:
            inside, self.inside = self.inside, None
            inside.hide()
            inside.deleteLater()
        if own is None:
            self._show_none()
            return
        own.forget()  # what has come meanwhile may have changed what is taken over
        if self.inside is None:
            self._enter(own)
        assert self.inside is not None
        at = self.inside.here or ("form" if self._to_fill(own) else "sign")
        name = "form" if form or where else at
        self.inside.go(name, **({"form": form or next(iter(own.task.forms)), **where} if name == "form" else {}))
        self.tell()

    def _to_fill(self, own: supplement.OwnDesk) -> bool:
        """Is there something to type or to mend? Else the signed forms are what is looked for."""
        return any(own.state(form).editable for form in own.task.forms)

    def _show_none(self) -> None:
        if self._none is None:
            self._none = Card()
            self._none.add(EmptyState("这个任务没有要乡镇自己填的表。"))
            self._box.addWidget(self._none)

    def _enter(self, own: supplement.OwnDesk) -> None:
        self.inside = inside = Inside(self.shell, own, SCREENS)
        inside.told.connect(self.tell)
        inside.came.connect(lambda: self.shell.status.set_keys(self.keys()))
        inside.ended.connect(lambda: self.shell.go("sendon"))
        self._box.addWidget(inside, 1)

    def refresh(self) -> None:
        if self.here is not None:
            self.here.refresh()
            self.tell()

    def first_focus(self) -> None:
        if self.here is not None:
            self.here.first_focus()

    def tell(self) -> None:
        """What the county said of it, while that is to be answered."""
        if self.inside is None:
            return
        own = self.inside.desk
        said = [
            (form, supplement.reason(self.shell.desk, form))
            for form in own.task.forms
            if own.state(form) is ReturnState.RETURNED or own.correcting(form)
        ]
        words = "；".join(f"{form} {reason}" for form, reason in said if reason)
        moved = "；".join(filter(None, (basis.note(own, form) for form in own.task.forms)))
        self.said.set_tone("returned" if words else "warn")
        self.said.title.setText(f"县里退回：{words}" if words else f"{moved}。要改，请另做更正。" if moved else "")
        show_if(self.said, bool(words or moved))

    # --- keys --------------------------------------------------------------------------------------------------------

    def main_step(self) -> bool:
        return self.here.main_step() if self.here is not None else False

    def go_on(self) -> bool:
        return self.here.go_on() if self.here is not None else False

    def key(self, name: str) -> bool:
        return self.here.key(name) if self.here is not None else False

    def back(self) -> bool:
        """Esc: out of check and signing to the form; from there to where one came from."""
        here: Screen | None = self.here
        if here is None or self.inside is None or self.inside.here == "form":
            self.shell.go_back()
        elif not here.back():
            self.inside.go("form", form=next(iter(self.inside.desk.task.forms)))
        return True
